"""How long each simulated model takes."""

from collections.abc import Mapping

DEFAULT_SECONDS = 8.0


class Latency:
    """Seconds from the arrival of an order to its picture, drawing included."""

    def __init__(self, usual: Mapping[str, Mapping[str, float]], scale: float) -> None:
        self._usual = usual
        self._first_scale = scale
        self._set: dict[tuple[str | None, str | None], float] = {}
        self.scale = scale

    def seconds(self, vendor: str, model: str, usual: float | None = None) -> float:
        """For one order. What was set counts as it is; usual times are scaled."""
        for key in ((vendor, model), (vendor, None), (None, None)):
            if key in self._set:
                return self._set[key]
        if usual is None:
            usual = self._usual.get(vendor, {}).get(model, DEFAULT_SECONDS)
        return usual * self.scale

    def set(self, vendor: str | None, model: str | None, seconds: float) -> None:
        """Fix the time of one model, of all of a vendor's (model None) or of everything (both None)."""
        self._set[vendor, model] = seconds

    def reset(self) -> None:
        """Back to the speeds it was started with."""
        self._set.clear()
        self.scale = self._first_scale
