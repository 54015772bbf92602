"""A member's own keys: used first, free of credits, theirs alone; a call never changes sides afterwards."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core.connections import own, service
from runtz_core.connections.addresses import BadInput
from runtz_core.credits import service as credits
from runtz_core.jobs import service as jobs
from runtz_core.jobs import work
from runtz_core.jobs.models import Call
from runtz_core.providers.base import Connection
from runtz_core.sealing import SealError
from runtz_core.settings import Settings, get_settings
from tests.conftest import make_person
from tests.core.conftest import submission

OURS, MINE = "installation-key-1111", "my-very-own-key-2222"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, session: Session, simulated: None, tmp_path: Path) -> Settings:
    monkeypatch.setenv("RUNTZ_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    return get_settings()


def save_own(session: Session, settings: Settings, person: UUID, key: str = MINE) -> None:
    own.save(session, service.keyring_of(settings), person, "flux", key)
    session.commit()


def save_ours(session: Session, settings: Settings) -> None:
    service.save_key(session, service.keyring_of(settings), "flux", OURS)
    session.commit()


def submitted(session: Session, person: UUID) -> Call:
    job_id = jobs.submit(session, person, submission("flux-2-pro"))
    session.commit()
    return session.execute(select(Call).where(col(Call.job_id) == job_id)).scalar_one()


def again(session: Session, settings: Settings, call: Call) -> Connection:
    return service.resolve_again(
        session, settings, call.provider, key_owner=call.key_owner_id, simulated=call.simulated
    )


def test_ones_own_key_is_used_first_and_costs_no_credits(
    session: Session, person: UUID, settings: Settings
) -> None:
    other = make_person(session, name="Bea")
    save_ours(session, settings)
    save_own(session, settings, person)
    mine, theirs = submitted(session, person), submitted(session, other)
    assert (mine.credits, mine.key_owner_id, mine.lane) == (0, person, f"flux/{person}")
    assert (theirs.credits, theirs.key_owner_id, theirs.lane) == (30, None, "flux/installation")
    assert mine.price_usd_micros == theirs.price_usd_micros == 30_000
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)
    assert (again(session, settings, mine).api_key, again(session, settings, theirs).api_key) == (MINE, OURS)


def test_lanes_of_two_keys_do_not_share_a_limit(session: Session, person: UUID, settings: Settings) -> None:
    other = make_person(session, name="Bea")
    save_ours(session, settings)
    save_own(session, settings, person)
    submitted(session, person)
    submitted(session, other)
    claims = work.claim(session, worker="w", capacity=9, limits={"flux": 1}, lease=60)
    assert {claim.key_owner_id for claim in claims} == {person, None}


def test_a_call_of_a_lost_key_never_falls_back_on_ours(
    session: Session, person: UUID, settings: Settings
) -> None:
    save_ours(session, settings)
    save_own(session, settings, person)
    call = submitted(session, person)
    own.remove(session, person, "flux")
    session.commit()
    found = again(session, settings, call)
    assert (found.api_key, found.declared_by_owner) == (None, False)


def test_a_call_priced_for_our_key_never_uses_somebodys_own(
    session: Session, person: UUID, settings: Settings
) -> None:
    save_ours(session, settings)
    call = submitted(session, person)
    save_own(session, settings, person)
    assert again(session, settings, call).api_key == OURS
    assert submitted(session, person).key_owner_id == person


def test_a_call_sold_as_simulated_stays_simulated(session: Session, person: UUID, settings: Settings) -> None:
    call = submitted(session, person)
    assert call.simulated is True
    save_ours(session, settings)
    assert again(session, settings, call).simulated is True
    real = submitted(session, person)
    service.remove_key(session, "flux")
    found = again(session, settings, real)
    assert (found.simulated, found.api_key) == (False, None)


def test_an_own_key_opens_for_its_owner_only(session: Session, person: UUID, settings: Settings) -> None:
    other = make_person(session, name="Bea")
    save_own(session, settings, person)
    stored = session.execute(text("SELECT sealed::text FROM provider_keys")).scalar_one()
    assert MINE not in stored
    session.execute(text("UPDATE provider_keys SET user_id = :other"), {"other": other})
    session.commit()
    with pytest.raises(SealError):
        service.resolve(session, settings, "flux", other)


def test_the_panel_shows_no_key_and_nobody_elses(session: Session, person: UUID, settings: Settings) -> None:
    other = make_person(session, name="Bea")
    save_own(session, settings, person)
    shown = {row.provider: row for row in own.own_keys(session, person)}
    assert (shown["flux"].has_key, shown["flux"].last_four) == (True, "2222")
    assert MINE not in repr(shown)
    assert not any(row.has_key for row in own.own_keys(session, other))
    own.remove(session, other, "flux")
    assert service.resolve(session, settings, "flux", person).api_key == MINE


@pytest.mark.parametrize(
    ("provider", "key"), [("nobody", "k" * 20), ("custom-x", "k" * 20), ("flux", ""), ("flux", "a b")]
)
def test_what_is_no_key_is_refused(
    session: Session, person: UUID, settings: Settings, provider: str, key: str
) -> None:
    with pytest.raises(BadInput):
        own.save(session, service.keyring_of(settings), person, provider, key)
