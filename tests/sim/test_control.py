"""The simulator's control, books and links."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.sim import buying
from tests.sim.reading import described
from tests.sim.simulator import Simulator, digest, running


def test_an_armed_fault_strikes_its_model_as_often_as_told(simulator: Simulator, http: httpx.Client) -> None:
    simulator.arm("openai", "server_error", model="gpt-image-2", times=2, after=1)
    assert [buying.sent(http, buying.order("openai")).status_code for _ in range(5)] == [
        200,
        500,
        500,
        200,
        200,
    ]
    simulator.arm("openai", "server_error", model="dall-e-3")
    assert buying.sent(http, buying.order("openai")).status_code == 200
    assert buying.sent(http, buying.order("openai", linked=True)).status_code == 500


def test_a_withdrawn_fault_strikes_no_more(simulator: Simulator, http: httpx.Client) -> None:
    fault_id = simulator.arm("flux", "unavailable")
    assert buying.sent(http, buying.order("flux")).status_code == 503
    simulator.withdraw(fault_id)
    assert buying.sent(http, buying.order("flux")).status_code == 200


def test_chance_strikes_some_and_not_all(simulator: Simulator, http: httpx.Client) -> None:
    simulator.seed(1)
    simulator.arm("compatible", "server_error", chance=0.5)
    statuses = [buying.sent(http, buying.order("compatible")).status_code for _ in range(20)]
    assert set(statuses) == {200, 500}


@pytest.mark.parametrize(
    "body",
    [
        {"vendor": "nobody", "kind": "auth"},
        {"vendor": "openai", "kind": "a_flood"},
        {"vendor": "openai", "kind": "task_not_found"},
        {"vendor": "flux", "kind": "bad_base64"},
        {"vendor": "gemini", "kind": "expired_link"},
        {"vendor": "openai", "kind": "auth", "where": "poll"},
        {"vendor": "openai", "kind": "auth", "where": "moon"},
        {"vendor": "openai", "kind": "auth", "times": "often"},
    ],
)
def test_what_a_vendor_cannot_do_wrong_is_refused_in_words(http: httpx.Client, body: dict[str, str]) -> None:
    answer = http.post("/control/faults", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("latency", b'{"seconds": "soon"}'),
        ("clock", b"{}"),
        ("seed", b"[]"),
        ("links", b"not json"),
        ("drawing", b'{"fast": 1}'),
    ],
)
def test_control_refuses_what_it_cannot_read(http: httpx.Client, path: str, body: bytes) -> None:
    assert http.post(f"/control/{path}", content=body).status_code == 422


def test_the_books_hold_every_order_and_no_secret(simulator: Simulator, http: httpx.Client) -> None:
    simulator.arm("flux", "quota", times=1)
    for vendor in ("openai", "flux", "flux"):
        buying.sent(http, buying.order(vendor))
    buying.sent(http, buying.free("flux"))
    openai, refused, flux = simulator.calls()
    assert (openai["vendor"], openai["model"], openai["outcome"]) == ("openai", "gpt-image-2", "answered")
    assert (refused["outcome"], refused["status"], refused["billed"]) == ("refused:quota", 402, False)
    assert (flux["outcome"], flux["billed"]) == ("answered", True)
    assert {call["prompt_digest"] for call in simulator.calls()} == {digest(buying.PROMPT)}
    assert {call["key_tail"] for call in simulator.calls()} == {"ated"}
    assert [call["vendor"] for call in simulator.calls("flux")] == ["flux", "flux"]


def test_an_answer_lost_on_the_way_was_sold(simulator: Simulator, http: httpx.Client) -> None:
    simulator.arm("openai", "reset")
    with pytest.raises(httpx.ReadError):
        buying.sent(http, buying.order("openai"))
    (call,) = simulator.calls()
    assert (call["outcome"], call["billed"]) == ("fault:reset", True)


def test_an_order_is_in_the_books_while_it_is_still_being_made(
    simulator: Simulator, http: httpx.Client
) -> None:
    simulator.latency(600, "gemini")
    http.timeout = httpx.Timeout(20, read=0.2)
    with pytest.raises(httpx.ReadTimeout):
        buying.sent(http, buying.order("gemini"))
    assert [call["outcome"] for call in simulator.calls()] == ["open"]
    assert simulator.stats()["in_flight"] == 1


def test_an_order_from_before_a_clearing_leaves_the_new_books_alone(
    simulator: Simulator, http: httpx.Client
) -> None:
    buying.sent(http, buying.order("openai"))
    (old,) = simulator.calls()
    simulator.reset()
    buying.sent(http, buying.order("openai"))
    (new,) = simulator.calls()
    assert new["call_id"] > old["call_id"]


def test_a_web_page_cannot_reach_control(simulator: Simulator, http: httpx.Client) -> None:
    body = {"vendor": "openai", "kind": "auth"}
    answer = http.post("/control/faults", json=body, headers={"origin": "https://example.com"})
    assert answer.status_code == 403
    assert buying.sent(http, buying.order("openai")).status_code == 200


def test_statistics_count_pictures_and_their_cpu(simulator: Simulator, http: httpx.Client) -> None:
    buying.sent(http, buying.order("openai", stream=True))
    buying.sent(http, buying.picture("flux", http))
    found = simulator.stats()
    assert (found["pictures"], found["previews"]) == (2, 1)
    assert found["cpu_seconds"] > 0
    assert found["models"] == {"openai/gpt-image-2": 1, "flux/flux-2-pro": 1}
    assert found["requests"]["flux/order"] == found["requests"]["flux/picture"] == 1


def test_seeded_dice_repeat_the_pictures_nobody_seeded(simulator: Simulator, http: httpx.Client) -> None:
    bodies = []
    for seed in (7, 7, 8):
        simulator.seed(seed)
        bodies.append(buying.sent(http, buying.order("openai")).json()["data"])
    assert bodies[0] == bodies[1] != bodies[2]


@pytest.mark.parametrize(("vendor", "lives"), [("flux", 600), ("ideogram", 86_400), ("openai", 3_600)])
def test_a_link_lives_as_long_as_the_vendors(
    simulator: Simulator, http: httpx.Client, vendor: str, lives: int
) -> None:
    request = buying.picture(vendor, http)
    simulator.advance(lives - 60)
    assert buying.sent(http, request).status_code == 200
    simulator.advance(61)
    gone = buying.sent(http, request)
    assert gone.status_code == 403
    assert b"AuthenticationFailed" in gone.content


def test_a_link_may_be_dead_on_arrival_and_a_new_one_alive(simulator: Simulator, http: httpx.Client) -> None:
    simulator.link_lifetime(0, "flux")
    accepted = buying.sent(http, buying.order("flux")).json()
    dead = buying.link("flux", buying.finished("flux", http, accepted))
    simulator.link_lifetime(None, "flux")
    fresh = buying.link("flux", buying.finished("flux", http, accepted))
    assert [http.get(link).status_code for link in (dead, fresh)] == [403, 200]


@pytest.mark.parametrize("change", ["sig=0", "exp=9999999999", "exp=soon"])
def test_a_forged_link_is_refused(simulator: Simulator, http: httpx.Client, change: str) -> None:
    link = str(buying.picture("flux", http).url)
    name = change.split("=")[0]
    kept = [part for part in urlsplit(link).query.split("&") if not part.startswith(name)]
    assert http.get(f"{link.split('?')[0]}?{'&'.join([*kept, change])}").status_code == 403


def test_tasks_and_links_outlive_a_restart_that_keeps_its_state(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state.db"))
    with running(*state) as before, httpx.Client(base_url=before.url, trust_env=False) as http:
        link = urlsplit(str(buying.picture("flux", http).url))
        accepted = buying.sent(http, buying.order("flux")).json()
        poll = urlsplit(accepted["polling_url"])
        first = http.get(f"{link.path}?{link.query}").content
    with running(*state) as after, httpx.Client(base_url=after.url, trust_env=False) as http:
        assert http.get(f"{link.path}?{link.query}").content == first
        done = buying.finished("flux", http, {"polling_url": f"{poll.path}?{poll.query}"})
        assert described(http.get(buying.link("flux", done)).content) == ("JPEG", (128, 128))


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runtz_sim", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com"])  # noqa: S104 - it must be refused
def test_it_answers_on_this_machine_only(host: str) -> None:
    ended = started("--host", host)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "no loopback address" in ended.stderr


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = started("--port", str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_ends_with_all_its_processes(number: signal.Signals) -> None:
    with running() as simulator, httpx.Client(base_url=simulator.url, trust_env=False) as http:
        buying.sent(http, buying.order("openai"))
        family = psutil.Process(simulator.process.pid).children(recursive=True)
        assert family
        simulator.process.send_signal(number)
        simulator.process.wait(timeout=20)
        _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    assert simulator.process.returncode == (-signal.SIGKILL if number is signal.SIGKILL else 0)
