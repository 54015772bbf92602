"""What a look at a picture says: placeholder, colours, likeness; and the pictures nobody has looked at yet."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from runtz_core.images.decoder import Traits
from runtz_core.images.models import Blob, Image
from runtz_core.jobs.models import Call, Job
from runtz_core.vault import words
from runtz_core.vault.models import VaultItem

AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A picture to look at."""

    image_id: UUID
    sha256: str
    media_type: str


def unseen(session: Session, *, after: float, limit: int = AT_ONCE) -> list[Unseen]:
    """Whole pictures older than `after` seconds that nobody has looked at, the newest first."""
    rows = session.execute(
        select(col(Image.id), col(Image.sha256), col(Blob.media_type))
        .join(VaultItem, col(VaultItem.image_id) == col(Image.id))
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .where(
            col(VaultItem.looked_at).is_(None),
            col(VaultItem.damaged).is_(False),
            col(VaultItem.created_at) < func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, after),
        )
        .order_by(col(VaultItem.created_at).desc())
        .limit(limit)
    )
    return [Unseen(image_id=row.id, sha256=row.sha256, media_type=row.media_type) for row in rows]


def record(session: Session, image_id: UUID, traits: Traits | None) -> None:
    """Remember what was seen (None: it could not be opened); nothing happens when the picture is gone."""
    values: dict[str, object] = {"looked_at": func.clock_timestamp()}
    if traits is not None:
        values |= {
            "palette": list(traits.palette),
            "colours": list(traits.colours),
            "perceptual_hash": traits.perceptual_hash,
        }
        session.execute(update(Image).where(col(Image.id) == image_id).values(thumbhash=traits.thumbhash))
    item = session.execute(
        update(VaultItem)
        .where(col(VaultItem.image_id) == image_id)
        .values(**values)
        .returning(col(VaultItem.user_id), col(VaultItem.model))
    ).one_or_none()
    if item is None:
        return
    prompts = session.execute(  # the person's own, and the one that was sent
        select(col(Job.prompt), col(Call.request)["prompt"].astext)
        .join(Image, col(Image.call_id) == col(Call.id))
        .outerjoin(Job, col(Job.id) == col(Call.job_id))
        .where(col(Image.id) == image_id)
    ).one_or_none()
    words.learn(session, item.user_id, *(text or "" for text in prompts or ()), item.model or "")
