"""What monitors are told: alive, ready and why not, figures for whom they are for, and nothing of anybody's."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlmodel import Session

from runtz_app.api import health, metrics
from runtz_app.api.routes import api
from runtz_core import events
from runtz_core.failures import FailureKind
from runtz_core.flow.models import Lane
from runtz_core.images.intake import get_store
from runtz_core.jobs import work
from runtz_core.settings import get_settings
from tests.app.client import client
from tests.conftest import forget_configuration
from tests.core.conftest import Submit, simulated, submit

__all__ = ["client", "simulated", "submit"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    health._last = metrics._counted = None


@pytest.fixture
def working(session: Session) -> None:
    """A worker that has just given a sign."""
    session.execute(text("INSERT INTO workers (id) VALUES ('w')"))
    session.commit()


async def parts(client: httpx.AsyncClient) -> tuple[int, dict[str, str]]:
    health._last = None
    answer = await client.get("/ready")
    found: dict[str, str] = answer.json()
    return answer.status_code, found


async def test_everything_there_is_ready(client: httpx.AsyncClient, working: None) -> None:
    assert await parts(client) == (
        200,
        {"status": "ready", "database": "ok", "redis": "ok", "worker": "ok", "disk": "ok"},
    )


async def test_without_a_worker_it_is_not_ready(client: httpx.AsyncClient, session: Session) -> None:
    assert (await parts(client))[1]["worker"] == "away"
    session.execute(text("INSERT INTO workers (id, seen_at) VALUES ('w', now() - interval '1 hour')"))
    session.commit()
    status, found = await parts(client)
    assert (status, found["worker"], found["database"]) == (503, "away", "ok")


async def test_a_full_disk_is_red(
    client: httpx.AsyncClient, working: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_LIMITS__DISK_FREE", str(2**62))
    get_settings.cache_clear()
    status, found = await parts(client)
    assert (status, found["disk"], found["database"]) == (503, "away", "ok")


async def test_a_folder_that_takes_no_pictures_is_red(
    client: httpx.AsyncClient, working: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("RUNTZ_IMAGES_DIR", str(tmp_path / "file"))
    get_settings.cache_clear()
    get_store.cache_clear()
    status, found = await parts(client)
    assert (status, found["disk"]) == (503, "away")


async def test_a_redis_that_is_gone_is_red(
    client: httpx.AsyncClient, working: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_REDIS_URL", "redis://127.0.0.1:9")
    get_settings.cache_clear()
    events.hints.cache_clear()
    status, found = await parts(client)
    assert (status, found["redis"], found["worker"]) == (503, "away", "ok")


async def test_a_database_that_is_gone_is_red_and_the_process_is_alive(
    client: httpx.AsyncClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.close()
    monkeypatch.setenv("RUNTZ_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    forget_configuration()
    status, found = await parts(client)
    assert (status, found["database"], found["worker"], found["redis"]) == (503, "away", "away", "ok")
    assert (await client.get("/health")).status_code == 200


def asking_from(address: str, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=api, client=(address, 999))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:3000", headers=headers)


async def test_figures_are_for_this_machine_alone(client: httpx.AsyncClient) -> None:
    for address in ("127.0.0.1", "::1"):
        async with asking_from(address) as near:
            assert (await near.get("/metrics")).status_code == 200
    for address in ("10.0.0.1", "203.0.113.7", "nonsense"):
        async with asking_from(address) as far:
            assert (await far.get("/metrics")).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"])
async def test_what_a_proxy_passes_on_is_not_this_machine(client: httpx.AsyncClient, header: str) -> None:
    async with asking_from("127.0.0.1", **{header: "127.0.0.1"}) as passed_on:
        assert (await passed_on.get("/metrics")).status_code == 404


async def test_behind_a_public_address_and_with_a_token_only_the_token_opens(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_PUBLIC_URL", "https://pictures.example.com")
    get_settings.cache_clear()
    async with asking_from("127.0.0.1") as near:
        assert (await near.get("/metrics")).status_code == 404
    monkeypatch.setenv("RUNTZ_METRICS_TOKEN", "let-me-count")
    get_settings.cache_clear()
    for header, status in (
        ("Bearer let-me-count", 200),
        ("Bearer let-me-coun", 404),
        ("let-me-count", 404),
        ("", 404),
    ):
        async with asking_from("203.0.113.7", Authorization=header) as far:
            assert (await far.get("/metrics")).status_code == status
    async with asking_from("127.0.0.1") as near:
        assert (await near.get("/metrics")).status_code == 404


async def test_figures_say_what_the_books_say_and_name_nobody(
    client: httpx.AsyncClient, session: Session, person: UUID, submit: Submit, working: None
) -> None:
    submit(prompt="canaryprompt")
    claims = work.claim(session, worker="w", capacity=2, limits={}, lease=60)
    work.fail(session, claims[0], FailureKind.CONTENT_BLOCKED)
    session.add(Lane(lane="flux/simulated", room=3, latency=1.5))
    session.commit()
    async with asking_from("127.0.0.1") as near:
        answer = (await near.get("/metrics")).text
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer)
        for sample in family.samples
    }
    held = session.execute(text("SELECT sum(balance) FROM accounts WHERE kind = 'held'")).scalar_one()
    assert found["runtz_jobs_total",] == 1
    assert found["runtz_credits_held",] == held > 0
    assert found["runtz_calls_total", "content_blocked", "generate", claims[0].provider] == 1
    assert found["runtz_call_seconds_bucket", "+Inf", "content_blocked", "generate", claims[0].provider] == 1
    assert found["runtz_calls_running", claims[1].provider] == 1
    assert sum(value for (name, *_), value in found.items() if name == "runtz_calls_waiting") == 2
    assert found["runtz_queue_age_seconds",] > 0
    assert found["runtz_workers",] == 1
    assert found["runtz_lane_breaker", "flux/simulated"] == 0
    assert found["runtz_lane_room", "flux/simulated"] == 3
    assert found["runtz_disk_free_bytes",] > 0
    assert ("process_resident_memory_bytes",) in found
    assert "canaryprompt" not in answer
    assert str(person) not in answer
