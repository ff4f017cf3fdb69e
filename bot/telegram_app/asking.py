"""A question in a chat, and its answer below it."""

import asyncio
import logging
import time

from telegram import Message, Update
from telegram.ext import ExtBot

from bot.datatypes import Answer, Conversation, Turn
from bot.telegram_app.answer_messages import answer_text
from bot.telegram_app.buttons import keyboard_of
from bot.telegram_app.live import Live
from bot.telegram_app.parts import Parts
from bot.telegram_app.remembering import Kept
from bot.telegram_app.rooms import Room, room_of
from bot.telegram_app.sending import send
from bot.telegram_app.styled import plain
from bot.telegram_app.texts import language_of, say
from bot.terminal_chat import readable
from retrieval.errors import QuestionError

_LOG = logging.getLogger("footnote.telegram")
# An answer that comes later than this says which question it answers.
_LATE_SECONDS = 60


class Asking:
    """Answers what people ask, in their conversation."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._in_hand: dict[int, tuple[Room, int, str]] = {}

    async def answer(self, update: Update, question: str, bot: ExtBot[str]) -> None:
        """Answer a question, or go on with an answer that was cut off by a restart."""
        message = update.effective_message
        assert isinstance(message, Message)
        remembering, room, question = self._parts.remembering, room_of(message), readable(question)
        language = language_of(update.effective_user, (await remembering.room(room)).language)
        begun = await remembering.begun(update.update_id)
        if begun is None:
            if refusal := self._refusal(update, message, question, language):
                await send(bot, room, plain(refusal), reply_to=message.message_id)
                return
            self._in_hand[update.update_id] = room, message.message_id, language
            self._parts.monitor.in_hand(len(self._in_hand))
            try:
                answer, kept, skip = *await self._answer(update, room, question, bot, language), 0
            except QuestionError:
                await send(bot, room, plain(say("no_words", language)), reply_to=message.message_id)
                return
            finally:
                del self._in_hand[update.update_id]
                self._parts.monitor.in_hand(len(self._in_hand))
        else:
            kept, skip = begun
            found = await remembering.answer(room, kept)
            if found is None:
                return
            answer = found
        await send(
            bot,
            room,
            answer_text(answer),
            keyboard=keyboard_of(answer, kept, language),
            reply_to=message.message_id if _says_which(update, message, room) else None,
            skip=skip,
            sent=lambda: remembering.sent(update.update_id),
        )

    async def apologise(self, bot: ExtBot[str]) -> None:
        """Tell those whose answers are in hand that they come after the restart."""
        for room, message_id, language in list(self._in_hand.values()):
            await send(bot, room, plain(say("stopping", language)), reply_to=message_id)

    def _refusal(self, update: Update, message: Message, question: str, language: str) -> str | None:
        """Say why a question is not taken, if it is not."""
        settings, guards = self._parts.settings, self._parts.guards
        limit = settings.question_characters
        if len(question) > limit:
            self._parts.monitor.refused("long")
            return say("too_long", language, count=f"{len(question):,}", limit=f"{limit:,}")
        if len(self._in_hand) >= settings.telegram_answers_at_once + settings.telegram_waiting:
            self._parts.monitor.refused("busy")
            return say("too_busy", language)
        # All anonymous admins are one user to Telegram; their groups stand for them.
        sender = update.effective_sender
        wait = guards.wait_seconds(
            sender.id if sender else message.chat_id, message.edit_date or message.date
        )
        if wait:
            self._parts.monitor.refused("fast")
            return say("too_fast", language, seconds=max(1, round(wait)))
        return None

    async def _answer(
        self, update: Update, room: Room, question: str, bot: ExtBot[str], language: str
    ) -> tuple[Answer, Kept]:
        parts = self._parts
        conversation = await parts.remembering.conversation(room)
        started = time.monotonic()
        async with Live(bot, room, update.update_id, language) as live:
            answer = await self._written(question, conversation, live)
        seconds = time.monotonic() - started
        parts.monitor.answered(answer, seconds)
        shown = f": {question!r}" if parts.settings.telegram_log_questions else ""
        _LOG.info("chat %s: %s in %.1f s%s", room.chat_id, answer.status.value, seconds, shown)
        return answer, await parts.remembering.keep(room, Turn(question, answer), update.update_id)

    async def _written(self, question: str, conversation: Conversation, live: Live) -> Answer:
        """Let a worker answer, and show what it gives on the way."""
        loop = asyncio.get_running_loop()
        written: asyncio.Queue[str | Answer | Exception] = asyncio.Queue()

        def work() -> None:
            try:
                for part in self._parts.answers.stream(question, conversation):
                    loop.call_soon_threadsafe(written.put_nowait, part)
            except Exception as error:
                loop.call_soon_threadsafe(written.put_nowait, error)

        loop.run_in_executor(self._parts.workers, work)
        while True:
            part = await written.get()
            if isinstance(part, Answer):
                return part
            if isinstance(part, Exception):
                raise part
            live.write(part)


def _says_which(update: Update, message: Message, room: Room) -> bool:
    """Tell whether the answer has to say which question it answers."""
    is_late = time.time() - message.date.timestamp() > _LATE_SECONDS
    return not room.is_private or is_late or update.edited_message is not None
