"""Drafts the next migration from the tables' classes: `python -m scripts.draft_migration "What it does"`."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from runtz_core import migrations
from runtz_core.settings import Settings
from runtz_core.supervisor.installation import embedded_in_thread


def main() -> None:
    """Compare with a database of this moment, newest step included, that is gone afterwards."""
    options = argparse.ArgumentParser(prog="scripts.draft_migration", description=__doc__)
    options.add_argument("what", help="one sentence; it becomes the step's docstring and file name")
    what = f"{options.parse_args().what.strip().rstrip('.')}."
    os.environ["RUNTZ_ENV_FILE"] = ""
    with tempfile.TemporaryDirectory(prefix="runtz-") as folder:
        # A configured database must not be migrated by somebody who only wants a draft.
        settings = Settings(
            _env_file=None,
            data_dir=Path(folder),
            database_url=None,
            migration_database_url=None,
            redis_url=None,
        )
        with embedded_in_thread(settings, durable=False) as running:
            made = migrations.draft(running.settings.migration_database_url or "", what)
    if made is None:
        print("The database has everything the classes say; there is nothing to write.")
        return
    for tidy in (("check", "--fix", "--quiet"), ("format", "--quiet")):
        subprocess.run([sys.executable, "-m", "ruff", *tidy, str(made)], check=True)
    print("Read it: it does not see CHECKs, triggers, renamings, or what becomes of rows that are there.")


if __name__ == "__main__":
    main()
