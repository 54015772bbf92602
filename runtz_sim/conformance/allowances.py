"""Where the documents are known to be older, or shorter, than the facts; each must still be needed.

A document published later may bring what is allowed here; then the allowance is reported and has to go.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One known difference. `where` is a route, an HTTP status, or "route path" of a value; `*` matches anything."""

    document: str
    about: Literal["route", "status", "value"]
    where: str
    value: str = ""  # the value the document's list does not have yet
    why: str

    def __str__(self) -> str:
        return f"{self.document}  {self.about} {self.where} {self.value}".rstrip()

    def covers(self, about: str, where: str, value: str = "") -> bool:
        """Whether this is the difference that was found."""
        return self.about == about and fnmatchcase(where, self.where) and self.value == value


def _values(document: str, where: str, values: tuple[str, ...], why: str) -> list[Allowance]:
    return [
        Allowance(document=document, about="value", where=where, value=value, why=why) for value in values
    ]


def _statuses(document: str, where: str, statuses: tuple[int, ...], why: str) -> list[Allowance]:
    return [
        Allowance(document=document, about="status", where=f"{where} {status}", why=why)
        for status in statuses
    ]


ALLOWANCES: tuple[Allowance, ...] = (
    *_values(
        "openai-images",
        "* answer $.size",
        ("1536x864", "864x1536"),
        "gpt-image-2 and later take any size; the answers' list still has the three of gpt-image-1",
    ),
    *_values(
        "openai-images",
        "* $.quality",
        ("xhigh", "max"),
        "quality steps that came with gpt-image-2.5",
    ),
    *_statuses("openai-images", "*", (400, 401, 403, 429, 500, 503), "the excerpt lists 200 only"),
    Allowance(
        document="bfl", about="route", where="POST /v1/flux-3-image", why="FLUX.3 came after the document"
    ),
    *_values("bfl", "GET /v1/get_result answer $.status", ("Reasoning", "Generating"), "states of FLUX.3"),
    *_statuses("bfl", "*", (402, 403, 404, 429, 500, 503), "FastAPI documents 200 and 422 only"),
    Allowance(
        document="ideogram", about="route", where="POST /v2/*", why="the v2 API has no published document"
    ),
    Allowance(
        document="ideogram", about="route", where="GET /v2/*", why="the v2 API has no published document"
    ),
    *_statuses("anthropic-messages", "*", (500, 529), "the document lists 200 and 4XX only"),
    *_statuses("ideogram", "*", (402, 404, 500, 503), "v1 lists 400, 401, 422 and 429 only"),
)
