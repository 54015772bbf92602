"""How many full reserves (job, call, hold, entries) and settles a second the ledger takes, on one account and many."""

import argparse
import itertools
import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Engine, update
from sqlmodel import Session

from bench.report import Figures, Target, machine, parser, progress, show
from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.db import database_url, make_engine
from runtz_core.ids import new_id
from runtz_core.jobs import booking
from runtz_core.jobs.models import Call, CallKind, CallState
from runtz_core.jobs.requests import Submission
from runtz_core.settings import PROJECT_ROOT, Settings
from runtz_core.supervisor.installation import embedded_in_thread
from runtz_core.users.models import User

WORKERS = 16
THREADS = 4  # a process; Python runs one thread of each at a time
_CALLS = Call.metadata.tables["calls"]
TARGETS = (Target(figure="hot_per_s", at_least=300), Target(figure="spread_per_s", at_least=800))


def main() -> None:
    """Three rounds after a warm-up: one hot account, many accounts, the bare two statements on a hot account."""
    options = _options()
    before = machine()
    folder = PROJECT_ROOT / ".cache" / "bench" / uuid4().hex[:8]
    folder.mkdir(parents=True)
    os.environ["RUNTZ_ENV_FILE"] = ""  # no program started here reads a person's .env
    try:
        settings = Settings(_env_file=None, data_dir=folder / "data")
        with embedded_in_thread(settings, durable=not options.volatile) as installation:
            figures = _measure(database_url(installation.settings), options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    asked = {
        "seconds": options.seconds,
        "workers": WORKERS,
        "processes": WORKERS // THREADS,
        "accounts": options.accounts,
        "durable": not options.volatile,
    }
    show("ledger", {**figures, **before}, asked, targets=TARGETS, as_json=options.json)


def _options() -> argparse.Namespace:
    options = parser("ledger", __doc__ or "")
    options.add_argument("--seconds", type=float, default=10.0, help="of each round (10)")
    options.add_argument("--accounts", type=int, default=100, help="of the spread round (100)")
    options.add_argument(
        "--volatile", action="store_true", help="without fsync: what the processors alone would allow"
    )
    return options.parse_args()


def _measure(url: str, options: argparse.Namespace) -> Figures:
    engine = make_engine(url, pool_size=2)
    people = _people(engine, options.accounts)
    rounds: list[tuple[str, Callable[..., int], Sequence[UUID], float]] = [
        ("warm-up", _full, people, options.seconds / 4),
        ("hot", _full, people[:1], options.seconds),
        ("spread", _full, people, options.seconds),
        ("bare_hot", _bare, people[:1], options.seconds),
    ]
    figures: Figures = {}
    with progress() as bar:
        shown = bar.add_task("rounds", total=len(rounds))
        for name, work, accounts, seconds in rounds:
            if name == "bare_hot":
                figures |= _books(engine)  # what follows is no bookkeeping
            done, took = _round(work, url, accounts, seconds)
            if name != "warm-up":
                figures[f"{name}_per_s"] = round(done / took, 1)
            bar.update(shown, advance=1, description=f"{name}: {done / took:.0f}/s")
    engine.dispose()
    return figures


def _people(engine: Engine, count: int) -> list[UUID]:
    with Session(engine) as session:
        people = [User(name=f"Person {number}") for number in range(count)]
        session.add_all(people)
        session.flush()
        for person in people:
            credits.open_accounts(session, person.id)
            credits.grant(
                session, person.id, 10**9, key=f"bench:{person.id}", purpose=Purpose.GRANT, reason="bench"
            )
        session.commit()
        return [person.id for person in people]


def _books(engine: Engine) -> Figures:
    with Session(engine) as session:
        began = time.perf_counter()
        report = books.check(session, at_rest=True)
        if not report.in_order:
            raise RuntimeError("\n".join(report.lines()))
        return {
            "calls": report.counted["calls"],
            "entries": report.counted["entries"],
            "check_books_s": round(time.perf_counter() - began, 2),
        }


def _round(work: Callable[..., int], url: str, accounts: Sequence[UUID], seconds: float) -> tuple[int, float]:
    """Transactions done by all workers together, and the seconds they took."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(WORKERS + 1), context.Queue()
    processes = [
        context.Process(
            target=_process, args=(work, url, accounts, seconds, number, ready, done), name=f"ledger-{number}"
        )
        for number in range(WORKERS // THREADS)
    ]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    total = sum(done.get() for _ in range(WORKERS))
    took = time.perf_counter() - began
    for process in processes:
        process.join()
    return total, took


def _process(
    work: Callable[..., int],
    url: str,
    accounts: Sequence[UUID],
    seconds: float,
    number: int,
    ready: Any,
    done: Any,
) -> None:
    engine = make_engine(url, pool_size=THREADS)

    def run(worker: int) -> None:
        # Each worker starts somewhere else, so that many accounts are really used at once.
        own = itertools.cycle([*accounts[worker % len(accounts) :], *accounts[: worker % len(accounts)]])
        with engine.connect():
            ready.wait()
        done.put(work(engine, own, time.monotonic() + seconds))

    threads = [threading.Thread(target=run, args=(number * THREADS + place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()


def _full(engine: Engine, accounts: "itertools.cycle[UUID]", until: float) -> int:
    """Reserve and settle as the product does, each in its own transaction, until the time is up."""
    today, done = datetime.now(UTC).date(), 0
    while time.monotonic() < until:
        user_id = next(accounts)
        with Session(engine, expire_on_commit=False) as session:
            call_id = _reserve(session, user_id, today)
            session.commit()
        with Session(engine, expire_on_commit=False) as session:
            _settle(session, user_id, call_id)
            session.commit()
        done += 2
    return done


def _reserve(session: Session, user_id: UUID, today: date) -> UUID:
    asked = Submission(submission_key=uuid4().hex, prompt="A quiet harbour", models=())
    job_id, _ = booking.open_job(session, user_id, asked)
    call = Call(
        job_id=job_id,
        user_id=user_id,
        kind=CallKind.DESCRIBE,  # of all kinds the one that leaves no picture to be looked for in the books
        provider="flux",
        model="flux-2-pro",
        tier="1 MP",
        simulated=True,
        lane="flux/simulated",
        request={"width": 1024, "height": 1024},
        credits=30,
        price_usd_micros=30_000,
    )
    booking.hold(session, user_id, [call], today=today)
    return call.id


def _settle(session: Session, user_id: UUID, call_id: UUID) -> None:
    session.execute(
        update(_CALLS)
        .where(_CALLS.c.id == call_id, _CALLS.c.state == CallState.QUEUED)
        .values(state=CallState.SUCCEEDED)
    )
    credits.settle(session, user_id, call_id)


def _bare(engine: Engine, accounts: "itertools.cycle[UUID]", until: float) -> int:
    """The least any ledger does: one guarded update and one insert, prepared, without a mapper."""
    done = 0
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        while time.monotonic() < until:
            connection.execute(
                "UPDATE accounts SET balance = balance - 1, version = version + 1 "
                "WHERE user_id = %s AND kind = 'available' AND balance >= 1",
                (next(accounts),),
                prepare=True,
            )
            connection.execute(
                "INSERT INTO transfers (id, key, purpose, amount) VALUES (%s, %s, 'adjust', 1)",
                (new_id(), uuid4().hex),
                prepare=True,
            )
            connection.commit()
            done += 1
    return done


if __name__ == "__main__":
    os.environ.pop("RUNTZ_DATABASE_URL", None)
    main()
