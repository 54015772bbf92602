"""Keeping, throwing away, taking back, and the end after thirty days. Files go when no picture uses them any more."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.images import service as images
from runtz_core.images.models import Image
from runtz_core.vault.models import ErasedImage

DAYS = 30  # that a picture stays in the trash
AT_ONCE = 500


def keep(session: Session, user_id: UUID, image_ids: Sequence[UUID], kept: bool) -> list[UUID]:
    """Keep pictures, or stop keeping them; returns those it changed."""
    ids = _locked(session, user_id, image_ids, in_trash=False)
    changed = session.execute(
        update(Image)
        .where(col(Image.id).in_(ids), col(Image.kept) != kept)
        .values(kept=kept)
        .returning(col(Image.id))
    ).scalars()
    return _told(session, user_id, list(changed))


def throw_away(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[UUID]:
    """Put pictures into the trash; returns those that were not there."""
    ids = _locked(session, user_id, image_ids, in_trash=False)
    session.execute(update(Image).where(col(Image.id).in_(ids)).values(deleted_at=func.clock_timestamp()))
    return _told(session, user_id, ids)


def restore(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[UUID]:
    """Take pictures out of the trash, as they were; returns those that were there."""
    ids = _locked(session, user_id, image_ids, in_trash=True)
    session.execute(update(Image).where(col(Image.id).in_(ids)).values(deleted_at=None))
    return _told(session, user_id, ids)


def erase(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[UUID]:
    """End pictures that are in the trash; this cannot be undone. Returns which."""
    ids = _locked(session, user_id, image_ids, in_trash=True)
    return _told(session, user_id, [image_id for image_id in ids if _erase(session, image_id)])


def thumbnail(session: Session, user_id: UUID, image_id: UUID, width: int) -> Path:
    """The WebP of a picture in the trash. Raises what images.service.thumbnail raises."""
    return images.thumbnail(session, user_id, image_id, width, in_trash=True)


def end_expired(session: Session, *, days: int = DAYS, limit: int = AT_ONCE) -> int:
    """End what has been in the trash for `days`; returns how many. Their files go with the next removal."""
    old = session.execute(
        select(col(Image.id))
        .where(col(Image.deleted_at) < func.clock_timestamp() - func.make_interval(0, 0, 0, days))
        .order_by(col(Image.deleted_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).scalars()
    return sum(_erase(session, image_id) for image_id in old.all())


def _locked(session: Session, user_id: UUID, image_ids: Sequence[UUID], *, in_trash: bool) -> list[UUID]:
    there = col(Image.deleted_at).is_not(None) if in_trash else col(Image.deleted_at).is_(None)
    rows = session.execute(
        select(col(Image.id))
        .where(col(Image.user_id) == user_id, col(Image.id).in_(image_ids), there)
        .order_by(col(Image.id))
        .with_for_update()
    ).scalars()
    return list(rows)


def _erase(session: Session, image_id: UUID) -> bool:
    """Remove the row; the books keep the word that its call delivered. False while something stands on it."""
    try:
        with session.begin_nested():
            row = session.execute(
                delete(Image)
                .where(col(Image.id) == image_id)
                .returning(col(Image.user_id), col(Image.call_id))
            ).one()
            session.add(ErasedImage(image_id=image_id, user_id=row.user_id, call_id=row.call_id))
            session.flush()
    except IntegrityError:
        return False
    return True


def _told(session: Session, user_id: UUID, image_ids: list[UUID]) -> list[UUID]:
    if image_ids:
        events.vault_changed(session, user_id)
    return image_ids
