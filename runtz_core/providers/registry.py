"""Every provider this installation knows, in one table, and how an adapter for it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import httpx2

from runtz_core.failures import FailureKind
from runtz_core.providers.addresses import Reach, RefusedAddress, server_of
from runtz_core.providers.base import Connection, ImageProvider, ModelSpec, ProviderError
from runtz_core.providers.exchange import Deadlines
from runtz_core.providers.http import open_client
from runtz_core.providers.line import Line
from runtz_core.providers.models.flux import FLUX_MODELS
from runtz_core.providers.models.gemini import GEMINI_MODELS
from runtz_core.providers.models.ideogram import IDEOGRAM_MODELS
from runtz_core.providers.models.openai import OPENAI_MODELS
from runtz_core.providers.text import TextProvider

_SUNSET_NOTICE = timedelta(days=30)
CUSTOM_PREFIX = "custom-"  # the provider id of a declared server is this and its slug

Adapter = Callable[[Line], ImageProvider]  # an adapter's class
TextAdapter = Callable[[Line], TextProvider]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """One vendor."""

    provider: str
    label: str
    hue: str  # the name of its colour token
    models: tuple[ModelSpec, ...]
    # Both import the vendor's SDK when it is first needed; None: it has no such models.
    adapter: Callable[[], Adapter] | None
    text_adapter: Callable[[], TextAdapter] | None = None
    base_url: str | None  # the vendor's own; None: only servers the owner declares
    simulator_path: str
    host_suffixes: tuple[str, ...]  # hosts it may answer, poll and deliver from
    concurrency: int  # calls in flight to start with; the vendor's published limit where there is one
    needs_key: bool = True
    key_help: str = ""
    free_check: str | None = None  # what testing the key does, for a person


def _openai() -> Adapter:
    from runtz_core.providers.openai import OpenAIImages

    return OpenAIImages


def _openai_text() -> TextAdapter:
    from runtz_core.providers.openai_text import OpenAITexts

    return OpenAITexts


def _gemini_text() -> TextAdapter:
    from runtz_core.providers.gemini_text import GeminiTexts

    return GeminiTexts


def _anthropic_text() -> TextAdapter:
    from runtz_core.providers.anthropic import AnthropicTexts

    return AnthropicTexts


def _gemini() -> Adapter:
    from runtz_core.providers.gemini import GeminiImages

    return GeminiImages


def _ideogram() -> Adapter:
    from runtz_core.providers.ideogram import IdeogramImages

    return IdeogramImages


def _flux() -> Adapter:
    from runtz_core.providers.flux import FluxImages

    return FluxImages


def _compatible() -> Adapter:
    from runtz_core.providers.compatible import CompatibleImages

    return CompatibleImages


_ENTRIES = (
    ProviderEntry(
        provider="openai",
        label="OpenAI",
        hue="openai",
        models=OPENAI_MODELS,
        adapter=_openai,
        text_adapter=_openai_text,
        base_url="https://api.openai.com/v1",
        simulator_path="/openai/v1",
        host_suffixes=("api.openai.com",),
        concurrency=50,
        key_help="platform.openai.com, API keys; image models need a verified organisation.",
        free_check="lists the models",
    ),
    ProviderEntry(
        provider="gemini",
        label="Google Gemini",
        hue="gemini",
        models=GEMINI_MODELS,
        adapter=_gemini,
        text_adapter=_gemini_text,
        base_url="https://generativelanguage.googleapis.com",
        simulator_path="/gemini",
        host_suffixes=("generativelanguage.googleapis.com",),
        concurrency=50,
        key_help="aistudio.google.com, Get API key; the free tier has no image models.",
        free_check="lists the models",
    ),
    ProviderEntry(
        provider="ideogram",
        label="Ideogram",
        hue="ideogram",
        models=IDEOGRAM_MODELS,
        adapter=_ideogram,
        base_url="https://api.ideogram.ai",
        simulator_path="/ideogram",
        host_suffixes=("ideogram.ai",),
        concurrency=10,  # published: ten pictures in flight for an organisation
        key_help="developer.ideogram.ai, API keys; the account needs a balance.",
        free_check="asks for a price quote",
    ),
    ProviderEntry(
        provider="flux",
        label="Black Forest Labs",
        hue="flux",
        models=FLUX_MODELS,
        adapter=_flux,
        base_url="https://api.bfl.ai",
        simulator_path="/flux",
        host_suffixes=("bfl.ai",),
        concurrency=24,  # published: twenty-four active tasks
        key_help="dashboard.bfl.ai, API keys; the account needs credits.",
        free_check="asks for the credits left",
    ),
    ProviderEntry(
        provider="anthropic",
        label="Anthropic",
        hue="anthropic",
        models=(),
        adapter=None,
        text_adapter=_anthropic_text,
        base_url="https://api.anthropic.com",
        simulator_path="/anthropic",
        host_suffixes=("api.anthropic.com",),
        concurrency=20,
        key_help="platform.claude.com, API keys. Claude writes and judges prompts; it draws no pictures.",
        free_check="lists the models",
    ),
    ProviderEntry(
        provider="compatible",
        label="OpenAI-compatible server",
        hue="compatible",
        models=(),
        adapter=_compatible,
        base_url=None,
        simulator_path="/compatible/v1",
        host_suffixes=(),
        concurrency=1,  # a graphics card makes one picture at a time
        needs_key=False,
        key_help="Most local servers need none.",
        free_check="lists the models",
    ),
)

PROVIDERS: dict[str, ProviderEntry] = {entry.provider: entry for entry in _ENTRIES}
_SPECS: dict[str, ModelSpec] = {spec.model: spec for entry in _ENTRIES for spec in entry.models}


def entry(provider: str) -> ProviderEntry:
    """The table's line for a provider id, declared servers (`custom-…`) included. Raises KeyError."""
    return PROVIDERS["compatible" if provider.startswith(CUSTOM_PREFIX) else provider]


