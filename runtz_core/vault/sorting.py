"""Tags and collections: making, renaming, merging, removing, and putting many pictures into one at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.ids import new_id
from runtz_core.vault import words
from runtz_core.vault.errors import NameTaken, NotThere, Refused
from runtz_core.vault.models import Collection, Tag, VaultItem
from runtz_core.vault.terms import LETTERS, key

LONGEST_NAME = 60  # characters
MOST = 2_000  # tags, and collections, of one person


class Shelf(StrEnum):
    """What pictures are sorted into."""

    TAG = "tag"
    COLLECTION = "collection"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    rows: Any
    column: str
    words: str


_TABLES = {
    Shelf.TAG: _Table(rows=Tag, column="tag_ids", words="tag"),
    Shelf.COLLECTION: _Table(rows=Collection, column="collection_ids", words="collection"),
}


def make(session: Session, user_id: UUID, shelf: Shelf, name: str) -> UUID:
    """The tag or collection of this name, made if it is new; upper and lower case are the same name. Raises Refused."""
    rows, name = _TABLES[shelf].rows, checked_name(name)
    known = _named(session, user_id, shelf, name)
    if known is not None:
        return known
    count = session.execute(select(func.count()).where(rows.user_id == user_id)).scalar_one()
    if count >= MOST:
        raise Refused(f"There are {MOST:,} of them already; remove some first.", field="name")
    session.execute(insert(rows).values(id=new_id(), user_id=user_id, name=name).on_conflict_do_nothing())
    made = _named(session, user_id, shelf, name)
    if made is None:
        raise NotThere
    events.vault_changed(session, user_id)
    if shelf is Shelf.TAG:
        words.learn(session, user_id, name)
    return made


def checked_name(name: str) -> str:
    """A name without needless spaces. Raises Refused for none, and for one too long."""
    name = " ".join(name.replace("\x00", " ").split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused(f"A name has 1 to {LONGEST_NAME} characters.", field="name")
    return name


def _named(session: Session, user_id: UUID, shelf: Shelf, name: str) -> UUID | None:
    rows = _TABLES[shelf].rows
    found: UUID | None = session.execute(
        select(rows.id).where(rows.user_id == user_id, func.lower(rows.name) == func.lower(name))
    ).scalar_one_or_none()
    return found


def owned(session: Session, user_id: UUID, shelf: Shelf, shelf_id: UUID) -> Any:
    """This person's tag or collection. Raises NotThere."""
    row = session.get(_TABLES[shelf].rows, shelf_id)
    if row is None or row.user_id != user_id:
        raise NotThere
    return row


def rename(session: Session, user_id: UUID, shelf: Shelf, shelf_id: UUID, name: str) -> None:
    """Give it another name. Raises NotThere, Refused, and NameTaken when another one has it."""
    row, name = owned(session, user_id, shelf, shelf_id), checked_name(name)
    taken_by = _named(session, user_id, shelf, name)
    if taken_by not in (None, shelf_id):
        raise NameTaken(f"There is a {_TABLES[shelf].words} “{name}” already.", taken_by)
    row.name = name
    session.add(row)
    session.flush()
    events.vault_changed(session, user_id)
    if shelf is Shelf.TAG:
        words.learn(session, user_id, name)


def put(
    session: Session, user_id: UUID, shelf: Shelf, shelf_id: UUID, image_ids: Sequence[UUID]
) -> list[UUID]:
    """Put pictures there; returns those that were not there before. Raises NotThere."""
    row, column = owned(session, user_id, shelf, shelf_id), _TABLES[shelf].column
    done = _change(
        session,
        user_id,
        f"SET {column} = array_append({column}, :shelf_id) "
        f"WHERE NOT {column} @> ARRAY[CAST(:shelf_id AS uuid)]",
        image_ids,
        shelf_id,
    )
    if done and shelf is Shelf.COLLECTION and row.cover_id is None:
        set_cover(session, user_id, shelf_id, max(done))  # the newest: ids are in order of time
    return done


def take(
    session: Session, user_id: UUID, shelf: Shelf, shelf_id: UUID, image_ids: Sequence[UUID]
) -> list[UUID]:
    """Take pictures from there; returns those that were there. Raises NotThere."""
    row, column = owned(session, user_id, shelf, shelf_id), _TABLES[shelf].column
    done = _change(
        session,
        user_id,
        f"SET {column} = array_remove({column}, :shelf_id) WHERE {column} @> ARRAY[CAST(:shelf_id AS uuid)]",
        image_ids,
        shelf_id,
    )
    if shelf is Shelf.COLLECTION and row.cover_id in done:
        row.cover_id = None  # any of those that stay stands for it
        session.add(row)
        session.flush()
    return done


def _change(
    session: Session, user_id: UUID, change: str, image_ids: Sequence[UUID], shelf_id: UUID
) -> list[UUID]:
    # Locked in one order, so that two tabs with the same selection wait for each other and go on.
    locked = (
        select(col(VaultItem.image_id))
        .where(col(VaultItem.user_id) == user_id, col(VaultItem.image_id).in_(image_ids))
        .order_by(col(VaultItem.image_id))
        .with_for_update()
    )
    ids = list(session.execute(locked).scalars())
    changed = session.execute(
        text(f"UPDATE vault_items {change} AND image_id = ANY(:ids) RETURNING image_id"),
        {"shelf_id": shelf_id, "ids": ids},
    ).scalars()
    done = list(changed)
    if done:
        events.vault_changed(session, user_id)
    return done


def merge(session: Session, user_id: UUID, shelf: Shelf, shelf_id: UUID, *, into: UUID) -> None:
    """Everything of one is in the other afterwards, and the one is gone. Raises NotThere, Refused."""
    if shelf_id == into:
        raise Refused("It cannot be merged with itself.")
    owned(session, user_id, shelf, into)
    put(session, user_id, shelf, into, _pictures(session, user_id, shelf, shelf_id))
    remove(session, user_id, shelf, shelf_id)


def remove(session: Session, user_id: UUID, shelf: Shelf, shelf_id: UUID) -> None:
    """Remove a tag or a collection; pictures stay. Raises NotThere."""
    row = owned(session, user_id, shelf, shelf_id)
    take(session, user_id, shelf, shelf_id, _pictures(session, user_id, shelf, shelf_id))
    session.delete(row)
    session.flush()
    events.vault_changed(session, user_id)


def _pictures(session: Session, user_id: UUID, shelf: Shelf, shelf_id: UUID) -> list[UUID]:
    """Every picture there, thrown away ones too."""
    column = getattr(VaultItem, _TABLES[shelf].column)
    return list(
        session.execute(
            select(col(VaultItem.image_id)).where(
                col(VaultItem.keys).contains([key(user_id, f"{LETTERS[shelf]}:{shelf_id}")]),
                column.contains([shelf_id]),
                col(VaultItem.user_id) == user_id,
            )
        ).scalars()
    )


def set_cover(session: Session, user_id: UUID, collection_id: UUID, image_id: UUID) -> None:
    """Show a collection by one of its pictures. Raises NotThere when either is not there."""
    owned(session, user_id, Shelf.COLLECTION, collection_id)
    inside = session.execute(
        select(col(VaultItem.image_id)).where(
            col(VaultItem.image_id) == image_id,
            col(VaultItem.user_id) == user_id,
            col(VaultItem.collection_ids).contains([collection_id]),
        )
    ).first()
    if inside is None:
        raise NotThere
    session.execute(update(Collection).where(col(Collection.id) == collection_id).values(cover_id=image_id))
    events.vault_changed(session, user_id)
