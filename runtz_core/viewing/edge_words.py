"""What an edge of a family tree says: how the words of a picture differ from those it was made from."""

import difflib

from runtz_core.jobs.views import DiffWord

SAME_ENOUGH = 0.35  # of the words: below this an instruction stands for itself, and no difference is drawn
LONGEST = 60  # characters of a change that an edge shows


def change(before: str, after: str) -> list[DiffWord]:
    """The words that changed, at most four stretches; the whole instruction when nearly nothing stayed."""
    if not after or before == after:
        return []
    parts = _words_changed(before, after)
    same = sum(len(part.text.split()) for part in parts if part.kind == "same")
    if same < SAME_ENOUGH * max(1, len(before.split())):
        return [DiffWord(text=_short(after), kind="added")]
    changed = [DiffWord(text=_short(part.text), kind=part.kind) for part in parts if part.kind != "same"]
    return [part for part in changed if part.text][:4]


def _words_changed(before: str, after: str) -> list[DiffWord]:
    """The difference in whole words; how they are divided and spelled (commas, capitals) is no change."""
    old, new = before.split(), after.split()
    bare_old, bare_new = ([word.strip(",.;:!?").lower() for word in words] for words in (old, new))
    parts: list[DiffWord] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(DiffWord(text=" ".join(new[c:d]), kind="same"))
            continue
        parts += [
            DiffWord(text=" ".join(words), kind=kind)
            for words, kind in ((old[a:b], "removed"), (new[c:d], "added"))
            if words
        ]
    return parts


def _short(words: str) -> str:
    line = " ".join(words.split()).strip(" ,.")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
