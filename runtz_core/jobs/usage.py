"""What a person spent: credits and real money by day, provider and model, and what waits for their word."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, text
from sqlmodel import Session, col

from runtz_core import words
from runtz_core.connections.catalog import Names, names
from runtz_core.credits import service as credits
from runtz_core.jobs.cards import epoch, short_id
from runtz_core.jobs.models import Call, CallKind, CallState

NEEDS_YOU = 50  # unsettled calls shown at once, the oldest first


@dataclass(frozen=True, kw_only=True)
class Part:
    """One provider's share of a day."""

    label: str
    hue: str
    credits: int


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the month, also those without a call."""

    label: str  # "2 Nov"
    credits: int
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Use:
    """What one provider or model was used for in a month."""

    label: str
    hue: str
    credits: int
    made: int
    kept: int
    failed: int
    refused: int
    money: str  # "$0.120", real cost at the vendor
    money_basis: str  # "from reported tokens", "by our price list", "simulated" …
    per_keeper: str  # "42 cr", or "–" while nothing is kept
    share: int  # percent of the largest one's credits, for its bar


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What one kind of call cost in a month: pictures, or words about them."""

    label: str
    credits: int
    done: int
    failed: int  # refused ones too
    money: str
    share: int  # percent of the largest one's credits, for its bar


@dataclass(frozen=True, kw_only=True)
class Unsettled:
    """A call of which nobody knows whether the vendor billed it."""

    call_id: str
    job_id: str
    short_id: str
    label: str
    hue: str
    at: float  # epoch seconds
    possible: str  # what it may have cost, in words


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The usage page but for its entries. Credits; times are epoch seconds."""

    month: str  # "2026-11"
    month_label: str
    earlier: str  # months before and after, "" where there is nothing
    later: str
    available: int
    held: int
    pending: str  # "2 running, 1 unresolved"
    credits: int
    made: str  # "204 made · $2.29"
    keeper: str  # credits of a kept picture, "–" without any
    kept: str
    days: list[Day] = field(default_factory=list)
    series: list[Part] = field(default_factory=list)  # the month by provider, in the order days are stacked
    providers: list[Use] = field(default_factory=list)
    models: list[Use] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)  # by kind of call, in the order of _ERRANDS
    unsettled: list[Unsettled] = field(default_factory=list)


# One row for each day, model, kind and basis. What was given back by hand comes off the charge.
_USED = text("""
SELECT CAST(calls.created_at AT TIME ZONE :zone AS date) AS day, provider, model, kind, cost_basis AS basis,
  sum(CASE WHEN state = 'succeeded' THEN credits ELSE 0 END - coalesce(refunded.amount, 0)) AS credits,
  count(*) FILTER (WHERE state = 'succeeded') AS done,
  count(*) FILTER (WHERE state = 'succeeded' AND kind IN ('generate', 'upscale')) AS made,
  count(images.id) FILTER (WHERE images.kept AND images.deleted_at IS NULL) AS kept,
  count(*) FILTER (WHERE state IN ('failed', 'unknown') AND failure <> 'content_blocked') AS failed,
  count(*) FILTER (WHERE failure = 'content_blocked' AND state = 'failed') AS refused,
  coalesce(sum(cost_usd_micros), 0) AS usd_micros
FROM calls LEFT JOIN images ON images.call_id = calls.id
LEFT JOIN (
  SELECT call_id, sum(amount) AS amount FROM transfers WHERE purpose = 'refund' GROUP BY call_id
) AS refunded ON refunded.call_id = calls.id
WHERE calls.user_id = :user_id AND calls.created_at >= :start AND calls.created_at < :end
GROUP BY day, provider, model, kind, basis ORDER BY day, provider, model, kind
""")

_BASES = {
    "usage": "from reported tokens",
    "quote": "as quoted",
    "table": "by our price list",
    "person": "as you settled it",
    "simulated": "simulated",
    "unknown": "maybe billed",
}


_ERRANDS = {
    CallKind.GENERATE: "Pictures",
    CallKind.UPSCALE: "Enlarging",
    CallKind.ENHANCE: "Writing prompts",
    CallKind.GRADE: "Marks and verdicts",
    CallKind.DESCRIBE: "Describing pictures",
}


def overview(session: Session, user_id: UUID, month: date, *, today: date, zone: ZoneInfo) -> Overview:
    """A person's month (its first day), up to `today` while it runs."""
    start = month.replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1)
    asked = {
        "zone": zone.key,
        "user_id": user_id,
        "start": datetime(start.year, start.month, 1, tzinfo=zone),
        "end": datetime(end.year, end.month, 1, tzinfo=zone),
    }
    rows = session.execute(_USED, asked).all()
    labels = names(session)
    has = credits.balance(session, user_id)
    total = _use("", "", rows)
    unsettled = _unsettled(session, user_id, labels)
    running = session.execute(_RUNNING, {"user_id": user_id}).scalar_one()
    first = session.execute(_FIRST, {"user_id": user_id, "zone": zone.key}).scalar_one()
    return Overview(
        month=f"{start:%Y-%m}",
        month_label=f"{start:%B}" if start.year == today.year else f"{start:%B %Y}",
        earlier=f"{start - timedelta(days=1):%Y-%m}" if first is not None and first < start else "",
        later=f"{end:%Y-%m}" if end <= today else "",
        available=has.available,
        held=has.held,
        pending=_pending(running, len(unsettled)),
        credits=total.credits,
        made=f"{total.made:,} made · {total.money}",
        keeper=total.per_keeper.removesuffix(" cr"),
        kept=f"{total.kept:,} kept of {total.made:,}",
        days=_days(rows, labels, start, min(end - timedelta(days=1), max(today, start))),
        series=_parts(rows, labels),
        providers=_by(rows, lambda row: row.provider, labels.provider, labels),
        models=_by(rows, lambda row: row.model, labels.model, labels),
        errands=_errands(rows),
        unsettled=unsettled,
    )


