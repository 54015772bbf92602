"""The keeper check: what an idea says must survive in every rewrite, and how what was lost is put back.

Quoted text survives letter for letter, numbers as figures or words and as often as they were said, names and
content words in any inflection, emoji as they are.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

# Words by the kinds of their signs (see _shape): letters with their marks, one sign between; a flag; an emoji.
_WORD = re.compile(r"w[wzj]*(?:-w[wzj]*)*|rr|e[zk]*(?:je[zk]*)*")
_KINDS = (
    dict.fromkeys(".,'’-", "-")
    | dict.fromkeys("\u200c\ufe0e\ufe0f\u20e3", "z")  # choose how a sign looks
    | {"\u200d": "j"}  # joins emoji to families, and letters of some scripts
    | {chr(tone): "k" for tone in range(0x1F3FB, 0x1F400)}
    | {chr(flag): "r" for flag in range(0x1F1E6, 0x1F200)}
    | dict.fromkeys("©®™°", " ")
)
_INVISIBLE = re.compile("[\u200c\u200d\ufe0e\ufe0f\u20e3]")
_REMEMBERED = 64  # characters of a word whose stem is kept
_COUNTED = frozenset({"no", "not", "without"})  # must be said as often as the idea does, like numbers
_QUOTED = re.compile(
    r"\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|«([^»\n]{1,200})»|(?<!\w)'([^'\n]{1,200})'(?!\w)"
)
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# Words that carry no picture of their own. "no" and "without" carry one.
_LITTLE = frozenset(
    [
        "a", "an", "the", "and", "or", "but", "of", "on", "in", "at", "to", "by", "for", "with", "from", "into",
        "onto", "over", "under", "is", "are", "was", "were", "be", "been", "being", "am", "as", "its", "it",
        "this", "that", "these", "those", "there", "their", "his", "her", "your", "my", "our", "i", "you", "he",
        "she", "we", "they", "them", "him", "me", "us", "which", "who", "whose", "where", "when", "while", "has",
        "have", "had", "having", "do", "does", "did", "can", "could", "will", "would", "should", "may", "might",
        "so", "too", "very", "some", "such", "than", "then", "also", "just", "please", "want", "image", "picture",
        "if", "out", "up", "off", "about", "each", "every", "any", "other", "s", "t",
    ]
)  # fmt: skip
_COUNTING = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: str(value) for value, word in enumerate(_COUNTING.split(" "))} | {
    "dozen": "12", "hundred": "100", "thousand": "1000", "thirty": "30", "forty": "40", "fifty": "50",
}  # fmt: skip
_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "people": "person", "feet": "foot", "teeth": "tooth",
    "mice": "mouse", "geese": "goose", "leaves": "leaf", "wolves": "wolf", "knives": "knife", "lives": "life",
    "grey": "gray", "colour": "color", "colours": "color", "coloured": "color", "lit": "light", "sat": "sit",
    "stood": "stand", "ran": "run", "flew": "fly", "held": "hold", "worn": "wear", "wore": "wear", "broken": "break",
    "frozen": "freeze", "fallen": "fall", "shelves": "shelf", "halves": "half", "oxen": "ox", "sung": "sing",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Something that must survive: where it stands in the idea, and what it is compared by."""

    start: int
    end: int
    key: str  # a stem, a number's figures, or the quoted text
    quoted: bool = False
    counted: bool = False  # "two", "no": said as often as in the idea, and lost together with what it counts


def lost(idea: str, rewrite: str) -> list[str]:
    """What of `idea` is missing in `rewrite`, as the idea says it; neighbours together ("two candles")."""
    said = _plain(rewrite)
    quotes = []
    for piece in _quotes(idea):
        text = _plain(piece.key)
        if text not in said:
            quotes.append(piece)
        said = said.replace(text, " ", 1)  # lettering says nothing of the scene
    have = Counter(_keys(said))
    words = _pieces(idea)
    forms: dict[str, set[str]] = {}
    for piece in words:
        forms.setdefault(piece.key, set()).add(_plain(idea[piece.start : piece.end]).lower())
    times = Counter(piece.key for piece in words)
    needed = {key: times[key] if _counts(key) else len(said_as) for key, said_as in forms.items()}
    gone = [piece for piece in words if have[piece.key] < needed[piece.key] and not _apart(piece.key, have)]
    return _phrases(idea, [*quotes, *gone], words)


def restored(rewrite: str, missing: list[str], *, longest: int) -> str:
    """`rewrite` with what was lost at its end. Sentences of its own give way where it would be too long."""
    more = ", ".join(missing)
    if not more:
        return rewrite
    kept = rewrite.rstrip()
    while len(kept) + len(more) + 2 > longest and (cut := _last_sentence(kept)) is not None:
        kept = cut
    room = longest - len(more) - 2
    kept = kept[: max(room, 0)].rstrip()
    joined = f"{kept.rstrip('.')}, {more}." if kept.endswith(".") else f"{kept}, {more}"
    return joined.lstrip(" ,")[:longest] if len(joined) > longest else joined.lstrip(" ,")


