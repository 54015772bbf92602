"""The job a tab is looking at: its cards, what a person does with them, and the receipt of one."""

import time
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import reflex as rx

from runtz_app import live
from runtz_app.state.asking import AskingMixin
from runtz_app.state.session import PersonMixin, SessionState
from runtz_app.threads import run_core
from runtz_core.credits.service import InsufficientCredits
from runtz_core.images import service as images
from runtz_core.jobs import receipts, resolution, service
from runtz_core.jobs.booking import ConfirmationNeeded
from runtz_core.jobs.models import CallState, Stage
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.service import NotFound
from runtz_core.jobs.views import Card, JobView, Receipt
from runtz_core.providers.base import aspect
from runtz_core.writing import tallies

NO_JOB = JobView(
    job_id="", short_id="", prompt="", negative="", ratio="1:1", samples=1, seed="", created_at=0.0, finished_at=0.0,
    ready=0, working=0, failed=0, needs_you=0, credits_charged=0, credits_held=0, usd_micros=0, summary="",
)  # fmt: skip
NO_RECEIPT = Receipt(call_id="", title="", hue="compatible", stage_seconds=[0.0] * len(Stage))

REFUSALS = (SubmissionRefused, InsufficientCredits, NotFound)


def refusal(error: Exception) -> str:
    """The sentence a person reads when the core says no. Nothing was spent in any of these cases."""
    match error:
        case SubmissionRefused():
            return error.problem
        case InsufficientCredits():
            return (
                f"That needs {error.needed:,} credits and you have {error.available:,}. "
                "Use fewer models or samples."
            )
        case _:
            return "That is no longer here. Reload the page."


