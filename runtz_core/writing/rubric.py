"""The built-in grader: stated rules, each worth points, that anybody can read and check. It says that it is one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from runtz_core.writing import rules
from runtz_core.writing.forms import MOST

GRADER = "Built-in rules"

# What asks a grader for marks instead of a model for a picture. It is taken out before anybody marks the rest.
# Every repetition is bounded, so that 32,000 characters without a full stop take no longer than with them.
_ORDERS = re.compile(
    r"\b(?:"
    r"(?:ignore|disregard|forget|override)\b[^.!?\n]{0,60}\b(?:rubric|instructions?|rules?|above|previous|grading)"
    r"|(?:give|award|score|rate|grade|mark)\b[^.!?\n]{0,40}\b(?:100|full marks|maximum|perfect|highest)"
    r"|system prompt|you are (?:now )?(?:a|the) (?:grader|judge)"
    r")",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^.!?\n,;:]+[.!?\n,;:]*|[.!?\n,;:]+")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: which part it belongs to, what it is worth, what it asks, what to do when it is not met."""

    part: str
    points: int
    asks: str
    advice: str
    met: Callable[[str, frozenset[str]], bool]


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Marks by the rubric; the parts add up to the total."""

    parts: Mapping[str, int]
    notes: str
    improvements: list[str]
    better: str
    met: list[str]
    missed: list[str]

    @property
    def total(self) -> int:
        """Points out of 100."""
        return sum(self.parts.values())


def _says(topic: str) -> Callable[[str, frozenset[str]], bool]:
    return lambda prompt, said: rules.speaks_of(topic, prompt)


def _words(least: int, most: int = 10_000) -> Callable[[str, frozenset[str]], bool]:
    return lambda prompt, said: least <= len(prompt.split()) <= most


def _matches(pattern: str) -> Callable[[str, frozenset[str]], bool]:
    found = re.compile(pattern, re.IGNORECASE)
    return lambda prompt, said: found.search(prompt) is not None


def _no(pattern: str) -> Callable[[str, frozenset[str]], bool]:
    found = re.compile(pattern, re.IGNORECASE)
    return lambda prompt, said: found.search(prompt) is None


def _rule(part: str, points: int, asks: str, advice: str, met: Callable[[str, frozenset[str]], bool]) -> Rule:
    return Rule(part=part, points=points, asks=asks, advice=advice, met=met)


_HYPE = (
    r"\b(?:masterpiece|best quality|ultra[- ]?detailed|8k|4k|trending on|award[- ]winning|hyper[- ]?realistic|"
    r"stunning)\b"
)
_PLACES = r"\b(?:in|on|at|under|over|behind|beside|between|above|below|near|against|beneath|inside|outside|across)\b"
_MATERIAL = (
    r"\b(?:wood(?:en)?|stone|glass|metal|steel|iron|brass|gold|silver|paper|cloth|linen|silk|wool|leather|brick|concrete|"
    r"sand|wet|rust(?:y|ed)?|texture|grain|fur|feathers?|moss|dust|fog|mist|smoke|rain|snow)\b"
)
_COLOUR = (
    r"\b(?:red|blue|green|yellow|orange|purple|violet|pink|black|white|gr[ae]y|brown|ochre|teal|gold(?:en)?|silver|amber|"
    r"turquoise|crimson|colou?rs?|palette|monochrome|pastel|warm|cool|muted)\b"
)

RULES = (
    _rule("clarity", 10, "at least four words", "Say who or what is to be seen.", _words(4)),
    _rule("clarity", 8, "at most 150 words", "Shorten it to what one look can hold.", _words(1, 150)),
    _rule(
        "clarity", 7, "no empty praise", "Drop words such as masterpiece or 8k; describe instead.", _no(_HYPE)
    ),
    _rule(
        "detail",
        8,
        "at least twelve words",
        "Tell more of the subject: age, action, surroundings.",
        _words(12),
    ),
    _rule("detail", 6, "a place or a relation", "Say where it is and what is around it.", _matches(_PLACES)),
    _rule(
        "detail",
        6,
        "a material or weather",
        "Name a material, a texture or the weather.",
        _matches(_MATERIAL),
    ),
    _rule("detail", 5, "a colour", "Name one or two colours.", _matches(_COLOUR)),
    _rule("technical", 10, "the light", "Say where the light comes from and how hard it is.", _says("light")),
    _rule("technical", 10, "the medium or finish", "Say photograph, watercolour, render …", _says("finish")),
    _rule("composition", 10, "the framing", "Say close-up, wide view, from above …", _says("framing")),
    _rule(
        "composition",
        5,
        "a ground or a distance",
        "Say what is in front and what behind.",
        _matches(r"\b(?:background|foreground|distance|horizon|ground|behind|beyond|depth|space)\b"),
    ),
    _rule(
        "coherence",
        8,
        "one time of day",
        "Choose either day or night.",
        lambda prompt, said: not ({"noon", "midday", "daylight"} & said and {"night", "midnight"} & said),
    ),
    _rule(
        "coherence",
        7,
        "one medium",
        "Choose one medium; photograph and painting contradict each other.",
        lambda prompt, said: (
            not (
                {"photograph", "photo", "photorealistic"} & said
                and {"painting", "cartoon", "anime", "sketch"} & said
            )
        ),
    ),
)


def orders(prompt: str) -> list[str]:
    """The clauses that speak to a grader ("ignore the rubric", "give 100"), as the prompt says them."""
    return [clause.strip(" ,;:.!?\n") for clause, taken in _clauses(prompt) if taken]


def neutral(prompt: str) -> str:
    """The prompt without orders to a grader: they are no part of a picture."""
    clauses = _clauses(prompt)
    if not any(taken for _, taken in clauses):
        return prompt
    kept = "".join(clause for clause, taken in clauses if not taken)
    return " ".join(kept.split()).rstrip(" ,;:")


def _clauses(prompt: str) -> list[tuple[str, bool]]:
    """Every clause with its stop, and whether an order stands in it or reaches into it."""
    spans = [found.span() for found in _ORDERS.finditer(prompt)]
    clauses = []
    for found in _CLAUSE.finditer(prompt):
        while spans and spans[0][1] <= found.start():
            spans.pop(0)
        taken = bool(spans) and spans[0][0] < found.end() and found.start() < spans[0][1]
        clauses.append((found.group(), taken))
    return clauses


def marks(prompt: str) -> Marks:
    """Marks by the built-in rules. The same prompt always gets the same."""
    plain = neutral(prompt)
    said = frozenset(re.findall(r"[\w-]+", plain.lower()))
    met = [rule for rule in RULES if plain.strip() and rule.met(plain, said)]
    missed = [rule for rule in RULES if rule not in met]
    parts = {part: sum(rule.points for rule in met if rule.part == part) for part in MOST}
    return Marks(
        parts=parts,
        notes=f"{len(met)} of {len(RULES)} built-in rules are met.",
        improvements=[rule.advice for rule in missed],
        better=_better(prompt),
        met=[f"{rule.asks} (+{rule.points})" for rule in met],
        missed=[f"{rule.asks} (0 of {rule.points})" for rule in missed],
    )


def _better(prompt: str) -> str:
    """The prompt with the next thing it does not say, from the built-in writer."""
    for _, text in rules.additions(prompt):
        first = prompt.rstrip()
        return f"{first}{'' if first[-1:] in '.!?…' else '.'} {text[0].upper()}{text[1:]}."
    return prompt
