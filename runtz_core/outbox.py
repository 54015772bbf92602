"""News for Redis that nobody waits for twice: while Redis is away it is kept, and said once it answers again."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer

log = logging.getLogger(__name__)

ASK_EVERY = 0.5  # seconds between two questions whether Redis is back
MOST_KEPT = 20_000  # pieces of news; beyond, the oldest are forgotten, which costs a page its next look

Piece = tuple[str, str]  # channel, message


class Outbox:
    """One per process. The first caller to find Redis away waits for it; all others go on at once until it is back."""

    def __init__(self, client: Callable[[], Redis], *, ask_every: float = ASK_EVERY) -> None:
        self._client = client
        self._ask_every = ask_every
        self._lock = threading.Lock()
        self._kept: dict[Piece, None] = {}
        self._asking: threading.Thread | None = None

    @property
    def away(self) -> bool:
        """Whether Redis did not answer when it was asked last."""
        return self._asking is not None

    def say(self, channel: str, message: str) -> None:
        """Publish at once, or as soon as Redis answers again; the same news is kept once."""
        if not self.away:
            try:
                self._client().publish(channel, message)
            except (NotConnected, NoAnswer, OSError) as problem:
                self.note_away(problem)
            else:
                return
        with self._lock:
            self._kept[channel, message] = None
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._ask()

    @contextmanager
    def line(self) -> Iterator[Redis]:
        """The connection, for what is not worth waiting for. Raises RedisError, at once while Redis is away."""
        if self.away:
            raise NotConnected("Redis did not answer a moment ago")
        try:
            yield self._client()
        except (NotConnected, NoAnswer) as problem:
            self.note_away(problem)
            raise

    def note_away(self, problem: BaseException) -> None:
        """Somebody found that Redis does not answer: nobody else needs to wait for it."""
        with self._lock:
            if self._asking is None:
                log.warning("Redis does not answer (%s): news waits until it does", type(problem).__name__)
            self._ask()

    def _ask(self) -> None:
        if self._asking is None:
            self._asking = threading.Thread(target=self._catch_up, name="outbox", daemon=True)
            self._asking.start()

    def _catch_up(self) -> None:
        """Ask until Redis answers, say what was kept, and end; what comes in meanwhile is said too."""
        pause = threading.Event()
        while True:
            with self._lock:
                kept = list(self._kept)
            try:
                self._client().ping()
                for piece in kept:
                    self._client().publish(*piece)
                    with self._lock:
                        self._kept.pop(piece, None)
            except (RedisError, OSError):
                pause.wait(self._ask_every)
                continue
            with self._lock:
                if not self._kept:
                    self._asking = None
                    break
        log.warning("Redis answers again; %d pieces of news were said late", len(kept))
