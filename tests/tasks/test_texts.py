"""Text calls by a real worker and over HTTP: answered, charged once, or said to be unknown."""

from uuid import UUID

import pytest

from runtz_core.credits import service as credits
from runtz_core.db import unit_of_work
from runtz_core.settings import get_settings
from runtz_core.writing import enhance, grading
from runtz_core.writing.enhance import Draft
from tests.tasks.conftest import Workshop, until

CLAUDE, LUNA, MODELS = "claude-haiku-5-5", "gpt-6-luna", ("flux-2-pro", "ideogram-4-5")


def asked(workshop: Workshop, writer: str) -> UUID:
    with unit_of_work(workshop.engine) as session:
        found = enhance.start(session, get_settings(), workshop.person, "two candles", "", MODELS, writer)
    return UUID(found.call_id)


def ended(workshop: Workshop, call_id: UUID) -> Draft:
    def look() -> Draft | None:
        with unit_of_work(workshop.engine) as session:
            found = enhance.draft(session, workshop.person, call_id)
        return None if found.state == "waiting" else found

    return until(look, "the writer ends")


def test_words_are_written_marked_in_rounds_and_never_bought_twice(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_TIMING__CALL_DEADLINE", "5")
    workshop.simulator.arm("anthropic", "unavailable", where="order", times=1)
    workshop.simulator.arm("openai", "silence", where="order")
    with workshop.worker():
        calls = {writer: asked(workshop, writer) for writer in (CLAUDE, LUNA)}
        with unit_of_work(workshop.engine) as session:
            marked = grading.start(
                session, get_settings(), workshop.person, "a fox", rounds=3, wanted="gemini-3.5-flash-lite"
            )
        drafts = {writer: ended(workshop, call_id) for writer, call_id in calls.items()}

        def done() -> grading.GradingView | None:
            with unit_of_work(workshop.engine) as session:
                view = grading.view(session, workshop.person, marked)
            return None if view.running else view

        marks = until(done, "the rounds end")
    assert (drafts[CLAUDE].state, [one.lost for one in drafts[CLAUDE].versions]) == ("ready", [[], []])
    assert (drafts[LUNA].state, "not sent again" in drafts[LUNA].problem) == ("failed", True)
    assert len(workshop.simulator.calls("openai")) == 1
    assert [one.graded for one in marks.rounds] == [True, True, True]
    with unit_of_work(workshop.engine) as session:
        assert credits.balance(session, workshop.person).held == 0
