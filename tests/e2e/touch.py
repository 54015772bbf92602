"""Fingers: touches that the browser itself turns into what pages hear, as a screen would send them."""

from collections.abc import Sequence

from tests.e2e.tab import Tab

Place = tuple[int, int]  # pixels from the top left of an element
STEPS = 8


class Finger:
    """One finger on an element until it is lifted."""

    def __init__(self, tab: Tab, wanted: str, at: Place) -> None:
        self._tab, self._corner = tab, _corner(tab, wanted)
        self._session = tab.page.context.new_cdp_session(tab.page)
        self._send("touchStart", [at])

    def move(self, to: Place) -> None:
        self._send("touchMove", [to])

    def lift(self) -> None:
        self._send("touchEnd", [])
        self._session.detach()

    def _send(self, kind: str, places: Sequence[Place]) -> None:
        left, top = self._corner
        points = [{"x": left + x, "y": top + y, "id": place} for place, (x, y) in enumerate(places)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def drag(tab: Tab, wanted: str, start: Place, end: Place) -> None:
    """One finger over the element."""
    _move(tab, wanted, [(start, end)])


def pinch(tab: Tab, wanted: str) -> None:
    """Two fingers drawn apart."""
    _move(tab, wanted, [((150, 200), (60, 120)), ((210, 260), (300, 340))])


def _move(tab: Tab, wanted: str, ways: Sequence[tuple[Place, Place]]) -> None:
    left, top = _corner(tab, wanted)
    session = tab.page.context.new_cdp_session(tab.page)
    for step in range(STEPS + 1):
        points = [
            {
                "x": left + x + (to_x - x) * step / STEPS,
                "y": top + y + (to_y - y) * step / STEPS,
                "id": finger,
            }
            for finger, ((x, y), (to_x, to_y)) in enumerate(ways)
        ]
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def _corner(tab: Tab, wanted: str) -> tuple[float, float]:
    box = tab.page.locator(wanted).bounding_box()
    assert box is not None, f"{wanted} is not shown"
    return box["x"], box["y"]
