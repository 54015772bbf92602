"""Pictures for the vault's tests: rows as the worker enters them, without files."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call, CallState, Job
from runtz_core.vault import words
from runtz_core.vault.models import VaultItem

START = datetime(2026, 9, 1, 12, tzinfo=UTC)

Picture = Callable[..., UUID]


@pytest.fixture
def picture(session: Session, person: UUID) -> Picture:
    """Enter a picture, a minute younger than the one before; `item` are columns of its vault row."""
    made = 0

    def enter(prompt: str = "a quiet harbour", *, of: UUID | None = None, **given: Any) -> UUID:
        nonlocal made
        made += 1
        owner = of or person
        at = given.pop("at", START + timedelta(minutes=made))
        width, height = given.pop("size", (1024, 1024))
        kept, deleted_at = given.pop("kept", True), given.pop("deleted_at", None)
        job = Job(
            user_id=owner, submission_key=str(new_id()), prompt=prompt, ratio="1:1", samples=1, models=[]
        )
        session.add(job)
        session.flush()
        call = Call(
            job_id=job.id,
            user_id=owner,
            provider=given.pop("provider", "flux"),
            model=given.pop("model", "flux-2-pro"),
            tier="1 MP",
            simulated=given.pop("simulated", False),
            lane="flux",
            request={"prompt": prompt},
            credits=given.pop("credits", 30),
            price_usd_micros=30_000,
            state=CallState.SUCCEEDED,
            cost_usd_micros=given.pop("usd_micros", 30_000),
        )
        session.add(call)
        session.flush()
        stored = Stored(sha256=new_id().hex * 2, size=10, media_type="image/png", width=width, height=height)
        image = images.record(session, user_id=owner, call_id=call.id, stored=stored)
        changes = {"created_at": at, "kept": kept, "deleted_at": deleted_at}
        session.execute(update(Image).where(col(Image.id) == image.id).values(**changes))
        session.execute(
            update(VaultItem).where(col(VaultItem.image_id) == image.id).values(created_at=at, **given)
        )
        words.learn(session, owner, prompt, given.get("title", ""), given.get("notes", ""))
        session.commit()
        return image.id

    return enter
