"""What the owner does about a key that its provider refused: read it, or say that it is good again."""

import reflex as rx

from runtz_app.state.session import PersonMixin, SessionState, run_core
from runtz_core.flow import lanes


class BannerState(PersonMixin, rx.State):
    """Acts on the banners that `SessionState` holds; the owner's alone."""

    @rx.event
    async def put_away(self, lane: str) -> None:
        """It was read; it is not said again for this key."""
        await run_core(lanes.put_away, lane[:200])
        await self._without(lane)

    @rx.event
    async def try_again(self, lane: str) -> None:
        """Send with the refused key again."""
        await run_core(lanes.forgive_key, lane[:200])
        await self._without(lane)

    async def _without(self, lane: str) -> None:
        session = await self.get_state(SessionState)
        session.refused_keys = [one for one in session.refused_keys if one.lane != lane]
