"""A database made current before anything uses it: dumped first if it holds data, then migrated.

Run as a program (`python -m runtz_core.supervisor.schema BACKUPS RESULT [--no-backup]`) it does so for the
configured database, makes the one-time owner link and leaves what it did in the file RESULT. It is a program
so that the supervisor, which stays for days, need not load the whole domain for one second of work.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from runtz_core import migrations
from runtz_core.settings import Settings, get_settings, postgres_url
from runtz_core.supervisor import StartRefused, binaries, owner_link

LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}


@dataclass(frozen=True, kw_only=True)
class Current:
    """The schema is what this code expects. `backup` is the dump taken first, `link_path` a fresh owner link's."""

    migrated: bool
    backup: str | None
    link_path: str


def make_current(settings: Settings, backups: Path, *, backup: bool = True) -> tuple[bool, Path | None]:
    """Migrate if needed; returns whether that was so and the dump taken before. Raises StartRefused."""
    owner = postgres_url(settings.migration_database_url or settings.database_url or "", driver="psycopg")
    if not migrations.pending(owner):
        return False, None
    dump = back_up(owner, backups) if backup and migrations.has_data(owner) else None
    runner = urlsplit(settings.database_url or "").username if settings.migration_database_url else None
    migrations.upgrade(owner, app_role=runner)
    return True, dump


def back_up(url: str, backups: Path, *, why: str = "before-migration") -> Path:
    """Dump the database at `url` into `backups`, whole or not at all. Raises StartRefused."""
    target = backups / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{why}.dump"
    partial = target.with_suffix(".partial")
    try:
        backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = binaries.postgres_folder() / "pg_dump"
        made = subprocess.run(
            [program, "--format=custom", f"--file={partial}"],
            env=libpq_environment(url),
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            raise StartRefused(
                _no_backup(next(reversed(made.stderr.strip().splitlines()), "no reason given"))
            )
        partial.rename(target)
    except OSError as error:
        raise StartRefused(_no_backup(str(error))) from error
    return target


def libpq_environment(url: str) -> dict[str, str]:
    """What tells Postgres' own programs where `url` is.

    In the environment, because every user of the machine can read the arguments of a program.
    """
    told = {
        variable: str(value)
        for name, value in conninfo_to_dict(postgres_url(url)).items()
        if (variable := LIBPQ.get(name))
    }
    return {**os.environ, **told}


def _no_backup(reason: str) -> str:
    return (
        f"The database needs a new schema, and it could not be backed up first: {reason}. Nothing was changed. "
        "Make room or correct the cause; or back it up yourself and run ./runtz migrate --no-backup."
    )


def main(backups: Path, result: Path, *, backup: bool) -> int:
    """Write what was done to `result`, or the sentence that says why not."""
    settings = get_settings()
    try:
        migrated, dump = make_current(settings, backups, backup=backup)
    except StartRefused as refusal:
        result.write_text(json.dumps({"refused": str(refusal)}))
        return 1
    done = Current(
        migrated=migrated, backup=str(dump) if dump else None, link_path=owner_link.new_path(settings)
    )
    result.write_text(json.dumps(asdict(done)))
    return 0


if __name__ == "__main__":
    os.umask(0o077)  # the link is a secret
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), backup="--no-backup" not in sys.argv))
