"""The web app, put together: pages, gate, mounted API, pump. Only assembly, no behaviour."""

import asyncio
from types import ModuleType

import reflex as rx
from reflex.utils.prerequisites import get_web_dir
from reflex_base.constants import Dirs
from starlette.types import ASGIApp

from runtz_app import logs
from runtz_app.api.routes import api
from runtz_app.gate import Gate
from runtz_app.live import pump
from runtz_app.memory import keep_for_good
from runtz_app.outlook import keep_up
from runtz_app.pages import (
    batch,
    compare,
    history,
    image,
    job,
    not_found,
    profile,
    prompts,
    register,
    reset,
    studio,
    usage,
    vault,
    welcome,
)
from runtz_app.pages.admin import page as admin
from runtz_app.pages.settings import page as settings
from runtz_app.scripts import script_hashes
from runtz_app.security import Shield, origins, page_policy, session_cookie
from runtz_app.sockets import FewSockets
from runtz_app.state.session import tell_trouble
from runtz_app.ui.document import STYLESHEETS, app_wraps, head_components
from runtz_core.settings import get_settings

# Importing a page registers it.
PAGES: tuple[ModuleType, ...] = (
    studio, job, vault, compare, image, prompts, batch, history, usage, settings, admin, profile, welcome, register,
    reset,
    not_found,
)  # fmt: skip

_settings = get_settings()
_told: set[asyncio.Task[None]] = set()


def on_failed_event(exception: Exception) -> None:
    """Called by Reflex for every exception that leaves a handler."""
    task = asyncio.ensure_future(tell_trouble(app, exception))
    _told.add(task)
    task.add_done_callback(_told.discard)


def limited(inner: ASGIApp) -> ASGIApp:
    """So many tabs and no more for everybody."""
    return FewSockets(inner, most=_settings.limits.sockets)


def shielded(inner: ASGIApp) -> ASGIApp:
    """The outermost layer, made when serving starts: it reads the built pages."""
    policy = page_policy(script_hashes(get_web_dir() / Dirs.STATIC))
    return Shield(inner, allowed=origins(_settings), policy=policy, https=session_cookie(_settings).secure)


logs.set_up(_settings.log_format, _settings.log_level)

app = rx.App(
    stylesheets=STYLESHEETS,
    head_components=head_components(),
    app_wraps=app_wraps(),
    toaster=None,
    backend_exception_handler=on_failed_event,
    api_transformer=[api, limited, shielded],
)
app.add_middleware(Gate(events_per_second=_settings.limits.events_per_second))
app.register_lifespan_task(keep_for_good)
app.register_lifespan_task(pump)
app.register_lifespan_task(keep_up)
