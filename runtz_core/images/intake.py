"""From bytes a vendor sent to a checked picture on disk with its thumbnails."""

import asyncio
import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runtz_core.crashpoints import crashpoint
from runtz_core.images.decoder import Decoder, Look, Traits
from runtz_core.images.errors import BadImage
from runtz_core.images.formats import AVIF, FORMATS, sniff
from runtz_core.images.store import LARGE, SMALL, BlobStore, refusals_named
from runtz_core.settings import Limits, get_settings

SENDABLE = 9 * 2**20  # bytes of a picture that every vendor takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A picture that is safe on disk: bytes, and pixels as a viewer shows them (turned where EXIF says so)."""

    sha256: str
    size: int
    media_type: str
    width: int
    height: int


async def receive(store: BlobStore, decoder: Decoder, data: bytes, limits: Limits) -> Stored:
    """Check a picture and put it and its 320 px WebP on disk; both are durable when this returns.

    The same bytes again cost a check and change nothing on disk. Raises BadImage, StorageFull,
    DecoderUnavailable; after any of them no file is left behind.
    """
    return await decoder.soon(_receive, store, decoder, data, limits)


def _receive(store: BlobStore, decoder: Decoder, data: bytes, limits: Limits) -> Stored:
    if len(data) > limits.image_bytes:
        raise BadImage(f"The picture is larger than {limits.image_bytes / 2**20:g} MB.")
    form = sniff(data)
    with refusals_named(), ExitStack() as drafts:
        original = drafts.enter_context(store.draft(data))

        def sync_and_hash() -> str:
            original.sync()
            crashpoint("after_fsync")
            return hashlib.sha256(data).hexdigest()

        look = Look(path=original.path, form=form, max_pixels=limits.image_pixels, widths=(SMALL,))
        seen, sha256 = decoder.look(look, meanwhile=sync_and_hash)
        small = drafts.enter_context(store.draft(seen.thumbnails[0]))
        small.sync()
        store.publish(
            (small, store.thumbnail(sha256, SMALL)), (original, store.original(sha256, form.media_type))
        )
    return Stored(
        sha256=sha256, size=len(data), media_type=form.media_type, width=seen.width, height=seen.height
    )


async def receive_upload(
    store: BlobStore, decoder: Decoder, path: Path, limits: Limits, *, mask: bool = False
) -> Stored:
    """Take in a file somebody sent: written anew, upright, without its metadata (so without its place).

    `path` is a draft and stays the caller's. Raises BadImage, StorageFull, DecoderUnavailable.
    """
    return await decoder.soon(_receive_upload, store, decoder, path, limits, mask)


def _receive_upload(store: BlobStore, decoder: Decoder, path: Path, limits: Limits, mask: bool) -> Stored:
    with path.open("rb") as file:
        form = sniff(file.read(512))
    look = Look(
        path=path,
        form=form,
        max_pixels=limits.upload_pixels,
        widths=(),
        rewrite="mask" if mask else "picture",
    )
    seen, _ = decoder.look(look, meanwhile=lambda: None)
    return _receive(store, decoder, seen.rewritten or b"", limits)


def is_heavy(media_type: str, size: int) -> bool:
    """Whether some vendor would not take this picture as it is (Ideogram: 10 MB; none takes AVIF)."""
    return media_type == AVIF.media_type or size > SENDABLE


async def lightened(store: BlobStore, decoder: Decoder, sha256: str, media_type: str) -> bytes:
    """A stored picture as a JPEG of the same pixels, for vendors. Raises BadImage, FileNotFoundError."""
    look = Look(
        path=store.original(sha256, media_type),
        form=FORMATS[media_type],
        max_pixels=None,
        widths=(),
        rewrite="light",
    )
    seen, _ = await decoder.soon(decoder.look, look, lambda: None)
    return seen.rewritten or b""


async def finish(store: BlobStore, decoder: Decoder, sha256: str, media_type: str) -> str:
    """Make what may come later: the 1024 px WebP on disk and, returned, the thumbhash in base64.

    Runs behind arriving pictures and may be repeated at any time. Raises FileNotFoundError when the original
    is gone, BadImage when it is damaged, StorageFull, DecoderUnavailable.
    """
    return (await observe(store, decoder, sha256, media_type)).thumbhash


async def observe(store: BlobStore, decoder: Decoder, sha256: str, media_type: str) -> Traits:
    """The same, with everything a picture is told by: placeholder, colours and hash."""
    return await asyncio.wrap_future(decoder.later(_finish, store, decoder, sha256, media_type))


def _finish(store: BlobStore, decoder: Decoder, sha256: str, media_type: str) -> Traits:
    traits = _derive(store, decoder, sha256, media_type, LARGE, thumbhash=True)
    if traits is None:
        raise BadImage("The picture was opened and nothing of it was seen.")
    return traits


def rebuild(store: BlobStore, decoder: Decoder, sha256: str, media_type: str, width: int) -> Path:
    """Make a thumbnail that is missing, and return where it lies. Blocking; raises what `finish` raises."""
    path = store.thumbnail(sha256, width)
    if not path.exists():  # the one before us in the queue may have made it
        _derive(store, decoder, sha256, media_type, width, thumbhash=False)
    return path


def _derive(
    store: BlobStore, decoder: Decoder, sha256: str, media_type: str, width: int, *, thumbhash: bool
) -> Traits | None:
    look = Look(
        path=store.original(sha256, media_type),
        form=FORMATS[media_type],
        max_pixels=None,
        widths=(width,),
        thumbhash=thumbhash,
    )
    seen, _ = decoder.look(look, meanwhile=lambda: None)
    with refusals_named(), store.draft(seen.thumbnails[0]) as draft:
        draft.sync()
        store.publish((draft, store.thumbnail(sha256, width)))
    return seen.traits


@cache
def get_store() -> BlobStore:
    """The configured folder of pictures."""
    return BlobStore(get_settings().images_path)
