"""The configuration: what .env.example says is all there is, and it is true."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from runtz_core.connections.service import VENDORS
from runtz_core.settings import PROJECT_ROOT, ProviderSettings, Settings, postgres_url

EXAMPLE = PROJECT_ROOT / ".env.example"


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RUNTZ_")]:
        monkeypatch.delenv(name)


def settable(model: type[BaseModel], prefix: str = "RUNTZ_") -> set[str]:
    """The variable of every setting; those of providers once for each vendor."""
    names: set[str] = set()
    for name, field in model.model_fields.items():
        variable = prefix + name.upper()
        kind: Any = field.annotation
        if name == "providers":
            for vendor in VENDORS:
                names |= settable(ProviderSettings, f"{variable}__{vendor.upper()}__")
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= settable(kind, f"{variable}__")
        else:
            names.add(variable)
    return names


def lines() -> list[str]:
    return [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]


def test_the_example_names_every_setting_once_and_no_other() -> None:
    assert sorted(line.partition("=")[0] for line in lines()) == sorted(settable(Settings))


def test_a_copy_of_the_example_changes_nothing() -> None:
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


def test_a_value_in_the_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    changed = {
        "RUNTZ_PORT=": "RUNTZ_PORT=4000",
        "RUNTZ_PROVIDERS__FLUX__API_KEY=": "RUNTZ_PROVIDERS__FLUX__API_KEY=bfl-1",
        "RUNTZ_TIMING__LEASE=20": "RUNTZ_TIMING__LEASE=7",
    }
    file.write_text("\n".join(changed.get(line, line) for line in lines()))
    monkeypatch.setenv("RUNTZ_TIMING__LEASE", "8")
    settings = Settings(_env_file=file)
    key = settings.providers["flux"].api_key
    assert (settings.port, settings.timing.lease) == (4000, 8)
    assert key is not None
    assert key.get_secret_value() == "bfl-1"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgres_is_understood(scheme: str) -> None:
    url = f"{scheme}://me@/runtz?host=/run/sockets"
    assert postgres_url(url) == "postgresql://me@/runtz?host=/run/sockets"
    assert postgres_url(url, driver="psycopg") == "postgresql+psycopg://me@/runtz?host=/run/sockets"


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://me@here/runtz", "postgresql:me"])
def test_what_is_no_postgres_url_is_not_guessed_at(url: str) -> None:
    with pytest.raises(ValueError, match="Postgres"):
        postgres_url(url)
