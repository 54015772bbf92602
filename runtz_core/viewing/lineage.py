"""Where a picture came from and what was made of it: the family as a tree, with what changed and what was spent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core.connections.catalog import Names, names
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call, CallKind, Job
from runtz_core.jobs.views import DiffWord
from runtz_core.vault.models import ErasedImage
from runtz_core.viewing.branches import columns_of, rows_of
from runtz_core.viewing.edge_words import change
from runtz_core.viewing.pictures import model_of

MOST = 150  # pictures of a family that are shown, those nearest in the way of making first
DEEP = 60  # generations followed

# A step leads from a picture that went into a job to every picture the job made. Masks are no parents.
# What was deleted for good goes on as the number it had and the call that made it.
_STEPS = """
SELECT put.image_id AS parent, made.id AS child, put.role, put.position, put.job_id
FROM job_inputs AS put JOIN calls ON calls.job_id = put.job_id
JOIN (SELECT id, call_id, user_id FROM images UNION ALL SELECT image_id, call_id, user_id FROM erased_images) AS made
  ON made.call_id = calls.id
WHERE put.role <> 'mask' AND made.user_id = :user_id
"""
_ABOVE = text(f"""
WITH RECURSIVE steps AS NOT MATERIALIZED ({_STEPS}),
above(id, depth) AS (
  SELECT CAST(:start AS uuid), 0
  UNION SELECT steps.parent, above.depth + 1 FROM above JOIN steps ON steps.child = above.id
  WHERE above.depth < :deep AND steps.parent IS NOT NULL
)
SELECT id FROM above GROUP BY id ORDER BY min(depth) LIMIT :most
""")  # noqa: S608 (only our own text)
_BELOW = text(f"""
WITH RECURSIVE steps AS NOT MATERIALIZED ({_STEPS}),
below(id, depth) AS (
  SELECT start, 0 FROM unnest(CAST(:starts AS uuid[])) AS start
  UNION SELECT steps.child, below.depth + 1 FROM below JOIN steps ON steps.parent = below.id
  WHERE below.depth < :deep
)
SELECT id FROM below GROUP BY id ORDER BY min(depth), id LIMIT :most
""")  # noqa: S608
_AMONG = text(f"{_STEPS} AND made.id = ANY(:ids) ORDER BY put.position")


class Gone(StrEnum):
    """Why a member has a place and no picture."""

    TRASH = "trash"
    ERASED = "erased"
    ELSEWHERE = "elsewhere"  # not brought in so far, or ended before its number was remembered


@dataclass(frozen=True, kw_only=True)
class Node:
    """One picture of the family. `column` and `row` are its place in the tree; the first are 0."""

    id: str
    gone: str  # a Gone value: it has a place and no picture; "" when it is here
    thumb: str
    width: int
    height: int
    hash: str
    model: str
    hue: str
    prompt: str
    kind: str  # how it was made of its parent: a Remix value, or "" for a first one
    change: list[DiffWord]  # against the parent's words; only what was added and removed
    parent: str  # the picture it was made of; "" for a first one
    others: list[str]  # further pictures that went in
    credits: int  # its own
    reach_credits: int  # with everything on the way to it
    reach_usd_micros: int
    column: int
    row: float
    on_path: bool  # on the way to the picture asked for
    current: bool


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """A family. Money in credits and micro-dollars, of the pictures shown."""

    nodes: list[Node] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    providers: int = 0
    reach_credits: int = 0
    reach_usd_micros: int = 0
    family_credits: int = 0
    family_usd_micros: int = 0
    cut: bool = False  # there are more


@dataclass(frozen=True, kw_only=True)
class _Member:
    image: Image | None  # None: its row is gone
    call: Call | None
    job: Job | None
    parents: list[UUID]
    gone: str

    @property
    def prompt(self) -> str:
        return self.job.prompt if self.job else ""

    @property
    def size(self) -> tuple[int, int]:
        """Pixels; what was asked for when the picture is gone."""
        if self.image is not None:
            return self.image.width, self.image.height
        asked = self.call.request if self.call else {}
        return int(asked.get("width") or 1), int(asked.get("height") or 1)


def lineage(session: Session, user_id: UUID, image_id: UUID) -> Lineage | None:
    """The family of a picture of this person, deleted members included; None when it is not there."""
    start = session.get(Image, image_id)
    if start is None or start.user_id != user_id or start.deleted_at is not None:
        return None
    shared = {"user_id": user_id, "deep": DEEP, "most": MOST + 1}
    above = list(session.execute(_ABOVE, {**shared, "start": image_id}).scalars())
    down = list(session.execute(_BELOW, {**shared, "starts": [image_id]}).scalars())
    kin = list(session.execute(_BELOW, {**shared, "starts": above}).scalars())
    wanted = list(dict.fromkeys([*above, *down, *kin]))
    members = _members(session, user_id, wanted[:MOST])
    path = _path(members, image_id)
    return _tree(members, path, image_id, names(session), cut=len(wanted) > MOST)


def _members(session: Session, user_id: UUID, ids: Sequence[UUID]) -> dict[UUID, _Member]:
    """The members with these ids, and those of which only the place is known, in the order they were made."""
    steps = session.execute(_AMONG, {"user_id": user_id, "ids": list(ids)}).all()
    parents: dict[UUID, list[UUID]] = {}
    places: list[UUID] = []
    for step in sorted(steps, key=lambda step: (step.role != "base", step.position)):
        parent = step.parent or uuid5(step.job_id, str(step.position))
        known = parents.setdefault(step.child, [])
        if parent not in known:
            known.append(parent)
        if step.parent is None:
            places.append(parent)
    rows = _rows_of(session, user_id, ids)
    places += sorted(set(ids) - {row[0] for row in rows})
    found: dict[UUID, _Member] = {
        one: _Member(image=None, call=None, job=None, parents=[], gone=Gone.ELSEWHERE) for one in places
    }
    for image_id, image, call, job in rows:
        gone = Gone.ERASED if image is None else Gone.TRASH if image.deleted_at is not None else ""
        found[image_id] = _Member(
            image=image, call=call, job=job, parents=parents.get(image_id, []), gone=gone
        )
    return found


def _rows_of(
    session: Session, user_id: UUID, ids: Sequence[UUID]
) -> list[tuple[UUID, Image | None, Call | None, Job | None]]:
    """Pictures with the calls that made them, oldest first; of those deleted for good only the call."""
    here = session.execute(
        select(Image, Call, Job)
        .outerjoin(Call, col(Call.id) == col(Image.call_id))
        .outerjoin(Job, col(Job.id) == col(Call.job_id))
        .where(col(Image.id).in_(ids), col(Image.user_id) == user_id)
    ).all()
    erased = session.execute(
        select(col(ErasedImage.image_id), Call, Job)
        .outerjoin(Call, col(Call.id) == col(ErasedImage.call_id))
        .outerjoin(Job, col(Job.id) == col(Call.job_id))
        .where(col(ErasedImage.image_id).in_(ids), col(ErasedImage.user_id) == user_id)
    ).all()
    rows = [(image.created_at, image.id, image, call, job) for image, call, job in here]
    for image_id, call, job in erased:
        # Its own time went with its row; an upload has no call, and its id was made as time goes on.
        made = (call.finished_at or call.created_at) if call else _moment_of(image_id)
        rows.append((made, image_id, None, call, job))
    return [row[1:] for row in sorted(rows, key=lambda row: row[:2])]


def _moment_of(image_id: UUID) -> datetime:
    """When an id was made: the first 48 bits of a UUIDv7 are milliseconds."""
    return datetime.fromtimestamp((image_id.int >> 80) / 1000, UTC)


def _path(members: dict[UUID, _Member], image_id: UUID) -> set[UUID]:
    """The picture and everything it was made of."""
    found, left = set(), [image_id]
    while left:
        if (one := left.pop()) in found or one not in members:
            continue
        found.add(one)
        left += members[one].parents
    return found


def _tree(
    members: dict[UUID, _Member], path: set[UUID], current: UUID, labels: Names, *, cut: bool
) -> Lineage:
    family = {image_id: member.parents for image_id, member in members.items()}
    columns, rows = columns_of(family), rows_of(family, path)
    nodes = []
    for image_id, member in members.items():
        parent = next((one for one in member.parents if one in members), None)
        credits, usd = _spent(members, _path(members, image_id))
        nodes.append(
            Node(
                id=str(image_id),
                gone=member.gone,
                thumb="" if member.gone else f"/api/images/{image_id}.webp?w=320",
                width=member.size[0],
                height=member.size[1],
                hash=(member.image.thumbhash or "") if member.image else "",
                model=_name(member, labels),
                hue=labels.hue(member.call.provider if member.call else ""),
                prompt=member.prompt,
                kind=_kind(member) if parent else "",
                change=_change(members[parent], member) if parent else [],
                parent=str(parent) if parent else "",
                others=[str(one) for one in member.parents if one in members and one != parent],
                credits=member.call.credits if member.call else 0,
                reach_credits=credits,
                reach_usd_micros=usd,
                column=columns[image_id],
                row=rows[image_id],
                on_path=image_id in path,
                current=image_id == current,
            )
        )
    reach, whole = _spent(members, path), _spent(members, members)
    return Lineage(
        nodes=nodes,
        rows=int(max(rows.values(), default=0)) + 1,
        columns=max(columns.values(), default=0) + 1,
        providers=len({member.call.provider for member in members.values() if member.call}),
        reach_credits=reach[0],
        reach_usd_micros=reach[1],
        family_credits=whole[0],
        family_usd_micros=whole[1],
        cut=cut,
    )


def _spent(members: dict[UUID, _Member], which: Iterable[UUID]) -> tuple[int, int]:
    calls = [members[one].call for one in which]
    paid = [call for call in calls if call is not None]
    return sum(call.credits for call in paid), sum(call.cost_usd_micros or 0 for call in paid)


def _kind(member: _Member) -> str:
    if member.call is not None and member.call.kind == CallKind.UPSCALE:
        return "upscale"
    return (member.job.remix if member.job else None) or "remix"


def _name(member: _Member, labels: Names) -> str:
    if member.image is not None:
        return model_of(member.image, member.call, labels)
    return labels.model(member.call.model) if member.call else "A picture"


def _change(parent: _Member, member: _Member) -> list[DiffWord]:
    """What an edge says; nothing where there is nothing to compare with."""
    if _kind(member) == "upscale" or (parent.job is None and parent.gone):
        return []
    return change(parent.prompt, member.prompt)
