"""Prompt libraries as files: JSON and CSV out, the same in; nothing in a file is ever run as a formula."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core import cells
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.prompts import library
from runtz_core.prompts.library import MOST_SAVED, Draft, PromptRefused
from runtz_core.prompts.models import SavedPrompt
from runtz_core.settings import get_settings

COLUMNS = ("name", "body", "negative", "description", "tags", "favourite", "version", "uses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a file brought: prompts now in the library, those that were there already, and lines that were no use."""

    added: int
    known: int
    problems: list[str]


def rows(session: Session, user_id: UUID) -> Iterator[SavedPrompt]:
    """Every saved prompt of a person, the oldest first."""
    yield from session.execute(
        select(SavedPrompt).where(col(SavedPrompt.user_id) == user_id).order_by(col(SavedPrompt.id))
    ).scalars()


def as_json(session: Session, user_id: UUID) -> str:
    """The library as a JSON array."""
    return json.dumps([_plain(row) for row in rows(session, user_id)], ensure_ascii=False, indent=1)


def _plain(row: SavedPrompt) -> dict[str, Any]:
    return {
        "name": row.name, "body": row.body, "negative": row.negative, "description": row.description,
        "tags": list(row.tags), "favourite": row.favourite, "version": row.version, "uses": row.uses,
    }  # fmt: skip


def as_csv(session: Session, user_id: UUID) -> str:
    """The library as a table; a cell that a spreadsheet would compute begins with an apostrophe."""
    out = io.StringIO(cells.MARK)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows(session, user_id):
        shown = _plain(row) | {"tags": "; ".join(row.tags), "favourite": "yes" if row.favourite else "no"}
        writer.writerow([cells.plain(str(shown[name])) for name in COLUMNS])
    return out.getvalue()


def read(session: Session, user_id: UUID, text: str) -> Import:
    """Add what a file holds and the library does not. Raises PromptRefused."""
    found, problems = _drafts(text)
    if len(found) > MOST_SAVED:
        raise PromptRefused(
            f"The file holds {len(found):,} prompts; import takes {MOST_SAVED:,} at once. Nothing was added."
        )
    there = {(row.name, row.body, row.negative) for row in rows(session, user_id)}
    fresh: list[Draft] = []
    known = 0
    for place, draft in found:
        try:
            one = library.checked(draft, get_settings().limits)
        except (PromptRefused, SubmissionRefused) as refused:
            problems.append(f"Prompt {place}: {refused}")
            continue
        key = (one.name, one.body, one.negative)
        known += key in there
        if key not in there:
            there.add(key)
            fresh.append(one)
    library.save_all(session, user_id, fresh)
    return Import(added=len(fresh), known=known, problems=problems[:50])


def _drafts(text: str) -> tuple[list[tuple[int, Draft]], list[str]]:
    if not text.strip("\ufeff \r\n\t,"):
        raise PromptRefused("The file is empty. Nothing was added.")
    plain = text.lstrip("\ufeff \r\n\t")
    return _from_json(plain) if plain[:1] in "[{" else _from_csv(plain)


def _from_json(text: str) -> tuple[list[tuple[int, Draft]], list[str]]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise PromptRefused("The file is no JSON that can be read. Nothing was added.") from None
    listed = read.get("prompts", [read]) if isinstance(read, dict) else read
    if not isinstance(listed, list):
        raise PromptRefused("The file holds no list of prompts. Nothing was added.")
    drafts, problems = [], []
    for place, one in enumerate(listed[: MOST_SAVED + 1], 1):
        if not isinstance(one, dict) or not isinstance(one.get("body", one.get("prompt")), str):
            problems.append(f"Prompt {place}: it has no words.")
            continue
        tags = one.get("tags", [])
        drafts.append(
            (
                place,
                _draft(one, [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []),
            )
        )
    return drafts, problems


def _from_csv(text: str) -> tuple[list[tuple[int, Draft]], list[str]]:
    csv.field_size_limit(1_000_000)
    first = text.splitlines()[0]
    delimiter = "\t" if "\t" in first else ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = {(name or "").strip().casefold(): name for name in reader.fieldnames or []}
    if not {"body", "prompt"} & set(names):
        raise PromptRefused(
            'The first line must name the columns, "body" or "prompt" among them. Nothing was added.'
        )
    drafts: list[tuple[int, Draft]] = []
    try:
        for place, row in enumerate(reader, 1):
            found = {name: cells.words(str(row.get(column) or "")) for name, column in names.items()}
            drafts.append((place, _draft(found, found.get("tags", "").replace(",", ";").split(";"))))
            if place > MOST_SAVED:
                break
    except csv.Error:
        raise PromptRefused(f"Line {reader.line_num} cannot be read. Nothing was added.") from None
    return drafts, []


def _draft(one: dict[str, Any], tags: Sequence[str]) -> Draft:
    def words(name: str) -> str:
        return one[name] if isinstance(one.get(name), str) else ""

    return Draft(
        name=words("name") or words("title"),
        body=words("body") or words("prompt"),
        negative=words("negative"),
        description=words("description"),
        tags=tuple(tags),
        favourite=one.get("favourite") in (True, "yes", "true", "1"),
    )
