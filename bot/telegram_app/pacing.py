"""Requests to Telegram no faster than it takes them, and again where they did not get through."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from random import uniform
from typing import Final, Protocol

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.telegram_app.bucket import Bucket
from bot.telegram_app.monitoring import Monitor

FOR_SHOW: Final = "for show"
# Telegram takes 30 messages a second in all, about one a second in a chat, and 20 a minute in a group.
_AT_ONCE, _EVERY_SECONDS = 5, 1 / 25
_CHAT_AT_ONCE, _CHAT_EVERY_SECONDS = 3, 1.0
_GROUP_MESSAGES, _GROUP_SECONDS = 20, 60.0
_EDIT_SECONDS, _DRAFT_SECONDS = 1.5, 1.0
# What is only for show leaves this much of what may be sent at once to messages.
_SPARE = 2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
_PATIENCE_SECONDS, _BRIEF_PATIENCE_SECONDS = 600.0, 15.0
# They belong to no chat, and nobody waits for them for long.
_BRIEF = frozenset({"answerCallbackQuery", "answerInlineQuery", "getFile"})
_NOT_MODIFIED = "message is not modified"

Reply = bool | dict[str, object] | list[dict[str, object]]
Call = Callable[[], Coroutine[object, object, Reply]]


class Skipped(Exception):
    """A request that is only for show would have had to wait, so it was not sent."""


class Time(Protocol):
    """What tells the time and lets it pass."""

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of those that Telegram tells a bot to wait."""

    def now(self) -> float:
        """Tell the time, in seconds from some start."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class RealTime:
    """Time as it passes, or `speed` times as fast, for a server whose limits are that much faster."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of those that Telegram tells a bot to wait."""
        return self._speed

    def now(self) -> float:
        """Tell the time, in seconds from some start."""
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds / self._speed)


