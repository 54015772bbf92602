"""An OpenAI-compatible server on someone's own machine, in the manner of stable-diffusion.cpp and LocalAI."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from runtz_sim.desk import Desk, form_or_json
from runtz_sim.faults import Fault, FaultKind, Stage
from runtz_sim.pictures import MediaType
from runtz_sim.vendor import Refused, Vendor, retry_after

_MEDIA: dict[str, MediaType] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_FALLBACK = (512, 512)  # what LocalAI makes of a size it cannot read
USUAL_SECONDS = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How one local server behaves. Its models are whatever its owner loaded, so any name is served."""

    always_base64: bool = False
    relative_links: bool = False
    strict_sizes: bool = False


_HABITS = {
    "sd-cpp-local": Habit(always_base64=True, strict_sizes=True),
    "localai": Habit(),
    "localai-relative": Habit(relative_links=True),
}


def _routes(desk: Desk) -> list[BaseRoute]:
    async def images(request: Request) -> Response:
        return await _images(desk, request)

    async def models(request: Request) -> Response:
        _key_of(request)
        return await desk.free(Stage.FREE, make=lambda _: _model_list())

    async def nothing(request: Request) -> Response:
        return _error(404, "not found")

    return [
        Route("/v1/images/generations", images, methods=["POST"]),
        Route("/v1/images/edits", images, methods=["POST"]),
        Route("/v1/models", models),
        Route("/{rest:path}", nothing, methods=["GET", "POST"]),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrder:
    """A validated request."""

    model: str
    prompt: str
    n: int
    width: int
    height: int
    media_type: MediaType
    seed: int | None
    by_link: bool
    habit: Habit


async def _images(desk: Desk, request: Request) -> Response:
    key = _key_of(request)
    body = await form_or_json(request)
    if body is None:
        raise Refused(_error(400, "invalid json"))
    order = _read(body)

    async def make(fault: Fault | None) -> Response:
        return await _answer(desk, request, order, fault)

    return await desk.order(model=order.model, prompt=order.prompt, key=key, make=make)


def _read(body: dict[str, Any]) -> ImageOrder:
    """Check a request body. Raises Refused."""
    prompt, n, seed = body.get("prompt"), body.get("n", 1), body.get("seed")
    if not isinstance(prompt, str) or not prompt:
        raise Refused(_error(400, "prompt required"))
    if not isinstance(n, int) or not 1 <= n <= 8:
        raise Refused(_error(400, "n must be 1 to 8"))
    model = str(body.get("model") or "sd-cpp-local")
    habit = _HABITS.get(model, Habit())
    width, height = _size(str(body.get("size", "512x512")), habit)
    return ImageOrder(
        model=model,
        prompt=prompt,
        n=n,
        width=width,
        height=height,
        media_type=_MEDIA.get(str(body.get("output_format", "png")), "image/png"),
        seed=seed if isinstance(seed, int) else None,
        by_link=not habit.always_base64 and body.get("response_format") != "b64_json",
        habit=habit,
    )


async def _answer(desk: Desk, request: Request, order: ImageOrder, fault: Fault | None) -> Response:
    drawings = desk.drawings(
        prompt=order.prompt, model=order.model, seed=order.seed, width=order.width, height=order.height,
        media_type=order.media_type, n=_count(order.n, fault),
    )  # fmt: skip
    seconds = desk.seconds(order.model, USUAL_SECONDS)
    if order.by_link:
        task = desk.accept(
            model=order.model, prompt=order.prompt, drawings=drawings, seconds=seconds, details={}
        )
        await desk.until_ready(task)
        links = [desk.link(request, task, index) for index in range(len(drawings))]
        data = [{"url": _relative(link) if order.habit.relative_links else link} for link in links]
    else:
        pictures = await desk.inline(drawings, desk.picture_fault(order.model, order.prompt), seconds)
        data = [{"b64_json": picture} for picture in pictures]
    return JSONResponse({"created": int(desk.now()), "data": data})


def _size(text: str, habit: Habit) -> tuple[int, int]:
    found = _SIZE.fullmatch(text)
    if found is None:
        if habit.strict_sizes:
            raise Refused(_error(400, "invalid size"))
        return _FALLBACK
    width, height = int(found[1]), int(found[2])
    if width % 8 or height % 8 or max(width, height) > 2048:
        raise Refused(_error(400, f"invalid size {text}: sides must be multiples of 8, at most 2048"))
    return width, height


def _relative(link: str) -> str:
    parts = urlsplit(link)
    return urlunsplit(("", "", parts.path, parts.query, ""))


def _count(n: int, fault: Fault | None) -> int:
    changes = {FaultKind.MORE_IMAGES: n + 1, FaultKind.FEWER_IMAGES: n - 1, FaultKind.NO_IMAGE: 0}
    return changes.get(fault.kind, n) if fault else n


def _error(status: int, message: str) -> Response:
    """These servers put a plain string where OpenAI has an object."""
    return JSONResponse({"error": message}, status)


async def _model_list() -> Response:
    data: list[dict[str, Any]] = [
        {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "local"} for name in _HABITS
    ]
    return JSONResponse({"object": "list", "data": data})


def _key_of(request: Request) -> str:
    """The key, if one is sent: local servers need none. Raises Refused for a bad one."""
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key.startswith("bad-"):
        raise Refused(_error(401, "invalid api key"))
    return key


VENDOR = Vendor(
    name="compatible",
    routes=_routes,
    seconds=dict.fromkeys(_HABITS, USUAL_SECONDS),
    refusals={
        FaultKind.AUTH: lambda fault, model: _error(401, "invalid api key"),
        FaultKind.RATE_LIMITED: lambda fault, model: JSONResponse(
            {"error": "server is busy"}, 429, headers=retry_after(fault)
        ),
        FaultKind.MODEL_GONE: lambda fault, model: _error(404, f"could not load model {model}"),
        FaultKind.INVALID: lambda fault, model: _error(400, "invalid size"),
        FaultKind.SERVER_ERROR: lambda fault, model: JSONResponse(
            {"error": {"message": "out of memory", "type": "server_error", "code": 500}}, 500
        ),
        FaultKind.UNAVAILABLE: lambda fault, model: _error(503, "loading model"),
    },
    oddities={
        FaultKind.NO_IMAGE: Stage.ORDER,
        FaultKind.MORE_IMAGES: Stage.ORDER,
        FaultKind.FEWER_IMAGES: Stage.ORDER,
    },
)
