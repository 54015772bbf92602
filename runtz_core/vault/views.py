"""What pages show of the vault: small frozen values, never rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.connections.catalog import Names, names

SHOWN_PROMPT = 400  # characters of a prompt on the wall; the whole one is with the details


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A picture on the wall. Times are epoch seconds."""

    id: str
    at: float
    w: int
    h: int
    kept: bool
    hash: str  # thumbhash, base64
    prompt: str
    title: str
    model: str  # its label
    hue: str
    simulated: bool
    damaged: bool
    credits: int
    bytes: int
    rating: int
    version: int
    job_id: str
    deleted_at: float  # 0 unless in the trash


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A tag or a collection of a picture."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """One picture with everything that can be said about it."""

    item: Item
    prompt: str
    notes: str
    provider: str
    tier: str
    ratio: str
    usd_micros: int
    origin: str
    palette: list[str] = field(default_factory=list)  # "#rrggbb", most of it first
    tags: list[Named] = field(default_factory=list)
    collections: list[Named] = field(default_factory=list)


_COLUMNS = """
SELECT item.image_id, item.created_at, item.kept, item.width, item.height, item.title, item.notes, item.model,
  item.provider, item.simulated, item.damaged, item.credits, item.usd_micros, item.rating, item.version,
  item.job_id, item.deleted_at, item.origin, item.palette, item.tag_ids, item.collection_ids,
  images.thumbhash, blobs.size, {prompt} AS prompt
FROM vault_items AS item JOIN images ON images.id = item.image_id JOIN blobs ON blobs.sha256 = images.sha256
LEFT JOIN jobs ON jobs.id = item.job_id
"""
_ITEMS = text(
    _COLUMNS.format(prompt=f"left(jobs.prompt, {SHOWN_PROMPT})")
    + "WHERE item.image_id = ANY(:ids) AND item.user_id = :user_id"
)
_ONE = text(_COLUMNS.format(prompt="jobs.prompt") + "WHERE item.image_id = :id AND item.user_id = :user_id")
_MORE = text("""
SELECT coalesce(calls.tier, '') AS tier, vault_ratio(item.width, item.height) AS ratio,
  ARRAY(SELECT ARRAY[id::text, name] FROM tags WHERE id = ANY(item.tag_ids) ORDER BY lower(name)) AS tags,
  ARRAY(SELECT ARRAY[id::text, name] FROM collections WHERE id = ANY(item.collection_ids) ORDER BY lower(name))
    AS collections
FROM vault_items AS item JOIN images ON images.id = item.image_id LEFT JOIN calls ON calls.id = images.call_id
WHERE item.image_id = :id
""")


def items(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[Item]:
    """This person's pictures of these ids, in this order; others are left out."""
    if not image_ids:
        return []
    rows = session.execute(_ITEMS, {"ids": list(image_ids), "user_id": user_id})
    labels = names(session)
    found = {row.image_id: _item(row, labels) for row in rows}
    return [found[image_id] for image_id in image_ids if image_id in found]


def details(session: Session, user_id: UUID, image_id: UUID) -> Details | None:
    """Everything about one picture of this person, in the trash too; None when it is not theirs."""
    row = session.execute(_ONE, {"id": image_id, "user_id": user_id}).one_or_none()
    if row is None:
        return None
    labels = names(session)
    more = session.execute(_MORE, {"id": image_id}).one()
    return Details(
        item=_item(row, labels),
        prompt=row.prompt or "",
        notes=row.notes,
        provider=labels.provider(row.provider) if row.provider else "",
        tier=more.tier,
        ratio=more.ratio,
        usd_micros=row.usd_micros,
        origin=row.origin,
        palette=row.palette,
        tags=[Named(id=one, name=name) for one, name in more.tags],
        collections=[Named(id=one, name=name) for one, name in more.collections],
    )


def _item(row: Any, labels: Names) -> Item:
    return Item(
        id=str(row.image_id),
        at=row.created_at.timestamp(),
        w=row.width,
        h=row.height,
        kept=row.kept,
        hash=row.thumbhash or "",
        prompt=row.prompt or "",
        title=row.title,
        model=labels.model(row.model) if row.model else row.origin.capitalize(),
        hue=labels.hue(row.provider or ""),
        simulated=row.simulated,
        damaged=row.damaged,
        credits=row.credits,
        bytes=row.size,
        rating=row.rating or 0,
        version=row.version,
        job_id=str(row.job_id or ""),
        deleted_at=row.deleted_at.timestamp() if row.deleted_at else 0.0,
    )
