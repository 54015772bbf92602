"""Jobs made from pictures: whose they may be, what is refused in words, and what is written down."""

from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.images.models import Blob, Image, Origin
from runtz_core.jobs import inputs, requests, service
from runtz_core.jobs.inputs import Remix
from runtz_core.jobs.models import Call, Job, JobInput
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.providers.base import ProviderError, Role
from tests.conftest import make_person
from tests.core.conftest import Submit

MASKED = "ideogram-4-5"


def make_picture(
    session: Session, person: UUID, *, origin: Origin = Origin.GENERATED, side: int = 1024, name: str = "a"
) -> UUID:
    sha256 = (name * 64)[:64]
    if session.get(Blob, sha256) is None:
        session.add(Blob(sha256=sha256, size=10, media_type="image/png", width=side, height=side))
        session.flush()
    image = Image(user_id=person, sha256=sha256, width=side, height=side, origin=origin)
    session.add(image)
    session.commit()
    return image.id


def calls_of(session: Session, job_id: UUID) -> list[Call]:
    return list(session.execute(select(Call).where(col(Call.job_id) == job_id)).scalars())


def test_a_remix_remembers_what_it_is_made_from(session: Session, person: UUID, submit: Submit) -> None:
    base, reference = make_picture(session, person), make_picture(session, person, name="b")
    mask = make_picture(session, person, origin=Origin.MASK, name="c")
    job_id = submit(
        MASKED, base=base, references=(reference,), mask=mask, strength=30, remix=Remix.MASK, samples=2
    )
    written = inputs.of_job(session, job_id)
    assert [(one.role, one.image_id) for one in written] == [
        (Role.BASE, base),
        (Role.REFERENCE, reference),
        (Role.MASK, mask),
    ]
    job = session.get_one(Job, job_id)
    assert (job.remix, job.strength) == ("mask", 30)
    for call in calls_of(session, job_id):
        request = requests.thaw(call.request)
        assert [one.image_id for one in request.inputs] == [base, reference, mask]
        assert request.strength == 30
        assert requests.thaw(requests.freeze(request, {})) == request


def test_what_goes_in_is_part_of_the_price(session: Session, person: UUID, submit: Submit) -> None:
    base = make_picture(session, person)
    plain, remixed = submit("flux-2-pro"), submit("flux-2-pro", base=base, remix=Remix.EDIT)
    (first,), (second,) = calls_of(session, plain), calls_of(session, remixed)
    assert second.credits == first.credits + 15


def test_the_same_prompt_elsewhere_sends_no_picture(session: Session, person: UUID, submit: Submit) -> None:
    base = make_picture(session, person)
    job_id = submit("dall-e-3", base=base, remix=Remix.AGAIN)
    (call,) = calls_of(session, job_id)
    assert requests.thaw(call.request).inputs == ()
    assert [one.image_id for one in inputs.of_job(session, job_id)] == [base]


def test_a_model_without_a_number_for_it_is_told_in_words(
    session: Session, person: UUID, submit: Submit
) -> None:
    base = make_picture(session, person)
    (call,) = calls_of(session, submit("flux-2-pro", base=base, strength=10))
    assert "as little as possible" in call.request["prompt"]
    assert call.request["strength_folded"] == 10
    assert requests.thaw(call.request).strength is None


@pytest.mark.parametrize(
    ("model", "changes", "said"),
    [
        ("dall-e-3", {"base": True}, "words alone"),
        ("flux-2-pro", {"base": True, "mask": True}, "takes no mask"),
        ("ideogram-4-5", {"references": 6}, "takes 5 pictures"),
        ("ideogram-4-5", {"mask": True}, "A mask needs the picture"),
        ("ideogram-4-5", {"base": True, "mask": True, "small": True}, "another size"),
        ("ideogram-4-5", {"base": True, "strength": 101}, "between 1 and 100"),
        ("ideogram-4-5", {"base": True, "remix": "theft"}, "unknown kind"),
    ],
)
def test_what_a_model_does_not_take_is_refused_in_words(
    session: Session, person: UUID, submit: Submit, model: str, changes: dict[str, object], said: str
) -> None:
    asked: dict[str, object] = {
        name: value for name, value in changes.items() if name in ("strength", "remix")
    }
    if changes.get("base"):
        asked["base"] = make_picture(session, person)
    if changes.get("mask"):
        side = 64 if changes.get("small") else 1024
        asked["mask"] = make_picture(session, person, origin=Origin.MASK, side=side, name="c")
    if count := changes.get("references"):
        asked["references"] = tuple(make_picture(session, person) for _ in range(int(str(count))))
    with pytest.raises(SubmissionRefused, match=said):
        submit(model, **asked)
    session.rollback()
    assert session.execute(select(func.count()).select_from(Job)).scalar_one() == 0


def test_only_ones_own_living_pictures_go_in(session: Session, person: UUID, submit: Submit) -> None:
    stranger = make_person(session, name="Eve")
    deleted = make_picture(session, person)
    session.execute(update(Image).where(col(Image.id) == deleted).values(deleted_at=func.now()))
    session.commit()
    mask = make_picture(session, person, origin=Origin.MASK)
    for unusable in (make_picture(session, stranger), deleted, new_id(), mask):
        with pytest.raises(SubmissionRefused, match="has been deleted"):
            submit(MASKED, base=unusable)
        session.rollback()


def test_what_was_deleted_is_sent_nowhere(session: Session, person: UUID, submit: Submit) -> None:
    base = make_picture(session, person)
    job_id = submit(MASKED, base=base, remix=Remix.EDIT)
    (call,) = calls_of(session, job_id)
    assert inputs.waiting_for(session, person, [base]) == 1
    session.execute(update(Image).where(col(Image.id) == base).values(deleted_at=func.now()))
    session.commit()
    with pytest.raises(ProviderError):
        inputs.check_alive(session, person, requests.thaw(call.request))
    service.cancel_job(session, person, job_id)
    with pytest.raises(SubmissionRefused, match="has been deleted"):
        service.retry_call(session, person, call.id)
    with pytest.raises(SubmissionRefused, match="has been deleted"):
        service.run_again(session, person, job_id, str(new_id()))


def test_running_again_puts_the_same_in(session: Session, person: UUID, submit: Submit) -> None:
    base = make_picture(session, person)
    first = submit(MASKED, base=base, strength=40, remix=Remix.VARIATION)
    again = service.run_again(session, person, first, str(new_id()))
    assert [one.image_id for one in inputs.of_job(session, again)] == [base]
    assert session.get_one(Job, again).remix == "variation"


def test_a_lineage_outlives_a_picture(session: Session, person: UUID, submit: Submit) -> None:
    base = make_picture(session, person)
    job_id = submit(MASKED, base=base)
    session.delete(session.get_one(Image, base))
    session.commit()
    session.expire_all()
    known = session.execute(select(col(JobInput.image_id)).where(col(JobInput.job_id) == job_id)).scalar()
    assert known == base
