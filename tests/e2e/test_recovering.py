"""I14: a process is killed in the middle, and the open page tells the truth again; providers go down and come back.

Figures are printed, not demanded: `./runtz test --all -s tests/e2e/test_recovering.py`.
"""

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from runtz_core.jobs.chips import DEFAULT_RUN
from runtz_core.supervisor import ports
from tests.e2e.axe import violations
from tests.e2e.conftest import Tabs
from tests.e2e.product import Product, started
from tests.e2e.tab import Tab
from tests.e2e.test_running import HELD
from tests.e2e.test_surviving import LINE_IS_DOWN

pytestmark = pytest.mark.slow

# When each of the page's sockets opened, and when its last card reached its end, by the machine's clock.
MOMENTS = """() => {
  const Native = window.WebSocket;
  window.opened = [];
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("open", () => window.opened.push(Date.now() / 1000));
    }
  };
}"""
ARRIVAL = """() => {
  window.arrived = 0;
  const look = () => {
    const states = [...document.querySelectorAll("[data-call-id]")].map((card) => card.dataset.state);
    if (!window.arrived && states.length && states.every((state) => state === "succeeded"))
      window.arrived = Date.now() / 1000;
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with started(tmp_path_factory.mktemp("house") / "data", ports.any_free()) as running:
        yield running


@pytest.fixture
def studio(house: Product, tabs: Tabs) -> Tab:
    """The Studio of that product, which notes when its sockets open."""
    return enter(house, tabs, DEFAULT_RUN)


def enter(house: Product, tabs: Tabs, models: Sequence[str]) -> Tab:
    house.calm()
    tab = tabs(None, of=house, signed_in=False, models=models)
    tab.expect_trouble(LINE_IS_DOWN)
    tab.page.add_init_script(f"({MOMENTS})()")
    tab.page.goto(house.new_link())
    tab.page.get_by_role("button", name="Sign in as owner").click()
    tab.page.wait_for_url(lambda url: "#" not in url)
    return tab.open("/")


@pytest.mark.parametrize("victim", ["web", "worker", "valkey", "postgres"])
def test_the_page_tells_the_truth_again(house: Product, studio: Tab, victim: str) -> None:
    house.vendors.latency(HELD, "flux")
    house.vendors.latency(HELD, "ideogram")
    job_id = studio.run(f"Somebody kills {victim}")
    studio.reaches("succeeded", "succeeded", "running", "running")
    studio.page.evaluate(ARRIVAL)
    sockets = len(studio.page.evaluate("() => window.opened"))
    house.vendors.advance(HELD)
    back = house.kill(victim)
    studio.reaches(*["succeeded"] * 4)
    expect(studio.page.locator("img.picture[data-here]")).to_have_count(4)

    arrived = float(studio.page.evaluate("() => window.arrived"))
    opened = list(studio.page.evaluate("() => window.opened"))[sockets:]
    true = ended(house, job_id)
    possible = max([true, back, *opened[-1:]] if victim == "web" else [true, back])
    print(f"I14 {victim}: true on the page {max(0.0, arrived - possible):.2f} s after it could be")  # noqa: T201

    house.calm()
    studio.run("And it takes orders again")
    studio.reaches(*["succeeded"] * 4)


def ended(house: Product, job_id: str) -> float:
    """When the job's last call ended, by the database (epoch seconds)."""
    engine = create_engine(house.instance().database_url)
    try:
        with engine.connect() as connection:
            query = text(
                "SELECT extract(epoch FROM max(finished_at))::float FROM calls WHERE job_id::text = :job"
            )
            return float(connection.execute(query, {"job": job_id}).scalar_one())
    except OperationalError as error:
        raise AssertionError("the database is not back") from error
    finally:
        engine.dispose()


def test_chips_and_admin_say_how_a_provider_does_without_a_reload(house: Product, tabs: Tabs) -> None:
    studio = enter(house, tabs, ["flux-2-pro"])
    admin = tabs("/admin", beside=studio, of=house)
    chip = studio.page.locator('.chip[data-model="flux-2-pro"]')
    row = admin.page.locator("tr", has_text="Black Forest Labs, simulated")
    house.vendors.arm("flux", "unavailable", where="order")
    for _ in range(5):
        studio.page.get_by_role("button", name="One sample more").click()
    studio.prompt.fill("A provider goes down")
    expect(studio.run_button).to_contain_text("Run 6")
    studio.run("A provider goes down")
    expect(chip).to_contain_text("not answering")
    expect(row).to_contain_text("down")
    assert violations(studio) == []
    assert violations(admin) == []

    expect(row).to_contain_text("it is tried again now")  # its rest is over: nothing but time has passed
    house.vendors.disarm()
    for _ in range(5):
        studio.page.get_by_role("button", name="One sample fewer").click()
    studio.run("Is it there again?")
    studio.reaches("succeeded")
    expect(chip).not_to_contain_text("not answering")
    expect(row).not_to_contain_text("it is tried again")
