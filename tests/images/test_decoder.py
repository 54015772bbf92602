"""The decode processes: one may die, hang or be killed, and only its own picture notices."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PIL import Image

from runtz_core.images.decoder import Decoder, Look
from runtz_core.images.errors import BadImage, DecoderUnavailable
from runtz_core.images.formats import PNG
from runtz_core.images.intake import receive
from runtz_core.images.store import BlobStore
from runtz_core.settings import PROJECT_ROOT, Limits
from tests.images import picture_corpus as corpus

LIMITS = Limits()


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if "decode_child" in " ".join(child.cmdline())}


def _large() -> bytes:
    return corpus.encoded(Image.new("RGBA", (7000, 7000), (1, 2, 3, 4)), compress_level=1)


@pytest.fixture
def look(tmp_path: Path) -> Look:
    path = tmp_path / "picture"
    path.write_bytes(corpus.encoded(corpus.drawing()))
    return Look(path=path, form=PNG, max_pixels=LIMITS.image_pixels, widths=(320,))


async def test_a_poisonous_picture_dies_alone(store: BlobStore) -> None:
    with Decoder(2, memory=256 * corpus.MEGABYTE) as decoder:
        harmless = [corpus.noise(64, 64, seed=seed) for seed in range(20)]
        pictures = [*harmless[:10], _large(), *harmless[10:]]
        ends = await asyncio.gather(
            *(receive(store, decoder, data, LIMITS) for data in pictures), return_exceptions=True
        )
        failed = [end for end in ends if isinstance(end, BaseException)]
        assert ends[10] == failed[0]
        assert len(failed) == 1
        assert isinstance(failed[0], BadImage)
        assert "memory" in failed[0].reason
        await receive(store, decoder, harmless[0], LIMITS)


async def test_a_picture_that_takes_too_long_is_given_up(store: BlobStore) -> None:
    with Decoder(1, seconds=0.02) as decoder, pytest.raises(BadImage, match=r"longer than 0\.02 seconds"):
        await receive(store, decoder, _large(), LIMITS)
    assert list((store.root / "tmp").iterdir()) == []


def test_a_picture_whose_process_is_killed_half_way_is_tried_again(look: Look) -> None:
    before = _children()
    with Decoder(1) as decoder:
        decoder.look(look, meanwhile=lambda: None)
        (first,) = _children() - before
        os.kill(first, signal.SIGSTOP)  # so that it cannot answer before it is killed
        runs = []

        def kill_it() -> str:
            runs.append(os.kill(first, signal.SIGKILL))
            return "ran"

        seen, result = decoder.look(look, meanwhile=kill_it)
        assert (seen.width, seen.height, result) == (96, 64, "ran")
        assert len(runs) == 1
        assert first not in _children()


def test_a_process_killed_while_idle_costs_no_picture(look: Look) -> None:
    before = _children()
    with Decoder(1) as decoder:
        decoder.look(look, meanwhile=lambda: None)
        (idle,) = _children() - before
        psutil.Process(idle).kill()
        seen, _ = decoder.look(look, meanwhile=lambda: None)
        assert seen.width == 96


def test_a_fault_beside_the_child_never_mixes_up_answers(look: Look) -> None:
    def full() -> None:
        raise OSError("no room")

    with Decoder(1) as decoder:
        with pytest.raises(OSError, match="no room"):
            decoder.look(look, meanwhile=full)
        other = look.path.with_name("other")
        other.write_bytes(corpus.encoded(corpus.drawing(30, 20)))
        next_look = Look(path=other, form=PNG, max_pixels=None, widths=(320,))
        assert decoder.look(next_look, meanwhile=lambda: None)[0].width == 30


def test_a_missing_file_is_said_to_be_missing(look: Look, decoder: Decoder) -> None:
    look.path.unlink()
    with pytest.raises(FileNotFoundError):
        decoder.look(look, meanwhile=lambda: None)


async def test_processes_start_with_warm_and_end_with_close() -> None:
    before = _children()
    decoder = Decoder(3)
    assert _children() == before, "nothing starts before it is needed"
    await asyncio.gather(decoder.warm(), decoder.warm())
    assert len(_children() - before) == 3
    decoder.close()
    assert _children() == before


def test_a_quiet_process_starts_only_one(look: Look) -> None:
    before = _children()
    with Decoder(2) as decoder:
        for _ in range(5):
            decoder.look(look, meanwhile=lambda: None)
        assert len(_children() - before) == 1


async def test_a_decoder_that_cannot_start_says_so_and_blames_no_picture(store: BlobStore) -> None:
    impossible = 2**70  # bytes; no system can be asked for such a limit
    with Decoder(1, memory=impossible) as decoder, pytest.raises(DecoderUnavailable, match="does not start"):
        await receive(store, decoder, corpus.encoded(corpus.drawing()), LIMITS)


async def test_the_loop_turns_while_a_large_picture_is_opened(store: BlobStore, decoder: Decoder) -> None:
    receiving = asyncio.create_task(receive(store, decoder, _large(), LIMITS))
    turns = 0
    while not receiving.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await receiving).width == 7000
    assert turns > 100


async def test_cancelled_callers_leave_no_drafts(store: BlobStore) -> None:
    with Decoder(1) as decoder:
        calls = [
            asyncio.create_task(receive(store, decoder, corpus.noise(300, 300, seed=seed), LIMITS))
            for seed in range(8)
        ]
        await calls[0]
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    assert list((store.root / "tmp").iterdir()) == []


PARENT = """
import asyncio, sys
from runtz_core.images.decoder import Decoder
decoder = Decoder(2)
asyncio.run(decoder.warm())
print("warm", flush=True)
sys.stdin.read()
"""


def test_children_do_not_outlive_a_killed_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,  # the children hold it too, so its end is their end
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stderr is not None
        assert parent.stdout.readline() == b"warm\n"
        parent.kill()
        assert parent.stderr.read() == b""


def test_children_know_none_of_our_secrets(look: Look) -> None:
    before = _children()
    with Decoder(1) as decoder:
        decoder.look(look, meanwhile=lambda: None)
        (child,) = _children() - before
        assert set(psutil.Process(child).environ()) <= {"PATH", "LD_LIBRARY_PATH", "LC_CTYPE"}