def parse_id(text: str) -> UUID | None:
    """The id in an address or an event, or None for anything else a browser may send."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


class ComparisonState(AskingMixin, PersonMixin, rx.State):
    """One job as this tab shows it. The database is the truth: every change reads the job again."""

    job: JobView = NO_JOB
    cards: list[Card] = []
    now: float = 0.0
    loading: bool = True
    missing: bool = False
    shape: float = 1.0
    column: str = "280px"
    said: str = ""
    problem: str = ""
    receipt: Receipt = NO_RECEIPT
    receipt_open: bool = False
    receipts_opened: int = 0
    _waiting_call: str = ""  # the card whose retry waits for a yes

    @rx.event
    async def open_route(self) -> AsyncIterator[None]:
        """Show the job named in the address of /jobs/[job_id]."""
        self._clear()
        yield  # the tab may still show another job; that one goes first
        await self._open(parse_id(self.router.url.path.rstrip("/").rpartition("/")[2]))
        self.missing = self.job.job_id == ""

    async def _open(self, job_id: UUID | None) -> None:
        self._clear()
        if (person := await self._person()) is None:
            return
        # Watch first, then read: a change in between is then seen twice, never missed.
        if job_id is not None:
            self._watch(person, str(job_id))
        await self._read(person.user_id, job_id)
        self.loading = False

    def _clear(self) -> None:
        self.job, self.cards, self.said, self.problem = NO_JOB, [], "", ""
        self.missing = False

    async def _read(self, user_id: UUID, job_id: UUID | None) -> None:
        view = await run_core(tallies.judged_view, user_id, job_id) if job_id else None
        if view is None:
            return
        self.said = _news(self.cards, view.cards)
        self.job, self.cards, self.now = view, view.cards, time.time()
        self.shape = aspect(view.ratio)
        self.column = _column(self.shape)

    async def _poke(self, job_id: str | None) -> None:
        """The job may have changed (None: hints were lost, so anything may have): read it again."""
        shown = parse_id(self.job.job_id)
        if shown and job_id in (None, str(shown)) and (person := await self._person()):
            await self._read(person.user_id, shown)

    async def _poke_calls(self) -> None:
        """A verdict on the shown pictures may have come."""
        if self.job.ready > 1:
            await self._poke(None)

    async def _act(self, act: Callable[..., object], *args: object, **more: object) -> None:
        """Run `act(session, user_id, *args)`, show the job as it is then, or why it was refused."""
        if (person := await self._person()) is None:
            return
        self.problem = ""
        try:
            await run_core(act, person.user_id, *args, **more)
        except REFUSALS as error:
            self.problem = refusal(error)
            return
        await self._read(person.user_id, parse_id(self.job.job_id))
        await (await self.get_state(SessionState))._refresh(person.user_id)

    @rx.event
    async def act(self, action: str, call_id: str) -> None:
        """A key pressed on a card."""
        match action:
            case "keep":
                await self._keep(call_id)
            case "again":
                await self._again(call_id)
            case "details":
                await self._show_receipt(call_id)

    async def _keep(self, call_id: str) -> None:
        card = self._card(call_id)
        if card is not None and card.image_id:
            await self._act(images.set_kept, UUID(card.image_id), not card.kept)

    async def _again(self, call_id: str, *, confirmed: bool = False) -> None:
        card = self._card(call_id)
        if card is None:
            return
        try:
            await self._act(service.retry_call, UUID(card.call_id), confirmed=confirmed)
        except ConfirmationNeeded as dear:
            self._waiting_call = call_id
            self._ask(dear)

    @rx.event
    async def confirm(self) -> None:
        """Yes: run the card again, although it is dear."""
        call_id, self._waiting_call, self.asking = self._waiting_call, "", False
        await self._again(call_id, confirmed=True)

    @rx.event
    async def decline(self) -> None:
        """No: nothing is run."""
        self._waiting_call, self.asking = "", False

    @rx.event
    async def settle(self, call_id: str, said: str) -> None:
        """Write down whether the vendor billed a call of which nobody knew, as the person found out."""
        known = parse_id(call_id)
        if known is not None and said in tuple(Resolution):
            await self._act(resolution.resolve, known, Resolution(said))

    async def _show_receipt(self, call_id: str) -> None:
        person = await self._person()
        if person is None or (known := parse_id(call_id)) is None:
            return
        receipt = await run_core(receipts.receipt, person.user_id, known)
        if receipt is not None:
            self.receipt, self.receipt_open = receipt, True
            self.receipts_opened += 1

    def _card(self, call_id: str) -> Card | None:
        return next((card for card in self.cards if card.call_id == call_id), None)

    @rx.event
    async def close_receipt(self) -> None:
        """Put the receipt away."""
        self.receipt_open = False

    @rx.event
    async def cancel(self, call_id: str) -> None:
        """Stop one card."""
        if (known := parse_id(call_id)) is not None:
            await self._act(service.cancel_call, known)

    @rx.event
    async def cancel_all(self) -> None:
        """Stop whatever of the job can be stopped."""
        if (job_id := parse_id(self.job.job_id)) is not None:
            await self._act(service.cancel_job, job_id)

    @rx.event
    async def forget_problem(self) -> None:
        """Dismiss the message."""
        self.problem = ""


def _news(before: list[Card], after: list[Card]) -> str:
    """What a screen reader should say about the difference; "" when nothing ended."""
    states = {card.call_id: card.state for card in before}
    ended = [card for card in after if states.get(card.call_id, card.state) != card.state]
    said = [_end(card) for card in ended if card.state not in (CallState.QUEUED, CallState.RUNNING)]
    return ", ".join(said)


def _end(card: Card) -> str:
    match card.state:
        case CallState.SUCCEEDED:
            return f"{card.model_label} ready"
        case CallState.CANCELLED:
            return f"{card.model_label} cancelled"
        case _:
            return f"{card.model_label}: {card.failure_title}"


def _column(shape: float) -> str:
    """The least width of a card: wide pictures get fewer, wider columns, so that their slots stay legible."""
    if shape >= 1.9:
        return "400px"
    return "320px" if shape > 1.25 else "280px"


live.tell_of_calls(ComparisonState)
