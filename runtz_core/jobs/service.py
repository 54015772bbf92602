"""What a person does with jobs: submit, cancel, retry, run again. Each function is the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.connections import catalog
from runtz_core.connections import service as connections
from runtz_core.credits import rules
from runtz_core.credits import service as credits
from runtz_core.credits.rules import Rule
from runtz_core.failures import FailureKind
from runtz_core.jobs import inputs, requests
from runtz_core.jobs.booking import ConfirmationNeeded, book, check_limits, open_job, today_in
from runtz_core.jobs.models import UNFINISHED, Call, CallKind, CallState, Job
from runtz_core.jobs.pricing import Price, lane, price
from runtz_core.jobs.requests import ModelChoice, Submission, SubmissionRefused, Writing
from runtz_core.jobs.standing import check_key
from runtz_core.providers.base import Connection, ImageRequest, InputPicture, ModelSpec, ProviderError, Role
from runtz_core.settings import Settings, get_settings

__all__ = ["ConfirmationNeeded", "ModelChoice", "NotFound", "Submission", "SubmissionRefused"]


class NotFound(LookupError):
    """There is no such job or call, or it is somebody else's; the two look alike on purpose."""


def submit(session: Session, user_id: UUID, submission: Submission, *, today: date | None = None) -> UUID:
    """Make a job with its calls and hold its credits, all or nothing. The same key gives the same job.

    `today` is the day its caps count for. Raises SubmissionRefused, ConfirmationNeeded and what
    `booking.book` raises; then nothing was changed.
    """
    settings = get_settings()
    requests.check_submission(submission, settings.limits)
    job_id, is_new = open_job(session, user_id, submission)
    if not is_new:
        return job_id
    put_in = inputs.gather(session, user_id, submission)
    inputs.remember(session, job_id, put_in.pictures)
    known = rules.rules(session)
    calls = [
        call
        for position, choice in enumerate(submission.models)
        for call in calls_for(
            user_id,
            job_id,
            submission,
            position,
            ready(session, settings, user_id, choice, known),
            put_in.sent,
        )
    ]
    check_limits(session, user_id, calls, confirmed=submission.confirmed)
    book(session, user_id, calls, today=today or today_in(settings))
    return job_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A chosen model that can run now: over which connection, by which of the owner's rules, in which tier."""

    spec: ModelSpec
    connection: Connection
    rule: Rule
    tier: str


def ready(
    session: Session, settings: Settings, user_id: UUID, choice: ModelChoice, known: Mapping[str, Rule]
) -> Ready:
    """Look a choice up. Raises SubmissionRefused when it cannot run."""
    spec = catalog.find_model(session, choice.model)
    if spec is None:
        raise SubmissionRefused(f"There is no model called {choice.model[:80]!r}; choose another.")
    connection = connections.resolve(session, settings, spec.provider, user_id)
    rule = known.get(spec.model, rules.DEFAULT)
    check_runnable(spec, connection, rule)
    check_key(session, connection, spec.label)
    return Ready(spec=spec, connection=connection, rule=rule, tier=choice.tier or spec.default_tier)


def calls_for(
    user_id: UUID,
    job_id: UUID,
    submission: Submission,
    position: int,
    model: Ready,
    put_in: Sequence[InputPicture] = (),
) -> list[Call]:
    """A model's calls of one job, a call for each sample. Raises SubmissionRefused."""
    calls = []
    for sample in range(submission.samples):
        request, notes = requests.build(submission, model.spec, model.tier, sample, put_in)
        due = _price(model, model.tier, request)
        calls.append(
            Call(
                job_id=job_id,
                user_id=user_id,
                kind=CallKind.UPSCALE if model.spec.upscales else CallKind.GENERATE,
                position=position,
                sample=sample,
                provider=model.spec.provider,
                model=model.spec.model,
                tier=model.tier,
                simulated=model.connection.simulated,
                key_owner_id=model.connection.key_owner,
                lane=lane(model.connection),
                request=requests.freeze(request, notes),
                credits=due.credits,
                price_usd_micros=due.usd_micros,
                markup_basis_points=due.markup,
            )
        )
    return calls


def _price(model: Ready, tier: str, request: ImageRequest) -> Price:
    put_in = [one.size for one in request.pictures]
    return price(model.spec, tier, request.size, model.rule, model.connection, put_in)


def check_runnable(spec: ModelSpec, connection: Connection, rule: Rule) -> None:
    """Refuse a model that its vendor or the owner does not serve here. Raises SubmissionRefused."""
    if not rule.enabled:
        raise SubmissionRefused(f"{spec.label} is switched off by the owner; choose another model.")
    if connection.simulated or connection.base_url is not None:
        return  # whoever answers there decides
    if spec.ends_on is not None and datetime.now(UTC).date() > spec.ends_on:
        successor = f"; use {spec.successor}" if spec.successor else ""
        raise SubmissionRefused(f"{spec.label} ended on {spec.ends_on.isoformat()}{successor}.")
    if spec.gone_at_vendor:
        raise SubmissionRefused(f"{spec.label}: {spec.gone_at_vendor}")


