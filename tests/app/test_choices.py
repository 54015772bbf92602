"""What a person chose in the composer: kept by the browser, so anything may come back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtz_app.state.choices import (
    STRENGTHLESS,
    Choices,
    Lacks,
    Pick,
    entries,
    lacking,
    parse,
    shelves,
    summed,
)
from runtz_core.jobs.views import Chip


def chip(model: str, **changes: object) -> Chip:
    values: dict[str, object] = {
        "provider": model[:1],
        "provider_label": model[:1].upper(),
        "hue": "openai",
        "model": model,
        "label": model,
        "tiers": ["low", "high"],
        "tier": "low",
        "price_credits": 40,
        "price_usd_micros": 40_000,
        "simulated": False,
        "available": True,
        "reason": "",
        "health": "ok",
        "health_text": "9 s",
        "size": "1024×1024",
        "ratio_note": "",
        "takes_seed": True,
        "sunset": "",
        "in_default_run": model in ("a1", "b1"),
    }
    return Chip(**(values | changes))  # type: ignore[arg-type]


CHIPS = [chip("a1"), chip("a2"), chip("b1"), chip("b2")]


def names(choices: Choices) -> list[str]:
    return [pick.model for pick in choices.row]


def test_choices_survive_the_browser() -> None:
    choices = Choices(
        row=(Pick(model="b1", on=False), Pick(model="a1")), tiers={"a1": "high"}, ratio="3:4", samples=2
    )
    assert parse(choices.as_json(), 16) == choices


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "null",
        "[]",
        "{",
        '{"row": 1}',
        '{"row": [[1]], "tiers": {}, "ratio": "1:1", "samples": 1}',
        '{"row": [], "tiers": [], "ratio": "1:1", "samples": 1}',
        '{"row": [], "tiers": {}, "ratio": [], "samples": "x"}',
        '{"row": [], "tiers": {}, "ratio": "1:1", "samples": 1e999}',
    ],
)
def test_anything_else_counts_as_nothing_chosen(stored: str) -> None:
    assert parse(stored, 16) == Choices()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_stored_value_breaks_the_composer(value: object) -> None:
    settled = parse(json.dumps(value), 16).settled(CHIPS)
    assert names(settled) == ["a1", "b1"]
    assert 1 <= settled.samples <= 16


def test_samples_stay_within_the_limit() -> None:
    stored = '{"row": [], "tiers": {}, "ratio": "5:7", "samples": 1000000000}'
    assert parse(stored, 16) == Choices(samples=16)


def test_an_unknown_model_leaves_the_row() -> None:
    assert names(Choices(row=(Pick(model="gone"), Pick(model="b2"))).settled(CHIPS)) == ["b2"]


def test_an_empty_row_becomes_the_default_run() -> None:
    assert names(Choices().settled(CHIPS)) == ["a1", "b1"]


def test_models_move_and_stop_at_the_ends() -> None:
    row = Choices(row=tuple(Pick(model=model) for model in ("a1", "a2", "b1")))
    assert names(row.moved("b1", -1)) == ["a1", "b1", "a2"]
    assert (
        names(row.moved("a1", -1)) == names(row.moved("b1", 1)) == names(row.moved("none", 1)) == names(row)
    )


def test_adding_twice_is_adding_once() -> None:
    assert names(Choices().with_model("a1").with_model("a1")) == ["a1"]


def test_the_shelf_holds_what_the_row_does_not() -> None:
    shelf = shelves(Choices().settled(CHIPS), CHIPS)
    assert [(group.label, [found.model for found in group.chips]) for group in shelf] == [
        ("A", ["a2"]),
        ("B", ["b2"]),
    ]


def test_the_total_counts_what_will_run() -> None:
    chips = [
        chip("a1"),
        chip("b1", available=False),
        chip("c1", simulated=True, price_usd_micros=0),
        chip("d1"),
    ]
    row = tuple(Pick(model=found.model, on=found.model != "d1") for found in chips)
    total = summed(entries(Choices(row=row), chips), 3, 64)
    assert (total.models, total.pictures, total.credits, total.usd_micros) == (2, 6, 240, 120_000)
    assert (total.blocked, total.simulated_note) == ("", "1 simulated: $0")


def test_nothing_on_and_too_much_are_said() -> None:
    off = entries(Choices(row=(Pick(model="a1", on=False),)), CHIPS)
    on = entries(Choices(row=(Pick(model="a1"),)), CHIPS)
    assert summed(off, 1, 64).blocked == "Choose a model"
    assert summed(on, 5, 4).blocked == "At most 4 pictures"


def test_what_no_chosen_model_can_is_said_with_one_that_could() -> None:
    able = chip("c1", pictures=5, takes_mask=True, takes_strength=True)
    chips = [chip("a1", pictures=0), chip("b1", pictures=8), able]

    def lacks(*on: str) -> Lacks:
        row = tuple(Pick(model=one.model, on=one.model in on) for one in chips)
        return lacking(entries(Choices(row=row), chips), chips)

    assert lacks("a1").pictures == "No chosen model takes pictures. Switch on b1 or c1."
    assert lacks("a1", "b1").pictures == ""
    assert lacks("b1").mask == "No chosen model takes a mask. Switch on c1."
    assert lacks("b1").strength == lacks("b1").strength_note == STRENGTHLESS
    assert lacks("c1") == Lacks()
    assert lacks("b1", "c1") == Lacks(strength_note="c1 heeds the number; the others go by the words.")
