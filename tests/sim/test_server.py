"""The HTTP layer: ordinary behaviour under ordinary and impolite clients."""

import asyncio
import socket
from urllib.parse import urlsplit

import httpx

from tests.sim.simulator import Simulator


def connected(simulator: Simulator) -> socket.socket:
    parts = urlsplit(simulator.url)
    return socket.create_connection((parts.hostname, parts.port or 0), timeout=10)


def read_all(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(65_536):
        pieces.append(piece)
    return b"".join(pieces)


def test_requests_sent_ahead_are_answered_in_order(simulator: Simulator) -> None:
    with connected(simulator) as connection:
        first = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        connection.sendall(first + b"GET /control/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answers = read_all(connection)
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert answers.index(b'"status":"ok"') < answers.index(b'"in_flight_peak"')


def test_a_head_request_gets_no_body(simulator: Simulator) -> None:
    with connected(simulator) as connection:
        connection.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(simulator: Simulator) -> None:
    head = b"POST /control/reset HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
    with connected(simulator) as connection:
        connection.sendall(b"POST /control/seed" + head[19:] + b"Connection: close\r\n\r\n")
        told = connection.recv(65_536)
        connection.sendall(b"{}")
        answer = read_all(connection)
    assert told.startswith(b"HTTP/1.1 100")
    assert answer.startswith(b"HTTP/1.1 422")


def test_nonsense_closes_its_connection_and_harms_nobody(simulator: Simulator, http: httpx.Client) -> None:
    with connected(simulator) as connection:
        connection.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        assert read_all(connection) == b""
    assert http.get("/healthz").json() == {"status": "ok"}


async def test_four_hundred_requests_run_at_once(simulator: Simulator) -> None:
    simulator.latency(600, "flux")
    limits = httpx.Limits(max_connections=400)
    async with httpx.AsyncClient(
        base_url=simulator.url, trust_env=False, timeout=60, limits=limits
    ) as client:
        body = {"prompt": "a fox", "width": 64, "height": 64}
        one = client.post
        answers = await asyncio.gather(
            *(one("/flux/v1/flux-2-klein-4b", headers={"x-key": "s"}, json=body) for _ in range(400))
        )
        assert {answer.status_code for answer in answers} == {200}
        assert simulator.stats()["in_flight_peak"] == 400
        assert len({answer.json()["id"] for answer in answers}) == 400
