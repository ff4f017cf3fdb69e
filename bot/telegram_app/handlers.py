"""Which update goes to whom."""

import logging
from secrets import token_hex

from telegram import Message, Update, User
from telegram.error import Forbidden, NetworkError, TimedOut
from telegram.ext import ExtBot

from bot.telegram_app.adding import Adding
from bot.telegram_app.addressing import command_in, is_own_result, question_in
from bot.telegram_app.asking import Asking
from bot.telegram_app.buttons import Buttons
from bot.telegram_app.commands import MENU, Commands
from bot.telegram_app.inline import Inline
from bot.telegram_app.parts import Parts
from bot.telegram_app.rooms import Room, room_of
from bot.telegram_app.sending import send
from bot.telegram_app.styled import plain
from bot.telegram_app.texts import language_of, say

_LOG = logging.getLogger("footnote.telegram")
_ADD = "add"
# Other errors of the library derive from these, and mean that Telegram has answered.
_UNREACHABLE = (NetworkError, TimedOut)


class Unsent(Exception):
    """Telegram could not be reached for as long as that makes sense: the update has to come again."""


class Reception:
    """Takes every update, turns away whom it has to, and hands the others on."""

    def __init__(self, parts: Parts, adding: Adding) -> None:
        self._parts = parts
        self._adding = adding
        self.asking = Asking(parts)
        self._commands = Commands(parts, self.asking)
        self._buttons = Buttons(parts)
        self._inline = Inline(parts)
        self._told: set[tuple[str, Room]] = set()

    async def take(self, update: Update, bot: ExtBot[str]) -> None:
        """Do what an update asks for; whatever goes wrong, the bot goes on.

        Raises:
            Unsent: Telegram cannot be reached.
        """
        try:
            await self._take(update, bot)
        except Forbidden:
            _LOG.info("update %d: the bot was blocked or put out of the chat", update.update_id)
        except Exception as error:
            if type(error) in _UNREACHABLE:
                raise Unsent from error
            await self._apologise(update, bot, error)

    async def _take(self, update: Update, bot: ExtBot[str]) -> None:
        chat, person = update.effective_chat, update.effective_user
        is_let_in = self._parts.guards.allows(person.id if person else None, chat.id if chat else None)
        if update.inline_query:
            if is_let_in:
                await self._inline.answer(update.inline_query, bot)
        elif update.callback_query:
            if is_let_in:
                await self._buttons.press(update.callback_query, bot)
        elif message := update.message or update.edited_message:
            if is_let_in:
                await self._message(message, update, bot)
            elif message.chat.type == message.chat.PRIVATE:
                number = person.id if person else 0
                await self._once("not_allowed", message, person, bot, number=number)

    async def _message(self, message: Message, update: Update, bot: ExtBot[str]) -> None:
        if is_own_result(message, bot):
            return
        command = command_in(message, bot)
        is_private = message.chat.type == message.chat.PRIVATE
        question = None if command else question_in(message, bot)
        wants_adding = is_private and not command and self._adding.wants(message)
        if not (command or question or wants_adding or (is_private and update.message)):
            return
        if self._parts.guards.is_too_old(message.date):
            date = f"{message.date:%Y-%m-%d %H:%M} UTC"
            await self._once("too_old", message, update.effective_user, bot, date=date)
        elif wants_adding or (command and command[0] == _ADD):
            await self._adding.add(message, update, bot)
        elif command and (command[0] in MENU or is_private):
            name, rest = command
            await self._commands.take(name if name in MENU else "help", rest, update, bot)
        elif question:
            self._told.discard(("no_text", room_of(message)))
            await self.asking.answer(update, question, bot)
        elif not command and message.effective_attachment:  # else it tells of a change of the chat
            await self._once("no_text", message, update.effective_user, bot)

    async def _once(
        self, name: str, message: Message, person: User | None, bot: ExtBot[str], **values: object
    ) -> None:
        """Say something once in a room, so that nobody can make the bot repeat it."""
        room = room_of(message)
        if (name, room) in self._told:
            return
        self._told.add((name, room))
        chosen = (await self._parts.remembering.room(room)).language
        text = say(name, language_of(person, chosen), **values)
        await send(bot, room, plain(text), reply_to=message.message_id)

    async def _apologise(self, update: Update, bot: ExtBot[str], error: Exception) -> None:
        number = token_hex(4)
        _LOG.error("error %s, update %d: %s", number, update.update_id, self._parts.explain(error))
        self._parts.monitor.failed()
        message = update.message or update.edited_message
        if message is None:
            return
        try:
            text = say("failed", language_of(update.effective_user, None), number=number)
            await send(bot, room_of(message), plain(text), reply_to=message.message_id)
        except Exception as second:
            _LOG.error("error %s could not be told: %s", number, self._parts.explain(second))
