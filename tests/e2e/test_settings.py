"""Keys, addresses and own servers, on an installation of its own since what is saved here changes runs."""

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest
from playwright.sync_api import Locator, expect
from psycopg import sql
from redis import Redis
from sqlalchemy import make_url

from runtz_core.supervisor import ports
from tests.e2e.axe import violations
from tests.e2e.conftest import Tabs
from tests.e2e.product import Product, started
from tests.e2e.tab import Tab

KEY = "sk-proj-only-for-tests-and-worth-nothing-9f3c"
BAD_KEY = "bad-key-that-the-simulated-vendor-refuses-0bad"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with started(tmp_path_factory.mktemp("workshop") / "data", ports.any_free()) as running:
        yield running


@pytest.fixture
def settings(workshop: Product, tabs: Tabs) -> Tab:
    """The settings page, with the owner signed in anew."""
    tab = tabs(None, of=workshop, signed_in=False, models=["gpt-image-2.6-flare"])
    tab.page.goto(workshop.new_link())
    tab.page.get_by_role("button", name="Sign in as owner").click()
    tab.page.wait_for_url(lambda url: "#" not in url)
    return tab.open("/settings")


def provider(tab: Tab, name: str) -> Locator:
    """The lines of one provider or server."""
    return tab.page.locator(".setting-item").filter(has=tab.page.locator("strong", has_text=name))


def new_server_form(tab: Tab) -> Locator:
    """The form of a new server. A click on a page that has only just appeared may be lost: then again."""
    form = tab.page.locator(".setting-form")
    for _ in range(4):
        tab.page.get_by_role("button", name="Add server").click()
        try:
            expect(form).to_be_visible(timeout=8_000)
            return form
        except AssertionError:
            continue
    raise AssertionError("the form of a new server never opened")


def save(part: Locator, key: str, base_url: str) -> None:
    part.get_by_label("API key").fill(key)
    part.get_by_label("Base URL").fill(base_url)
    part.get_by_role("button", name="Save").click()


def test_a_saved_key_is_tested_used_and_never_shown_again(workshop: Product, settings: Tab) -> None:
    openai = provider(settings, "OpenAI")
    openai.get_by_role("button", name="Add key").click()
    save(openai, KEY, workshop.vendors.base_url("openai"))
    expect(openai.locator(".tag")).to_have_text("key …9f3c")
    expect(settings.page.locator("#writers li", has_text="OpenAI")).to_contain_text("has a key")
    openai.get_by_role("button", name="Test OpenAI").click()
    expect(openai.get_by_role("status")).to_have_class(re.compile("ok"))
    settings.reload()
    assert KEY not in settings.page.content()
    assert settings.received
    assert not [frame for frame in settings.received if KEY in frame]

    settings.open("/").run("Paid for with a key")
    settings.reaches("succeeded")
    expect(settings.cards.get_by_text("simulated")).to_have_count(0)
    assert workshop.vendors.calls("openai")[-1]["key_tail"] == "9f3c"
    assert where_it_lies_open(workshop, KEY) == []

    settings.open("/settings")
    openai.get_by_role("button", name="Change").click()
    save(openai, BAD_KEY, workshop.vendors.base_url("openai"))
    expect(openai.locator(".tag")).to_have_text("key …0bad")
    openai.get_by_role("button", name="Test OpenAI").click()
    expect(openai.get_by_role("status")).to_have_class(re.compile("failed"))
    expect(openai.get_by_role("status")).to_contain_text("key")

    settings.open("/").run("Refused for its key")
    settings.reaches("failed")
    expect(settings.cards.get_by_role("heading")).to_have_text("OpenAI refused the key")
    banner = settings.page.locator(".banner", has_text="OpenAI refused its key")
    expect(banner).to_be_visible()  # without a reload
    assert violations(settings) == []
    banner.get_by_role("button", name="Put away").click()
    expect(banner).to_be_hidden()
    settings.cards.get_by_role("link", name="Open key settings").click()
    expect(openai).to_be_visible()

    openai.get_by_role("button", name="Change").click()
    openai.get_by_role("button", name="Remove key").click()
    expect(openai.get_by_text("no key")).to_be_visible()
    openai.get_by_role("button", name="Add key").click()
    save(openai, "", "")
    expect(openai.get_by_text("simulated", exact=True)).to_be_visible()


READ: dict[bytes, Callable[[Redis, bytes], object]] = {  # all of what a key of that type holds
    b"none": lambda redis, key: None,  # it ended while we looked
    b"string": lambda redis, key: redis.get(key),
    b"hash": lambda redis, key: redis.hgetall(key),
    b"list": lambda redis, key: redis.lrange(key, 0, -1),
    b"set": lambda redis, key: redis.smembers(key),
    b"zset": lambda redis, key: redis.zrange(key, 0, -1),
    b"stream": lambda redis, key: redis.xrange(key),
}


