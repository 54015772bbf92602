"""What people do with share links, and what a guest gets to see through one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, any_, delete, func, insert, literal, or_, select, update
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.images import service as images
from runtz_core.images.errors import ImageNotFound
from runtz_core.images.models import Image
from runtz_core.images.store import LARGE
from runtz_core.sharing.models import Share
from runtz_core.users import audit
from runtz_core.users import service as users
from runtz_core.users.models import User
from runtz_core.viewing.pictures import Picture, pictures

MOST_PICTURES = 6  # in one link: a comparison's
MOST_LINKS = 500  # of one person that are good at a time
DAY = 24 * 3600.0  # seconds
DURATIONS = {"1": DAY, "7": 7 * DAY, "30": 30 * DAY, "": None}  # in days, as pages offer them


class ShareRefused(Exception):
    """No link was made. `problem` is one sentence that says why and what to do."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    """A link as its owner sees it. Times are epoch seconds; 0 is never."""

    id: str
    image_ids: list[str]
    thumbs: list[str]  # of the pictures that are still there
    with_prompt: bool
    state: str  # "open", "expired", "revoked" or "empty": every picture of it was deleted
    created_at: float
    expires_at: float
    opened: int
    opened_at: float


@dataclass(frozen=True, kw_only=True)
class SharedView:
    """What a guest sees."""

    pictures: list[Picture]
    missing: int  # pictures that were taken away since
    with_prompt: bool
    expires_at: datetime | None


def share_path(token: str) -> str:
    """Where a link leads."""
    return f"/s/{token}"


def make(
    session: Session,
    user_id: UUID,
    image_ids: Sequence[UUID],
    *,
    with_prompt: bool,
    seconds: float | None,
    address: str = "",
) -> str:
    """The token of a new link to one picture or a comparison of up to six; it is told this once.

    `seconds` until it ends, None for no end. Raises ShareRefused, ImageNotFound.
    """
    wanted = list(dict.fromkeys(image_ids))
    if not 1 <= len(wanted) <= MOST_PICTURES:
        raise ShareRefused(f"A link shows 1 to {MOST_PICTURES} pictures, not {len(wanted)}.")
    if any(images.owned(session, user_id, image_id) is None for image_id in wanted):
        raise ImageNotFound
    good = select(func.count()).where(col(Share.user_id) == user_id, *_good())
    if session.execute(good).scalar_one() >= MOST_LINKS:
        raise ShareRefused(f"You have {MOST_LINKS} open links. Revoke one in your profile first.")
    token = users.new_secret()
    ends = None if seconds is None else func.clock_timestamp() + users.interval(seconds)
    session.execute(
        insert(Share).values(
            id=new_id(),
            user_id=user_id,
            token_sha256=users.digest(token),
            image_ids=wanted,
            with_prompt=with_prompt,
            expires_at=ends,
            opened=0,
        )
    )
    audit.record(session, "share_made", actor=user_id, subject=user_id, address=address)
    return token


def revoke(session: Session, user_id: UUID, share_id: UUID, *, address: str = "") -> bool:
    """End a link now. False when there is no such link of this person."""
    mine = (col(Share.id) == share_id, col(Share.user_id) == user_id)
    ended = session.execute(
        update(Share)
        .where(*mine, col(Share.revoked_at).is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(col(Share.id))
    ).first()
    if ended is not None:
        audit.record(session, "share_revoked", actor=user_id, subject=user_id, address=address)
        return True
    return session.execute(select(col(Share.id)).where(*mine)).first() is not None


def links(
    session: Session, user_id: UUID, *, image_id: UUID | None = None, limit: int = 100
) -> list[ShareRow]:
    """This person's links, the newest first; with `image_id`, those that show that picture."""
    query = select(Share, *_flags()).where(col(Share.user_id) == user_id)
    if image_id is not None:
        query = query.where(literal(image_id) == any_(col(Share.image_ids)))
    rows = session.execute(
        query.order_by(col(Share.created_at).desc(), col(Share.id).desc()).limit(limit)
    ).all()
    shown = {image_id for row in rows for image_id in row[0].image_ids}
    there = session.execute(
        select(col(Image.id)).where(
            col(Image.id).in_(shown), col(Image.user_id) == user_id, col(Image.deleted_at).is_(None)
        )
    )
    present = set(there.scalars())
    return [_row(share, expired, present) for share, expired in rows]


def _flags() -> tuple[ColumnElement[bool], ...]:
    return (func.coalesce(col(Share.expires_at) <= func.clock_timestamp(), False),)


def _row(share: Share, expired: bool, present: set[UUID]) -> ShareRow:
    here = [image_id for image_id in share.image_ids if image_id in present]
    state = "open" if here else "empty"
    if expired:
        state = "expired"
    if share.revoked_at is not None:
        state = "revoked"
    return ShareRow(
        id=str(share.id),
        image_ids=[str(image_id) for image_id in share.image_ids],
        thumbs=[f"/api/images/{image_id}.webp?w=320" for image_id in here],
        with_prompt=share.with_prompt,
        state=state,
        created_at=share.created_at.timestamp(),
        expires_at=share.expires_at.timestamp() if share.expires_at else 0.0,
        opened=share.opened,
        opened_at=share.opened_at.timestamp() if share.opened_at else 0.0,
    )


def _good() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Share.revoked_at).is_(None),
        or_(col(Share.expires_at).is_(None), col(Share.expires_at) > func.clock_timestamp()),
    )


def _opened(session: Session, token: str) -> Share | None:
    """The link behind a token while it is good: not revoked, not over, its person still let in."""
    found: Share | None = session.execute(
        select(Share)
        .join(User, col(User.id) == col(Share.user_id))
        .where(
            col(Share.token_sha256) == users.digest(token),
            col(User.disabled_at).is_(None),
            col(User.deleted_at).is_(None),
            *_good(),
        )
    ).scalar_one_or_none()
    return found


def view(session: Session, token: str, *, count: bool = True) -> SharedView | None:
    """What a guest with this token sees; None for a token that is unknown, revoked, over or shows nothing any more."""
    share = _opened(session, token)
    if share is None:
        return None
    found = pictures(session, share.user_id, share.image_ids)
    if not found:
        return None
    if count:
        session.execute(
            update(Share)
            .where(col(Share.id) == share.id)
            .values(opened=col(Share.opened) + 1, opened_at=func.clock_timestamp())
        )
    return SharedView(
        pictures=found,
        missing=len(share.image_ids) - len(found),
        with_prompt=share.with_prompt,
        expires_at=share.expires_at,
    )


def shared_file(session: Session, token: str, image_id: UUID, *, width: int = LARGE) -> Path:
    """The WebP of a picture that this link shows. Raises ImageNotFound and what `images.thumbnail` raises."""
    share = _opened(session, token)
    if share is None or image_id not in share.image_ids:
        raise ImageNotFound
    return images.thumbnail(session, share.user_id, image_id, width)


def forget_all(session: Session, user_id: UUID) -> None:
    """No link of this person leads anywhere any more."""
    session.execute(delete(Share).where(col(Share.user_id) == user_id))
