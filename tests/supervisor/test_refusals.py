"""Addresses, ports and notes that are wrong: one sentence, nothing started."""

import fcntl
import json
import socket
from pathlib import Path

import pytest

from runtz_core.settings import Settings
from runtz_core.supervisor import StartRefused, external, ports
from runtz_core.supervisor.installation import embedded_in_thread
from runtz_core.supervisor.instance import held, holder, running
from runtz_core.supervisor.layout import lay_out
from runtz_core.supervisor.up import check_exposure

EVERYWHERE = "0.0.0.0"  # noqa: S104  only compared


@pytest.fixture
def closed_port() -> int:
    """A port at which nobody answers."""
    return ports.any_free()


def test_a_database_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, closed_port: int
) -> None:
    url = f"postgresql://me:secret@127.0.0.1:{closed_port}/runtz"
    settings = Settings(data_dir=tmp_path, database_url=url, _env_file=None)
    with pytest.raises(StartRefused) as refused, embedded_in_thread(settings):
        pass
    assert f"127.0.0.1:{closed_port}" in str(refused.value)
    assert "RUNTZ_DATABASE_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_redis_that_does_not_answer_is_named_without_its_password(closed_port: int) -> None:
    with pytest.raises(StartRefused) as refused:
        external.check_redis(f"redis://me:secret@127.0.0.1:{closed_port}/0")
    assert f"127.0.0.1:{closed_port}" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "nonsense", "postgresql://[", "http://127.0.0.1"])
def test_what_is_no_database_url_is_refused(url: str) -> None:
    with pytest.raises(StartRefused):
        external.check_postgres(url)


@pytest.mark.parametrize("url", ["", "nonsense", "http://127.0.0.1", "redis://127.0.0.1:port"])
def test_what_is_no_redis_url_is_refused(url: str) -> None:
    with pytest.raises(StartRefused):
        external.check_redis(url)


def test_a_taken_port_is_refused_and_by_default_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused, match=f"Port {port} is in use.*--port"):
            ports.choose("127.0.0.1", port)
    assert ports.choose("127.0.0.1", port) == port


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartRefused, match="--host"):
        ports.choose("192.0.2.1", None)


@pytest.mark.parametrize(
    ("host", "public_url", "insecure", "allowed"),
    [
        ("127.0.0.1", None, False, True),
        (EVERYWHERE, None, False, False),
        (EVERYWHERE, "http://pictures.example", False, False),
        (EVERYWHERE, "https://pictures.example", False, True),
        (EVERYWHERE, None, True, True),
        ("127.0.0.1", "ftp://pictures.example", False, False),
    ],
)
def test_others_may_connect_over_https_or_on_insistence(
    host: str, public_url: str | None, insecure: bool, allowed: bool
) -> None:
    settings = Settings(host=host, public_url=public_url, insecure_http=insecure, _env_file=None)
    if allowed:
        check_exposure(settings)
    else:
        with pytest.raises(StartRefused):
            check_exposure(settings)


def test_a_note_without_a_lock_means_nothing_runs(tmp_path: Path) -> None:
    layout = lay_out(tmp_path)
    with held(layout.data):
        assert holder(layout.data) is not None
        assert running(layout.data) is None  # still starting
    (layout.run / "instance.json").write_text(json.dumps({"pid": 1}))
    assert holder(layout.data) is None
    assert running(layout.data) is None


def test_a_held_folder_cannot_be_held_again(tmp_path: Path) -> None:
    layout = lay_out(tmp_path)
    with held(layout.data), pytest.raises(StartRefused, match="Another command is using"), held(layout.data):
        pass


def test_what_an_earlier_run_still_holds_open_is_waited_for(tmp_path: Path) -> None:
    layout = lay_out(tmp_path)
    leftover = (layout.run / "services.lock").open("w")
    fcntl.flock(leftover, fcntl.LOCK_EX)
    waited: list[bool] = []

    def on_wait() -> None:
        waited.append(True)
        leftover.close()

    with held(layout.data, on_wait):
        assert waited == [True]
        with (layout.run / "services.lock").open() as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
