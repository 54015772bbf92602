"""Fitting a request to a model that lacks what was asked for, and saying so."""

from runtz_core.providers.base import ImageRequest


def folded(request: ImageRequest) -> str:
    """The prompt with the negative prompt as words, for models that take none."""
    return f"{request.prompt}\n\nAvoid: {request.negative}" if request.negative else request.prompt


def notes(request: ImageRequest, *, seed: bool = True, negative: bool = False) -> tuple[str, ...]:
    """What a person should know when the model takes no `seed` or no `negative` prompt and one was given."""
    said = []
    if request.negative and not negative:
        said.append("This model takes no negative prompt; it was added to the prompt in words.")
    if request.seed is not None and not seed:
        said.append("This model takes no seed; asking again gives another picture.")
    return tuple(said)
