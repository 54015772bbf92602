"""How many bytes of pictures a person may have: what is stored, and what is on its way, against their quota."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core import words
from runtz_core.jobs.models import Call
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.users.service import digest

_LOCK = 0x52554E11  # the first half of the advisory locks taken here; the second is the person

_QUOTA = text("""
SELECT coalesce(storage_quota, person_storage_quota) FROM users, house_rules WHERE users.id = :user_id
""")

# Two statements more only where there is a quota; each sees what others committed before the lock was ours.
_FILLED = text("""
SELECT (
  SELECT coalesce(sum(size), 0) FROM images JOIN blobs USING (sha256)
  WHERE images.user_id = :user_id AND deleted_at IS NULL
) AS used, (
  SELECT coalesce(sum((request ->> 'width')::bigint * (request ->> 'height')::bigint), 0) FROM calls
  WHERE calls.user_id = :user_id AND state IN ('queued', 'running')
) AS coming
""")


def expected_bytes(call: Call) -> int:
    """What a picture may need until it is here: a byte a pixel, which is more than usual."""
    return int(call.request.get("width", 0)) * int(call.request.get("height", 0))


def check_room(session: Session, user_id: UUID, more: int) -> None:
    """Return when `more` bytes fit into the person's quota; others of theirs wait until this transaction ends.

    So submits and uploads at once never overshoot together. Raises SubmissionRefused.
    """
    limit: int | None = session.execute(_QUOTA, {"user_id": user_id}).scalar_one()
    if limit is None:
        return
    keys = {"lock": _LOCK, "person": int(digest(str(user_id))[:7], 16)}
    session.execute(text("SELECT pg_advisory_xact_lock(:lock, :person)"), keys)
    filled = session.execute(_FILLED, {"user_id": user_id}).one()
    coming = int(filled.coming) + more
    if filled.used + coming > limit:
        raise SubmissionRefused(words.no_room(int(filled.used), coming, int(limit)))
