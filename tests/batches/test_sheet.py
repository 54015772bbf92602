"""Sheets: any encoding, any delimiter, and every bad line named before anything runs."""

import pytest

from runtz_core.batches.decoding import decoded
from runtz_core.batches.sheet import Sheet, SheetRefused, read_lines, read_sheet
from runtz_core.settings import Limits

LIMITS = Limits()


def read(data: bytes | str, **options: object) -> Sheet:
    written = data.encode() if isinstance(data, str) else data
    return read_sheet(written, **{"most": 500, "limits": LIMITS, **options})  # type: ignore[arg-type]


SHEET = "Prompt\tNegative\tRatio\tSeed\nÄpfel im Regen\tSchrift\t3:4\t7\nein 日本 Garten\t\t\t\n"


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
def test_a_sheet_is_read_in_the_encoding_it_came_in(encoding: str, label: str) -> None:
    sheet = read(SHEET.encode(encoding))
    assert [row.prompt for row in sheet.rows] == ["Äpfel im Regen", "ein 日本 Garten"]
    assert (sheet.rows[0].negative, sheet.rows[0].ratio, sheet.rows[0].seed) == ("Schrift", "3:4", 7)
    assert sheet.encoding == label


def test_latin_1_is_what_is_left() -> None:
    found = decoded("Äpfel, 3 €".encode("cp1252"))
    assert (found.text, found.encoding) == ("Äpfel, 3 €", "Latin-1")


def test_two_encodings_in_one_file_are_read_line_by_line_and_named() -> None:
    sheet = read("prompt\nÄpfel\n".encode() + "Öl und Müll\n".encode("latin-1") + b"plain\n")
    assert [row.prompt for row in sheet.rows] == ["Äpfel", "Öl und Müll", "plain"]
    assert (sheet.encoding, [(note.line, note.bad) for note in sheet.notes]) == (
        "UTF-8 and Latin-1",
        [(3, False)],
    )


def test_utf_16_without_a_mark_is_known_by_its_words() -> None:
    assert [row.prompt for row in read("日本の庭\n静かな港\n".encode("utf-16-le")).rows] == [
        "日本の庭",
        "静かな港",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04\x14\x00", "a workbook"),
        (bytes(range(256)) * 40, "no text"),
        (b"x" * 10_000_000, "longer than 1,000,000"),
        (b"," * 1_000_000 + b"x", "more than 200 columns"),
        (b"prompt,negative\r\n", "no prompt below"),
    ],
    ids=["workbook", "picture", "one field of 10 MB", "a million columns", "headings only"],
)
def test_what_is_no_sheet_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(SheetRefused, match=said):
        read(data)


def test_a_field_of_ten_megabytes_is_named_by_its_line() -> None:
    sheet = read(b"prompt\nfine\n" + b"y" * 10_000_000 + b"\nlast\n")
    assert ([row.prompt for row in sheet.rows], sheet.bad, sheet.notes[0].line) == (["fine"], 1, 3)
    assert "longer than" in sheet.notes[0].text


def test_a_list_of_sentences_keeps_its_commas() -> None:
    sheet = read("a lighthouse in fog, long exposure\na red kite, dusk, {wide|close}\ntwo candles\n")
    assert [row.prompt for row in sheet.rows][:2] == [
        "a lighthouse in fog, long exposure",
        "a red kite, dusk, {wide|close}",
    ]
    assert "commas are part" in sheet.notes[0].text
    assert [row.prompt for row in read("prompt, seed\na cat, 5\n").rows] == ["a cat"]
    assert [row.prompt for row in read("1, a cat\n2, a dog\n").rows] == ["a cat", "a dog"]


def test_headings_say_what_parts_the_columns() -> None:
    assert [row.seed for row in read("prompt|seed\na cat, a dog; a bird|5\n").rows] == [5]
    lost = read("prompt   seed\na cat   5\n")
    assert "not parted" in lost.notes[0].text


