"""How much a bot may send, on a clock that can run fast."""

import time
from collections import defaultdict, deque
from dataclasses import dataclass
from math import ceil

from tests.fake_telegram.errors import Refused


class Clock:
    """Seconds since the start, `speed` times as fast as those of the world."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._start = time.monotonic()

    def now(self) -> float:
        return (time.monotonic() - self._start) * self.speed


Window = tuple[int, float]  # so many in so many seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What Telegram documents, and where it documents nothing what people who met the limits report."""

    overall: tuple[Window, ...] = ((30, 1),)
    private: tuple[Window, ...] = ((5, 2), (35, 30))
    group: tuple[Window, ...] = ((20, 60),)
    edits: tuple[Window, ...] = ((1, 1),)
    drafts: tuple[Window, ...] = ((3, 3),)
    # How long a button's press and an inline query wait for their answers.
    callback_seconds: float = 15
    inline_seconds: float = 10


NO_LIMITS = Limits(overall=(), private=(), group=(), edits=(), drafts=())


class Rates:
    """Counts what is sent, and refuses what is too much; what is refused is not counted."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._sent: defaultdict[tuple[str, int, Window], deque[float]] = defaultdict(deque)

    def take(self, kind: str, chat_id: int) -> None:
        """Count a `message`, an `edit` or a `draft`.

        Raises:
            Refused: It is one too many.
        """
        now = self._clock.now()
        counted = [
            (window, self._sent[scope, number, window])
            for scope, number, windows in self._scopes(kind, chat_id)
            for window in windows
        ]
        waits = [_wait(window, times, now) for window, times in counted]
        if any(waits):
            raise flood(ceil(max(waits)), self._clock.speed)
        for _, times in counted:
            times.append(now)

    def _scopes(self, kind: str, chat_id: int) -> list[tuple[str, int, tuple[Window, ...]]]:
        limits = self._limits
        if kind == "draft":
            return [("draft", chat_id, limits.drafts)]
        if kind == "edit":
            return [("all", 0, limits.overall), ("edit", chat_id, limits.edits)]
        return [
            ("all", 0, limits.overall),
            ("chat", chat_id, limits.private if chat_id > 0 else limits.group),
        ]


def flood(seconds: float, speed: float = 1) -> Refused:
    """Make the refusal of who sends too much; a fast clock tells fewer real seconds."""
    told = seconds / speed
    told = int(told) if told == int(told) else told
    return Refused(429, f"Too Many Requests: retry after {told}", {"retry_after": told})


def _wait(window: Window, times: deque[float], now: float) -> float:
    count, seconds = window
    while times and now - times[0] >= seconds:
        times.popleft()
    return 0 if len(times) < count else max(times[0] + seconds - now, 0.001)
