"""What people and the worker do with stored pictures: find, show, keep, name for download, record."""

import re
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import column, func, table, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from runtz_core.images.decoder import Decoder, get_decoder
from runtz_core.images.errors import ImageDamaged, ImageNotFound, ThumbnailBusy
from runtz_core.images.formats import FORMATS
from runtz_core.images.intake import Stored, get_store, rebuild
from runtz_core.images.models import Blob, Image, Origin
from runtz_core.images.store import BlobStore

REBUILD_SECONDS = 5.0  # a page gives up on a missing thumbnail after this; rebuilding takes about 0.1 s

# Jobs stand above pictures, so their table is known here by the few columns a file name needs.
_calls = table("calls", column("id"), column("job_id"), column("model"), column("sample"), column("position"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """A picture as it is served: the bytes as received, under their exact type."""

    image_id: UUID
    path: Path
    media_type: str
    sha256: str
    size: int  # bytes
    damaged: bool = False  # a scrub found the file lost or changed: it must not be served


def owned(session: Session, user_id: UUID, image_id: UUID, *, in_trash: bool = False) -> Image | None:
    """This person's picture, or None when there is none or it is somebody else's. The only such check.

    What lies in the trash is nowhere but there: only with `in_trash` it is found too.
    """
    image = session.get(Image, image_id)
    mine = image is not None and image.user_id == user_id and (in_trash or image.deleted_at is None)
    return image if mine else None


def find(
    session: Session,
    user_id: UUID,
    image_id: UUID,
    *,
    store: BlobStore | None = None,
    in_trash: bool = False,
) -> StoredImage | None:
    """Where the original of this person's picture lies, or None. The file itself is not looked at."""
    image = owned(session, user_id, image_id, in_trash=in_trash)
    blob = image and session.get(Blob, image.sha256)
    if not blob:
        return None
    return StoredImage(
        image_id=image_id,
        path=(store or get_store()).original(blob.sha256, blob.media_type),
        media_type=blob.media_type,
        sha256=blob.sha256,
        size=blob.size,
        damaged=blob.damage is not None,
    )


def thumbnail(
    session: Session,
    user_id: UUID,
    image_id: UUID,
    width: int,
    *,
    store: BlobStore | None = None,
    decoder: Decoder | None = None,
    patience: float = REBUILD_SECONDS,
    in_trash: bool = False,
) -> Path:
    """The WebP of this width (320 or 1024 pixels), made now if it is missing: one at a time, in 5 s at most.

    Raises ImageNotFound; ImageDamaged; ValueError for another width; FileNotFoundError when the original is
    gone from the disk; ThumbnailBusy, BadImage, StorageFull or DecoderUnavailable when it cannot be made.
    """
    store = store or get_store()
    found = find(session, user_id, image_id, store=store, in_trash=in_trash)
    if found is None:
        raise ImageNotFound
    if found.damaged:
        raise ImageDamaged
    path = store.thumbnail(found.sha256, width)
    if path.exists():
        return path
    decoder = decoder or get_decoder()
    making = decoder.later(rebuild, store, decoder, found.sha256, found.media_type, width)
    try:
        return making.result(timeout=patience)
    except (TimeoutError, CancelledError):
        making.cancel()
        raise ThumbnailBusy("Thumbnails are being rebuilt; try again in a few seconds.") from None


def set_kept(session: Session, user_id: UUID, image_id: UUID, kept: bool) -> bool:
    """Mark a picture as kept or not; returns False when it is not this person's."""
    image = owned(session, user_id, image_id)
    if image is None:
        return False
    image.kept = kept
    session.add(image)
    session.flush()
    return True


def job_files(
    session: Session, user_id: UUID, job_id: UUID, *, store: BlobStore | None = None
) -> list[tuple[str, Path]]:
    """The originals of a job in the order of its cards, each with a safe and unique name to download it by.

    Names read `<last four of the job's id>-<model>-<sample>.<ext>`; samples count from 1. Empty when the job
    is not this person's.
    """
    store = store or get_store()
    query = (
        select(_calls.c.model, _calls.c.sample, Blob.sha256, Blob.media_type)
        .join_from(_calls, Image, col(Image.call_id) == _calls.c.id)
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .where(_calls.c.job_id == job_id, Image.user_id == user_id, col(Image.deleted_at).is_(None))
        .order_by(_calls.c.position, _calls.c.sample, col(Image.created_at), col(Image.id))
    )
    names: dict[str, Path] = {}
    for model, sample, sha256, media_type in session.execute(query):
        stem = f"{str(job_id)[-4:]}-{file_word(model)}-{sample + 1}"
        path = store.original(sha256, media_type)
        names[_unused(stem, FORMATS[media_type].extension, names)] = path
    return list(names.items())


def job_images(session: Session, user_id: UUID, job_id: UUID) -> list[UUID]:
    """The pictures of a job of this person's."""
    query = (
        select(col(Image.id))
        .join_from(_calls, Image, col(Image.call_id) == _calls.c.id)
        .where(_calls.c.job_id == job_id, Image.user_id == user_id, col(Image.deleted_at).is_(None))
    )
    return list(session.execute(query).scalars())


def file_word(text: str) -> str:
    """A piece of a file name that every system takes: a model's name may be anything an owner typed."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text)[:60].strip(".-") or "model"


def _unused(stem: str, extension: str, names: dict[str, Path]) -> str:
    name, again = f"{stem}.{extension}", 2
    while name in names:
        name, again = f"{stem}-{again}.{extension}", again + 1
    return name


def record(
    session: Session,
    *,
    user_id: UUID,
    call_id: UUID | None,
    stored: Stored,
    origin: Origin = Origin.GENERATED,
    image_id: UUID | None = None,
    created_at: datetime | None = None,
    kept: bool = False,
) -> Image:
    """Enter a stored picture in the caller's transaction; the blob's row is shared with equal bytes.

    Raises IntegrityError when the call already has a picture.
    """
    blob = {
        "sha256": stored.sha256,
        "size": stored.size,
        "media_type": stored.media_type,
        "width": stored.width,
        "height": stored.height,
    }
    hold_bytes(session, stored.sha256)
    session.execute(insert(Blob).values(blob).on_conflict_do_nothing())
    whole = update(Blob).where(col(Blob.sha256) == stored.sha256, col(Blob.damage).is_not(None))
    session.execute(
        whole.values(damage=None)
    )  # a damaged file was set aside, so these bytes were written anew
    image = Image(
        user_id=user_id,
        call_id=call_id,
        sha256=stored.sha256,
        width=stored.width,
        height=stored.height,
        origin=origin,
        kept=kept,
    )
    if image_id is not None:
        image.id = image_id
    if created_at is not None:
        image.created_at = created_at
    session.add(image)
    session.flush()
    return image


def hold_bytes(session: Session, sha256: str, *, wait: bool = True) -> bool:
    """Keep others from entering or removing the file of these bytes until this transaction ends.

    Without `wait` False says that somebody else has them.
    """
    key = func.hashtextextended(sha256, 0x52554E20)
    if not wait:
        return bool(session.execute(select(func.pg_try_advisory_xact_lock(key))).scalar_one())
    session.execute(select(func.pg_advisory_xact_lock(key)))
    return True


def attach_thumbhash(session: Session, image_id: UUID, thumbhash: str) -> None:
    """Remember the placeholder of a picture; nothing happens when the picture is gone."""
    session.execute(update(Image).where(col(Image.id) == image_id).values(thumbhash=thumbhash))