def _last_sentence(text: str) -> str | None:
    at = text.rstrip(".").rfind(". ")
    return text[: at + 1] if at > 0 else None


def _quotes(idea: str) -> list[_Piece]:
    return [
        _Piece(start=found.start(), end=found.end(), key=next(filter(None, found.groups())), quoted=True)
        for found in _QUOTED.finditer(idea)
    ]


def _plain(text: str) -> str:
    """Composed alike and spaced alike. Lettering is compared like this: every other sign of it counts."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _counts(key: str) -> bool:
    return key[0].isdecimal() or key in _COUNTED


def _apart(key: str, have: Counter[str]) -> bool:
    """Whether a joined word stands there in its parts: "mother-of-pearl" as "mother of pearl"."""
    parts = [part for part in key.split("-") if part]
    return len(parts) > 1 and all(have[_key(part)] for part in parts)


def _shape(text: str) -> str:
    """The kind of every sign: w letter, digit or mark, e emoji, and those of _KINDS."""
    return "".join(_kind(sign) for sign in text)


def _kind(sign: str) -> str:
    if (known := _KINDS.get(sign)) is not None:
        return known
    category = unicodedata.category(sign)
    return "w" if category[0] in "LNM" else "e" if category == "So" else " "


def _found(text: str, shape: str) -> Iterator[tuple[int, int, str]]:
    for found in _WORD.finditer(shape):
        yield found.start(), found.end(), text[found.start() : found.end()]


def _pieces(text: str) -> list[_Piece]:
    """The words and numbers of a text that carry meaning; several little ones are skipped."""
    shape = _shape(text)
    for quote in _quotes(text):
        shape = shape[: quote.start] + " " * (quote.end - quote.start) + shape[quote.end :]
    pieces = []
    for start, end, word in _found(text, shape):
        if word.lower() in _LITTLE and not _is_name(text, end, word):
            continue
        if key := _key(word):
            pieces.append(_Piece(start=start, end=end, key=key, counted=_counts(key)))
    return pieces


def _is_name(text: str, end: int, word: str) -> bool:
    """A little word written in capitals is meant: "US" in the middle of a sentence, "A" before a comma or the end."""
    if len(word) == 1:
        return (
            word.isupper() and not text[end : end + 2].strip(" ")[:1].isalnum() and text[end : end + 1] != "'"
        )
    return word.isupper() and not text.isupper()


def _keys(text: str) -> list[str]:
    keys: list[str] = []
    for _, _, word in _found(text, _shape(text)):
        keys.append(_key(word))
        parts = re.split(r"[.,'’-]", word)
        if len(parts) > 1:
            keys += [_key(part) for part in parts if part]
    return keys


def _key(word: str) -> str:
    """What a word is compared by: figures for numbers, the sign for emoji, the stem for the rest."""
    return _remembered(word) if len(word) <= _REMEMBERED else _compared(word)


def _compared(word: str) -> str:
    if _kind(word[0]) in "er":
        return _INVISIBLE.sub("", word) if "\u200d" not in word else word.replace("\ufe0f", "")
    lower = _INVISIBLE.sub("", unicodedata.normalize("NFKC", word)).casefold()
    lower = lower.replace("’", "'").removesuffix("'s")
    if lower in _NUMBERS:
        return _NUMBERS[lower]
    if not lower or lower[0].isdecimal() or _HAN.search(lower):
        figures = "".join(str(unicodedata.decimal(sign, sign)) for sign in lower)
        return figures.replace(",", "")
    lower = _IRREGULAR.get(lower, lower)
    stem: str = snowballstemmer.stemmer("english").stemWord(lower)
    return stem


_remembered = lru_cache(maxsize=20_000)(_compared)


def _phrases(idea: str, gone: list[_Piece], words: list[_Piece]) -> list[str]:
    """Lost pieces that stand together as one phrase; a lost number or "no" takes what follows along."""
    after = {piece.start: index for index, piece in enumerate(words)}
    spans: list[tuple[int, int]] = []
    for piece in sorted(gone, key=lambda one: one.start):
        start, end = piece.start, piece.end
        index = after.get(piece.start)
        if piece.counted and index is not None and index + 1 < len(words):
            following = words[index + 1]
            if idea[end : following.start].strip() == "":
                end = following.end
        joins = spans and (start < spans[-1][1] or idea[spans[-1][1] : start].strip() == "")
        if joins:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return list(dict.fromkeys(idea[start:end] for start, end in spans))
