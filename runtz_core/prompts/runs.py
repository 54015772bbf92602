"""Running what is in the prompt box: a job, noted as a use of the saved prompt it came from."""

from uuid import UUID

from sqlmodel import Session

from runtz_core.ids import parse_id
from runtz_core.jobs import service
from runtz_core.jobs.requests import Submission
from runtz_core.jobs.service import NotFound
from runtz_core.prompts import library, uses
from runtz_core.prompts.models import PromptUse


def submit(session: Session, user_id: UUID, submission: Submission, *, prompt_id: str = "") -> UUID:
    """Submit, and count it as a use of that saved prompt, once; a prompt that is gone is no reason not to run.

    Raises what `jobs.service.submit` raises.
    """
    job_id = service.submit(session, user_id, submission)
    known = parse_id(prompt_id)
    if known is not None and session.get(PromptUse, job_id) is None:
        try:
            library.owned(session, user_id, known, lock=True)
        except NotFound:
            return job_id
        uses.record_uses(session, user_id, {job_id: known})
    return job_id
