"""The prompt library: save, find, change with versions, and what became of a saved prompt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text
from sqlmodel import Session, col

from runtz_core.db import database_now
from runtz_core.ids import parse_id
from runtz_core.jobs.requests import check_words
from runtz_core.jobs.service import NotFound
from runtz_core.prompts.models import PromptVersion, SavedPrompt
from runtz_core.prompts.wildcards import variables
from runtz_core.settings import Limits, get_settings

NAME_CHARS = 120
DESCRIPTION_CHARS = 2_000
TAGS = 20
TAG_CHARS = 40
MOST_SAVED = 5_000  # of one person


class PromptRefused(ValueError):
    """The prompt cannot be kept as it is; the text is a sentence for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person wrote into the form of a prompt."""

    name: str
    body: str
    negative: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    favourite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved prompt as the pages show it; times are epoch seconds, 0 is never."""

    prompt_id: str
    name: str
    description: str
    body: str
    negative: str
    tags: list[str]
    favourite: bool
    version: int
    uses: int
    used_at: float
    updated_at: float
    variables: list[str] = field(default_factory=list)


def checked(draft: Draft, limits: Limits) -> Draft:
    """`draft` as it is kept. Raises PromptRefused, and SubmissionRefused for words nobody can use."""
    body = check_words(draft.body, "prompt", limits)
    if not body:
        raise PromptRefused("Write the prompt first.")
    name = " ".join(check_words(draft.name, "name", limits).split())[:NAME_CHARS] or _first_words(body)
    if len(draft.description) > DESCRIPTION_CHARS:
        raise PromptRefused(f"The description takes {DESCRIPTION_CHARS:,} characters.")
    tags = list(dict.fromkeys(" ".join(tag.split()).casefold() for tag in draft.tags if tag.strip()))
    if len(tags) > TAGS or any(len(tag) > TAG_CHARS for tag in tags):
        raise PromptRefused(f"A prompt takes {TAGS} tags of {TAG_CHARS} characters.")
    return Draft(
        name=name,
        body=body,
        negative=check_words(draft.negative, "negative prompt", limits),
        description=check_words(draft.description, "description", limits),
        tags=tuple(tags),
        favourite=draft.favourite,
    )


def _first_words(body: str) -> str:
    first = " ".join(body.split())
    return f"{first[:50].rstrip()}…" if len(first) > 50 else first


def save(session: Session, user_id: UUID, draft: Draft) -> UUID:
    """Keep a new prompt as version 1. Raises PromptRefused and SubmissionRefused."""
    return save_all(session, user_id, [draft])[0]


def save_all(session: Session, user_id: UUID, drafts: Sequence[Draft]) -> list[UUID]:
    """Keep several new prompts, all or none. Raises PromptRefused and SubmissionRefused."""
    kept = [checked(draft, get_settings().limits) for draft in drafts]
    there: int = session.execute(
        select(func.count()).select_from(SavedPrompt).where(col(SavedPrompt.user_id) == user_id)
    ).scalar_one()
    if there + len(kept) > MOST_SAVED:
        raise PromptRefused(
            f"A library takes {MOST_SAVED:,} prompts, and yours has {there:,}; delete some first."
        )
    rows = [
        SavedPrompt(
            user_id=user_id,
            name=one.name,
            description=one.description,
            body=one.body,
            negative=one.negative,
            tags=list(one.tags),
            favourite=one.favourite,
        )
        for one in kept
    ]
    session.add_all(rows)
    session.flush()
    versions = [
        {"prompt_id": row.id, "version": 1, "body": row.body, "negative": row.negative} for row in rows
    ]
    if versions:
        session.connection().execute(insert(PromptVersion.metadata.tables["prompt_versions"]), versions)
    return [row.id for row in rows]


