"""The guarded transport over real sockets: pinned addresses, caps, deadlines, and what each failure means."""

import asyncio
import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runtz_core.failures import FailureKind
from runtz_core.providers.addresses import Reach, server_of
from runtz_core.providers.base import ProviderError
from runtz_core.providers.exchange import exchange
from runtz_core.providers.http import open_client
from tests.providers.stub import (
    Answer,
    Directory,
    Switchboard,
    answer,
    dripping,
    endless,
    reset,
    silence,
    stub,
)

VENDOR = Reach(suffixes=("bfl.ai",))
PUBLIC = "93.184.216.34"


def declared(url: str) -> Reach:
    return Reach(servers=frozenset({server_of(url)}))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS for api.bfl.ai, and a client's that trusts exactly it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.bfl.ai")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.bfl.ai")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(cert, private)
    return server, ssl.create_default_context(cafile=str(cert))


async def test_connects_to_the_checked_address_after_one_lookup(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_tls, client_tls = certificate
    directory = Directory([PUBLIC], ["127.0.0.1"])
    async with stub(answer(200, b"hello"), tls=server_tls) as vendor:
        dialler = Switchboard(vendor.port)
        async with (
            open_client(VENDOR, resolver=directory, dialler=dialler, tls=client_tls) as client,
            exchange(paid=False, deadline=10),
        ):
            response = await client.get("https://api.bfl.ai/v1/credits", headers={"x-key": "k"})
    assert response.content == b"hello"
    assert directory.asked == ["api.bfl.ai"]
    assert dialler.dialled == [(PUBLIC, 443)]
    assert vendor.received[0].headers["host"] == "api.bfl.ai"


async def test_a_name_that_moves_to_a_private_address_is_refused_on_the_next_connection(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_tls, client_tls = certificate
    directory = Directory([PUBLIC], ["127.0.0.1"])
    async with stub(answer(200), tls=server_tls) as vendor:
        dialler = Switchboard(vendor.port)
        async with open_client(VENDOR, resolver=directory, dialler=dialler, tls=client_tls) as client:
            async with exchange(paid=False, deadline=10):
                await client.get("https://api.bfl.ai/")
            with pytest.raises(ProviderError) as refused:
                async with exchange(paid=False, deadline=10):
                    await client.get("https://api.bfl.ai/")
    assert refused.value.kind is FailureKind.REFUSED_ADDRESS
    assert dialler.dialled == [(PUBLIC, 443)]


async def test_of_many_at_once_only_those_go_out_whose_own_lookup_was_good(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_tls, client_tls = certificate
    directory = Directory([PUBLIC], *[["127.0.0.1"]] * 23)
    async with stub(answer(200), tls=server_tls) as vendor:
        dialler = Switchboard(vendor.port)
        async with open_client(VENDOR, resolver=directory, dialler=dialler, tls=client_tls) as client:

            async def ask() -> FailureKind | None:
                try:
                    async with exchange(paid=True, deadline=10):
                        await client.post("https://api.bfl.ai/", headers={"x-key": "k"})
                except ProviderError as error:
                    return error.kind
                return None

            ended = await asyncio.gather(*(ask() for _ in range(24)))
    assert set(ended) == {None, FailureKind.REFUSED_ADDRESS}
    assert set(dialler.dialled) == {(PUBLIC, 443)}
    assert len(vendor.received) == ended.count(None)


async def test_a_bad_certificate_is_final_and_no_request_is_sent(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_tls, _ = certificate
    async with stub(answer(200), tls=server_tls) as vendor:
        client = open_client(VENDOR, resolver=Directory([PUBLIC]), dialler=Switchboard(vendor.port))
        with pytest.raises(ProviderError) as refused:
            async with client, exchange(paid=True, deadline=10):
                await client.post("https://api.bfl.ai/", headers={"x-key": "secret-key"})
    assert refused.value.kind is FailureKind.REFUSED_ADDRESS
    assert "certificate" in refused.value.detail
    assert vendor.received == []


async def test_tries_the_next_checked_address_when_one_does_not_answer() -> None:
    async with (
        stub(answer(200, b"here")) as server,
        open_client(declared(server.url), resolver=Directory(["127.0.0.9", "127.0.0.1"])) as client,
        exchange(paid=False, deadline=10),
    ):
        response = await client.get(server.url)
    assert response.content == b"here"


@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
async def test_proxies_of_the_environment_are_ignored(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub(answer(200, b"direct")) as server, stub(answer(200, b"proxied")) as trap:
        monkeypatch.setenv(proxy, trap.url)
        async with open_client(declared(server.url)) as client, exchange(paid=False, deadline=10):
            response = await client.get(server.url)
    assert response.content == b"direct"
    assert trap.connections == 0


async def test_nothing_is_sent_outside_an_exchange() -> None:
    async with stub(answer(200)) as server, open_client(declared(server.url)) as client:
        with pytest.raises(LookupError):
            await client.get(server.url)
    assert server.connections == 0


async def test_asks_for_plain_bytes_and_refuses_compressed_ones() -> None:
    async with stub(answer(200, b"\x1f\x8b", content_encoding="gzip")) as server:
        with pytest.raises(ProviderError) as refused:
            async with open_client(declared(server.url)) as client, exchange(paid=False, deadline=10):
                await client.get(server.url, headers={"accept-encoding": "gzip, br"})
    assert refused.value.kind is FailureKind.BAD_RESPONSE
    assert server.received[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "too_much",
    [endless, answer(200, b"A" * 2_000), answer(200, b"", content_length="99999999999")],
    ids=["endless", "counted", "announced"],
)
async def test_an_answer_is_cut_at_the_cap(too_much: Answer) -> None:
    async with stub(too_much) as server:
        with pytest.raises(ProviderError) as refused:
            async with (
                open_client(declared(server.url)) as client,
                exchange(paid=True, deadline=10, cap=1_000),
            ):
                await client.get(server.url)
    assert refused.value.kind is FailureKind.BAD_RESPONSE


async def test_endless_headers_are_cut() -> None:
    async def act(reader: object, writer: object) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"x-more: and more\r\n" * 1_000)
            await writer.drain()

    async with stub(act) as server:
        with pytest.raises(ProviderError) as cut:
            async with open_client(declared(server.url)) as client, exchange(paid=False, deadline=10):
                await client.get(server.url)
    assert cut.value.kind is FailureKind.TRANSIENT


SENT_AND_LOST: dict[str, Answer] = {
    "silence": silence,
    "drip": dripping(b"A" * 10_000),
    "reset": reset,
    "closed": b"",
    "short body": answer(200, b"{}", content_length="100"),
    "not HTTP": b"220 ready for mail\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\ncontent-le",
}


@pytest.mark.parametrize("lost", SENT_AND_LOST.values(), ids=SENT_AND_LOST)
@pytest.mark.parametrize(
    ("paid", "kind"), [(True, FailureKind.OUTCOME_UNKNOWN), (False, FailureKind.TRANSIENT)]
)
async def test_a_sent_request_without_a_whole_answer(lost: Answer, paid: bool, kind: FailureKind) -> None:
    sent = []

    async def note() -> None:
        sent.append(True)

    async with stub(lost) as server:
        with pytest.raises(ProviderError) as failed:
            async with (
                open_client(declared(server.url)) as client,
                exchange(paid=paid, deadline=0.4, sent=note),
            ):
                await client.post(server.url, json={"prompt": "a fox"})
    assert failed.value.kind is kind
    assert sent == [True]


@pytest.mark.parametrize("paid", [True, False])
async def test_what_never_left_is_unreachable(paid: bool) -> None:
    async with stub() as server:
        closed = server.url
    with pytest.raises(ProviderError) as failed:
        async with open_client(declared(closed)) as client, exchange(paid=paid, deadline=10):
            await client.post(closed)
    assert failed.value.kind is FailureKind.UNREACHABLE


async def test_a_name_nobody_knows_is_unreachable() -> None:
    async def nobody(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(ProviderError) as failed:
        async with open_client(VENDOR, resolver=nobody) as client, exchange(paid=True, deadline=10):
            await client.post("https://api.bfl.ai/")
    assert failed.value.kind is FailureKind.UNREACHABLE


async def test_a_deadline_before_anything_was_sent_is_unreachable() -> None:
    async with stub(silence) as plain_text:
        client = open_client(VENDOR, resolver=Directory([PUBLIC]), dialler=Switchboard(plain_text.port))
        with pytest.raises(ProviderError) as failed:
            async with client, exchange(paid=True, deadline=0.3):
                await client.post("https://api.bfl.ai/")
    assert failed.value.kind is FailureKind.UNREACHABLE
