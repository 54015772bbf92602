"""Where an outgoing request may go: which hosts by name, and which network addresses behind those names."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

import httpx2

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_URL_CHARS = 8_000
_PORTS = {"https": 443, "http": 80}

# Python 3.11 calls these global, yet each can carry or mean an address inside our own network:
# translated IPv4 (NAT64), 6to4, and the long-deprecated "IPv4-compatible" block.
_EMBEDDING_NETWORKS = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("::/96"),
)


class RefusedAddress(Exception):
    """Our own rules forbid this destination. Raised before a single byte is sent."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One exact destination somebody with the right to do so has named."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def server_of(url: str | httpx2.URL) -> Server:
    """The destination of `url`. Raises RefusedAddress for anything but a plain http or https URL."""
    if isinstance(url, str):
        if len(url) > _URL_CHARS or "\\" in url:
            raise RefusedAddress("That is not an address that can be called.")
        try:
            url = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise RefusedAddress("That is not an address that can be called.") from None
    if url.scheme not in _PORTS:
        raise RefusedAddress("Only http:// and https:// addresses can be called.")
    if url.userinfo:
        raise RefusedAddress("An address must not contain a user name or a password.")
    host = url.raw_host.decode("ascii").lower()
    if not host or host.endswith(".") or "%" in host:
        raise RefusedAddress("That address has no host name that can be called.")
    port = _PORTS[url.scheme] if url.port is None else url.port
    if not 1 <= port <= 65_535:
        raise RefusedAddress(f"{port} is not a port; use a number from 1 to 65535.")
    return Server(scheme=url.scheme, host=host, port=port)


def is_public(address: IPAddress) -> bool:
    """Whether `address` can only be a host on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or any(address in network for network in _EMBEDDING_NETWORKS):
            return False
        if address.scope_id is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """All that one connection may call: a vendor's hosts by suffix over https, declared servers exactly."""

    suffixes: tuple[str, ...] = ()
    servers: frozenset[Server] = frozenset()

    def declares(self, host: str, port: int) -> bool:
        """Whether the owner named this host and port, private addresses included."""
        return any(server.host == host and server.port == port for server in self.servers)

    def admit(self, url: str | httpx2.URL) -> None:
        """Return when `url` may be called. Raises RefusedAddress otherwise, naming the host."""
        server = server_of(url)
        if server in self.servers:
            return
        by_suffix = any(
            server.host == suffix or server.host.endswith("." + suffix) for suffix in self.suffixes
        )
        if by_suffix and server.scheme == "https" and server.port == 443:
            return
        raise RefusedAddress(f"{server} is not an address this provider may use.")

    def admit_addresses(self, host: str, port: int, addresses: Iterable[str]) -> tuple[str, ...]:
        """The network addresses of `host`, when every one of them is acceptable. Raises RefusedAddress."""
        found = tuple(dict.fromkeys(addresses))
        declared = self.declares(host, port)
        for text in found:
            address = ipaddress.ip_address(text)
            # Link-local is where clouds keep their instance credentials; nobody serves pictures there.
            never = address.is_multicast or address.is_link_local
            if never or not (declared or is_public(address)):
                raise RefusedAddress(f"{host} leads to a private network address, so it was not called.")
        return found
