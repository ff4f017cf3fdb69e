"""A bot whose requests are paced, and the server that sees them, in a time that passes at once."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.telegram_app.monitoring import Monitor
from bot.telegram_app.pacing import Pacing

OK = 200


class FakeTime:
    """Time that passes at once, and only when everybody waits."""

    def __init__(self, speed: float = 1) -> None:
        self.speed = speed
        self._now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._passing: asyncio.Task[None] | None = None

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        heappush(self._sleepers, (self._now + seconds, next(self._numbers), over))
        if self._passing is None:
            self._passing = loop.create_task(self._pass())
        await over

    async def _pass(self) -> None:
        while self._sleepers:
            # Whoever can do something does it first.
            for _ in range(20):
                await asyncio.sleep(0)
            when, _, over = heappop(self._sleepers)
            self._now = max(self._now, when)
            if not over.done():
                over.set_result(None)
        self._passing = None


class Seen(NamedTuple):
    """A request as Telegram's server sees it, in seconds since the first could come."""

    at: float
    endpoint: str
    chat: int
    text: str


class FakeServer(BaseRequest):
    """Answers each request after a latency, as it is told: a status, (429, seconds), an error, or 200."""

    def __init__(self, time: FakeTime, *, latency: float = 0.0) -> None:
        self.seen: list[Seen] = []
        self.script: dict[int, list[int | tuple[int, int] | Exception]] = {}
        self._time, self._latency, self._start = time, latency, time.now()

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        given = request_data.parameters if request_data else {}
        chat = int(str(given.get("chat_id", 0)))
        self.seen.append(
            Seen(self._time.now() - self._start, url.rpartition("/")[2], chat, str(given.get("text", "")))
        )
        if self._latency:
            await self._time.sleep(self._latency)
        script = self.script.get(chat)
        told = script.pop(0) if script else OK
        if isinstance(told, Exception):
            raise told
        status, wait = told if isinstance(told, tuple) else (told, None)
        message = {"message_id": len(self.seen), "date": 1, "chat": {"id": chat, "type": "private"}}
        if status == OK:
            return status, json.dumps({"ok": True, "result": message if "text" in given else True}).encode()
        reply = {"ok": False, "error_code": status, "description": "Told so"}
        return status, json.dumps(reply | ({"parameters": {"retry_after": wait}} if wait else {})).encode()

    def times(self, chat: int | None = None, endpoint: str | None = None) -> list[float]:
        return [
            round(seen.at, 6)
            for seen in self.seen
            if (chat is None or seen.chat == chat) and (endpoint is None or seen.endpoint == endpoint)
        ]

    def texts(self, chat: int) -> list[str]:
        return [seen.text for seen in self.seen if seen.chat == chat]


class World:
    """A bot, its pacing and a server, in a time of their own."""

    def __init__(self, *, latency: float = 0.0, speed: float = 1) -> None:
        self.time = FakeTime(speed)
        self.server = FakeServer(self.time, latency=latency)
        self.monitor = Monitor("127.0.0.1", None)
        self.bot: ExtBot[str] = ExtBot(
            "1:T", request=self.server, rate_limiter=Pacing(self.monitor, self.time)
        )

    def counted(self, name: str) -> float | None:
        return self.monitor.registry.get_sample_value(f"footnote_telegram_{name}")


def run(
    work: Callable[[World], Coroutine[object, object, None]], *, latency: float = 0.0, speed: float = 1
) -> World:
    """Let something happen in a new world."""

    async def live() -> World:
        world = World(latency=latency, speed=speed)
        await work(world)
        return world

    return asyncio.run(live())


def most_within(times: Sequence[float], seconds: float) -> int:
    """Count what came, at most, within so many seconds."""
    return max(sum(start <= time < start + seconds for time in times) for start in times)