def test_half_a_character_of_another_encoding_is_no_crash() -> None:
    assert read("prompt\nÄ".encode("utf-16")[:-1]).encoding == "UTF-16"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quotes_hold_delimiters_and_lines(delimiter: str) -> None:
    cells = delimiter.join(['"a cat, a dog; a\tbird\nand ""this"""', "5"])
    sheet = read(f"prompt{delimiter}seed\n{cells}\n")
    assert [(row.prompt, row.seed) for row in sheet.rows] == [('a cat, a dog; a\tbird\nand "this"', 5)]


def test_columns_are_mapped_by_their_headings_or_by_hand() -> None:
    sheet = read("id,Description,seed\n1,a red kite over the bay,4\n")
    assert (sheet.mapping, sheet.columns) == ({"prompt": 1, "seed": 2}, ["id", "Description", "seed"])
    by_hand = read("a,b\nx,y\n", mapping={"prompt": 1}, has_heading=False)
    assert [row.prompt for row in by_hand.rows] == ["b", "y"]
    with pytest.raises(SheetRefused, match="which column"):
        read("a,b\nx,y\n", mapping={"prompt": 7})


def test_without_headings_the_longest_column_holds_the_prompts() -> None:
    sheet = read("1,a long walk along the pier\n2,the lighthouse keeper's cat\n")
    assert [row.prompt for row in sheet.rows] == ["a long walk along the pier", "the lighthouse keeper's cat"]
    assert sheet.columns == ["Column 1", "Column 2"]


def test_bad_lines_are_named_and_the_others_stay() -> None:
    sheet = read("prompt;ratio;seed\ngood;3x4;\n;1:1;\nwild;7:5;\nodd;;-3\nbell\x07;;\nlast;;9\n")
    assert [row.prompt for row in sheet.rows] == ["good", "last"]
    assert sheet.rows[0].ratio == "3:4"
    assert [(note.line, note.bad) for note in sheet.notes] == [(3, True), (4, True), (5, True), (6, True)]
    assert sheet.bad == 4
    assert "no prompt" in sheet.notes[0].text


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    sheet = read('prompt\n"two\nlines"\n\n\x00\n')
    assert [(row.line, row.prompt) for row in sheet.rows] == [(2, "two\nlines")]
    assert [note.line for note in sheet.notes] == [5]


def test_an_open_quote_is_named_where_it_begins() -> None:
    sheet = read('prompt\nfine\n"never ends\nand on\n')
    assert ([row.prompt for row in sheet.rows], sheet.notes[0].line, sheet.bad) == (["fine"], 3, 1)


def test_duplicates_run_once() -> None:
    sheet = read("prompt\ncat\ndog\ncat\ncat\n")
    assert ([row.prompt for row in sheet.rows], sheet.duplicates) == (["cat", "dog"], 2)
    assert (sheet.notes[0].line, sheet.notes[0].text) == (4, "The same as line 2; left out.")


def test_a_formula_is_words() -> None:
    sheet = read("prompt\n=cmd|' /C calc'!A0\n")
    assert sheet.rows[0].prompt == "=cmd|' /C calc'!A0"
    assert "taken as words" in sheet.notes[0].text


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t,,,\n", "\n\n".encode("utf-16")])
def test_an_empty_file_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SheetRefused, match="empty"):
        read(data)


def test_a_hundred_thousand_rows_are_counted_and_the_first_ones_taken() -> None:
    sheet = read("prompt\n" + "".join(f"cat {number}\n" for number in range(100_000)))
    assert (len(sheet.rows), sheet.total) == (500, 100_000)
    bad = read("prompt,ratio\n" + "cat,9:99\n" * 100_000)
    assert (len(bad.rows), bad.bad, len(bad.notes)) == (0, 100_000, 200)


def test_a_prompt_over_the_limit_is_one_bad_line() -> None:
    sheet = read_lines(f"short\n{'x' * 32_001}\n", most=9, limits=LIMITS)
    assert ([row.prompt for row in sheet.rows], sheet.notes[0].line) == (["short"], 2)
    assert read(f"prompt\nshort\n{'y' * 1_100_000}\n").bad == 1
