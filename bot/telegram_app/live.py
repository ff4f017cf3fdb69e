"""Show that an answer is on its way: typing, and what a chat model writes as it writes it."""

import asyncio
from contextlib import suppress

from telegram import Message
from telegram.constants import ChatAction
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.telegram_app.pacing import FOR_SHOW, Skipped
from bot.telegram_app.rooms import Room
from bot.telegram_app.styled import Style, StyledText, message_entities, plain, styled
from bot.telegram_app.texts import say

# Telegram shows "typing" for five seconds. An answer that is there sooner than that begins must not wait for
# the request, nor cut it off, which costs its connection.
_TYPING_AFTER_SECONDS, _TYPING_SECONDS = 0.4, 4.5
# As much as fits a message, with room for what stands above it.
_MOST_SHOWN = 3500


class Live:
    """Shows an answer on its way; whatever fails here never costs the answer.

    Only in private chats is text shown before it is checked: as a draft, which Telegram takes away by itself,
    or where the server knows no drafts as a message that is edited and in the end deleted. A group takes
    twenty messages a minute, which its answers need.
    """

    def __init__(self, bot: ExtBot[str], room: Room, number: int, language: str) -> None:
        """Take whose, where, a number of the draft that is not zero, and the person's language."""
        self._bot = bot
        self._room = room
        self._number = number
        self._head = styled(say("unchecked", language), Style.ITALIC) + plain("\n\n")
        self._knows_drafts = True
        self._message: asyncio.Task[Message] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._text = ""
        self._news = asyncio.Event()

    async def __aenter__(self) -> "Live":
        self._tasks.append(asyncio.create_task(self._type()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._message:
            with suppress(TelegramError, Skipped):
                await self._bot.delete_message(self._room.chat_id, (await self._message).message_id)

    def write(self, piece: str) -> None:
        """Show a piece of text after those before it, when Telegram allows the next one."""
        self._text += piece
        self._news.set()
        if self._room.is_private and len(self._tasks) == 1:
            self._tasks.append(asyncio.create_task(self._show()))

    async def _type(self) -> None:
        await asyncio.sleep(_TYPING_AFTER_SECONDS)
        while True:
            with suppress(TelegramError, Skipped):
                await self._bot.send_chat_action(
                    self._room.chat_id, ChatAction.TYPING, message_thread_id=self._room.topic
                )
            await asyncio.sleep(_TYPING_SECONDS)

    async def _show(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            with suppress(TelegramError, Skipped):
                await (self._draft() if self._knows_drafts else self._edit())

    async def _draft(self) -> None:
        shown = self._shown()
        try:
            await self._bot.send_message_draft(
                self._room.chat_id,
                self._number,
                shown.text,
                entities=message_entities(shown),
                message_thread_id=self._room.topic,
            )
        except (BadRequest, InvalidToken):  # the library takes an unknown method for an unknown token
            self._knows_drafts = False

    async def _edit(self) -> None:
        shown = self._shown()
        entities = message_entities(shown)
        if self._message is None:
            sending = self._bot.send_message(
                self._room.chat_id,
                shown.text,
                entities=entities,
                message_thread_id=self._room.topic,
                rate_limit_args=FOR_SHOW,
            )
            # Cut off, it would leave nobody to delete what it has sent.
            self._message = asyncio.create_task(sending)
            try:
                await asyncio.shield(self._message)
            except (TelegramError, Skipped):
                self._message = None
        else:
            number = (await self._message).message_id
            await self._bot.edit_message_text(
                shown.text, self._room.chat_id, number, entities=entities, rate_limit_args=FOR_SHOW
            )

    def _shown(self) -> StyledText:
        cut = len(self._text) > _MOST_SHOWN
        return self._head + plain("… " + self._text[-_MOST_SHOWN:] if cut else self._text or "…")
