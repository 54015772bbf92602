"""Writers without a worker: answers are given by the simulator's mind, and ended as the worker ends them."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from runtz_core.credits import books
from runtz_core.failures import FailureKind
from runtz_core.jobs import house, work
from runtz_core.jobs.claims import Claim
from runtz_core.providers.text import Answer
from runtz_core.settings import Settings, get_settings
from runtz_core.writing import ends, forms
from runtz_sim.faults import Fault, FaultKind
from runtz_sim.texts.mind import Question, said
from tests.core.conftest import simulated, submit
from tests.core.test_work import LIMITS

__all__ = ["Desk", "limited", "simulated", "submit", "the_books_hold"]

CLAUDE = "claude-haiku-5-5"


class Desk:
    """Answers everything that waits, the way the worker does."""

    def __init__(self, session: Session, person: UUID) -> None:
        self.session, self.person, self.settings = session, person, get_settings()
        self.dice = random.Random(7)

    def answer(self, kind: FaultKind | None = None, *, pictures: Callable[[str], bytes] | None = None) -> int:
        """Answer what is due now; returns how many calls that were."""
        claims = work.claim(
            self.session, worker="w", capacity=500, limits=LIMITS | {"anthropic": 500}, lease=60
        )
        self.session.commit()
        for claim in claims:
            assert work.intend(self.session, claim)
            shown = [(pictures or str.encode)(one) for one in claim.request["images"]]
            question = Question(
                model=claim.model,
                words=claim.request["words"],
                schema=forms.schema(claim.request["form"]),
                pictures=shown,
            )
            text = said(question, Fault(kind=kind) if kind else None, self.dice)
            self._end(claim, text)
            self.session.commit()
        return len(claims)

    def _end(self, claim: Claim, text: str) -> None:
        try:
            content = json.loads(text)
            forms.check(claim.request["form"], content)
        except (ValueError, forms.BadAnswer) as bad:
            reason = getattr(bad, "reason", "It answered, but it did not fill in the form.")
            work.fail(self.session, claim, FailureKind.BAD_RESPONSE, reason)
            return
        work.conclude(
            self.session,
            claim,
            Answer(content=content),
            also=lambda session: ends.after(session, claim, content),
        )


def the_books_hold(engine: Engine) -> bool:
    with Session(engine) as fresh:
        return all(check.holds for check in books.check(fresh).checks)


def limited(session: Session, desk: Desk, **limits: int) -> None:
    """Change the house's limits."""
    now = replace(house.limits(session), **limits)  # type: ignore[arg-type]
    house.set_limits(session, now, actor=desk.person, today=date(2026, 1, 1))
    session.commit()


@pytest.fixture
def settings(simulated: None) -> Settings:
    return get_settings()


@pytest.fixture
def desk(session: Session, person: UUID, settings: Settings) -> Desk:
    return Desk(session, person)
