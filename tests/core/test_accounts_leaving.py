"""Taking one's data along, going for good, and what stays."""

import json
import os
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.images import removal
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.images.models import Blob, Image
from runtz_core.images.store import WIDTHS, BlobStore
from runtz_core.jobs import service as jobs
from runtz_core.jobs.models import Call, CallState, Job
from runtz_core.leaving import deletion, export
from runtz_core.users import audit, people
from runtz_core.users import service as users
from runtz_core.users.models import AuditEntry
from tests.conftest import make_person
from tests.core.conftest import Submit

DATA = b"the bytes of a picture"
LONG_AGO = 1_000_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "pictures")


def put(
    session: Session, store: BlobStore, person: UUID, call_id: UUID | None = None, data: bytes = DATA
) -> Path:
    """A stored picture of `person` whose files are old."""
    digest = sha256(data).hexdigest()
    original = store.original(digest, "image/png")
    for path in (original, *(store.thumbnail(digest, width) for width in WIDTHS)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (LONG_AGO, LONG_AGO))
    stored = Stored(sha256=digest, size=len(data), media_type="image/png", width=4, height=3)
    images.record(session, user_id=person, call_id=call_id, stored=stored)
    session.commit()
    return original


def first_call(session: Session, job_id: UUID) -> Call:
    query = select(Call).where(col(Call.job_id) == job_id).order_by(col(Call.position)).limit(1)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one()


def start_all(session: Session) -> None:
    session.execute(update(Call).values(state=CallState.RUNNING, attempt=1, intent_at=func.clock_timestamp()))
    session.commit()


# --- export


def test_the_export_has_everything_of_one_person_and_nothing_of_another(
    session: Session, person: UUID, submit: Submit, store: BlobStore, tmp_path: Path
) -> None:
    job_id = submit(prompt="a secret garden")
    put(session, store, person, first_call(session, job_id).id)
    put(session, store, make_person(session, name="Eve"), data=b"another's")
    folder = tmp_path / "export"
    folder.mkdir()
    files = dict(export.collect(session, person, folder, store=store))
    told = {name: json.loads(path.read_text()) for name, path in files.items() if name.endswith(".json")}
    assert [row["prompt"] for row in told["jobs.json"]] == ["a secret garden"]
    assert {row["job_id"] for row in told["calls.json"]} == {str(job_id)}
    assert {row["purpose"] for row in told["credits.json"]} == {"grant", "reserve"}
    (picture,) = [path for name, path in files.items() if name.startswith("pictures/")]
    assert picture.read_bytes() == DATA
    assert told["pictures.json"][0]["sha256"] == sha256(DATA).hexdigest()
    assert "Eve" not in "".join(path.read_text() for name, path in files.items() if name.endswith(".json"))


def test_the_export_of_somebody_new_is_whole_too(session: Session, store: BlobStore, tmp_path: Path) -> None:
    person = make_person(session, available=0)
    files = dict(export.collect(session, person, tmp_path, store=store))
    assert json.loads(files["jobs.json"].read_text()) == []
    assert len(json.loads(files["profile.json"].read_text())) == 1


# --- leaving


def test_who_leaves_leaves_books_without_a_name(
    session: Session, person: UUID, submit: Submit, store: BlobStore
) -> None:
    job_id = submit(prompt="a secret garden")
    token = users.start_session(session, person)
    put(session, store, person)
    assert deletion.leave(session, person)
    session.commit()
    gone = people.profile(session, person)
    assert (gone.name, gone.email, gone.deleted) == (deletion.NOBODY, "", True)
    assert not session.execute(text("SELECT 1 FROM sessions")).first(), token
    assert session.execute(select(func.count()).select_from(Image)).scalar_one() == 0
    kept = session.get(Job, job_id, populate_existing=True)
    assert kept is not None
    assert kept.prompt == ""
    assert "secret garden" not in str(session.execute(text("SELECT calls::text FROM calls")).all())
    assert credits.balance(session, person).available == 10_000, "what was held is released, amounts stay"
    assert audit.entries(session)[0].actor == deletion.NOBODY