class Pacing(BaseRateLimiter[str]):
    """Sends what lasts in order within a chat and as fast as Telegram allows; other chats wait for none.

    What did not get through is sent again, for ten minutes; what Telegram told to wait holds its chat alone,
    for as long as Telegram said. Typing, drafts and what is sent with `rate_limit_args=FOR_SHOW` is sent at
    once, or not: then the caller gets `Skipped`, or the error of the one attempt. Requests that concern no
    chat are not held.
    """

    def __init__(self, monitor: Monitor, clock: Time | None = None) -> None:
        self._monitor = monitor
        self._time = clock or RealTime()
        self._overall = Bucket(_AT_ONCE, _EVERY_SECONDS)
        self._chats: OrderedDict[int | str, _Chat] = OrderedDict()

    async def initialize(self) -> None:
        """Do nothing."""

    async def shutdown(self) -> None:
        """Do nothing."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[object, object, Reply]],
        args: tuple[object, ...],
        kwargs: dict[str, object],
        endpoint: str,
        data: dict[str, object],
        rate_limit_args: str | None,
    ) -> Reply:
        """Send a request when it may be sent.

        Raises:
            Skipped: It was only for show, and would have had to wait.
            TelegramError: Telegram refused it, or could not be reached for too long.
        """

        async def call() -> Reply:
            return await callback(*args, **kwargs)

        chat_id = data.get("chat_id")
        if not isinstance(chat_id, int | str):
            return await (self._briefly(call) if endpoint in _BRIEF else call())
        kind, chat = _kind_of(endpoint), self._chat(chat_id)
        if rate_limit_args == FOR_SHOW or kind in (_Kind.TYPING, _Kind.DRAFT):
            return await self._show(chat, kind, call)
        chat.in_hand += 1
        try:
            with self._monitor.request_waiting():
                async with chat.order:
                    return await self._deliver(chat, kind, call)
        finally:
            chat.in_hand -= 1

    async def _show(self, chat: "_Chat", kind: "_Kind", call: Call) -> Reply:
        """Send what is only for show, once and now."""
        now = self._time.now()
        if chat.in_hand or chat.wait(kind, now) or self._overall.wait(now, _SPARE):
            raise Skipped("It would have had to wait for what lasts.")
        self._overall.take(now)
        chat.in_hand += 1
        try:
            async with chat.order:
                return await self._once(chat, kind, call)
        finally:
            chat.in_hand -= 1

    async def _deliver(self, chat: "_Chat", kind: "_Kind", call: Call) -> Reply:
        """Send what lasts, until Telegram has taken or refused it."""
        tries, may_be_done = _Tries(self._time, _PATIENCE_SECONDS), False
        while True:
            await self._turn(chat, kind)
            try:
                return await self._once(chat, kind, call)
            except RetryAfter:
                # The chat is held now. Telegram was reached, so patience begins anew.
                tries = _Tries(self._time, _PATIENCE_SECONDS)
            except BadRequest as error:
                # An edit whose reply was lost has been made.
                if may_be_done and _NOT_MODIFIED in error.message.lower():
                    return True
                raise
            except NetworkError as error:
                may_be_done = True
                await tries.pause_or_raise(error)

    async def _briefly(self, call: Call) -> Reply:
        """Send what concerns no chat, again only while somebody may still wait for it."""
        chat, tries = _Chat(is_group=False), _Tries(self._time, _BRIEF_PATIENCE_SECONDS)
        while True:
            try:
                return await self._once(chat, _Kind.OTHER, call)
            except RetryAfter:
                wait = chat.wait(_Kind.OTHER, self._time.now())
                if wait > _BRIEF_PATIENCE_SECONDS:
                    raise
                await self._time.sleep(wait)
            except BadRequest:
                raise
            except NetworkError as error:
                await tries.pause_or_raise(error)

    async def _turn(self, chat: "_Chat", kind: "_Kind") -> None:
        """Wait until the chat takes something again, and then for a place among all chats."""
        while wait := chat.wait(kind, self._time.now()):
            await self._time.sleep(wait)
        now = self._time.now()
        wait = self._overall.wait(now)
        self._overall.take(now)
        if wait:
            await self._time.sleep(wait)

    async def _once(self, chat: "_Chat", kind: "_Kind", call: Call) -> Reply:
        try:
            reply = await call()
        except RetryAfter as error:
            self._monitor.told_to_wait()
            # The public attribute warns that its type will change.
            told = error._retry_after.total_seconds() * self._time.speed
            # Not all chats that were told to wait come back at once.
            chat.hold(self._time.now() + told + uniform(0.1, 1.0))
            raise
        except BadRequest:
            raise
        except NetworkError:
            self._monitor.network_error()
            raise
        finally:
            # Telegram counted the request before it replied, so what is paced from now is never too fast.
            chat.was_sent(kind, self._time.now())
        if kind is _Kind.MESSAGE:
            self._monitor.message_sent()
        return reply

    def _chat(self, chat_id: int | str) -> "_Chat":
        """Find a chat; with each new one two of the oldest are looked at, and forgotten where they rest."""
        if isinstance(chat_id, str) and chat_id.removeprefix("-").isdecimal():
            chat_id = int(chat_id)
        chat = self._chats.get(chat_id)
        if chat is None:
            now = self._time.now()
            for _ in range(min(2, len(self._chats))):
                oldest, other = self._chats.popitem(last=False)
                if not other.rests(now):
                    self._chats[oldest] = other
            # A name such as @channel stands for a channel or a public group.
            is_group = isinstance(chat_id, str) or chat_id < 0
            self._chats[chat_id] = chat = _Chat(is_group=is_group)
        else:
            self._chats.move_to_end(chat_id)
        return chat


class _Kind(Enum):
    MESSAGE = auto()
    EDIT = auto()
    DRAFT = auto()
    TYPING = auto()
    OTHER = auto()


def _kind_of(endpoint: str) -> _Kind:
    if endpoint == "sendChatAction":
        return _Kind.TYPING
    if endpoint.startswith("send") and endpoint.endswith("Draft"):
        return _Kind.DRAFT
    if endpoint.startswith(("send", "copy", "forward")):
        return _Kind.MESSAGE
    return _Kind.EDIT if endpoint.startswith("edit") else _Kind.OTHER


class _Chat:
    """When a chat takes what."""

    __slots__ = ("_drafted_at", "_edited_at", "_held_until", "_messages", "_window", "in_hand", "order")

    def __init__(self, *, is_group: bool) -> None:
        self.order = asyncio.Lock()
        self.in_hand = 0
        self._messages = Bucket(_CHAT_AT_ONCE, _CHAT_EVERY_SECONDS)
        self._window: deque[float] | None = deque(maxlen=_GROUP_MESSAGES) if is_group else None
        self._edited_at = self._drafted_at = self._held_until = float("-inf")

    def wait(self, kind: _Kind, now: float) -> float:
        """Tell in how many seconds a request may be sent; 0 for now."""
        ends = [self._held_until]
        if kind in (_Kind.MESSAGE, _Kind.EDIT):
            ends.append(now + self._messages.wait(now))
            if self._window is not None and len(self._window) == _GROUP_MESSAGES:
                ends.append(self._window[0] + _GROUP_SECONDS)
        if kind is _Kind.EDIT:
            ends.append(self._edited_at + _EDIT_SECONDS)
        if kind is _Kind.DRAFT:
            ends.append(self._drafted_at + _DRAFT_SECONDS)
        return max(0.0, max(ends) - now)

    def was_sent(self, kind: _Kind, now: float) -> None:
        """Count a request, whatever became of it."""
        if kind in (_Kind.MESSAGE, _Kind.EDIT):
            self._messages.take(now)
            if self._window is not None:
                self._window.append(now)
        if kind is _Kind.EDIT:
            self._edited_at = now
        if kind is _Kind.DRAFT:
            self._drafted_at = now

    def hold(self, until: float) -> None:
        """Send nothing until a time."""
        self._held_until = max(self._held_until, until)

    def rests(self, now: float) -> bool:
        """Tell whether nothing has to be known of the chat any more."""
        last = self._window[-1] if self._window else float("-inf")
        ends = (
            self._held_until,
            last + _GROUP_SECONDS,
            self._edited_at + _EDIT_SECONDS,
            self._drafted_at + _DRAFT_SECONDS,
        )
        return not self.in_hand and self._messages.is_full(now) and max(ends) <= now


class _Tries:
    """Waits longer after each error in a row, until it has been tried for long enough."""

    def __init__(self, clock: Time, patience: float) -> None:
        self._time = clock
        self._patience = patience
        self._pause = _FIRST_PAUSE
        self._since: float | None = None

    async def pause_or_raise(self, error: NetworkError) -> None:
        """Wait before the next try, or raise the error of the last."""
        now = self._time.now()
        self._since = now if self._since is None else self._since
        if now + self._pause - self._since > self._patience:
            raise error
        await self._time.sleep(self._pause * uniform(0.5, 1.0))
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
