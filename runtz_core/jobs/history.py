"""What this installation has learned from finished calls: the usual seconds of each model."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlmodel import Session

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
