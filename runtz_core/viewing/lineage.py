"""Where a picture came from and what was made of it: the family as a tree, with what changed and what was spent."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core.connections.catalog import Names, names
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call, CallKind, Job
from runtz_core.jobs.views import DiffWord
from runtz_core.viewing.pictures import model_of

MOST = 150  # pictures of a family that are shown, those nearest in the way of making first
DEEP = 60  # generations followed
SAME_ENOUGH = 0.35  # of the words: below this an instruction stands for itself, and no difference is drawn
EDGE_WORDS = 60  # characters of a change that an edge shows

# A step leads from a picture that went into a job to every picture the job made. Masks are no parents.
_STEPS = """
SELECT put.image_id AS parent, made.id AS child, put.role, put.position
FROM job_inputs AS put JOIN calls ON calls.job_id = put.job_id JOIN images AS made ON made.call_id = calls.id
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
_AMONG = text(f"{_STEPS} AND put.image_id = ANY(:ids) AND made.id = ANY(:ids) ORDER BY put.position")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One picture of the family. `column` and `row` are its place in the tree; the first are 0."""

    id: str
    gone: bool  # in the trash: it has a place, and no picture
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
    image: Image
    call: Call | None
    job: Job | None
    parents: list[UUID]


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
    steps = session.execute(_AMONG, {"user_id": user_id, "ids": list(ids)}).all()
    parents: dict[UUID, list[UUID]] = {}
    for step in sorted(steps, key=lambda step: (step.role != "base", step.position)):
        parents.setdefault(step.child, []).append(step.parent)
    rows = session.execute(
        select(Image, Call, Job)
        .outerjoin(Call, col(Call.id) == col(Image.call_id))
        .outerjoin(Job, col(Job.id) == col(Call.job_id))
        .where(col(Image.id).in_(ids), col(Image.user_id) == user_id)
        .order_by(col(Image.created_at), col(Image.id))
    ).all()
    return {
        image.id: _Member(
            image=image, call=call, job=job, parents=list(dict.fromkeys(parents.get(image.id, [])))
        )
        for image, call, job in rows
    }


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
    columns = _columns(members)
    rows = _rows(members, path)
    nodes = []
    for image_id, member in members.items():
        parent = next((members[one] for one in member.parents if one in members), None)
        credits, usd = _spent(members, _path(members, image_id))
        nodes.append(
            Node(
                id=str(image_id),
                gone=member.image.deleted_at is not None,
                thumb=f"/api/images/{image_id}.webp?w=320",
                width=member.image.width,
                height=member.image.height,
                hash=member.image.thumbhash or "",
                model=model_of(member.image, member.call, labels),
                hue=labels.hue(member.call.provider if member.call else ""),
                prompt=member.job.prompt if member.job else "",
                kind=_kind(member) if parent else "",
                change=_change(parent, member) if parent else [],
                parent=str(parent.image.id) if parent else "",
                others=[str(one) for one in member.parents if parent and one != parent.image.id],
                credits=member.call.credits if member.call else 0,
                reach_credits=credits,
                reach_usd_micros=usd,
                column=columns[image_id],
                row=rows[image_id],
                on_path=image_id in path,
                current=image_id == current,
            )
        )
    reach, family = _spent(members, path), _spent(members, members)
    return Lineage(
        nodes=nodes,
        rows=int(max(rows.values(), default=0)) + 1,
        columns=max(columns.values(), default=0) + 1,
        providers=len({member.call.provider for member in members.values() if member.call}),
        reach_credits=reach[0],
        reach_usd_micros=reach[1],
        family_credits=family[0],
        family_usd_micros=family[1],
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


def _change(parent: _Member, member: _Member) -> list[DiffWord]:
    """What an edge says: the words that changed, or the whole instruction when nearly nothing stayed."""
    before, after = parent.job.prompt if parent.job else "", member.job.prompt if member.job else ""
    if not after or before == after or _kind(member) == "upscale":
        return []
    parts = _words_changed(before, after)
    same = sum(len(part.text.split()) for part in parts if part.kind == "same")
    if same < SAME_ENOUGH * max(1, len(before.split())):
        return [DiffWord(text=_short(after), kind="added")]
    changed = [DiffWord(text=_short(part.text), kind=part.kind) for part in parts if part.kind != "same"]
    return [part for part in changed if part.text][:4]


def _words_changed(before: str, after: str) -> list[DiffWord]:
    """The difference in whole words; how they are divided and spelled (commas, capitals) is no change."""
    old, new = before.split(), after.split()
    bare_old, bare_new = ([word.strip(",.;:!?").lower() for word in words] for words in (old, new))
    parts: list[DiffWord] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(DiffWord(text=" ".join(new[c:d]), kind="same"))
            continue
        parts += [
            DiffWord(text=" ".join(words), kind=kind)
            for words, kind in ((old[a:b], "removed"), (new[c:d], "added"))
            if words
        ]
    return parts


def _short(words: str) -> str:
    line = " ".join(words.split()).strip(" ,.")
    return line if len(line) <= EDGE_WORDS else f"{line[: EDGE_WORDS - 1]}…"


def _columns(members: dict[UUID, _Member]) -> dict[UUID, int]:
    """How many steps from a first picture, by the longest way. Members come in the order they were made."""
    columns: dict[UUID, int] = {}
    for image_id, member in members.items():
        known = [columns[one] for one in member.parents if one in columns]
        columns[image_id] = max(known) + 1 if known else 0
    return columns


def _rows(members: dict[UUID, _Member], path: set[UUID]) -> dict[UUID, float]:
    """Every branch a row of its own; a parent stands where its way goes on, else in the middle of its children."""
    children: dict[UUID, list[UUID]] = {}
    tops = []
    for image_id, member in members.items():
        parent = next((one for one in member.parents if one in members), None)
        if parent is None:
            tops.append(image_id)
        else:
            children.setdefault(parent, []).append(image_id)
    rows: dict[UUID, float] = {}
    after = 0
    # Depth first without recursion: a family may be as deep as it likes.
    left = [(one, False) for one in reversed(tops)]
    while left:
        image_id, done = left.pop()
        below = children.get(image_id, [])
        if not below:
            rows[image_id], after = float(after), after + 1
        elif not done:
            left.append((image_id, True))
            left += [(one, False) for one in reversed(below)]
        else:
            ahead = next((one for one in below if one in path), None)
            middle = (rows[below[0]] + rows[below[-1]]) / 2
            rows[image_id] = rows[ahead] if ahead is not None else middle
    return rows
