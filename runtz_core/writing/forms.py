"""The forms that text models must fill in, as classes: their JSON Schema is sent, their checks are ours."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

# The rubric: most points of each part; together 100.
MOST = {"clarity": 25, "detail": 25, "technical": 20, "composition": 15, "coherence": 15}


class BadAnswer(Exception):
    """An answer does not fill in its form. `reason` is one sentence for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Form(BaseModel):
    """A closed JSON object, nothing guessed, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Description(Form):
    """What is to be seen in a picture, as a prompt that would make one like it."""

    prompt: str
    style: str
    words_in_picture: list[str]


class ForModel(Form):
    """One model's prompt."""

    model: str
    prompt: str


class Enhanced(Form):
    """An idea written out: once for every model, and once for each."""

    master: str = Field(min_length=1)
    negatives: list[str]
    prompts: list[ForModel]


class Graded(Form):
    """Marks by the rubric. The parts must add up; nobody's arithmetic is corrected."""

    clarity: int = Field(ge=0, le=25)
    detail: int = Field(ge=0, le=25)
    technical: int = Field(ge=0, le=20)
    composition: int = Field(ge=0, le=15)
    coherence: int = Field(ge=0, le=15)
    total: int
    notes: str
    improvements: list[str]
    better: str

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        parts = sum(getattr(self, name) for name in MOST)
        if parts != self.total:
            raise ValueError(f"its parts add up to {parts}, it says {self.total}")
        return self


class Checks(Form):
    """What can be ticked off about one picture."""

    follows_prompt: bool
    text_correct: Literal["correct", "wrong", "no_text"]
    artefacts: list[str]


class Compared(Form):
    """Which of two pictures is better, or that nobody can tell."""

    better: Literal["first", "second", "cannot_tell"]
    reason: str = Field(min_length=1)
    first: Checks
    second: Checks


FORMS: dict[str, type[Form]] = {
    "description": Description,
    "enhanced": Enhanced,
    "graded": Graded,
    "compared": Compared,
}


def schema(form: str) -> dict[str, Any]:
    """The JSON Schema of a form as all vendors take it: closed objects, everything required, no bounds."""
    whole = FORMS[form].model_json_schema()
    plain: dict[str, Any] = _plain(whole, whole.get("$defs", {}))
    return plain


def check(form: str, content: Mapping[str, Any]) -> Form:
    """The form as filled in. Raises BadAnswer, KeyError for a form nobody knows."""
    try:
        return FORMS[form].model_validate(dict(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise BadAnswer(
            f"The answer does not fill in the form: {f'{where}: ' if where else ''}{said}."
        ) from None


_LEFT_OUT = frozenset(
    [
        "title", "description", "default", "$defs", "minimum", "maximum", "minLength", "maxLength", "minItems",
        "maxItems",
    ]
)  # fmt: skip


def _plain(node: Any, defined: Mapping[str, Any]) -> Any:
    """Without what some vendors refuse: titles, references, and bounds, which only we check."""
    if isinstance(node, list):
        return [_plain(one, defined) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(defined[node["$ref"].rpartition("/")[2]], defined)
    kept: dict[str, Any] = {}
    for name, value in node.items():
        if name == "properties":
            kept[name] = {field: _plain(inner, defined) for field, inner in value.items()}
        elif name not in _LEFT_OUT:
            kept[name] = _plain(value, defined)
    return kept
