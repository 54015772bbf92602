"""One picture with everything a page says of it: what it shows, what it cost, who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.connections.catalog import Names, names
from runtz_core.images.formats import FORMATS
from runtz_core.images.models import Blob, Image, Origin
from runtz_core.jobs import cards
from runtz_core.jobs.models import Call, CallKind, Job
from runtz_core.jobs.receipts import count_words, word_diff
from runtz_core.vault.models import VaultItem

MOST = 200  # pictures described by one request


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture as pages show it. Times are epoch seconds; strings are "" where nothing is known."""

    id: str
    width: int
    height: int
    thumb: str
    large: str
    original: str
    download: str
    hash: str  # thumbhash
    kept: bool
    rating: int  # stars; 0 for none
    size: int  # bytes
    format: str  # "PNG"
    created_at: float

    model: str  # what people call it; "Uploaded" or "Imported" for a picture that was not made here
    provider: str
    hue: str
    kind: str  # CallKind value, or "" for one that was not made here
    simulated: bool
    prompt: str  # as the person typed it
    negative: str
    sent: str  # as the model got it
    words_added: int  # by `sent` against `prompt`
    words_removed: int
    ratio: str
    tier: str
    seed: str  # "41207 honoured", "41207 ignored", "41207"
    seconds: float
    credits: int
    usd_micros: int
    call_id: str
    job_id: str
    short_id: str  # of the job


def pictures(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[Picture]:
    """Those of this person's pictures that are still there, in the order asked for, each once."""
    wanted = list(dict.fromkeys(image_ids))[:MOST]
    rows = session.execute(
        select(Image, Blob, Call, Job, col(VaultItem.rating))
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .outerjoin(Call, col(Call.id) == col(Image.call_id))
        .outerjoin(Job, col(Job.id) == col(Call.job_id))
        .outerjoin(VaultItem, col(VaultItem.image_id) == col(Image.id))
        .where(col(Image.id).in_(wanted), col(Image.user_id) == user_id, col(Image.deleted_at).is_(None))
    ).all()
    labels = names(session)
    found = {
        image.id: describe(image, blob, call, job, labels, rating=rating or 0)
        for image, blob, call, job, rating in rows
    }
    return [found[image_id] for image_id in wanted if image_id in found]


def describe(
    image: Image, blob: Blob, call: Call | None, job: Job | None, labels: Names, *, rating: int
) -> Picture:
    """From rows to the picture that pages show."""
    request = call.request if call is not None else {}
    prompt = job.prompt if job is not None else ""
    sent = str(request.get("prompt", ""))
    diff = word_diff(prompt, sent) if sent and prompt else []
    return Picture(
        id=str(image.id),
        width=image.width,
        height=image.height,
        thumb=f"/api/images/{image.id}.webp?w=320",
        large=f"/api/images/{image.id}.webp?w=1024",
        original=f"/api/images/{image.id}.{FORMATS[blob.media_type].extension}",
        download=f"/api/images/{image.id}/download",
        hash=image.thumbhash or "",
        kept=image.kept,
        rating=rating,
        size=blob.size,
        format=blob.media_type.removeprefix("image/").upper(),
        created_at=image.created_at.timestamp(),
        model=model_of(image, call, labels),
        provider=labels.provider(call.provider) if call is not None else "",
        hue=labels.hue(call.provider) if call is not None else "compatible",
        kind=str(call.kind) if call is not None else "",
        simulated=call.simulated if call is not None else False,
        prompt=prompt,
        negative=(job.negative or "") if job is not None else "",
        sent=sent,
        words_added=count_words(diff, "added"),
        words_removed=count_words(diff, "removed"),
        ratio=job.ratio if job is not None and (call is None or call.kind == CallKind.GENERATE) else "",
        tier=call.tier if call is not None else "",
        seed=_seed(call) if call is not None else "",
        seconds=cards.duration(call) if call is not None else 0.0,
        credits=call.credits if call is not None else 0,
        usd_micros=(call.cost_usd_micros or 0) if call is not None else 0,
        call_id=str(call.id) if call is not None else "",
        job_id=str(job.id) if job is not None else "",
        short_id=cards.short_id(job.id) if job is not None else "",
    )


def model_of(image: Image, call: Call | None, labels: Names) -> str:
    """What people call the maker of a picture, or how it came here."""
    if call is not None:
        return labels.model(call.model)
    return "Imported" if image.origin == Origin.IMPORTED else "Uploaded"


def _seed(call: Call) -> str:
    asked, sent = call.request.get("seed_asked"), call.request.get("seed")
    used = call.report.get("seed_used")
    if asked is not None and sent is None:
        return f"{asked} ignored"
    if used is not None:
        return f"{used} honoured" if used == sent else str(used)
    return str(sent) if sent is not None else ""
