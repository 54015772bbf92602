"""How the pictures of a job stand against each other: win rates of heard judges, checklists, facts, every verdict."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from runtz_core.connections import catalog
from runtz_core.images.models import Image
from runtz_core.images.store import LARGE, BlobStore
from runtz_core.jobs.models import UNFINISHED, Call
from runtz_core.jobs.service import owned_job
from runtz_core.settings import Settings
from runtz_core.writing import pairs, writers
from runtz_core.writing.enhance import why_not
from runtz_core.writing.facts import Facts, measure
from runtz_core.writing.models import Ruling
from runtz_core.writing.tallies import rulings_of, tally


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One picture's standing in its job."""

    image_id: str
    label: str
    hue: str
    thumb_url: str
    win_rate: int = -1  # per cent; -1 without verdicts that count
    verdicts: int = 0
    follows_prompt: str = ""  # "4 of 6"
    text_correct: str = ""
    artefacts: str = ""
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One verdict as a page shows it; struck through when its judge is muted."""

    judge: str
    left: str
    right: str
    result: str
    reason: str
    muted: bool


@dataclass(frozen=True, kw_only=True)
class JudgingView:
    """The judging of one job."""

    job_id: str = ""
    pictures: list[Judged] = field(default_factory=list)
    verdicts: list[Shown] = field(default_factory=list)
    working: int = 0
    failed: str = ""  # why some pairs have no verdict
    muted: list[str] = field(default_factory=list)  # sentences
    judge: str = ""  # who would judge; "" when nobody can
    simulated: bool = False
    calls: int = 0
    credits: int = 0
    usd_micros: int = 0
    automatic: bool = False


def view(
    session: Session,
    settings: Settings,
    user_id: UUID,
    job_id: UUID,
    store: BlobStore,
    *,
    wanted: str = "",
) -> JudgingView:
    """Standings, verdicts, facts, and what judging the rest would cost. Raises NotFound."""
    job = owned_job(session, user_id, job_id)
    pictures = pairs.pictures_of(session, user_id, job_id)
    # Before the verdicts: one that comes between the two is then shown, and not "judged" without its verdict.
    calls = pairs.open_calls(session, user_id, job_id)
    labels = catalog.names(session)
    rulings = rulings_of(session, user_id, job_id)
    known = pairs.biases(session, user_id)
    muted = {judge for judge, bias in known.items() if bias.muted}
    names = {image.id: _name(labels.model(call.model), call) for image, call in pictures}
    heard = [one for one in rulings if (one.judge, one.simulated) not in muted]
    writer = writers.choose_writer(session, settings, user_id, wanted)
    asked = pairs.missing(job, pictures, pairs.judged_by(session, user_id, job_id, writer)) if writer else []
    dues = [writers.price(session, settings, user_id, writer, one) for one in asked] if writer else []
    failed = [call for call in calls if call.state not in UNFINISHED]
    return JudgingView(
        job_id=str(job_id),
        pictures=[
            _standing(image, names[image.id], labels.hue(call.provider), heard, _facts(image, store))
            for image, call in pictures
        ],
        verdicts=[_shown(one, names, (one.judge, one.simulated) in muted) for one in rulings],
        working=len(calls) - len(failed),
        failed=why_not(failed[0], writers.label_of(failed[0].model)) if failed else "",
        muted=[
            f"{writers.label_of(judge)} is muted: {known[judge, simulated].why}. Its verdicts count for nothing."
            for judge, simulated in sorted(muted)
        ],
        judge=writer.label if writer else "",
        simulated=bool(writer and writer.simulated),
        calls=len(asked),
        credits=sum(due.credits for due in dues),
        usd_micros=0 if writer and writer.simulated else sum(due.usd_micros for due in dues),
        automatic=writers.choices(session, user_id).judge_new,
    )


# What is measured of a file that never changes; a picture takes 0.1 s, and a panel is read again with each verdict.
_measured = lru_cache(maxsize=1024)(measure)


def _name(label: str, call: Call) -> str:
    return f"{label} · {call.sample + 1}" if call.sample else label


def _facts(image: Image, store: BlobStore) -> Facts:
    for width in (LARGE, 320):
        path: Path = store.thumbnail(image.sha256, width)
        try:
            return _measured(path, width=image.width, height=image.height)
        except OSError:
            continue
    return Facts(size=f"{image.width}×{image.height}")


def _standing(image: Image, label: str, hue: str, heard: Iterable[Ruling], facts: Facts) -> Judged:
    return Judged(
        image_id=str(image.id),
        label=label,
        hue=hue,
        thumb_url=f"/api/images/{image.id}.webp?w=320",
        facts=facts,
        **asdict(tally(image.id, heard)),
    )


def _shown(one: Ruling, names: dict[UUID, str], muted: bool) -> Shown:
    left, right = names.get(one.left_image_id, "gone"), names.get(one.right_image_id, "gone")
    result = {"left": f"{left} is better", "right": f"{right} is better", "tie": "cannot tell"}[one.winner]
    return Shown(
        judge=writers.label_of(one.judge) + (" (simulated)" if one.simulated else ""),
        left=left,
        right=right,
        result=result,
        reason=one.reason,
        muted=muted,
    )
