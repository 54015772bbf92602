"""The keeper check: what survives a rewrite, what does not, and how it is put back."""

import random

import pytest

from runtz_core.providers.registry import all_specs
from runtz_core.writing import idioms, keeper, rules
from runtz_sim.texts import writing
from tests.writing.ideas import IDEAS

SPECS = {idioms.idiom(spec).name: spec for spec in all_specs()}


def test_there_are_two_hundred_different_ideas() -> None:
    assert len(set(IDEAS)) == 200


@pytest.mark.parametrize(
    ("idea", "rewrite", "lost"),
    [
        ("two candles", "Two tall candles burn.", []),
        ("two candles", "A pair of flames.", ["two candles"]),
        ("a table with two candles", "A table with candles.", ["two candles"]),
        ("a table with two candles", "A table with 2 candles.", []),
        ("three wolves running", "3 wolves run", []),
        ("children at play", "a child playing", []),
        ("a grey horse", "the gray horses", []),
        ('a sign "OPEN"', "a sign saying OPEN", []),
        ('a sign "OPEN"', "a sign saying Open", ['"OPEN"']),
        ("Ada Lovelace in London", "a woman in London", ["Ada Lovelace"]),
        ("no people on a beach", "a beach", ["no people"]),
        ("red apple, green pear", "an apple and a pear", ["red", "green"]),
        ("the US flag", "the flag", ["US"]),
        ("a universe and a university", "a university", ["universe"]),
        ("赤い傘", "a red umbrella", ["赤い傘"]),
        ("a house", "", ["house"]),
        ("two cats and two dogs", "two cats and dogs", ["two cats", "two dogs"]),
        ("two cats and two dogs", "two cats, 2 dogs", []),
        ("no people, no cars", "no people and cars", ["no people", "no cars"]),
        ('three cats, a sign "3"', 'cats, a sign "3"', ["three cats"]),
        ('a red apple, a sign "RED"', 'an apple, a sign "RED"', ["red"]),
        ("vitamins A, B", "vitamins: B", ["A"]),
        ("a mother-of-pearl comb", "a comb of mother of pearl", []),
        ("Mia’s 5th birthday", "Mia's 5th birthday", []),
    ],
)
def test_what_is_lost_is_said_in_the_words_of_the_idea(idea: str, rewrite: str, lost: list[str]) -> None:
    assert keeper.lost(idea, rewrite) == lost


FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("idea", "rewrite", "lost"),
    [
        ("a 🦊 in snow", "a fox in snow", ["🦊"]),
        ("🦊🌲", "🌲 and 🦊", []),
        (f"a family {FAMILY}", "a family 👩", [FAMILY]),
        ("a flag 🇫🇷", "a flag 🇩🇪", ["🇫🇷"]),
        ("❤️ balloon", "❤ balloon", []),
        ("café", "cafe\u0301", []),
        ('a sign "café"', 'a sign "cafe\u0301"', []),
        ("٣ birds", "3 birds", []),
        ("हिन्दी किताब", "हिन्दी", ["किताब"]),
        ("الجمل الأبيض في الصحراء", "الجمل في الصحراء", ["الأبيض"]),
        ("x" * 9_000 + " fox", "x" * 9_000, ["fox"]),
        ("x" * 9_000, "y" * 9_000, ["x" * 9_000]),
    ],
)
def test_emoji_other_scripts_and_very_long_words_are_kept_too(
    idea: str, rewrite: str, lost: list[str]
) -> None:
    assert keeper.lost(idea, rewrite) == lost
    assert keeper.lost(idea, keeper.restored(rewrite, lost, longest=32_000)) == []
    assert keeper.lost(idea, rules.written(idea, idioms.KEYWORDS, longest=32_000)) == []


@pytest.mark.parametrize("name", SPECS)
def test_the_built_in_writer_loses_nothing_of_two_hundred_ideas(name: str) -> None:
    spec = SPECS[name]
    for idea in IDEAS:
        written = rules.written(idea, idioms.idiom(spec), longest=idioms.longest(spec, ""))
        assert keeper.lost(idea, written) == [], (idea, written)
        assert len(written) <= spec.prompt_chars
        assert written == rules.written(idea, idioms.idiom(spec), longest=idioms.longest(spec, ""))


def enhanced(idea: str, *, dropping: bool, seed: int) -> list[str]:
    models = [{"model": name, "idiom": name, "longest": 2_000} for name in SPECS]
    dice = random.Random(seed)
    found = writing.enhanced({"idea": idea, "models": models}, dropping=dropping, dice=dice)
    return [found["master"], *(one["prompt"] for one in found["prompts"])]


def test_an_honest_writer_is_not_accused() -> None:
    for seed, idea in enumerate(IDEAS):
        for prompt in enhanced(idea, dropping=False, seed=seed):
            assert keeper.lost(idea, prompt) == [], (idea, prompt)


def test_every_word_the_simulator_drops_on_purpose_is_caught() -> None:
    caught = 0
    for seed, idea in enumerate(IDEAS):
        dropped = writing.dropped(idea, random.Random(seed))
        for prompt in enhanced(idea, dropping=True, seed=seed):
            missing = " ".join(keeper.lost(idea, prompt)).lower()
            for word in dropped:
                assert word in missing, (idea, word, prompt, missing)
                caught += 1
    assert caught > 1_000


def test_one_click_puts_back_all_that_was_lost() -> None:
    for seed, idea in enumerate(IDEAS):
        for prompt in enhanced(idea, dropping=True, seed=seed):
            whole = keeper.restored(prompt, keeper.lost(idea, prompt), longest=2_000)
            assert keeper.lost(idea, whole) == [], (idea, whole)
            assert len(whole) <= 2_000


def test_what_is_put_back_fits_because_the_writers_own_sentences_give_way() -> None:
    prompt = "A table. Soft light falls from the left. The mood is quiet."
    whole = keeper.restored(prompt, ["two candles"], longest=40)
    assert (len(whole) <= 40, "two candles" in whole, whole.startswith("A table")) == (True, True, True)


def test_what_an_idea_says_already_is_not_said_again() -> None:
    silent = rules.additions("a fox")
    told = rules.additions("a close-up photograph of a fox at dusk")
    assert ([topic for topic, _ in silent], told) == (["framing", "light", "finish"], [])


def test_each_idiom_is_written_differently_and_an_idea_that_fills_the_limit_stays_as_it_is() -> None:
    idea = 'a bakery sign "Krume"'
    written = {rules.written(idea, idioms.idiom(spec), longest=2_000) for spec in SPECS.values()}
    assert len(written) == 4
    assert rules.written(idea, idioms.SENTENCES, longest=len(idea)) == idea
