"""The owner's rules for models: on or off, and the markup on their prices."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.credits.models import ModelRule

PAR = 10_000  # basis points: 1 credit is a tenth of a cent
MOST_MARKUP = 100 * PAR


class BadMarkup(ValueError):
    """Not a markup: basis points from 0 to MOST_MARKUP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What holds for one model. `markup` is in basis points of its price."""

    enabled: bool = True
    markup: int = PAR


DEFAULT = Rule()


def rules(session: Session) -> Mapping[str, Rule]:
    """The rules that differ from DEFAULT, or did, by model."""
    rows = session.execute(select(ModelRule)).scalars()
    return {row.model: Rule(enabled=row.enabled, markup=row.markup_basis_points) for row in rows}


def set_rule(session: Session, model: str, *, enabled: bool, markup: int) -> None:
    """Decide about one model; calls already submitted keep their price. Raises BadMarkup."""
    if isinstance(markup, bool) or not isinstance(markup, int) or not 0 <= markup <= MOST_MARKUP:
        raise BadMarkup(markup)
    values = {"enabled": enabled, "markup_basis_points": markup}
    session.execute(
        upsert(ModelRule)
        .values(model=model, **values)
        .on_conflict_do_update(index_elements=[col(ModelRule.model)], set_=values)
    )
