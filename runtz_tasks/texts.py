"""Text: from a question to a text model to its checked answer, stored and charged in one step."""

import asyncio
from contextlib import suppress
from functools import partial

from sqlmodel import Session

from runtz_core.failures import FailureKind
from runtz_core.images.decoder import Decoder
from runtz_core.images.store import BlobStore
from runtz_core.jobs import work
from runtz_core.jobs.claims import Claim, Fenced
from runtz_core.jobs.models import CallKind
from runtz_core.providers.base import Progress, ProviderError
from runtz_core.providers.opened import OpenedProviders
from runtz_core.providers.text import Answer, TextProvider, TextTask
from runtz_core.settings import Settings
from runtz_core.writing import ends, forms, tasks
from runtz_tasks.database import Database
from runtz_tasks.run import Phase, Run, begin


class Texts:
    """Works off calls that end with words: enhancements, grades, descriptions."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        store: BlobStore,
        decoder: Decoder,
        providers: OpenedProviders[TextProvider],
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._decoder = decoder
        self._providers = providers

    async def work_off(self, run: Run) -> None:
        """Ask, check the answer against its form, and store it. Raises ProviderError, Fenced."""
        task = await self._database.run(self._thaw, run.claim)
        connection = await self._database.run(begin, self._settings, run.claim)
        if connection is None:
            return
        run.leave(connection)
        async with self._providers.use(connection) as provider:
            answer = await self._ask(run, provider, task)
        run.arrive()
        run.phase = Phase.STORING
        try:
            forms.check(run.claim.request["form"], answer.content)
        except forms.BadAnswer as bad:
            raise ProviderError(
                FailureKind.BAD_RESPONSE, bad.reason, request_id=answer.request_id, cost=answer.cost
            ) from None
        also = partial(ends.after, claim=run.claim, content=dict(answer.content))
        await self._database.run_for_long(work.conclude, run.claim, answer, also=also)

    def _thaw(self, session: Session, claim: Claim) -> TextTask:
        return tasks.thaw(session, claim.user_id, claim.request, store=self._store, decoder=self._decoder)

    async def _ask(self, run: Run, provider: TextProvider, task: TextTask) -> Answer:
        run.phase = Phase.PAYING
        ask = {
            CallKind.ENHANCE: provider.write,
            CallKind.GRADE: provider.judge,
            CallKind.DESCRIBE: provider.describe,
        }[run.claim.kind]

        async def sent() -> None:
            with suppress(Fenced):
                await self._database.run(work.sent, run.claim)

        try:
            async with asyncio.timeout(self._settings.timing.call_deadline):
                return await ask(task, Progress(sent=sent))
        except TimeoutError:
            raise ProviderError(FailureKind.OUTCOME_UNKNOWN, "It did not finish in time.") from None
