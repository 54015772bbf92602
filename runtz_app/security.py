"""What every response and every connection obeys: allowed origins, security headers, the session cookie's form."""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtz_app.access import PROGRAM_ROUTES
from runtz_core.settings import Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 (compared with, not bound)
DEFAULT_PORT = 3000
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

# Reflex's own endpoints that serve or take files, or list pages; nothing here uses them.
CLOSED_PATHS = ("/_upload", "/_all_routes", "/auth-codespace")

_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_~.-]+/)*[A-Za-z0-9_~.-]*")

IMAGE_POLICY = "sandbox; default-src 'none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCookie:
    """The name and flags of the cookie that carries a session token."""

    name: str
    secure: bool


def session_cookie(settings: Settings) -> SessionCookie:
    """`__Host-session` where people come over https, plain `session` on a loopback http address."""
    secure = bool(settings.public_url and settings.public_url.startswith("https://"))
    return SessionCookie(name="__Host-session" if secure else "session", secure=secure)


def session_token(cookie_header: str, settings: Settings) -> str | None:
    """The session token in a Cookie header, if it has one."""
    try:
        morsel = SimpleCookie(cookie_header).get(session_cookie(settings).name)
    except CookieError:
        return None
    return morsel.value if morsel and morsel.value else None


def own_path(wanted: str) -> str:
    """Where to go after signing in: a path of this site, whatever somebody put into the address; else "/"."""
    return wanted if len(wanted) <= 300 and _OWN_PATH.fullmatch(wanted) else "/"


def address_of(scope: Scope, hops: int) -> str:
    """The network address a request comes from, with `hops` reverse proxies of one's own in front.

    Each of those appends to X-Forwarded-For whom it heard from; what stands before is anybody's word.
    """
    peer = scope.get("client")
    if hops:
        told = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
        heard = [address.strip() for address in told if address.strip()]
        if len(heard) >= hops:
            return heard[-hops][:64]
    return str(peer[0]) if peer else ""


def origins(settings: Settings) -> tuple[str, ...]:
    """The origins whose pages may talk to this server: the public address and what the port is bound to.

    Never "*". Bound to every address, the names and addresses this machine knows of itself are allowed; one
    reached under another name sets RUNTZ_PUBLIC_URL.
    """
    port = settings.port or DEFAULT_PORT
    names = [*LOOPBACK_NAMES]
    if settings.host in ANY_ADDRESS:
        names += own_names()
    elif settings.host not in LOOPBACK_NAMES:
        names.append(f"[{settings.host}]" if ":" in settings.host else settings.host)
    found = [f"http://{name}:{port}" for name in names]
    if port == 80:
        found += [f"http://{name}" for name in names]
    if settings.public_url:
        public = urlsplit(settings.public_url)
        found.insert(0, f"{public.scheme}://{public.netloc}")
    return tuple(dict.fromkeys(found))


def own_names() -> list[str]:
    """What this machine is called in its network: host name, its .local form, its addresses."""
    host = socket.gethostname().lower()
    names = {host, f"{host.partition('.')[0]}.local"}
    try:
        for *_, address in socket.getaddrinfo(host, None):
            name = str(address[0])
            names.add(f"[{name}]" if ":" in name else name)
    except OSError:
        pass  # a machine without a resolvable name is reached by loopback or its public address
    return sorted(names)


def page_policy(script_hashes: Iterable[str]) -> str:
    """The Content-Security-Policy of pages: own files, the inline scripts of the built pages by hash, no eval.

    Inline styles are allowed because the components' style engine writes them. `connect-src 'self'` includes
    the page's own websocket.
    """
    scripts = " ".join(f"'{value}'" for value in script_hashes)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {scripts}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


class Shield:
    """Wraps the whole app: foreign sockets and posts are refused, every answer carries the headers."""

    def __init__(self, app: ASGIApp, *, allowed: tuple[str, ...], policy: str, https: bool) -> None:
        self._app = app
        self._allowed = allowed
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        }
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not self._own_socket(scope):
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(scope["path"], message)
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, with_headers)

    def _own_socket(self, scope: Scope) -> bool:
        return Headers(scope=scope).get("origin") in self._allowed

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        path = scope["path"]
        if any(path == closed or path.startswith(f"{closed}/") for closed in CLOSED_PATHS):
            return PlainTextResponse("There is nothing here.", 404)
        if scope["method"] in SAFE_METHODS:
            return None
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None and path.startswith(PROGRAM_ROUTES):
            return None  # a program: browsers name their origin with every such request, and no cookie counts there
        if origin in self._allowed or (origin is None and headers.get("sec-fetch-site") == "same-origin"):
            return None
        return PlainTextResponse("This request came from another site and was not carried out.", 403)

    def _add_headers(self, path: str, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        # Built files carry their hash in the name, and a font that changes gets another one; a page is asked
        # for anew so that an update is seen. A font asked for anew would be read twice: once by its preload.
        if path.startswith(("/assets/", "/fonts/")) and message["status"] == 200:
            headers.setdefault("Cache-Control", "public, max-age=31536000, immutable")
        elif path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        else:
            headers.setdefault("Cache-Control", "no-cache")
