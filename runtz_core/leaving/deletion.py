"""Going for good: the account ends at once, the data as soon as nothing of it is still being made.

Books and audit stay, as they must add up, but name nobody any more.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlmodel import Session, col

from runtz_core.connections.models import ProviderKey
from runtz_core.images import removal
from runtz_core.images.models import Image
from runtz_core.jobs import service as jobs
from runtz_core.jobs.models import UNFINISHED, ApiRequest, Batch, Call, CallResult, Job
from runtz_core.prompts.models import OwnPreset, SavedPrompt, WordList
from runtz_core.sharing import service as sharing
from runtz_core.users import audit, people
from runtz_core.users import service as users
from runtz_core.users.models import ApiToken, OneTimeLink, Role, SignIn, User
from runtz_core.vault import leaving as vault
from runtz_core.viewing import verdicts
from runtz_core.writing.models import Grading, Ruling, WritingChoice

NOBODY = "Somebody who left"


def leave(session: Session, user_id: UUID, *, address: str = "") -> bool:
    """End an account: nobody signs in with it again, what has not been sent is released.

    True when its data is gone too; False when pictures are still being made: they finish or are released
    first, and `erase_departed` does the rest. Raises NoSuchPerson, NotAllowed for the owner.
    """
    user = people.locked(session, user_id)
    if user.role == Role.OWNER:
        raise people.NotAllowed("The owner cannot leave: the installation would belong to nobody.")
    for job_id in _unfinished_jobs(session, user_id):
        jobs.cancel_job(session, user_id, job_id)
    users.end_sessions(session, user_id)
    audit.record(session, "account_deleted", actor=user_id, subject=user_id, address=address)
    now = func.clock_timestamp()
    session.execute(
        update(User)
        .where(col(User.id) == user_id)
        .values(
            name=NOBODY, email=None, password_hash=None, google_subject=None, disabled_at=now, deleted_at=now
        )
    )
    session.execute(delete(SignIn).where(col(SignIn.user_id) == user_id))
    session.execute(delete(OneTimeLink).where(col(OneTimeLink.user_id) == user_id))
    session.execute(delete(ApiToken).where(col(ApiToken.user_id) == user_id))
    session.execute(delete(ApiRequest).where(col(ApiRequest.user_id) == user_id))
    session.execute(delete(ProviderKey).where(col(ProviderKey.user_id) == user_id))
    sharing.forget_all(session, user_id)
    verdicts.forget_all(session, user_id)
    return _erase(session, user_id)


def erase_departed(session: Session) -> int:
    """Erase what is left of people who left and have nothing running any more. Returns how many were done."""
    departed = session.execute(
        select(col(User.id)).where(col(User.deleted_at).is_not(None), _something_left())
    ).scalars()
    return sum(_erase(session, user_id) for user_id in departed.all())


def _something_left() -> ColumnElement[bool]:
    images = select(col(Image.id)).where(col(Image.user_id) == col(User.id))
    words = select(col(Job.id)).where(col(Job.user_id) == col(User.id), col(Job.prompt) != "")
    return or_(images.exists(), words.exists())


def _unfinished_jobs(session: Session, user_id: UUID) -> list[UUID]:
    query = select(col(Call.job_id)).where(
        col(Call.user_id) == user_id, col(Call.state).in_(UNFINISHED), col(Call.job_id).is_not(None)
    )
    return [job_id for job_id in session.execute(query.distinct()).scalars() if job_id is not None]


def _erase(session: Session, user_id: UUID) -> bool:
    """Words and pictures of somebody who left. False, and nothing done, while something is being made."""
    running = select(col(Call.id)).where(col(Call.user_id) == user_id, col(Call.state).in_(UNFINISHED))
    if session.execute(running.limit(1)).first() is not None:
        return False
    removal.forget_all(session, user_id)
    vault.forget_all(session, user_id)
    session.execute(update(Batch).where(col(Batch.user_id) == user_id).values(name=""))
    for words in (SavedPrompt, WordList, OwnPreset):
        session.execute(delete(words).where(col(words.user_id) == user_id))
    session.execute(
        update(Job)
        .where(col(Job.user_id) == user_id)
        .values(prompt="", negative=None, seed=None, writing=None)
    )
    for table in (Ruling, Grading, WritingChoice):  # the rounds go with their grading
        session.execute(delete(table).where(col(table.user_id) == user_id))
    own = select(col(Call.id)).where(col(Call.user_id) == user_id)
    session.execute(delete(CallResult).where(col(CallResult.call_id).in_(own)))
    session.execute(
        update(Call)
        .where(col(Call.user_id) == user_id)
        .values(request={}, report={}, failure_detail=None, reference=None, request_id=None)
    )
    return True
