"""Everything kept about one person, as files they can take along."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select
from sqlmodel import Session, col

from runtz_core.credits.models import Account, Entry, Transfer
from runtz_core.images.formats import FORMATS
from runtz_core.images.intake import get_store
from runtz_core.images.models import Blob, Image
from runtz_core.images.store import BlobStore
from runtz_core.jobs.models import Batch, Call, CallResult, Job, JobInput
from runtz_core.prompts.models import OwnPreset, SavedPrompt, WordList
from runtz_core.sharing.models import Share
from runtz_core.users import audit
from runtz_core.users.models import ApiToken, SignIn, User
from runtz_core.viewing.models import Verdict
from runtz_core.writing.models import Grading, GradingRound, Ruling

BATCH = 500  # rows in memory at a time

_PROFILE: tuple[Any, ...] = (User.id, User.role, User.tier, User.name, User.email, User.created_at)
_SESSIONS: tuple[Any, ...] = (SignIn.created_at, SignIn.seen_at, SignIn.revoked_at, SignIn.user_agent)
_TOKENS: tuple[Any, ...] = (
    ApiToken.name, ApiToken.last_four, ApiToken.scopes, ApiToken.created_at, ApiToken.used_at, ApiToken.revoked_at,
)  # fmt: skip
_JOBS: tuple[Any, ...] = (
    Job.id,
    Job.created_at,
    Job.prompt,
    Job.negative,
    Job.ratio,
    Job.samples,
    Job.seed,
    Job.models,
    Job.batch_id,
    Job.writing,
    Job.remix,
    Job.strength,
)
_BATCHES: tuple[Any, ...] = (
    Batch.id, Batch.created_at, Batch.name, Batch.source, Batch.prompts, Batch.pictures, Batch.cancelled_at,
)  # fmt: skip
_PROMPTS: tuple[Any, ...] = (
    SavedPrompt.id, SavedPrompt.created_at, SavedPrompt.name, SavedPrompt.description, SavedPrompt.body,
    SavedPrompt.negative, SavedPrompt.tags, SavedPrompt.favourite, SavedPrompt.version, SavedPrompt.uses,
)  # fmt: skip
_CALLS: tuple[Any, ...] = (
    Call.id, Call.job_id, Call.kind, Call.retry_of, Call.provider, Call.model, Call.tier, Call.simulated,
    Call.request, Call.report, Call.state, Call.failure, Call.failure_detail, Call.request_id, Call.credits,
    Call.price_usd_micros, Call.cost_usd_micros, Call.cost_basis, Call.created_at, Call.sent_at,
    Call.received_at, Call.finished_at,
)  # fmt: skip
_INPUTS: tuple[Any, ...] = (JobInput.job_id, JobInput.position, JobInput.role, JobInput.image_id)
_LEDGER: tuple[Any, ...] = (
    Transfer.id, Transfer.created_at, Transfer.purpose, Transfer.call_id, Transfer.reason, Account.kind,
    Entry.amount, Entry.balance,
)  # fmt: skip
_IMAGES: tuple[Any, ...] = (
    Image.id, Image.call_id, Image.sha256, Image.width, Image.height, Image.kept, Image.origin, Image.created_at,
    Blob.media_type, Blob.size,
)  # fmt: skip
_SHARES: tuple[Any, ...] = (
    Share.id, Share.image_ids, Share.with_prompt, Share.created_at, Share.expires_at, Share.revoked_at, Share.opened,
)  # fmt: skip
_VERDICTS: tuple[Any, ...] = (
    Verdict.image_ids, Verdict.outcome, Verdict.chosen_id, Verdict.blind, Verdict.created_at,
)  # fmt: skip


def collect(
    session: Session, user_id: UUID, folder: Path, *, address: str = "", store: BlobStore | None = None
) -> list[tuple[str, Path]]:
    """Write one JSON file for each kind of data into `folder`; returns (name in the archive, file), pictures too.

    Pictures are the originals as received, where they are on the disk. Secrets are not among the data.
    """
    store = store or get_store()
    files = []
    for name, query in _queries(user_id).items():
        path = folder / f"{name}.json"
        _write(path, session.execute(query.execution_options(yield_per=BATCH)).mappings())
        files.append((path.name, path))
    files += _pictures(session, user_id, store)
    audit.record(session, "exported", actor=user_id, subject=user_id, address=address)
    return files


def _queries(user_id: UUID) -> dict[str, Select[Any]]:
    return {
        "profile": select(*_PROFILE).where(col(User.id) == user_id),
        "sessions": select(*_SESSIONS).where(col(SignIn.user_id) == user_id).order_by(col(SignIn.id)),
        "tokens": select(*_TOKENS).where(col(ApiToken.user_id) == user_id).order_by(col(ApiToken.id)),
        "jobs": select(*_JOBS).where(col(Job.user_id) == user_id).order_by(col(Job.id)),
        "inputs": select(*_INPUTS)
        .join(Job, col(Job.id) == col(JobInput.job_id))
        .where(col(Job.user_id) == user_id)
        .order_by(col(JobInput.job_id), col(JobInput.position)),
        "batches": select(*_BATCHES).where(col(Batch.user_id) == user_id).order_by(col(Batch.id)),
        "prompts": select(*_PROMPTS).where(col(SavedPrompt.user_id) == user_id).order_by(col(SavedPrompt.id)),
        "lists": select(col(WordList.name), col(WordList.words)).where(col(WordList.user_id) == user_id),
        "presets": select(col(OwnPreset.name), col(OwnPreset.words), col(OwnPreset.questions)).where(
            col(OwnPreset.user_id) == user_id
        ),
        "calls": select(*_CALLS).where(col(Call.user_id) == user_id).order_by(col(Call.id)),
        "credits": select(*_LEDGER)
        .join(Entry, col(Entry.transfer_id) == col(Transfer.id))
        .join(Account, col(Account.id) == col(Entry.account_id))
        .where(col(Account.user_id) == user_id)
        .order_by(col(Transfer.id), col(Account.kind)),
        "gradings": select(
            col(Grading.id),
            col(Grading.idea),
            col(Grading.grader),
            col(Grading.created_at),
            col(GradingRound.position),
            col(GradingRound.prompt),
            col(GradingRound.marks),
        )
        .join(GradingRound, col(GradingRound.grading_id) == col(Grading.id))
        .where(col(Grading.user_id) == user_id)
        .order_by(col(Grading.id), col(GradingRound.position)),
        "rulings": select(
            col(Ruling.call_id),
            col(Ruling.job_id),
            col(Ruling.judge),
            col(Ruling.left_image_id),
            col(Ruling.right_image_id),
            col(Ruling.winner),
            col(Ruling.reason),
            col(Ruling.created_at),
        )
        .where(col(Ruling.user_id) == user_id)
        .order_by(col(Ruling.call_id)),
        "answers": select(col(CallResult.call_id), col(CallResult.content), col(CallResult.created_at))
        .join(Call, col(Call.id) == col(CallResult.call_id))
        .where(col(Call.user_id) == user_id)
        .order_by(col(CallResult.call_id)),
        "pictures": _own_images(user_id),
        "links": select(*_SHARES).where(col(Share.user_id) == user_id).order_by(col(Share.id)),
        "verdicts": select(*_VERDICTS).where(col(Verdict.user_id) == user_id).order_by(col(Verdict.id)),
    }


def _own_images(user_id: UUID) -> Select[Any]:
    query: Select[Any] = (
        select(*_IMAGES)
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .where(col(Image.user_id) == user_id, col(Image.deleted_at).is_(None))
        .order_by(col(Image.id))
    )
    return query


def _pictures(session: Session, user_id: UUID, store: BlobStore) -> list[tuple[str, Path]]:
    found = [
        (f"pictures/{row.id}.{FORMATS[row.media_type].extension}", store.original(row.sha256, row.media_type))
        for row in session.execute(_own_images(user_id))
    ]
    return [(name, path) for name, path in found if path.is_file()]


def _write(path: Path, rows: Iterable[RowMapping]) -> None:
    """A JSON array, one row a line."""
    with path.open("w", encoding="utf-8") as file:
        before = "[\n"
        for row in rows:
            file.write(before + json.dumps(dict(row), default=str, ensure_ascii=False))
            before = ",\n"
        file.write("[]\n" if before == "[\n" else "\n]\n")
