"""Declared servers and their models: what may be saved, and what is called."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from runtz_core.connections import catalog, servers, service
from runtz_core.connections.addresses import BadInput
from runtz_core.ids import new_id
from runtz_core.providers.base import RATIOS
from runtz_core.sealing import Keyring
from runtz_core.settings import Settings
from tests.core.test_connections import KEY, SOMEBODY


@pytest.fixture
def server_id(session: Session) -> UUID:
    return servers.save_server(session, label="Basement GPU", base_url="http://127.0.0.1:8080/v1")


def add_model(session: Session, server_id: UUID, **changes: str) -> None:
    words = {"model": "sdxl", "label": "", "sizes": "1024x1024", "usd": "0"} | changes
    servers.save_model(session, server_id, **words)


def test_a_declared_server_is_called_as_declared(
    session: Session, settings: Settings, server_id: UUID, keyring: Keyring
) -> None:
    found = service.resolve(session, settings, "custom-basement-gpu", SOMEBODY)
    assert (found.base_url, found.api_key, found.declared_by_owner) == (
        "http://127.0.0.1:8080/v1",
        None,
        True,
    )
    service.save_key(session, keyring, "custom-basement-gpu", KEY)
    assert service.resolve(session, settings, "custom-basement-gpu", SOMEBODY).api_key == KEY
    assert servers.servers(session)[0].last_four == "cdef"


def test_its_models_can_be_chosen_at_the_owners_price(session: Session, server_id: UUID) -> None:
    add_model(session, server_id, sizes="1024×1024; 1536 x 1024,", usd="$0.0125")
    spec = catalog.find_model(session, "custom-basement-gpu/sdxl")
    assert spec is not None
    size = spec.choose("3:2", spec.default_tier).size
    assert (str(size), spec.price(spec.default_tier, size)) == ("1536x1024", 12_500)
    row = servers.servers(session)[0].models[0]
    assert (row.label, row.sizes, row.usd) == ("sdxl", "1024x1024, 1536x1024", "0.0125")


def test_saving_a_model_again_changes_it(session: Session, server_id: UUID) -> None:
    add_model(session, server_id)
    add_model(session, server_id, label="Fast one", usd="0.5")
    (row,) = servers.servers(session)[0].models
    assert (row.label, row.usd) == ("Fast one", "0.5")


def test_two_servers_may_have_one_name_and_one_model(session: Session, server_id: UUID) -> None:
    other = servers.save_server(session, label="Basement GPU", base_url="http://127.0.0.1:8081/v1")
    add_model(session, server_id)
    add_model(session, other, usd="1")
    assert [row.provider for row in servers.servers(session)] == [
        "custom-basement-gpu",
        "custom-basement-gpu-2",
    ]
    assert catalog.find_model(session, "custom-basement-gpu-2/sdxl") is not None


def test_changing_a_server_keeps_its_provider_id(session: Session, server_id: UUID) -> None:
    servers.save_server(session, label="Attic", base_url="https://attic.example/v1", server_id=server_id)
    (row,) = servers.servers(session)
    assert (row.provider, row.label, row.base_url) == (
        "custom-basement-gpu",
        "Attic",
        "https://attic.example/v1",
    )


def test_removing_a_server_takes_its_models_and_key(
    session: Session, server_id: UUID, keyring: Keyring
) -> None:
    add_model(session, server_id)
    service.save_key(session, keyring, "custom-basement-gpu", KEY)
    servers.delete_server(session, server_id)
    servers.delete_server(session, server_id)
    assert servers.servers(session) == []
    left = "SELECT (SELECT count(*) FROM provider_keys) + (SELECT count(*) FROM custom_models)"
    assert session.execute(text(left)).scalar_one() == 0


def test_removing_a_model(session: Session, server_id: UUID) -> None:
    add_model(session, server_id)
    model_id = UUID(servers.servers(session)[0].models[0].model_id)
    servers.delete_model(session, model_id)
    servers.delete_model(session, model_id)
    assert servers.servers(session)[0].models == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("model", ""),
        ("model", "a" * 201),
        ("model", "x\ny"),
        ("label", "l" * 61),
        ("sizes", ""),
        ("sizes", "large"),
        ("sizes", "1024x"),
        ("sizes", "1024x1024, 512x512"),
        ("sizes", "0x0"),
        ("sizes", "1000x1001"),
        ("sizes", "9000x1024"),
        ("sizes", "8192x8192"),
        ("sizes", "99999x99999"),
        ("usd", ""),
        ("usd", "free"),
        ("usd", "-1"),
        ("usd", "1e9"),
        ("usd", "NaN"),
        ("usd", "Infinity"),
        ("usd", "0.0000001"),
        ("usd", "101"),
    ],
)
def test_a_bad_model_names_its_field(session: Session, server_id: UUID, field: str, typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        add_model(session, server_id, **{field: typed})
    assert refused.value.field == field
    assert servers.servers(session)[0].models == []


def test_forms_for_a_server_that_is_gone_are_refused(session: Session) -> None:
    with pytest.raises(BadInput, match="gone"):
        servers.save_server(session, label="x", base_url="https://x.example", server_id=new_id())
    with pytest.raises(BadInput, match="gone"):
        add_model(session, new_id())


@pytest.mark.parametrize("label", ["", "   ", "x" * 61])
def test_a_server_needs_a_name(session: Session, label: str) -> None:
    with pytest.raises(BadInput) as refused:
        servers.save_server(session, label=label, base_url="https://x.example")
    assert refused.value.field == "label"


@given(st.integers(8, 1024).map(lambda n: n * 8), st.integers(8, 1024).map(lambda n: n * 8))
def test_every_size_serves_a_ratio_people_can_choose(width: int, height: int) -> None:
    assert servers.nearest_ratio(width, height) in RATIOS


@given(st.text(max_size=60), st.sampled_from([servers.parse_sizes, servers.parse_price]))
def test_no_text_breaks_the_size_and_price_forms(typed: str, parse: Callable[[str], object]) -> None:
    try:
        problem = repr(parse(typed))
    except BadInput as refused:
        problem = refused.problem
    assert problem
