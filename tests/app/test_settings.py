"""Settings and first run: what the owner's forms do, and that mistakes lose nothing."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import Session

from runtz_app.pages.settings.keys import KeysState
from runtz_app.pages.settings.servers import NEW, ServersState
from runtz_app.pages.welcome import WelcomeState
from runtz_core.connections import service as connections
from runtz_core.connections.servers import servers
from runtz_core.credits import service as credits
from runtz_core.jobs import queries
from runtz_core.settings import get_settings
from runtz_core.users import audit
from runtz_core.users import service as users
from tests.app.tab import Tab, tab, visitor

__all__ = ["tab", "visitor"]  # fixtures

KEY = "sk-proj-0123456789abcdef"
SERVER = {"label": "Basement", "base_url": "http://127.0.0.1:9/v1", "key": ""}
MODEL = {"model": "sdxl", "label": "", "sizes": "1024x1024", "usd": "0"}


@pytest.fixture(autouse=True)
def _simulated(database: object, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RUNTZ_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()


@pytest.fixture
async def desk(visitor: Tab, session: Session, owner: UUID) -> Tab:
    """A tab of the owner."""
    visitor.cookie = f"session={users.start_session(session, owner)}"
    session.commit()
    return visitor


# --- keys


async def test_the_page_shows_every_vendor_and_what_is_simulated(desk: Tab) -> None:
    await desk.send(KeysState.load)
    state = await desk.state(KeysState)
    assert [row.provider for row in state.rows] == list(connections.VENDORS)
    assert state.simulated == len(state.rows)


async def test_a_key_is_saved_sealed_and_shown_by_its_end(desk: Tab, session: Session, owner: UUID) -> None:
    await desk.send(KeysState.edit("openai"))
    await desk.send(KeysState.save({"key": KEY, "base_url": ""}))
    state = await desk.state(KeysState)
    assert (state.editing, state.problem, state.rows[0].source, state.rows[0].last_four) == (
        "",
        "",
        "saved",
        "cdef",
    )
    assert KEY not in repr(state.dict())
    assert connections.resolve(session, get_settings(), "openai", owner).api_key == KEY


async def test_a_bad_address_keeps_the_form_open_and_saves_nothing(
    desk: Tab, session: Session, owner: UUID
) -> None:
    await desk.send(KeysState.edit("openai"))
    await desk.send(KeysState.save({"key": KEY, "base_url": "http://example.com"}))
    state = await desk.state(KeysState)
    assert (state.editing, state.problem_field) == ("openai", "base_url")
    assert state.problem.endswith(".")
    assert connections.resolve(session, get_settings(), "openai", owner).simulated


async def test_a_bad_key_does_not_save_the_address_either(desk: Tab, session: Session, owner: UUID) -> None:
    await desk.send(KeysState.edit("openai"))
    await desk.send(KeysState.save({"key": "two words", "base_url": "https://gateway.example/v1"}))
    assert (await desk.state(KeysState)).problem_field == "key"
    assert (
        connections.resolve(session, get_settings(), "openai", owner).base_url
        == "http://127.0.0.1:9/openai/v1"
    )


async def test_an_empty_key_field_keeps_the_saved_key(desk: Tab, session: Session, owner: UUID) -> None:
    await desk.send(KeysState.edit("openai"))
    await desk.send(KeysState.save({"key": KEY, "base_url": ""}))
    await desk.send(KeysState.edit("openai"))
    await desk.send(KeysState.save({"key": "", "base_url": "https://gateway.example/v1"}))
    found = connections.resolve(session, get_settings(), "openai", owner)
    assert (found.api_key, found.base_url) == (KEY, "https://gateway.example/v1")


async def test_a_key_can_be_removed(desk: Tab) -> None:
    await desk.send(KeysState.edit("flux"))
    await desk.send(KeysState.save({"key": KEY, "base_url": ""}))
    await desk.send(KeysState.edit("flux"))
    await desk.send(KeysState.remove_key)
    state = await desk.state(KeysState)
    assert {row.source for row in state.rows} == {"simulated"}


async def test_a_broken_master_key_is_said_at_the_field(desk: Tab) -> None:
    (get_settings().data_dir / "master.key").write_text("damaged")
    await desk.send(KeysState.edit("openai"))
    await desk.send(KeysState.save({"key": KEY, "base_url": ""}))
    state = await desk.state(KeysState)
    assert (state.problem_field, "not a master key" in state.problem) == ("key", True)


async def test_testing_answers_visibly(desk: Tab) -> None:
    await desk.send(KeysState.test("gemini"))
    state = await desk.state(KeysState)
    assert (state.testing, state.tested, state.test_ok) == ("", "gemini", True)
    assert "Simulated" in state.test_answer


async def test_testing_what_is_not_there_answers_too(desk: Tab) -> None:
    await desk.send(KeysState.test("custom-gone"))
    state = await desk.state(KeysState)
    assert (state.test_ok, state.test_answer) == (False, "This server is gone.")


@pytest.mark.parametrize("form", [{}, {"key": ["a"]}, {"key": {"a": 1}, "base_url": None}, {"base_url": 7}])
async def test_forms_of_any_shape_break_nothing(desk: Tab, form: dict[str, object]) -> None:
    await desk.send(KeysState.edit("openai"))
    await desk.send(KeysState.save(form))
    await desk.send(ServersState.save_server(form))
    await desk.send(ServersState.save_model(form))
    assert (await desk.state(ServersState)).problem.endswith(".")


async def test_keys_for_no_provider_are_refused(desk: Tab) -> None:
    await desk.send(KeysState.edit("custom-nowhere"))
    await desk.send(KeysState.save({"key": KEY, "base_url": ""}))
    assert (await desk.state(KeysState)).problem == "There is no such provider."


# --- servers


async def declared(desk: Tab) -> str:
    await desk.send(ServersState.edit(NEW))
    await desk.send(ServersState.save_server(SERVER))
    return (await desk.state(ServersState)).rows[0].server_id


async def test_a_server_and_its_model_are_declared(desk: Tab, session: Session) -> None:
    server_id = await declared(desk)
    await desk.send(ServersState.add_model(server_id))
    await desk.send(ServersState.save_model(MODEL))
    state = await desk.state(ServersState)
    assert (state.editing, state.adding_model, state.problem) == ("", "", "")
    assert [model.model for model in servers(session)[0].models] == ["sdxl"]


async def test_a_bad_model_keeps_its_form_open(desk: Tab, session: Session) -> None:
    server_id = await declared(desk)
    await desk.send(ServersState.add_model(server_id))
    await desk.send(ServersState.save_model(MODEL | {"usd": ""}))
    state = await desk.state(ServersState)
    assert (state.adding_model, state.problem_field) == (server_id, "usd")
    assert servers(session)[0].models == []


async def test_a_server_with_a_bad_key_is_not_half_saved(desk: Tab, session: Session) -> None:
    await desk.send(ServersState.edit(NEW))
    await desk.send(ServersState.save_server(SERVER | {"key": "two words"}))
    assert (await desk.state(ServersState)).problem_field == "key"
    assert servers(session) == []


async def test_removing_a_server_takes_two_clicks(desk: Tab, session: Session) -> None:
    server_id = await declared(desk)
    await desk.send(ServersState.remove_server(server_id))
    assert len(servers(session)) == 1
    await desk.send(ServersState.remove_server(server_id))
    assert (await desk.state(ServersState)).rows == []


async def test_only_one_form_is_open(desk: Tab) -> None:
    server_id = await declared(desk)
    await desk.send(ServersState.edit(server_id))
    await desk.send(ServersState.add_model(server_id))
    state = await desk.state(ServersState)
    assert (state.editing, state.adding_model) == ("", server_id)
    await desk.send(ServersState.add_model(server_id))
    assert (await desk.state(ServersState)).adding_model == ""


async def test_ids_that_are_none_do_no_harm(desk: Tab) -> None:
    for _ in range(2):
        await desk.send(ServersState.remove_server("nonsense"))
    await desk.send(ServersState.remove_model("nonsense"))
    await desk.send(ServersState.add_model("nonsense"))
    await desk.send(ServersState.save_model(MODEL))
    assert "gone" in (await desk.state(ServersState)).problem


# --- first run


async def test_a_visitor_is_told_how_to_sign_in(visitor: Tab) -> None:
    visitor.path = "/welcome"
    await visitor.send(WelcomeState.load)
    state = await visitor.state(WelcomeState)
    assert (state.signed_in, state.problem, state.chips) == (False, "", [])


async def test_a_visitor_with_a_used_link_is_told_why(visitor: Tab) -> None:
    visitor.path, visitor.query = "/welcome", {"problem": "link"}
    await visitor.send(WelcomeState.load)
    assert "used already" in (await visitor.state(WelcomeState)).problem


async def test_the_owner_sees_one_model_of_each_vendor_and_the_price(desk: Tab) -> None:
    await desk.send(WelcomeState.load)
    state = await desk.state(WelcomeState)
    drawing = [name for name, vendor in connections.VENDORS.items() if vendor.models]
    assert [chip.provider for chip in state.chips] == drawing
    assert 0 < state.credits < 200
    assert (state.keys, state.usd_micros) == (0, 0)


async def test_one_click_starts_the_first_job_and_a_second_starts_no_other(
    desk: Tab, session: Session, owner: UUID
) -> None:
    users.arrive(session, owner, day=date(2026, 11, 22))
    session.commit()
    await desk.send(WelcomeState.load)
    await desk.send(WelcomeState.choose(1))
    await desk.send(WelcomeState.start)
    await desk.send(WelcomeState.start)
    (row,) = queries.history(session, owner, before=None, limit=9)
    assert desk.redirects() == [f"/jobs/{row.job_id}"] * 2
    assert row.prompt.startswith("Dunes")
    assert credits.balance(session, owner).held == (await desk.state(WelcomeState)).credits


async def test_without_credits_the_first_job_is_refused_in_words(
    desk: Tab, session: Session, owner: UUID
) -> None:
    await desk.send(WelcomeState.load)
    await desk.send(WelcomeState.start)
    assert "credits" in (await desk.state(WelcomeState)).problem
    assert queries.latest_job_id(session, owner) is None


@pytest.mark.parametrize("index", [-5, 99, 10**9])
async def test_a_choice_out_of_range_is_brought_into_it(desk: Tab, index: int) -> None:
    await desk.send(WelcomeState.load)
    await desk.send(WelcomeState.choose(index))
    state = await desk.state(WelcomeState)
    assert 0 <= state.chosen < len(state.examples)


async def test_what_is_done_to_keys_is_written_down_without_them(desk: Tab, session: Session) -> None:
    await desk.send(KeysState.edit("flux"))
    await desk.send(KeysState.save({"key": "bfl-secret-key-1234"}))
    await desk.send(KeysState.edit("flux"))
    await desk.send(KeysState.remove_key)
    rows = audit.entries(session)
    assert [row.action for row in rows] == ["key_removed", "key_saved", "address_saved"]
    assert {row.actor for row in rows} == {"Owner"}
    assert "secret" not in repr(rows)
