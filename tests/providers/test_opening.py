"""Opening adapters: keys and addresses that cannot be, reuse, and the one door to the network."""

import ast
from pathlib import Path

import pytest

from runtz_core.failures import FailureKind
from runtz_core.providers.addresses import Server
from runtz_core.providers.base import Connection, ImageProvider, Pending, Probe, ProviderError
from runtz_core.providers.opened import OpenedProviders
from runtz_core.providers.registry import PROVIDERS, open_provider, open_text, reach_of, simulator_base_url

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("provider", [name for name, entry in PROVIDERS.items() if entry.needs_key])
@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (None, FailureKind.NO_KEY),
        ("", FailureKind.NO_KEY),
        ("with\nnewline", FailureKind.AUTH),
        ("with space", FailureKind.AUTH),
        ("schlüssel", FailureKind.AUTH),
        ("\ud800", FailureKind.AUTH),
    ],
)
def test_a_key_that_cannot_be_one_is_refused(provider: str, key: str | None, kind: FailureKind) -> None:
    opened = open_provider if PROVIDERS[provider].adapter else open_text
    with pytest.raises(ProviderError) as refused:
        opened(Connection(provider=provider, base_url=None, api_key=key))
    assert refused.value.kind is kind


@pytest.mark.parametrize("url", [None, "", "ftp://x/", "http://user:pw@host/", "http://host:0/", "garage"])
def test_a_base_url_that_cannot_be_one_is_refused(url: str | None) -> None:
    with pytest.raises(ProviderError) as refused:
        open_provider(Connection(provider="custom-garage", base_url=url, api_key=None))
    assert refused.value.kind is FailureKind.REFUSED_ADDRESS


def test_a_simulated_connection_reaches_the_simulator_and_nothing_else() -> None:
    url = simulator_base_url("flux", "http://127.0.0.1:9/")
    assert url == "http://127.0.0.1:9/flux"
    reach = reach_of(Connection(provider="flux", base_url=url, api_key="simulated", simulated=True))
    assert reach.suffixes == ()
    assert reach.servers == {Server(scheme="http", host="127.0.0.1", port=9)}


def test_a_vendors_own_connection_reaches_its_hosts_and_no_private_server() -> None:
    reach = reach_of(Connection(provider="flux", base_url=None, api_key="k"))
    assert reach.suffixes == ("bfl.ai",)
    assert not reach.servers


class Idle:
    """An adapter that does nothing and knows whether it is closed."""

    def __init__(self) -> None:
        self.closed = False

    async def start(self, request: object, progress: object) -> Pending:
        raise NotImplementedError

    async def check(self, reference: str) -> Pending:
        raise NotImplementedError

    async def probe(self) -> Probe:
        raise NotImplementedError

    async def close(self) -> None:
        self.closed = True


def connection(key: str) -> Connection:
    return Connection(provider="flux", base_url=None, api_key=key)


async def test_one_connection_is_opened_once_and_closed_at_the_end() -> None:
    made: list[Idle] = []

    def opened_by(_: Connection) -> ImageProvider:
        made.append(Idle())
        return made[-1]

    opened = OpenedProviders(opened_by=opened_by)
    async with opened.use(connection("a")) as first, opened.use(connection("a")) as second:
        assert first is second
    async with opened.use(connection("b")):
        pass
    assert [idle.closed for idle in made] == [False, False]
    await opened.close_all()
    assert [idle.closed for idle in made] == [True, True]


async def test_only_idle_adapters_make_room() -> None:
    made: dict[str | None, Idle] = {}

    def opened_by(asked: Connection) -> ImageProvider:
        return made.setdefault(asked.api_key, Idle())

    opened = OpenedProviders(opened_by=opened_by, keep=1)
    async with opened.use(connection("busy")):
        async with opened.use(connection("other")):
            pass
        assert not made["busy"].closed
        assert made["other"].closed
    assert not made["busy"].closed
    await opened.close_all()


CLIENTS = {
    "httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "aiohttp", "urllib.request", "http.client",
    "ftplib", "smtplib", "websockets", "openai", "google",
}  # fmt: skip
OPENING = {
    "AsyncConnectionPool", "ConnectionPool", "AsyncHTTPTransport", "HTTPTransport", "connect_tcp", "connect",
    "create_connection", "open_connection", "urlopen",
}  # fmt: skip
# Each with its reason: the adapters stand on the guarded transport; the supervisor asks its own children on
# loopback whether they are up; the command line asks the running instance.
MAY_KNOW_CLIENTS = ("runtz_core/providers/", "runtz_core/supervisor", "runtz_core/cli/")


def names_in(path: Path) -> set[str]:
    """Everything a module imports, dotted."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return names


def clients_in(path: Path) -> set[str]:
    return {
        name
        for name in names_in(path)
        if any(name == client or name.startswith(client + ".") for client in CLIENTS)
    }


def opens_connections(path: Path) -> bool:
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    return bool(used & OPENING)


@pytest.mark.parametrize("package", ["runtz_core", "runtz_tasks", "runtz_app"])
def test_only_the_provider_modules_know_an_http_client(package: str) -> None:
    offenders = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / package).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(MAY_KNOW_CLIENTS) and (found := clients_in(path))
    }
    assert offenders == {}


def test_inside_the_providers_only_one_module_opens_connections() -> None:
    openers = {path.name for path in (ROOT / "runtz_core/providers").rglob("*.py") if opens_connections(path)}
    assert openers == {"http.py"}


def test_the_lint_sees_what_it_forbids(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(
        "from urllib import request\nimport httpx2 as h\nimport socket\nsocket.create_connection()\n"
    )
    assert clients_in(sample) == {"urllib.request", "httpx2"}
    assert opens_connections(sample)
