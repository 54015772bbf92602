"""A backup holds everything of one moment, a damaged one is refused, and what is put back is checked."""

import asyncio
import io
import json
import stat
import subprocess
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import make_url
from sqlmodel import Session, col, select

from runtz_core.backup import service
from runtz_core.backup.archive import DATABASE, KEY, MANIFEST, BadArchive, Manifest, verify, writing
from runtz_core.cli import restore as command
from runtz_core.credits import service as credits
from runtz_core.credits.books import check
from runtz_core.db import make_engine
from runtz_core.images.models import Image
from runtz_core.images.store import BlobStore
from runtz_core.jobs import work
from runtz_core.jobs.models import Call
from runtz_core.sealing import load_keyring
from runtz_core.settings import Settings, get_settings
from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.installation import Installation, embedded_in_thread
from tests.core.conftest import Submit, simulated, submit
from tests.images.gallery import content, digest, hang

__all__ = ["simulated", "submit"]

PICTURES = 12


@pytest.fixture
def house(
    installation: Installation, session: Session, person: UUID, submit: Submit, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:  # fmt: skip
    """An installation with pictures, a saved master key, and calls in every stage of being under way."""
    here = get_settings()
    owner = make_url(installation.settings.migration_database_url or "")
    name = make_url(here.database_url or "").database
    settings = here.model_copy(
        update={
            "data_dir": tmp_path / "house",
            "images_dir": tmp_path / "house" / "pictures",
            "migration_database_url": owner.set(database=name).render_as_string(hide_password=False),
        }
    )
    settings.data_dir.mkdir()
    load_keyring(None, settings.data_dir)
    hang(session, BlobStore(settings.images_path), person, PICTURES)
    submit(samples=2)
    claims = work.claim(session, worker="w", capacity=4, limits={}, lease=60)
    for one in claims[:2]:
        work.intend(session, one)
    session.commit()
    return settings


@pytest.fixture
def archive(house: Settings, tmp_path: Path) -> Path:
    service.back_up(house, tmp_path / "whole.tar")
    return tmp_path / "whole.tar"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A backup as far as the file goes: three pictures and a dump that no Postgres has seen."""
    source = tmp_path / "source"
    with writing(tmp_path / "small.tar") as made:
        for number in range(3):
            source.write_bytes(content(number))
            made.add(
                f"pictures/blobs/{digest(number)[:2]}/{digest(number)[2:4]}/{digest(number)}.png", source
            )
        source.write_bytes(b"PGDMP and then nothing")
        made.add(DATABASE, source)
        made.close(Manifest(made_at="now", revision="0001", rows={}, members=made.members))
    return tmp_path / "small.tar"


def put_back(folder: Path, archive: Path, *, replace: bool = False) -> service.Restored:
    settings = Settings(data_dir=folder, _env_file=None, database_url=None, redis_url=None)
    settings = settings.model_copy(update={"migration_database_url": None, "images_dir": None})
    return asyncio.run(command._restore(settings, archive, replace=replace))


def test_what_is_put_back_is_what_was_there(
    house: Settings, archive: Path, person: UUID, session: Session, tmp_path: Path
) -> None:
    before = session.execute(select(col(Image.id), col(Image.sha256)).order_by(col(Image.id))).all()
    available = credits.balance(session, person).available
    session.rollback()  # what follows takes longer than a transaction may stand open

    done = put_back(tmp_path / "other", archive)
    assert done.manifest.pictures == PICTURES
    assert done.ended == 8
    store = BlobStore(tmp_path / "other" / "uploaded_images")
    for number in range(PICTURES):
        assert store.original(digest(number), "image/png").read_bytes() == content(number)

    settings = Settings(data_dir=tmp_path / "other", _env_file=None, database_url=None, redis_url=None)
    with embedded_in_thread(settings.model_copy(update={"migration_database_url": None})) as there:
        engine = make_engine(there.settings.database_url or "", pool_size=1)
        with Session(engine) as restored:
            after = restored.execute(select(col(Image.id), col(Image.sha256)).order_by(col(Image.id))).all()
            assert after == before
            assert {call.state for call in restored.execute(select(Call)).scalars()} == {"unknown"}
            balance = credits.balance(restored, person)
            assert balance.held == 0
            assert balance.available > available, "what was held is given back"
        with Session(engine) as restored:
            assert check(restored, at_rest=True).in_order
        engine.dispose()

    with pytest.raises(StartRefused, match="data here already"):
        put_back(tmp_path / "other", archive)
    assert put_back(tmp_path / "other", archive, replace=True).ended == 8, "as the backup says, once more"
    assert len(list((tmp_path / "other" / "backups").glob("*-before-restore.dump"))) == 1


def test_a_backup_is_ours_alone_and_never_written_over(house: Settings, archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    before = archive.read_bytes()
    with pytest.raises(StartRefused, match="there already"):
        service.back_up(house, archive)
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.iterdir() if "partial" in path.name] == []


def test_the_master_key_goes_in_only_when_asked(house: Settings, archive: Path, tmp_path: Path) -> None:
    assert not service.read(archive).has_key
    with_key = service.back_up(house, tmp_path / "key.tar", with_key=True)
    assert with_key.has_key
    with tarfile.open(tmp_path / "key.tar") as tar:
        inside = tar.extractfile(KEY)
        assert inside is not None
        assert inside.read() == (house.data_dir / KEY).read_bytes()


def test_a_lost_picture_is_named_and_the_rest_is_saved(house: Settings, tmp_path: Path) -> None:
    BlobStore(house.images_path).original(digest(3), "image/png").unlink()
    made = service.back_up(house, tmp_path / "most.tar")
    assert (made.missing, made.pictures) == ([digest(3)], PICTURES - 1)


def test_a_full_disk_leaves_no_half_backup(house: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="None was made"):
        service.back_up(house, tmp_path / "nowhere" / "x.tar")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_one_wrong_bit_is_found(small: Path, share: float) -> None:
    data = bytearray(small.read_bytes())
    # In the middle of a file's bytes: padding between files is nobody's.
    with tarfile.open(small) as tar:
        members = tar.getmembers()
    member = members[int(share * len(members))]
    data[member.offset_data + member.size // 2] ^= 4
    small.write_bytes(data)
    with pytest.raises(StartRefused, match="not a whole backup"):
        service.read(small)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
def test_a_file_cut_short_is_refused(small: Path, share: float) -> None:
    data = small.read_bytes()
    small.write_bytes(data[: int(share * len(data))])
    with pytest.raises(StartRefused, match="not a whole backup"):
        service.read(small)


def rewritten(small: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """The same archive with other members, and a list that agrees with them."""
    with tarfile.open(small) as tar:
        files = {member.name: (tar.extractfile(member) or io.BytesIO()).read() for member in tar.getmembers()}
    manifest = json.loads(files.pop(MANIFEST))
    change(files)
    manifest["members"] = {
        name: {"size": len(data), "sha256": sha256(data).hexdigest()} for name, data in files.items()
    }
    with tarfile.open(small, "w") as tar:
        for name, data in {**files, MANIFEST: json.dumps(manifest).encode()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize(
    "name",
    [
        "pictures/../../evil.png",
        "pictures/blobs/aa/bb/evil.png",
        f"pictures/blobs/aa/bb/{'a' * 64}.sh",
        "pictures//etc/x",
    ],
)
def test_no_name_in_an_archive_leads_out_of_the_folder(small: Path, tmp_path: Path, name: str) -> None:
    rewritten(small, lambda files: files.update({name: b"evil"}))
    settings = Settings(data_dir=tmp_path / "other", _env_file=None, images_dir=None)
    settings.data_dir.mkdir()
    with pytest.raises(StartRefused, match="names a picture"):
        service.put_back(settings, small, service.read(small))
    assert list(tmp_path.rglob("*evil*")) == []


def test_a_dump_that_does_not_work_changes_nothing(small: Path, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="pg_restore did not work"):
        put_back(tmp_path / "other", small)


def test_a_backup_of_a_newer_version_is_refused(small: Path, tmp_path: Path) -> None:
    manifest = service.read(small)
    newer = Manifest(made_at=manifest.made_at, revision="9999", rows=manifest.rows, members=manifest.members)
    settings = Settings(data_dir=tmp_path, _env_file=None)
    with pytest.raises(StartRefused, match="newer version"):
        service.put_back(settings, small, newer)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"hello" * 1000)
    with pytest.raises(BadArchive):
        verify(tmp_path / "x")


def test_a_database_in_use_is_not_replaced(house: Settings) -> None:
    with pytest.raises(StartRefused, match="other connections"):
        service.require_empty(house, replace=True)


def test_the_dump_inside_is_one_that_postgres_reads(archive: Path, tmp_path: Path) -> None:
    from runtz_core.supervisor import binaries

    with tarfile.open(archive) as tar:
        tar.extract(DATABASE, tmp_path, filter="data")
    listed = subprocess.run(
        [binaries.postgres_folder() / "pg_restore", "--list", tmp_path / DATABASE],
        capture_output=True,
        text=True,
    )
    assert "TABLE DATA public transfers" in listed.stdout
