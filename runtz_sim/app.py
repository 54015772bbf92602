"""The simulator as one ASGI application: a prefix per vendor, picture links, control, health."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from runtz_sim import control, links
from runtz_sim.desk import Desk
from runtz_sim.simulation import Simulation
from runtz_sim.vendor import Refused


def application(simulation: Simulation) -> Starlette:
    """Serve this simulation."""
    vendors: list[BaseRoute] = [
        Mount(f"/{vendor.name}", routes=vendor.routes(Desk(simulation, vendor)))
        for vendor in simulation.vendors.values()
    ]
    return Starlette(
        routes=[
            *vendors,
            *links.routes(simulation),
            *control.routes(simulation),
            Route("/healthz", _healthy),
        ],
        exception_handlers={Refused: _refused()},
    )


def _refused() -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, refused: Exception) -> Response:
        if not isinstance(refused, Refused):
            raise refused
        return refused.response

    return answer


async def _healthy(request: Request) -> Response:
    return JSONResponse({"status": "ok"})
