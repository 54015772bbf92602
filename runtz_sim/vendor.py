"""What a simulated vendor is made of: a name, its routes, its usual speed, and the ways it can fail."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from runtz_sim.faults import BODY_KINDS, LINK_KINDS, PICTURE_KINDS, WIRE_KINDS, Fault, FaultKind, Stage

if TYPE_CHECKING:
    from runtz_sim.desk import Desk

Refusal = Callable[[Fault, str], Response]  # (fault, model) -> the vendor's own error answer


class Refused(Exception):
    """A request the vendor turns down; carries the vendor's answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def retry_after(fault: Fault) -> dict[str, str]:
    """The Retry-After header a rate limit carries: the option as it is, "date" for seven seconds on, "none"."""
    value = fault.options.get("retry_after", "7")
    if value == "none":
        return {}
    return {"retry-after": formatdate(time.time() + 7, usegmt=True) if value == "date" else value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One simulated vendor. Its routes are mounted under `/{name}`."""

    name: str
    routes: Callable[["Desk"], list[BaseRoute]]
    seconds: Mapping[str, float]  # model -> usual seconds, near the published figures
    refusals: Mapping[FaultKind, Refusal]  # answered for the vendor, at any stage but the picture's
    oddities: Mapping[FaultKind, Stage]  # produced by the vendor's own routes
    quirks: frozenset[FaultKind] = frozenset()  # ways its text models misbehave, in good form
    draws: bool = True  # it has picture models
    polls: bool = False  # orders are tasks that are asked after
    inline: bool = True  # pictures may come as base64 inside the answer
    links: bool = True  # pictures may come as signed links
    link_seconds: float = 3600.0

    def stages_of(self, kind: FaultKind) -> tuple[Stage, ...]:
        """Where this vendor can show a fault, the usual place first; empty when it cannot."""
        calls = (Stage.ORDER, Stage.POLL, Stage.FREE) if self.polls else (Stage.ORDER, Stage.FREE)
        on_link = (Stage.PICTURE,) if self.links else ()
        if kind in self.quirks:
            return (Stage.ORDER,)
        if kind in self.oddities:
            return (self.oddities[kind],)
        if kind in self.refusals:
            return calls + (on_link if kind in LINK_KINDS else ())
        if kind in BODY_KINDS:
            return calls
        if kind in WIRE_KINDS:
            return calls + on_link
        if not self.draws:
            return ()
        if kind in PICTURE_KINDS or (kind is FaultKind.BAD_BASE64 and self.inline):
            return (Stage.PICTURE,)
        return on_link if kind in LINK_KINDS else ()
