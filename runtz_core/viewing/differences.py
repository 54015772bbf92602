"""The difference table of a comparison: what is equal is counted, what differs stands side by side."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runtz_core import words
from runtz_core.jobs.receipts import count_words, word_diff
from runtz_core.jobs.views import DiffWord
from runtz_core.viewing.pictures import Picture

MOST_WORDS = 4_000  # characters of a prompt that are compared word by word


@dataclass(frozen=True, kw_only=True)
class Row:
    """One property of all pictures. `differs` marks the cells that stand apart from most others."""

    label: str
    cells: list[str]
    differs: list[bool]


@dataclass(frozen=True, kw_only=True)
class Differences:
    """What is different, and how many properties are the same."""

    rows: list[Row]
    equal: list[str]  # labels
    prompts: list[list[DiffWord]]  # each against the first; empty lists when all prompts are the same


def differences(pictures: Sequence[Picture]) -> Differences:
    """Compare pictures that stand in this order."""
    found = [
        Row(label=label, cells=cells, differs=_apart(cells))
        for label, read in _PROPERTIES
        if any(cells := [read(picture) for picture in pictures])
    ]
    first = pictures[0].prompt if pictures else ""
    against = [_against(first, picture.prompt) for picture in pictures]
    apart = [change != "" for change in against]
    if any(apart):
        cells = ["the first", *(change or "the same" for change in against[1:])]
        found.insert(0, Row(label="Prompt", cells=cells, differs=apart))
    rows = [row for row in found if len(set(row.cells)) > 1]
    return Differences(
        rows=rows,
        equal=[row.label for row in found if len(set(row.cells)) == 1],
        prompts=[word_diff(first[:MOST_WORDS], one.prompt[:MOST_WORDS]) for one in pictures]
        if any(apart)
        else [],
    )


def _against(before: str, after: str) -> str:
    """ "+10 −3 words", or "" for the same words."""
    parts = word_diff(before[:MOST_WORDS], after[:MOST_WORDS])
    added, removed = (count_words(parts, kind) for kind in ("added", "removed"))
    return _change(added, removed)


def _change(added: int, removed: int) -> str:
    said = [f"+{added}" if added else "", f"−{removed}" if removed else ""]
    return f"{' '.join(one for one in said if one)} words" if added or removed else ""


def _apart(cells: list[str]) -> list[bool]:
    """Cells unlike the one value most of them share; without such a value, all of them."""
    (value, count), *others = Counter(cells).most_common(2)
    shared = count > 1 and not (others and others[0][1] == count)
    return [cell != value if shared else len(set(cells)) > 1 for cell in cells]


def _money(picture: Picture) -> str:
    if not picture.call_id:
        return "free"
    usd = words.dollars(picture.usd_micros) if picture.usd_micros else "$0"
    return f"{picture.credits:,} cr · {usd}"


_PROPERTIES: tuple[tuple[str, Callable[[Picture], str]], ...] = (
    ("Text sent", lambda one: _change(one.words_added, one.words_removed) or "as typed" if one.sent else ""),
    ("Without", lambda one: one.negative),
    ("Ratio", lambda one: one.ratio),
    ("Pixels", lambda one: f"{one.width}×{one.height}"),
    ("Seed", lambda one: one.seed),
    ("Tier", lambda one: one.tier),
    ("Made by", lambda one: {"": "upload", "generate": "prompt"}.get(one.kind, one.kind)),
    ("Format", lambda one: f"{one.format}, {words.megabytes(one.size)}"),
    ("Time", lambda one: f"{one.seconds:.1f} s" if one.seconds else ""),
    ("Price", _money),
)
