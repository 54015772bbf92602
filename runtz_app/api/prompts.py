"""The prompt library, word lists and presets over HTTP, as the pages use them."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtz_app.api import posted
from runtz_app.api.answers import answered
from runtz_app.api.guard import person_behind
from runtz_app.api.posted import BodyRefused, read_bytes, read_json, text
from runtz_app.gate import TOO_FAST
from runtz_app.pace import Pace
from runtz_app.threads import run_core
from runtz_core.batches.decoding import NoText, decoded
from runtz_core.ids import parse_id
from runtz_core.jobs.service import NotFound
from runtz_core.prompts import describing, exchange, library, lists, presets, uses
from runtz_core.prompts.library import Draft
from runtz_core.settings import get_settings

_asks = Pace(per_second=0.5, burst=20)  # of one person, as runs are in the gate
MOST_IMPORT = 8 * 1024 * 1024  # bytes


def _known(request: Request, name: str) -> UUID:
    """The id in the address. Raises NotFound."""
    found = parse_id(request.path_params[name])
    if found is None:
        raise NotFound
    return found


@answered
async def find(request: Request) -> Response:
    """GET /api/prompts?q=&tag=&favourites=&before=: a page of saved prompts."""
    asked = request.query_params
    found, following = await run_core(
        library.find,
        person_behind(request).user_id,
        q=asked.get("q", "")[:500],
        tag=asked.get("tag", "")[:100],
        favourites=asked.get("favourites") == "yes",
        before=asked.get("before", ""),
    )
    return JSONResponse({"prompts": [asdict(one) for one in found], "next": following})


@answered
async def sides(request: Request) -> Response:
    """GET /api/prompts/sides: tags with their counts, and one's own word lists."""
    user_id = person_behind(request).user_id
    return JSONResponse(await run_core(_sides, user_id))


def _sides(session: Session, user_id: UUID) -> dict[str, Any]:
    return {
        "tags": library.tags(session, user_id),
        "lists": lists.own(session, user_id),
        "built_in": {name: list(words) for name, words in lists.BUILT_IN.items()},
    }


@answered
async def recent(request: Request) -> Response:
    """GET /api/prompts/recent: what was run last, for ↑ in the empty box."""
    return JSONResponse({"prompts": await run_core(uses.recent, person_behind(request).user_id)})


def _draft(body: dict[str, Any]) -> Draft:
    most = get_settings().limits.prompt_chars
    tags = body.get("tags", [])
    if not isinstance(tags, list) or len(tags) > 100 or not all(isinstance(tag, str) for tag in tags):
        raise BodyRefused("The tags are no list of words. Nothing was saved.")
    return Draft(
        name=text(body, "name", 500),
        body=text(body, "body", most + 1),
        negative=text(body, "negative", most + 1),
        description=text(body, "description", 5_000),
        tags=tuple(text({"tag": tag}, "tag", 500) for tag in tags),
        favourite=body.get("favourite") is True,
    )


@answered
async def save(request: Request) -> Response:
    """POST /api/prompts: keep a new prompt."""
    draft = _draft(await read_json(request))
    return JSONResponse(
        {"prompt_id": str(await run_core(library.save, person_behind(request).user_id, draft))}
    )


@answered
async def one(request: Request) -> Response:
    """GET /api/prompts/{prompt_id}: the prompt with its versions and what it has made."""
    return JSONResponse(await run_core(_whole, person_behind(request).user_id, _known(request, "prompt_id")))


def _whole(session: Session, user_id: UUID, prompt_id: UUID) -> dict[str, Any]:
    return {
        "prompt": asdict(library.shown(library.owned(session, user_id, prompt_id))),
        "versions": library.versions(session, user_id, prompt_id),
        "outcome": asdict(uses.outcome(session, user_id, prompt_id)),
    }


@answered
async def change(request: Request) -> Response:
    """POST /api/prompts/{prompt_id}/change: keep what was written; other words are a new version."""
    user_id, prompt_id = person_behind(request).user_id, _known(request, "prompt_id")
    await run_core(library.owned, user_id, prompt_id)
    draft = _draft(await read_json(request))
    return JSONResponse({"version": await run_core(library.change, user_id, prompt_id, draft)})


@answered
async def favourite(request: Request) -> Response:
    """POST /api/prompts/{prompt_id}/favourite {on}."""
    user_id, prompt_id = person_behind(request).user_id, _known(request, "prompt_id")
    await run_core(library.owned, user_id, prompt_id)
    on = (await read_json(request)).get("on") is True
    await run_core(library.set_favourite, user_id, prompt_id, on)
    return JSONResponse({"favourite": on})


@answered
async def remove(request: Request) -> Response:
    """POST /api/prompts/{prompt_id}/delete: forget it; what it made stays."""
    await run_core(library.remove, person_behind(request).user_id, _known(request, "prompt_id"))
    return JSONResponse({"deleted": True})


@answered
async def bring(request: Request) -> Response:
    """POST /api/prompts/import: add what a JSON or CSV file holds."""
    data = await read_bytes(request, MOST_IMPORT)
    try:
        written = (await asyncio.to_thread(decoded, data)).text
    except NoText as refused:
        raise BodyRefused(str(refused)) from None
    found = await run_core(exchange.read, person_behind(request).user_id, written)
    return JSONResponse(asdict(found))


@answered
async def as_json(request: Request) -> Response:
    """GET /api/prompts/export.json."""
    return _file(await run_core(exchange.as_json, person_behind(request).user_id), "application/json", "json")


