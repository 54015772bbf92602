"""Keys and addresses of the built-in vendors: state of the panel and the panel itself."""

from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from runtz_app.pages.settings.writers import WritersState
from runtz_app.state.session import PersonMixin, run_core
from runtz_app.ui.button import button
from runtz_app.ui.field import text_field
from runtz_app.ui.icon import icon
from runtz_app.ui.notice import notice
from runtz_core.connections import service as connections
from runtz_core.connections.addresses import BadInput
from runtz_core.connections.probe import probe
from runtz_core.connections.service import ProviderRow
from runtz_core.db import utc_now
from runtz_core.sealing import SealError
from runtz_core.settings import get_settings
from runtz_core.users import audit
from runtz_core.users.service import Person


class KeysState(PersonMixin, rx.State):
    """Which provider's form is open, what was wrong with it, and what the last test answered."""

    rows: list[ProviderRow] = []
    simulated: int = 0
    loaded: bool = False
    editing: str = ""
    problem: str = ""
    problem_field: str = ""
    testing: str = ""
    tested: str = ""
    test_ok: bool = False
    test_answer: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the providers as they are now. A form stays: it may have been opened while this was on its way."""
        self.problem = self.problem_field = self.testing = self.tested = ""
        await self._read()

    @rx.event
    async def edit(self, provider: str) -> None:
        """Open the form of one provider, or close it when it is open."""
        self.editing = "" if self.editing == provider else provider
        self.problem = self.problem_field = self.tested = ""

    @rx.event
    async def save(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Save what was typed: a key if there is one, and the address. Errors leave the form as it is."""
        self.problem = self.problem_field = ""
        try:
            person = await self._person()
            await run_core(
                _save, person, self.editing, str(form.get("key", "")), str(form.get("base_url", ""))
            )
        except BadInput as bad:
            self.problem, self.problem_field = bad.problem, bad.field
            return None
        except SealError as bad:
            self.problem, self.problem_field = str(bad), "key"
            return None
        self.editing = self.tested = ""
        await self._read()
        return WritersState.load

    @rx.event
    async def remove_key(self) -> rx.event.EventSpec:
        """Forget the saved key of the provider whose form is open."""
        await run_core(_remove_key, await self._person(), self.editing)
        self.editing = self.tested = ""
        await self._read()
        return WritersState.load

    @rx.event(background=True)
    async def test(self, provider: str) -> None:
        """Ask the vendor whether the key is good; free of charge. The page stays usable meanwhile."""
        async with self:
            person = await self._person()
            if person is None or self.testing:
                return
            self.testing, self.tested = provider, ""
        ok, answer = await test_connection(provider, person.user_id)
        async with self:
            self.testing, self.tested, self.test_ok, self.test_answer = "", provider, ok, answer

    async def _read(self) -> None:
        self.rows = await run_core(_rows)
        self.simulated = sum(row.source == "simulated" for row in self.rows)
        self.loaded = True


async def test_connection(provider: str, user_id: Any) -> tuple[bool, str]:
    """(is it good, one sentence) for a provider's key or a declared server."""
    try:
        connection = await run_core(connections.resolve, get_settings(), provider, user_id)
    except (SealError, connections.UnknownProvider) as problem:
        return False, str(problem) if isinstance(problem, SealError) else "This server is gone."
    found = await probe(connection)
    return found.ok, found.message


def _rows(session: Session) -> list[ProviderRow]:
    settings = get_settings()
    return connections.provider_rows(session, settings, today=utc_now().astimezone(settings.zone).date())


def _save(session: Session, person: Person | None, provider: str, key: str, base_url: str) -> None:
    connections.save_base_url(session, provider, base_url)
    audit.record(session, "address_saved", actor=_id(person), provider=provider, own=bool(base_url.strip()))
    if key.strip():
        connections.save_key(session, connections.keyring_of(get_settings()), provider, key)
        audit.record(session, "key_saved", actor=_id(person), provider=provider)


def _remove_key(session: Session, person: Person | None, provider: str) -> None:
    connections.remove_key(session, provider)
    audit.record(session, "key_removed", actor=_id(person), provider=provider)


def _id(person: Person | None) -> UUID | None:
    return person.user_id if person else None


def keys_panel() -> rx.Component:
    """One line for each vendor, and the form of the one being edited."""
    return rx.el.section(
        rx.el.h2("Provider keys", class_name="title-section"),
        rx.el.p(_summary(), class_name="lead"),
        rx.cond(
            KeysState.loaded,
            rx.foreach(KeysState.rows, _provider),
            rx.fragment(*[rx.el.div(class_name="bone setting-bone") for _ in range(4)]),
        ),
        rx.el.p(
            "Keys are sealed on this server and shown only as their last four characters.", class_name="fine"
        ),
        class_name="panel setting",
    )


