"""Calls that end with words: on the books like pictures, with an answer instead of one."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.jobs import booking, service, work
from runtz_core.jobs.claims import Claim, Fenced
from runtz_core.jobs.models import Call, CallKind, CallResult
from runtz_core.providers.base import Cost
from runtz_core.providers.text import Answer
from runtz_core.settings import get_settings
from runtz_core.writing import forms, tasks
from tests.core.test_work import expire_leases, reap, take

ANSWER = Answer(content={"prompt": "a harbour", "style": "photo", "words_in_picture": []})


def ask(session: Session, person: UUID, *, credits: int = 3) -> UUID:
    """An answer bought without a job."""
    call = Call(
        user_id=person,
        kind=CallKind.ENHANCE,
        provider="openai",
        model="gpt-6-luna",
        tier="",
        simulated=True,
        lane="openai/simulated",
        request=tasks.freeze(model="gpt-6-luna", form="description", instructions="Look.", words=""),
        credits=credits,
        price_usd_micros=3_000,
    )
    booking.book(session, person, [call], today=booking.today_in(get_settings()))
    session.commit()
    return call.id


def claimed(session: Session, person: UUID) -> Claim:
    ask(session, person)
    (claim,) = take(session)
    assert work.intend(session, claim)
    session.commit()
    return claim


def test_a_claim_says_its_kind_and_carries_the_request_as_it_was_frozen(
    session: Session, person: UUID
) -> None:
    claim = claimed(session, person)
    assert (claim.kind, claim.job_id) == (CallKind.ENHANCE, None)
    assert claim.request["form"] == "description"


def the_books_hold(database: Engine) -> bool:
    with Session(database) as fresh:
        return all(check.holds for check in books.check(fresh).checks)


def test_an_answer_is_stored_and_charged_in_one_step(
    database: Engine, session: Session, person: UUID
) -> None:
    claim = claimed(session, person)
    work.conclude(session, claim, ANSWER)
    session.commit()
    stored = session.execute(select(col(CallResult.content))).scalar_one()
    assert stored == dict(ANSWER.content)
    assert credits.balance(session, person) == credits.Balance(available=9_997, held=0)
    assert the_books_hold(database)


def test_an_answer_that_came_too_late_changes_nothing(
    database: Engine, session: Session, person: UUID
) -> None:
    claim = claimed(session, person)
    expire_leases(session)
    assert reap(session) == 1
    with pytest.raises(Fenced):
        work.conclude(session, claim, ANSWER)
    session.rollback()
    assert session.execute(select(CallResult)).first() is None
    ended = session.get_one(Call, claim.call_id)
    assert (ended.state, ended.failure) == ("unknown", "outcome_unknown")
    assert credits.balance(session, person).held == 0
    assert the_books_hold(database)


def test_what_a_useless_answer_cost_is_written_down_and_not_charged(
    database: Engine, session: Session, person: UUID
) -> None:
    claim = claimed(session, person)
    work.fail(session, claim, FailureKind.BAD_RESPONSE, "no form", cost=Cost(usd_micros=9, basis="usage"))
    session.commit()
    ended = session.get_one(Call, claim.call_id)
    assert (ended.cost_usd_micros, ended.cost_basis) == (0, "simulated")
    assert credits.balance(session, person).available == 10_000


def test_a_text_call_is_cancelled_by_its_owner_alone(session: Session, person: UUID) -> None:
    call_id = ask(session, person)
    with pytest.raises(service.NotFound):
        service.cancel_call(session, UUID(int=7), call_id)
    assert service.cancel_call(session, person, call_id)
    session.commit()
    assert credits.balance(session, person).available == 10_000


def test_a_form_is_filled_in_exactly_or_not_at_all() -> None:
    good = dict(ANSWER.content)
    assert forms.check("description", good).model_dump() == good
    for bad in ({}, good | {"more": 1}, good | {"prompt": 7}, good | {"words_in_picture": "none"}):
        with pytest.raises(forms.BadAnswer):
            forms.check("description", bad)


def test_a_schema_is_closed_and_says_no_more_than_every_vendor_takes() -> None:
    assert forms.schema("description") == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "prompt": {"type": "string"},
            "style": {"type": "string"},
            "words_in_picture": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["prompt", "style", "words_in_picture"],
    }
