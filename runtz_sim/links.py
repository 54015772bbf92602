"""Signed links to pictures that really expire, and the route that serves them."""

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runtz_sim import damage
from runtz_sim.faults import Fault, FaultKind, Stage
from runtz_sim.store import Task
from runtz_sim.vendor import Vendor

if TYPE_CHECKING:
    from runtz_sim.simulation import Simulation

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpeg", "image/webp": "webp"}


def sign(simulation: "Simulation", vendor: Vendor, request: Request, task: Task, index: int) -> str:
    """A link to the task's picture `index`, on the host the request came to, good for the vendor's link lifetime."""
    lifetime = simulation.link_seconds.get(vendor.name, vendor.link_seconds)
    expires = int(simulation.now() + lifetime)
    path = f"{vendor.name}/{task.task_id}/{index}.{EXTENSIONS[task.drawings[index].media_type]}"
    query = urlencode({"exp": expires, "sig": _signature(simulation.store.secret, path, str(expires))})
    return f"{request.url.scheme}://{request.url.netloc}/files/{path}?{query}"


def routes(simulation: "Simulation") -> list[Route]:
    """GET /files/{vendor}/{task}/{index}.{extension}?exp=…&sig=…"""

    async def picture(request: Request) -> Response:
        path = request.path_params["path"]
        task = _permitted(simulation, path, request)
        if task is None:
            return _denied()
        vendor = simulation.vendors[task.vendor]
        simulation.ledger.requests[f"{vendor.name}/{Stage.PICTURE}"] += 1
        fault = simulation.faults.strike(
            vendor, Stage.PICTURE, model=task.model, prompt=task.prompt, about=task.task_id
        )
        index = int(path.rpartition("/")[2].partition(".")[0])
        return await _served(simulation, task, index, fault)

    return [Route("/files/{path:path}", picture)]


async def _served(simulation: "Simulation", task: Task, index: int, fault: Fault | None) -> Response:
    drawing = task.drawings[index]
    if fault is None:
        return Response(await simulation.pictures.render(drawing), media_type=drawing.media_type)
    await simulation.delay(fault)
    refused = await _refused(fault)
    if refused is not None:
        return refused
    data = await simulation.spoilt(drawing, fault)
    headers = {}
    if fault.kind is FaultKind.GZIP_IMAGE:
        data, headers = damage.gzip_bomb(), {"Content-Encoding": "gzip"}
    return await damage.damaged(fault, Response(data, media_type=drawing.media_type, headers=headers))


async def _refused(fault: Fault) -> Response | None:
    if fault.kind is FaultKind.EXPIRED_LINK:
        return _denied()
    if fault.kind in (FaultKind.SERVER_ERROR, FaultKind.UNAVAILABLE):
        return Response(status_code=500 if fault.kind is FaultKind.SERVER_ERROR else 503)
    return await damage.instead(fault)


def _permitted(simulation: "Simulation", path: str, request: Request) -> Task | None:
    expires, given = request.query_params.get("exp", ""), request.query_params.get("sig", "")
    expected = _signature(simulation.store.secret, path, expires)
    if not hmac.compare_digest(expected.encode(), given.encode()):
        return None
    if int(expires) <= simulation.now():
        return None
    return simulation.store.get(path.split("/")[1])


def _signature(secret: bytes, path: str, expires: str) -> str:
    return hmac.new(secret, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()[:32]


def _denied() -> Response:
    # The blob stores behind these vendors answer in XML; the wording is Azure's.
    body = (
        '<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code>'
        "<Message>Signature not valid in the specified time frame.</Message></Error>"
    )
    return Response(body, 403, media_type="application/xml")
