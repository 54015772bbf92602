"""The vendors' books: every paid order received, so that a test can prove nothing was bought twice."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace

KEPT_CALLS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One paid order as the vendor saw it."""

    call_id: int
    vendor: str
    model: str
    prompt_digest: str  # first 16 hex digits of the prompt's sha256
    key_tail: str  # last four characters of the key
    at: float  # unix seconds on the simulator's clock
    outcome: str = "open"  # then "answered", "refused:<why>" or "fault:<kind>"
    status: int | None = None  # of the answer; None while open or when there was none
    billed: bool = False  # a real vendor would have charged for it


def digest(prompt: str) -> str:
    """How the books name a prompt without telling it."""
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Ledger:
    """Calls and counters. One per simulator."""

    def __init__(self) -> None:
        self._last_id = (
            0  # never starts again: an order from before a clearing must not close a later one's call
        )
        self.clear()

    def clear(self) -> None:
        """Forget calls and counts."""
        self.clear_calls()
        self.clear_counts()

    def clear_calls(self) -> None:
        """Forget the orders."""
        self._calls: dict[int, Call] = {}

    def clear_counts(self) -> None:
        """Set the counters to zero."""
        self.requests: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.in_flight = 0
        self.in_flight_peak = 0

    @property
    def calls(self) -> list[Call]:
        """The orders received, oldest first."""
        return list(self._calls.values())

    def open(self, *, vendor: str, model: str, prompt: str, key: str, at: float) -> int:
        """Write an order down; returns the id that closes it."""
        self._last_id += 1
        self._calls[self._last_id] = Call(
            call_id=self._last_id,
            vendor=vendor,
            model=model,
            prompt_digest=digest(prompt),
            key_tail=key[-4:],
            at=at,
        )
        if len(self._calls) > KEPT_CALLS:
            del self._calls[next(iter(self._calls))]
        self.models[f"{vendor}/{model}"] += 1
        return self._last_id

    def close(self, call_id: int, *, outcome: str, status: int | None, billed: bool) -> None:
        """Write down how it ended. Unknown ids (cleared meanwhile) are let go."""
        if call_id in self._calls:
            self._calls[call_id] = replace(
                self._calls[call_id], outcome=outcome, status=status, billed=billed
            )

    def arrive(self) -> None:
        """Count an order in flight."""
        self.in_flight += 1
        self.in_flight_peak = max(self.in_flight_peak, self.in_flight)

    def leave(self) -> None:
        """Count it out again."""
        self.in_flight = max(0, self.in_flight - 1)