@answered
async def as_csv(request: Request) -> Response:
    """GET /api/prompts/export.csv."""
    return _file(await run_core(exchange.as_csv, person_behind(request).user_id), "text/csv", "csv")


def _file(content: str, media_type: str, ending: str) -> Response:
    name = f"runtz-prompts-{datetime.now(UTC):%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=f"{media_type}; charset=utf-8", headers=headers)


@answered
async def save_list(request: Request) -> Response:
    """POST /api/lists {name, words}: keep a word list; without words, forget it."""
    body = await read_json(request, 1024 * 1024)
    name, words = text(body, "name"), text(body, "words", 600_000)
    user_id = person_behind(request).user_id
    if not words.strip() and await run_core(lists.remove, user_id, name):
        return JSONResponse({"deleted": True})
    await run_core(lists.save, user_id, name, words.splitlines())
    return JSONResponse({"saved": True})


@answered
async def panel(request: Request) -> Response:
    """GET /api/presets: presets, moods, suggestions, and phrases of one's own."""
    return JSONResponse(await run_core(presets.panel, person_behind(request).user_id))


def _preset(body: dict[str, Any]) -> tuple[str, str, list[tuple[str, str]]]:
    asked = body.get("questions", [])
    if not isinstance(asked, list) or len(asked) > 50:
        raise BodyRefused("The questions are no list. Nothing was saved.")
    questions = [(text(one, "ask", 400), text(one, "hint", 400)) for one in asked if isinstance(one, dict)]
    return text(body, "name", 400), text(body, "words", 5_000), questions


@answered
async def make_preset(request: Request) -> Response:
    """POST /api/presets {name, words, questions}: a preset of one's own."""
    name, words, questions = _preset(await read_json(request, 64 * 1024))
    made = await run_core(presets.save, person_behind(request).user_id, name, words, questions)
    return JSONResponse({"preset_id": str(made)})


@answered
async def change_preset(request: Request) -> Response:
    """POST /api/presets/{preset_id}/change."""
    user_id, preset_id = person_behind(request).user_id, _known(request, "preset_id")
    await run_core(presets.owned, user_id, preset_id)
    name, words, questions = _preset(await read_json(request, 64 * 1024))
    await run_core(presets.save, user_id, name, words, questions, preset_id=preset_id)
    return JSONResponse({"saved": True})


@answered
async def remove_preset(request: Request) -> Response:
    """POST /api/presets/{preset_id}/delete."""
    await run_core(presets.remove, person_behind(request).user_id, _known(request, "preset_id"))
    return JSONResponse({"deleted": True})


@answered
async def own_pictures(request: Request) -> Response:
    """GET /api/presets/pictures: the newest pictures, to start from one."""
    return JSONResponse({"pictures": await run_core(describing.pictures, person_behind(request).user_id)})


async def _image(request: Request) -> tuple[UUID, bool]:
    body = await read_json(request, 4096)
    image_id = parse_id(text(body, "image_id"))
    if image_id is None:
        raise NotFound
    return image_id, body.get("confirmed") is True


@answered
async def describe(request: Request) -> Response:
    """POST /api/presets/describe {image_id}: a picture in words by built-in rules, and who could do better."""
    image_id, _ = await _image(request)
    user_id, settings = person_behind(request).user_id, get_settings()
    found = await run_core(describing.describe, user_id, image_id)
    offer = await run_core(describing.offer, settings, user_id, image_id)
    return JSONResponse(asdict(found) | {"offer": asdict(offer)})


@answered
async def ask_for_words(request: Request) -> Response:
    """POST /api/presets/describe/ask {image_id, confirmed}: buy a description by a text model."""
    image_id, confirmed = await _image(request)
    user_id = person_behind(request).user_id
    if not _asks.admits(str(user_id)):
        return posted.refused(TOO_FAST, 429)
    act = partial(describing.ask, confirmed=confirmed)
    return JSONResponse(asdict(await run_core(act, get_settings(), user_id, image_id)))


@answered
async def described(request: Request) -> Response:
    """GET /api/presets/described/{call_id}: how that description stands."""
    user_id, call_id = person_behind(request).user_id, _known(request, "call_id")
    return JSONResponse(asdict(await run_core(describing.answer, user_id, call_id)))


ROUTES = (
    Route("/api/prompts", find),
    Route("/api/prompts", save, methods=["POST"]),
    Route("/api/prompts/sides", sides),
    Route("/api/prompts/recent", recent),
    Route("/api/prompts/import", bring, methods=["POST"]),
    Route("/api/prompts/export.json", as_json),
    Route("/api/prompts/export.csv", as_csv),
    Route("/api/prompts/{prompt_id}", one),
    Route("/api/prompts/{prompt_id}/change", change, methods=["POST"]),
    Route("/api/prompts/{prompt_id}/favourite", favourite, methods=["POST"]),
    Route("/api/prompts/{prompt_id}/delete", remove, methods=["POST"]),
    Route("/api/lists", save_list, methods=["POST"]),
    Route("/api/presets", panel),
    Route("/api/presets", make_preset, methods=["POST"]),
    Route("/api/presets/pictures", own_pictures),
    Route("/api/presets/describe", describe, methods=["POST"]),
    Route("/api/presets/describe/ask", ask_for_words, methods=["POST"]),
    Route("/api/presets/described/{call_id}", described),
    Route("/api/presets/{preset_id}/change", change_preset, methods=["POST"]),
    Route("/api/presets/{preset_id}/delete", remove_preset, methods=["POST"]),
)
