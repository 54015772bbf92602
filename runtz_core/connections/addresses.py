"""What the owner may type as an address: checked before it is saved, so that a slip is a sentence, not a leak."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

MAX_CHARS = 2000
_LOCAL_SUFFIXES = (".local", ".lan", ".home.arpa", ".internal", ".localhost")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


class BadInput(ValueError):
    """Something typed into a settings form cannot be saved. `problem` is one sentence for the person."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem


class BadAddress(BadInput):
    """A base URL that is not acceptable."""

    def __init__(self, problem: str) -> None:
        super().__init__("base_url", problem)


def checked_base_url(text: str) -> str:
    """`text` as a base URL without a trailing slash. Raises BadAddress.

    Plain http is for this machine and the local network only: elsewhere the key would travel in the clear.
    """
    text = text.strip()
    if len(text) > MAX_CHARS:
        raise BadAddress(f"An address has at most {MAX_CHARS:,} characters.")
    if not text.isprintable() or re.search(r"[\s\\]", text):
        raise BadAddress("An address has no spaces, backslashes or control characters.")
    parts, port = _split(text)
    if parts.username is not None or parts.password is not None:
        raise BadAddress("Leave user names and passwords out of the address; the key has its own field.")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise BadAddress("Leave everything from ? or # on out of the address.")
    host = _checked_host(parts.hostname or "")
    if parts.scheme == "http" and not is_local(host):
        raise BadAddress("http:// would send the key in the clear. Use https://, or a local address.")
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None else f"{shown}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))


def is_local(host: str) -> bool:
    """Is this host the machine itself or on its own network, going by the name alone?"""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_SUFFIXES)
    return address.is_loopback or address.is_private


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadAddress("This is not an address. It looks like https://api.example.com/v1.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddress("An address starts with https:// and a host, e.g. https://api.example.com/v1.")
    if port == 0:
        raise BadAddress("Port 0 is not a port.")
    return parts, port


def _checked_host(host: str) -> str:
    """The host in lower-case ASCII. Raises BadAddress for what is neither a name nor a usable IP address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _checked_name(host)
    if "%" in host or address.is_unspecified or address.is_multicast or address.is_link_local:
        raise BadAddress(f"{host} is not the address of a server.")
    return str(address)


def _checked_name(host: str) -> str:
    try:
        name = host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        raise BadAddress("The host in this address is not a name.") from None
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("The host in this address is not a name.")
    if labels[-1].isdecimal() or labels[-1].startswith("0x"):
        raise BadAddress("Write an IP address in full, e.g. 192.168.1.20.")
    return name
