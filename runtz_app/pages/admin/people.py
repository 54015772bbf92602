"""People: tiers, shutting out, links, credits given, corrected and refunded, limits of one person."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import reflex as rx

from runtz_app.pages.admin.amounts import Unreadable, optional_number, whole_number
from runtz_app.pages.admin.invitations import InvitationsState
from runtz_app.state.session import PersonMixin
from runtz_app.threads import run_core
from runtz_core.credits.service import BadAmount, InsufficientCredits, RefundTooLarge
from runtz_core.db import utc_now
from runtz_core.ids import new_id, parse_id
from runtz_core.jobs import house, oversight, statement
from runtz_core.jobs.house import BadLimit, Deed
from runtz_core.jobs.oversight import PersonMoney
from runtz_core.jobs.service import NotFound
from runtz_core.jobs.statement import Line
from runtz_core.settings import get_settings
from runtz_core.users import links, people
from runtz_core.users.models import Tier
from runtz_core.users.people import BadField, NoSuchPerson, NotAllowed

INVITE_SECONDS = 7 * 24 * 3600.0
RESET_SECONDS = 24 * 3600.0
CHARGES = 30  # newest ones offered for a refund
MEGABYTE = 1_000_000

PROBLEMS = (
    BadAmount, BadField, BadLimit, InsufficientCredits, NoSuchPerson, NotAllowed, NotFound, Unreadable,
)  # fmt: skip


def in_words(error: Exception) -> str:
    """Why the owner cannot do that. Nothing was changed in any of these cases."""
    match error:
        case RefundTooLarge():
            return f"At most {error.left:,} credits of this charge can be given back."
        case InsufficientCredits():
            return f"They have only {error.available:,} credits; {error.needed:,} cannot be taken."
        case NoSuchPerson() | NotFound():
            return "That is no longer here. Reload the page."
        case _:
            return str(error)


class PeopleState(PersonMixin, rx.State):
    """Everybody, and the dialog that is open for one of them ("" for none)."""

    rows: list[PersonMoney] = []
    problem: str = ""
    dialog: str = ""  # "money" or "limits"
    subject: str = ""  # whose
    name: str = ""
    kind: str = "grant"
    charges: list[Line] = []
    daily_cap: str = ""
    storage_quota: str = ""
    dialog_problem: str = ""
    link: str = ""  # made a moment ago, shown once
    link_for: str = ""
    _key: str = ""  # of the open dialog: however often it is sent, it is done once

    @rx.event
    async def load(self) -> None:
        """Read everybody."""
        self.problem = self.dialog = self.link = ""
        await self._read()

    @rx.event
    async def set_tier(self, user_id: str, tier: str) -> None:
        """Move a person to another tier."""
        if tier in tuple(Tier):
            await self._do(people.set_tier, user_id, Tier(tier))

    @rx.event
    async def set_disabled(self, user_id: str, disabled: bool) -> None:
        """Shut a person out, or let them in again."""
        await self._do(people.set_disabled, user_id, disabled is True)

    @rx.event
    async def make_reset_link(self, user_id: str) -> None:
        """A link with which this person chooses a new password, once."""
        code = await self._do(links.new_reset_link, user_id, seconds=RESET_SECONDS)
        if code:
            self._show_link(links.reset_path(code), "A new password, once, within a day")

    @rx.event
    async def invite(self, form: dict[str, str]) -> Any:
        """A link with which one new person can register."""
        if (person := await self._person()) is None:
            return None
        note = str(form.get("note", ""))
        try:
            code = await run_core(links.new_invite, actor=person.user_id, seconds=INVITE_SECONDS, note=note)
        except BadField as bad:
            self.problem = str(bad)
            return None
        self.problem = ""
        self._show_link(links.invite_path(code), "One new account, within a week")
        return InvitationsState.load

    @rx.event
    async def forget_link(self) -> None:
        """Close the link; it is not shown again."""
        self.link = ""

    @rx.event
    async def open_money(self, user_id: str) -> None:
        """Open the dialog that gives, corrects or refunds."""
        if await self._open("money", user_id):
            self.kind = "grant"
            self.charges, _ = await run_core(
                statement.lines, UUID(self.subject), which="charged", limit=CHARGES
            )

    @rx.event
    async def open_limits(self, user_id: str) -> None:
        """Open the dialog with one person's own limits."""
        if await self._open("limits", user_id):
            row = next(row for row in self.rows if row.user_id == self.subject)
            self.daily_cap, self.storage_quota = row.daily_cap, row.storage_quota

    @rx.event
    async def close(self) -> None:
        """Close the dialog; nothing is done."""
        self.dialog = self.dialog_problem = ""

    @rx.event
    async def choose_kind(self, kind: str) -> None:
        """Grant, correct or refund."""
        if kind in ("grant", "correct", "refund"):
            self.kind, self.dialog_problem = kind, ""

    @rx.event
    async def move(self, form: dict[str, str]) -> None:
        """Give, correct or refund what was typed, once."""
        person, subject = await self._person(), parse_id(self.subject)
        if person is None or subject is None or self.dialog != "money":
            return
        deed = Deed(actor=person.user_id, subject=subject, key=self._key)
        try:
            amount, reason = whole_number(form.get("amount", "")), str(form.get("reason", ""))
            if self.kind == "refund":
                call_id = parse_id(form.get("call", "")) or UUID(int=0)
                await run_core(house.refund, deed, call_id, amount, reason=reason)
            else:
                step = house.give if self.kind == "grant" else house.correct
                await run_core(step, deed, amount, reason=reason)
        except PROBLEMS as error:
            self.dialog_problem = in_words(error)
            return
        self.dialog = self.dialog_problem = ""
        await self._read()

    @rx.event
    async def limit(self, form: dict[str, str]) -> None:
        """Set the limits that were typed; empty: as for everybody."""
        person, subject = await self._person(), parse_id(self.subject)
        if person is None or subject is None or self.dialog != "limits":
            return
        try:
            megabytes = optional_number(form.get("storage_quota", ""))
            await run_core(
                house.set_person_limits,
                subject,
                daily_cap=optional_number(form.get("daily_cap", "")),
                storage_quota=None if megabytes is None else megabytes * MEGABYTE,
                actor=person.user_id,
                today=datetime.now(get_settings().zone).date(),
            )
        except PROBLEMS as error:
            self.dialog_problem = in_words(error)
            return
        self.dialog = self.dialog_problem = ""
        await self._read()

    async def _open(self, dialog: str, user_id: str) -> bool:
        row = next((row for row in self.rows if row.user_id == user_id), None)
        if row is None:
            return False
        self.dialog, self.subject, self.name, self.dialog_problem = dialog, row.user_id, row.name, ""
        self._key = str(new_id())
        return True

    async def _do(self, step: Callable[..., Any], user_id: str, *args: Any, **kwargs: Any) -> Any:
        """Run `step(session, subject, …, actor=owner)`; None, and the reason shown, when it is refused."""
        person, subject = await self._person(), parse_id(user_id)
        self.problem, done = "", None
        if person is None or subject is None:
            return None
        try:
            done = await run_core(step, subject, *args, actor=person.user_id, **kwargs)
        except PROBLEMS as error:
            self.problem = in_words(error)
        await self._read()
        return done

    def _show_link(self, path: str, what: str) -> None:
        self.link, self.link_for = self.router.url.origin + path, what

    async def _read(self) -> None:
        self.rows = await run_core(oversight.everybody, now=utc_now())
