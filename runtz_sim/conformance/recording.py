"""Write down every exchange that passes between a client and the simulator."""

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    case: str
    sound: bool  # the request is one we mean to be right
    method: str
    path: str
    request_type: str  # content type with its parameters
    request_body: bytes
    status: int
    answer_type: str
    answer_body: bytes


class Recorder:
    """An ASGI application around the simulator's. Requests belong to the case named last."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._case = ("", True)
        self.exchanges: list[Exchange] = []

    def case(self, name: str, *, sound: bool = True) -> None:
        """Name what follows; `sound` False means that its requests are wrong on purpose."""
        self._case = (name, sound)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on and keep both sides of it."""
        case, sound = self._case
        asked, answered = await _whole_body(receive), bytearray()
        unread = [asked]
        start: Message = {"status": 0, "headers": []}

        async def hear() -> Message:
            return (
                {"type": "http.request", "body": unread.pop(), "more_body": False}
                if unread
                else await receive()
            )

        async def say(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            answered.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, say)
        self.exchanges.append(
            Exchange(
                case=case,
                sound=sound,
                method=scope["method"],
                path=scope["path"],
                request_type=_content_type(scope["headers"]),
                request_body=asked,
                status=start["status"],
                answer_type=_content_type(start["headers"]),
                answer_body=bytes(answered),
            )
        )


async def _whole_body(receive: Receive) -> bytes:
    """Also of requests the vendor refuses unread."""
    parts = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _content_type(headers: list[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"), "")
