"""Addresses, ports and notes that are wrong: one sentence, nothing started."""

import fcntl
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads, prepare_accept_content

from runtz_core import queue
from runtz_core.settings import Settings
from runtz_core.supervisor import StartRefused, binaries, external, ports
from runtz_core.supervisor.installation import embedded_in_thread
from runtz_core.supervisor.instance import held, holder, running
from runtz_core.supervisor.layout import lay_out
from runtz_core.supervisor.up import check_exposure
from tests.supervisor.processes import wait_until

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


@contextmanager
def foreign_redis(folder: Path, port: int, *options: str) -> Iterator[str]:
    """A server of somebody else's; yields its host and port."""
    log = folder / "valkey.log"
    words = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
    command = [str(binaries.valkey_server()), *words, "--logfile", str(log), *options]
    with subprocess.Popen(command) as server:
        wait_until(lambda: log.is_file() and "Ready to accept" in log.read_text(), "the server answers")
        yield f"127.0.0.1:{port}"
        server.terminate()


def test_a_redis_that_lets_in_anybody_is_refused(tmp_path: Path, closed_port: int) -> None:
    with foreign_redis(tmp_path, closed_port) as where:
        with pytest.raises(StartRefused, match="answers without a password") as refused:
            external.check_redis(f"redis://{where}/0")
        assert where in str(refused.value)
        settings = Settings(data_dir=tmp_path / "data", redis_url=f"redis://{where}/0", _env_file=None)
        with pytest.raises(StartRefused, match="answers without a password"), embedded_in_thread(settings):
            pass


def test_a_redis_with_a_password_is_used_with_it_only(tmp_path: Path, closed_port: int) -> None:
    with foreign_redis(tmp_path, closed_port, "--requirepass", "kept-to-ourselves") as where:
        external.check_redis(f"redis://:kept-to-ourselves@{where}/0")
        external.check_redis(f"redis://default:kept-to-ourselves@{where}/0")
        for url in (f"redis://{where}/0", f"redis://:mistyped@{where}/0"):
            with pytest.raises(StartRefused, match="refused the user or password") as refused:
                external.check_redis(url)
            assert "mistyped" not in str(refused.value)


def test_the_worker_reads_nothing_but_json() -> None:
    agreed = queue.broker_settings()
    assert (agreed["task_serializer"], agreed["accept_content"]) == ("json", ["json"])
    accepted = prepare_accept_content(agreed["accept_content"])
    assert loads(b"[1]", "application/json", "utf-8", accept=accepted) == [1]
    for kind in ("application/x-python-serialize", "application/x-yaml", "application/x-msgpack"):
        with pytest.raises(ContentDisallowed):
            loads(b"\x80\x04N.", kind, "binary", accept=accepted)


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
