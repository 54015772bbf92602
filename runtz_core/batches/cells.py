"""From the text of a sheet to its cells, line by line, however large it is."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

CELL_CHARS = 1_000_000  # the csv module's own limit is 131,072; ours on prompts is said in words
COLUMNS = 200
LINES = 200_000  # a sheet with more is read so far
NONE = "\x1f"  # a sign no sheet has: a list of prompts, in which a comma is a comma
DELIMITERS = ("\t", ",", ";", "|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The cells of one line that holds something. `line` is where it begins, from 1, as an editor counts."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is to be said about one line. A `bad` one is not run."""

    line: int
    text: str
    bad: bool


def delimiter(first: str, is_heading: Callable[[str], bool]) -> str:
    """The sign that parts the first line into known headings, else the one that parts it most; a tab wins."""
    first = first[:CELL_CHARS]
    for sign in DELIMITERS:
        if sign in first and any(is_heading(cell.strip('" ')) for cell in first.split(sign)[:COLUMNS]):
            return sign
    if "\t" in first:
        return "\t"
    outside = "".join(part for place, part in enumerate(first.split('"')) if place % 2 == 0)
    return ";" if outside.count(";") > outside.count(",") else ","


def is_prose(text: str, lines: int) -> bool:
    """Whether the commas of the first lines are those of sentences.

    A space follows each of them, nothing is quoted, and the lines are not numbered.
    """
    begun = [line for line in islice(io.StringIO(text), lines) if line.strip()]
    return (
        any("," in line for line in begun)
        and not any('"' in line for line in begun)
        and not all(line.partition(",")[0].strip().isdecimal() for line in begun)
        and all(
            line[place + 1 : place + 2] in (" ", "") for line in begun for place in _commas(line.rstrip())
        )
    )


def _commas(line: str) -> Iterator[int]:
    at = line.find(",")
    while at >= 0:
        yield at
        at = line.find(",", at + 1)


def lines(text: str, delimiter: str) -> Iterator[Line | Note]:
    """Every line with something on it, as far as they can be read; a bad note says where and why that stopped."""
    csv.field_size_limit(CELL_CHARS)
    reader = csv.reader(
        io.StringIO(text.lstrip("\ufeff"), newline=""),
        delimiter=delimiter,
        strict=True,
        quoting=csv.QUOTE_NONE if delimiter == NONE else csv.QUOTE_MINIMAL,
    )
    start = 1
    while True:
        try:
            found = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Note(line=start, text=f"{_why(error)} From here on nothing was read.", bad=True)
            return
        if len(found) > COLUMNS:
            words = f"This line has more than {COLUMNS} columns. From here on nothing was read."
            yield Note(line=start, text=words, bad=True)
            return
        if start > LINES:
            words = f"A sheet is read up to line {LINES:,}; split it. From here on nothing was read."
            yield Note(line=start, text=words, bad=True)
            return
        if any(cell.strip() for cell in found):
            yield Line(line=start, cells=found)
        start = reader.line_num + 1


def _why(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"One field is longer than {CELL_CHARS:,} characters, or its closing quote is missing."
    return 'A " in this line never ends or stands in the wrong place.'


def begun(found: Iterator[Line | Note], most: int) -> list[Line | Note]:
    """The first of them."""
    return list(islice(found, most))
