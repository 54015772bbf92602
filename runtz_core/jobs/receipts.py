"""The receipt of one call: the exact words sent, what was asked and got, money, times and proof."""

import difflib
import json
import re
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core import words
from runtz_core.connections.catalog import Names, names
from runtz_core.images.models import Blob, Image
from runtz_core.jobs import cards
from runtz_core.jobs.history import usual_seconds
from runtz_core.jobs.models import Call, CallState, Job
from runtz_core.jobs.service import NotFound, owned_call
from runtz_core.jobs.views import DiffWord, Receipt, ReceiptLine, ReceiptSection


def receipt(session: Session, user_id: UUID, call_id: UUID) -> Receipt | None:
    """Everything about one call of this person; None when there is no such call for them."""
    try:
        call = owned_call(session, user_id, call_id)
    except NotFound:
        return None
    job = session.get(Job, call.job_id)
    if job is None:
        return None
    image = session.execute(select(Image).where(col(Image.call_id) == call_id)).scalar_one_or_none()
    blob = session.get(Blob, image.sha256) if image else None
    labels = names(session)
    kind = (call.model, call.tier, call.simulated)
    diff = word_diff(job.prompt, call.request["prompt"])
    sections = [_request(call, image), _money(call), _proof(call, blob)]
    return Receipt(
        call_id=str(call.id),
        title=labels.model(call.model),
        hue=labels.hue(call.provider),
        prompt_sent=diff,
        words_added=count_words(diff, "added"),
        words_removed=count_words(diff, "removed"),
        sections=[section for section in sections if section.lines],
        seconds=cards.duration(call),
        usual_seconds=usual_seconds(session, [kind]).get(kind) or labels.published_seconds(call.model),
        stage_seconds=_stages(call),
        json=json.dumps(_as_json(call, job, blob, labels), indent=2, ensure_ascii=False),
    )


_WORDS = re.compile(r"\s+|[\w'’-]+|[^\w\s]+")  # a full stop that follows leaves its word the same
_MOST_PAIRS = 1_000_000  # of words to be held against each other
_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]+\s*|[^.!?\n]+")


