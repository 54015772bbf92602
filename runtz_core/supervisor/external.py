"""Databases somebody else runs: do they answer, and how do we name them without their password."""

from urllib.parse import urlsplit

from runtz_core.settings import postgres_url
from runtz_core.supervisor import StartRefused

ANSWER_SECONDS = 5


def where(url: str) -> str:
    """Host and port of `url`, never its user or password."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or parts.path or "?"
    except ValueError:
        return "(not a URL)"


def check_postgres(url: str, setting: str = "RUNTZ_DATABASE_URL") -> None:
    """Raises StartRefused unless the server answers within 5 seconds."""
    import psycopg

    try:
        psycopg.connect(postgres_url(url), connect_timeout=ANSWER_SECONDS).close()
    except (psycopg.Error, ValueError) as error:
        raise _silent("Postgres", url, setting, error) from None


def check_redis(url: str, setting: str = "RUNTZ_REDIS_URL") -> None:
    """Raises StartRefused unless the server answers within 5 seconds, and to nobody without a password."""
    import redis

    try:
        _ping_redis(url)
    except (redis.RedisError, OSError, ValueError) as error:
        raise _silent("Redis", url, setting, error) from None
    if urlsplit(url).scheme == "unix":
        return  # whoever may open the socket's folder is let in
    try:
        _ping_redis(_without_password(url))
    except (redis.RedisError, OSError):
        return
    raise StartRefused(
        f"Redis at {where(url)} answers without a password, and whoever can write to it can run code here. "
        f"Give it one (requirepass, or an ACL user with `default` switched off) and name it in {setting}; "
        f"without {setting} the one in the box is used."
    )


def _ping_redis(url: str) -> None:
    import redis

    client = redis.from_url(url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS)
    with client:
        client.ping()


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _silent(what: str, url: str, setting: str, error: Exception) -> StartRefused:
    reason = "it refused the user or password" if _authentication(error) else "it did not answer"
    return StartRefused(
        f"{what} at {where(url)} cannot be used: {reason}. Start it or correct {setting}; "
        f"without {setting} the one in the box is used."
    )


def _authentication(error: Exception) -> bool:
    text = str(error).lower()
    return any(sign in text for sign in ("password", "authentication", "noauth", "wrongpass", "role "))
