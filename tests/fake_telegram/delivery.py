"""How updates reach the bot: it asks for them, or they are sent to its address."""

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.fake_telegram.errors import Json, Refused, bad
from tests.fake_telegram.world import World

_TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_IS_SET = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_MOST_UPDATES, _LONGEST_POLL = 100, 50
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_PORTS = (None, 80, 88, 443, 8443)


class Delivery:
    """Hands updates over; lives in the loop of the server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._poll: _Poll | None = None
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.url = ""
        self._secret = ""
        # Where the address of a webhook leads, as a reverse proxy would have it.
        self.proxies: dict[str, str] = {}
        self.statuses: list[int] = []

    def wake(self) -> None:
        """Look again at what waits."""
        self._news.set()
        if self._poll:
            self._poll.news.set()

    async def get_updates(self, given: Mapping[str, object], is_gone: Callable[[], bool]) -> list[Json]:
        """Give what waits, or wait for it.

        Raises:
            Refused: There is a webhook, or somebody else asks after this.
        """
        if self.url:
            raise Refused(409, f"Conflict: {_WEBHOOK_IS_SET}")
        self._end_poll()
        poll = self._poll = _Poll()
        world = self._world
        with world.changed:
            if offset := _whole(given.get("offset")):
                world.confirm(offset)
            self._choose_kinds(given)
        ends = asyncio.get_running_loop().time() + min(_whole(given.get("timeout")), _LONGEST_POLL)
        while True:
            poll.news.clear()
            with world.changed:
                if not is_gone() and (
                    due := world.due(min(_whole(given.get("limit")) or _MOST_UPDATES, _MOST_UPDATES))
                ):
                    return due
            left = ends - asyncio.get_running_loop().time()
            if left <= 0 or is_gone():
                return []
            with suppress(TimeoutError):
                await asyncio.wait_for(poll.news.wait(), left)
            if poll.is_ended:
                raise Refused(409, f"Conflict: {_TERMINATED}")

    async def set_webhook(self, given: Mapping[str, object]) -> bool:
        """Begin to send updates to an address; an empty one ends it."""
        url, secret = str(given.get("url") or ""), str(given.get("secret_token") or "")
        parts = urlsplit(url)
        is_here = parts.hostname in ("127.0.0.1", "localhost")
        if url and parts.scheme != "https" and not is_here:
            raise bad("bad webhook: HTTPS url must be provided for webhook")
        if url and not is_here and parts.port not in _PORTS:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not re.fullmatch("[A-Za-z0-9_-]{0,256}", secret):
            raise bad("secret token contains unallowed characters")
        await self.stop()
        self._end_poll()
        self.url, self._secret = url, secret
        with self._world.changed:
            self._choose_kinds(given)
            if given.get("drop_pending_updates") is True:
                self._world.waiting.clear()
        if url:
            self._task = asyncio.create_task(self._send_all())
        return True

    async def stop(self) -> None:
        """End sending to a webhook."""
        self.url = ""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def info(self) -> Json:
        return {
            "url": self.url, "has_custom_certificate": False, "pending_update_count": len(self._world.waiting)
        }  # fmt: skip

    def _end_poll(self) -> None:
        if self._poll:
            self._poll.is_ended = True
            self._poll.news.set()

    def _choose_kinds(self, given: Mapping[str, object]) -> None:
        kinds = given.get("allowed_updates")
        if isinstance(kinds, list):
            self._world.kinds = frozenset(kinds)

    async def _send_all(self) -> None:
        world, pause = self._world, _FIRST_PAUSE
        async with ClientSession(timeout=ClientTimeout(total=60)) as session:
            while True:
                self._news.clear()
                if not world.waiting:
                    await self._news.wait()
                    continue
                first = world.waiting[0]
                if await self._send(session, first.update):
                    pause = _FIRST_PAUSE
                    with world.changed:
                        world.waiting.remove(first)
                        world.changed.notify_all()
                else:
                    await asyncio.sleep(pause / world.clock.speed)
                    pause = min(2 * pause, _LONGEST_PAUSE)

    async def _send(self, session: ClientSession, update: Json) -> bool:
        url = self.url
        for public, private in self.proxies.items():
            if url.startswith(public):
                url = private + url.removeprefix(public)
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        try:
            async with session.post(url, json=update, headers=headers) as response:
                self.statuses.append(response.status)
                return response.status == 200
        except (ClientError, TimeoutError):
            self.statuses.append(0)
            return False


class _Poll:
    """One request for updates that waits."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.is_ended = False


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
