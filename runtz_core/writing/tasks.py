"""Questions to text models as they are frozen on a call's row, and thawed by the worker."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from runtz_core.failures import FailureKind
from runtz_core.images import service as images
from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import BadImage, DecoderUnavailable, ImageNotFound, StorageFull, ThumbnailBusy
from runtz_core.images.store import LARGE, BlobStore
from runtz_core.providers.base import ProviderError
from runtz_core.providers.text import Picture, TextTask
from runtz_core.writing import forms


def freeze(
    *,
    model: str,
    form: str,
    instructions: str,
    words: str,
    images: tuple[UUID, ...] = (),
    max_tokens: int = 2_000,
    notes: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The question as stored on its call's row: pictures by id, the schema by its form's name."""
    return {
        "model": model,
        "form": form,
        "instructions": instructions,
        "words": words,
        "images": [str(image_id) for image_id in images],
        "max_tokens": max_tokens,
    } | (notes or {})


def thaw(
    session: Session, user_id: UUID, stored: dict[str, Any], *, store: BlobStore, decoder: Decoder
) -> TextTask:
    """The question a call's row asks, with the pictures 1024 pixels wide. Raises ProviderError(INVALID)."""
    return TextTask(
        model=stored["model"],
        instructions=stored["instructions"],
        words=stored["words"],
        schema_name=stored["form"],
        schema=forms.schema(stored["form"]),
        pictures=tuple(_picture(session, user_id, UUID(one), store, decoder) for one in stored["images"]),
        max_tokens=stored["max_tokens"],
    )


def _picture(session: Session, user_id: UUID, image_id: UUID, store: BlobStore, decoder: Decoder) -> Picture:
    try:
        path = images.thumbnail(session, user_id, image_id, LARGE, store=store, decoder=decoder)
        return Picture(data=path.read_bytes(), media_type="image/webp")
    except (
        ImageNotFound,
        FileNotFoundError,
        ThumbnailBusy,
        BadImage,
        StorageFull,
        DecoderUnavailable,
    ) as error:
        detail = "A picture to be looked at is gone or cannot be read."
        raise ProviderError(FailureKind.INVALID, detail) from error
