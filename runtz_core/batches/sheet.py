"""From bytes of a CSV, TSV or pasted list to rows that can be run, and what is wrong with which line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlmodel import Session

from runtz_core.batches import cells
from runtz_core.batches.cells import Line, Note
from runtz_core.batches.decoding import NoText, decoded
from runtz_core.jobs.requests import MAX_SEED, SubmissionRefused, check_words
from runtz_core.prompts import library, lists, wildcards
from runtz_core.providers.base import RATIOS
from runtz_core.settings import Limits

FIELDS = ("prompt", "negative", "ratio", "seed")
PROBLEMS_SHOWN = 200
HEADING_CHARS = 100

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "prompts", "text", "description", "idea", "words", "caption"),
    "negative": ("negative", "negative prompt", "negative_prompt", "leave out", "avoid"),
    "ratio": ("ratio", "aspect", "aspect ratio", "aspect_ratio"),
    "seed": ("seed",),
}
_FORMULA = ("=", "+", "@", "\t")  # what a spreadsheet would run; here it is words
GUESSED_BY = 50  # lines that are looked at to find out what is what


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A line by fields; `latin` when it was in another encoding than its neighbours."""

    line: int
    values: Mapping[str, str]
    latin: bool = False


class SheetRefused(Exception):
    """Nothing of the sheet can be used. `problem` is one sentence that says what to do."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One prompt to be run. `line` is where it stands in its source, from 1."""

    prompt: str
    line: int = 0
    negative: str = ""
    ratio: str = ""  # "": the batch's
    seed: int | None = None  # None: the batch's
    prompt_id: UUID | None = None  # the saved prompt it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a source holds. `columns` are its headings, `mapping` says which one is which field."""

    rows: Sequence[Row]
    notes: Sequence[Note] = ()
    bad: int = 0
    duplicates: int = 0
    total: int = 0  # lines with something on them, also those past the limit
    columns: Sequence[str] = ()
    mapping: Mapping[str, int] = field(default_factory=dict)
    has_heading: bool = False
    encoding: str = "UTF-8"


def read_lines(text: str, *, most: int, limits: Limits) -> Sheet:
    """A pasted list: a prompt a line. Raises SheetRefused when there is none."""
    rows = (
        Fields(line=line, values={"prompt": words})
        for line, words in enumerate(text.splitlines(), 1)
        if words.strip()
    )
    return _checked(rows, most=most, limits=limits)


def read_sheet(
    data: bytes,
    *,
    most: int,
    limits: Limits,
    mapping: Mapping[str, int] | None = None,
    has_heading: bool | None = None,
) -> Sheet:
    """A CSV or TSV with quotes as spreadsheets write them. Raises SheetRefused when it cannot be read at all.

    `mapping` (field → column) and `has_heading` are guessed when they are None.
    """
    try:
        known = decoded(data)
    except NoText as refused:
        raise SheetRefused(str(refused)) from None
    if not known.text.strip("\ufeff \r\n\t,;|"):
        raise SheetRefused("This file is empty; choose one with a prompt on each line.")
    first_line = next(line for line in known.text.splitlines() if line.strip("\ufeff \t"))
    delimiter = cells.delimiter(first_line, lambda cell: _field_named(cell) is not None)
    named = any(_field_named(cell) for cell in first_line.split(delimiter))
    if not has_heading and not named and delimiter == "," and cells.is_prose(known.text, GUESSED_BY):
        delimiter = cells.NONE
    lines = cells.lines(known.text, delimiter)
    begun = cells.begun(lines, GUESSED_BY)
    if not begun:
        raise SheetRefused("There is no prompt in it; write one on each line.")
    if isinstance(begun[0], Note):
        raise SheetRefused(f"Line {begun[0].line}: {begun[0].text}")
    first = begun[0].cells
    if has_heading is None:
        has_heading = any(_field_named(cell) for cell in first)
    seen = [one.cells for one in begun if isinstance(one, Line)]
    width = max(len(cells_) for cells_ in seen)
    columns = [cell.strip()[:HEADING_CHARS] for cell in first] if has_heading else []
    columns += [f"Column {place + 1}" for place in range(len(columns), width)]
    places = dict(mapping) if mapping else _guess(columns, seen[1 if has_heading else 0 :])
    if not 0 <= places.get("prompt", -1) < width:
        raise SheetRefused("Say which column holds the prompts.")
    rest = (one for part in (begun[1 if has_heading else 0 :], lines) for one in part)
    latin = frozenset(known.latin)
    if len(begun) == 1 and has_heading:
        raise SheetRefused("There are headings in it and no prompt below them; write one on each line.")
    sheet = _checked((_named(one, places, latin) for one in rest), most=most, limits=limits)
    notes = [*_about(delimiter, width, first_line), *sheet.notes]
    return replace(
        sheet, notes=notes, columns=columns, mapping=places, has_heading=has_heading, encoding=known.encoding
    )


def _about(delimiter: str, width: int, first_line: str) -> list[Note]:
    """What is to be said of the sheet as a whole."""
    if delimiter == cells.NONE:
        return [Note(line=1, text="Read as a list: commas are part of the prompts.", bad=False)]
    named = [word for word in first_line.split() if _field_named(word)]
    if width == 1 and len(named) > 1:
        words = "These headings are not parted; part columns by a comma, a semicolon, a tab or a |."
        return [Note(line=1, text=words, bad=False)]
    return []


def _named(one: Line | Note, places: Mapping[str, int], latin: frozenset[int]) -> Fields | Note:
    if isinstance(one, Note):
        return one
    found = {name: one.cells[place] for name, place in places.items() if 0 <= place < len(one.cells)}
    return Fields(line=one.line, values=found, latin=one.line in latin)


