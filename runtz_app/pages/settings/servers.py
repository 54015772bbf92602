"""The owner's own OpenAI-compatible servers: address, optional key, models with sizes and prices."""

from collections.abc import Callable

import reflex as rx
from sqlmodel import Session

from runtz_app.pages.settings.keys import test_connection
from runtz_app.pages.settings.server_views import servers_view
from runtz_app.state.session import PersonMixin, run_core
from runtz_core.connections import servers as core
from runtz_core.connections import service as connections
from runtz_core.connections.addresses import BadInput
from runtz_core.connections.servers import ServerRow
from runtz_core.ids import parse_id
from runtz_core.sealing import SealError
from runtz_core.settings import get_settings
from runtz_core.users import audit
from runtz_core.users.service import Person

NEW = "new"


class ServersState(PersonMixin, rx.State):
    """Which form is open (`editing`: a server's id or "new"; `adding_model`: a server's id) and its problem."""

    rows: list[ServerRow] = []
    editing: str = ""
    adding_model: str = ""
    removing: str = ""  # the server whose removal waits for a second click
    problem: str = ""
    problem_field: str = ""
    testing: str = ""
    tested: str = ""
    test_ok: bool = False
    test_answer: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the servers as they are now. A form stays: it may have been opened while this was on its way."""
        self.problem = self.problem_field = self.testing = self.tested = ""
        await self._read()

    @rx.event
    async def edit(self, server_id: str) -> None:
        """Open the form of a server, "new" for another one, or close it when it is open."""
        opening = self.editing != server_id
        self._close_forms()
        self.editing = server_id if opening else ""

    @rx.event
    async def add_model(self, server_id: str) -> None:
        """Open the form for another model of a server, or close it when it is open."""
        opening = self.adding_model != server_id
        self._close_forms()
        self.adding_model = server_id if opening else ""

    @rx.event
    async def save_server(self, form: dict[str, str]) -> None:
        """Save the server of the open form. Errors leave what was typed."""
        server_id = None if self.editing == NEW else self.editing
        await self._saved(_save_server, await self._person(), server_id, _words(form))

    @rx.event
    async def save_model(self, form: dict[str, str]) -> None:
        """Save a model of the server whose form is open. Errors leave what was typed."""
        await self._saved(_save_model, self.adding_model, _words(form))

    @rx.event
    async def remove_server(self, server_id: str) -> None:
        """Forget a server at the second click; pictures it made stay."""
        if self.removing != server_id:
            self.removing = server_id
            return
        await self._saved(_delete_server, await self._person(), server_id)

    @rx.event
    async def remove_model(self, model_id: str) -> None:
        """Forget one model; pictures it made stay."""
        await self._saved(_delete_model, model_id)

    @rx.event(background=True)
    async def test(self, provider: str) -> None:
        """Ask a server whether it answers; free. The page stays usable meanwhile."""
        async with self:
            person = await self._person()
            if person is None or self.testing:
                return
            self.testing, self.tested = provider, ""
        ok, answer = await test_connection(provider, person.user_id)
        async with self:
            self.testing, self.tested, self.test_ok, self.test_answer = "", provider, ok, answer

    async def _saved(self, function: Callable[..., object], *args: object) -> None:
        self.problem = self.problem_field = ""
        try:
            await run_core(function, *args)
        except BadInput as bad:
            self.problem, self.problem_field = bad.problem, bad.field
            return
        except SealError as bad:
            self.problem, self.problem_field = str(bad), "key"
            return
        self._close_forms()
        await self._read()

    def _close_forms(self) -> None:
        self.editing = self.adding_model = self.removing = self.problem = self.problem_field = self.tested = (
            ""
        )

    async def _read(self) -> None:
        self.rows = await run_core(core.servers)


def _words(form: dict[str, str]) -> dict[str, str]:
    """A form's texts, whatever a stranger put into it."""
    return {str(name): str(value) for name, value in form.items()}


def _save_server(
    session: Session, person: Person | None, server_id: str | None, form: dict[str, str]
) -> None:
    saved = core.save_server(
        session,
        label=form.get("label", ""),
        base_url=form.get("base_url", ""),
        server_id=parse_id(server_id) if server_id else None,
    )
    actor = person.user_id if person else None
    audit.record(session, "server_saved", actor=actor, server=str(saved))
    key = form.get("key", "").strip()
    if key:
        provider = next(row.provider for row in core.servers(session) if row.server_id == str(saved))
        connections.save_key(session, connections.keyring_of(get_settings()), provider, key)
        audit.record(session, "key_saved", actor=actor, provider=provider)


def _save_model(session: Session, server_id: str, form: dict[str, str]) -> None:
    known = parse_id(server_id)
    if known is None:
        raise BadInput("server", "This server is gone. Reload the page.")
    core.save_model(
        session,
        known,
        model=form.get("model", ""),
        label=form.get("label", ""),
        sizes=form.get("sizes", ""),
        usd=form.get("usd", ""),
    )


def _delete_server(session: Session, person: Person | None, server_id: str) -> None:
    known = parse_id(server_id)
    if known is not None:
        core.delete_server(session, known)
        audit.record(session, "server_removed", actor=person.user_id if person else None, server=server_id)


def _delete_model(session: Session, model_id: str) -> None:
    known = parse_id(model_id)
    if known is not None:
        core.delete_model(session, known)


def servers_panel() -> rx.Component:
    """All declared servers, and the way to declare one."""
    return servers_view(ServersState)
