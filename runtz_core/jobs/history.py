"""What this installation has learned from finished calls: usual seconds per model, and how providers are doing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.failures import FailureKind

# The newest results count; fifty are enough for a median and cheap to read by index.
_USUAL = text("""
SELECT asked.model, asked.tier, asked.simulated, taken.seconds
FROM unnest(CAST(:models AS text[]), CAST(:tiers AS text[]), CAST(:simulated AS boolean[]))
     AS asked(model, tier, simulated)
CROSS JOIN LATERAL (
  SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at)) AS seconds
  FROM (
    SELECT finished_at, created_at FROM calls
    WHERE state = 'succeeded' AND calls.model = asked.model AND calls.tier = asked.tier
      AND calls.simulated = asked.simulated
    ORDER BY finished_at DESC LIMIT 50
  ) AS newest
) AS taken
WHERE taken.seconds IS NOT NULL
""")

Kind = tuple[str, str, bool]  # model, tier, simulated


def usual_seconds(session: Session, kinds: Iterable[Kind]) -> dict[Kind, float]:
    """The median seconds from submit to stored picture, for those kinds of call that have a history here."""
    wanted = sorted(set(kinds))
    if not wanted:
        return {}
    rows = session.execute(
        _USUAL,
        {
            "models": [kind[0] for kind in wanted],
            "tiers": [kind[1] for kind in wanted],
            "simulated": [kind[2] for kind in wanted],
        },
    )
    return {(row.model, row.tier, row.simulated): float(row.seconds) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a provider's lane did lately: "ok", "limited", "down" or "unknown" when nothing was tried."""

    state: str
    failures: int = 0


_RECENT = text("""
SELECT lane, array_agg(failure ORDER BY finished_at DESC) AS failures FROM (
  SELECT lane, failure, finished_at, row_number() OVER (PARTITION BY lane ORDER BY finished_at DESC) AS place
  FROM calls
  WHERE finished_at > clock_timestamp() - interval '15 minutes' AND state IN ('succeeded', 'failed', 'unknown')
) AS recent WHERE place <= 5 GROUP BY lane
""")

_DOWN = {FailureKind.TRANSIENT, FailureKind.UNREACHABLE, FailureKind.OUTCOME_UNKNOWN, FailureKind.AUTH}


def health(session: Session) -> Mapping[str, Health]:
    """The state of every lane used in the last 15 minutes, from its newest five calls."""
    return {row.lane: _judge(row.failures) for row in session.execute(_RECENT)}


def _judge(failures: list[str | None]) -> Health:
    bad = [failure for failure in failures if failure in _DOWN]
    if len(bad) >= 2 and failures[0] in _DOWN:
        return Health(state="down", failures=len(bad))
    if failures[0] == FailureKind.RATE_LIMITED:
        return Health(state="limited", failures=1)
    return Health(state="ok", failures=len(bad))
