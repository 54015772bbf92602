"""A person's own provider keys: state of the panel and the panel itself."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from runtz_app.pages.settings.keys import KeysState
from runtz_app.pages.settings.servers import ServersState
from runtz_app.pages.settings.writers import WritersState
from runtz_app.state.session import PersonMixin, run_core
from runtz_app.ui.button import button
from runtz_app.ui.field import text_field
from runtz_core.connections import own
from runtz_core.connections import service as connections
from runtz_core.connections.addresses import BadInput
from runtz_core.connections.own import OwnKey
from runtz_core.sealing import SealError
from runtz_core.settings import get_settings


class OwnKeysState(PersonMixin, rx.State):
    """Which provider's form is open, and what was wrong with it."""

    rows: list[OwnKey] = []
    editing: str = ""
    problem: str = ""

    @rx.event
    async def load(self) -> Any:
        """Read one's keys; the owner's panels are loaded for the owner only."""
        if (person := await self._person()) is None:
            return None
        self.editing = self.problem = ""
        self.rows = await run_core(own.own_keys, person.user_id)
        return [KeysState.load, ServersState.load] if person.is_owner else None

    @rx.event
    async def edit(self, provider: str) -> None:
        """Open the form of one provider, or close it when it is open."""
        self.editing = "" if self.editing == provider else provider
        self.problem = ""

    @rx.event
    async def save(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Keep the key that was typed. Errors leave the form as it is."""
        if (person := await self._person()) is None:
            return None
        try:
            await run_core(_save, person.user_id, self.editing, str(form.get("key", "")))
        except BadInput as bad:
            self.problem = bad.problem
            return None
        except SealError as bad:
            self.problem = str(bad)
            return None
        self.editing = self.problem = ""
        self.rows = await run_core(own.own_keys, person.user_id)
        return WritersState.load

    @rx.event
    async def remove(self) -> rx.event.EventSpec | None:
        """Forget the key of the provider whose form is open."""
        if (person := await self._person()) is None or not self.editing:
            return None
        await run_core(own.remove, person.user_id, self.editing)
        self.editing = self.problem = ""
        self.rows = await run_core(own.own_keys, person.user_id)
        return WritersState.load


def _save(session: Session, user_id: Any, provider: str, key: str) -> None:
    own.save(session, connections.keyring_of(get_settings()), user_id, provider, key)


def own_keys_panel() -> rx.Component:
    """One line for each vendor, and the form of the one being edited."""
    return rx.el.section(
        rx.el.h2("My keys", class_name="title-section"),
        rx.el.p(
            "With a key of your own, your calls go to your account at the provider and cost no credits here. "
            "Nobody else uses it; it is sealed and shown only as its last four characters.",
            class_name="lead",
        ),
        rx.foreach(OwnKeysState.rows, _line),
        id="my-keys",
        class_name="panel setting",
    )


def _line(row: rx.Var[OwnKey]) -> rx.Component:
    is_open = OwnKeysState.editing == row.provider
    ending = rx.cond(row.last_four != "", rx.el.code(f"…{row.last_four}"))
    label = rx.cond(is_open, "Close", rx.cond(row.has_key, "Change", "Add my key"))
    return rx.el.div(
        rx.el.div(
            rx.el.div(rx.el.strong(row.label), class_name="names"),
            rx.cond(row.has_key, rx.el.span("my key ", ending, class_name="tag")),
            rx.el.div(
                button(
                    label,
                    small=True,
                    aria_label=f"{row.label}: {label}",
                    aria_expanded=rx.cond(is_open, "true", "false"),
                    on_click=OwnKeysState.edit(row.provider),
                ),
                class_name="setting-buttons",
            ),
            class_name="setting-row",
        ),
        rx.cond(is_open, _form(row)),
        key=row.provider,
        class_name=f"setting-item hue-{row.hue}",
    )


def _form(row: rx.Var[OwnKey]) -> rx.Component:
    return rx.el.form(
        text_field(
            "My API key",
            name="key",
            type="password",
            mono=True,
            placeholder="Paste the key",
            help_text=row.key_help,
            problem=OwnKeysState.problem,
            auto_focus=True,
        ),
        rx.el.div(
            button("Save", kind="primary", type="submit"),
            button("Cancel", kind="quiet", on_click=OwnKeysState.edit(row.provider)),
            rx.el.span(class_name="grow"),
            rx.cond(
                row.has_key,
                button("Remove my key", icon_name="trash_2", kind="danger", on_click=OwnKeysState.remove),
            ),
            class_name="form-buttons",
        ),
        on_submit=OwnKeysState.save,
        class_name="setting-form",
    )
