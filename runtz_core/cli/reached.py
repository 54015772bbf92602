"""The database of a data folder, for commands that need only that: the running instance's, or started for this."""

from collections.abc import Iterator
from contextlib import contextmanager

from runtz_core.settings import Settings
from runtz_core.supervisor.instance import running


@contextmanager
def reached(settings: Settings) -> Iterator[Settings]:
    """Settings with the addresses of what runs, or of what runs as long as the block. Raises StartRefused."""
    from runtz_core.supervisor.installation import embedded_in_thread

    instance = running(settings.data_dir)
    if instance is not None:
        yield settings.model_copy(
            update={
                "database_url": instance.database_url,
                "migration_database_url": instance.migration_database_url,
                "redis_url": instance.redis_url,
            }
        )
        return
    with embedded_in_thread(settings) as own:
        yield own.settings
