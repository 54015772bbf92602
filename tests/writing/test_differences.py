"""Words that differ, as receipts, remixes and drafts show them: nothing of either text is lost, however long."""

import pytest

from runtz_core.jobs.receipts import count_words, word_diff

LONG = " ".join(f"word{n % 7} and" for n in range(4_000))
SENTENCES = "".join(f"Sentence {n} is about foxes. " for n in range(900))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("a fox", "a fox"),
        ("a fox", "a red fox in snow"),
        ("a fox.", ""),
        ("", "a fox"),
        ("a a a", "a a"),
        ("snow, then (rain:1.2)... and 3.5 m", "snow then , (rain:1.2), and 3,5 m."),
        (LONG, LONG[::-1]),
        (LONG, f"{LONG}. Soft light."),
        (
            SENTENCES,
            SENTENCES.replace("Sentence 300 is", "Sentence 300 was").replace("Sentence 4 ", "Line 4 "),
        ),
    ],
)
def test_both_texts_can_be_read_out_of_their_differences(before: str, after: str) -> None:
    parts = word_diff(before, after)
    assert "".join(part.text for part in parts if part.kind != "removed") == after
    assert "".join(part.text for part in parts if part.kind != "added") == before


def test_what_is_alike_in_a_long_text_stays_alike() -> None:
    changed = SENTENCES.replace("Sentence 4 ", "Line 4 ").replace("Sentence 800 ", "Line 800 ")
    parts = word_diff(SENTENCES, changed)
    added = "".join(part.text for part in parts if part.kind == "added")
    assert ("Line" in added, len(added) < 100) == (True, True)
    assert sum(len(part.text) for part in parts if part.kind == "same") > 0.9 * len(SENTENCES)


def test_a_full_stop_that_follows_leaves_its_word_the_same() -> None:
    parts = word_diff("two candles, fog", "two candles, fog. Soft light.")
    assert [(part.kind, part.text) for part in parts] == [
        ("same", "two candles, fog"),
        ("added", ". Soft light."),
    ]


@pytest.mark.parametrize(
    ("before", "after", "added", "removed"),
    [
        ("black water", "black water, ferry closer", 2, 0),  # the comma is put there, "water" is not
        ("rain, in fog", "snow, in fog", 1, 1),
        ("a fox", "a fox.", 1, 0),  # all that changed is a full stop, and it did
        ("a fox", "a fox", 0, 0),
    ],
)
def test_only_words_that_changed_are_counted(before: str, after: str, added: int, removed: int) -> None:
    parts = word_diff(before, after)
    assert (count_words(parts, "added"), count_words(parts, "removed")) == (added, removed)
