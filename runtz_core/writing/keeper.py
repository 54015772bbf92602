"""The keeper check: what an idea says must survive in every rewrite, and how what was lost is put back.

Quoted text survives letter for letter, numbers as figures or words, names and content words in any inflection.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")
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
    number: bool = False


def lost(idea: str, rewrite: str) -> list[str]:
    """What of `idea` is missing in `rewrite`, as the idea says it; neighbours together ("two candles")."""
    quotes = [piece for piece in _quotes(idea) if not _has_quote(rewrite, piece.key)]
    have = Counter(_keys(rewrite))
    words = _pieces(idea)
    needed: dict[str, set[str]] = {}
    for piece in words:
        needed.setdefault(piece.key, set()).add(idea[piece.start : piece.end].lower())
    gone = [piece for piece in words if have[piece.key] < len(needed[piece.key])]
    covered = [(piece.start, piece.end) for piece in quotes]
    gone = [piece for piece in gone if not any(a <= piece.start < b for a, b in covered)]
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


def _has_quote(rewrite: str, text: str) -> bool:
    """Quoted text is lettering: every sign of it counts, only the space around it does not."""
    return " ".join(text.split()) in " ".join(rewrite.split())


def _pieces(text: str) -> list[_Piece]:
    """The words and numbers of a text that carry meaning; several little ones are skipped."""
    quoted = [(piece.start, piece.end) for piece in _quotes(text)]
    pieces = []
    for found in _WORD.finditer(text):
        word = found.group()
        inside = any(a <= found.start() < b for a, b in quoted)
        if inside or (word.lower() in _LITTLE and not _is_name(text, found)):
            continue
        key = _key(word)
        pieces.append(_Piece(start=found.start(), end=found.end(), key=key, number=key[0].isdecimal()))
    return pieces


def _is_name(text: str, found: re.Match[str]) -> bool:
    """A little word written in capitals in the middle of a sentence is meant: "US", "IT"."""
    word = found.group()
    return len(word) > 1 and word.isupper() and not text.isupper()


def _keys(text: str) -> list[str]:
    keys: list[str] = []
    for found in _WORD.finditer(text):
        word = found.group()
        keys.append(_key(word))
        parts = re.split(r"[.,'’-]", word)
        if len(parts) > 1:
            keys += [_key(part) for part in parts if part]
    return keys


@cache
def _key(word: str) -> str:
    """What a word is compared by: figures for numbers, the stem for the rest."""
    lower = word.lower().replace("’", "'").removesuffix("'s")
    if lower in _NUMBERS:
        return _NUMBERS[lower]
    if lower[0].isdecimal() or _HAN.search(lower):
        return lower.replace(",", "")
    lower = _IRREGULAR.get(lower, lower)
    stem: str = snowballstemmer.stemmer("english").stemWord(lower)
    return stem


def _phrases(idea: str, gone: list[_Piece], words: list[_Piece]) -> list[str]:
    """Lost pieces that stand together as one phrase; a lost number takes what it counts along."""
    after = {piece.start: index for index, piece in enumerate(words)}
    spans: list[tuple[int, int]] = []
    for piece in sorted(gone, key=lambda one: one.start):
        start, end = piece.start, piece.end
        index = after.get(piece.start)
        if piece.number and index is not None and index + 1 < len(words):
            following = words[index + 1]
            if idea[end : following.start].strip() == "":
                end = following.end
        joins = spans and (start < spans[-1][1] or idea[spans[-1][1] : start].strip() == "")
        if joins:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return list(dict.fromkeys(idea[start:end] for start, end in spans))
