"""Invitations that nobody has used yet: for whom, until when, and taking them back."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from runtz_app.components.live import TimeAgo
from runtz_app.state.session import PersonMixin
from runtz_app.threads import run_core
from runtz_app.ui.button import button
from runtz_core.db import utc_now
from runtz_core.ids import parse_id
from runtz_core.settings import get_settings
from runtz_core.users import links


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """One that is still open. `made_at` is epoch seconds, `until` a day of the house's time zone."""

    invite_id: str
    note: str
    made_at: float
    until: str


class InvitationsState(PersonMixin, rx.State):
    """Who may still come in by a link."""

    rows: list[Invitation] = []
    now: float = 0.0

    @rx.event
    async def load(self) -> None:
        """Read what is open."""
        zone = get_settings().zone
        found = await run_core(links.invites)
        self.rows = [
            Invitation(
                invite_id=str(row.invite_id),
                note=row.note or "No note",
                made_at=row.created_at.timestamp(),
                until=f"{row.expires_at.astimezone(zone):%-d %B}",
            )
            for row in found
            if row.state == "open"
        ]
        self.now = utc_now().timestamp()

    @rx.event
    async def revoke(self, invite_id: str) -> Any:
        """Make the link good for nothing. Whoever came in by it stays."""
        person, named = await self._person(), parse_id(invite_id)
        if person is not None and named is not None:
            await run_core(links.revoke_invite, named, actor=person.user_id)
        return InvitationsState.load


def invitations_view() -> rx.Component:
    """The list, when there is one."""
    return rx.cond(
        InvitationsState.rows.length() > 0,
        rx.el.div(
            rx.el.h3("Open invitations", class_name="title-section"),
            rx.el.ul(rx.foreach(InvitationsState.rows, _invitation), class_name="seats"),
            class_name="invitations",
        ),
    )


def _invitation(row: rx.Var[Invitation]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(row.note),
            rx.el.span(
                "made ", TimeAgo.create(at=row.made_at, now=InvitationsState.now), ", good until ", row.until,
                class_name="muted",
            ),
            class_name="names",
        ),
        button(
            "Revoke", small=True, on_click=InvitationsState.revoke(row.invite_id),
            aria_label=f"Revoke the invitation: {row.note}",
        ),
        key=row.invite_id,
        class_name="seat",
    )  # fmt: skip
