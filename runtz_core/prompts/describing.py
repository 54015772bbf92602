"""From a picture to words, by what can be measured without a model: shape, colours, light and contrast.

It says so: nothing here knows what the picture shows, and no call is made.
"""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core.images import service as images
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call, Job
from runtz_core.jobs.service import NotFound

SAID = "Described by built-in rules from what can be measured; they cannot tell what the picture shows. Free."
SHOWN = 24  # pictures offered to choose from

_SHAPES = (
    (0.7, "tall portrait format"),
    (0.95, "portrait format"),
    (1.05, "square format"),
    (1.5, "landscape format"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Words that may go into the prompt box. `made_from` is the prompt it was made with here, or ""."""

    prompt: str
    facts: list[str]
    said: str
    made_from: str


_LOOKED = text("SELECT colours, palette FROM vault_items WHERE image_id = :image_id")
_NEWEST = text("""
SELECT images.id, coalesce(jobs.prompt, '') AS prompt FROM images
LEFT JOIN calls ON calls.id = images.call_id LEFT JOIN jobs ON jobs.id = calls.job_id
WHERE images.user_id = :user_id AND images.deleted_at IS NULL
ORDER BY images.created_at DESC, images.id DESC LIMIT :most
""")


def pictures(session: Session, user_id: UUID) -> list[dict[str, Any]]:
    """This person's newest pictures, to choose one from."""
    rows = session.execute(_NEWEST, {"user_id": user_id, "most": SHOWN})
    return [
        {"image_id": str(row.id), "thumb": f"/api/images/{row.id}.webp?w=320", "prompt": row.prompt}
        for row in rows
    ]


def describe(session: Session, user_id: UUID, image_id: UUID) -> Description:
    """What can be said of a picture without a model. Raises NotFound."""
    image = images.owned(session, user_id, image_id)
    if image is None:
        raise NotFound(image_id)
    row = session.execute(_LOOKED, {"image_id": image_id}).one_or_none()
    colours, palette = (list(row.colours), list(row.palette)) if row else ([], [])
    words = [_shape(image), *_light(palette)]
    if colours:
        words.append(f"palette of {_listed(colours[:4])}")
    facts = [f"{image.width} × {image.height} pixels", *words[1:]]
    if not palette:
        facts.append("its colours have not been looked at yet; try again in a minute")
    return Description(prompt=", ".join(words), facts=facts, said=SAID, made_from=_made_from(session, image))


def _made_from(session: Session, image: Image) -> str:
    query = (
        select(col(Job.prompt))
        .join(Call, col(Call.job_id) == col(Job.id))
        .where(col(Call.id) == image.call_id)
    )
    return session.execute(query).scalar_one_or_none() or ""


def _shape(image: Image) -> str:
    ratio = image.width / image.height
    return next((words for most, words in _SHAPES if ratio < most), "wide panoramic format")


def _light(palette: Sequence[str]) -> list[str]:
    """Light, contrast and saturation by the palette's colours (#rrggbb)."""
    seen = [_lightness_and_saturation(one) for one in palette if len(one) == 7 and one.startswith("#")]
    if not seen:
        return []
    lightness = [one[0] for one in seen]
    mean, saturation = sum(lightness) / len(seen), sum(one[1] for one in seen) / len(seen)
    light = (
        "dark, low-key light"
        if mean < 0.3
        else "bright, high-key light"
        if mean > 0.65
        else "even mid-tone light"
    )
    contrast = "high contrast" if max(lightness) - min(lightness) > 0.6 else "soft contrast"
    return [
        light,
        contrast,
        "vivid colours" if saturation > 0.55 else "muted colours" if saturation < 0.25 else "natural colours",
    ]


def _lightness_and_saturation(colour: str) -> tuple[float, float]:
    try:
        red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    except ValueError:
        return 0.5, 0.4
    _, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return lightness, saturation


def _listed(words: Sequence[str]) -> str:
    return " and ".join(", ".join(words).rsplit(", ", 1))
