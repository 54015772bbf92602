"""The vault over HTTP, changing: many pictures at once, notes of one, tags and collections."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_app.api.bodies import ids_of, read_json
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.api.vault import MOST_SELECTED
from runtz_app.threads import run_core
from runtz_core.ids import parse_id
from runtz_core.jobs import inputs
from runtz_core.vault import notes, sorting, trash
from runtz_core.vault.errors import NameTaken, NotThere, Outdated, Refused
from runtz_core.vault.notes import Edit
from runtz_core.vault.sorting import Shelf

MOST_BYTES = 512 * 1024  # of a body with five thousand ids
OUTDATED = (
    "This was changed in another tab since you opened it. Nothing of yours is lost: choose which to keep."
)
TOO_LONG = "That is longer than anything kept here. Nothing was changed."
NOTHING_CHOSEN = "Choose at least one picture. Nothing was changed."

Handler = Callable[[Request], Awaitable[Response]]


def answered(handler: Handler) -> Handler:
    """Turn what the core refuses into its answer."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except NotThere:
            return nothing_here()
        except NameTaken as taken:
            said = {"problem": taken.problem, "field": "name", "taken_by": str(taken.taken_by)}
            return JSONResponse(said, 409)
        except Refused as refusal:
            return JSONResponse({"problem": refusal.problem, "field": refusal.field}, 422)
        except Outdated:
            return JSONResponse({"problem": OUTDATED}, 409)

    return answer


@answered
async def edit(request: Request) -> Response:
    """POST /api/vault/items/{image_id}/edit with version and any of title, notes, rating; answers the new version."""
    image_id, body = parse_id(request.path_params["image_id"]), await read_json(request)
    if image_id is None:
        raise NotThere
    title, noted, rating = body.get("title"), body.get("notes"), body.get("rating")
    change = Edit(
        title=_clean(title) if isinstance(title, str) else None,
        notes=_clean(noted) if isinstance(noted, str) else None,
        rating=rating if isinstance(rating, int) and not isinstance(rating, bool) else None,
    )
    version = _number(body.get("version"))
    try:
        now = await run_core(notes.edit, person_behind(request).user_id, image_id, change, version=version)
    except Outdated:
        if body:
            raise
        raise Refused(TOO_LONG) from None
    return JSONResponse({"version": now})


@answered
async def change(request: Request) -> Response:
    """POST /api/vault/change with action, ids and what the action wants; answers the ids it changed.

    `waiting` only counts the pictures that are being made from these, and so does the answer of `throw_away`.
    """
    body = await read_json(request, most_bytes=MOST_BYTES)
    ids = ids_of(body.get("ids"), most=MOST_SELECTED)
    if not ids:
        raise Refused(NOTHING_CHOSEN)
    person = person_behind(request).user_id
    match body.get("action"):
        case "keep" | "let_go" as action:
            changed = await run_core(trash.keep, person, ids, action == "keep")
        case "waiting":
            return JSONResponse({"waiting": await run_core(inputs.waiting_for, person, ids)})
        case "throw_away":
            waiting = await run_core(inputs.waiting_for, person, ids)
            changed = await run_core(trash.throw_away, person, ids)
            return JSONResponse({"changed": [str(one) for one in changed], "waiting": waiting})
        case "restore":
            changed = await run_core(trash.restore, person, ids)
        case "erase":
            changed = await run_core(trash.erase, person, ids)
        case "rate":
            changed = await run_core(notes.rate, person, ids, _number(body.get("rating")))
        case "put" | "take" as action:
            shelf, shelf_id = await _shelf(person, body)
            act = sorting.put if action == "put" else sorting.take
            changed = await run_core(act, person, shelf, shelf_id, ids)
            return JSONResponse({"changed": [str(one) for one in changed], "shelf_id": str(shelf_id)})
        case _:
            raise Refused("That is nothing the vault can do. Nothing was changed.")
    return JSONResponse({"changed": [str(one) for one in changed]})


async def _shelf(person: UUID, body: dict[str, Any]) -> tuple[Shelf, UUID]:
    """The tag or collection a change names by id, or by a name that may be new. Raises NotThere, Refused."""
    shelf = _known_shelf(body.get("shelf"))
    name = body.get("name")
    if isinstance(name, str) and name:
        return shelf, await run_core(sorting.make, person, shelf, _clean(name))
    return shelf, _id(body.get("shelf_id"))


@answered
async def make(request: Request) -> Response:
    """POST /api/vault/shelves with shelf (tag or collection) and name."""
    body = await read_json(request)
    if not body:
        raise Refused(TOO_LONG)
    shelf, name = _known_shelf(body.get("shelf")), body.get("name")
    shelf_id = await run_core(
        sorting.make, person_behind(request).user_id, shelf, _clean(name if isinstance(name, str) else "")
    )
    return JSONResponse({"shelf_id": str(shelf_id)})


@answered
async def change_shelf(request: Request) -> Response:
    """POST /api/vault/shelves/{shelf_id} with shelf, action (rename, merge, cover, remove) and name or id."""
    shelf_id, body = parse_id(request.path_params["shelf_id"]), await read_json(request)
    if shelf_id is None:
        raise NotThere
    person, shelf, name = person_behind(request).user_id, _known_shelf(body.get("shelf")), body.get("name")
    match body.get("action"):
        case "rename":
            new = _clean(name if isinstance(name, str) else "")
            await run_core(sorting.rename, person, shelf, shelf_id, new)
        case "merge":
            await run_core(sorting.merge, person, shelf, shelf_id, into=_id(body.get("into")))
        case "remove":
            await run_core(sorting.remove, person, shelf, shelf_id)
        case "cover" if shelf is Shelf.COLLECTION:
            await run_core(sorting.set_cover, person, shelf_id, _id(body.get("image_id")))
        case _:
            raise Refused("That is nothing a tag or a collection can do. Nothing was changed.")
    return JSONResponse({})


def _known_shelf(written: object) -> Shelf:
    try:
        return Shelf(str(written))
    except ValueError:
        raise NotThere from None


def _id(written: object) -> UUID:
    found = parse_id(written) if isinstance(written, str) else None
    if found is None:
        raise NotThere
    return found


def _number(written: object) -> int:
    return written if isinstance(written, int) and not isinstance(written, bool) else -1


def _clean(written: str) -> str:
    """Text without what Postgres does not take: NUL and half characters."""
    return written.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
