"""From bytes of a CSV, TSV or pasted list to rows that can be run, and what is wrong with which line."""

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlmodel import Session

from runtz_core.jobs.requests import MAX_SEED, SubmissionRefused, check_words
from runtz_core.prompts import library, lists, wildcards
from runtz_core.providers.base import RATIOS
from runtz_core.settings import Limits

FIELDS = ("prompt", "negative", "ratio", "seed")
CELL_CHARS = 1_000_000  # the csv module's own limit is 131,072; ours on prompts is said in words
PROBLEMS_SHOWN = 200

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "prompts", "text", "description", "idea", "words", "caption"),
    "negative": ("negative", "negative prompt", "negative_prompt", "leave out", "avoid"),
    "ratio": ("ratio", "aspect", "aspect ratio", "aspect_ratio"),
    "seed": ("seed",),
}
_FORMULA = ("=", "+", "@", "\t")  # what a spreadsheet would run; here it is words


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
class Note:
    """What is to be said about one line. A `bad` one is not run."""

    line: int
    text: str
    bad: bool


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


def decoded(data: bytes) -> tuple[str, str]:
    """The text and the encoding it is in: what a byte order mark says, else UTF-8, UTF-16 or Latin-1."""
    for mark, name, label in (
        (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace"), label
    sample = data[:4096]
    # Latin letters in UTF-16 have their zero byte always on the same side.
    left, right = sample[::2].count(0), sample[1::2].count(0)
    if max(left, right) > len(sample) // 8:
        return data.decode("utf-16-be" if left > right else "utf-16-le", "replace"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "Latin-1"


def read_lines(text: str, *, most: int, limits: Limits) -> Sheet:
    """A pasted list: a prompt a line. Raises SheetRefused when there is none."""
    rows = [(line, {"prompt": words}) for line, words in enumerate(text.splitlines(), 1) if words.strip()]
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
    text, encoding = decoded(data)
    if not text.strip("\ufeff \r\n\t,;"):
        raise SheetRefused("This file is empty; choose one with a prompt on each line.")
    delimiter = _delimiter(text)
    lines, broken = _cells(text, delimiter, most)
    first = lines[0][1]
    if has_heading is None:
        has_heading = any(_field_named(cell) for cell in first)
    width = max(len(cells) for _, cells in lines)
    columns = [cell.strip() for cell in first] if has_heading else []
    columns += [f"Column {place + 1}" for place in range(len(columns), width)]
    known = dict(mapping) if mapping else _guess(columns, lines[1 if has_heading else 0 :])
    if not 0 <= known.get("prompt", -1) < width:
        raise SheetRefused("Say which column holds the prompts.")
    rows = [
        (line, {name: cells[place] for name, place in known.items() if 0 <= place < len(cells)})
        for line, cells in lines[1 if has_heading else 0 :]
    ]
    sheet = _checked(rows, most=most, limits=limits, broken=broken)
    return replace(sheet, columns=columns, mapping=known, has_heading=has_heading, encoding=encoding)


def from_prompts(prompts: Sequence[str], *, most: int, limits: Limits, total: int | None = None) -> Sheet:
    """Prompts that were made here, by wildcards or from the library."""
    rows = [(number, {"prompt": words}) for number, words in enumerate(prompts, 1)]
    sheet = _checked(rows, most=most, limits=limits)
    return replace(sheet, total=total if total is not None else sheet.total)


def from_library(
    session: Session, user_id: UUID, prompt_ids: Sequence[UUID], *, most: int, limits: Limits
) -> Sheet:
    """Saved prompts, their wildcards expanded. Raises SheetRefused, WildcardProblem and NotFound."""
    known = lists.known(session, user_id)
    rows: list[Row] = []
    total = 0
    for prompt_id in prompt_ids:
        saved = library.owned(session, user_id, prompt_id)
        total += wildcards.count(saved.body, known)
        made = wildcards.expand(saved.body, known, limit=most - len(rows))
        rows += [
            Row(line=len(rows) + place, prompt=words, negative=saved.negative, prompt_id=prompt_id)
            for place, words in enumerate(made, 1)
        ]
    if not rows:
        raise SheetRefused("Choose a prompt of your library first.")
    notes = [
        Note(line=row.line, text=f"Still holds {{{name}}}; it is sent as it stands.", bad=False)
        for row in rows
        for name in wildcards.variables(row.prompt)[:1]
    ]
    return Sheet(rows=rows, notes=notes[:PROBLEMS_SHOWN], total=total)


def _delimiter(text: str) -> str:
    """The sign that parts the first line most; a prompt alone may hold commas, so a tab wins."""
    first = next(line for line in text.splitlines() if line.strip())
    if "\t" in first:
        return "\t"
    outside = "".join(part for place, part in enumerate(first.split('"')) if place % 2 == 0)
    return ";" if outside.count(";") > outside.count(",") else ","


def _cells(text: str, delimiter: str, most: int) -> tuple[list[tuple[int, list[str]]], Note | None]:
    """(line, cells) of every line that is not empty, as far as they can be read, and where that stopped."""
    csv.field_size_limit(CELL_CHARS)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return found, None
        except csv.Error:
            if not found:
                raise SheetRefused(
                    f'Line {start} has a " that never ends or stands in the wrong place; mend it in the sheet.'
                ) from None
            words = 'A " in this line never ends or stands in the wrong place; from here on nothing was read.'
            return found, Note(line=start, text=words, bad=True)
        if any(cell.strip() for cell in cells):
            found.append((start, cells))
        start = reader.line_num + 1


def _field_named(heading: str) -> str | None:
    name = " ".join(heading.casefold().split())
    return next((known for known, names in _KNOWN.items() if name in names), None)


def _guess(columns: Sequence[str], lines: Sequence[tuple[int, Sequence[str]]]) -> dict[str, int]:
    """Which column is which: by its heading, the prompt else by being the longest on the first lines."""
    found: dict[str, int] = {}
    for place, heading in enumerate(columns):
        name = _field_named(heading)
        if name:
            found.setdefault(name, place)
    if "prompt" not in found:
        taken = set(found.values())
        lengths = [
            sum(len(cells[place]) for _, cells in lines[:50] if place < len(cells))
            for place in range(len(columns))
        ]
        free = [place for place in range(len(columns)) if place not in taken]
        found["prompt"] = max(free or [0], key=lambda place: lengths[place])
    return found


def _checked(
    lines: Sequence[tuple[int, Mapping[str, str]]], *, most: int, limits: Limits, broken: Note | None = None
) -> Sheet:
    rows: list[Row] = []
    notes: list[Note] = []
    seen: dict[tuple[object, ...], int] = {}
    bad, duplicates = (0 if broken is None else 1), 0
    for line, cells in lines:
        if len(rows) == most:
            break  # the rest is counted, and not looked at
        try:
            row = _row(line, cells, limits)
        except SubmissionRefused as refused:
            bad += 1
            notes.append(Note(line=line, text=refused.problem, bad=True))
            continue
        same = (row.prompt, row.negative, row.ratio, row.seed)
        if same in seen:
            duplicates += 1
            notes.append(Note(line=line, text=f"The same as line {seen[same]}; left out.", bad=False))
            continue
        seen[same] = line
        if row.prompt.startswith(_FORMULA):
            notes.append(
                Note(line=line, text="Starts like a formula; taken as words, nothing is computed.", bad=False)
            )
        rows.append(row)
    if broken:
        notes.insert(0, broken)
    if not rows and not bad:
        raise SheetRefused("There is no prompt in it; write one on each line.")
    notes.sort(key=lambda note: (not note.bad, note.line))
    return Sheet(rows=rows, notes=notes[:PROBLEMS_SHOWN], bad=bad, duplicates=duplicates, total=len(lines))


def _row(line: int, cells: Mapping[str, str], limits: Limits) -> Row:
    """Raises SubmissionRefused with the sentence for this line."""
    prompt = check_words(cells.get("prompt", ""), "prompt", limits)
    if not prompt:
        raise SubmissionRefused("There is no prompt on this line.")
    negative = check_words(cells.get("negative", ""), "negative prompt", limits)
    ratio = cells.get("ratio", "").strip().replace("x", ":").replace("×", ":")
    if ratio and ratio not in RATIOS:
        raise SubmissionRefused(
            f"{ratio[:20]!r} is no ratio; use {', '.join(RATIOS[:6])} or another of the list."
        )
    seed = cells.get("seed", "").strip()
    if seed and not (seed.isascii() and seed.isdecimal() and int(seed[:12]) <= MAX_SEED):
        raise SubmissionRefused(f"{seed[:20]!r} is no seed; use a whole number up to {MAX_SEED:,}.")
    return Row(line=line, prompt=prompt, negative=negative, ratio=ratio, seed=int(seed) if seed else None)
