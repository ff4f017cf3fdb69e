"""A bot in a process of its own, to be measured and killed.

It is begun with `python -m tests.scripted_bot KIND URL TOKEN FOLDER [SECONDS SPEED]`. KIND is `footnote`, the
bot with all its parts but the assistant, whose answers take so many seconds; or `echo`, the smallest bot of
python-telegram-bot, to compare with. SPEED is how much faster than the world's the clock of Telegram runs.
"""

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

from bot.assembly import open_database
from bot.commands import Workplace
from bot.datatypes import Answer, AnswerStatus, Citation, Conversation
from bot.failures import exit_code
from bot.settings import Settings
from bot.telegram_app.pacing import RealTime
from bot.telegram_app.start import build_bot, log_to_stderr
from retrieval.datatypes import Article, Passage, ScoredPassage
from retrieval.errors import FootnoteError
from retrieval.library import Library
from tests.fakes import FakeEmbedder

TOKEN = re.compile(r"q\d+n\d+")
_QUOTES = (
    "the missiles are a direct threat to Europe and Japan",
    "Up to 12,000 soldiers have arrived in Kursk",
)
_FILLER = "It was said again, and again, and once more. " * 100


@dataclass(frozen=True, slots=True)
class TimedAnswers:
    """Answers with what was asked and how many questions came before, after a known time.

    A question with "long" takes two messages to answer; one with "fails" none.
    """

    article: Article
    seconds: float

    def stream(self, question: str, conversation: Conversation = ()) -> Iterator[str | Answer]:
        if self.seconds:
            time.sleep(self.seconds)
        if "fails" in question:
            raise RuntimeError(f"There is nothing to say to {question!r}.")
        found = TOKEN.search(question)
        token = found[0] if found else question
        lines = [f"{token}/1 after {len(conversation)}: {_QUOTES[0]} [1]"]
        lines += [_FILLER.strip(), f"{token}/2: {_QUOTES[1]} [2]"] if "long" in question else []
        text = self.article.text
        citations = [
            Citation(number=number, article=self.article, quote=quote, start=start, end=start + len(quote))
            for number, quote in enumerate(_QUOTES, start=1)
            for start in [text.index(quote)]
        ]
        passage = Passage(article_id=self.article.id, start=0, end=len(text), text=text)
        yield Answer(
            question=question,
            understood_as=question,
            status=AnswerStatus.ANSWERED,
            text="\n".join(lines),
            language="en",
            citations=tuple(citations),
            evidence=(ScoredPassage(passage, 1.0),),
            confidence=1.0,
        )


def timed_answers(index: Path, seconds: float = 0) -> TimedAnswers:
    """Make answers that quote the article of an index that has what they quote."""
    with closing(Library.open_any(index)) as library:
        article = next(one for one in library.articles().values() if _QUOTES[0] in one.text)
    return TimedAnswers(article, seconds)


def run_footnote(url: str, token: str, folder: Path, seconds: float, speed: float) -> None:
    """Run the bot until it is told to stop."""
    settings = Settings(
        telegram_token=SecretStr(token),
        telegram_url=url,
        telegram_questions_a_minute=600,
        telegram_waiting=100_000,
        telegram_answers_at_once=8,
    )
    log_to_stderr(token)
    place = Workplace(settings, folder, lambda settings: FakeEmbedder(), BytesIO())
    with closing(open_database(settings, folder, stays_open=True)) as database:
        bot = build_bot(place, timed_answers(folder, seconds), {}, database, RealTime(speed))
        asyncio.run(bot.run())


def run_echo(url: str, token: str) -> None:
    """Run a bot that says what it is told."""

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        assert message and message.text
        await context.bot.send_message(message.chat_id, f"{TOKEN.findall(message.text)[0]}/1 after 0")

    builder = ApplicationBuilder().token(token).base_url(f"{url}/bot").concurrent_updates(True)
    application: Any = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(allowed_updates=["message"])


def main() -> None:
    """Run the bot that the command line names."""
    kind, url, token, folder = sys.argv[1:5]
    seconds, speed = (float(word) for word in sys.argv[5:7] or ("0", "1"))
    if kind == "echo":
        run_echo(url, token)
        return
    try:
        run_footnote(url, token, Path(folder), seconds, speed)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        sys.exit(exit_code(error))


if __name__ == "__main__":
    main()
