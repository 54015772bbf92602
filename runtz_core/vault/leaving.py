"""What of the vault goes along with a person, and goes with them when they leave."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlmodel import Session, col

from runtz_core.vault.models import Collection, Tag, Tally, VaultItem, Word


def queries(user_id: UUID) -> dict[str, Select[Any]]:
    """Rows to take along, by the name of their file."""
    return {
        "vault": select(
            col(VaultItem.image_id),
            col(VaultItem.title),
            col(VaultItem.notes),
            col(VaultItem.rating),
            func.array_to_json(col(VaultItem.tag_ids)).label("tags"),
            func.array_to_json(col(VaultItem.collection_ids)).label("collections"),
            func.array_to_json(col(VaultItem.colours)).label("colours"),
        )
        .where(col(VaultItem.user_id) == user_id, col(VaultItem.deleted_at).is_(None))
        .order_by(col(VaultItem.image_id)),
        "tags": select(col(Tag.id), col(Tag.name), col(Tag.created_at))
        .where(col(Tag.user_id) == user_id)
        .order_by(col(Tag.id)),
        "collections": select(
            col(Collection.id), col(Collection.name), col(Collection.cover_id), col(Collection.created_at)
        )
        .where(col(Collection.user_id) == user_id)
        .order_by(col(Collection.id)),
    }


def forget_all(session: Session, user_id: UUID) -> None:
    """Tags, collections, known words and counts of somebody whose pictures are gone."""
    for table in (Tag, Collection, Word, Tally):
        session.execute(delete(table).where(col(table.user_id) == user_id))
