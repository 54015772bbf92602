"""A question before something dear: what it would cost, until a person says yes or no."""

import reflex as rx

from runtz_core.jobs.booking import ConfirmationNeeded


class AskingMixin(rx.State, mixin=True):
    """What the question says; who mixes this in has the events `confirm` and `decline`."""

    asking: bool = False
    asking_credits: int = 0
    asking_usd_micros: int = 0
    asking_above: int = 0

    def _ask(self, dear: ConfirmationNeeded) -> None:
        self.asking, self.asking_credits, self.asking_above = True, dear.total, dear.above
        self.asking_usd_micros = dear.usd_micros
