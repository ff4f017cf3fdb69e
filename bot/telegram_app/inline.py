"""Answers while somebody types `@bot question` in any chat."""

import asyncio
from contextlib import suppress

from telegram import InlineQuery, InlineQueryResultArticle, InputTextMessageContent
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.datatypes import Answer
from bot.telegram_app.answer_messages import short_text
from bot.telegram_app.parts import Parts
from bot.telegram_app.sending import NO_PREVIEW
from bot.telegram_app.styled import message_entities
from retrieval.errors import QuestionError

# Nobody asks anything in fewer letters, and Telegram sends a query for every few that are typed.
_SHORTEST, _PAUSE_SECONDS = 8, 0.8
_DESCRIBED, _CACHE_SECONDS = 200, 300


class Inline:
    """Answers inline queries, each without a conversation, once the person has stopped typing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._typing: dict[int, str] = {}

    async def answer(self, query: InlineQuery, bot: ExtBot[str]) -> None:
        """Offer a short answer with its sources."""
        person = query.from_user.id
        self._typing[person] = query.id
        await asyncio.sleep(_PAUSE_SECONDS)
        if self._typing.get(person) != query.id:
            return
        del self._typing[person]
        question = query.query.strip()
        too_fast = len(question) >= _SHORTEST and self._parts.guards.wait_seconds(person, None)
        results = [] if len(question) < _SHORTEST or too_fast else await self._results(question)
        # A query that is a minute old is no longer shown to anybody.
        with suppress(BadRequest):
            await bot.answer_inline_query(
                query.id, results, cache_time=_CACHE_SECONDS if results else 0, is_personal=True
            )

    async def _results(self, question: str) -> list[InlineQueryResultArticle]:
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self._parts.workers, self._answer, question)
        except QuestionError:
            return []
        text = short_text(answer)
        content = InputTextMessageContent(
            text.text, entities=message_entities(text), link_preview_options=NO_PREVIEW
        )
        described = text.text.partition("\n")[2].strip() or text.text
        return [
            InlineQueryResultArticle(
                "answer", question[:_DESCRIBED], content, description=described[:_DESCRIBED]
            )
        ]

    def _answer(self, question: str) -> Answer:
        *_, answer = self._parts.answers.stream(question)
        assert isinstance(answer, Answer)
        return answer
