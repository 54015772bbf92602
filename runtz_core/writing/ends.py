"""What follows a checked answer, in the transaction that ends its call."""

from typing import Any

from sqlmodel import Session

from runtz_core.jobs.claims import Claim
from runtz_core.writing import grading, pairs


def after(session: Session, claim: Claim, content: dict[str, Any]) -> None:
    """Write marks and verdicts where they belong, and start the next round of a grading."""
    grading.go_on(session, claim, content)
    pairs.record(session, claim, content)
