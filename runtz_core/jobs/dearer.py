"""Calls for which a provider charged more than its list price: people paid the promised one, the owner is told."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from runtz_core import words
from runtz_core.connections import catalog

DAYS = 7
WORTH = 0.02  # of the price; the words of a prompt alone make a call that is paid by tokens so much dearer

_DEARER = text("""
SELECT provider, model, count(*) AS calls, sum(cost_usd_micros - price_usd_micros) AS excess,
       (array_agg(price_usd_micros ORDER BY finished_at DESC))[1] AS price,
       (array_agg(cost_usd_micros ORDER BY finished_at DESC))[1] AS cost
FROM calls
WHERE cost_usd_micros > price_usd_micros AND finished_at > clock_timestamp() - make_interval(days => :days)
GROUP BY provider, model HAVING sum(cost_usd_micros) > sum(price_usd_micros) * (1 + :worth)
ORDER BY excess DESC
""")


@dataclass(frozen=True, kw_only=True)
class Dearer:
    """One model that cost more than promised of late."""

    label: str
    hue: str
    calls: int
    text: str  # what it cost instead of what, and what that came to


def dearer(session: Session, *, days: int = DAYS) -> list[Dearer]:
    """Models that were dearer than promised in the last `days`, the largest sum first."""
    rows = session.execute(_DEARER, {"days": days, "worth": WORTH}).all()
    if not rows:
        return []
    labels, known = catalog.names(session), {spec.model: spec.label for spec in catalog.all_models(session)}
    return [
        Dearer(
            label=known.get(row.model, row.model),
            hue=labels.hue(row.provider),
            calls=row.calls,
            text=words.dearer(row.calls, int(row.price), int(row.cost), int(row.excess)),
        )
        for row in rows
    ]
