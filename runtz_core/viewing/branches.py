"""Where the pictures of a family stand in its tree: columns by steps, rows by branches."""

from collections.abc import Mapping, Sequence, Set
from uuid import UUID

Parents = Mapping[UUID, Sequence[UUID]]  # of every member, in the order they were made


def columns_of(family: Parents) -> dict[UUID, int]:
    """How many steps from a first picture, by the longest way. Members come in the order they were made."""
    columns: dict[UUID, int] = {}
    for image_id, parents in family.items():
        known = [columns[one] for one in parents if one in columns]
        columns[image_id] = max(known) + 1 if known else 0
    return columns


def rows_of(family: Parents, path: Set[UUID]) -> dict[UUID, float]:
    """Every branch a row of its own; a parent stands where its way goes on, else in the middle of its children."""
    children: dict[UUID, list[UUID]] = {}
    tops = []
    for image_id, parents in family.items():
        parent = next((one for one in parents if one in family), None)
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
