"""On the path of a worker whose machine has the wrong time: moves what it reads of the clock by so many seconds."""

import datetime
import os
import time

_OFF = float(os.environ.get("RUNTZ_TEST_CLOCK", "0"))
_time, _datetime = time.time, datetime.datetime


class _Wrong(_datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """The wrong time."""
        return _datetime.now(tz) + datetime.timedelta(seconds=_OFF)


if _OFF:
    time.time = lambda: _time() + _OFF
    datetime.datetime = _Wrong  # type: ignore[misc]
