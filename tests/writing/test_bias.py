"""Judges with a bias are muted, honest ones are not: fifty seeds each, by the simulator's own judges."""

import itertools
import random
import statistics

import pytest

from runtz_core.writing.bias import Said, job_agreement, measured, two_sided
from runtz_sim.faults import FaultKind
from runtz_sim.texts import judging

SEEDS = range(50)
SIDES = {"first": "left", "second": "right", "cannot_tell": "tie"}


def verdicts(seed: int, kind: FaultKind | None, *, pictures: int = 10) -> list[Said]:
    """Ten pictures judged in every pair and both orders: ninety verdicts."""
    dice = random.Random(seed)
    made = [(str(one), dice.random(), dice.randint(40, 900)) for one in range(pictures)]
    found = []
    for left in made:
        for right in made:
            if left is right:
                continue
            said = judging.verdict((left[1], right[1]), (left[2], right[2]), kind, dice)
            found.append(
                Said(
                    left=left[0],
                    right=right[0],
                    left_chars=left[2],
                    right_chars=right[2],
                    winner=SIDES[said],
                )
            )
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_judge_that_likes_the_left_is_muted_for_that(seed: int) -> None:
    bias = measured(verdicts(seed, FaultKind.PREFERS_LEFT))
    assert (bias.muted, bias.by_side, bias.left > bias.right) == (True, True, True)
    assert "left picture in both orders" in bias.why


@pytest.mark.parametrize("seed", SEEDS)
def test_a_judge_that_likes_long_prompts_is_muted_for_that(seed: int) -> None:
    bias = measured(verdicts(seed, FaultKind.PREFERS_LENGTH))
    assert (bias.muted, bias.by_length, bias.by_side) == (True, True, False)
    assert "longer prompt won" in bias.why


def test_an_honest_noisy_judge_is_heard() -> None:
    assert [seed for seed in SEEDS if measured(verdicts(seed, None)).muted] == []


def test_an_honest_judge_is_muted_by_chance_at_most_once_in_a_thousand() -> None:
    assert sum(measured(verdicts(seed, None)).muted for seed in range(1000)) <= 1


def test_the_spread_of_agreement_by_chance_is_that_of_all_ways_to_deal_out_lengths() -> None:
    wins = ((0, 1, "left"), (0, 2, "left"), (1, 2, "right"), (3, 0, "tie"), (1, 3, "left"), (2, 3, "left"))
    totals = []
    for lengths in itertools.permutations((10, 20, 30, 40)):
        pairs = [
            [
                Said(
                    left=str(a if there else b),
                    right=str(b if there else a),
                    left_chars=lengths[a if there else b],
                    right_chars=lengths[b if there else a],
                    winner=winner if there or winner == "tie" else {"left": "right", "right": "left"}[winner],
                )
                for there in (True, False)
            ]
            for a, b, winner in wins
        ]
        agreement = job_agreement([(one, other) for one, other in pairs])
        totals.append(agreement.total)
        expected = agreement.variance
    assert sum(totals) == 0
    assert statistics.pvariance(totals) == pytest.approx(expected)


def test_jobs_add_up() -> None:
    biased = [
        Said(
            left=f"{job}-{said.left}",
            right=f"{job}-{said.right}",
            left_chars=said.left_chars,
            right_chars=said.right_chars,
            winner=said.winner,
        )
        for job in range(6)
        for said in verdicts(job, FaultKind.PREFERS_LENGTH, pictures=4)
    ]
    assert not measured(biased[:12]).muted
    assert measured(biased).by_length


def test_few_verdicts_accuse_nobody() -> None:
    assert not measured(verdicts(1, FaultKind.PREFERS_LEFT, pictures=3)).muted
    assert measured([]).why == ""


def test_a_verdict_without_its_other_order_counts_for_nothing() -> None:
    once = [Said(left=str(n), right="x", left_chars=1, right_chars=2, winner="left") for n in range(50)]
    assert (measured(once).pairs, measured(once).muted) == (0, False)


@pytest.mark.parametrize(
    ("times", "of", "chance"),
    [(0, 0, 1.0), (5, 10, 1.0), (0, 10, 2 / 1024), (10, 10, 2 / 1024), (1, 10, 22 / 1024)],
)
def test_the_test_is_exact(times: int, of: int, chance: float) -> None:
    assert two_sided(times, of) == pytest.approx(chance)
