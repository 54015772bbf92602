"""A whole run: it ends with everything it started, comes back from crashes, and starts again after them."""

import os
import signal
from pathlib import Path

from runtz_core.supervisor.instance import holder, running
from tests.supervisor.processes import (
    Stub,
    alive,
    family,
    processes_on,
    service_pid,
    sql,
    stub_up,
    wait_until,
)


def test_ctrl_c_ends_every_process_and_leaves_no_note(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stub_up(data) as stub:
        assert set(stub.instance().processes) == {"postgres", "valkey", "worker", "web"}
        everything = family(stub.process.pid)
        assert everything >= processes_on(data)
        assert len(everything) > len(processes_on(data))  # the web server's child holds nothing of ours
        stub.signal(signal.SIGINT)
        assert stub.exit_code() == 0
    assert not [pid for pid in everything if alive(pid)]
    assert processes_on(data) == set()
    assert running(data) is None
    assert not (data / "run" / "instance.json").exists()


def test_kill_9_leaves_nothing_and_the_next_start_has_the_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stub_up(data) as stub:
        sql(stub.instance(), "CREATE TABLE kept AS SELECT 7 AS number")
        everything = family(stub.process.pid)
        stub.signal(signal.SIGKILL)
        stub.exit_code()
        assert running(data) is None
        wait_until(lambda: not any(map(alive, everything)), "the end of every process")
    with stub_up(data) as again:
        assert sql(again.instance(), "SELECT number FROM kept") == [(7,)]


def test_a_start_right_after_kill_9_waits_for_the_old_processes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stub_up(data) as stub:
        sql(stub.instance(), "CREATE TABLE kept AS SELECT 7 AS number")
        stub.signal(signal.SIGKILL)
        stub.exit_code()
    with stub_up(data) as again:
        assert sql(again.instance(), "SELECT number FROM kept") == [(7,)]


def test_after_kill_9_even_a_worker_that_does_not_listen_goes(tmp_path: Path) -> None:
    with stub_up(tmp_path / "data", "0", "--stubborn") as stub:
        everything = family(stub.process.pid)
        stub.signal(signal.SIGKILL)
        stub.exit_code()
        wait_until(lambda: not any(map(alive, everything)), "the end of every process")


def test_a_crashed_service_is_started_again_and_said(tmp_path: Path) -> None:
    with stub_up(tmp_path / "data") as stub:
        worker = service_pid(stub.instance().processes["worker"])
        os.kill(worker, signal.SIGKILL)
        stub.says("worker | ended unexpectedly (code 137)")
        stub.says("worker | is back")
        assert not alive(worker)


def test_a_killed_postgres_is_back_with_its_data(tmp_path: Path) -> None:
    with stub_up(tmp_path / "data") as stub:
        sql(stub.instance(), "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(service_pid(stub.instance().processes["postgres"]), signal.SIGKILL)
        stub.says("postgres | is back")
        assert sql(stub.instance(), "SELECT number FROM kept") == [(7,)]


def test_a_killed_shim_takes_its_service_along_and_comes_back(tmp_path: Path) -> None:
    with stub_up(tmp_path / "data") as stub:
        shim = stub.instance().processes["valkey"]
        valkey = service_pid(shim)
        os.kill(shim, signal.SIGKILL)
        stub.says("valkey | is back")
        wait_until(lambda: not alive(valkey), "the end of the orphan")


def test_a_second_start_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stub_up(data) as stub:
        second = Stub(data)
        assert second.exit_code() == 1
        instance = stub.instance()
        assert f"Already running on {instance.url} (pid {stub.process.pid})" in second.text
        assert holder(data) == stub.process.pid
        assert sql(instance, "SELECT 1") == [(1,)]


def test_a_second_ctrl_c_ends_a_worker_that_does_not_listen(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stub_up(data, "0", "--stubborn") as stub:
        everything = family(stub.process.pid)
        stub.signal(signal.SIGINT)
        stub.says("Ctrl-C again to abandon")
        assert alive(service_pid(stub.instance().processes["worker"]))
        stub.signal(signal.SIGINT)
        assert stub.exit_code() == 0
    assert not [pid for pid in everything if alive(pid)]


def test_a_path_with_spaces_and_one_too_long_for_a_socket(tmp_path: Path) -> None:
    for data in (tmp_path / "two words", tmp_path / ("deep" * 30)):
        with stub_up(data) as stub:
            assert sql(stub.instance(), "SELECT 1") == [(1,)]


def test_a_stop_during_the_start_ends_what_there_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    stub = Stub(data)
    stub.says("making the database")
    stub.signal(signal.SIGINT)
    assert stub.exit_code() == 0
    assert processes_on(data) == set()


def test_a_closed_terminal_ends_everything_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    read, write = os.pipe()
    stub = Stub(data, output=write)
    os.close(write)
    wait_until(lambda: running(data) is not None, "the start", unless=stub.ended)
    everything = family(stub.process.pid)
    os.close(read)
    stub.signal(signal.SIGHUP)
    stub.exit_code()
    assert not [pid for pid in everything if alive(pid)]
