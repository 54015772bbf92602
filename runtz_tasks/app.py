"""The Celery application of the worker: configuration, the runner's life, nothing else."""

import logging
from typing import Any

from celery import Celery, signals

from runtz_core import logs
from runtz_core.events import broker_url
from runtz_core.queue import Task, broker_settings
from runtz_core.settings import get_settings
from runtz_tasks.runner import Runner

log = logging.getLogger(__name__)

app = Celery("runtz", broker=broker_url(get_settings()))
app.conf.update(
    broker_settings(),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_max_retries=None,
)

runner = Runner(get_settings())


@app.task(name=Task.RUN_CALLS)
def run_calls(call_ids: list[str]) -> None:
    """Look for work: these calls are due. Which worker takes which is decided by the claim, not by the message."""
    log.debug("woken for %d calls", len(call_ids))
    runner.wake()


@signals.setup_logging.connect
def _log(**_: Any) -> None:
    settings = get_settings()
    logs.set_up(settings.log_format, settings.log_level, process="worker")


@signals.worker_ready.connect
def _ready(**_: Any) -> None:
    runner.start()
    ready = get_settings().data_dir / "run" / "worker.ready"
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.write_text(runner.worker_id)


@signals.worker_shutting_down.connect
def _shutting_down(**_: Any) -> None:
    (get_settings().data_dir / "run" / "worker.ready").unlink(missing_ok=True)


@signals.worker_shutdown.connect
def _shutdown(**_: Any) -> None:
    runner.stop()