def where_it_lies_open(product: Product, secret: str) -> list[str]:
    """Every table, Redis key and log that holds these words as they are."""
    found, instance = [], product.instance()
    url = make_url(instance.migration_database_url or instance.database_url)
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    ) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert tables
        for (table,) in tables:
            holds = sql.SQL("SELECT count(*) FROM {} AS r WHERE position(%s IN r::text) > 0")
            rows = connection.execute(holds.format(sql.Identifier(table)), (secret,)).fetchone()
            found += [table] if rows and rows[0] else []
    for number in (0, 1, 3):
        with Redis.from_url(f"{instance.redis_url.partition('?')[0]}?db={number}") as redis:
            for key in redis.scan_iter():
                found += [repr(key)] if secret in repr(READ[redis.type(key)](redis, key)) else []
    logs = [path for path in (product.data / "logs").rglob("*") if path.is_file()]
    assert logs
    return found + [path.name for path in logs if secret in path.read_text("utf-8", "replace")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ftp://example.com", "An address starts with https://"),
        ("http://example.com/v1", "http:// would send the key in the clear"),
        ("https://me:secret@example.com/v1", "Leave user names and passwords out of the address"),
        ("https://example.com/v1?key=1", "Leave everything from ? or # on out of the address"),
    ],
)
def test_an_address_that_is_refused_says_why_and_stays_in_its_field(
    settings: Tab, typed: str, sentence: str
) -> None:
    gemini = provider(settings, "Google Gemini")
    gemini.get_by_role("button", name="Add key").click()
    save(gemini, KEY, typed)
    expect(gemini.get_by_role("alert")).to_contain_text(sentence)
    expect(gemini.get_by_label("Base URL")).to_have_value(typed)
    expect(gemini.get_by_label("API key")).to_have_value(KEY)
    settings.reload()
    expect(gemini.get_by_text("simulated", exact=True)).to_be_visible()


def test_an_own_server_with_a_free_model_becomes_a_chip_and_delivers(
    workshop: Product, settings: Tab
) -> None:
    form = new_server_form(settings)
    form.get_by_label("Name").fill("Basement GPU")
    form.get_by_label("Base URL").fill(workshop.vendors.base_url("compatible"))
    form.get_by_role("button", name="Save").click()

    server = provider(settings, "Basement GPU")
    server.get_by_role("button", name="Test Basement GPU").click()
    expect(server.get_by_role("status")).to_have_class(re.compile("ok"))
    server.get_by_role("button", name="Add model").click()
    server.get_by_role("textbox", name=re.compile("^Model")).fill("sd-cpp-local")
    server.get_by_label("Name shown").fill("Homemade")
    server.get_by_label("Sizes").fill("512x512, 768x512")
    server.get_by_role("button", name="Save").click()
    expect(server.get_by_role("alert")).to_be_visible()  # an empty price is no price
    expect(server.get_by_label("Name shown")).to_have_value("Homemade")
    server.get_by_label("Price of a picture").fill("0")
    server.get_by_role("button", name="Save").click()
    expect(server.locator(".model-row")).to_contain_text("Homemade")

    studio = settings.open("/")
    studio.page.get_by_role("switch", name="Use GPT Image 2.6 Flare").click()
    studio.page.get_by_role("button", name="Add a model").click()
    studio.page.get_by_role("group", name="Basement GPU").get_by_role("button", name="Homemade").click()
    expect(studio.page.get_by_role("switch", name="Use Homemade")).to_be_checked()
    studio.prompt.fill("Drawn in the basement")
    expect(studio.run_button).to_contain_text("Run 1")
    expect(studio.run_button).to_contain_text("0 cr")
    studio.run("Drawn in the basement")
    studio.reaches("succeeded")
    card = studio.card("Homemade")
    expect(card.locator(".foot")).to_contain_text("0 cr · 512×512")
    expect(card.locator("img.picture[data-here]")).to_be_visible()


def test_removing_a_server_takes_two_clicks_and_its_pictures_stay(workshop: Product, settings: Tab) -> None:
    form = new_server_form(settings)
    form.get_by_label("Name").fill("Short-lived")
    form.get_by_label("Base URL").fill(workshop.vendors.base_url("compatible"))
    form.get_by_role("button", name="Save").click()
    server = provider(settings, "Short-lived")
    server.get_by_role("button", name="Remove", exact=True).click()
    server.get_by_role("button", name="Remove for good").click()
    expect(server).to_have_count(0)
