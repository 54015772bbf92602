"""How fast stored pictures are compared with their hashes, and whether all damage among them is found."""

import hashlib
import os
import random
import sys
import time
from uuid import UUID

from bench.processes import Others
from bench.report import Figures, Target, console, machine, parser, run, show
from bench.stand import stand
from runtz_core import db
from runtz_core.images import scrub
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.images.store import BlobStore

TARGETS = (Target(figure="scrub_mb_per_s", at_least=150), Target(figure="damage_missed", at_most=0))


def main() -> None:
    """Files of random bytes, every fiftieth of them damaged; one round over all."""
    options = parser("scrub", __doc__ or "")
    options.add_argument("--files", type=int, default=600, help="pictures (600)")
    options.add_argument("--kilobytes", type=int, default=1500, help="size of each (1500)")
    given = options.parse_args()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    with stand(seconds=1.0) as stood:
        store = BlobStore(stood.installation.settings.images_path)
        damaged = fill(stood.user_id, store, given.files, given.kilobytes * 1000)
        os.sync()
        with Others() as others:
            began = time.monotonic()
            report = scrub.scrub(db.get_engine(), store)
            seconds = time.monotonic() - began
    figures: Figures = {
        "scrub_mb_per_s": round(report.bytes / 1e6 / seconds, 1),
        "seconds": round(seconds, 2),
        "files": report.checked,
        "population": report.population,
        "damaged": damaged,
        "damage_missed": damaged - report.new,
        "others_cpu_share": others.share,
        **before,
    }
    asked = {
        "files": given.files, "kilobytes": given.kilobytes,
        "cache": "as left by writing the files; hashing and bookkeeping are measured, not the disk",
    }  # fmt: skip
    show("scrub", figures, asked, targets=TARGETS, as_json=given.json)


def fill(user_id: UUID, store: BlobStore, files: int, size: int) -> int:
    """Store and enter files of `size` bytes; every fiftieth is then damaged. Returns how many that were."""
    draw = random.Random(7)
    damaged = 0
    for number in range(files):
        data = draw.randbytes(size)
        sha256 = hashlib.sha256(data).hexdigest()
        path = store.original(sha256, "image/png")
        with store.draft(data) as draft:
            store.publish((draft, path))
        stored = Stored(sha256=sha256, size=size, media_type="image/png", width=1, height=1)
        with db.unit_of_work() as session:
            images.record(session, user_id=user_id, call_id=None, stored=stored)
        if number % 50 == 0:
            damaged += 1
            flipped = bytearray(data)
            flipped[draw.randrange(size)] ^= 1 << draw.randrange(8)
            path.write_bytes(flipped)
    return damaged


if __name__ == "__main__":
    sys.exit(run(main))
