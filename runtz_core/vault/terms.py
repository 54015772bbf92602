"""What the vault is filtered by: terms of a picture as the database writes them, and a wish as an address says it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from runtz_core.ids import parse_id

COLOURS = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "pink", "white", "grey", "black")
BANDS = ("free", "25", "50", "100", "200", "more")  # credits a picture was charged, at most
RATIOS = (
    "1:1", "5:4", "4:3", "3:2", "16:9", "21:9", "4:5", "3:4", "2:3", "9:16", "wide", "tall",
)  # fmt: skip
STATES = ("simulated", "damaged", "untagged", "loose")
ORIGINS = ("generated", "uploaded", "imported")

MOST_VALUES = 32  # of one facet at once
MOST_TEXT = 400  # characters of a search

# Facets by their name in an address, and the letter their terms begin with (vault_terms in the schema).
LETTERS = {
    "provider": "p", "model": "m", "ratio": "r", "colour": "c", "tag": "t", "collection": "g", "rating": "a",
    "price": "b", "state": "s", "origin": "o",
}  # fmt: skip
_KNOWN: dict[str, tuple[str, ...]] = {
    "ratio": RATIOS, "colour": COLOURS, "rating": ("0", "1", "2", "3", "4", "5"), "price": BANDS,
    "state": STATES, "origin": ORIGINS,
}  # fmt: skip
_NAME = re.compile(r"[\w./:@ -]{1,200}")


class Show(StrEnum):
    """Which pictures: kept ones first, everything on request, and what was thrown away."""

    KEPT = "kept"
    ALL = "all"
    TRASH = "trash"


class BadFilter(ValueError):
    """An address asks for something no page of ours asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What of a person's pictures is wanted: any term of each group, all groups. Times are aware UTC."""

    show: Show = Show.KEPT
    groups: tuple[tuple[str, ...], ...] = ()
    since: datetime | None = None  # from then on
    until: datetime | None = None  # before then
    text: str = ""
    oldest_first: bool = False


def key(user_id: UUID, term: str) -> int:
    """A person's term as a number, as `vault_key` in the schema makes it."""
    digest = hashlib.md5(f"{user_id}{term}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def keys(user_id: UUID, terms: Iterable[str]) -> list[int]:
    """Several terms as numbers."""
    return [key(user_id, term) for term in terms]


def read_filters(query: Mapping[str, str], zone: tzinfo = UTC) -> Filters:
    """The filters an address names, values of a facet divided by commas, days those of `zone`. Raises BadFilter."""
    groups = []
    for facet, letter in LETTERS.items():
        values = [value for value in query.get(facet, "").split(",") if value]
        if len(values) > MOST_VALUES or any(not _possible(facet, value) for value in values):
            raise BadFilter(facet)
        if values:
            groups.append(tuple(f"{letter}:{value}" for value in dict.fromkeys(values)))
    try:
        show = Show(query.get("show") or Show.KEPT)
    except ValueError:
        raise BadFilter("show") from None
    order = query.get("order", "")
    if order not in ("", "newest", "oldest"):
        raise BadFilter("order")
    return Filters(
        show=show,
        groups=tuple(groups),
        since=_day(query.get("from", ""), zone, end=False),
        until=_day(query.get("to", ""), zone, end=True),
        text=_text(query.get("q", "")),
        oldest_first=order == "oldest",
    )


def _possible(facet: str, value: str) -> bool:
    if facet in ("tag", "collection"):
        found = parse_id(value)
        return found is not None and str(found) == value
    known = _KNOWN.get(facet)
    return value in known if known else _NAME.fullmatch(value) is not None


def _text(written: str) -> str:
    if len(written) > MOST_TEXT:
        raise BadFilter("q")
    # Half characters and NUL are nothing Postgres takes, and nothing anybody searches for.
    return " ".join(written.encode("utf-8", "ignore").decode().replace("\x00", " ").split())


def _day(written: str, zone: tzinfo, *, end: bool) -> datetime | None:
    """The start of a day or month (YYYY-MM or YYYY-MM-DD), or what follows its end."""
    if not written:
        return None
    whole_month = len(written) == 7
    try:
        start = datetime.strptime(written + "-01" if whole_month else written, "%Y-%m-%d").replace(
            tzinfo=zone
        )
    except ValueError:
        raise BadFilter("date") from None
    if not 2000 <= start.year <= 9000:
        raise BadFilter("date")
    if end:
        start = (start + timedelta(days=32)).replace(day=1) if whole_month else start + timedelta(days=1)
    return start.astimezone(UTC)
