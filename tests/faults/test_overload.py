"""F01 to F03, F05, F09, F10 and F16: providers that are busy, down, not there, or have thrown the key away."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlmodel import Session

from runtz_core.connections import servers
from runtz_core.connections import service as connections
from runtz_core.db import unit_of_work
from runtz_core.jobs.models import CallState
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.settings import get_settings
from tests.faults.stand import FLUX, GEMINI, HELD, IDEOGRAM, KEYS, OPENAI, Stand, until

ENVIRONMENT: dict[str, str] = {}  # the breaker as it is, but for the seconds

OTHERS = (OPENAI, GEMINI, IDEOGRAM)


def moments(stand: Stand, job_id: UUID) -> list[float]:
    """When each order of a job came in, by the vendor's clock."""
    return [float(str(order["at"])) for order in stand.orders(job_id)]


def is_resting(stand: Stand, lane: str) -> bool:
    return stand.lane(lane).tripped_at is not None


def test_f01_nothing_is_sent_before_the_moment_a_vendor_named(blank: Stand) -> None:
    company = blank.crowd(5)
    until(lambda: all(blank.view(job).finished_at for job in company), "the company is done")
    blank.simulator.arm("ideogram", "rate_limited", where="order", times=3, options={"retry_after": "1.5"})
    early = [blank.submit(IDEOGRAM) for _ in range(3)]
    until(lambda: blank.lane("ideogram/installation").paused_until, "the lane is paused")
    latecomer = blank.submit(IDEOGRAM)
    company = blank.crowd(5)
    blank.rest()
    for job_id in [*early, latecomer, *company]:
        assert blank.view(job_id).failed == 0
    sent_away = [times for job_id in early if len(times := moments(blank, job_id)) > 1]
    assert sent_away
    for first, second, *_ in sent_away:
        assert second - first >= 1.5
    assert moments(blank, latecomer)[0] >= min(first for first, *_ in sent_away) + 1.5
    blank.check()


def test_f02_strange_wishes_for_patience_are_cut_to_what_is_bearable(blank: Stand) -> None:
    asked = {"openai": "date", "gemini": "-5", "ideogram": "1e9", "flux": "abc"}
    for vendor, wish in asked.items():
        blank.simulator.arm(vendor, "rate_limited", where="order", times=1, options={"retry_after": wish})
    jobs = blank.crowd(6)
    blank.rest()
    assert {blank.view(job).summary for job in jobs} == {"4 ready"}
    assert "call broke" not in blank.log()
    blank.check()


@pytest.mark.parametrize("times", [12, pytest.param(50, marks=pytest.mark.slow)])
def test_f03_a_crowded_vendor_gets_less_to_do_and_then_a_rest_while_others_go_on(
    blank: Stand, times: int
) -> None:
    blank.simulator.latency(HELD, "flux")  # so that no success comes between the refusals
    blank.simulator.arm("flux", "rate_limited", where="order", times=times, options={"retry_after": "none"})
    crowded = [blank.submit(FLUX, samples=13) for _ in range(2)]
    others = [blank.submit(*OTHERS, samples=2) for _ in range(4)]
    until(lambda: is_resting(blank, "flux/installation"), "the breaker opens")
    blank.simulator.latency(0.1, "flux")
    blank.simulator.advance(HELD)
    assert (blank.lane("flux/installation").room or 99) <= 12
    until(lambda: all(blank.view(job).finished_at for job in others), "the others are done")
    assert {blank.view(job).summary for job in others} == {"6 ready"}
    assert not is_resting(blank, "openai/installation")
    blank.rest()
    assert {blank.view(job).summary for job in crowded} == {"13 ready"}
    assert not is_resting(blank, "flux/installation")
    blank.check()


def test_f05_a_vendor_that_is_down_is_left_alone_and_found_again(blank: Stand) -> None:
    fault = blank.simulator.arm("flux", "unavailable", where="order")
    broken = [blank.submit(FLUX) for _ in range(6)]
    others = [blank.submit(*OTHERS, samples=2) for _ in range(4)]
    until(lambda: is_resting(blank, "flux/installation"), "the breaker opens")
    until(lambda: all(blank.view(job).finished_at for job in broken), "those who waited are told")
    assert {blank.card(job).state for job in broken} == {"failed"}
    turned_away = [job for job in broken if blank.card(job).failure == "provider_down"]
    assert turned_away
    card = blank.card(turned_away[0])
    assert "cost nothing" in card.failure_text
    assert card.money_text.startswith("Not charged.")

    # Half open: of many who come at once, one is sent to see.
    until(lambda: _may_probe(blank), "a probe is allowed")
    before = len(blank.simulator.calls("flux"))
    probing = blank.submit(FLUX, samples=5)
    until(lambda: blank.view(probing).finished_at, "all five are answered")
    assert len(blank.simulator.calls("flux")) == before + 1

    blank.simulator.withdraw(fault)

    def comes_back() -> bool:
        until(lambda: _may_probe(blank), "a probe is allowed")
        return blank.card(blank.submit(FLUX)).state == CallState.SUCCEEDED

    until(comes_back, "the vendor is found again")
    until(lambda: not is_resting(blank, "flux/installation"), "the breaker closes")
    assert {blank.view(job).summary for job in others} == {"6 ready"}
    blank.check()


