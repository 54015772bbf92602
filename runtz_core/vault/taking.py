"""A selection to take along: the originals, each with a safe name of its own."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.images.formats import FORMATS
from runtz_core.images.intake import get_store
from runtz_core.images.models import Blob, Image
from runtz_core.images.service import file_word
from runtz_core.images.store import BlobStore
from runtz_core.vault.models import VaultItem


def files(
    session: Session, user_id: UUID, image_ids: Sequence[UUID], *, store: BlobStore | None = None
) -> list[tuple[str, Path]]:
    """(name in the archive, file) of this person's pictures, newest first; missing and damaged files are left out.

    Names read `<date>-<title or model>-<end of the id>.<ext>`, so none meets another.
    """
    store = store or get_store()
    rows = session.execute(
        select(
            col(Image.id),
            col(Image.created_at),
            col(Image.sha256),
            col(Blob.media_type),
            col(VaultItem.title),
            col(VaultItem.model),
            col(VaultItem.origin),
        )
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .join(VaultItem, col(VaultItem.image_id) == col(Image.id))
        .where(
            col(Image.user_id) == user_id,
            col(Image.id).in_(image_ids),
            col(Image.deleted_at).is_(None),
            col(Blob.damage).is_(None),
        )
        .order_by(col(Image.created_at).desc(), col(Image.id).desc())
    ).all()
    found = []
    for row in rows:
        word = file_word(row.title or row.model or row.origin)
        name = f"{row.created_at:%Y-%m-%d}-{word}-{row.id.hex[-12:]}.{FORMATS[row.media_type].extension}"
        found.append((name, store.original(row.sha256, row.media_type)))
    return [(name, path) for name, path in found if path.is_file()]
