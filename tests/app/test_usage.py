"""Usage, admin and the question before a dear run, as a tab and the mounted API show them."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session
from starlette.testclient import TestClient

from runtz_app.pages.admin.amounts import Unreadable, optional_number, whole_number
from runtz_app.pages.admin.overview import OverviewState
from runtz_app.pages.admin.people import PeopleState
from runtz_app.pages.admin.rules import RulesState
from runtz_app.pages.settings.own_keys import OwnKeysState
from runtz_app.pages.usage import UsageState
from runtz_app.state.composer import ComposerState
from runtz_core import cells
from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.jobs import house, presence, work
from runtz_core.jobs.booking import today_in
from runtz_core.settings import get_settings
from runtz_core.users import service as users
from tests.app.tab import Tab, tab, visitor
from tests.app.work import cards, deliver, fail, run, simulated, submitted
from tests.conftest import make_person

__all__ = ["simulated", "tab", "visitor"]  # fixtures


@pytest.fixture
async def desk(visitor: Tab, session: Session, owner: UUID) -> Tab:
    """A tab of the owner."""
    visitor.cookie = f"session={users.start_session(session, owner)}"
    session.commit()
    return visitor


@pytest.fixture
def client(database: object, session: Session, person: UUID) -> Iterator[TestClient]:
    from runtz_app.api.routes import api

    token = users.start_session(session, person)
    session.commit()
    with TestClient(api, base_url="http://localhost:3000", cookies={"session": token}) as client:
        yield client


def ask_above(session: Session, owner: UUID, credits_: int) -> None:
    limits = replace(house.limits(session), confirm_above=credits_)
    house.set_limits(session, limits, actor=owner, today=today_in(get_settings()))
    session.commit()


async def test_a_dear_run_waits_for_a_yes(tab: Tab, session: Session, owner: UUID) -> None:
    ask_above(session, owner, 10)
    await tab.send(ComposerState.load)
    await tab.send(run())
    asking = await tab.state(ComposerState)
    assert (asking.asking, asking.asking_above, asking.problem) == (True, 10, "")
    assert asking.asking_credits == asking.credits
    assert await cards(tab) == []
    await tab.send(ComposerState.decline)
    await tab.send(ComposerState.confirm)  # nothing waits any more
    assert await cards(tab) == []
    await tab.send(run())
    await tab.send(ComposerState.confirm)
    await tab.send(ComposerState.confirm)
    assert len(await cards(tab)) == 4
    assert (await tab.state(ComposerState)).asking is False


async def test_running_a_dear_job_again_asks_too(
    tab: Tab, session: Session, person: UUID, owner: UUID
) -> None:
    job_id = submitted(session, person)
    ask_above(session, owner, 10)
    await tab.send(ComposerState.run_again(str(job_id), uuid4().hex))
    assert (await tab.state(ComposerState)).asking is True
    await tab.send(ComposerState.confirm)
    assert len(await cards(tab)) == 1


async def test_an_unknown_outcome_is_settled_on_the_usage_page(
    tab: Tab, session: Session, person: UUID
) -> None:
    submitted(session, person)
    fail(session, FailureKind.OUTCOME_UNKNOWN)
    await tab.send(UsageState.load)
    (waiting,) = (await tab.state(UsageState)).shown.unsettled
    for nonsense in ("perhaps", "", 7, None):
        await tab.send(UsageState.settle(waiting.call_id, nonsense))
    await tab.send(UsageState.settle("no-such-call", "billed"))
    assert len((await tab.state(UsageState)).shown.unsettled) == 1
    await tab.send(UsageState.settle(waiting.call_id, "not_billed"))
    assert (await tab.state(UsageState)).shown.unsettled == []
    await tab.send(UsageState.settle(str(uuid4()), "billed"))
    assert "Nothing was changed" in (await tab.state(UsageState)).problem


@pytest.mark.parametrize("month", ["2026-13", "x", "9999-01", "0001-01", "2026-11-22", ""])
async def test_a_month_that_is_none_shows_this_one(tab: Tab, month: str) -> None:
    tab.path, tab.query = "/usage", {"month": month}
    await tab.send(UsageState.load)
    assert (await tab.state(UsageState)).shown.month == f"{today_in(get_settings()):%Y-%m}"


def test_lines_and_csv_are_ones_own(client: TestClient, session: Session, person: UUID) -> None:
    submitted(session, person)
    deliver(session)
    other = make_person(session, name="Bea")
    submitted(session, other)
    credits.adjust(session, person, 9, key="x", reason='=HYPERLINK("evil")')
    session.commit()
    page = client.get("/api/usage/lines").json()
    assert [line["outcome"] for line in page["lines"]] == ["granted", "charged", "granted"]
    assert page["next"] == ""
    picture = page["lines"][1]["image_id"]
    assert page["lines"][1]["thumb"] == f"/api/images/{picture}.webp?w=320"
    answer = client.get("/api/usage.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["credits"] for row in rows] == ["9", "-30", "10000"]
    assert [row["picture"] for row in rows] == ["", picture, ""]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_text_cells_start_no_formula() -> None:
    for start in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1"):
        assert cells.plain(start) == "'" + start
        assert cells.words(f"'{start}") == start
    assert cells.plain("Job 7f3a") == cells.words("Job 7f3a") == "Job 7f3a"


@pytest.mark.parametrize("query", ["which=everything", "before=1", "before=x.y.z", "which=all&before=1.2"])
def test_forged_pages_are_not_there(client: TestClient, query: str) -> None:
    assert client.get(f"/api/usage/lines?{query}").status_code == 404


async def test_a_member_sees_nothing_of_the_owners_pages(tab: Tab, session: Session, person: UUID) -> None:
    for event in (
        OverviewState.load,
        OverviewState.check_books,
        PeopleState.load,
        PeopleState.set_tier(str(person), "infinity"),
        RulesState.load,
        RulesState.switch_model("flux-2-pro"),
    ):
        await tab.send(event)
    assert tab.redirects() == ["/"] * 6
    assert (await tab.state(PeopleState)).rows == []
    assert (await tab.state(RulesState)).models == []


async def test_the_owner_gives_corrects_and_refunds_once(
    desk: Tab, session: Session, person: UUID, owner: UUID
) -> None:
    submitted(session, person)
    deliver(session)
    await desk.send(PeopleState.load)
    for kind, amount, more in (
        ("grant", "1,000", {}),
        ("correct", "−70", {}),
        ("refund", "30", {"call": None}),
    ):
        await desk.send(PeopleState.open_money(str(person)))
        await desk.send(PeopleState.choose_kind(kind))
        state = await desk.state(PeopleState)
        form: dict[str, Any] = {"amount": amount, "reason": "because"}
        if more:
            form["call"] = state.charges[0].call_id
        key = state._key
        await desk.send(PeopleState.move(form))
        state = await desk.state(PeopleState)
        assert (state.dialog, state.dialog_problem) == ("", "")
        state.dialog, state._key = "money", key  # the same dialog sent again
        await desk.send(PeopleState.move(form))
    session.rollback()
    assert credits.balance(session, person).available == 10_000 - 30 + 1_000 - 70 + 30


@pytest.mark.parametrize("amount", ["", "0", "NaN", "1.5", "true", "9223372036854775808", "١٢", "1e3"])
async def test_amounts_that_are_none_are_said_to_be(
    desk: Tab, session: Session, person: UUID, owner: UUID, amount: str
) -> None:
    await desk.send(PeopleState.load)
    await desk.send(PeopleState.open_money(str(person)))
    await desk.send(PeopleState.move({"amount": amount, "reason": "because"}))
    assert (await desk.state(PeopleState)).dialog_problem != ""
    assert credits.balance(session, person).available == 10_000


async def test_the_owner_changes_people_and_makes_links(desk: Tab, session: Session, person: UUID) -> None:
    await desk.send(PeopleState.load)
    await desk.send(PeopleState.set_tier(str(person), "pro"))
    await desk.send(PeopleState.set_tier(str(person), "king"))
    await desk.send(PeopleState.set_disabled(str(person), True))
    row = next(row for row in (await desk.state(PeopleState)).rows if row.user_id == str(person))
    assert (row.tier, row.disabled, row.available) == ("pro", True, 10_000)
    await desk.send(PeopleState.make_reset_link(str(person)))
    assert "let them in first" in (await desk.state(PeopleState)).problem
    await desk.send(PeopleState.invite({"note": "for Bea"}))
    assert re.match(r"https?://[^/]+/register#.", (await desk.state(PeopleState)).link)
    await desk.send(PeopleState.forget_link)
    assert (await desk.state(PeopleState)).link == ""


async def test_the_owner_sets_limits_and_models(desk: Tab, session: Session, owner: UUID) -> None:
    await desk.send(RulesState.load)
    form = {
        "registration": "open",
        "daily_cap": "5,000",
        "confirm_above": "",
        "cap-flux": "40",
        "storage_quota": "7",
    }
    await desk.send(RulesState.save_limits(form))
    rules = await desk.state(RulesState)
    assert (rules.problem, rules.registration, rules.daily_cap, rules.storage_quota) == (
        "",
        "open",
        "5000",
        "7",
    )
    assert house.provider_caps(session) == {"flux": 40}
    await desk.send(RulesState.save_limits({"registration": "anyone"}))
    await desk.send(RulesState.save_limits({"registration": "open", "daily_cap": "-1"}))
    assert "whole number" in (await desk.state(RulesState)).problem
    await desk.send(RulesState.switch_model("flux-2-pro"))
    await desk.send(RulesState.set_markup("flux-2-pro", "150"))
    for nonsense in ("nan", "inf", "-1", "much", "1e9"):
        await desk.send(RulesState.set_markup("flux-2-pro", nonsense))
        assert (await desk.state(RulesState)).model_problem != ""
    row = next(row for row in (await desk.state(RulesState)).models if row.model == "flux-2-pro")
    assert (row.enabled, row.markup) == (False, "150")


async def test_the_owner_looks_over_the_queue_and_the_books(
    desk: Tab, session: Session, person: UUID
) -> None:
    submitted(session, person)
    work.claim(session, worker="w", capacity=1, limits={"flux": 1}, lease=60)
    session.commit()
    await desk.send(OverviewState.load)
    await desk.send(OverviewState.check_books)
    seen = await desk.state(OverviewState)
    assert [(lane.label, lane.running) for lane in seen.totals.lanes] == [("Black Forest Labs, simulated", 1)]
    assert (seen.totals.people, seen.in_order, seen.report[-1]) == (2, True, "The books are in order.")


async def test_a_worker_that_fell_silent_is_no_longer_counted(desk: Tab, session: Session) -> None:
    presence.announce(session, "alive")
    presence.announce(session, "killed")
    session.execute(
        text("UPDATE workers SET seen_at = clock_timestamp() - interval '21 seconds' WHERE id = 'killed'")
    )
    session.commit()
    await desk.send(OverviewState.load)
    assert (await desk.state(OverviewState)).totals.workers == 1


async def test_a_member_keeps_keys_of_their_own(
    tab: Tab, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("RUNTZ_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    await tab.send(OwnKeysState.load)
    await tab.send(OwnKeysState.edit("flux"))
    await tab.send(OwnKeysState.save({"key": "two words"}))
    assert (await tab.state(OwnKeysState)).problem.startswith("This is not a key")
    await tab.send(OwnKeysState.save({"key": "a-key-of-my-own-4242"}))
    keys = {row.provider: row.last_four for row in (await tab.state(OwnKeysState)).rows if row.has_key}
    assert keys == {"flux": "4242"}
    await tab.send(OwnKeysState.edit("flux"))
    await tab.send(OwnKeysState.remove)
    assert not any(row.has_key for row in (await tab.state(OwnKeysState)).rows)


def test_numbers_are_read_as_people_type_them() -> None:
    assert (whole_number(" 1,500 "), whole_number("-3"), whole_number("−3")) == (1_500, -3, -3)
    assert (optional_number(""), optional_number("0")) == (None, 0)
    for nonsense in ("", "x", "1.0", "--1", "²", None, True):
        with pytest.raises(Unreadable):
            whole_number(nonsense)
