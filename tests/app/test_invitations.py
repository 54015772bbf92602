"""Invitations in Admin: listed while they are open, and taken back."""

from sqlmodel import Session

from runtz_app.pages.admin.invitations import InvitationsState
from runtz_app.pages.admin.people import PeopleState
from runtz_core.users import links
from tests.app.tab import Tab, visitor
from tests.app.test_usage import desk

__all__ = ["desk", "visitor"]  # fixtures


async def test_an_open_invitation_is_listed_and_revoked(desk: Tab, session: Session) -> None:
    for note in ("For Bea", ""):
        await desk.send(PeopleState.invite({"note": note}))
    state = await desk.state(InvitationsState)
    assert [row.note for row in state.rows] == ["No note", "For Bea"]
    assert state.rows[0].made_at <= state.now
    code = (await desk.state(PeopleState)).link.partition("#")[2]
    assert links.open_invite(session, code) is not None
    session.rollback()
    newest = state.rows[0].invite_id
    for _ in range(2):  # a second click changes nothing
        await desk.send(InvitationsState.revoke(newest))
        session.rollback()
        assert links.open_invite(session, code) is None
    assert [row.note for row in (await desk.state(InvitationsState)).rows] == ["For Bea"]


async def test_what_is_no_invitation_cannot_be_revoked(desk: Tab) -> None:
    for nonsense in ("", "x", "01a20324-5cf9-7255-8eea-0adc9ed66918"):
        await desk.send(InvitationsState.revoke(nonsense))
    assert (await desk.state(InvitationsState)).rows == []
