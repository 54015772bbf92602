"""Content credentials are noticed where each format keeps them, and nowhere else."""

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from runtz_core.images.provenance import carries_credentials


def plain(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, form)
    return out.getvalue()


def signed(form: str) -> bytes:
    """The same picture with a manifest of a few bytes where one belongs."""
    data = plain(form)
    if form == "PNG":
        return data[:33] + struct.pack(">I4s", 4, b"caBX") + b"jumb" + bytes(4) + data[33:]
    if form == "JPEG":
        body = b"JP" + bytes(6) + struct.pack(">I4s", 40, b"jumb") + b"....jumdc2pa"
        return data[:2] + struct.pack(">BBH", 0xFF, 0xEB, len(body) + 2) + body + data[2:]
    if form == "WEBP":
        return data + struct.pack("<4sI", b"C2PA", 3) + b"abc\0"
    box = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"manifest"
    return data + struct.pack(">I4s", 8 + len(box), b"uuid") + box


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_credentials_are_noticed(form: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    media_type = f"image/{form.lower()}"
    path.write_bytes(plain(form))
    assert not carries_credentials(path, media_type)
    path.write_bytes(signed(form))
    assert carries_credentials(path, media_type)
    for cut in range(0, 60, 3):
        path.write_bytes(signed(form)[:cut])
        carries_credentials(path, media_type)


def test_what_is_gone_or_unknown_carries_nothing(tmp_path: Path) -> None:
    assert not carries_credentials(tmp_path / "nothing", "image/png")
    assert not carries_credentials(tmp_path, "text/html")