def owned(session: Session, user_id: UUID, prompt_id: UUID, *, lock: bool = False) -> SavedPrompt:
    """The prompt, if it is this person's. Raises NotFound."""
    found = session.get(SavedPrompt, prompt_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or found.user_id != user_id:
        raise NotFound(prompt_id)
    return found


def change(session: Session, user_id: UUID, prompt_id: UUID, draft: Draft) -> int:
    """Keep what was written; other words are a new version. Returns the version. Raises NotFound, PromptRefused."""
    row = owned(session, user_id, prompt_id, lock=True)
    new = checked(draft, get_settings().limits)
    if (new.body, new.negative) != (row.body, row.negative):
        row.version += 1
        session.add(
            PromptVersion(prompt_id=row.id, version=row.version, body=new.body, negative=new.negative)
        )
    row.name, row.description, row.body, row.negative = new.name, new.description, new.body, new.negative
    row.tags, row.favourite = list(new.tags), new.favourite
    row.updated_at = database_now(session)
    session.flush()
    return row.version


def set_favourite(session: Session, user_id: UUID, prompt_id: UUID, favourite: bool) -> None:
    """Mark it or not. Raises NotFound."""
    owned(session, user_id, prompt_id, lock=True).favourite = favourite
    session.flush()


def remove(session: Session, user_id: UUID, prompt_id: UUID) -> None:
    """Forget a prompt with its versions; what it made stays. Raises NotFound."""
    session.delete(owned(session, user_id, prompt_id, lock=True))
    session.flush()


def find(
    session: Session,
    user_id: UUID,
    *,
    q: str = "",
    tag: str = "",
    favourites: bool = False,
    before: str = "",
    limit: int = 50,
) -> tuple[list[Saved], str]:
    """Prompts that hold every word of `q`, last changed first, and the cursor of the next page ("" at the end)."""
    query = select(SavedPrompt).where(col(SavedPrompt.user_id) == user_id)
    for word in q.split()[:12]:
        like = f"%{_escaped(word)}%"
        fields = (SavedPrompt.name, SavedPrompt.description, SavedPrompt.body)
        tags = func.array_to_string(col(SavedPrompt.tags), " ")
        query = query.where(or_(*[col(one).ilike(like) for one in fields], tags.ilike(like)))
    if tag:
        query = query.where(col(SavedPrompt.tags).contains([tag.casefold()]))
    if favourites:
        query = query.where(col(SavedPrompt.favourite))
    cursor = parse_id(before)
    if cursor is not None:
        edge = select(col(SavedPrompt.updated_at)).where(col(SavedPrompt.id) == cursor).scalar_subquery()
        query = query.where(
            or_(
                col(SavedPrompt.updated_at) < edge,
                (col(SavedPrompt.updated_at) == edge) & (col(SavedPrompt.id) < cursor),
            )
        )
    query = query.order_by(col(SavedPrompt.updated_at).desc(), col(SavedPrompt.id).desc()).limit(limit + 1)
    rows = list(session.execute(query).scalars())
    return [shown(row) for row in rows[:limit]], str(rows[limit - 1].id) if len(rows) > limit else ""


def _escaped(word: str) -> str:
    """A word in which LIKE's own signs are only themselves."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def shown(row: SavedPrompt) -> Saved:
    """A row as a value."""
    return Saved(
        prompt_id=str(row.id),
        name=row.name,
        description=row.description,
        body=row.body,
        negative=row.negative,
        tags=list(row.tags),
        favourite=row.favourite,
        version=row.version,
        uses=row.uses,
        used_at=row.used_at.timestamp() if row.used_at else 0.0,
        updated_at=row.updated_at.timestamp(),
        variables=variables(row.body),
    )


def tags(session: Session, user_id: UUID) -> dict[str, int]:
    """Every tag of this person's with how many prompts have it, by name."""
    rows = session.execute(
        text(
            "SELECT tag, count(*) AS prompts FROM saved_prompts, unnest(tags) AS tag "
            "WHERE user_id = :user_id GROUP BY tag ORDER BY tag LIMIT 500"
        ),
        {"user_id": user_id},
    )
    return {row.tag: row.prompts for row in rows}


def versions(session: Session, user_id: UUID, prompt_id: UUID) -> list[dict[str, Any]]:
    """What it said at each version, the newest first. Raises NotFound."""
    owned(session, user_id, prompt_id)
    rows = session.execute(
        select(PromptVersion)
        .where(col(PromptVersion.prompt_id) == prompt_id)
        .order_by(col(PromptVersion.version).desc())
        .limit(200)
    ).scalars()
    return [
        {
            "version": row.version,
            "body": row.body,
            "negative": row.negative,
            "created_at": row.created_at.timestamp(),
        }
        for row in rows
    ]
