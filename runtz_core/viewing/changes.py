"""What a person does to one picture they look at: keep it, delete it, bring it back. Open cards are told."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.images import service as images
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call


def set_kept(session: Session, user_id: UUID, image_id: UUID, kept: bool) -> bool:
    """Mark a picture as kept or not; False when it is not this person's."""
    done = images.set_kept(session, user_id, image_id, kept)
    if done:
        _tell(session, user_id, image_id)
    return done


def delete(session: Session, user_id: UUID, image_id: UUID) -> bool:
    """Put a picture into the trash, from where `restore` brings it back; False when it is not this person's."""
    return _mark(session, user_id, image_id, func.clock_timestamp())


def restore(session: Session, user_id: UUID, image_id: UUID) -> bool:
    """Bring a picture back from the trash; False when it is not this person's or gone for good."""
    return _mark(session, user_id, image_id, None)


def _mark(session: Session, user_id: UUID, image_id: UUID, deleted_at: object) -> bool:
    mine = (col(Image.id) == image_id, col(Image.user_id) == user_id)
    # Deleted twice keeps its first date: the days until it is gone for good count from there.
    due = col(Image.deleted_at).is_(None) if deleted_at is not None else col(Image.deleted_at).is_not(None)
    session.execute(
        update(Image)
        .where(*mine, due)
        .values(deleted_at=deleted_at)
        .execution_options(synchronize_session=False)
    )
    if session.execute(select(col(Image.id)).where(*mine)).first() is None:
        return False
    _tell(session, user_id, image_id)
    return True


def _tell(session: Session, user_id: UUID, image_id: UUID) -> None:
    """The job a picture came from looks different now."""
    job_id = session.execute(
        select(col(Call.job_id))
        .join(Image, col(Image.call_id) == col(Call.id))
        .where(col(Image.id) == image_id)
    ).scalar_one_or_none()
    if job_id is not None:
        events.job_changed(session, user_id, job_id)
