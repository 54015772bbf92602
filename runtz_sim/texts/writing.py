"""Rewriting an idea for each model, and losing words of it on purpose."""

import random
import re
from typing import Any

_TAILS = {
    "sentences": "The scene is photographed from eye level with gentle side light, and each surface shows its texture.",
    "structured": "Framing: a wide view from eye level. Lighting: gentle, from one side. Finish: true to life.",
    "keywords": "editorial finish, gentle side light, fine texture",
    "mood": "A quiet mood, gentle side light, fine texture throughout.",
}
_LITTLE = frozenset(
    [
        "a", "an", "the", "and", "or", "of", "on", "in", "at", "to", "by", "for", "with", "from", "into",
        "over", "under", "is", "are", "as", "its", "it", "this", "that",
        "him", "her", "his", "their", "them", "she", "he", "they", "each", "other", "than",
    ]
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def enhanced(given: dict[str, Any], *, dropping: bool, dice: random.Random) -> dict[str, Any]:
    """A master prompt and one for each model asked for. `dropping` loses a few words everywhere."""
    idea = str(given.get("idea", ""))
    lost = dropped(idea, dice) if dropping else []
    master = without(f"{idea.rstrip(' .')}. {_TAILS['sentences']}", lost)
    asked = given.get("models")
    prompts = []
    for one in asked if isinstance(asked, list) else []:
        tail = _TAILS.get(str(one.get("idiom")), _TAILS["sentences"])
        whole = f"{idea.rstrip(' .')}. {tail}"
        longest = int(one.get("longest") or 32_000)
        prompts.append(
            {
                "model": str(one.get("model")),
                "prompt": without(whole if len(whole) <= longest else idea, lost),
            }
        )
    avoid = str(given.get("avoid") or "")
    negatives = [part.strip() for part in avoid.split(",") if part.strip()] + ["watermark", "blurred edges"]
    return {"master": master, "negatives": negatives, "prompts": prompts}


def words_of(idea: str) -> list[str]:
    """The words of an idea that carry meaning."""
    return sorted(
        {word.lower() for word in _WORD.findall(idea) if word.lower() not in _LITTLE and len(word) > 1}
    )


def dropped(idea: str, dice: random.Random) -> list[str]:
    """The words to lose: a third of those that carry meaning, at least one."""
    words = words_of(idea)
    return sorted(dice.sample(words, max(1, len(words) // 3))) if words else []


def without(text: str, lost: list[str]) -> str:
    """`text` without these words, in any of their endings."""
    for word in lost:
        stem = re.sub(r"(?:ies|es|s|ing|ed|y)$", "", word) if len(word) > 4 else word
        text = re.sub(rf"\b{re.escape(stem)}\w*(?:['’-]\w+)*", "", text, flags=re.IGNORECASE)
    return re.sub(r"\s+([,.])", r"\1", " ".join(text.split()))
