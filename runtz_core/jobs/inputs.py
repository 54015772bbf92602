"""Pictures that jobs are made from: whose they are, what is written down, and their bytes when they are sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from runtz_core.failures import FailureKind
from runtz_core.images import service as images
from runtz_core.images.models import Blob, Image, Origin
from runtz_core.images.store import BlobStore
from runtz_core.jobs.models import UNFINISHED, Call, JobInput
from runtz_core.jobs.requests import Submission, SubmissionRefused
from runtz_core.providers.base import ImageRequest, InputPicture, ProviderError, Role, Size

GONE = "A picture this was to be made from has been deleted; choose another. Nothing was spent."


class Remix(StrEnum):
    """What is done with the pictures put in."""

    VARIATION = "variation"
    STYLE = "style"
    EDIT = "edit"
    MASK = "mask"
    REFERENCE = "reference"
    AGAIN = "again"  # the same prompt on other providers: nothing is put in, the parent is remembered
    UPSCALE = "upscale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a submission puts in, in the order of its rows; `sent` leaves out a parent only remembered."""

    pictures: tuple[InputPicture, ...] = ()
    sent: tuple[InputPicture, ...] = ()


def gather(session: Session, user_id: UUID, submission: Submission) -> Gathered:
    """The pictures a submission names, each checked to be this person's. Raises SubmissionRefused."""
    named = [
        *((Role.BASE, one) for one in (submission.base,) if one is not None),
        *((Role.REFERENCE, one) for one in submission.references),
        *((Role.MASK, one) for one in (submission.mask,) if one is not None),
    ]
    if submission.remix is not None and submission.remix not in set(Remix):
        raise SubmissionRefused("The page asked for an unknown kind of remix; reload it and run again.")
    if submission.mask is not None and submission.base is None:
        raise SubmissionRefused("A mask needs the picture it was painted on; choose that first.")
    if submission.strength is not None and not 1 <= submission.strength <= 100:
        raise SubmissionRefused(f"The strength must be between 1 and 100, not {submission.strength}.")
    pictures = tuple(_picture(session, user_id, role, image_id) for role, image_id in named)
    _check_mask(pictures)
    return Gathered(pictures=pictures, sent=() if submission.remix == Remix.AGAIN else pictures)


def _picture(session: Session, user_id: UUID, role: Role, image_id: UUID) -> InputPicture:
    image = images.owned(session, user_id, image_id)
    blob = session.get(Blob, image.sha256) if image else None
    if image is None or blob is None or (image.origin == Origin.MASK) != (role is Role.MASK):
        raise SubmissionRefused(GONE)
    return InputPicture(
        image_id=image_id,
        role=role,
        sha256=blob.sha256,
        media_type=blob.media_type,
        size=Size(image.width, image.height),
    )


def _check_mask(pictures: Sequence[InputPicture]) -> None:
    base = next((one for one in pictures if one.role is Role.BASE), None)
    mask = next((one for one in pictures if one.role is Role.MASK), None)
    if base is not None and mask is not None and base.size != mask.size:
        raise SubmissionRefused("The mask was painted on a picture of another size; paint it again.")


def remember(session: Session, job_id: UUID, pictures: Iterable[InputPicture]) -> None:
    """Write down what a new job is made from."""
    rows = [
        {"job_id": job_id, "position": position, "image_id": one.image_id, "role": one.role}
        for position, one in enumerate(pictures)
    ]
    if rows:
        session.execute(insert(JobInput), rows)


def of_job(session: Session, job_id: UUID) -> list[JobInput]:
    """What a job was made from, in order."""
    query = select(JobInput).where(col(JobInput.job_id) == job_id).order_by(col(JobInput.position))
    return list(session.execute(query).scalars())


def check_alive(session: Session, user_id: UUID, request: ImageRequest) -> None:
    """Raises ProviderError(INPUT_GONE) when a picture that goes in was deleted: it is sent nowhere any more."""
    for one in request.inputs:
        if images.owned(session, user_id, one.image_id) is None:
            raise ProviderError(FailureKind.INPUT_GONE)


def loaded(store: BlobStore, request: ImageRequest) -> ImageRequest:
    """The request with the bytes of what goes in. Blocking. Raises ProviderError(INPUT_GONE)."""
    try:
        return replace(
            request,
            inputs=tuple(
                replace(one, data=store.original(one.sha256, one.media_type).read_bytes())
                for one in request.inputs
            ),
        )
    except FileNotFoundError:
        raise ProviderError(FailureKind.INPUT_GONE, "The file of a picture put in is missing.") from None


def waiting_for(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> int:
    """How many unfinished calls are to be made from any of these pictures; those not yet sent end without them."""
    query = (
        select(func.count(col(Call.id).distinct()))
        .join(JobInput, col(JobInput.job_id) == col(Call.job_id))
        .join(Image, col(Image.id) == col(JobInput.image_id))
        .where(
            col(Call.user_id) == user_id,
            col(Call.state).in_(UNFINISHED),
            col(Image.id).in_(image_ids),
        )
    )
    return int(session.execute(query).scalar_one())
