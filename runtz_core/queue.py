"""Sending work to the worker: the one place that knows Celery. A message carries ids and may be lost (D3)."""

from contextlib import suppress
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from celery import Celery
from kombu.exceptions import OperationalError
from sqlmodel import Session

from runtz_core.db import after_commit
from runtz_core.events import broker_url, outbox
from runtz_core.settings import get_settings

SendError = OperationalError  # the broker is away


class Task(StrEnum):
    """Every message there is. A test holds this against what the worker registers."""

    RUN_CALLS = "runtz.run_calls"


@cache
def sender() -> Celery:
    """A Celery client that only sends; it knows tasks by name, not by import."""
    app = Celery("runtz", broker=broker_url(get_settings()), set_as_current=False)
    app.conf.update(broker_settings())
    return app


def broker_settings() -> dict[str, Any]:
    """What client and worker must agree on."""
    return {
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "visibility_timeout": 3600,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_timeout": 5,
            "socket_connect_timeout": 5,
            "max_connections": 50,
        },
        "task_publish_retry": False,
    }


def send(task: Task, call_ids: list[UUID]) -> None:
    """Send at once. Raises SendError when the broker is away; the dispatcher sends again later.

    Broker and news share one Redis: when it did not answer a moment ago, this does not wait for it again.
    """
    if outbox.away:
        raise SendError("Redis did not answer a moment ago")
    try:
        sender().send_task(task, args=([str(call_id) for call_id in call_ids],), ignore_result=True)
    except SendError as problem:
        outbox.note_away(problem)
        raise


def send_after_commit(session: Session, task: Task, call_ids: list[UUID]) -> None:
    """Send once the transaction is durable. A message that cannot be sent is sent by the dispatcher later."""

    def effect() -> None:
        with suppress(SendError):
            send(task, call_ids)

    after_commit(session, effect)
