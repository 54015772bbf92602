"""Many small stored pictures at once, for tests of what looks at all of them."""

from hashlib import sha256
from uuid import UUID

from sqlmodel import Session

from runtz_core.images import service
from runtz_core.images.intake import Stored
from runtz_core.images.store import BlobStore


def content(number: int) -> bytes:
    """Bytes of the picture of this number; what is in them does not matter to those who only keep them."""
    return b"\x89PNG\r\n\x1a\n" + f"picture {number} ".encode() * (50 + number % 7)


def digest(number: int) -> str:
    return sha256(content(number)).hexdigest()


def hang(session: Session, store: BlobStore, person: UUID, count: int, *, first: int = 0) -> list[UUID]:
    """Store and enter so many pictures; returns their ids."""
    return [_hang(session, store, person, number) for number in range(first, first + count)]


def _hang(session: Session, store: BlobStore, person: UUID, number: int) -> UUID:
    data = content(number)
    with store.draft(data) as draft:
        store.publish((draft, store.original(digest(number), "image/png")))
    stored = Stored(sha256=digest(number), size=len(data), media_type="image/png", width=4, height=3)
    image = service.record(session, user_id=person, call_id=None, stored=stored)
    session.commit()
    return image.id
