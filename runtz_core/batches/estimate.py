"""What a batch will cost and how long it will take, before it runs and while it does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.batches.service import Order, check_size, drawn_up
from runtz_core.connections import catalog
from runtz_core.credits import service as credits
from runtz_core.jobs.models import Call
from runtz_core.providers.registry import entry
from runtz_core.settings import Settings

# From being taken by a worker to the stored picture: what was waited in line is not the model's doing.
_USUAL = text("""
SELECT asked.model, asked.tier, asked.simulated, taken.seconds
FROM unnest(CAST(:models AS text[]), CAST(:tiers AS text[]), CAST(:simulated AS boolean[]))
     AS asked(model, tier, simulated)
CROSS JOIN LATERAL (
  SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - claimed_at)) AS seconds
  FROM (
    SELECT finished_at, claimed_at FROM calls
    WHERE state = 'succeeded' AND calls.model = asked.model AND calls.tier = asked.tier
      AND calls.simulated = asked.simulated AND claimed_at IS NOT NULL
    ORDER BY finished_at DESC LIMIT 50
  ) AS newest
) AS taken
WHERE taken.seconds IS NOT NULL
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Calls of one kind that are still to be made."""

    lane: str
    provider: str
    model: str
    tier: str
    simulated: bool
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Credits, micro-dollars at the vendors by our price list, and seconds by this installation's own history."""

    prompts: int
    pictures: int
    credits: int
    usd_micros: int
    seconds: float
    available: int  # credits the person has
    by_model: Sequence[tuple[str, int, int]]  # (label, pictures, credits)


def estimate(session: Session, settings: Settings, user_id: UUID, order: Order) -> Price:
    """What `order` would be. Raises SubmissionRefused naming the row when it cannot run."""
    check_size(session, user_id, order, settings.limits)
    _, calls = drawn_up(session, settings, user_id, user_id, order)
    labels = catalog.names(session)
    per_model: dict[str, tuple[int, int]] = {}
    for call in calls:
        pictures, price = per_model.get(call.model, (0, 0))
        per_model[call.model] = (pictures + 1, price + call.credits)
    return Price(
        prompts=len(order.rows),
        pictures=len(calls),
        credits=sum(call.credits for call in calls),
        usd_micros=sum(call.price_usd_micros for call in calls if not call.simulated),
        seconds=seconds(session, settings, work_of(calls)),
        available=credits.balance(session, user_id).available,
        by_model=[(labels.model(model), pictures, price) for model, (pictures, price) in per_model.items()],
    )


def work_of(calls: Iterable[Call]) -> list[Work]:
    """Calls counted by kind."""
    counted: dict[tuple[str, str, str, str, bool], int] = defaultdict(int)
    for call in calls:
        counted[(call.lane, call.provider, call.model, call.tier, call.simulated)] += 1
    return [
        Work(lane=lane, provider=provider, model=model, tier=tier, simulated=simulated, calls=calls_)
        for (lane, provider, model, tier, simulated), calls_ in counted.items()
    ]


def seconds(session: Session, settings: Settings, work: Sequence[Work]) -> float:
    """How long the slowest lane needs for its share, other people's work aside."""
    if not work:
        return 0.0
    usual = _usual(session, work)
    labels = catalog.names(session)
    busy: dict[tuple[str, str], float] = defaultdict(float)
    longest: dict[tuple[str, str], float] = defaultdict(float)
    for one in work:
        each = usual.get((one.model, one.tier, one.simulated)) or labels.published_seconds(one.model) or 10.0
        busy[(one.lane, one.provider)] += each * one.calls
        longest[(one.lane, one.provider)] = max(longest[(one.lane, one.provider)], each)
    return max(
        max(total / _width(settings, provider), longest[(lane, provider)])
        for (lane, provider), total in busy.items()
    )


def _width(settings: Settings, provider: str) -> int:
    """Calls in flight in one lane of a provider."""
    configured = settings.providers.get(provider)
    return (configured.concurrency if configured else None) or entry(provider).concurrency


def _usual(session: Session, work: Sequence[Work]) -> Mapping[tuple[str, str, bool], float]:
    kinds = sorted({(one.model, one.tier, one.simulated) for one in work})
    rows = session.execute(
        _USUAL,
        {
            "models": [kind[0] for kind in kinds],
            "tiers": [kind[1] for kind in kinds],
            "simulated": [kind[2] for kind in kinds],
        },
    )
    return {(row.model, row.tier, row.simulated): float(row.seconds) for row in rows}
