"""What the verdicts say of each picture: how often it won, and its checklist; on the panel and on the cards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.jobs import queries
from runtz_core.jobs.views import Card, JobView
from runtz_core.writing import pairs
from runtz_core.writing.models import Ruling

Judge = tuple[str, bool]  # model, simulated


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One picture's verdicts, counted."""

    win_rate: int = -1  # per cent, a tie is half a win; -1 without verdicts
    verdicts: int = 0
    follows_prompt: str = ""  # "4 of 6"
    text_correct: str = ""  # "2 of 2", or "no text"
    artefacts: str = ""


def tally(image_id: UUID, rulings: Iterable[Ruling]) -> Tally:
    """Count what was said of one picture."""
    points, count = 0.0, 0
    checks: list[dict[str, Any]] = []
    for one in rulings:
        for side, shown in (("left", one.left_image_id), ("right", one.right_image_id)):
            if shown == image_id:
                count += 1
                points += 1.0 if one.winner == side else 0.5 if one.winner == "tie" else 0.0
                checks.append(one.left_checks if side == "left" else one.right_checks)
    if not checks:
        return Tally()
    lettered = [one for one in checks if one["text_correct"] != "no_text"]
    right = sum(one["text_correct"] == "correct" for one in lettered)
    flaws = list(dict.fromkeys(flaw for one in checks for flaw in one["artefacts"]))
    return Tally(
        win_rate=round(100 * points / count),
        verdicts=count,
        follows_prompt=f"{sum(one['follows_prompt'] for one in checks)} of {len(checks)}",
        text_correct=f"{right} of {len(lettered)}" if lettered else "no text",
        artefacts=", ".join(flaws[:4]) or "none seen",
    )


def rulings_of(session: Session, user_id: UUID, job_id: UUID) -> list[Ruling]:
    """The stored verdicts on a job's pictures, in the order they came."""
    return list(
        session.execute(
            select(Ruling)
            .where(col(Ruling.user_id) == user_id, col(Ruling.job_id) == job_id)
            .order_by(col(Ruling.created_at), col(Ruling.call_id))
        ).scalars()
    )


def muted_judges(session: Session, user_id: UUID) -> set[Judge]:
    """Whose verdicts count for nothing with this person."""
    return {judge for judge, bias in pairs.biases(session, user_id).items() if bias.muted}


def judged_view(session: Session, user_id: UUID, job_id: UUID) -> JobView | None:
    """`queries.job_view` with what the verdicts say on each card."""
    view = queries.job_view(session, user_id, job_id)
    if view is None or view.ready < 2:
        return view
    rulings = rulings_of(session, user_id, job_id)
    if not rulings:
        return view
    muted = muted_judges(session, user_id)
    heard = [one for one in rulings if (one.judge, one.simulated) not in muted]
    return replace(view, cards=_on_cards(view.cards, heard, rulings))


def _on_cards(cards: Sequence[Card], heard: list[Ruling], all_rulings: list[Ruling]) -> list[Card]:
    """Cards with their tally; what only muted judges said is struck through."""
    shown = []
    for card in cards:
        if not card.image_id:
            shown.append(card)
            continue
        image_id = UUID(card.image_id)
        found = tally(image_id, heard)
        struck = not found.verdicts
        found = found if found.verdicts else tally(image_id, all_rulings)
        if found.verdicts:
            card = replace(
                card,
                won=f"won {found.win_rate} % of {found.verdicts}",
                checklist=_checklist(found),
                verdict_muted=struck,
            )
        shown.append(card)
    return shown


def _checklist(found: Tally) -> str:
    letters = found.text_correct if found.text_correct == "no text" else f"lettering {found.text_correct}"
    flaws = "no artefacts seen" if found.artefacts == "none seen" else f"artefacts: {found.artefacts}"
    return f"follows the prompt {found.follows_prompt} · {letters} · {flaws}"
