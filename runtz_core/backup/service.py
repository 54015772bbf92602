"""Making a backup while everything runs, and putting one back on a database that nobody uses."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, LiteralString
from urllib.parse import urlsplit

import psycopg
from alembic.script import ScriptDirectory
from psycopg import sql
from redis import Redis
from sqlmodel import Session

from runtz_core import events, migrations
from runtz_core.backup.archive import DATABASE, KEY, PICTURES, BadArchive, Manifest, verify, writing
from runtz_core.credits import books
from runtz_core.db import database_url, make_engine
from runtz_core.images.formats import FORMATS
from runtz_core.images.scrub import scrub
from runtz_core.images.store import SMALL, BlobStore
from runtz_core.jobs import upkeep
from runtz_core.sealing import KEY_FILE
from runtz_core.settings import Settings, postgres_url
from runtz_core.supervisor import StartRefused, binaries
from runtz_core.supervisor.schema import libpq_environment

_PICTURE = re.compile(
    r"pictures/(blobs|thumbs)/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{64})([-.][a-z0-9.]{3,8})"
)
_ENDINGS = {*(f".{form.extension}" for form in FORMATS.values()), f"-{SMALL}.webp"}
# Everything of ours lies in this schema; as Postgres made it, so that the next dump does not name it either.
_EMPTY = (
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner; "
    "GRANT USAGE ON SCHEMA public TO PUBLIC; COMMENT ON SCHEMA public IS 'standard public schema'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore has put back and found in order."""

    manifest: Manifest
    ended: int  # calls that were under way when the backup was made and whose outcome nobody knows


def back_up(
    settings: Settings,
    target: Path,
    *,
    with_key: bool = False,
    seen: Callable[[int, int], None] = lambda done, of: None,
) -> Manifest:
    """Write the database and every picture of one moment into `target`, and read all of it back.

    Work goes on meanwhile. `seen` is told how many pictures are in. Raises StartRefused.
    """
    owner = _owner(settings)
    store = BlobStore(settings.images_path)
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".runtz-backup-", dir=target.parent) as scratch,
            psycopg.connect(postgres_url(owner)) as connection,
            writing(target) as archive,
        ):
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            snapshot = _one(connection, "SELECT pg_export_snapshot()")
            revision = _one(connection, "SELECT version_num FROM alembic_version")
            dump = Path(scratch) / DATABASE
            _postgres("pg_dump", owner, "--format=custom", f"--snapshot={snapshot}", f"--file={dump}")
            archive.add(DATABASE, dump)
            dump.unlink()
            blobs = connection.execute("SELECT sha256, media_type FROM blobs ORDER BY sha256").fetchall()
            missing = []
            for done, (sha256, media_type) in enumerate(blobs, 1):
                path = store.original(sha256, media_type)
                if not path.exists() or archive.add(_inside(store, path), path) != sha256:
                    missing.append(sha256)
                elif (thumbnail := store.thumbnail(sha256, SMALL)).exists():
                    archive.add(_inside(store, thumbnail), thumbnail)
                seen(done, len(blobs))
            key = settings.data_dir / KEY_FILE
            if with_key and key.exists():
                archive.add(KEY, key)
            manifest = Manifest(
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                revision=revision,
                rows=_rows(connection),
                members=archive.members,
                missing=missing,
            )
            archive.close(manifest)
    except FileExistsError:
        raise StartRefused(f"{target} is there already. Nothing was changed; name another file.") from None
    except psycopg.Error as error:
        raise StartRefused(
            f"The database could not be read: {_last(str(error))}. No backup was made."
        ) from None
    except OSError as error:
        raise StartRefused(f"The backup could not be written: {error.strerror}. None was made.") from error
    except BadArchive as bad:
        raise StartRefused(f"The backup could not be read back: {bad}. None was made.") from bad
    return manifest


def read(archive: Path) -> Manifest:
    """What is in an archive, every byte of it compared. Raises StartRefused."""
    try:
        return verify(archive)
    except OSError as error:
        raise StartRefused(f"{archive} cannot be read: {error.strerror}.") from error
    except BadArchive as bad:
        raise StartRefused(f"{archive} is not a whole backup: {bad}. Nothing was changed.") from bad


def require_empty(settings: Settings, *, replace: bool) -> bool:
    """Whether there is data that would be replaced. Raises StartRefused when it may not be, or is in use."""
    owner = _owner(settings)
    with psycopg.connect(postgres_url(owner)) as connection:
        others = _one(
            connection,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename IS NOT NULL AND pid <> pg_backend_pid()",
        )
    if others:
        raise StartRefused(
            f"{others} other connections use this database. Stop every web and worker process, then start again."
        )
    filled = migrations.has_data(_alchemy(owner))
    if filled and not replace:
        raise StartRefused(
            "There is data here already. Nothing was changed. Name an empty --data folder, or replace what is "
            "here with --replace; a dump of the database that is replaced is kept."
        )
    return filled


