"""In order within a room, at once across rooms; what is cut off by a stop waits for the next start."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import cast
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.telegram_app.rooms import order_of

# Far beyond what waits in a busy hour; a waiting update is a few kilobytes.
_MOST_AT_ONCE = 20_000
Done = Callable[[int], Awaitable[None]]


class RoomOrder(BaseUpdateProcessor):
    """Handles updates of one room one after the other, and marks each as done."""

    def __init__(self, done: Done) -> None:
        """Take what marks an update, by its id, as done."""
        super().__init__(max_concurrent_updates=_MOST_AT_ONCE)
        self._done = done
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._stopping = False
        self._postponed: set[int] = set()

    def stop(self) -> None:
        """Begin nothing more: what was not begun is not done, so it comes again at the next start."""
        self._stopping = True

    def postpone(self, update_id: int) -> None:
        """Leave an update that is being handled to the next start."""
        self._postponed.add(update_id)

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        """Handle an update when those before it in its room are handled."""
        assert isinstance(update, Update)
        lock = self._locks.setdefault(order_of(update), asyncio.Lock())
        async with lock:
            if self._stopping:
                cast(Coroutine[object, object, object], coroutine).close()
                return
            await coroutine
            if update.update_id not in self._postponed:
                await self._done(update.update_id)

    async def initialize(self) -> None:
        """Do nothing."""

    async def shutdown(self) -> None:
        """Do nothing."""
