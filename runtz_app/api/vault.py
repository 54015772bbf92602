"""The vault over HTTP, reading: pages of the wall, the rail, one picture and its likes, statistics, the trash."""

import time
from dataclasses import asdict
from datetime import tzinfo
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.security import IMAGE_POLICY
from runtz_app.threads import run_core
from runtz_core.db import utc_now
from runtz_core.ids import parse_id
from runtz_core.images.errors import ImageError, ImageNotFound, ThumbnailBusy
from runtz_core.images.store import SMALL
from runtz_core.vault import counting, likeness, pages, rail, statistics, trash, views
from runtz_core.vault.months import zone_of
from runtz_core.vault.pages import Cursor
from runtz_core.vault.statistics import Share
from runtz_core.vault.terms import BadFilter, Filters, Show, read_filters

MOST_SELECTED = 5_000  # pictures that "select all" takes at once


async def page(request: Request) -> Response:
    """GET /api/vault/page with filters and `after`: up to 60 pictures, and `next` for those that follow."""
    began = time.perf_counter()
    asked = _asked(request)
    if asked is None:
        return nothing_here()
    found = await run_core(_page, person_behind(request).user_id, *asked)
    found["ms"] = round((time.perf_counter() - began) * 1000, 1)
    return JSONResponse(found)


def _page(session: Session, user_id: UUID, filters: Filters, after: Cursor | None) -> dict[str, Any]:
    hits = pages.find(session, user_id, filters, after=after)
    return {
        "items": [asdict(item) for item in views.items(session, user_id, hits.image_ids)],
        "next": str(hits.following or ""),
        "corrected": hits.corrected,
        "now": utc_now().timestamp(),
    }


async def ids(request: Request) -> Response:
    """GET /api/vault/ids with filters: for "select all", the first 5,000; `more` says that there are others."""
    asked = _asked(request)
    if asked is None:
        return nothing_here()
    hits = await run_core(pages.find, person_behind(request).user_id, asked[0], limit=MOST_SELECTED)
    return JSONResponse({"ids": [str(one) for one in hits.image_ids], "more": hits.following is not None})


def _asked(request: Request) -> tuple[Filters, Cursor | None] | None:
    """The filters and the cursor of an address; None when either is none of ours."""
    written = request.query_params.get("after", "")
    after = pages.parse_cursor(written) if written else None
    if written and after is None:
        return None
    try:
        return read_filters(request.query_params, _zone(request)), after
    except BadFilter:
        return None


def _zone(request: Request) -> tzinfo:
    """Where the browser says the person is."""
    return zone_of(request.query_params.get("zone", ""))


async def count(request: Request) -> Response:
    """GET /api/vault/count with filters: how many there are, or a thousand and `more`."""
    asked = _asked(request)
    if asked is None:
        return nothing_here()
    found = await run_core(counting.count, person_behind(request).user_id, asked[0])
    return JSONResponse(asdict(found))


async def sides(request: Request) -> Response:
    """GET /api/vault/rail?show=&zone=: collections, tags, facets, months with their counts."""
    try:
        show = Show(request.query_params.get("show") or Show.KEPT)
    except ValueError:
        return nothing_here()
    found = await run_core(rail.rail, person_behind(request).user_id, show, zone=_zone(request))
    return JSONResponse({**asdict(found), "days": trash.DAYS})


async def details(request: Request) -> Response:
    """GET /api/vault/items/{image_id}."""
    image_id = parse_id(request.path_params["image_id"])
    if image_id is None:
        return nothing_here()
    found = await run_core(views.details, person_behind(request).user_id, image_id)
    return JSONResponse({**asdict(found), "now": utc_now().timestamp()}) if found else nothing_here()


async def like(request: Request) -> Response:
    """GET /api/vault/like/{image_id}: up to 60 pictures like it, the likest first."""
    image_id = parse_id(request.path_params["image_id"])
    if image_id is None:
        return nothing_here()
    found = await run_core(_like, person_behind(request).user_id, image_id)
    return nothing_here() if found is None else JSONResponse({"items": found})


def _like(session: Session, user_id: UUID, image_id: UUID) -> list[dict[str, Any]] | None:
    found = likeness.alike(session, user_id, image_id)
    if found is None:
        return None
    return [asdict(item) for item in views.items(session, user_id, found)]


async def numbers(request: Request) -> Response:
    """GET /api/vault/statistics?zone=."""
    found = await run_core(statistics.statistics, person_behind(request).user_id, zone=_zone(request))
    return JSONResponse(
        {
            "total": _share(found.total),
            "providers": [_share(one) for one in found.providers],
            "models": [_share(one) for one in found.models],
            "months": [
                {
                    "month": one.month,
                    "total": _share(one.total),
                    "providers": [_share(part) for part in one.providers],
                }
                for one in found.months
            ],
        }
    )


def _share(share: Share) -> dict[str, Any]:
    return {
        **asdict(share),
        "kept_share": share.kept_share,
        "credits_per_kept": share.credits_per_kept,
        "usd_micros_per_kept": share.usd_micros_per_kept,
    }


async def thrown_away(request: Request) -> Response:
    """GET /api/vault/trash/{image_id}: the small WebP of a picture in the trash, which has no other address."""
    image_id = parse_id(request.path_params["image_id"])
    if image_id is None:
        return nothing_here()
    try:
        path = await run_core(trash.thumbnail, person_behind(request).user_id, image_id, SMALL)
    except (ImageNotFound, FileNotFoundError):
        return nothing_here()
    except ThumbnailBusy as busy:
        return PlainTextResponse(busy.reason, 503, {"Retry-After": "3"})
    except ImageError as problem:
        return PlainTextResponse(problem.reason, 500)
    headers = {"Cache-Control": "private, max-age=3600", "Content-Security-Policy": IMAGE_POLICY}
    return FileResponse(path, media_type="image/webp", headers=headers)
