"""What a person writes about a picture: title, notes, rating. The second of two tabs is told, and loses nothing."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.vault import words
from runtz_core.vault.errors import NotThere, Outdated, Refused
from runtz_core.vault.models import VaultItem

LONGEST_TITLE = 120  # characters
LONGEST_NOTES = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change; None leaves a field as it is. `rating` 0 takes the rating away."""

    title: str | None = None
    notes: str | None = None
    rating: int | None = None


def edit(session: Session, user_id: UUID, image_id: UUID, change: Edit, *, version: int) -> int:
    """Write it if the picture is still at `version`; returns the new version.

    Raises NotThere, Refused, and Outdated when it was changed since it was read.
    """
    values = _checked(change)
    known: int | None = session.execute(
        select(col(VaultItem.version))
        .where(col(VaultItem.image_id) == image_id, col(VaultItem.user_id) == user_id)
        .with_for_update()
    ).scalar_one_or_none()
    if known is None:
        raise NotThere
    if known != version:
        raise Outdated
    session.execute(
        update(VaultItem).where(col(VaultItem.image_id) == image_id).values(version=known + 1, **values)
    )
    events.vault_changed(session, user_id)
    words.learn(session, user_id, change.title or "", change.notes or "")
    return known + 1


def rate(session: Session, user_id: UUID, image_ids: list[UUID], rating: int) -> list[UUID]:
    """Give several pictures one rating (0: none); returns those it changed. Raises Refused."""
    values = _checked(Edit(rating=rating))
    changed = session.execute(
        update(VaultItem)
        .where(
            col(VaultItem.image_id).in_(image_ids),
            col(VaultItem.user_id) == user_id,
            func.coalesce(col(VaultItem.rating), 0) != rating,
        )
        .values(version=col(VaultItem.version) + 1, **values)
        .returning(col(VaultItem.image_id))
    ).scalars()
    done = list(changed)
    if done:
        events.vault_changed(session, user_id)
    return done


def _checked(change: Edit) -> dict[str, str | int | None]:
    values: dict[str, str | int | None] = {}
    if change.title is not None:
        title = " ".join(change.title.split())
        if len(title) > LONGEST_TITLE:
            raise Refused(f"A title has at most {LONGEST_TITLE} characters.", field="title")
        values["title"] = title
    if change.notes is not None:
        if len(change.notes) > LONGEST_NOTES:
            raise Refused(f"Notes have at most {LONGEST_NOTES:,} characters.", field="notes")
        values["notes"] = change.notes
    if change.rating is not None:
        if change.rating not in range(6):
            raise Refused("A rating is 1 to 5 stars, or none.", field="rating")
        values["rating"] = change.rating or None
    return values
