"""Sealed keys open for their own owner, provider and row, and for nothing else."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runtz_core.sealing import Keyring, Sealed, SealError, load_keyring

CONTEXT = "installation|openai|1"


def ring(*versions: int) -> Keyring:
    return Keyring({version: bytes([version]) * 32 for version in versions})


def test_a_sealed_key_opens_again() -> None:
    assert ring(1).open(ring(1).seal("sk-ключ", context=CONTEXT), context=CONTEXT) == "sk-ключ"


def test_sealing_twice_gives_different_bytes() -> None:
    one, other = (ring(1).seal("sk", context=CONTEXT) for _ in range(2))
    assert one.data != other.data


@pytest.mark.parametrize("context", ["other|openai|1", "installation|flux|1", "installation|openai|2", ""])
def test_a_row_moved_elsewhere_does_not_open(context: str) -> None:
    sealed = ring(1).seal("sk", context=CONTEXT)
    with pytest.raises(SealError, match="Enter it again"):
        ring(1).open(sealed, context=context)


def test_no_flipped_bit_opens() -> None:
    sealed = ring(1).seal("sk", context=CONTEXT)
    for place in range(len(sealed.data)):
        broken = bytearray(sealed.data)
        broken[place] ^= 1
        with pytest.raises(SealError):
            ring(1).open(Sealed(bytes(broken), 1), context=CONTEXT)


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 12])
def test_a_cut_row_does_not_open(data: bytes) -> None:
    with pytest.raises(SealError):
        ring(1).open(Sealed(data, 1), context=CONTEXT)


def test_the_newest_master_key_seals_and_old_ones_still_open() -> None:
    old = ring(1).seal("sk", context=CONTEXT)
    assert ring(1, 2).open(old, context=CONTEXT) == "sk"
    assert ring(1, 2).seal("sk", context=CONTEXT).version == 2


def test_a_lost_master_key_is_said() -> None:
    with pytest.raises(SealError, match="another master key"):
        ring(2).open(ring(1).seal("sk", context=CONTEXT), context=CONTEXT)


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ThreadPoolExecutor(6) as pool:
        rings = list(pool.map(lambda _: load_keyring(None, data), range(12)))
    assert all(found == rings[0] for found in rings)
    assert stat.S_IMODE((data / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in data.iterdir()] == ["master.key"]


def test_a_configured_key_wins_and_makes_no_file(tmp_path: Path) -> None:
    one, two = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    assert load_keyring(f"2:{two},1:{one}", tmp_path) == ring(1, 2)
    assert load_keyring(one, tmp_path) == ring(1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["nonsense!", "1:AAAA", "x:AAAA", "1:", base64.b64encode(b"short").decode()])
def test_what_is_no_master_key_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SealError, match="RUNTZ_MASTER_KEY is not a master key"):
        load_keyring(text, tmp_path)


def test_an_emptied_key_file_is_refused_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "master.key").touch()
    with pytest.raises(SealError, match=r"master\.key is not a master key"):
        load_keyring(None, tmp_path)


def test_keys_do_not_show_in_a_representation() -> None:
    assert "\\x01" not in repr(ring(1))