_RUNNING = text("SELECT count(*) FROM calls WHERE user_id = :user_id AND state IN ('queued', 'running')")
_FIRST = text("SELECT CAST(min(created_at) AT TIME ZONE :zone AS date) FROM calls WHERE user_id = :user_id")


def _pending(running: int, unsettled: int) -> str:
    said = [f"{running:,} running"] if running or not unsettled else []
    return ", ".join([*said, f"{unsettled:,} unresolved"] if unsettled else said)


def _days(rows: Sequence[Row[Any]], labels: Names, first: date, last: date) -> list[Day]:
    by_day: dict[date, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        parts = _parts(by_day[day], labels)
        days.append(
            Day(label=f"{day.day} {day:%b}", credits=sum(part.credits for part in parts), parts=parts)
        )
    return days


def _parts(rows: Iterable[Row[Any]], labels: Names) -> list[Part]:
    """What was spent at each provider, in the order the providers are listed everywhere."""
    spent: Counter[str] = Counter()
    for row in rows:
        spent[row.provider] += int(row.credits)
    order = list(labels.labels)
    known = sorted(spent, key=lambda provider: order.index(provider) if provider in order else len(order))
    return [
        Part(label=labels.provider(provider), hue=labels.hue(provider), credits=spent[provider])
        for provider in known
        if spent[provider]
    ]


def _by(
    rows: Sequence[Row[Any]], key: Callable[[Row[Any]], str], label: Callable[[str], str], labels: Names
) -> list[Use]:
    grouped: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    largest = max((sum(int(row.credits) for row in own) for own in grouped.values()), default=0)
    uses = [_use(label(name), labels.hue(own[0].provider), own, largest) for name, own in grouped.items()]
    return sorted(uses, key=lambda use: (-use.credits, -use.made, use.label))


def _use(label: str, hue: str, rows: Iterable[Row[Any]], largest: int = 0) -> Use:
    rows = list(rows)

    def total(name: str) -> int:
        return sum(int(getattr(row, name)) for row in rows)

    spent, kept = total("credits"), total("kept")
    bases = {row.basis: None for row in rows if row.basis}
    return Use(
        label=label,
        hue=hue,
        credits=spent,
        made=total("made"),
        kept=kept,
        failed=total("failed"),
        refused=total("refused"),
        money=words.dollars(total("usd_micros")),
        money_basis=", ".join(_BASES.get(basis, basis) for basis in bases),
        per_keeper=f"{round(spent / kept):,} cr" if kept else "–",
        share=round(100 * spent / largest) if largest else 0,
    )


def _errands(rows: Sequence[Row[Any]]) -> list[Errand]:
    """The month by kind of call; kinds that were not used are left out."""
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in _ERRANDS}
    spent = {kind: sum(int(row.credits) for row in own) for kind, own in by_kind.items()}
    largest = max(spent.values())
    return [
        Errand(
            label=_ERRANDS[kind],
            credits=spent[kind],
            done=sum(row.done for row in own),
            failed=sum(row.failed + row.refused for row in own),
            money=words.dollars(sum(int(row.usd_micros) for row in own)),
            share=round(100 * spent[kind] / largest) if largest else 0,
        )
        for kind, own in by_kind.items()
        if own
    ]


def _unsettled(session: Session, user_id: UUID, labels: Names) -> list[Unsettled]:
    calls = session.execute(
        select(Call)
        .where(
            col(Call.user_id) == user_id,
            col(Call.state) == CallState.UNKNOWN,
            col(Call.resolution).is_(None),
        )
        .order_by(col(Call.created_at))
        .limit(NEEDS_YOU)
    ).scalars()
    return [
        Unsettled(
            call_id=str(call.id),
            job_id=str(call.job_id or ""),
            short_id=short_id(call.job_id) if call.job_id else "",
            label=labels.model(call.model),
            hue=labels.hue(call.provider),
            at=epoch(call.created_at),
            possible="simulated, $0" if call.simulated else words.dollars(call.price_usd_micros),
        )
        for call in calls
    ]
