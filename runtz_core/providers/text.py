"""The interface of text models: what is written, judged and described, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from runtz_core.providers.base import Cost, Probe, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture shown to a text model."""

    data: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTask:
    """One question to a text model, to be answered by one JSON object of `schema` and nothing else.

    `instructions` are ours and the only ones to be followed; `words` and `pictures` are material of people.
    """

    model: str
    instructions: str
    words: str = field(repr=False)
    schema_name: str
    schema: Mapping[str, Any] = field(repr=False)  # JSON Schema, closed objects, every property required
    pictures: tuple[Picture, ...] = ()
    max_tokens: int = 2_000  # of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A text model's JSON object. It has the vendor's word to be of the schema, and is still to be checked."""

    content: Mapping[str, Any] = field(repr=False)
    cost: Cost | None = None
    request_id: str | None = None


class TextProvider(Protocol):
    """The text models of one vendor over one connection, as long-lived and safe as an ImageProvider.

    Every question ends within its call; there is no reference to ask after. All raise ProviderError.
    """

    async def write(self, task: TextTask, progress: Progress) -> Answer:
        """Write something new from words."""
        ...

    async def judge(self, task: TextTask, progress: Progress) -> Answer:
        """Give marks or a verdict."""
        ...

    async def describe(self, task: TextTask, progress: Progress) -> Answer:
        """Say what is to be seen in a picture."""
        ...

    async def probe(self) -> Probe:
        """Test the key by the vendor's free check. Never raises."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