def put_back(settings: Settings, archive: Path, manifest: Manifest) -> None:
    """Put an archive's pictures and database in place, and bring the schema up to date. Raises StartRefused.

    The database is replaced in one transaction or not at all.
    """
    if manifest.revision not in _known_revisions():
        raise StartRefused(
            f"The backup was made by a newer version (schema {manifest.revision}). Nothing was changed; "
            "bring the code up to date first."
        )
    store = BlobStore(settings.images_path)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.data_dir) as scratch:
        folder = Path(scratch)

        def take(name: str, file: IO[bytes]) -> None:
            if name.startswith(PICTURES):
                _keep_picture(store, name, file)
            elif name in (DATABASE, KEY):
                with (folder / name).open("xb") as copy:
                    shutil.copyfileobj(file, copy)

        try:
            verify(archive, take=take, known=manifest)
        except OSError as error:
            raise StartRefused(f"The pictures could not be written: {error.strerror}.") from error
        except BadArchive as bad:
            raise StartRefused(f"{archive} changed while it was read: {bad}.") from bad
        script = folder / "restore.sql"
        owner = _owner(settings)
        options = ("--no-owner", "--no-privileges", f"--file={script}", str(folder / DATABASE))
        _postgres("pg_restore", owner, *options)
        _postgres(
            "psql", owner, "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction",
            "-c", _EMPTY, "-f", str(script),
        )  # fmt: skip
        if (folder / KEY).exists():
            _keep_key(folder / KEY, settings.data_dir / KEY_FILE)
    with psycopg.connect(postgres_url(owner)) as connection:
        found = _rows(connection)
    if found != manifest.rows:
        raise StartRefused("The database does not hold the rows the backup lists. Restore it once more.")
    apart = settings.migration_database_url is not None
    runner = urlsplit(settings.database_url or "").username if apart else None
    migrations.upgrade(_alchemy(owner), app_role=runner)


def settle_in(settings: Settings, manifest: Manifest) -> Restored:
    """After `put_back`: end what was under way, empty Redis, look at everything. Raises StartRefused."""
    engine = make_engine(database_url(settings), pool_size=2)
    try:
        with Session(engine) as session:
            ended = upkeep.end_what_was_under_way(
                session, f"It was under way when the backup of {manifest.made_at} was made."
            )
            session.commit()
        _forget(settings)
        with Session(engine) as session:
            report = books.check(session)
        if not report.in_order:
            broken = "; ".join(check.claim for check in report.checks if not check.holds)
            raise StartRefused(f"Restored, but the books are not in order: not true that {broken}.")
        looked = scrub(engine, BlobStore(settings.images_path))
        lost = looked.damaged_in_all - len(manifest.missing)
        if not looked.complete or lost > 0:
            raise StartRefused(
                f"Restored, but {lost} pictures are not as the backup has them. Restore it again."
            )
    finally:
        engine.dispose()
    return Restored(manifest=manifest, ended=ended)


def _forget(settings: Settings) -> None:
    """Messages, hints and open tabs are of the database that was replaced."""
    for url in (
        events.pages_url(settings),
        events.hints_url(settings),
        events.redis_url(settings, events.BROKER),
    ):
        with Redis.from_url(url, socket_timeout=5) as redis:
            redis.flushdb()


def _keep_picture(store: BlobStore, name: str, file: IO[bytes]) -> None:
    """Write one picture of an archive, whose names are believed only in our own form. Raises BadArchive, OSError."""
    found = _PICTURE.fullmatch(name)
    if not found or found[5] not in _ENDINGS or found[4][:4] != found[2] + found[3]:
        raise BadArchive(f"it names a picture {name!r}")
    with store.draft(file.read()) as draft:
        draft.sync()
        store.publish((draft, store.root / name.removeprefix(PICTURES)))


def _keep_key(key: Path, place: Path) -> None:
    if place.exists() and place.read_bytes() != key.read_bytes():
        place.replace(place.with_name(f"{place.name}.replaced"))
    key.chmod(0o600)
    shutil.copy2(key, place)


def _inside(store: BlobStore, path: Path) -> str:
    return PICTURES + path.relative_to(store.root).as_posix()


def _owner(settings: Settings) -> str:
    return settings.migration_database_url or settings.database_url or ""


def _alchemy(url: str) -> str:
    return postgres_url(url, driver="psycopg")


def _known_revisions() -> set[str]:
    return {step.revision for step in ScriptDirectory(str(migrations.FOLDER)).walk_revisions()}


def _one(connection: psycopg.Connection, query: LiteralString) -> str:
    row = connection.execute(query).fetchone()
    return str(row[0]) if row and row[0] != 0 else ""


def _rows(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of every table."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    counted: dict[str, int] = {}
    for (table,) in tables:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        counted[table] = row[0] if row else 0
    return counted


def _postgres(program: str, url: str, *arguments: str) -> None:
    """Run one of Postgres' own programs. Raises StartRefused with its last words."""
    done = subprocess.run(
        [binaries.postgres_folder() / program, *arguments],
        env={**libpq_environment(url), "PGOPTIONS": "-c client_min_messages=warning"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise StartRefused(f"{program} did not work, and the database is as it was: {_last(done.stderr)}")


def _last(text: str) -> str:
    return next(reversed(text.strip().splitlines()), "no reason given")
