"""The house's rules: limits for everybody, caps by provider, models on and off with their markup."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import reflex as rx

from runtz_app.pages.admin.amounts import Unreadable, optional_number
from runtz_app.pages.admin.people import MEGABYTE
from runtz_app.state.session import PersonMixin
from runtz_app.threads import run_core
from runtz_core.credits.rules import PAR
from runtz_core.jobs import house, oversight
from runtz_core.jobs.house import BadLimit, Limits
from runtz_core.jobs.oversight import CapRow, ModelRow
from runtz_core.settings import get_settings
from runtz_core.users.models import Registration


class RulesState(PersonMixin, rx.State):
    """The rules as they are; every form is saved on its own."""

    registration: str = Registration.INVITE.value
    daily_cap: str = ""
    person_daily_cap: str = ""
    confirm_above: str = ""
    storage_quota: str = ""
    caps: list[CapRow] = []
    models: list[ModelRow] = []
    loaded: bool = False
    problem: str = ""
    model_problem: str = ""
    said: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the rules."""
        self.problem = self.model_problem = self.said = ""
        await self._read()
        self.loaded = True

    @rx.event
    async def save_limits(self, form: dict[str, str]) -> None:
        """Save the limits for everybody and the caps by provider; empty is no limit."""
        self.problem = self.said = ""
        try:
            wanted = _limits(form)
            caps = {row.provider: optional_number(form.get(f"cap-{row.provider}", "")) for row in self.caps}
        except (Unreadable, ValueError) as bad:
            self.problem = str(bad)
            return
        today = datetime.now(get_settings().zone).date()
        changed = {row.provider: row.cap for row in self.caps}
        if not await self._try(house.set_limits, wanted, today=today):
            return
        for provider, cap in caps.items():
            if ("" if cap is None else str(cap)) != changed[provider]:
                await self._try(house.set_provider_cap, provider, cap, today=today)
        if not self.problem:
            self.said = "Saved. They hold from now on; what was spent today counts."
        await self._read()

    @rx.event
    async def switch_model(self, model: str) -> None:
        """Switch a model on or off."""
        row = next((row for row in self.models if row.model == model), None)
        if row is not None:
            await self._set_model(row.model, not row.enabled, row.markup)

    @rx.event
    async def set_markup(self, model: str, percent: str) -> None:
        """Sell a model at so many percent of its price."""
        row = next((row for row in self.models if row.model == model), None)
        if row is not None and percent != row.markup:
            await self._set_model(row.model, row.enabled, percent)

    async def _set_model(self, model: str, enabled: bool, percent: str) -> None:
        self.model_problem = ""
        person = await self._person()
        try:
            markup = round(float(percent) * PAR / 100)
            if person is not None:
                await run_core(house.set_model, model, enabled=enabled, markup=markup, actor=person.user_id)
        except BadLimit as bad:
            self.model_problem = str(bad)
        except (ValueError, OverflowError):
            self.model_problem = "A markup is a percentage, such as 120; 100 is the price itself."
        await self._read()

    async def _try(self, step: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        if (person := await self._person()) is None:
            return False
        try:
            await run_core(step, *args, actor=person.user_id, **kwargs)
        except BadLimit as bad:
            self.problem = str(bad)
        return not self.problem

    async def _read(self) -> None:
        now = await run_core(house.limits)
        self.registration = now.registration.value
        self.daily_cap, self.person_daily_cap = _written(now.daily_cap), _written(now.person_daily_cap)
        self.confirm_above = _written(now.confirm_above)
        quota = now.person_storage_quota
        self.storage_quota = _written(None if quota is None else quota // MEGABYTE)
        self.caps = await run_core(oversight.provider_caps)
        self.models = await run_core(oversight.models)


def _limits(form: dict[str, str]) -> Limits:
    megabytes = optional_number(form.get("storage_quota", ""))
    return Limits(
        registration=Registration(form.get("registration", "")),
        daily_cap=optional_number(form.get("daily_cap", "")),
        person_daily_cap=optional_number(form.get("person_daily_cap", "")),
        confirm_above=optional_number(form.get("confirm_above", "")),
        person_storage_quota=None if megabytes is None else megabytes * MEGABYTE,
    )


def _written(limit: int | None) -> str:
    return "" if limit is None else str(limit)
