"""How fast one person may go: buckets of tokens, refilled at a steady rate. Kept by each web process for itself."""

import time
from collections import OrderedDict
from collections.abc import Callable

KEPT = 10_000  # people and addresses remembered; whoever is forgotten starts with a full bucket


class Pace:
    """Admits `burst` at once and `per_second` in the long run, for every key on its own."""

    def __init__(self, *, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and as of when

    def admits(self, key: str) -> bool:
        """Whether one more is within the pace of `key`; counts it if so."""
        now = self._clock()
        tokens, then = self._buckets.pop(key, (float(self._burst), now))
        # max: a clock that was set back must not empty anybody's bucket.
        tokens = min(float(self._burst), tokens + max(0.0, now - then) * self._per_second)
        admitted = tokens >= 1.0
        self._buckets[key] = (tokens - 1.0 if admitted else tokens, now)
        while len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        return admitted


class Places:
    """At most `most` at a time for every key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[str, int] = {}

    def take(self, key: str) -> bool:
        """Take a place for `key`, if one is left."""
        if self._taken.get(key, 0) >= self._most:
            return False
        self._taken[key] = self._taken.get(key, 0) + 1
        return True

    def leave(self, key: str) -> None:
        """Give a taken place back."""
        self._taken[key] -= 1
        if not self._taken[key]:
            del self._taken[key]
