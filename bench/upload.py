"""How much memory the web process takes while somebody posts far more than is ever accepted."""

import argparse
import asyncio
import http.client
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import psutil

from bench.processes import MIB, Peak, rss, tree
from bench.report import Figures, Target, console, machine, parser, run, show
from bench.stand import stand_with_pages
from runtz_core import db
from runtz_core.supervisor import services
from runtz_core.users import service as users

PIECE = bytes(256 * 1024)
CALM = 2.0  # seconds after which memory is read that the peak is compared with
PATIENCE = 120  # seconds for one body
DOORS = {"upload": "/api/uploads", "import": "/api/imports"}
TARGETS = (Target(figure="most_grown_mib", at_most=64),)


def main() -> None:
    """Each door once with the length told and once in chunks that never tell it."""
    options = parser("upload", __doc__ or "")
    options.add_argument("--mib", type=int, default=512, help="MiB of each body (512)")
    given = options.parse_args()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    figures = asyncio.run(_measure(given))
    show("upload", {**figures, **before}, {"mib": given.mib}, targets=TARGETS, as_json=given.json)


async def _measure(given: argparse.Namespace) -> Figures:
    figures: Figures = {}
    grown = [0.0]
    async with stand_with_pages(seconds=0.2) as stood:
        url = services.url_of(stood.installation.settings)
        cookie = await asyncio.to_thread(_sign_in, url)
        web = psutil.Process(stood.installation.supervisor.processes()["web"]).pid
        for name, path in DOORS.items():
            for told in (True, False):
                await asyncio.sleep(CALM)
                start = rss(tree(web))
                with Peak(web) as peak:
                    said = await asyncio.to_thread(_post, url, path, cookie, given.mib * MIB, told)
                label = f"{name}_{'told' if told else 'chunked'}"
                grown.append(peak.rss - start)
                figures |= {f"{label}_{key}": value for key, value in said.items()}
                figures[f"{label}_grown_mib"] = round(grown[-1], 1)
                figures[f"{label}_rss_before_mib"] = round(start, 1)
    return {"most_grown_mib": round(max(grown), 1), **figures}


def _post(url: str, path: str, cookie: str, size: int, told: bool) -> Figures:
    """Send zeros until they are all sent or the server hangs up; what it answered and how much it took."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port or 80, timeout=PATIENCE)
    sent, began = 0, time.monotonic()

    def body() -> Iterator[bytes]:
        nonlocal sent
        while sent < size:
            sent += len(PIECE)
            yield PIECE

    headers = {"Cookie": cookie, "Origin": url, "Content-Type": "application/octet-stream"}
    if told:
        headers["Content-Length"] = str(size)
    status = 0  # it hung up before it answered
    try:
        try:
            connection.request("POST", path, body(), headers, encode_chunked=not told)
        except (BrokenPipeError, ConnectionResetError):
            console.print(f"{path}: hung up after {sent / MIB:.0f} MiB")
        status = connection.getresponse().status
    except (http.client.HTTPException, OSError) as fault:
        console.print(f"{path}: {type(fault).__name__}")
    finally:
        connection.close()
    return {"status": status, "sent_mib": round(sent / MIB), "s": round(time.monotonic() - began, 2)}


def _sign_in(url: str) -> str:
    with db.unit_of_work() as session:
        code = users.new_owner_link(session, seconds=60)
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port or 80, timeout=PATIENCE)
    headers = {"Origin": url, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/api/auth/first-run", urlencode({"code": code}), headers)
    cookie = (connection.getresponse().headers["Set-Cookie"] or "").split(";")[0]
    connection.close()
    return cookie


if __name__ == "__main__":
    sys.exit(run(main))
