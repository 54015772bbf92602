"""What can be moved and why not: amounts, reasons, and the refusals of the ledger."""

MOST = 10**12  # credits in one movement: a billion dollars is a mistake, not an amount
REASON_CHARS = 200


class InsufficientCredits(Exception):
    """More is asked for than is available. Nothing was changed."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(needed, available)
        self.needed = needed
        self.available = available


class BadAmount(ValueError):
    """Not an amount of credits that can be moved, or a reason is missing. Nothing was changed."""


class RefundTooLarge(BadAmount):
    """More would be given back than the call was charged. Nothing was changed; `left` credits can be."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def checked_amount(amount: object) -> int:
    """`amount` if it can be moved: a whole number of credits from 1 to MOST. Raises BadAmount."""
    if isinstance(amount, bool) or not isinstance(amount, int) or not 1 <= amount <= MOST:
        raise BadAmount(f"Credits are whole numbers from 1 to {MOST:,}.")
    return amount


def checked_reason(reason: str) -> str:
    """A reason as it is kept. Raises BadAmount."""
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_CHARS or not reason.isprintable():
        raise BadAmount(f"Give a reason of up to {REASON_CHARS} plain characters.")
    return reason
