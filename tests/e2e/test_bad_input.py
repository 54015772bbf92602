"""What a person may type by mistake: each gets one sentence, and nothing typed is lost."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tabs
from tests.e2e.tab import Tab

ONE = ["flux-2-pro"]


@pytest.fixture
def composer(tabs: Tabs) -> Tab:
    return tabs(models=ONE)


@pytest.mark.parametrize("nothing", ["", "   \n\t "])
def test_without_words_the_button_asks_for_some(composer: Tab, nothing: str) -> None:
    composer.prompt.fill(nothing)
    expect(composer.run_button).to_have_text("Write a prompt")
    expect(composer.run_button).to_be_disabled()


def test_too_many_characters_are_counted_before_anything_is_sent(composer: Tab) -> None:
    composer.prompt.fill("x" * 32_001)
    expect(composer.run_button).to_have_text("Shorten the prompt1 character too many")
    expect(composer.run_button).to_be_disabled()
    expect(composer.page.get_by_text("32,001 of 32,000 characters")).to_be_visible()
    composer.reload()
    expect(composer.prompt).to_have_value("x" * 32_001)
    composer.prompt.fill("x" * 32_000)
    expect(composer.run_button).to_be_enabled()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("a bell \u0007 rings", "The prompt holds a control character (U+0007); remove it."),
        ("nothing \u0000 at all", "The prompt holds a control character (U+0000); remove it."),
    ],
)
def test_a_control_character_is_named_and_the_words_stay(composer: Tab, typed: str, sentence: str) -> None:
    composer.prompt.fill(typed)
    composer.run_button.click()
    expect(composer.page.get_by_role("alert")).to_have_text(sentence)
    expect(composer.prompt).to_have_value(typed)
    composer.run("a bell rings")
    expect(composer.page.get_by_role("alert")).to_have_count(0)
    composer.reaches("succeeded")


def test_half_an_emoji_is_refused_or_mended_but_never_stuck(composer: Tab) -> None:
    composer.prompt.evaluate(
        """(box) => {
          Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, "half \\ud83d");
          box.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    composer.run_button.click()
    expect(composer.page.get_by_role("alert")).to_contain_text("broken character")
    composer.run("whole again")
    composer.reaches("succeeded")


def test_words_from_right_to_left_arrive_as_they_were_written(composer: Tab) -> None:
    words = "קו רקיע של עיר, ‏abc‎ עם 3 מגדלים"
    composer.run(words)
    composer.reaches("succeeded")
    expect(composer.page.locator("img.picture")).to_have_attribute("alt", words)


def test_a_seed_is_digits_only_and_never_too_large(composer: Tab) -> None:
    seed = composer.page.get_by_label("Seed", exact=True)
    seed.press_sequentially("-1e9x99999999999")
    expect(seed).to_have_value("1999999999")
    seed.fill("9999999999")
    expect(seed).to_have_value("2147483647")
    composer.run("Seeded")
    composer.reaches("succeeded")
