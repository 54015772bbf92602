"""What pages say of pictures: facts for the lightbox, the comparison with its table, picks, keeping and deleting."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_app.api.bodies import ids_of, read_json
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.threads import run_core
from runtz_core.db import utc_now
from runtz_core.ids import parse_id
from runtz_core.images import service as images
from runtz_core.images.errors import ImageNotFound
from runtz_core.images.provenance import carries_credentials
from runtz_core.jobs import inputs
from runtz_core.viewing import changes, verdicts
from runtz_core.viewing.differences import differences
from runtz_core.viewing.finding import find
from runtz_core.viewing.lineage import lineage
from runtz_core.viewing.models import Outcome
from runtz_core.viewing.pictures import MOST, pictures

BAD_PICK = "A pick names one of the 2 to 6 pictures compared. Nothing was noted; reload the page."


async def facts(request: Request) -> Response:
    """GET /api/pictures?ids=a,b: up to 200 pictures in this order; those that are gone are counted."""
    wanted = _asked(request, MOST)
    found = await run_core(pictures, person_behind(request).user_id, wanted)
    return JSONResponse(
        {
            "pictures": [asdict(one) for one in found],
            "missing": len(wanted) - len(found),
            "now": utc_now().timestamp(),
        }
    )


async def one(request: Request) -> Response:
    """GET /api/pictures/{image_id}: one picture, its family, and whether its file carries content credentials."""
    image_id = parse_id(request.path_params["image_id"])
    found = image_id and await run_core(_one, person_behind(request).user_id, image_id)
    return JSONResponse(found) if found else nothing_here()


def _one(session: Session, user_id: UUID, image_id: UUID) -> dict[str, Any] | None:
    family = lineage(session, user_id, image_id)
    stored = images.find(session, user_id, image_id)
    described = pictures(session, user_id, [image_id])
    if family is None or stored is None or not described:
        return None
    return {
        "picture": asdict(described[0]),
        "lineage": asdict(family),
        "credentials": carries_credentials(stored.path, stored.media_type),
        "now": utc_now().timestamp(),
    }


async def search(request: Request) -> Response:
    """GET /api/find?q=: a few pictures, jobs and saved prompts that hold these words."""
    found = await run_core(find, person_behind(request).user_id, request.query_params.get("q", ""))
    return JSONResponse({"found": [asdict(thing) for thing in found]})


async def compare(request: Request) -> Response:
    """GET /api/compare?ids=a,b: up to six pictures, their difference table, and the pick so far."""
    wanted = _asked(request, verdicts.MOST)
    return JSONResponse(await run_core(_compare, person_behind(request).user_id, wanted))


def _compare(session: Session, user_id: UUID, wanted: list[UUID]) -> dict[str, Any]:
    found = pictures(session, user_id, wanted)
    ids = [UUID(one.id) for one in found]
    told = {
        "blind" if blind else "named": {"outcome": said.outcome, "chosen": str(said.chosen_id or "")}
        for blind in (False, True)
        if (said := verdicts.given(session, user_id, ids, blind=blind)) is not None
    }
    return {
        "pictures": [asdict(one) for one in found],
        "missing": len(wanted) - len(found),
        "differences": asdict(differences(found)),
        "verdicts": told,
    }


async def pick(request: Request) -> Response:
    """POST /api/verdicts with ids, outcome, chosen and blind; an outcome of "" takes the pick back."""
    body = await read_json(request)
    ids, blind = ids_of(body.get("ids"), most=verdicts.MOST + 1), body.get("blind") is True
    person, outcome = person_behind(request).user_id, body.get("outcome")
    if outcome == "":
        await run_core(verdicts.take_back, person, ids, blind=blind)
        return JSONResponse({})
    chosen = body.get("chosen")
    try:
        await run_core(
            verdicts.give,
            person,
            ids,
            outcome=Outcome(str(outcome)),  # ValueError for what is none
            chosen_id=parse_id(chosen) if chosen else None,
            blind=blind,
        )
    except ValueError:
        return JSONResponse({"problem": BAD_PICK}, 422)
    except ImageNotFound:
        return nothing_here()
    return JSONResponse({})


async def keep(request: Request) -> Response:
    """POST /api/pictures/{image_id}/keep with kept (true unless it says false)."""
    kept = (await read_json(request)).get("kept") is not False
    return await _change(request, changes.set_kept, kept, answer={"kept": kept})


async def delete(request: Request) -> Response:
    """POST /api/pictures/{image_id}/delete: into the trash, from where the next one brings it back.

    Answers how many pictures are being made from it: those not sent yet end without it.
    """
    image_id = parse_id(request.path_params["image_id"])
    waiting = (
        await run_core(inputs.waiting_for, person_behind(request).user_id, [image_id]) if image_id else 0
    )
    return await _change(request, changes.delete, answer={"waiting": waiting})


async def restore(request: Request) -> Response:
    """POST /api/pictures/{image_id}/restore."""
    return await _change(request, changes.restore)


async def _change(
    request: Request, change: Callable[..., bool], *args: object, answer: dict[str, object] | None = None
) -> Response:
    image_id = parse_id(request.path_params["image_id"])
    if image_id is None or not await run_core(change, person_behind(request).user_id, image_id, *args):
        return nothing_here()
    return JSONResponse(answer or {})


def _asked(request: Request, most: int) -> list[UUID]:
    return ids_of(request.query_params.get("ids", "").split(","), most=most)
