"""Jobs submitted by programs, each key once: the same request again gets the same answer (S19, D7).

Key, job and answer are one transaction: whatever is refused leaves nothing behind, and the key stays free.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlmodel import Session, col

from runtz_core.jobs.models import ApiRequest
from runtz_core.users.service import seconds_ago

KEPT_SECONDS = 24 * 3600.0  # afterwards a key may be used for something else
_LOCK = 0x52554E12  # the first half of the advisory locks taken here; the second is person and key


class InFlight(Exception):
    """The first request with this key has not ended yet. Ask again in a moment."""


class KeyReused(Exception):
    """The key came with another request before. Nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the first request got, and whether it was given before."""

    body: dict[str, Any]
    replayed: bool


def once(
    session: Session, user_id: UUID, key: str, request: bytes, act: Callable[[], dict[str, Any]]
) -> Answer:
    """The answer of `act` to a person's `request`, or the one it gave the first time. Raises InFlight, KeyReused.

    What `act` raises goes through; the caller's transaction then rolls back, and the key with it.
    """
    fingerprint = hashlib.sha256(request).hexdigest()
    place = int(hashlib.sha256(f"{user_id}:{key}".encode()).hexdigest()[:7], 16)
    if not session.execute(
        text("SELECT pg_try_advisory_xact_lock(:lock, :place)"), {"lock": _LOCK, "place": place}
    ).scalar_one():
        raise InFlight
    session.execute(
        delete(ApiRequest).where(
            col(ApiRequest.user_id) == user_id, col(ApiRequest.created_at) < seconds_ago(KEPT_SECONDS)
        )
    )
    found: ApiRequest | None = session.execute(
        select(ApiRequest).where(col(ApiRequest.user_id) == user_id, col(ApiRequest.key) == key)
    ).scalar_one_or_none()
    if found is not None:
        if found.body_sha256 != fingerprint:
            raise KeyReused
        return Answer(body=found.answer, replayed=True)
    answer = act()
    session.execute(
        insert(ApiRequest).values(user_id=user_id, key=key, body_sha256=fingerprint, answer=answer)
    )
    return Answer(body=answer, replayed=False)
