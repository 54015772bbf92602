"""Whether a judge looks at the pictures at all: exact tests for a liking of one side, and of longer prompts.

Every pair is judged in both orders. An honest judge that changes its mind does so for either side alike, so of the
pairs where both orders named the same side, left and right must balance: a fair coin, tested exactly.

And of the pairs with a winner, the one made from the longer prompt must win about as often as the other, when length
says nothing about the picture. Those pairs are no coins: a picture that is good wins many of them at once, and its
prompt is as long in each. So wins and lengths are compared as two rankings of one job's pictures (Kendall's tau, with
the variance it has when lengths are dealt out at random; Daniels 1944), and jobs are added up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import comb, erfc, sqrt

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
        p_length=_p_length([job_agreement(own) for own in _jobs(pairs)]),
    )


def _longer(said: Said) -> int:
    """1 when the longer prompt's picture won, -1 when the shorter one's did, else 0."""
    if said.winner == "tie" or said.left_chars == said.right_chars:
        return 0
    return 1 if (said.winner == "left") == (said.left_chars > said.right_chars) else -1


Pair = tuple[Said, Said]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How wins and lengths of one job's pictures agree: the sum over pairs, and its variance if by chance."""

    total: float
    variance: float


def _jobs(pairs: list[Pair]) -> list[list[Pair]]:
    """Pairs that hang together by their pictures; pictures are only compared within a job."""
    group: dict[str, str] = {}

    def root(picture: str) -> str:
        while (above := group.setdefault(picture, picture)) != picture:
            picture = above
        return picture

    for one, _ in pairs:
        group[root(one.left)] = root(one.right)
    jobs: dict[str, list[Pair]] = {}
    for pair in pairs:
        jobs.setdefault(root(pair[0].left), []).append(pair)
    return list(jobs.values())


def job_agreement(pairs: list[Pair]) -> Agreement:
    """How one job's verdicts, as pairs of both orders, agree with the lengths of its prompts."""
    chars: dict[str, int] = {}
    wins: dict[tuple[str, str], int] = {}
    for pair in pairs:
        for said in pair:
            chars[said.left], chars[said.right] = said.left_chars, said.right_chars
            won = {"left": 1, "right": -1}.get(said.winner, 0)
            wins[said.left, said.right] = wins.get((said.left, said.right), 0) + won
            wins[said.right, said.left] = wins.get((said.right, said.left), 0) - won
    sign = {pair: (won > 0) - (won < 0) for pair, won in wins.items()}
    names = list(chars)
    by_length = {
        (a, b): (chars[a] > chars[b]) - (chars[a] < chars[b]) for a in names for b in names if a != b
    }
    total = sum(sign.get((a, b), 0) * by_length[a, b] for a, b in combinations(names, 2))
    return Agreement(total, _variance(sign, by_length, names))


def _variance(
    first: dict[tuple[str, str], int], second: dict[tuple[str, str], int], names: list[str]
) -> float:
    """Of the sum over pairs of the products of two antisymmetric scores, one of them dealt out at random."""
    n = len(names)

    def sums(scores: dict[tuple[str, str], int]) -> tuple[int, int]:
        squares = sum(score * score for score in scores.values())
        rows = sum(sum(scores.get((a, b), 0) for b in names if b != a) ** 2 for a in names)
        return rows - squares, squares

    (rows_a, squares_a), (rows_b, squares_b) = sums(first), sums(second)
    both = 2 * squares_a * squares_b / (n * (n - 1))
    if n > 2:
        both += 4 * rows_a * rows_b / (n * (n - 1) * (n - 2))
    return both / 4  # the sum above takes each pair once, the formula twice


def _p_length(jobs: list[Agreement]) -> float:
    """The chance of so much agreement over all jobs, by the normal curve."""
    variance = sum(one.variance for one in jobs)
    if variance == 0:
        return 1.0
    return erfc(abs(sum(one.total for one in jobs)) / sqrt(2 * variance))


def two_sided(times: int, of: int) -> float:
    """The chance of a count at least as far from the middle as `times` in `of` fair throws, exactly."""
    if of == 0:
        return 1.0
    far = min(times, of - times)
    tail = sum(comb(of, k) for k in range(far + 1))
    return float(min(1.0, 2 * tail / 2**of))