def test_a_running_call_finishes_first_and_is_erased_then(
    session: Session, person: UUID, submit: Submit, store: BlobStore
) -> None:
    job_id = submit("flux-2-pro", prompt="a secret garden")
    start_all(session)
    assert not deletion.leave(session, person)
    session.commit()
    call = first_call(session, job_id)
    assert call.cancel_requested_at is not None
    assert call.request != {}, "the worker still needs it"
    assert deletion.erase_departed(session) == 0

    # The worker ends it: its picture was paid for, so it is kept and charged, and then goes with the rest.
    put(session, store, person, call.id)
    credits.settle(session, person, call.id)
    session.execute(update(Call).values(state=CallState.SUCCEEDED, finished_at=func.clock_timestamp()))
    session.commit()
    assert deletion.erase_departed(session) == 1
    session.commit()
    assert session.execute(select(func.count()).select_from(Image)).scalar_one() == 0
    assert first_call(session, job_id).request == {}
    assert credits.balance(session, person).held == 0
    assert deletion.erase_departed(session) == 0, "there is nothing left to do"


def test_a_call_that_was_not_sent_is_released_at_once(session: Session, person: UUID, submit: Submit) -> None:
    submit()
    assert credits.balance(session, person).held > 0
    assert deletion.leave(session, person)
    assert (credits.balance(session, person).held, credits.balance(session, person).available) == (0, 10_000)


def test_the_address_is_free_again(session: Session, person: UUID) -> None:
    people.rename(session, person, name="Ada", email="ada@vela.studio")
    deletion.leave(session, person)
    other = make_person(session, name="Other")
    assert people.rename(session, other, name="Other", email="ada@vela.studio")


def test_the_owner_stays(session: Session) -> None:
    owner = users.ensure_owner(session).id
    with pytest.raises(people.NotAllowed):
        deletion.leave(session, owner)


def test_leaving_is_written_down(session: Session, person: UUID) -> None:
    deletion.leave(session, person)
    entry = session.execute(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(1)).scalar_one()
    assert (entry.action, entry.actor_id, entry.subject_id) == ("account_deleted", person, person)


def test_nobody_elses_work_is_touched(session: Session, person: UUID, submit: Submit) -> None:
    job_id = submit(prompt="mine to keep")
    eve = make_person(session, name="Eve")
    deletion.leave(session, eve)
    assert jobs.owned_job(session, person, job_id).prompt == "mine to keep"
    assert credits.balance(session, person).held > 0


# --- files


def test_files_that_nobody_uses_go_with_their_thumbnails(
    session: Session, person: UUID, store: BlobStore
) -> None:
    original = put(session, store, person)
    assert removal.remove_unused(session, store=store) == 0, "it is used"
    removal.forget_all(session, person)
    assert removal.remove_unused(session, store=store) == 1
    session.commit()
    assert not original.exists()
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    assert session.execute(select(func.count()).select_from(Blob)).scalar_one() == 0


def test_a_picture_shared_by_equal_bytes_stays(session: Session, person: UUID, store: BlobStore) -> None:
    original = put(session, store, person)
    put(session, store, make_person(session, name="Eve"))
    removal.forget_all(session, person)
    assert removal.remove_unused(session, store=store) == 0
    assert original.exists()


def test_a_file_that_was_just_stored_again_stays(session: Session, person: UUID, store: BlobStore) -> None:
    original = put(session, store, person)
    removal.forget_all(session, person)
    with store.draft(DATA) as draft:
        draft.sync()
        store.publish((draft, original))  # somebody is storing equal bytes; their row comes in a moment
    assert removal.remove_unused(session, store=store) == 0
    assert original.exists()


def test_a_file_freshened_while_it_is_being_removed_comes_back(
    session: Session, person: UUID, store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = put(session, store, person)
    removal.forget_all(session, person)
    move = Path.replace

    def freshened_first(path: Path, target: Path) -> Path:
        if path == original:
            os.utime(path)
        return move(path, target)

    monkeypatch.setattr(Path, "replace", freshened_first)
    assert removal.remove_unused(session, store=store) == 0
    assert original.read_bytes() == DATA


def test_a_file_that_is_gone_already_does_no_harm(session: Session, person: UUID, store: BlobStore) -> None:
    put(session, store, person).unlink()
    removal.forget_all(session, person)
    assert removal.remove_unused(session, store=store) == 1
