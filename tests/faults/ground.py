"""Databases of one's own to pull the plug on: a Redis that can die, hang and come back, and a Postgres to shoot at."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from redis import Redis, RedisError
from sqlalchemy import Engine, make_url

from runtz_core.supervisor import binaries
from runtz_core.supervisor.installation import Installation
from tests.tasks.conftest import until


class OwnRedis:
    """One server on a unix socket, without persistence: when it dies, everything in it is gone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "save": "",
            "appendonly": "no",
            "dir": str(self._folder),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        log = (self._folder / "redis.log").open("ab")
        self._process = subprocess.Popen([str(binaries.valkey_server()), *words], stdout=log, stderr=log)
        log.close()
        until(self.answers, "Redis answers")

    def answers(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=5)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def hang(self) -> None:
        """Alive to the system, silent to everybody: a half-open connection."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.go_on()
            self.kill()


@contextmanager
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    """A running server, gone afterwards whatever was done to it."""
    redis = OwnRedis(folder)
    try:
        redis.start()
        yield redis
    finally:
        redis.close()


def superuser(engine: Engine) -> psycopg.Connection:
    """A connection that may end those of others, on the database of `engine`."""
    url = make_url(engine.url)
    return psycopg.connect(
        host=str(url.query["host"]), user="postgres", dbname=url.database, autocommit=True, connect_timeout=5
    )


def terminate_all(engine: Engine) -> int:
    """End every connection to this database but our own, as an administrator or a failover does."""
    with superuser(engine) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(ended[0]) if ended else 0


def kill_postgres(installation: Installation) -> None:
    """SIGKILL to the server itself; the supervisor brings it back."""
    shim = installation.supervisor.processes()["postgres"]
    children = Path(f"/proc/{shim}/task/{shim}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
