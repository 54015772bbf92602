"""Who may write and judge for a person: text models with a key, in the person's order, then the built-in rules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from runtz_core.connections import service as connections
from runtz_core.credits import rules
from runtz_core.jobs.booking import book, check_limits
from runtz_core.jobs.models import Call, CallKind
from runtz_core.jobs.pricing import Price, lane, priced
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.providers.base import Connection
from runtz_core.providers.models.texts import TEXT_MODELS, TextSpec, text_spec
from runtz_core.providers.registry import entry
from runtz_core.settings import Settings
from runtz_core.writing import tasks
from runtz_core.writing.models import WritingChoice

RULES = "rules"  # the built-in writer's and grader's name
DEFAULT_ORDER = ("anthropic", "openai", "gemini")


def label_of(model: str) -> str:
    """A writer's name for people, also of a model that left the price list."""
    if model == RULES:
        return "Built-in rules"
    try:
        return text_spec(model).label
    except KeyError:
        return model


@dataclass(frozen=True, kw_only=True)
class Writer:
    """One text model as it could be asked now."""

    provider: str
    model: str
    label: str
    hue: str
    simulated: bool
    has_key: bool  # of this person or the installation


def choices(session: Session, user_id: UUID) -> WritingChoice:
    """What this person chose, or how everybody begins."""
    found = session.get(WritingChoice, user_id)
    return found or WritingChoice(user_id=user_id, writers=list(DEFAULT_ORDER), enhance=True, judge_new=False)


def choose(session: Session, user_id: UUID, **changes: Any) -> None:
    """Change some of a person's choices: `writers` (every vendor once), `enhance`, `judge_new`."""
    now = choices(session, user_id)
    values = {"writers": now.writers, "enhance": now.enhance, "judge_new": now.judge_new} | changes
    session.execute(
        insert(WritingChoice)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )
    session.expire_all()


def move(session: Session, user_id: UUID, provider: str, by: int) -> None:
    """Move a vendor in the person's order; what is no vendor of words changes nothing."""
    order = ordered(choices(session, user_id).writers)
    if provider not in order:
        return
    at = order.index(provider)
    order.insert(max(0, min(len(order) - 1, at + (1 if by > 0 else -1))), order.pop(at))
    choose(session, user_id, writers=order)


def ordered(wanted: list[str]) -> list[str]:
    """The person's order, completed by vendors it does not know yet."""
    known = [one for one in dict.fromkeys(wanted) if one in DEFAULT_ORDER]
    return [*known, *(one for one in DEFAULT_ORDER if one not in known)]


def writers(session: Session, settings: Settings, user_id: UUID) -> list[Writer]:
    """Every text model that could be asked now, the person's best liked vendor first."""
    found: list[Writer] = []
    known = rules.rules(session)
    for provider in ordered(choices(session, user_id).writers):
        way = connections.resolve(session, settings, provider, user_id)
        if way.api_key is None and not way.simulated:
            continue
        found += [
            _writer(spec, way)
            for spec in TEXT_MODELS
            if spec.provider == provider and known.get(spec.model, rules.DEFAULT).enabled
        ]
    return found


def _writer(spec: TextSpec, way: Connection) -> Writer:
    return Writer(
        provider=spec.provider,
        model=spec.model,
        label=spec.label,
        hue=entry(spec.provider).hue,
        simulated=way.simulated,
        has_key=not way.simulated,
    )


def choose_writer(session: Session, settings: Settings, user_id: UUID, wanted: str = "") -> Writer | None:
    """The model named `wanted`, else the first with a key; None is the built-in rules. Raises SubmissionRefused."""
    if wanted == RULES:
        return None
    found = writers(session, settings, user_id)
    if wanted:
        named = next((one for one in found if one.model == wanted), None)
        if named is None:
            raise SubmissionRefused("This writer has no key any more; choose another one in the list.")
        return named
    return next((one for one in found if one.has_key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be asked of a writer; priced by its length."""

    kind: CallKind
    form: str
    instructions: str
    words: str
    images: tuple[UUID, ...] = ()
    max_tokens: int = 2_000
    notes: dict[str, Any] | None = None


def price(session: Session, settings: Settings, user_id: UUID, writer: Writer, question: Question) -> Price:
    """What this question would cost now."""
    way = connections.resolve(session, settings, writer.provider, user_id)
    usd_micros = text_spec(writer.model).price(
        chars=len(question.instructions) + len(question.words),
        pictures=len(question.images),
        max_tokens=question.max_tokens,
    )
    return priced(usd_micros, rules.rules(session).get(writer.model, rules.DEFAULT), way)


def ask(
    session: Session,
    settings: Settings,
    user_id: UUID,
    writer: Writer,
    questions: list[Question],
    *,
    confirmed: bool = False,
) -> list[UUID]:
    """Buy answers: one call each, held, capped, sent after commit. Returns the calls' ids.

    Raises SubmissionRefused, ConfirmationNeeded and what `booking.book` raises; then nothing was spent.
    """
    way = connections.resolve(session, settings, writer.provider, user_id)
    spec = text_spec(writer.model)
    if any(len(one.words) > spec.words_chars for one in questions):
        raise SubmissionRefused(f"That is too long for {spec.label}; shorten it. Nothing was charged.")
    calls = []
    for question in questions:
        due = price(session, settings, user_id, writer, question)
        calls.append(
            Call(
                user_id=user_id,
                kind=question.kind,
                provider=writer.provider,
                model=writer.model,
                tier="",
                simulated=way.simulated,
                key_owner_id=way.key_owner,
                lane=lane(way),
                request=tasks.freeze(
                    model=writer.model,
                    form=question.form,
                    instructions=question.instructions,
                    words=question.words,
                    images=question.images,
                    max_tokens=question.max_tokens,
                    notes=question.notes,
                ),
                credits=due.credits,
                price_usd_micros=due.usd_micros,
                markup_basis_points=due.markup,
            )
        )
    check_limits(session, user_id, calls, confirmed=confirmed)
    book(session, user_id, calls, today=datetime.now(settings.zone).date())
    return [call.id for call in calls]
