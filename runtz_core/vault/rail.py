"""The left rail: collections, tags and facets with their counts, and the timeline, all from sums kept at hand."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core.connections.catalog import Names, names
from runtz_core.vault import months, tallies
from runtz_core.vault.models import Tag
from runtz_core.vault.tallies import Sum
from runtz_core.vault.terms import BANDS, COLOURS, LETTERS, RATIOS, STATES, Show

_COLLECTIONS = text("""
SELECT collections.id, name, coalesce(
  (SELECT images.id FROM images WHERE images.id = cover_id AND deleted_at IS NULL), other.image_id) AS cover
FROM collections LEFT JOIN LATERAL (
  SELECT image_id FROM vault_items
  WHERE keys @> ARRAY[vault_key(collections.user_id, 'g:' || collections.id)] AND deleted_at IS NULL
  LIMIT 1) AS other ON cover_id IS NULL
WHERE collections.user_id = :user_id ORDER BY lower(name)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line of the rail: a value of a facet, its words, how many pictures have it."""

    value: str
    label: str
    count: int
    hue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A collection."""

    id: str
    name: str
    count: int
    cover: str  # image id or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """Everything the rail shows of one scope; months are the newest first."""

    kept: int
    everything: int
    trash: int
    collections: list[Shelved] = field(default_factory=list)
    tags: list[Choice] = field(default_factory=list)
    providers: list[Choice] = field(default_factory=list)
    models: list[Choice] = field(default_factory=list)
    ratios: list[Choice] = field(default_factory=list)
    colours: list[Choice] = field(default_factory=list)
    prices: list[Choice] = field(default_factory=list)
    ratings: list[Choice] = field(default_factory=list)
    states: list[Choice] = field(default_factory=list)
    months: list[Choice] = field(default_factory=list)


_PRICES = {
    "free": "Free", "25": "1–25 cr", "50": "26–50 cr", "100": "51–100 cr", "200": "101–200 cr", "more": "Over 200 cr",
}  # fmt: skip
_STATES = {
    "simulated": "Simulated", "damaged": "Damaged file", "untagged": "Without tags", "loose": "In no collection",
    "uploaded": "Uploaded", "imported": "Imported",
}  # fmt: skip


def rail(session: Session, user_id: UUID, show: Show, *, zone: tzinfo = UTC) -> Rail:
    """The rail beside kept pictures or everything; the trash is read beside everything. Months are those of `zone`."""
    sums = months.in_zone(session, user_id, tallies.read(session, user_id), zone)
    scope = sums.get(Show.KEPT if show is Show.KEPT else Show.ALL, {})
    labels = names(session)
    return Rail(
        kept=_total(sums, Show.KEPT),
        everything=_total(sums, Show.ALL),
        trash=_total(sums, Show.TRASH),
        collections=_collections(session, user_id, scope),
        tags=_tags(session, user_id, scope),
        providers=_labelled(scope, "provider", labels),
        models=_labelled(scope, "model", labels),
        ratios=_ordered(scope, "ratio", {value: value for value in RATIOS}),
        colours=_ordered(scope, "colour", {value: value.capitalize() for value in COLOURS}),
        prices=_ordered(scope, "price", {value: _PRICES[value] for value in BANDS}),
        ratings=_ordered(scope, "rating", {str(stars): str(stars) for stars in range(5, 0, -1)}),
        states=[
            *_ordered(scope, "state", {value: _STATES[value] for value in STATES}),
            *_ordered(scope, "origin", {value: _STATES[value] for value in ("uploaded", "imported")}),
        ],
        months=sorted(
            (Choice(value=value, label=value, count=count) for value, count in counts(scope, "d").items()),
            key=lambda month: month.value,
            reverse=True,
        ),
    )


def counts(scope: dict[str, Sum], letter: str) -> dict[str, int]:
    """How many pictures there are by value of a facet."""
    start = f"{letter}:"
    return {
        term.removeprefix(start): found.pictures for term, found in scope.items() if term.startswith(start)
    }


def _total(sums: tallies.Sums, scope: str) -> int:
    return sums.get(scope, {}).get("", tallies.NOTHING).pictures


def _ordered(scope: dict[str, Sum], facet: str, words: dict[str, str]) -> list[Choice]:
    found = counts(scope, LETTERS[facet])
    return [
        Choice(value=value, label=label, count=found[value])
        for value, label in words.items()
        if value in found
    ]


def _labelled(scope: dict[str, Sum], facet: str, labels: Names) -> list[Choice]:
    found = counts(scope, LETTERS[facet])
    choices = [
        Choice(
            value=value,
            label=labels.provider(value) if facet == "provider" else labels.model(value),
            count=count,
            hue=labels.hue(value) if facet == "provider" else _hue_of_model(labels, value),
        )
        for value, count in found.items()
    ]
    return sorted(choices, key=_most_first)


def _hue_of_model(labels: Names, model: str) -> str:
    spec = labels.specs.get(model)
    return labels.hue(spec.provider if spec else "")


def _most_first(choice: Choice) -> tuple[int, str]:
    return -choice.count, choice.label.lower()


def _tags(session: Session, user_id: UUID, scope: dict[str, Sum]) -> list[Choice]:
    found = counts(scope, LETTERS["tag"])
    rows = session.execute(select(col(Tag.id), col(Tag.name)).where(col(Tag.user_id) == user_id))
    choices = [
        Choice(value=str(row.id), label=row.name, count=found.get(str(row.id), 0)) for row in rows.all()
    ]
    return sorted(choices, key=_most_first)


def _collections(session: Session, user_id: UUID, scope: dict[str, Sum]) -> list[Shelved]:
    found = counts(scope, LETTERS["collection"])
    return [
        Shelved(id=str(row.id), name=row.name, count=found.get(str(row.id), 0), cover=str(row.cover or ""))
        for row in session.execute(_COLLECTIONS, {"user_id": user_id})
    ]
