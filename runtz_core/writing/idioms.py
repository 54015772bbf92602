"""How each model likes to be spoken to, and how much it takes: what every writer is told, built-in rules too."""

from dataclasses import dataclass

from runtz_core.providers.base import ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Idiom:
    """A way of writing prompts."""

    name: str  # what the request calls it
    label: str  # what a person reads
    how: str  # what a writer is told


SENTENCES = Idiom(
    name="sentences",
    label="natural sentences",
    how="Natural, connected sentences, as one would describe a photograph to a friend. No keyword lists.",
)
STRUCTURED = Idiom(
    name="structured",
    label="structured description",
    how="A structured description: subject, setting, light, framing and finish, each in a short labelled sentence.",
)
KEYWORDS = Idiom(
    name="keywords",
    label="keywords, careful lettering",
    how=(
        "The scene first, then aesthetic keywords separated by commas. Text to be drawn stands in double quotes, "
        "letter for letter, with where and how it is lettered."
    ),
)
MOOD = Idiom(
    name="mood",
    label="style and mood",
    how="Subject first, then style and mood in flowing phrases; what matters most comes first.",
)

_BY_PROVIDER = {"openai": SENTENCES, "gemini": STRUCTURED, "ideogram": KEYWORDS, "flux": MOOD}


def idiom(spec: ModelSpec) -> Idiom:
    """How a model likes to be spoken to. Models of declared servers mostly descend from those that like keywords."""
    return _BY_PROVIDER.get(spec.provider, KEYWORDS)


def longest(spec: ModelSpec, negative: str) -> int:
    """Characters a prompt for this model may have, room left for a negative that is folded in."""
    folded = 0 if spec.takes_negative or not negative else len(negative) + len("\n\nAvoid: ")
    return max(1, spec.prompt_chars - folded)
