"""What the text adapters share: the vendor's words read as the one JSON object that was asked for."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from runtz_core.failures import FailureKind
from runtz_core.providers.answers import plain
from runtz_core.providers.base import Cost, ProviderError
from runtz_core.providers.models.texts import TextSpec, text_spec
from runtz_core.providers.text import Answer, Picture


def spec_of(model: str) -> TextSpec | None:
    """The price list's line for a model, None for one that left it."""
    try:
        return text_spec(model)
    except KeyError:
        return None


def cost_of(model: str, put_in: int | None, out: int | None) -> Cost | None:
    """What the reported tokens cost."""
    spec = spec_of(model)
    return spec.cost(put_in, out) if spec else None


def base64_of(picture: Picture) -> str:
    """A picture as JSON carries it."""
    return b64encode(picture.data).decode()


def answer_of(who: str, words: str, *, cost: Cost | None, request_id: str | None) -> Answer:
    """The JSON object a model wrote. Raises ProviderError(BAD_RESPONSE), with its cost, for anything else."""
    try:
        found: Any = json.loads(words)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, Mapping):
        raise useless(who, "it did not fill in the form", cost=cost, request_id=request_id)
    return Answer(content=found, cost=cost, request_id=request_id)


def useless(who: str, why: str, *, cost: Cost | None, request_id: str | None) -> ProviderError:
    """An answer that was paid for and says nothing."""
    return ProviderError(
        FailureKind.BAD_RESPONSE, f"{who} answered, but {why}.", request_id=request_id, cost=cost
    )


def declined(who: str, why: object, *, cost: Cost | None, request_id: str | None) -> ProviderError:
    """A model that will not answer. It is no mark and no verdict."""
    said = plain(why)
    return ProviderError(
        FailureKind.CONTENT_BLOCKED,
        f"{who} declined to answer{f': {said}' if said else '.'}",
        request_id=request_id,
        cost=cost,
    )