def from_prompts(prompts: Sequence[str], *, most: int, limits: Limits) -> Sheet:
    """Prompts that were made here by wildcards."""
    rows = (Fields(line=number, values={"prompt": words}) for number, words in enumerate(prompts, 1))
    return _checked(rows, most=most, limits=limits)


def from_library(
    session: Session,
    user_id: UUID,
    prompt_ids: Sequence[UUID],
    *,
    most: int,
    limits: Limits,
    values: Mapping[str, str] | None = None,
) -> tuple[Sheet, list[str]]:
    """Saved prompts, their wildcards expanded and their variables replaced by the lines of `values`.

    Returns the sheet and the names of all their variables. Raises SheetRefused, WildcardProblem and NotFound.
    """
    known = lists.known(session, user_id)
    chosen = [library.owned(session, user_id, prompt_id) for prompt_id in prompt_ids]
    if not chosen:
        raise SheetRefused("Choose a prompt of your library first.")
    names = list(dict.fromkeys(name for saved in chosen for name in wildcards.variables(saved.body)))
    bodies = [wildcards.combined(saved.body, values or {}) for saved in chosen]
    total = sum(wildcards.count(body, known) for body in bodies)
    if total > most:
        raise SheetRefused(
            f"These prompts and their wildcards make {total:,}, and {most:,} of yours run at once. "
            "Choose fewer, or take out a choice. Nothing was run."
        )
    rows: list[Row] = []
    notes: list[Note] = []
    for saved, body in zip(chosen, bodies, strict=True):
        for words in wildcards.expand(body, known, limit=most):
            line = len(rows) + 1
            prompt = _row(line, {"prompt": words}, limits).prompt
            rows.append(Row(line=line, prompt=prompt, negative=saved.negative, prompt_id=saved.id))
            if left := wildcards.variables(words):
                said = f"Nothing is written for {{{left[0]}}}; it is sent as it stands."
                notes.append(Note(line=line, text=said, bad=False))
    return Sheet(rows=rows, notes=notes[:PROBLEMS_SHOWN], total=total), names


def _field_named(heading: str) -> str | None:
    name = " ".join(heading.casefold().split())
    return next((known for known, names in _KNOWN.items() if name in names), None)


def _guess(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> dict[str, int]:
    """Which column is which: by its heading, the prompt else by being the longest on the first lines."""
    found: dict[str, int] = {}
    for place, heading in enumerate(columns):
        name = _field_named(heading)
        if name:
            found.setdefault(name, place)
    if "prompt" not in found:
        taken = set(found.values())
        lengths = [
            sum(len(line[place]) for line in lines if place < len(line)) for place in range(len(columns))
        ]
        free = [place for place in range(len(columns)) if place not in taken]
        found["prompt"] = max(free or [0], key=lambda place: lengths[place])
    return found


def _checked(lines: Iterable[Fields | Note], *, most: int, limits: Limits) -> Sheet:
    """The first `most` rows; the rest is counted, and not looked at. Raises SheetRefused when there is none."""
    rows: list[Row] = []
    notes: list[Note] = []
    seen: dict[tuple[object, ...], int] = {}
    total = bad = duplicates = 0
    for one in lines:
        if isinstance(one, Note):  # where reading ended
            bad += 1
            notes.insert(0, one)
            continue
        total += 1
        if len(rows) == most:
            continue
        try:
            row = _row(one.line, one.values, limits)
        except SubmissionRefused as refused:
            bad += 1
            _note(notes, bad, one.line, refused.problem, bad=True)
            continue
        same = (row.prompt, row.negative, row.ratio, row.seed)
        if same in seen:
            duplicates += 1
            _note(notes, duplicates, one.line, f"The same as line {seen[same]}; left out.", bad=False)
            continue
        seen[same] = one.line
        if one.latin:
            _note(notes, 0, one.line, "Not in UTF-8 as others are; read as Latin-1.", bad=False)
        if row.prompt.startswith(_FORMULA):
            words = "Starts like a formula; taken as words, nothing is computed."
            _note(notes, 0, one.line, words, bad=False)
        rows.append(row)
    if not rows and not bad:
        raise SheetRefused("There is no prompt in it; write one on each line.")
    notes.sort(key=lambda note: (not note.bad, note.line))
    return Sheet(rows=rows, notes=notes[:PROBLEMS_SHOWN], bad=bad, duplicates=duplicates, total=total)


def _note(notes: list[Note], so_many: int, line: int, words: str, *, bad: bool) -> None:
    """Add a note, unless there are more of its kind than are ever shown."""
    if so_many <= PROBLEMS_SHOWN:
        notes.append(Note(line=line, text=words, bad=bad))


def _row(line: int, values: Mapping[str, str], limits: Limits) -> Row:
    """Raises SubmissionRefused with the sentence for this line."""
    prompt = check_words(values.get("prompt", ""), "prompt", limits)
    if not prompt:
        raise SubmissionRefused("There is no prompt on this line.")
    negative = check_words(values.get("negative", ""), "negative prompt", limits)
    ratio = values.get("ratio", "").strip().replace("x", ":").replace("×", ":")
    if ratio and ratio not in RATIOS:
        raise SubmissionRefused(
            f"{ratio[:20]!r} is no ratio; use {', '.join(RATIOS[:6])} or another of the list."
        )
    seed = values.get("seed", "").strip()
    if seed and not (seed.isascii() and seed.isdecimal() and int(seed[:12]) <= MAX_SEED):
        raise SubmissionRefused(f"{seed[:20]!r} is no seed; use a whole number up to {MAX_SEED:,}.")
    return Row(line=line, prompt=prompt, negative=negative, ratio=ratio, seed=int(seed) if seed else None)
