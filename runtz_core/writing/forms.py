"""The forms that text models must fill in, as classes: their JSON Schema is sent, their checks are ours."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


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


FORMS: dict[str, type[Form]] = {"description": Description}


def schema(form: str) -> dict[str, Any]:
    """The JSON Schema of a form as all vendors take it: closed objects, everything required, no bounds."""
    plain: dict[str, Any] = _plain(FORMS[form].model_json_schema())
    return plain


def check(form: str, content: Mapping[str, Any]) -> Form:
    """The form as filled in. Raises BadAnswer, KeyError for a form nobody knows."""
    try:
        return FORMS[form].model_validate(dict(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise BadAnswer(f"The answer does not fill in the form ({where}: {first['msg']}).") from None


_LEFT_OUT = ("title", "description", "default")


def _plain(node: Any) -> Any:
    """Without what some vendors refuse: titles and texts of ours, bounds that only we check."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    bounds = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
    kept: dict[str, Any] = {}
    for name, value in node.items():
        if name == "properties":
            kept[name] = {field: _plain(inner) for field, inner in value.items()}
        elif name not in (*_LEFT_OUT, *bounds):
            kept[name] = _plain(value)
    return kept
