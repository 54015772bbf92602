"""What a person does to one picture they look at: keep it, delete it, bring it back. Open cards are told."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call
from runtz_core.vault import trash


def set_kept(session: Session, user_id: UUID, image_id: UUID, kept: bool) -> bool:
    """Mark a picture as kept or not; False when it is not this person's or in the trash."""
    trash.keep(session, user_id, [image_id], kept)
    return _told(session, user_id, image_id, in_trash=False)


def delete(session: Session, user_id: UUID, image_id: UUID) -> bool:
    """Put a picture into the trash, from where `restore` brings it back; False when it is not this person's."""
    trash.throw_away(session, user_id, [image_id])
    return _told(session, user_id, image_id, in_trash=True)


def restore(session: Session, user_id: UUID, image_id: UUID) -> bool:
    """Bring a picture back from the trash; False when it is not this person's or gone for good."""
    trash.restore(session, user_id, [image_id])
    return _told(session, user_id, image_id, in_trash=False)


def _told(session: Session, user_id: UUID, image_id: UUID, *, in_trash: bool) -> bool:
    """Whether the picture is this person's and where it should be; then its job's open pages read it again."""
    there = col(Image.deleted_at).is_not(None) if in_trash else col(Image.deleted_at).is_(None)
    found = session.execute(
        select(col(Call.job_id))
        .select_from(Image)
        .outerjoin(Call, col(Image.call_id) == col(Call.id))
        .where(col(Image.id) == image_id, col(Image.user_id) == user_id, there)
    ).first()
    if found is not None and found.job_id is not None:
        events.job_changed(session, user_id, found.job_id)
    return found is not None
