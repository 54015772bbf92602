"""Marks for prompts and verdicts on pairs of pictures: an honest, noisy judge, and several that are not."""

import random
import re
from collections.abc import Sequence
from typing import Any

from runtz_sim.faults import FaultKind
from runtz_sim.texts import writing

_MOST = {"clarity": 25, "detail": 25, "technical": 20, "composition": 15, "coherence": 15}
_BETTER = (
    "The main subject stands slightly off centre, sharp against a softer background.",
    "Warm light falls from the left and leaves long, soft shadows.",
    "It is taken with a 50 mm lens from eye level, in a wide frame.",
    "The colours are few and agree with each other: ochre, slate and a little white.",
    "Fine texture is visible in every surface close to the viewer.",
    "The mood is calm and attentive, as in an editorial photograph.",
)
NOISE = 0.25  # how often the honest judge is mistaken
BIAS = 0.9  # how often a biased judge follows its bias
TIES = 0.08  # how often an honest judge cannot tell


def graded(
    given: dict[str, Any], *, lying: bool, gullible: bool, dropping: random.Random | None = None
) -> dict[str, Any]:
    """Marks that grow with what a prompt says, and a better version of it; `dropping` loses words of that."""
    prompt = str(given.get("prompt", ""))
    told = gullible and re.search(r"ignore\b.{0,40}\b(rubric|instructions)|give .{0,12}100", prompt, re.I)
    share = 1.0 if told else min(1.0, 0.35 + len(prompt.split()) / 90)
    parts = {name: round(most * share) for name, most in _MOST.items()}
    total = sum(parts.values())
    kept = writing.without(prompt, writing.dropped(prompt, dropping)) if dropping else prompt
    more = next((one for one in _BETTER if one not in prompt), "")
    return {
        **parts,
        "total": min(100, total + 9) if lying and total < 100 else total - 9 if lying else total,
        "notes": "Clear about the subject; says less about light and framing.",
        "improvements": [f"Add: {more}"] if more else [],
        "better": f"{kept.rstrip()} {more}".strip() if share < 1 else prompt,
    }


def compared(
    given: dict[str, Any], qualities: Sequence[float], kind: FaultKind | None, dice: random.Random
) -> dict[str, Any]:
    """A verdict on two pictures."""
    lengths = [len(str(_of(given, side).get("written_as", ""))) for side in ("first", "second")]
    better = verdict(qualities, lengths, kind, dice)
    reasons = {
        "first": "The first picture keeps closer to what was asked.",
        "second": "The second picture keeps closer to what was asked.",
        "cannot_tell": "Both keep to what was asked equally well.",
    }
    checks = [
        {"follows_prompt": quality > 0.1, "text_correct": "no_text", "artefacts": []} for quality in qualities
    ]
    found = {"better": better, "reason": reasons[better], "first": checks[0], "second": checks[1]}
    # It cannot read what is drawn in a picture; this is how one that obeys such an order might answer.
    return found | {"total": 100} if kind is FaultKind.GULLIBLE else found


def verdict(
    qualities: Sequence[float], lengths: Sequence[int], kind: FaultKind | None, dice: random.Random
) -> str:
    """Which of two is better: by quality with mistakes, or by a bias."""
    if kind is FaultKind.PREFERS_LEFT and dice.random() < BIAS:
        return "first"
    if kind is FaultKind.PREFERS_LENGTH and lengths[0] != lengths[1] and dice.random() < BIAS:
        return "first" if lengths[0] > lengths[1] else "second"
    if dice.random() < TIES:
        return "cannot_tell"
    first = qualities[0] >= qualities[1]
    return "first" if first != (dice.random() < NOISE) else "second"


def _of(given: dict[str, Any], side: str) -> dict[str, Any]:
    found = given.get(side)
    return found if isinstance(found, dict) else {}