def cancel_job(session: Session, user_id: UUID, job_id: UUID) -> int:
    """Stop what can be stopped of a job. Returns how many calls were still unfinished. Raises NotFound."""
    owned_job(session, user_id, job_id)
    calls = session.execute(
        select(Call)
        .where(col(Call.job_id) == job_id, col(Call.state).in_(UNFINISHED))
        .order_by(col(Call.id))
        .with_for_update()
    ).scalars()
    unfinished = list(calls)
    ended = [call for call in unfinished if _cancel(session, call)]
    credits.release_all(session, {call.id: user_id for call in ended})
    return len(unfinished)


def cancel_call(session: Session, user_id: UUID, call_id: UUID) -> bool:
    """Stop one call if it can still be stopped. False when it had ended. Raises NotFound."""
    call = owned_call(session, user_id, call_id, lock=True)
    if call.state not in UNFINISHED:
        return False
    if _cancel(session, call):
        credits.release(session, user_id, call_id)
    return True


def _cancel(session: Session, call: Call) -> bool:
    """Before anything was sent, cancelling ends the call (True); after, it is a wish: it may be paid for."""
    values: dict[str, object] = {"cancel_requested_at": func.clock_timestamp()}
    ends = call.state == CallState.QUEUED and call.reference is None
    if ends:
        values |= {
            "state": CallState.CANCELLED,
            "failure": FailureKind.CANCELLED,
            "finished_at": func.clock_timestamp(),
        }
    session.execute(
        update(Call)
        .where(col(Call.id) == call.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if call.job_id is not None:
        events.job_changed(session, call.user_id, call.job_id)
    else:
        events.call_changed(session, call.user_id, call.id)
    return ends


def retry_call(
    session: Session, user_id: UUID, call_id: UUID, *, today: date | None = None, confirmed: bool = False
) -> UUID:
    """A new call for the same request, at today's price. Retrying twice gives the first retry.

    Raises NotFound, SubmissionRefused, ConfirmationNeeded and what `booking.book` raises.
    """
    call = owned_call(session, user_id, call_id, lock=True)
    successor = select(col(Call.id)).where(col(Call.retry_of) == call_id)
    retried: UUID | None = session.execute(successor).scalar_one_or_none()
    if retried is not None:
        return retried
    if call.state in UNFINISHED:
        raise SubmissionRefused("This picture is still being made; cancel it first.")
    if call.job_id is None or call.kind not in (CallKind.GENERATE, CallKind.UPSCALE):
        raise NotFound(call_id)
    settings = get_settings()
    choice = ModelChoice(model=call.model, tier=call.tier)
    model = ready(session, settings, user_id, choice, rules.rules(session))
    try:
        inputs.check_alive(session, user_id, requests.thaw(call.request))
    except ProviderError:
        raise SubmissionRefused(inputs.GONE) from None
    fresh = again(call, model)
    check_limits(session, user_id, [fresh], confirmed=confirmed)
    book(session, user_id, [fresh], today=today or today_in(settings))
    return fresh.id


def again(call: Call, model: Ready) -> Call:
    """A call that asks for the same as `call`, at today's price and over today's connection."""
    due = _price(model, call.tier, requests.thaw(call.request))
    return Call(
        job_id=call.job_id,
        user_id=call.user_id,
        kind=call.kind,
        retry_of=call.id,
        position=call.position,
        sample=call.sample,
        provider=call.provider,
        model=call.model,
        tier=call.tier,
        simulated=model.connection.simulated,
        key_owner_id=model.connection.key_owner,
        lane=lane(model.connection),
        request=call.request,
        credits=due.credits,
        price_usd_micros=due.usd_micros,
        markup_basis_points=due.markup,
    )


def run_again(
    session: Session, user_id: UUID, job_id: UUID, submission_key: str, *, confirmed: bool = False
) -> UUID:
    """A new job that asks for the same. Raises NotFound and what `submit` raises."""
    job = owned_job(session, user_id, job_id)
    made_from = inputs.of_job(session, job_id)
    if any(one.image_id is None for one in made_from):
        raise SubmissionRefused(inputs.GONE)
    by_role = {
        role: tuple(one.image_id for one in made_from if one.role == role and one.image_id) for role in Role
    }
    return submit(
        session,
        user_id,
        Submission(
            submission_key=submission_key,
            prompt=job.prompt,
            models=tuple(ModelChoice(model=choice["model"], tier=choice["tier"]) for choice in job.models),
            ratio=job.ratio,
            samples=job.samples,
            seed=job.seed,
            negative=job.negative,
            confirmed=confirmed,
            writing=Writing.from_json(job.writing),
            base=next(iter(by_role[Role.BASE]), None),
            references=by_role[Role.REFERENCE],
            mask=next(iter(by_role[Role.MASK]), None),
            strength=job.strength,
            remix=job.remix,
        ),
    )


def owned_job(session: Session, user_id: UUID, job_id: UUID) -> Job:
    """The job, if it is this person's. Raises NotFound."""
    job = session.get(Job, job_id)
    if job is None or job.user_id != user_id:
        raise NotFound(job_id)
    return job


def owned_call(session: Session, user_id: UUID, call_id: UUID, *, lock: bool = False) -> Call:
    """The call, if it is this person's. Raises NotFound."""
    call = session.get(Call, call_id, with_for_update=lock or None, populate_existing=lock)
    if call is None or call.user_id != user_id:
        raise NotFound(call_id)
    return call
