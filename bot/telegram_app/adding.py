"""Articles that people who may do so send: read into the index, and shown back as they were read."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from telegram import Document, Message, Update
from telegram.ext import ExtBot

from bot.telegram_app.addressing import command_in, is_forwarded, links_in
from bot.telegram_app.parts import Parts
from bot.telegram_app.rooms import room_of
from bot.telegram_app.sending import send
from bot.telegram_app.styled import Style, StyledText, plain, styled
from bot.telegram_app.texts import OWN_NAMES, language_of, say
from retrieval.articles import Reading
from retrieval.datatypes import Article
from retrieval.errors import FootnoteError
from retrieval.indexing import IndexReport

_LOG = logging.getLogger("footnote.telegram")
# What Telegram lets a bot download.
_LARGEST_MB = 20
# Nobody forwards a question as long as an article, nor an article as short as a question.
_SHORTEST_ARTICLE = 300
_SHOWN, _MOST_SHOWN = 300, 10
_FOLDER = "added"
# So many addresses of one message are read.
_MOST_LINKS = 5
AddSources = Callable[[Sequence[str]], tuple[Reading, IndexReport]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody sent, or a text that becomes one."""

    name: str
    content: bytes


class Adding:
    """Adds articles to the index; what was sent is kept beside it, under a name made of its content."""

    def __init__(self, parts: Parts, folder: Path, add_sources: AddSources) -> None:
        """Take the folder of the index, and what reads files and addresses into it."""
        self._parts = parts
        self._folder = folder / _FOLDER
        self._add_sources = add_sources
        self._one_writer = asyncio.Lock()

    def wants(self, message: Message) -> bool:
        """Tell whether a message in a private chat is an article of a person who may add some."""
        person = message.from_user
        if not person or person.id not in self._parts.settings.telegram_editors:
            return False
        text = (message.text or message.caption or "").strip()
        is_article = is_forwarded(message) and len(text) >= _SHORTEST_ARTICLE
        return message.document is not None or is_article or links_in(message) == [text]

    async def add(self, message: Message, update: Update, bot: ExtBot[str]) -> None:
        """Add what a message holds, or the one that it answers, and reply with what was read."""
        room, person = room_of(message), update.effective_user
        language = language_of(person, (await self._parts.remembering.room(room)).language)
        number = person.id if person else 0
        editors = self._parts.settings.telegram_editors
        if not editors:
            told = plain(say("add_off", language))
        elif number not in editors:
            told = plain(say("add_not_allowed", language, number=number))
        else:
            told = await self._added(message, language, bot)
        await send(bot, room, told, reply_to=message.message_id)

    async def _added(self, asking: Message, language: str, bot: ExtBot[str]) -> StyledText:
        message, text = _article_in(asking, bot)
        document = message.document
        size = (document.file_size or 0) / 1_000_000 if document else 0
        if size > _LARGEST_MB:
            return plain(say("add_large", language, size=f"{size:.1f}", limit=_LARGEST_MB))
        if document:
            sent = await _download(document)
        elif len(text) >= _SHORTEST_ARTICLE:
            sent = Sent("article.txt", text.encode("utf-8", "replace"))
        elif links := links_in(message):
            return await self._added_links(links[:_MOST_LINKS], language)
        else:
            return plain(say("add_how", language))
        try:
            async with self._one_writer:
                path = await asyncio.to_thread(self._keep, sent)
                reading, report = await asyncio.to_thread(self._add_sources, [str(path)])
        except (FootnoteError, OSError) as error:
            return plain(say("add_failed", language, why=self._parts.explain(error)))
        if not reading.articles:
            path.unlink(missing_ok=True)
            return plain(say("add_failed", language, why=_told(reading.problems, path, sent)))
        _LOG.info("%d articles added, %d changed", len(report.added), len(report.changed))
        shown = _shown_back(reading, report, language)
        return shown + plain(_told((*reading.problems, *reading.warnings), path, sent))

    async def _added_links(self, links: Sequence[str], language: str) -> StyledText:
        # Telegram makes a link of "example.org" too.
        names = [link if "://" in link else f"https://{link}" for link in links]
        try:
            async with self._one_writer:
                reading, report = await asyncio.to_thread(self._add_sources, names)
        except (FootnoteError, OSError) as error:
            return plain(say("add_failed", language, why=self._parts.explain(error)))
        told = "\n".join((*reading.problems, *reading.warnings))
        if not reading.articles:
            return plain(say("add_failed", language, why=told))
        _LOG.info("%d articles added, %d changed", len(report.added), len(report.changed))
        return _shown_back(reading, report, language) + plain(told)

    def _keep(self, sent: Sent) -> Path:
        """Write a file under its own name and a digest of its content, so that it replaces only itself."""
        given = Path(sent.name)
        stem = re.sub(r"[^\w-]+", "-", given.stem).strip("-")[:60] or "article"
        suffix = re.sub(r"[^.\w]", "", given.suffix.lower())[:10]
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{stem}-{sha256(sent.content).hexdigest()[:12]}{suffix}"
        path.write_bytes(sent.content)
        return path


def _article_in(message: Message, bot: ExtBot[str]) -> tuple[Message, str]:
    """Find the message that holds the article, and its text: this one, or the one that it answers.

    Each message of a topic answers the one that opened it. What the bot itself said is no article.
    """
    command, replied = command_in(message, bot), message.reply_to_message
    text = command[1] if command else (message.text or message.caption or "").strip()
    if not replied or not command or text or message.document or replied.forum_topic_created:
        return message, text
    is_own = replied.from_user is not None and replied.from_user.id == bot.id
    return replied, "" if is_own else (replied.text or replied.caption or "").strip()


async def _download(document: Document) -> Sent:
    file = await document.get_file()
    return Sent(document.file_name or "article.txt", bytes(await file.download_as_bytearray()))


def _shown_back(reading: Reading, report: IndexReport, language: str) -> StyledText:
    text = plain("")
    for article in reading.articles[:_MOST_SHOWN]:
        what = (
            "added"
            if article.id in report.added
            else "add_changed"
            if article.id in report.changed
            else "add_known"
        )
        text += styled(say(what, language, title=article.title), Style.BOLD) + plain(
            f"\n{_about(article, language)}\n"
        )
        start = " ".join(article.text[:_SHOWN].split())
        text += styled(start + (" …" if len(article.text) > _SHOWN else ""), Style.QUOTATION) + plain("\n\n")
    rest = len(reading.articles) - _MOST_SHOWN
    return text + plain(f"… + {rest}\n" if rest > 0 else "")


def _told(sentences: Iterable[str], path: Path, sent: Sent) -> str:
    """Name a file as it was sent; where it is kept concerns nobody."""
    return "\n".join(sentence.replace(str(path), sent.name) for sentence in sentences)


def _about(article: Article, language: str) -> str:
    unknown = say("unknown", language)
    return say(
        "add_dated",
        language,
        publisher=article.publisher or unknown,
        date=(article.published or unknown)[:10],
        tongue=OWN_NAMES.get(article.language or "", article.language or unknown),
        characters=f"{len(article.text):,}",
    )
