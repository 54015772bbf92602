"""What the keeper check misses on two hundred ideas, and which judges are muted; nothing is started for it."""

import itertools
import random
import sys
from collections.abc import Iterator

from bench.report import Figures, Target, machine, parser, run, show
from runtz_core.providers.registry import all_specs
from runtz_core.writing import idioms, keeper, rules
from runtz_core.writing.bias import Said, measured
from runtz_sim.faults import FaultKind
from runtz_sim.texts import judging, writing
from tests.writing.ideas import IDEAS

SPECS = {idioms.idiom(spec).name: spec for spec in all_specs()}
SIDES = {"first": "left", "second": "right", "cannot_tell": "tie"}
TARGETS = (
    Target(figure="built_in_misses", at_most=0),
    Target(figure="simulated_misses", at_most=0),
    Target(figure="dropped_missed", at_most=0),
    Target(figure="not_restored", at_most=0),
    Target(figure="muted_left", at_least=50),
    Target(figure="muted_length", at_least=50),
    Target(figure="muted_honest", at_most=0),
)


def main() -> None:
    """Ideas through every writer, honest and losing words; then judges, fifty seeds of each kind."""
    options = parser("craft", __doc__ or "")
    options.add_argument("--seeds", type=int, default=50, help="judges of each kind (50)")
    options.add_argument(
        "--honest", type=int, default=3000, help="honest judges for the rate by chance (3000)"
    )
    given = options.parse_args()
    before = machine()
    figures: Figures = {"ideas": len(IDEAS), **_keeper(), **_judges(given.seeds, given.honest), **before}
    show(
        "craft", figures, {"seeds": given.seeds, "honest": given.honest}, targets=TARGETS, as_json=given.json
    )


def _simulated(idea: str, seed: int, *, dropping: bool) -> list[str]:
    models = [{"model": name, "idiom": name, "longest": 2_000} for name in SPECS]
    found = writing.enhanced({"idea": idea, "models": models}, dropping=dropping, dice=random.Random(seed))
    return [found["master"], *(one["prompt"] for one in found["prompts"])]


def _built_in(idea: str) -> Iterator[str]:
    yield rules.master(idea)
    for spec in SPECS.values():
        yield rules.written(idea, idioms.idiom(spec), longest=idioms.longest(spec, ""))


def _keeper() -> Figures:
    found = dict.fromkeys(
        (
            "built_in_rewrites", "built_in_misses", "simulated_rewrites", "simulated_misses", "dropped",
            "dropped_missed", "single", "single_missed", "not_restored",
        ),
        0,
    )  # fmt: skip
    for seed, idea in enumerate(IDEAS):
        for prompt in _built_in(idea):
            found["built_in_rewrites"] += 1
            found["built_in_misses"] += len(keeper.lost(idea, prompt))
        for prompt in _simulated(idea, seed, dropping=False):
            found["simulated_rewrites"] += 1
            found["simulated_misses"] += len(keeper.lost(idea, prompt))
        words = writing.dropped(idea, random.Random(seed))
        for prompt in _simulated(idea, seed, dropping=True):
            missing = keeper.lost(idea, prompt)
            said = " ".join(missing).lower()
            found["dropped"] += len(words)
            found["dropped_missed"] += sum(word not in said for word in words)
            whole = keeper.restored(prompt, missing, longest=2_000)
            found["not_restored"] += len(keeper.lost(idea, whole))
        for word in writing.words_of(idea):
            found["single"] += 1
            found["single_missed"] += not keeper.lost(idea, writing.without(rules.master(idea), [word]))
    return dict(found)


def verdicts(seed: int, kind: FaultKind | None, *, pictures: int = 10) -> Iterator[Said]:
    """Ten pictures in every pair and both orders: ninety verdicts of one simulated judge."""
    dice = random.Random(seed)
    made = [(str(one), dice.random(), dice.randint(40, 900)) for one in range(pictures)]
    for left, right in itertools.product(made, made):
        if left is not right:
            said = judging.verdict((left[1], right[1]), (left[2], right[2]), kind, dice)
            yield Said(
                left=left[0], right=right[0], left_chars=left[2], right_chars=right[2], winner=SIDES[said]
            )


def _judges(seeds: int, honest: int) -> Figures:
    def muted(kind: FaultKind | None, times: int) -> int:
        return sum(measured(verdicts(seed, kind)).muted for seed in range(times))

    return {
        "muted_left": muted(FaultKind.PREFERS_LEFT, seeds),
        "muted_length": muted(FaultKind.PREFERS_LENGTH, seeds),
        "muted_honest": muted(None, seeds),
        "muted_honest_of_many": muted(None, honest),
    }


if __name__ == "__main__":
    sys.exit(run(main))
