"""Named places at which a test may pull the plug on this process; in every normal run they are an empty function.

`RUNTZ_CRASH=after_rename` in the environment ends the process by SIGKILL, without any goodbye, the first time it
passes that place; `RUNTZ_CRASH=after_rename:3` the third time.
"""

import os
import signal
import threading
from collections.abc import Callable

# Every place there is, in the order a call passes them. A test holds this list against the code.
POINTS = (
    "claim",  # the claim is written and not yet committed
    "claimed",  # the claim is durable, nothing else has happened
    "intend",  # the intent is written and not yet committed
    "intended",  # the intent is durable, nothing was sent
    "sent",  # the whole request is on the wire
    "answered",  # the vendor has answered, nothing of it is written down
    "accepted",  # the vendor's reference is durable
    "received",  # the picture's bytes are here, in memory only
    "after_write",  # they are in a file of a temporary name
    "after_fsync",  # … which is safe on disk
    "after_rename",  # … under its final name
    "stored",  # the folders are safe too; no row knows of the picture
    "settle",  # row, charge and end are written and not yet committed
    "settled",  # … committed, and nobody was told
    "published",  # pages were told
    "setback",  # an attempt's failure is written and not yet committed
    "reap",  # a dead worker's calls are ended and that is not yet committed
)

_VARIABLE = "RUNTZ_CRASH"


def _armed(wanted: str) -> Callable[[str], None]:
    name, _, count = wanted.partition(":")
    if name not in POINTS:
        raise ValueError(f"{_VARIABLE} names no crash point: {name!r}")
    left = int(count or 1)
    lock = threading.Lock()

    def crashpoint(passed: str) -> None:
        nonlocal left
        if passed != name:
            return
        with lock:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return crashpoint


def _nothing(passed: str) -> None:
    """What a crash point is in every normal run."""


crashpoint: Callable[[str], None] = _armed(os.environ[_VARIABLE]) if os.environ.get(_VARIABLE) else _nothing
