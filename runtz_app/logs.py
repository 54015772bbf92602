"""What the web process writes to its log: times and names, never what a person sent."""

import logging
import re

from runtz_core import logs

# Reflex logs an event it cannot handle with everything in it: prompt, cookies, keys typed into a form.
_EVENT = re.compile(r"(Event\(|Event data: |event data: ).*", re.DOTALL)
_REFLEX_LOGGERS = ("reflex.app", "reflex_base.event.processor.event_processor")


class WithoutEvents(logging.Filter):
    """Cuts the contents of events out of log messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _EVENT.sub(r"\1…", record.getMessage())
        record.args = None
        return True


def set_up(form: logs.Format, level: str) -> None:
    """Log to standard error, which the supervisor collects."""
    logs.set_up(form, level, process="web")
    for name in _REFLEX_LOGGERS:
        logging.getLogger(name).addFilter(WithoutEvents())
