"""The hourly work of a worker: what was left behind is cleared away, and the books are looked over."""

import asyncio
import logging
import time

from sqlmodel import Session

from runtz_core.credits import books
from runtz_core.db import get_engine
from runtz_core.images import removal
from runtz_core.images.store import BlobStore
from runtz_core.leaving import deletion
from runtz_core.vault import tallies, trash
from runtz_tasks.database import Database

log = logging.getLogger(__name__)

_ABANDONED = 24 * 3600.0  # seconds; no picture takes a day to write


async def tidy(database: Database, store: BlobStore) -> None:
    """Drop half-written files of workers that were killed long ago, and what people who left have left."""
    await asyncio.to_thread(store.discard_drafts, before=time.time() - _ABANDONED)
    await database.run(trash.end_expired)
    await database.run(tallies.fold_all)
    await database.run(deletion.erase_departed)
    await database.run(removal.remove_unused, store=store)
    await asyncio.to_thread(removal.collect_orphans, get_engine(), store)


async def check_books(database: Database) -> None:
    """Say loudly when the ledger does not add up; `./runtz check-books` shows the rows."""

    def step(session: Session) -> books.Report:
        return books.check(session)

    report = await database.run(step)
    for check in report.checks:
        if not check.holds:
            log.error("the books are not in order: %s (%d rows)", check.claim, check.broken)
