"""What a call costs its person: the model's price, the owner's markup, nothing with a key of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from runtz_core.credits.rules import Rule
from runtz_core.credits.service import price_in_credits
from runtz_core.flow import lanes
from runtz_core.providers.base import Connection, ModelSpec, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One picture's price, frozen on its call: credits, micro-dollars of our price list, basis points."""

    credits: int
    usd_micros: int
    markup: int


def price(
    spec: ModelSpec,
    tier: str,
    size: Size,
    rule: Rule,
    connection: Connection,
    put_in: Sequence[Size] = (),
) -> Price:
    """The price of one picture over `connection`, made from pictures of the sizes `put_in`.

    A person's own key costs no credits (D7).
    """
    return priced(spec.price(tier, size) + spec.input_price(put_in), rule, connection)


def priced(usd_micros: int, rule: Rule, connection: Connection) -> Price:
    """What so many micro-dollars of our price list cost over `connection`."""
    credits = 0 if connection.key_owner is not None else price_in_credits(usd_micros, rule.markup)
    return Price(credits=credits, usd_micros=usd_micros, markup=rule.markup)


def lane(connection: Connection) -> str:
    """What one concurrency limit counts: a vendor as called with one key."""
    if connection.simulated:
        return f"{connection.provider}/simulated"
    return lanes.lane_of(connection.provider, connection.key_owner)
