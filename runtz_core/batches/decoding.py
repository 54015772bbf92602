"""From the bytes of a sheet to its text, whatever encoding it came in, and which lines were in another one."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # xlsx and ods; xls
SAMPLE = 8192  # bytes, or characters, that are looked at


class NoText(ValueError):
    """These bytes are no text; the text is a sentence for the person who sent them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text, the encoding it was in, and the lines (from 1) that were in Latin-1 among others in UTF-8."""

    text: str
    encoding: str
    latin: Sequence[int] = ()


def decoded(data: bytes) -> Decoded:
    """The text by its byte order mark, else as UTF-8, UTF-16, or line by line as UTF-8 or Latin-1. Raises NoText."""
    if data.startswith(_WORKBOOKS):
        raise NoText(
            "This is a workbook and no text; save it as CSV in your spreadsheet first. Nothing was read."
        )
    for mark, name, label in _MARKS:
        if data.startswith(mark):
            return Decoded(text=data.decode(name, "replace"), encoding=label)
    try:
        found = Decoded(text=data.decode("utf-8"), encoding="UTF-8")
    except UnicodeDecodeError:
        found = _by_line(data)
    noise = _is_noise(found.text[:SAMPLE])
    if b"\0" in data[:SAMPLE] and (noise or found.encoding != "UTF-8") and (wide := _wide(data)):
        return Decoded(text=data.decode(wide, "replace"), encoding="UTF-16")
    if noise:
        raise NoText("This file is no text; choose a CSV, a TSV or a list of prompts. Nothing was read.")
    return found


def _wide(data: bytes) -> str | None:
    """Which UTF-16 without a mark it is, if it reads as words: that with more of the signs every sheet has."""
    sample = data[: SAMPLE - SAMPLE % 2]
    sample = sample[: len(sample) - len(sample) % 2]
    best: tuple[int, str] | None = None
    for name in ("utf-16-le", "utf-16-be"):
        text = sample.decode(name, "replace")
        if "�" in text[:-1] or _is_noise(text):
            continue
        plain = sum(letter < "\x7f" for letter in text)
        if best is None or plain > best[0]:
            best = (plain, name)
    return best[1] if best and best[0] else None


def _is_noise(text: str) -> bool:
    """Whether more than one in ten signs is a control character, as in pictures and programs."""
    odd = sum(letter < " " and letter not in "\t\r\n" for letter in text)
    return odd * 10 > len(text)


def _by_line(data: bytes) -> Decoded:
    """Every line by itself: sheets that were put together hold both. Windows' Latin-1, which has every byte a sign."""
    lines: list[str] = []
    latin: list[int] = []
    others = False
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            lines.append(line.decode("utf-8"))
            others = others or not line.isascii()
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", "replace"))
            latin.append(number)
    if not others:
        return Decoded(text="\n".join(lines), encoding="Latin-1")
    return Decoded(text="\n".join(lines), encoding="UTF-8 and Latin-1", latin=latin)
