"""Picks in a comparison, remembered: the same pictures compared again show the same pick."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.images.errors import ImageNotFound
from runtz_core.images.models import Image
from runtz_core.viewing.models import Outcome, Verdict

FEWEST, MOST = 2, 6  # pictures in a comparison


def give(
    session: Session,
    user_id: UUID,
    image_ids: Sequence[UUID],
    *,
    outcome: Outcome,
    chosen_id: UUID | None = None,
    blind: bool = False,
) -> None:
    """Remember what was picked among 2–6 pictures; replaces what was said of the same set before.

    Raises ValueError for a number of pictures or a choice that cannot be, ImageNotFound when one of them is
    gone or somebody else's.
    """
    compared = sorted(set(image_ids))
    if not FEWEST <= len(compared) <= MOST:
        raise ValueError("a comparison has 2 to 6 pictures")
    if (outcome == Outcome.PICK) != (chosen_id is not None) or (chosen_id and chosen_id not in compared):
        raise ValueError("a pick is one of the pictures compared")
    mine = select(func.count()).where(
        col(Image.id).in_(compared), col(Image.user_id) == user_id, col(Image.deleted_at).is_(None)
    )
    if session.execute(mine).scalar_one() != len(compared):
        raise ImageNotFound
    values = {"outcome": outcome, "chosen_id": chosen_id, "created_at": func.clock_timestamp()}
    session.execute(
        insert(Verdict)
        .values(id=new_id(), user_id=user_id, image_ids=compared, blind=blind, **values)
        .on_conflict_do_update(index_elements=["user_id", "blind", "image_ids"], set_=values)
    )


def given(
    session: Session, user_id: UUID, image_ids: Sequence[UUID], *, blind: bool = False
) -> Verdict | None:
    """What this person said of exactly these pictures, if anything."""
    found: Verdict | None = session.execute(
        select(Verdict).where(
            col(Verdict.user_id) == user_id,
            col(Verdict.blind).is_(blind),
            col(Verdict.image_ids) == sorted(set(image_ids)),
        )
    ).scalar_one_or_none()
    return found


def take_back(session: Session, user_id: UUID, image_ids: Sequence[UUID], *, blind: bool = False) -> None:
    """Nothing was said of these pictures after all."""
    session.execute(
        delete(Verdict).where(
            col(Verdict.user_id) == user_id,
            col(Verdict.blind).is_(blind),
            col(Verdict.image_ids) == sorted(set(image_ids)),
        )
    )


def forget_all(session: Session, user_id: UUID) -> None:
    """This person never picked anything."""
    session.execute(delete(Verdict).where(col(Verdict.user_id) == user_id))
