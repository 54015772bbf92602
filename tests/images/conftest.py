"""A folder of pictures and a decoder for each test; they are real, and closed afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtz_core.images.decoder import Decoder
from runtz_core.images.store import BlobStore


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "pictures with a space")


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder(2) as shared:
        yield shared


@pytest.fixture
def files(store: BlobStore) -> Callable[[], list[Path]]:
    """Every file the store holds, drafts included."""
    return lambda: sorted(path for path in store.root.rglob("*") if path.is_file())
