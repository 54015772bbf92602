"""What a remix starts from, for the composer: the picture, its words, and who can enlarge it for how much."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from runtz_core.connections import catalog
from runtz_core.connections import service as connections
from runtz_core.credits import rules
from runtz_core.images import service as images
from runtz_core.images.models import Origin
from runtz_core.jobs.models import Call, Job
from runtz_core.jobs.pricing import price
from runtz_core.jobs.requests import MOST_ENLARGED, SubmissionRefused
from runtz_core.jobs.service import check_runnable
from runtz_core.providers.base import RATIOS, Size, aspect
from runtz_core.providers.models.upscalers import UPSCALERS, enlarged
from runtz_core.settings import Settings

_ORIGINS = {Origin.UPLOADED: "Your upload", Origin.IMPORTED: "Imported"}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A picture as the composer's strip shows it."""

    image_id: str
    thumb: str
    url: str
    width: int
    height: int
    label: str  # "GPT Image 2.6 Flare" or "Your upload"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One way to enlarge a picture."""

    model: str
    tier: str
    label: str  # "Here" or "Topaz Standard 2"
    size: str  # "2048×2048"
    credits: int
    reason: str  # why it is not to be had, or ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The picture a remix starts from and what is known of how it was made."""

    piece: Piece
    prompt: str = ""
    negative: str = ""
    seed: str = ""
    ratio: str = "1:1"
    model: str = ""
    provider: str = ""


def piece(session: Session, user_id: UUID, image_id: UUID) -> Piece | None:
    """This person's picture, or None."""
    image = images.owned(session, user_id, image_id)
    if image is None or image.origin == Origin.MASK:
        return None
    call = session.get(Call, image.call_id) if image.call_id else None
    label = catalog.names(session).model(call.model) if call else _ORIGINS.get(image.origin, "Picture")
    return Piece(
        image_id=str(image_id),
        thumb=f"/api/images/{image_id}.webp?w=320",
        url=f"/api/images/{image_id}.webp?w=1024",
        width=image.width,
        height=image.height,
        label=label,
    )


def subject(session: Session, user_id: UUID, image_id: UUID) -> Subject | None:
    """The picture with its words, or None when it is gone or somebody else's."""
    shown = piece(session, user_id, image_id)
    if shown is None:
        return None
    image = images.owned(session, user_id, image_id)
    call = session.get(Call, image.call_id) if image and image.call_id else None
    job = session.get(Job, call.job_id) if call and call.job_id else None
    ratio = nearest_ratio(shown.width, shown.height)
    if call is None or job is None:
        return Subject(piece=shown, ratio=ratio)
    seed = call.report.get("seed_used", call.request.get("seed"))
    return Subject(
        piece=shown,
        prompt=job.prompt,
        negative=job.negative or "",
        seed="" if seed is None else str(seed),
        ratio=ratio,
        model=call.model,
        provider=call.provider,
    )


def nearest_ratio(width: int, height: int) -> str:
    """The ratio a person can choose that is nearest to a picture's."""
    shape = width / height
    return min(RATIOS, key=lambda ratio: max(aspect(ratio) / shape, shape / aspect(ratio)))


def offers(session: Session, settings: Settings, user_id: UUID, width: int, height: int) -> list[Offer]:
    """Every way to enlarge a picture of this size, here first."""
    known, found = rules.rules(session), []
    for spec in UPSCALERS:
        connection = connections.resolve(session, settings, spec.provider, user_id)
        rule = known.get(spec.model, rules.DEFAULT)
        reason = ""
        try:
            check_runnable(spec, connection, rule)
        except SubmissionRefused as refused:
            reason = refused.problem
        if spec.provider != "local" and not connection.api_key and not connection.simulated:
            reason = "No key: add one in Settings."
        for tier in spec.tiers:
            size = enlarged(Size(width, height), tier)
            too_large = size.width * size.height > MOST_ENLARGED
            found.append(
                Offer(
                    model=spec.model,
                    tier=tier,
                    label="Here" if spec.provider == "local" else spec.label,
                    size=f"{size.width}×{size.height}",
                    credits=price(spec, tier, size, rule, connection).credits,
                    reason=reason or (f"More than {MOST_ENLARGED // 10**6} megapixels" if too_large else ""),
                )
            )
    return found
