"""Whether a judge looks at the pictures at all: exact tests for a liking of one side, and of longer prompts.

Every pair is judged in both orders. An honest judge that changes its mind does so for either side alike, so of the
pairs where both orders named the same side, left and right must balance. And of the pairs with a winner, the one
made from the longer prompt must win about as often as the other, when length says nothing about the picture.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

SIGNIFICANT = 0.001  # an honest judge is muted by chance once in a thousand looks
LEAST = 8  # pairs that say something, before anybody is accused


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One verdict: which pictures stood where, how long their prompts were, which side won ("tie": neither)."""

    left: str
    right: str
    left_chars: int
    right_chars: int
    winner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """What the verdicts of one judge show."""

    pairs: int
    left: int  # pairs where both orders named the left picture
    right: int
    longer: int  # pairs won by the picture with the longer prompt
    shorter: int
    p_side: float  # chance of so uneven a count from an honest judge
    p_length: float

    @property
    def muted(self) -> bool:
        """Whether its verdicts count for nothing."""
        return self.by_side or self.by_length

    @property
    def by_side(self) -> bool:
        """It names one side too often."""
        return self.left + self.right >= LEAST and self.p_side < SIGNIFICANT

    @property
    def by_length(self) -> bool:
        """It names the longer (or the shorter) prompt's picture too often."""
        return self.longer + self.shorter >= LEAST and self.p_length < SIGNIFICANT

    @property
    def why(self) -> str:
        """For a person; "" for a judge that is heard."""
        if self.by_side:
            side, times = ("left", self.left) if self.left > self.right else ("right", self.right)
            return (
                f"it chose the {side} picture in both orders of {times} pairs out of {self.left + self.right}"
            )
        if self.by_length:
            what, times = ("longer", self.longer) if self.longer > self.shorter else ("shorter", self.shorter)
            return f"the {what} prompt won {times} of {self.longer + self.shorter} pairs"
        return ""


def measured(verdicts: Iterable[Said]) -> Bias:
    """Count what one judge's verdicts show. Verdicts whose other order is missing count for nothing."""
    waiting: dict[tuple[str, str], list[Said]] = {}
    pairs: list[tuple[Said, Said]] = []
    for one in verdicts:
        others = waiting.get((one.right, one.left), [])
        if others:
            pairs.append((others.pop(), one))
        else:
            waiting.setdefault((one.left, one.right), []).append(one)
    left = sum(a.winner == b.winner == "left" for a, b in pairs)
    right = sum(a.winner == b.winner == "right" for a, b in pairs)
    longer = shorter = 0
    for pair in pairs:
        net = sum(_longer(one) for one in pair)
        longer += net > 0
        shorter += net < 0
    return Bias(
        pairs=len(pairs),
        left=left,
        right=right,
        longer=longer,
        shorter=shorter,
        p_side=two_sided(left, left + right),
        p_length=two_sided(longer, longer + shorter),
    )


def _longer(said: Said) -> int:
    """1 when the longer prompt's picture won, -1 when the shorter one's did, else 0."""
    if said.winner == "tie" or said.left_chars == said.right_chars:
        return 0
    return 1 if (said.winner == "left") == (said.left_chars > said.right_chars) else -1


def two_sided(times: int, of: int) -> float:
    """The chance of a count at least as far from the middle as `times` in `of` fair throws, exactly."""
    if of == 0:
        return 1.0
    far = min(times, of - times)
    tail = sum(comb(of, k) for k in range(far + 1))
    return float(min(1.0, 2 * tail / 2**of))
