"""The queue of updates: each is written down before Telegram is told that we have it."""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.telegram_app.chats import Chats
from retrieval.errors import HistoryError

if TYPE_CHECKING:
    from telegram import Bot, Update

_LOG = logging.getLogger("footnote.telegram")
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_T = TypeVar("_T")


class Inbox(asyncio.Queue[object]):
    """Holds each update once, those of before the start first.

    While the database fails nothing is taken, so that Telegram keeps it.
    """

    def __init__(self, chats: Chats) -> None:
        super().__init__()
        self._chats = chats
        self._thread = ThreadPoolExecutor(1, "inbox")
        # A webhook puts several at a time, which must stay in the order in which they came.
        self._one_by_one = asyncio.Lock()

    async def put(self, item: object) -> None:
        """Write an update down and queue it, unless it is known; what else is queued goes through."""
        from telegram import Update

        if not isinstance(item, Update):
            await super().put(item)
            return
        async with self._one_by_one:
            if await self._until_kept(partial(self._chats.receive, item.update_id, _body(item))):
                await super().put(item)

    async def done(self, update_id: int) -> None:
        """Note that nothing is left to do for an update."""
        await self._until_kept(partial(self._chats.done, update_id))

    async def restore(self, bot: "Bot") -> int:
        """Queue what was not done when the bot stopped, before any other is taken, and count it."""
        from telegram import Update

        for body in await self._until_kept(self._chats.waiting):
            written = json.loads(body)
            try:
                update = Update.de_json(written, bot)
            except (LookupError, TypeError, ValueError):  # another version of the library wrote it
                _LOG.exception("update %s cannot be read again and is left out", written["update_id"])
                await self.done(written["update_id"])
            else:
                await super().put(update)
        return self.qsize()

    async def _until_kept(self, work: Callable[[], _T]) -> _T:
        return await until_kept(self._thread, work)


async def until_kept(thread: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
    """Do something with the database in a thread, again and again while the database fails."""
    pause = _SHORTEST_PAUSE
    while True:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work)
        except HistoryError as error:
            _LOG.error("%s Trying again in %.1f s.", error, pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _body(update: "Update") -> str:
    return json.dumps(update.to_dict(), default=_seconds)


def _seconds(moment: object) -> int:
    """Write the date of a message that Telegram no longer shows, which the library leaves as it is."""
    assert isinstance(moment, datetime)
    return int(moment.timestamp())
