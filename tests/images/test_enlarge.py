"""Enlarging on this computer: the same picture with more pixels, told of on the way, stopped when unwanted."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from runtz_core.images.enlarge import Stopped, enlarge
from runtz_core.images.errors import BadImage
from tests.images.picture_corpus import drawing, encoded


async def listening(_percent: int) -> bool:
    return True


@pytest.mark.parametrize(("times", "mode"), [(2, "RGB"), (4, "RGBA")])
async def test_the_same_picture_comes_out_larger(tmp_path: Path, times: int, mode: str) -> None:
    path, told = tmp_path / "in.png", []
    before = drawing(210, 40, mode)  # two tiles wide
    path.write_bytes(encoded(before))

    async def tell(percent: int) -> bool:
        told.append(percent)
        return True

    with Image.open(io.BytesIO(await enlarge(path, times, tell))) as after:
        after.load()
    assert (after.size, after.mode) == ((210 * times, 40 * times), mode)
    shrunk = after.convert("RGB").resize(before.size, Image.Resampling.BOX)
    off = ImageStat.Stat(ImageChops.difference(shrunk, before.convert("RGB"))).mean
    assert max(off) < 6, "no tile is missing, moved or of another colour"
    assert told == sorted(told)
    assert len(told) >= 2


async def test_it_ends_when_nobody_wants_it_any_more(tmp_path: Path) -> None:
    path = tmp_path / "in.png"
    path.write_bytes(encoded(drawing(210, 40)))

    async def tell(_percent: int) -> bool:
        return False

    with pytest.raises(Stopped):
        await enlarge(path, 2, tell)


async def test_what_is_no_picture_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "in.png"
    path.write_bytes(b"no picture")
    with pytest.raises(BadImage, match="could not be enlarged"):
        await enlarge(path, 2, listening)
