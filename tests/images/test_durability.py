"""A picture's bytes are on disk before they get their name, and the name is on disk before anybody relies on it.

What the operating system is asked to do is written down by a process of its own while it stores one picture. Pulling
the plug itself cannot be tried here.
"""

import json
import subprocess
import sys
from pathlib import Path

_RECORDER = """
import asyncio, io, json, os, sys
from pathlib import Path
from PIL import Image
from runtz_core.images.decoder import Decoder
from runtz_core.images.intake import receive
from runtz_core.images.store import BlobStore
from runtz_core.settings import Limits

done = []
fsync, replace = os.fsync, os.replace

def recorded_fsync(descriptor):
    done.append(["fsync", os.readlink(f"/proc/self/fd/{descriptor}")])
    return fsync(descriptor)

def recorded_replace(source, target, **options):
    done.append(["rename", str(source), str(target)])
    return replace(source, target, **options)

os.fsync, os.replace = recorded_fsync, recorded_replace

async def main():
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(picture, "PNG")
    with Decoder(1) as decoder:
        await receive(BlobStore(Path(sys.argv[1])), decoder, picture.getvalue(), Limits())

asyncio.run(main())
print(json.dumps(done))
"""


def test_bytes_are_synced_before_their_name_and_the_folder_after_it(
    tmp_path: Path, project_root: Path
) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _RECORDER, str(tmp_path / "pictures")],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=True,
    )
    done = json.loads(found.stdout)
    renames = [(place, step) for place, step in enumerate(done) if step[0] == "rename"]
    assert len(renames) == 2  # the picture and its thumbnail
    for place, (_, source, target) in renames:
        assert ["fsync", source] in done[:place]
        assert ["fsync", str(Path(target).parent)] in done[place:]
