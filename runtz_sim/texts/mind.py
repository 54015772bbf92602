"""One simulated mind behind all three vendors: which form is asked for, and what goes into it."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtz_sim.faults import Fault, FaultKind, plain
from runtz_sim.texts import judging, writing

QUIRKS = frozenset(
    {
        FaultKind.DECLINES, FaultKind.LIES_ABOUT_SUMS, FaultKind.DROPS_WORDS, FaultKind.PREFERS_LEFT,
        FaultKind.PREFERS_LENGTH, FaultKind.NONSENSE, FaultKind.GULLIBLE,
    }
)  # fmt: skip
NONSENSE = "Certainly! The answer is a rather nice 11 out of 7, I should think."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What any vendor was asked, whatever its wire format."""

    model: str
    words: str
    schema: Mapping[str, Any]
    pictures: Sequence[bytes] = ()
    max_tokens: int = 4_000

    @property
    def tokens_in(self) -> int:
        """About four characters a token, and a picture as 1,600."""
        return max(1, len(self.words) // 4) + 1_600 * len(self.pictures)


def said(question: Question, fault: Fault | None, dice: random.Random) -> str:
    """The text the model writes: a JSON object of the schema, unless the fault says otherwise."""
    kind = fault.kind if fault else None
    if kind is FaultKind.NONSENSE:
        return NONSENSE
    fields = set(question.schema.get("properties", ()))
    given = _given(question.words)
    if "master" in fields:
        found = writing.enhanced(given, dropping=kind is FaultKind.DROPS_WORDS, dice=dice)
    elif "clarity" in fields:
        found = judging.graded(
            given,
            lying=kind is FaultKind.LIES_ABOUT_SUMS,
            gullible=kind is FaultKind.GULLIBLE,
            dropping=dice if kind is FaultKind.DROPS_WORDS else None,
        )
    elif "better" in fields:
        found = judging.compared(given, [_quality(one) for one in question.pictures], kind, dice)
    else:
        found = _described(question, fields)
    return json.dumps(found, ensure_ascii=False)


def _given(words: str) -> dict[str, Any]:
    try:
        found = json.loads(plain(words))
    except ValueError:
        return {"prompt": plain(words)}
    return found if isinstance(found, dict) else {"prompt": str(found)}


def _quality(picture: bytes) -> float:
    """How good a picture is, from 0 to 1: the same bytes are always as good."""
    return int.from_bytes(hashlib.sha256(picture).digest()[:4], "big") / 2**32


def _described(question: Question, fields: set[str]) -> dict[str, Any]:
    """A description of a picture, or the plainest value for any form this mind does not know."""
    known: dict[str, Any] = {
        "prompt": "A calm scene with one clear subject in the middle distance, soft light from the left.",
        "style": "photograph, natural colours",
        "words_in_picture": [],
    }
    blanks: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}
    return {
        name: known.get(name, blanks.get(question.schema["properties"][name].get("type", "string"), ""))
        for name in sorted(fields)
    }
