"""The one-time link that signs the owner in, as `up` and `runtz link` print it."""

from runtz_core.db import database_url, make_engine, unit_of_work
from runtz_core.settings import Settings
from runtz_core.users import service as users


def new_path(settings: Settings) -> str:
    """The path of a fresh link on the configured database; good for `timing.owner_link` seconds, once."""
    engine = make_engine(database_url(settings), pool_size=1)
    try:
        with unit_of_work(engine) as session:
            return users.link_path(users.new_owner_link(session, seconds=settings.timing.owner_link))
    finally:
        engine.dispose()
