"""`runtz generate`: the same job as in the Studio, without a browser."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from runtz_core.cli.speech import data_option, fail, read_settings
from runtz_core.settings import Settings, get_settings
from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.instance import running
from runtz_core.supervisor.services import environment

NOTHING_STORED = 3
BAD_ARGUMENTS = 2
LOOK_AGAIN = 0.15  # seconds between two looks at the job


@click.command()
@click.argument("prompt")
@click.option(
    "--models", help="Comma-separated ids, each with an optional :tier. Default: one of each vendor."
)
@click.option("--ratio", default="1:1", show_default=True, help="Width to height, e.g. 16:9.")
@click.option("--samples", type=int, default=1, show_default=True, help="Pictures per model.")
@click.option("--seed", type=int, help="For models that take one.")
@click.option("--negative", help="What to keep out of the picture.")
@click.option("--yes", is_flag=True, help="Run it however dear it is.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Copy the originals there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of sentences.")
@data_option
def generate(
    prompt: str,
    models: str | None,
    ratio: str,
    samples: int,
    seed: int | None,
    negative: str | None,
    yes: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Send PROMPT to several models at once and store what comes. PROMPT "-" reads standard input.

    Exit code 0: at least one picture was stored; 3: none; 2: the arguments cannot be used; 1: it did not start.
    """
    asked = {
        "models": models,
        "ratio": ratio,
        "samples": samples,
        "seed": seed,
        "negative": negative,
        "yes": yes,
    }
    words = sys.stdin.read() if prompt == "-" else prompt
    try:
        # A prompt that cannot run should not first start a database.
        _check_early(words, asked)
        with _installation():
            sys.exit(_run(words, asked, out, as_json))
    except StartRefused as refused:
        sys.exit(fail(str(refused)))


def _check_early(prompt: str, asked: dict[str, Any]) -> None:
    from runtz_core.jobs import requests
    from runtz_core.providers.base import aspect

    submission = _submission(prompt, asked, ["some-model"])
    try:
        requests.check_submission(submission, read_settings().limits)
        aspect(submission.ratio)
    except (requests.SubmissionRefused, ValueError) as refused:
        _refuse(str(refused))


def _refuse(sentence: str) -> None:
    fail(sentence)
    sys.exit(BAD_ARGUMENTS)


def _submission(prompt: str, asked: dict[str, Any], default_models: list[str]) -> Any:
    from runtz_core.ids import new_id
    from runtz_core.jobs.requests import ModelChoice, Submission

    named = [name.strip() for name in (asked["models"] or "").split(",") if name.strip()]
    choices = []
    for name in named or default_models:
        model, _, tier = name.partition(":")
        choices.append(ModelChoice(model=model, tier=tier))
    return Submission(
        submission_key=str(new_id()),
        prompt=prompt,
        models=tuple(choices),
        ratio=asked["ratio"],
        samples=asked["samples"],
        seed=asked["seed"],
        negative=asked["negative"],
        confirmed=asked["yes"],
    )


@contextmanager
def _installation() -> Iterator[None]:
    """The running instance, or our own databases, simulator and worker for as long as this takes."""
    from runtz_core.supervisor.installation import embedded_in_thread

    settings = read_settings()
    instance = running(settings.data_dir)
    if instance is not None:
        found = {
            "database_url": instance.database_url,
            "redis_url": instance.redis_url,
            "simulator_url": instance.simulator_url,
        }
        _use(settings.model_copy(update=found))
        yield
        return
    click.echo("Nothing is running here: starting what is needed …", err=True)
    with embedded_in_thread(settings, ("simulator", "worker"), say=_whisper) as own:
        _use(own.settings)
        yield


def _whisper(who: str, what: str) -> None:
    click.echo(f"  {who}: {what}", err=True)


def _use(settings: Settings) -> None:
    """From here on this process works with `settings`."""
    os.environ.update(environment(settings))
    get_settings.cache_clear()


def _run(prompt: str, asked: dict[str, Any], out: Path | None, as_json: bool) -> int:
    from runtz_core.credits.service import InsufficientCredits
    from runtz_core.db import unit_of_work
    from runtz_core.jobs import service
    from runtz_core.users import service as users

    settings = get_settings()
    today = datetime.now(settings.zone).date()
    with unit_of_work() as session:
        owner = users.ensure_owner(session).id
        users.arrive(session, owner, day=today)
    try:
        with unit_of_work() as session:
            submission = _submission(prompt, asked, _default_models(session, settings, owner, asked["ratio"]))
            job_id = service.submit(session, owner, submission)
    except service.SubmissionRefused as refused:
        _refuse(refused.problem)
    except service.ConfirmationNeeded as dear:
        _refuse(
            f"That costs {dear.total:,} credits; runs above {dear.above:,} need --yes. Nothing was charged."
        )
    except InsufficientCredits as short:
        fail(f"That needs {short.needed} credits; {short.available} are available.")
        return NOTHING_STORED
    _wait(owner, job_id)
    return _report(owner, job_id, out, as_json)


def _default_models(session: Any, settings: Settings, owner: UUID, ratio: str) -> list[str]:
    from runtz_core.jobs.chips import chips

    today = datetime.now(settings.zone).date()
    offered = chips(session, settings, owner, ratio=ratio, tiers={}, today=today)
    return [chip.model for chip in offered if chip.in_default_run and chip.available]


def _wait(owner: UUID, job_id: UUID) -> None:
    """Until every call has ended, saying each end. Ctrl-C cancels what can still be cancelled."""
    from runtz_core.db import unit_of_work
    from runtz_core.jobs import queries, service

    said: set[str] = set()
    cancelled = False
    while True:
        try:
            with unit_of_work() as session:
                view = queries.job_view(session, owner, job_id)
            for card in view.cards if view else []:
                if card.seconds and card.call_id not in said:
                    said.add(card.call_id)
                    what = card.failure_title or f"{card.width}×{card.height}"
                    click.echo(f"  {card.model_label}: {what} after {card.seconds:.1f} s", err=True)
            if view is None or view.finished_at:
                return
            time.sleep(LOOK_AGAIN)
        except KeyboardInterrupt:
            if cancelled:
                raise
            cancelled = True
            with unit_of_work() as session:
                service.cancel_job(session, owner, job_id)
            click.echo(
                "Cancelling; what is already paid for is still fetched. Ctrl-C again to leave.", err=True
            )


def _report(owner: UUID, job_id: UUID, out: Path | None, as_json: bool) -> int:
    from runtz_core.db import unit_of_work
    from runtz_core.images.service import job_files
    from runtz_core.jobs.outcome import outcome

    with unit_of_work() as session:
        result = outcome(session, owner, job_id)
        files = job_files(session, owner, job_id)
    if out is not None:
        _copy(files, out, result)
    stored = [one for one in result["generations"] if one["sha256"]]
    if as_json:
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        for one in result["generations"]:
            click.echo(one["path"] or f"{one['model']}: {one['failure']}")
    return 0 if stored else NOTHING_STORED


def _copy(files: list[tuple[str, Path]], out: Path, result: dict[str, Any]) -> None:
    """Copy the originals to `out` under readable names; the report names the copies."""
    copies: dict[str, Path] = {}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, path in files:
            copies[str(path)] = shutil.copyfile(path, out / name)
    except OSError as error:
        fail(f"The pictures are stored, but could not be copied to {out}: {error.strerror}.")
    for one in result["generations"]:
        one["path"] = str(copies.get(one["path"], one["path"])) if one["path"] else None
