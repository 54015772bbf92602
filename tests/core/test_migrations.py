"""The schema: what the steps build is what the classes say, and the next step can be drafted from them."""

import importlib
import re
import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, make_url
from sqlmodel import SQLModel

from runtz_core import db, migrations
from runtz_core.settings import PROJECT_ROOT, get_settings
from runtz_core.supervisor.installation import Installation
from tests.conftest import admin

CORE = PROJECT_ROOT / "runtz_core"
MODELS = sorted(
    f"runtz_core.{path.parent.name}.models"
    for path in CORE.glob("*/models.py")
    if path.parent.name != "providers"
)


@pytest.fixture
def steps() -> list[Script]:
    """Every step, newest first."""
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER).replace("%", "%%"))
    return list(ScriptDirectory.from_config(config).walk_revisions())


def test_the_steps_build_what_the_classes_say(database: Engine) -> None:
    for name in MODELS:
        importlib.import_module(name)
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_draft_knows_every_table() -> None:
    named = re.findall(
        r"^import (runtz_core\.\w+\.models)", (migrations.FOLDER / "env.py").read_text(), re.MULTILINE
    )
    assert sorted(named) == MODELS


def test_the_steps_stand_in_one_line_by_their_numbers(steps: list[Script]) -> None:
    numbers = [step.revision for step in reversed(steps)]
    assert numbers == [f"{number:04}" for number in range(1, len(steps) + 1)]
    assert all(Path(step.path).name.startswith(f"{step.revision}_") for step in steps)


def test_no_step_offers_a_way_back(steps: list[Script]) -> None:
    assert not [step.revision for step in steps if hasattr(step.module, "downgrade")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the steps, to draft into."""
    return Path(
        shutil.copytree(migrations.FOLDER, tmp_path / "alembic", ignore=shutil.ignore_patterns("__pycache__"))
    )


def test_nothing_is_drafted_when_nothing_is_missing(database: Engine, folder: Path) -> None:
    before = sorted(folder.glob("versions/*.py"))
    assert migrations.draft(db.database_url(get_settings()), "Nothing.", folder=folder) is None
    assert sorted(folder.glob("versions/*.py")) == before


def test_what_is_missing_is_drafted_as_the_next_step(
    database: Engine, installation: Installation, folder: Path, steps: list[Script]
) -> None:
    url = db.database_url(get_settings())
    with admin(installation, make_url(url).database or "") as connection:
        connection.execute("ALTER TABLE users DROP COLUMN google_subject, DROP COLUMN daily_cap")
    made = migrations.draft(url, "Caps and Google.", folder=folder)
    assert made == folder / "versions" / f"{len(steps) + 1:04}_caps_and_google.py"
    text = made.read_text()
    assert text.startswith('"""Caps and Google."""')
    assert "op.add_column('users', sa.Column('google_subject', sa.String(), nullable=True))" in text
    assert "op.add_column('users', sa.Column('daily_cap', sa.Integer(), nullable=True))" in text
    assert "downgrade" not in text
    assert "#" not in text


def test_a_database_that_is_behind_gets_no_draft(
    database: Engine, installation: Installation, folder: Path
) -> None:
    url = db.database_url(get_settings())
    with admin(installation, make_url(url).database or "") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(CommandError, match="not up to date"):
        migrations.draft(url, "Too early.", folder=folder)