def word_diff(before: str, after: str) -> list[DiffWord]:
    """The words of both texts in reading order, each the same, added or removed.

    Long texts that differ all over are held against each other by sentences: the time for words grows with the
    square of their number (28 s for 30,000 characters).
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    parts = [DiffWord(text="".join(new[:head]), kind="same")]
    if len(inner_old) * len(inner_new) > _MOST_PAIRS:
        inner_old, inner_new = (_SENTENCE.findall("".join(words)) for words in (inner_old, inner_new))
    opcodes = difflib.SequenceMatcher(None, inner_old, inner_new, autojunk=False).get_opcodes()
    for tag, a, b, c, d in opcodes:
        if tag == "equal":
            parts.append(DiffWord(text="".join(inner_new[c:d]), kind="same"))
            continue
        parts.append(DiffWord(text="".join(inner_old[a:b]), kind="removed"))
        parts.append(DiffWord(text="".join(inner_new[c:d]), kind="added"))
    parts.append(DiffWord(text="".join(new[len(new) - tail :]), kind="same"))
    return [part for part in parts if part.text]


def count_words(diff: list[DiffWord], kind: str) -> int:
    """How many words were "added" or "removed"; a stretch of commas alone counts as one, for it is a change."""
    stretches = (part.text.split() for part in diff if part.kind == kind)
    return sum(max(1, sum(any(map(str.isalnum, word)) for word in words)) for words in stretches if words)


def _request(call: Call, image: Image | None) -> ReceiptSection:
    request = call.request
    asked, ratio = request["ratio_asked"], request["ratio"]
    lines = [
        ReceiptLine(label="Model", value=call.model),
        ReceiptLine(label="Tier", value=call.tier),
        ReceiptLine(
            label="Pixels asked",
            value=f"{request['width']}×{request['height']}",
            note=f"({ratio})" if ratio == asked else f"{asked} is not made here, {ratio} is nearest",
            tone="" if ratio == asked else "attention",
        ),
    ]
    if image is not None:
        same = (image.width, image.height) == (request["width"], request["height"])
        lines.append(
            ReceiptLine(
                label="Pixels got",
                value=f"{image.width}×{image.height}",
                note="" if same else "not what was asked",
                tone="" if same else "attention",
            )
        )
    if request.get("written_by"):
        lines.append(ReceiptLine(label="Written by", value=request["written_by"], note="from your own words"))
    lines += _seed(call)
    if request.get("negative"):
        lines.append(ReceiptLine(label="Negative", value=request["negative"]))
    if request.get("negative_folded"):
        lines.append(
            ReceiptLine(label="Negative", value="in the prompt", note="this model takes none of its own")
        )
    lines += [ReceiptLine(label="Note", value=warning) for warning in call.report.get("warnings", [])]
    if call.report.get("prompt_used"):
        lines.append(
            ReceiptLine(label="Vendor's rewrite", value=call.report["prompt_used"], tone="attention")
        )
    return ReceiptSection(title="Request", lines=lines)


def _seed(call: Call) -> list[ReceiptLine]:
    asked, sent, used = call.request.get("seed_asked"), call.request["seed"], call.report.get("seed_used")
    if asked is not None and sent is None:
        return [ReceiptLine(label="Seed", value=str(asked), note="ignored by this model", tone="struck")]
    if used is not None:
        return [
            ReceiptLine(label="Seed", value=str(used), note="" if used == sent else "chosen by the vendor")
        ]
    return [ReceiptLine(label="Seed", value=str(sent), note="sent")] if sent is not None else []


def _money(call: Call) -> ReceiptSection:
    charged = call.credits if call.state == CallState.SUCCEEDED else 0
    lines = [ReceiptLine(label="Reserved", value=f"{call.credits:,} cr")]
    if call.finished_at is not None:
        lines.append(ReceiptLine(label="Charged", value=f"{charged:,} cr", note=_vendor_cost(call)))
    return ReceiptSection(title="Money", lines=lines)


_BASIS = {
    "usage": "from the tokens it reported",
    "quote": "as the vendor quoted it",
    "table": "by our price list",
    "person": "as you settled it",
    "unknown": "perhaps billed, nobody can say",
}


def _vendor_cost(call: Call) -> str:
    if call.simulated:
        return "simulated, $0 at the vendor"
    if call.cost_usd_micros is None:
        return ""
    return f"provider cost {words.dollars(call.cost_usd_micros)}, {_BASIS.get(call.cost_basis or '', '')}"


def _proof(call: Call, blob: Blob | None) -> ReceiptSection:
    lines = []
    if call.request_id:
        lines.append(ReceiptLine(label="Request id", value=call.request_id))
    if blob is not None:
        kind = blob.media_type.removeprefix("image/").upper()
        lines.append(ReceiptLine(label="SHA-256", value=blob.sha256))
        note = "damaged on the server's disk, set aside" if blob.damage else "bytes untouched"
        lines.append(
            ReceiptLine(label="Original", value=f"{kind}, {blob.size / 1_000_000:.2f} MB", note=note)
        )
    return ReceiptSection(title="Proof", lines=lines)


def _stages(call: Call) -> list[float]:
    """Seconds spent waiting, sent, rendering and saving; stages that were not reached are 0."""
    marks = [call.created_at, call.intent_at, call.sent_at, call.received_at, call.finished_at]
    spent, last = [], call.created_at
    for mark in marks[1:]:
        spent.append((mark - last).total_seconds() if mark else 0.0)
        last = mark or last
    return spent


def _as_json(call: Call, job: Job, blob: Blob | None, labels: Names) -> dict[str, object]:
    return {
        "job": str(job.id),
        "call": str(call.id),
        "provider": labels.provider(call.provider),
        "model": call.model,
        "tier": call.tier,
        "simulated": call.simulated,
        "state": call.state,
        "prompt": job.prompt,
        "prompt_sent": call.request["prompt"],
        "ratio": job.ratio,
        "pixels_asked": [call.request["width"], call.request["height"]],
        "pixels_got": [blob.width, blob.height] if blob else None,
        "seed": call.report.get("seed_used", call.request["seed"]),
        "credits": call.credits if call.state == CallState.SUCCEEDED else 0,
        "usd_micros": call.cost_usd_micros,
        "cost_basis": call.cost_basis,
        "seconds": round(cards.duration(call), 3),
        "request_id": call.request_id,
        "sha256": blob.sha256 if blob else None,
        "failure": call.failure,
    }
