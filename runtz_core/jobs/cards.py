"""From a call's row to the card that shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from runtz_core import words
from runtz_core.connections.catalog import Names
from runtz_core.failures import CONSEQUENCES, FailureKind
from runtz_core.images.models import Image
from runtz_core.jobs.history import Kind
from runtz_core.jobs.models import UNFINISHED, Call, CallKind, CallState, Job, Stage
from runtz_core.jobs.views import Card
from runtz_core.providers.models.upscalers import LOCAL

PARTIALS = 2  # how many early pictures we ask a streaming vendor for


def stage(call: Call) -> str:
    """What an unfinished call is doing, from the times written so far."""
    if call.state not in UNFINISHED:
        return ""
    if call.received_at is not None:
        return Stage.SAVING
    if call.sent_at is not None or call.reference is not None:
        return Stage.RENDERING
    return Stage.SENT if call.intent_at is not None else Stage.WAITING


def epoch(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def duration(call: Call) -> float:
    """Seconds from submit to the end, 0 while there is none."""
    if call.finished_at is None:
        return 0.0
    return (call.finished_at - call.created_at).total_seconds()


def card(
    job: Job,
    call: Call,
    image: Image | None,
    *,
    names: Names,
    usual: Mapping[Kind, float],
    waiting_behind: int,
    partial: int | None,
) -> Card:
    """One card. `partial` is the number of the early picture at hand, if any."""
    kind: Kind = (call.model, call.tier, call.simulated)
    unfinished = call.state in UNFINISHED
    failure = _failure(call, names)
    shown = image if image is not None and image.deleted_at is None else None
    return Card(
        call_id=str(call.id),
        job_id=str(job.id),
        provider=call.provider,
        provider_label=names.provider(call.provider),
        hue=names.hue(call.provider),
        model=call.model,
        model_label=names.model(call.model),
        tier=call.tier,
        sample=call.sample + 1,
        simulated=call.simulated,
        prompt=job.prompt,
        state=_state(call),
        stage=stage(call),
        started_at=epoch(call.created_at),
        seconds=duration(call),
        usual_seconds=usual.get(kind) or names.published_seconds(call.model),
        usual_is_published=kind not in usual,
        waiting_behind=waiting_behind,
        retrying=unfinished and call.failure is not None,
        width=image.width if image else call.request["width"],
        height=image.height if image else call.request["height"],
        credits=call.credits if unfinished or call.state == CallState.SUCCEEDED else 0,
        price_credits=call.credits,
        usd_micros=call.cost_usd_micros or 0,
        image_id=str(shown.id) if shown else "",
        image_url=_image_url(shown, 1024) if shown else "",
        thumb_url=_image_url(shown, 320) if shown else "",
        download_url=f"/api/images/{shown.id}/download" if shown else "",
        thumbhash=(shown.thumbhash or "") if shown else "",
        kept=shown.kept if shown else False,
        partial_url=f"/api/calls/{call.id}/partial?v={partial}" if unfinished and partial else "",
        partial_index=partial or 0,
        partial_count=PARTIALS,
        progress=int(call.report.get("progress", 0)) if unfinished else 0,
        upscale=call.kind == CallKind.UPSCALE,
        **failure,
    )


def _state(call: Call) -> str:
    """An unknown outcome that a person has settled is a failure like others."""
    return str(CallState.FAILED if call.resolution is not None else call.state)


def _image_url(image: Image, width: int) -> str:
    return f"/api/images/{image.id}.webp?w={width}"


def _failure(call: Call, names: Names) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("failure", "failure_title", "failure_text", "money_text", "money_tone", "next_step", "next_label"),
        "",
    )
    if call.state in UNFINISHED:
        if call.cancel_requested_at is None:
            return empty
        if call.provider == LOCAL:
            return empty | {"money_text": "Stopping.", "money_tone": "ok"}
        return empty | {
            "money_text": "Already sent, so it cannot be taken back: the picture is kept and charged if it comes.",
            "money_tone": "attention",
        }
    if call.failure is None:
        return empty
    kind = FailureKind(call.failure)
    provider = names.provider(call.provider)
    if call.resolution is None:
        money, tone = words.not_charged(kind, call.credits, simulated=call.simulated)
    else:
        money, tone = words.settled(call.resolution), "ok"
    return {
        "failure": kind,
        "failure_title": words.failure_title(kind, provider),
        "failure_text": words.failure_text(kind, provider, call.failure_detail or ""),
        "money_text": money,
        "money_tone": tone,
        "next_step": CONSEQUENCES[kind].person,
        "next_label": words.next_label(kind),
    }


def short_id(job_id: UUID) -> str:
    """Four characters for people: the random end of a time-ordered id."""
    return job_id.hex[-4:]