def _summary() -> rx.Component:
    some = f"{KeysState.simulated} of {KeysState.rows.length()} providers are simulated: "
    return rx.cond(
        KeysState.simulated > 0,
        rx.fragment(some, "real waits and real errors, drawn pictures, $0. A key makes a provider real."),
        rx.cond(KeysState.loaded, "No provider is simulated.", "\u00a0"),
    )


def _provider(row: rx.Var[ProviderRow]) -> rx.Component:
    open_ = KeysState.editing == row.provider
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                rx.el.strong(row.label),
                rx.el.span(row.models.join(", "), class_name="models"),
                class_name="names",
            ),
            _source(row),
            _buttons(row, open_),
            class_name="setting-row",
        ),
        rx.foreach(row.notices, lambda words: rx.el.p(words, class_name="sunset")),
        rx.cond(
            row.base_url != "",
            rx.el.p(
                "At ",
                rx.el.code(row.base_url),
                _address_source(row),
                rx.cond(row.source == "none", _why_no_key(row)),
                class_name="address",
            ),
        ),
        test_answer(row.provider, KeysState),
        rx.cond(open_, _form(row)),
        class_name=f"setting-item hue-{row.hue}",
    )


def _address_source(row: rx.Var[ProviderRow]) -> rx.Component:
    return rx.cond(row.base_url_source == "environment", ", from the environment", "")


def _why_no_key(row: rx.Var[ProviderRow]) -> rx.Component:
    """A provider at an address of its own is never simulated: whoever chose the address means that one."""
    return rx.el.span(
        ". Without a key nothing is sent there. Add one, or ",
        rx.cond(
            row.base_url_source == "environment",
            "take the address out of the environment: then this provider is simulated again.",
            "empty the base URL under Add key: then this provider is simulated again.",
        ),
        class_name="why",
    )


def _source(row: rx.Var[ProviderRow]) -> rx.Component:
    ending = rx.cond(row.last_four != "", rx.el.code(f"…{row.last_four}"))
    return rx.match(
        row.source,
        ("saved", rx.el.span("key ", ending, class_name="tag")),
        ("environment", rx.el.span("from the environment ", ending, class_name="tag")),
        ("simulated", rx.el.span("simulated", class_name="simulated-mark")),
        rx.el.span("no key", class_name="tag attention"),
    )


def _buttons(row: rx.Var[ProviderRow], open_: rx.Var[bool]) -> rx.Component:
    has_key = (row.source == "saved") | (row.source == "environment")
    label = rx.cond(open_, "Close", rx.cond(row.source == "saved", "Change", "Add key"))
    return rx.el.div(
        rx.cond(has_key, test_button(row.provider, row.label, KeysState)),
        button(
            label,
            small=True,
            aria_expanded=rx.cond(open_, "true", "false"),
            on_click=KeysState.edit(row.provider),
        ),
        class_name="setting-buttons",
    )


def _form(row: rx.Var[ProviderRow]) -> rx.Component:
    return rx.el.form(
        text_field(
            "API key",
            name="key",
            type="password",
            mono=True,
            placeholder=rx.cond(row.source == "saved", "Leave empty to keep the saved key", "Paste the key"),
            help_text=row.key_help,
            problem=rx.cond(KeysState.problem_field == "key", KeysState.problem, ""),
            auto_focus=True,
        ),
        text_field(
            "Base URL",
            name="base_url",
            mono=True,
            placeholder="The vendor's own",
            default_value=rx.cond(row.base_url_source == "saved", row.base_url, ""),
            help_text="Only for a proxy or gateway. Calls and the key go to this address instead.",
            problem=rx.cond(KeysState.problem_field == "base_url", KeysState.problem, ""),
        ),
        rx.cond(KeysState.problem_field == "provider", notice("failed", KeysState.problem)),
        rx.el.div(
            button("Save", kind="primary", type="submit"),
            button("Cancel", kind="quiet", on_click=KeysState.edit(row.provider)),
            rx.el.span(class_name="grow"),
            rx.cond(
                row.source == "saved",
                button("Remove key", icon_name="trash_2", kind="danger", on_click=KeysState.remove_key),
            ),
            class_name="form-buttons",
        ),
        on_submit=KeysState.save,
        class_name="setting-form",
    )


def test_button(provider: Any, label: Any, state: type[Any]) -> rx.Component:
    """Asks the provider; while it answers, no second question."""
    return button(
        rx.cond(state.testing == provider, "Testing", "Test"),
        small=True,
        kind="quiet",
        disabled=state.testing != "",
        aria_label=f"Test {label}",
        on_click=state.test(provider),
    )


def test_answer(provider: Any, state: type[Any]) -> rx.Component:
    """The visible answer of the last test."""
    words = rx.el.p(
        rx.cond(state.test_ok, icon("check"), icon("circle_x")),
        state.test_answer,
        role="status",
        class_name=rx.cond(state.test_ok, "test-answer ok", "test-answer failed"),
    )
    return rx.cond(state.tested == provider, words)
