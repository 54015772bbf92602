"""Finding things by words from anywhere: pictures, jobs and saved prompts, a few of each."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.jobs.models import Job
from runtz_core.prompts import library
from runtz_core.vault import pages, views
from runtz_core.vault.terms import Filters, Show

EACH = 5  # of a kind
RECENT = 2_000  # jobs that are looked through, the newest: prompts of jobs have no index of words
MOST_TEXT = 200  # characters


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing that was found, and where it is. `thumb` is "" for what has no picture."""

    kind: str  # "picture", "job" or "prompt"
    words: str
    note: str
    path: str
    thumb: str = ""


def find(session: Session, user_id: UUID, text: str) -> list[Found]:
    """Up to five pictures, jobs and saved prompts of this person whose words hold those of `text`."""
    wanted = " ".join(text.replace("\x00", " ").split())[:MOST_TEXT]
    if not wanted:
        return []
    return [
        *_pictures(session, user_id, wanted),
        *_jobs(session, user_id, wanted),
        *_prompts(session, user_id, wanted),
    ]


def _pictures(session: Session, user_id: UUID, wanted: str) -> list[Found]:
    hits = pages.find(session, user_id, Filters(show=Show.ALL, text=wanted), limit=EACH)
    return [
        Found(
            kind="picture",
            words=item.title or item.prompt or item.model,
            note=item.model,
            path=f"/images/{item.id}",
            thumb=f"/api/images/{item.id}.webp?w=320",
        )
        for item in views.items(session, user_id, hits.image_ids)
    ]


def _jobs(session: Session, user_id: UUID, wanted: str) -> list[Found]:
    newest = (
        select(Job.id, Job.prompt, Job.created_at)  # type: ignore[call-overload]
        .where(col(Job.user_id) == user_id)
        .order_by(col(Job.created_at).desc(), col(Job.id).desc())
        .limit(RECENT)
        .subquery()
    )
    query = select(newest.c.id, newest.c.prompt).order_by(newest.c.created_at.desc()).limit(EACH)
    for word in wanted.split()[:12]:
        query = query.where(newest.c.prompt.icontains(word, autoescape=True))
    return [
        Found(kind="job", words=row.prompt[:200], note=f"Job {row.id.hex[-4:]}", path=f"/jobs/{row.id}")
        for row in session.execute(query)
    ]


def _prompts(session: Session, user_id: UUID, wanted: str) -> list[Found]:
    saved, _ = library.find(session, user_id, q=wanted, limit=EACH)
    return [Found(kind="prompt", words=one.name, note="Saved prompt", path="/prompts") for one in saved]
