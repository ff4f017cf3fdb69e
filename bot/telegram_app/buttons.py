"""The buttons below an answer, and what they do."""

import re
from collections.abc import Sequence
from contextlib import suppress

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.datatypes import Answer, AnswerStatus
from bot.telegram_app.answer_messages import further_passages, more_text, nearest_text, passage_text
from bot.telegram_app.parts import Parts
from bot.telegram_app.remembering import Kept
from bot.telegram_app.rooms import FORGET_ALL, FORGET_NOTHING, Room, room_of
from bot.telegram_app.sending import send
from bot.telegram_app.styled import StyledText
from bot.telegram_app.texts import LANGUAGES, language_of, say

# Telegram shows eight buttons in a row.
_IN_A_ROW, _MOST_NUMBERS = 8, 24
_PASSAGE, _MORE, _NEAREST, _GOOD, _BAD, LANGUAGE = "s", "m", "n", "g", "b", "l"
OWN_LANGUAGE = "own"
_LANGUAGE_BUTTONS = {f"{LANGUAGE}:{code}" for code in (*LANGUAGES, OWN_LANGUAGE)}
_ABOUT_ANSWER = re.compile("([smngb]):([0-9]{1,9}):([0-9]{1,9})(?::([0-9]{1,4}))?")


def keyboard_of(answer: Answer, kept: Kept, language: str) -> InlineKeyboardMarkup | None:
    """Make the buttons of an answer: its footnotes, what else was found, and what the person thinks of it."""
    if answer.status is AnswerStatus.CONVERSATION and not answer.citations:
        return None
    numbers = sorted({citation.number for citation in answer.citations})[:_MOST_NUMBERS]
    passages = [_button(str(number), _PASSAGE, kept, number) for number in numbers]
    rows = [passages[first : first + _IN_A_ROW] for first in range(0, len(passages), _IN_A_ROW)]
    last = [_button("👍", _GOOD, kept), _button("👎", _BAD, kept)]
    if answer.nearest:
        last.insert(0, _button(say("nearest", language), _NEAREST, kept))
    elif further_passages(answer):
        last.insert(0, _button(say("more", language), _MORE, kept))
    return InlineKeyboardMarkup([*rows, last])


def choices(labels: Sequence[tuple[str, str]]) -> InlineKeyboardMarkup:
    """Make a button a row for what a person can choose, each with what it stands for."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)] for label, data in labels])


class Buttons:
    """Does what a button says that is pressed; what it names is looked up in its own chat alone."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def press(self, query: CallbackQuery, bot: ExtBot[str]) -> None:
        """Do what a button says, and tell Telegram that it was done."""
        message = query.message
        if not isinstance(message, Message):  # Telegram no longer tells what stands in it
            await _tell(query, say("gone", language_of(query.from_user, None)))
            return
        room = room_of(message)
        chat = await self._parts.remembering.room(room)
        language = language_of(query.from_user, chat.language)
        data = query.data or ""
        if match := _ABOUT_ANSWER.fullmatch(data):
            kept = Kept(int(match[2]), int(match[3]))
            told = await self._about(match[1], room, kept, int(match[4] or 0), query, bot)
            await _tell(query, say(told, language) if told else "")
        elif data in _LANGUAGE_BUTTONS:
            await self._choose_language(data.partition(":")[2], room, query, bot)
        elif data == FORGET_ALL:
            count = await self._parts.remembering.forget(room)
            await _replace(query, say("forget_done", language, count=count), bot)
        elif data == FORGET_NOTHING:
            await _replace(query, say("kept", language), bot)
        else:
            await _tell(query, "")

    async def _about(
        self, what: str, room: Room, kept: Kept, number: int, query: CallbackQuery, bot: ExtBot[str]
    ) -> str | None:
        """Do what a button below an answer says, and name what to tell the person who pressed it."""
        remembering = self._parts.remembering
        if what in (_GOOD, _BAD):
            verdict = await remembering.judge(room, kept, query.from_user.id, is_good=what == _GOOD)
            return "gone" if verdict is None else "thanks" if verdict else "taken_back"
        answer = await remembering.answer(room, kept)
        if answer is None:
            return "gone"
        shown = await self._shown(what, answer, number)
        if shown is None:
            return "nothing_more"
        assert isinstance(query.message, Message)
        await send(bot, room, shown, reply_to=query.message.message_id)
        return None

    async def _shown(self, what: str, answer: Answer, number: int) -> StyledText | None:
        if what == _PASSAGE:
            return passage_text(answer, number)
        if what == _NEAREST:
            return nearest_text(answer)
        ids = {scored.passage.article_id for scored in further_passages(answer)}
        return more_text(answer, await self._parts.remembering.run(self._parts.articles, ids))

    async def _choose_language(self, chosen: str, room: Room, query: CallbackQuery, bot: ExtBot[str]) -> None:
        own = chosen == OWN_LANGUAGE
        await self._parts.remembering.choose_language(room, None if own else chosen)
        language = language_of(query.from_user, None if own else chosen)
        await _replace(query, say("language_own_chosen" if own else "language_chosen", language), bot)


def _button(label: str, what: str, kept: Kept, number: int | None = None) -> InlineKeyboardButton:
    place = f"{what}:{kept.session}:{kept.turn}"
    return InlineKeyboardButton(label, callback_data=place if number is None else f"{place}:{number}")


async def _replace(query: CallbackQuery, text: str, bot: ExtBot[str]) -> None:
    """Let a text stand where a question with buttons stood; whoever presses twice finds it there."""
    message = query.message
    assert isinstance(message, Message)
    await _tell(query, "")
    with suppress(BadRequest):
        await bot.edit_message_text(text, message.chat_id, message.message_id)


async def _tell(query: CallbackQuery, text: str) -> None:
    """Answer a button, which takes its waiting sign away; after a restart it can be too late for that."""
    with suppress(BadRequest):
        await query.answer(text or None)
