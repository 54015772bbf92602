"""Jobs without a worker: a simulator that nothing ever calls is enough to submit to."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session

from runtz_core.connections import service as connections
from runtz_core.ids import new_id
from runtz_core.jobs import service
from runtz_core.jobs.requests import ModelChoice, Submission
from runtz_core.sealing import Keyring
from runtz_core.settings import Settings, get_settings

FOUR = ("gpt-image-2.6-flare", "gemini-nano-banana-2.1", "ideogram-4-5", "flux-2-pro")

Submit = Callable[..., UUID]


def submission(*models: str, **changes: object) -> Submission:
    """A submission that would run, with `changes`."""
    values: dict[str, object] = {
        "submission_key": str(new_id()),
        "prompt": "a quiet harbour",
        "models": tuple(ModelChoice(model=model) for model in models or FOUR),
        "ratio": "1:1",
        "samples": 1,
        "seed": None,
    }
    return Submission(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    """Every vendor without a key is simulated."""
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()


@pytest.fixture
def submit(session: Session, person: UUID, simulated: None) -> Submit:
    """Submit and commit; returns the job's id."""

    def run(*models: str, **changes: object) -> UUID:
        job_id = service.submit(session, person, submission(*models, **changes))
        session.commit()
        return job_id

    return run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an installation with simulated vendors and no key."""
    return Settings(data_dir=tmp_path, _env_file=None, simulator_url="http://127.0.0.1:9/")


@pytest.fixture
def keyring(settings: Settings) -> Keyring:
    """What seals the keys of that installation."""
    return connections.keyring_of(settings)
