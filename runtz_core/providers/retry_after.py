"""How long a vendor asks us to wait, out of every form they put it in."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 120.0  # seconds; a longer wish is cut, and the caller's own back-off takes over


def _clamped(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST)


def _number(text: str) -> float | None:
    try:
        value = float(text.strip().removesuffix("s"))
    except ValueError:
        return None
    return None if math.isnan(value) else value


def seconds_of(text: str, now: datetime) -> float | None:
    """Seconds meant by "7", "0.5", "7s" or an HTTP date, clamped to 0–120. None when it says nothing."""
    number = _number(text)
    if number is not None:
        return _clamped(number)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _clamped((moment - now).total_seconds())


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by `retry-after-ms`, else `Retry-After`, clamped to 0–120. None when neither says.

    `now` is the moment an HTTP date is measured from, by default this one.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _clamped(milliseconds / 1000)
    return seconds_of(headers.get("retry-after", ""), now or datetime.now(UTC))
