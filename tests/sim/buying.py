"""The plainest way to buy a picture from each vendor, one HTTP request at a time."""

from collections.abc import Callable
from typing import Any

import httpx

PROMPT = "a fox"


def order(vendor: str, prompt: str = PROMPT, *, linked: bool = False, stream: bool = False) -> httpx.Request:
    """The paid request; `linked` asks for a link where the vendor leaves the choice."""
    match vendor:
        case "openai" if linked:
            return _post("/openai/v1/images/generations", {"model": "dall-e-3", "prompt": prompt})
        case "openai":
            body = {"model": "gpt-image-2", "prompt": prompt, "size": "128x128", "quality": "low"}
            return _post(
                "/openai/v1/images/generations",
                body | ({"stream": True, "partial_images": 1} if stream else {}),
            )
        case "gemini":
            method = "streamGenerateContent?alt=sse" if stream else "generateContent"
            config = {"imageConfig": {"imageSize": "512"}}
            body = {"contents": [{"role": "user", "parts": [{"text": prompt}]}], "generationConfig": config}
            return _post(f"/gemini/v1/models/gemini-3.1-flash-image:{method}", body)
        case "ideogram":
            body = {"prompt": prompt, "size": "512x1536", "async": True}
            return _post("/ideogram/v2/image/generate/ideogram-4-5", body)
        case "flux":
            return _post("/flux/v1/flux-2-pro", {"prompt": prompt, "width": 128, "height": 128})
        case "compatible":
            body = {"model": "localai", "prompt": prompt, "size": "128x128"}
            return _post(
                "/compatible/v1/images/generations",
                body | ({} if linked else {"response_format": "b64_json"}),
            )
    raise LookupError(vendor)


def free(vendor: str) -> httpx.Request:
    """The request that tests a key without buying."""
    match vendor:
        case "ideogram":
            return _post("/ideogram/v2/image/generate/ideogram-4-5?dry_run=true", {"prompt": PROMPT})
        case "flux":
            return _get("/flux/v1/credits")
    return _get(f"/{vendor}/v1/models")


def poll(vendor: str, accepted: dict[str, Any]) -> httpx.Request:
    """Ask after the task an order started."""
    if vendor == "flux":
        return _get(accepted["polling_url"])
    return _get(f"/ideogram/v2/generations/{accepted['generation_id']}")


def link(vendor: str, body: dict[str, Any]) -> str:
    """The picture's link in a finished answer."""
    return str(body["result"]["sample"] if vendor == "flux" else body["data"][0]["url"])


def polls(vendor: str) -> bool:
    return vendor in ("flux", "ideogram")


def finished(vendor: str, http: httpx.Client, accepted: dict[str, Any]) -> dict[str, Any]:
    """Ask until the task has its picture."""
    return until(http, poll(vendor, accepted), lambda body: body["status"] not in ("Pending", "pending"))


def until(
    http: httpx.Client, request: httpx.Request, done: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Repeat a request until its body pleases."""
    while not done(body := sent(http, request).json()):
        continue
    return dict(body)


def picture(vendor: str, http: httpx.Client, prompt: str = PROMPT) -> httpx.Request:
    """Buy a picture and give the request that downloads it. Vendors without links have none."""
    accepted = sent(http, order(vendor, prompt, linked=True)).json()
    return _get(link(vendor, finished(vendor, http, accepted) if polls(vendor) else accepted))


def sent(http: httpx.Client, request: httpx.Request, **how: Any) -> httpx.Response:
    """Send a request made here; its path is completed with the client's address."""
    return http.send(
        http.build_request(request.method, str(request.url), content=request.content, headers=_KEYS), **how
    )


_KEYS = {
    "authorization": "Bearer simulated",
    "x-goog-api-key": "simulated",
    "api-key": "simulated",
    "x-key": "simulated",
    "content-type": "application/json",
}


def _post(path: str, body: dict[str, Any]) -> httpx.Request:
    return httpx.Request("POST", path, json=body)


def _get(path: str) -> httpx.Request:
    return httpx.Request("GET", path)