def spec(model: str) -> ModelSpec:
    """A built-in model. Raises KeyError for one this installation does not know."""
    return _SPECS[model]


def all_specs() -> tuple[ModelSpec, ...]:
    """Every built-in model, in the order shown."""
    return tuple(_SPECS.values())


def simulator_base_url(provider: str, simulator_url: str) -> str:
    """Where the simulator at `simulator_url` plays this provider."""
    return simulator_url.rstrip("/") + entry(provider).simulator_path


def sunset_notice(model: ModelSpec, today: date) -> str | None:
    """One sentence from thirty days before a model's end, naming what follows it; else None."""
    if model.ends_on is None or today < model.ends_on - _SUNSET_NOTICE:
        return None
    verb = "ends" if today <= model.ends_on else "ended"
    day = f"{model.ends_on.day} {model.ends_on:%B %Y}"
    follows = _SPECS[model.successor].label if model.successor in _SPECS else model.successor
    return f"{model.label} {verb} on {day}" + (f"; {follows} follows it." if follows else ".")


def reach_of(connection: Connection) -> Reach:
    """All that calls over this connection may touch. Raises RefusedAddress for a base URL that is none.

    With a base URL that server is allowed exactly as named; a proxy the owner declared may also hand out the
    vendor's own links, the simulator may not.
    """
    suffixes = () if connection.simulated else entry(connection.provider).host_suffixes
    servers = frozenset({server_of(connection.base_url)} if connection.base_url else ())
    return Reach(suffixes=suffixes, servers=servers)


def open_provider(
    connection: Connection,
    *,
    deadlines: Deadlines | None = None,
    client: Callable[[Reach], httpx2.AsyncClient] = open_client,
) -> ImageProvider:
    """An adapter over a guarded client of its own; close it in the end.

    Raises ProviderError: NO_KEY, AUTH for a key that cannot be one, REFUSED_ADDRESS for such a base URL.
    """
    adapter = entry(connection.provider).adapter
    if adapter is None:
        raise ProviderError(FailureKind.MODEL_GONE, "This provider has no picture models.")
    return adapter()(_line(connection, deadlines, client))


def open_text(
    connection: Connection,
    *,
    deadlines: Deadlines | None = None,
    client: Callable[[Reach], httpx2.AsyncClient] = open_client,
) -> TextProvider:
    """A vendor's text models over a guarded client of its own; raises what `open_provider` does."""
    adapter = entry(connection.provider).text_adapter
    if adapter is None:
        raise ProviderError(FailureKind.MODEL_GONE, "This provider has no text models here.")
    return adapter()(_line(connection, deadlines, client))


def _line(
    connection: Connection, deadlines: Deadlines | None, client: Callable[[Reach], httpx2.AsyncClient]
) -> Line:
    known = entry(connection.provider)
    base_url = connection.base_url or known.base_url
    if base_url is None:
        raise ProviderError(FailureKind.REFUSED_ADDRESS, "This server has no base URL yet.")
    key = connection.api_key or ""
    if known.needs_key and not key:
        raise ProviderError(FailureKind.NO_KEY, f"There is no key for {known.label}.")
    if not key.isascii() or any(not character.isprintable() or character.isspace() for character in key):
        raise ProviderError(FailureKind.AUTH, f"The key for {known.label} has characters no key has.")
    try:
        reach = reach_of(connection)
    except RefusedAddress as error:
        raise ProviderError(FailureKind.REFUSED_ADDRESS, error.detail) from None
    return Line(
        client=client(reach),
        base_url=base_url.rstrip("/"),
        api_key=key,
        deadlines=deadlines or Deadlines(),
    )
