"""Where a request may go: hosts by name and the network addresses behind them."""

import ipaddress

import pytest

from runtz_core.providers.addresses import Reach, RefusedAddress, Server, is_public, server_of

REACH = Reach(
    suffixes=("bfl.ai",), servers=frozenset({Server(scheme="http", host="192.168.1.20", port=8080)})
)

REFUSED = (
    "",
    "api.bfl.ai",
    "//api.bfl.ai/x",
    "http://api.bfl.ai/",
    "https://api.bfl.ai:444/",
    "https://api.bfl.ai:22/",
    "https://api.bfl.ai:0/",
    "https://api.bfl.ai:65536/",
    "https://api.bfl.ai./",
    "https://api.bfl.ai@evil.example/",
    "https://key:secret@api.bfl.ai/",
    "https://evil.example#@api.bfl.ai/",
    "https://evil.example\\@api.bfl.ai/",
    "https://api.bfl.ai\\.evil.example/",
    "https://evil.example/api.bfl.ai",
    "https://evilbfl.ai/",
    "https://bfl.ai.evil.example/",
    "https://api.bfl.ai%2eevil.example/",
    "https://xn--bf-eka.ai/",
    "https://bfł.ai/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "file:///etc/passwd",
    "gopher://api.bfl.ai/",
    "ftp://api.bfl.ai/",
    "data:image/png;base64,AAAA",
    "https://api.bfl.ai/\r\nHost: evil.example",
    "https://api.bfl.ai/\x00",
    "https://" + "a" * 8_000 + ".bfl.ai/",
    "http://192.168.1.20:8081/",
    "https://192.168.1.20:8080/",
    "http://192.168.1.21:8080/",
)


@pytest.mark.parametrize("url", REFUSED)
def test_refuses_every_url_outside_the_list(url: str) -> None:
    with pytest.raises(RefusedAddress):
        REACH.admit(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://bfl.ai/",
        "https://api.bfl.ai/v1/flux-2-pro",
        "https://API.EU1.BFL.AI:443/v1/get_result?id=1",
        "https://delivery-us1.bfl.ai/a/b.jpeg?sig=%2F",
        "http://192.168.1.20:8080/v1/images/generations",
    ],
)
def test_admits_the_vendors_hosts_and_the_declared_server(url: str) -> None:
    REACH.admit(url)


def test_a_refusal_names_the_host_and_never_the_path() -> None:
    with pytest.raises(RefusedAddress) as refused:
        REACH.admit("https://evil.example/result?sig=topsecret")
    assert "evil.example" in refused.value.detail
    assert "topsecret" not in refused.value.detail


PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "64:ff9b::7f00:1", "2002:7f00:1::",
    "::7f00:1", "fe80::1", "fe80::1%1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "100::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_or_translating_address_counts_as_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:80b::200e"]
)
def test_ordinary_addresses_count_as_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_one_private_address_among_public_ones_refuses_the_host(address: str) -> None:
    with pytest.raises(RefusedAddress):
        REACH.admit_addresses("api.bfl.ai", 443, ["8.8.8.8", address])


def test_a_declared_server_may_be_private_but_never_link_local() -> None:
    assert REACH.admit_addresses("192.168.1.20", 8080, ["192.168.1.20"]) == ("192.168.1.20",)
    with pytest.raises(RefusedAddress):
        REACH.admit_addresses("192.168.1.20", 8080, ["169.254.169.254"])


def test_a_server_is_read_with_its_usual_port() -> None:
    assert server_of("http://Studio.local/v1") == Server(scheme="http", host="studio.local", port=80)
    assert str(server_of("https://[2001:db8::1]:8443/v1")) == "https://[2001:db8::1]:8443"