def _may_probe(stand: Stand) -> bool:
    from runtz_core.db import database_now

    lane = stand.lane("flux/installation")
    with Session(stand.engine) as session:
        return lane.rests_until is None or database_now(session) > lane.rests_until


def declared(stand: Stand, base_url: str, key: str) -> str:
    """A server of the owner's with one model; returns the model."""
    model = f"model-{stand.person.hex[-6:]}"
    with unit_of_work(stand.engine) as session:
        server_id = servers.save_server(session, label=f"Mine {model}", base_url=base_url)
        servers.save_model(session, server_id, model=model, label=model, sizes="64x64", usd="0.01")
        slug = next(row.provider for row in servers.servers(session) if row.server_id == str(server_id))
        connections.save_key(session, connections.keyring_of(get_settings()), slug, key)
    with Session(stand.engine) as session:
        from runtz_core.connections import catalog

        return next(spec.model for spec in catalog.all_models(session) if spec.label == model)


def test_f09_a_server_that_is_not_there_is_tried_again_and_costs_nothing(blank: Stand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    model = declared(blank, f"http://127.0.0.1:{port}/v1", "key-of-nobody-1234")
    nobody = declared_name(blank)
    company = blank.crowd(5)
    jobs = [blank.submit(model), blank.submit(nobody)]
    blank.rest()
    for job_id in jobs:
        (call,) = blank.calls(job_id)
        assert (blank.card(job_id).failure, blank.view(job_id).credits_charged) == ("unreachable", 0)
        assert call.attempt > 1
    assert {blank.view(job).summary for job in company} == {"4 ready"}
    blank.check()


def declared_name(stand: Stand) -> str:
    """A server whose name nobody can resolve."""
    with unit_of_work(stand.engine) as session:
        server_id = servers.save_server(session, label="Nowhere", base_url="https://nowhere.invalid/v1")
        servers.save_model(session, server_id, model="lost", label="lost", sizes="64x64", usd="0.01")
    with Session(stand.engine) as session:
        from runtz_core.connections import catalog

        return next(spec.model for spec in catalog.all_models(session) if spec.label == "lost")


@contextmanager
def impostor(folder: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A TLS server with a certificate nobody vouches for, expired too: its port, and what it was told."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    then = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(then)
        .not_valid_after(then + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "impostor.pem", folder / "impostor.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) as secured:
                        told.append(secured.recv(65_536))
                except OSError:
                    connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], told


def test_f10_a_bad_certificate_is_final_and_no_key_is_sent(blank: Stand, tmp_path: Path) -> None:
    with impostor(tmp_path) as (port, told):
        model = declared(blank, f"https://127.0.0.1:{port}/v1", "key-of-an-impostor-1234")
        company = blank.crowd(5)
        job_id = blank.submit(model)
        blank.rest()
    (call,) = blank.calls(job_id)
    assert (call.failure, call.attempt) == ("refused_address", 1)
    assert [data for data in told if data] == []
    assert "impostor" not in blank.log()
    assert {blank.view(job).summary for job in company} == {"4 ready"}
    blank.check()


def test_f16_a_revoked_key_is_used_no_more_until_it_is_renewed(blank: Stand) -> None:
    blank.simulator.arm("gemini", "auth", where="order")
    broken = blank.submit(GEMINI, samples=8)
    others = [blank.submit(OPENAI, IDEOGRAM, FLUX) for _ in range(6)]
    blank.rest()
    assert {card.failure for card in blank.view(broken).cards} == {"auth"}
    assert {blank.view(job).summary for job in others} == {"3 ready"}
    said = blank.log().count("gemini refused its key")
    assert said == 1
    with pytest.raises(SubmissionRefused, match="refused the key"):
        blank.submit(GEMINI)
    sent = len(blank.simulator.calls("gemini"))
    blank.simulator.disarm()
    with unit_of_work(blank.engine) as session:
        connections.save_key(
            session, connections.keyring_of(get_settings()), "gemini", "key-renewed-for-gemini"
        )
    assert blank.card(blank.submit(GEMINI)).state == CallState.SUCCEEDED
    assert len(blank.simulator.calls("gemini")) == sent + 1
    with unit_of_work(blank.engine) as session:
        connections.remove_key(session, "gemini")
    assert KEYS["gemini"] not in blank.log()
    blank.check()
