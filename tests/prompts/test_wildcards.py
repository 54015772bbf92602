"""Wildcards: the same prompts every time, counted before they are made, and never more than asked for."""

import pytest

from runtz_core.prompts import wildcards
from runtz_core.prompts.wildcards import WildcardProblem, count, expand, fill, has_wildcards, variables

LISTS = {"pets": ["cat", "dog"], "none": []}


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("a kite", ["a kite"]),
        ("a {red|green} kite", ["a red kite", "a green kite"]),
        ("{a|b} {1|2}", ["a 1", "a 2", "b 1", "b 2"]),
        ("{big {cat|dog}|hen}", ["big cat", "big dog", "hen"]),
        ("my __pets__, {|sleeping}", ["my cat,", "my cat, sleeping", "my dog,", "my dog, sleeping"]),
        ("{x|x|x}", ["x"]),
        ("{subject} in {rain|snow}", ["{subject} in rain", "{subject} in snow"]),
        (r"\{a\|b\} stays", ["{a|b} stays"]),
        ('{"json": "a prompt"}', ['{"json": "a prompt"}']),
        ("either | or", ["either | or"]),
    ],
)
def test_a_template_makes_its_prompts_in_the_order_written(template: str, made: list[str]) -> None:
    assert expand(template, LISTS, limit=100) == made
    assert expand(template, LISTS, limit=100) == made
    assert has_wildcards(template, LISTS) == (count(template, LISTS) > 1)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("a {b|c", "without its }"),
        ("a b}", "without its {"),
        ("a __birds__", "no list called __birds__"),
        ("a __none__", "is empty"),
        ("{a|" * 9 + "b" + "}" * 9, "8 deep"),
    ],
)
def test_what_cannot_be_expanded_is_said_in_a_sentence(template: str, said: str) -> None:
    with pytest.raises(WildcardProblem, match=said):
        expand(template, LISTS, limit=10)


def test_a_bomb_is_counted_and_not_made() -> None:
    bomb = "{a|b|c|d}" * 12
    assert count(bomb, {}) == 4**12
    assert len(expand(bomb, {}, limit=500)) == 500
    with pytest.raises(WildcardProblem, match="more prompts than can be counted"):
        count("{a|b}" * 60, {})


def test_above_the_limit_none_is_made_and_the_number_is_said() -> None:
    assert len(wildcards.within("{a|b} {c|d}", {}, 4)) == 4
    with pytest.raises(wildcards.TooManyPrompts, match="make 16,777,216 prompts, and 500 of yours"):
        wildcards.within("{a|b|c|d}" * 12, {}, 500)


@pytest.mark.parametrize("signs", ["{a}", r"\{", "__one__", "{a}|"])
def test_a_template_of_many_signs_is_one_prompt(signs: str) -> None:
    template = signs * (32_000 // len(signs))
    assert count(template, {"one": ["x"]}) == len(expand(template, {"one": ["x"]}, limit=9)) == 1


def test_lines_for_a_variable_are_all_combined_and_are_only_words() -> None:
    template = wildcards.combined(
        "a {tone} {pet}, {light}", {"tone": "red\nblue", "pet": "cat | {x}\n", "light": ""}
    )
    assert expand(template, {}, limit=9) == ["a red cat | {x}, {light}", "a blue cat | {x}, {light}"]
    with pytest.raises(WildcardProblem, match="too many words"):
        wildcards.combined("{a}" * 9_000, {"a": "x" * 30_000})


def test_variables_are_asked_once_and_filled_everywhere() -> None:
    template = "{subject} and {the light}, {subject} again, {a|b}"
    assert variables(template) == ["subject", "the light"]
    assert fill(template, {"subject": "a fox"}) == "a fox and {the light}, a fox again, {a|b}"
    assert wildcards.fill("{subject}", {"subject": "{x|y}"}) == "{x|y}"
