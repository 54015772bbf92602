"""A person's account, line by line, newest first: every call and every gift, with what it did to the balance."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlmodel import Session, col

from runtz_core import words
from runtz_core.connections.catalog import Names, names
from runtz_core.credits import service as credits
from runtz_core.credits.models import Account, AccountKind, Entry, Purpose, Transfer
from runtz_core.failures import FailureKind
from runtz_core.images.models import Image
from runtz_core.jobs.cards import epoch, short_id
from runtz_core.jobs.models import UNFINISHED, Call, CallKind, CallState

Which = Literal["all", "charged", "released", "needs_you"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_OF_CALLS = (Purpose.RESERVE, Purpose.SETTLE, Purpose.RELEASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. `credits` is what it did to what can be spent; `balance` follows it (None in a filtered view)."""

    id: str
    at: float  # epoch seconds
    what: str
    hue: str
    simulated: bool
    own_key: bool
    job_id: str
    call_id: str
    image_id: str  # its picture, or ""
    thumb: str  # address of the picture made small, or ""
    outcome: str
    tone: str  # "", "muted", "ok" or "attention"
    cost: str  # at the vendor, in words
    usd_micros: int | None
    basis: str
    credits: int
    balance: int | None


Dated = tuple[datetime, Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last line of a page: older ones follow. `balance` is what there was before it."""

    at: datetime
    line_id: UUID
    balance: int

    def __str__(self) -> str:
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{micros}.{self.line_id.hex}.{self.balance}"


def parse_cursor(written: str) -> Cursor | None:
    """A cursor as an address carries it; None for anything else."""
    try:
        micros, line_id, balance = written.split(".")
        at = _EPOCH + timedelta(microseconds=int(micros))
        return Cursor(at=at, line_id=UUID(line_id), balance=int(balance))
    except (ValueError, OverflowError):
        return None


def lines(
    session: Session, user_id: UUID, *, which: Which = "all", before: Cursor | None = None, limit: int = 50
) -> tuple[list[Line], Cursor | None]:
    """A page of lines, and where the next one begins (None at the end)."""
    labels = names(session)
    found = _calls(session, user_id, which, before, limit + 1, labels)
    if which == "all":
        found += _gifts(session, user_id, before, limit + 1, labels)
    found.sort(key=lambda dated: (dated[0], UUID(dated[1].id)), reverse=True)
    balance = before.balance if before else credits.balance(session, user_id).available
    page: list[Line] = []
    for _, line in found[:limit]:
        page.append(replace(line, balance=balance) if which == "all" else line)
        balance -= line.credits
    if len(found) <= limit:
        return page, None
    at, last = found[limit - 1]
    return page, Cursor(at=at, line_id=UUID(last.id), balance=balance)


def _chosen(which: Which) -> list[ColumnElement[bool]]:
    match which:
        case "charged":
            return [col(Call.state) == CallState.SUCCEEDED, col(Call.credits) > 0]
        case "released":
            ended = (CallState.FAILED, CallState.CANCELLED, CallState.UNKNOWN)
            return [col(Call.state).in_(ended)]
        case "needs_you":
            return [col(Call.state) == CallState.UNKNOWN, col(Call.resolution).is_(None)]
        case _:
            return []


def _calls(
    session: Session, user_id: UUID, which: Which, before: Cursor | None, limit: int, labels: Names
) -> list[Dated]:
    query = (
        select(Call, Image)
        .outerjoin(Image, col(Image.call_id) == col(Call.id))
        .where(col(Call.user_id) == user_id, *_chosen(which))
        .order_by(col(Call.created_at).desc(), col(Call.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(col(Call.created_at), col(Call.id)) < (before.at, before.line_id))
    return [(call.created_at, _of_call(call, image, labels)) for call, image in session.execute(query)]


def _gifts(session: Session, user_id: UUID, before: Cursor | None, limit: int, labels: Names) -> list[Dated]:
    """What moved by hand or by rule: grants, top-ups, corrections, refunds."""
    query = (
        select(Transfer, col(Entry.amount), Call)
        .join(Entry, col(Entry.transfer_id) == col(Transfer.id))
        .join(Account, col(Account.id) == col(Entry.account_id))
        .outerjoin(Call, col(Call.id) == col(Transfer.call_id))
        .where(
            col(Account.user_id) == user_id,
            col(Account.kind) == AccountKind.AVAILABLE,
            col(Transfer.purpose).not_in(_OF_CALLS),
        )
        .order_by(col(Transfer.created_at).desc(), col(Transfer.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(col(Transfer.created_at), col(Transfer.id)) < (before.at, before.line_id))
    return [
        (transfer.created_at, _of_gift(transfer, amount, call, labels))
        for transfer, amount, call in session.execute(query)
    ]


def _of_call(call: Call, image: Image | None, labels: Names) -> Line:
    outcome, tone = _outcome(call)
    job = f"Job {short_id(call.job_id)} · " if call.job_id else ""
    paid = call.state == CallState.SUCCEEDED or call.state in UNFINISHED
    shown = image is not None and image.deleted_at is None
    return Line(
        id=str(call.id),
        at=epoch(call.created_at),
        what=job + labels.model(call.model) + _did(call) + _why(call),
        hue=labels.hue(call.provider),
        simulated=call.simulated,
        own_key=call.key_owner_id is not None,
        job_id=str(call.job_id or ""),
        call_id=str(call.id),
        image_id=str(image.id) if image is not None and shown else "",
        thumb=f"/api/images/{image.id}.webp?w=320" if image is not None and shown else "",
        outcome=outcome,
        tone=tone,
        cost=_cost(call),
        usd_micros=call.cost_usd_micros,
        basis=call.cost_basis or "",
        credits=-call.credits if paid else 0,
        balance=None,
    )


# What a call did, where that is not a picture.
_DID: dict[str, str] = {
    CallKind.ENHANCE: ", prompts written",
    CallKind.GRADE: ", a prompt marked",
    CallKind.DESCRIBE: ", a picture described",
    CallKind.UPSCALE: ", a picture enlarged",
}


def _did(call: Call) -> str:
    if call.kind == CallKind.GRADE and "judging" in call.request:
        return ", two pictures compared"
    return _DID.get(call.kind, "")


def _why(call: Call) -> str:
    if call.state == CallState.CANCELLED:
        return ", cancelled"
    if call.failure == FailureKind.CONTENT_BLOCKED:
        return ", refused"
    if call.failure == FailureKind.OUTCOME_UNKNOWN:
        return ", connection lost after sending"
    return ", failed" if call.state == CallState.FAILED else ""


def _outcome(call: Call) -> tuple[str, str]:
    match call.state:
        case CallState.QUEUED | CallState.RUNNING:
            return "pending", "muted"
        case CallState.SUCCEEDED:
            return ("charged", "") if call.credits else ("free", "muted")
        case CallState.UNKNOWN if call.resolution is None:
            return "needs you", "attention"
        case _:
            return "not charged", "ok"


def _cost(call: Call) -> str:
    if call.state in UNFINISHED:
        return "held" if call.credits else ""
    if call.simulated:
        return "$0" if call.state == CallState.SUCCEEDED else _released(call)
    if call.state == CallState.UNKNOWN and call.resolution is None:
        return f"maybe {words.dollars(call.price_usd_micros)}"
    if call.cost_usd_micros is None:
        return _released(call)
    return words.dollars(call.cost_usd_micros)


def _released(call: Call) -> str:
    return f"{call.credits:,} released" if call.credits else ""


_GIFTS = {
    Purpose.GRANT: "Granted",
    Purpose.TOP_UP: "Daily top-up",
    Purpose.ADJUST: "Corrected",
    Purpose.REFUND: "Refunded",
}


def _of_gift(transfer: Transfer, amount: int, call: Call | None, labels: Names) -> Line:
    purpose = Purpose(transfer.purpose)
    reason = "" if purpose is Purpose.TOP_UP else f": {transfer.reason}"
    return Line(
        id=str(transfer.id),
        at=epoch(transfer.created_at),
        what=f"{_GIFTS[purpose]}{reason}",
        hue=labels.hue(call.provider) if call else "",
        simulated=False,
        own_key=False,
        job_id=str(call.job_id or "") if call else "",
        call_id=str(call.id) if call else "",
        image_id="",
        thumb="",
        outcome="granted" if amount > 0 else "taken back",
        tone="ok" if amount > 0 else "muted",
        cost="",
        usd_micros=None,
        basis="",
        credits=amount,
        balance=None,
    )
