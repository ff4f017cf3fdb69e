"""Measure the steps of an answer."""

from time import perf_counter


class Clock:
    """Tells how long each step took, in seconds."""

    def __init__(self) -> None:
        self._start = self._last = perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        """End a step."""
        now = perf_counter()
        self._laps[step] = round(now - self._last, 4)
        self._last = now

    def seconds(self) -> dict[str, float]:
        """Give the steps so far, and all of them together."""
        return {**self._laps, "total": round(perf_counter() - self._start, 4)}
