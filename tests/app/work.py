"""Jobs for the pages' tests: what a browser sends, and what a worker would do with it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_core.failures import FailureKind
from runtz_core.images.intake import Stored
from runtz_core.jobs import service, work
from runtz_core.jobs.requests import ModelChoice, Submission
from runtz_core.providers.base import Done
from runtz_core.settings import get_settings
from tests.app.tab import Tab

LIMITS = {"openai": 50, "gemini": 50, "ideogram": 10, "flux": 24}
PICTURE = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)


@pytest.fixture(autouse=True)
def simulated(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every vendor without a key is simulated."""
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()


def draft(**changes: str) -> dict[str, str]:
    values = {"submission_key": uuid4().hex, "prompt": "a quiet harbour", "negative": "", "seed": ""}
    return values | changes


def run(**changes: str) -> Any:
    return ComposerState.run(draft(**changes))


def submitted(session: Session, person: UUID, *models: str) -> UUID:
    submission = Submission(
        submission_key=uuid4().hex,
        prompt="a quiet harbour",
        models=tuple(ModelChoice(model=model) for model in models or ("flux-2-pro",)),
    )
    job_id = service.submit(session, person, submission)
    session.commit()
    return job_id


def deliver(session: Session) -> int:
    """Every waiting call gets a picture."""
    claims = work.claim(session, worker="w", capacity=100, limits=LIMITS, lease=60)
    for claim in claims:
        work.intend(session, claim)
        work.succeed(session, claim, Done(data=b"x"), PICTURE)
    session.commit()
    return len(claims)


def fail(session: Session, kind: FailureKind) -> None:
    """Every waiting call fails like that."""
    for claim in work.claim(session, worker="w", capacity=100, limits=LIMITS, lease=60):
        work.intend(session, claim)
        work.fail(session, claim, kind)
    session.commit()


async def cards(tab: Tab) -> Any:
    return (await tab.state(ComparisonState)).cards
