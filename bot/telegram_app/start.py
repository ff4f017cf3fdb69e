"""The command `footnote telegram`: build the parts of the bot, and run it until it is stopped."""

import asyncio
import logging
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from bot.assembly import build_gatherer, build_indexer, open_database
from bot.commands import Workplace, opened_assistant
from bot.database import Database
from bot.failures import explain
from bot.telegram_app.adding import Adding
from bot.telegram_app.app import TelegramBot
from bot.telegram_app.chats import Chats
from bot.telegram_app.guards import Guards
from bot.telegram_app.handlers import Reception
from bot.telegram_app.inbox import Inbox
from bot.telegram_app.monitoring import Monitor
from bot.telegram_app.pacing import Time
from bot.telegram_app.parts import Answers, Parts
from bot.telegram_app.remembering import Remembering
from retrieval.articles import Reading
from retrieval.datatypes import Article
from retrieval.errors import SettingError
from retrieval.indexing import IndexReport
from retrieval.library import Library

_NO_TOKEN = (
    "Telegram needs the token of a bot. Make a bot with @BotFather in Telegram, and put its token into "
    "FOOTNOTE_TELEGRAM_TOKEN."
)


def run_telegram(place: Workplace, *, may_build: bool) -> None:
    """Answer in Telegram until the process is told to stop.

    Raises:
        SettingError: There is no token, or it cannot be used.
    """
    token = place.settings.telegram_token
    if token is None:
        raise SettingError(_NO_TOKEN)
    log_to_stderr(token.get_secret_value())
    # One model answers and reads what is added.
    place = replace(place, build=cache(place.build))
    with (
        opened_assistant(place, may_build=may_build) as (assistant, index),
        closing(open_database(place.settings, place.folder, stays_open=True)) as database,
    ):
        asyncio.run(build_bot(place, assistant, index, database).run())


def build_bot(
    place: Workplace, answers: Answers, index: dict[str, str], database: Database, clock: Time | None = None
) -> TelegramBot:
    """Put the bot together.

    Args:
        place: The index and the settings.
        answers: What answers questions.
        index: How the index is described in receipts.
        database: Where conversations and updates are kept.
        clock: The time that paces what is sent, for a server whose limits are faster.
    """
    settings = place.settings
    monitor = Monitor(
        settings.telegram_monitor_host,
        settings.telegram_monitor_port,
        polls=settings.telegram_webhook_url is None,
    )
    chats = Chats(database)
    find = partial(_articles, place.folder)
    parts = Parts(
        settings=settings,
        answers=answers,
        articles=find,
        remembering=Remembering(database, chats, find, index),
        guards=Guards(
            users=settings.telegram_users,
            chats=settings.telegram_chats,
            questions_a_minute=settings.telegram_questions_a_minute,
            age_hours=settings.telegram_age_hours,
        ),
        monitor=monitor,
        workers=ThreadPoolExecutor(settings.telegram_answers_at_once, "answer"),
        explain=lambda error: explain(error, place.folder),
    )
    adding = Adding(parts, place.folder, partial(_add_sources, place))
    return TelegramBot(settings, Reception(parts, adding), Inbox(chats), monitor, clock)


def log_to_stderr(token: str) -> None:
    """Log what the bot does, and warnings of libraries, with the token blacked out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutToken(token))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("footnote").setLevel(logging.INFO)
    # What the library would say with a traceback is told in a sentence where it is handled.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)


class _WithoutToken(logging.Formatter):
    """Formats what is logged, blacks out a token wherever it came from, and leaves out what people sent."""

    def __init__(self, token: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("telegram"):
            # The library's cries for help show updates, and with them what people ask.
            record = logging.makeLogRecord({**record.__dict__, "args": None, "exc_info": None})
        return super().format(record).replace(self._token, "…")


def _articles(folder: Path, ids: Iterable[str] | None = None) -> dict[str, Article]:
    with closing(Library.open_any(folder)) as library:
        return library.articles(ids)


def _add_sources(place: Workplace, names: Sequence[str]) -> tuple[Reading, IndexReport]:
    indexer = build_indexer(place.settings, place.folder, place.build(place.settings))
    whole, report = Reading(), IndexReport()
    with closing(build_gatherer(place.settings, place.folder)) as gatherer:
        for reading in gatherer.gather(names):
            # A file that was sent never changes, and goes where nothing in it can be read.
            watched = tuple(source for source in reading.sources if source.kind != "files")
            part = indexer.update(replace(reading, sources=watched), lambda step, done, total: None)
            report.added += part.added
            report.changed += part.changed
            whole = replace(
                whole,
                articles=(*whole.articles, *part.articles),
                problems=(*whole.problems, *reading.problems),
                warnings=(*whole.warnings, *reading.warnings),
            )
    return whole, report
