"""A picture in words, bought from a text model: priced first, held, charged once, and nobody else's business."""

from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from runtz_core.credits import service as credits
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.jobs.models import Call
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.jobs.service import NotFound
from runtz_core.prompts import describing
from runtz_core.settings import Settings, get_settings
from runtz_sim.faults import FaultKind
from tests.conftest import make_person
from tests.core.test_credits import books_balance
from tests.writing.conftest import Desk, desk, settings, simulated

__all__ = ["desk", "settings", "simulated"]


def picture(session: Session, person: UUID) -> UUID:
    stored = Stored(sha256="ef" * 32, size=3, media_type="image/png", width=640, height=640)
    image = images.record(session, user_id=person, call_id=None, stored=stored)
    session.commit()
    return image.id


def test_a_description_is_a_call_with_a_price(
    session: Session, person: UUID, settings: Settings, desk: Desk
) -> None:
    image_id = picture(session, person)
    offer = describing.offer(session, settings, person, image_id)
    assert (bool(offer.model), offer.simulated, offer.usd_micros, offer.credits > 0) == (True, True, 0, True)
    asked = describing.ask(session, settings, person, image_id)
    session.commit()
    assert (asked.state, credits.balance(session, person).held) == ("waiting", offer.credits)
    assert desk.answer() == 1
    told = describing.answer(session, person, UUID(asked.call_id))
    assert (told.state, bool(told.prompt), "simulated" in told.said) == ("ready", True, True)
    assert credits.balance(session, person) == credits.Balance(available=10_000 - offer.credits, held=0)
    stranger = make_person(session, name="Bob")
    with pytest.raises(NotFound):
        describing.answer(session, stranger, UUID(asked.call_id))
    with pytest.raises(NotFound):
        describing.ask(session, settings, stranger, image_id)
    books_balance(session)


def test_nonsense_is_no_description_and_costs_nothing(
    session: Session, person: UUID, settings: Settings, desk: Desk
) -> None:
    asked = describing.ask(session, settings, person, picture(session, person))
    session.commit()
    desk.answer(FaultKind.NONSENSE)
    told = describing.answer(session, person, UUID(asked.call_id))
    assert (told.state, told.prompt, "Not charged" in told.said) == ("failed", "", True)
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)


def test_without_a_text_model_the_built_in_description_is_what_there_is(
    session: Session, person: UUID
) -> None:
    image_id = picture(session, person)
    assert describing.offer(session, get_settings(), person, image_id) == describing.Offer()
    with pytest.raises(SubmissionRefused, match="No text model"):
        describing.ask(session, get_settings(), person, image_id)
    assert describing.describe(session, person, image_id).prompt.startswith("square format")
    assert session.execute(select(func.count()).select_from(Call)).scalar_one() == 0
