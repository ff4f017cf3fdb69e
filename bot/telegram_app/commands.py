"""The commands of the Telegram bot, which its menu lists in every language that it talks."""

from importlib.metadata import PackageNotFoundError, version

from telegram import BotCommand, Message, Update
from telegram.ext import ExtBot

from bot.console import printable_line
from bot.shown import cut
from bot.telegram_app.answer_messages import passage_text, sources_text
from bot.telegram_app.asking import Asking
from bot.telegram_app.buttons import LANGUAGE, OWN_LANGUAGE, choices
from bot.telegram_app.parts import Parts
from bot.telegram_app.rooms import FORGET_ALL, FORGET_NOTHING, Room, room_of
from bot.telegram_app.sending import send
from bot.telegram_app.styled import StyledText, joined, plain
from bot.telegram_app.texts import LANGUAGES, OWN_NAMES, counted, language_of, say
from retrieval.datatypes import Article

MENU = ("ask", "new", "sources", "articles", "language", "forget", "help", "about", "start")
_NEWEST, _TITLE = 10, 200


class Commands:
    """Does what a command says."""

    def __init__(self, parts: Parts, asking: Asking) -> None:
        self._parts = parts
        self._asking = asking

    async def take(self, name: str, rest: str, update: Update, bot: ExtBot[str]) -> None:
        """Follow a command that the menu lists.

        Args:
            name: Which, without its slash.
            rest: What stands behind it.
            update: The message with the command.
            bot: Who follows it.
        """
        message = update.effective_message
        assert isinstance(message, Message)
        room = room_of(message)
        reply_to = None if room.is_private else message.message_id
        chat = await self._parts.remembering.room(room)
        language = language_of(update.effective_user, chat.language)
        if name == "ask":
            await self._ask(rest, message, update, bot, language)
        elif name == "language":
            labels = [(OWN_NAMES[code], f"{LANGUAGE}:{code}") for code in LANGUAGES]
            keyboard = choices([*labels, (say("language_own", language), f"{LANGUAGE}:{OWN_LANGUAGE}")])
            text = plain(say("language_choose", language))
            await send(bot, room, text, keyboard=keyboard, reply_to=reply_to)
        elif name == "forget":
            labels = [(say("forget_yes", language), FORGET_ALL), (say("forget_no", language), FORGET_NOTHING)]
            text = plain(say("forget_sure", language))
            await send(bot, room, text, keyboard=choices(labels), reply_to=reply_to)
        else:
            await send(bot, room, await self._text(name, rest, room, language), reply_to=reply_to)

    async def _ask(
        self, rest: str, message: Message, update: Update, bot: ExtBot[str], language: str
    ) -> None:
        replied = message.reply_to_message
        question = rest or (replied and (replied.text or replied.caption)) or ""
        if question.strip():
            await self._asking.answer(update, question.strip(), bot)
        else:
            how = plain(say("ask_how", language))
            await send(bot, room_of(message), how, reply_to=message.message_id)

    async def _text(self, name: str, rest: str, room: Room, language: str) -> StyledText:
        if name == "new":
            await self._parts.remembering.begin_anew(room)
            return plain(say("new", language))
        if name == "sources":
            return await self._sources(rest, room, language)
        if name == "help":
            commands = "\n".join(f"/{one}  {say(f'command_{one}', language)}" for one in MENU)
            return plain(f"{say('help', language)}\n\n{say('help_commands', language)}\n{commands}")
        articles = await self._parts.remembering.run(self._parts.articles)
        if name == "articles":
            return plain(_articles_text(list(articles.values()), language))
        if name == "about":
            return plain(self._about(len(articles), language))
        return plain(_start_text(list(articles.values()), language))

    async def _sources(self, rest: str, room: Room, language: str) -> StyledText:
        conversation = await self._parts.remembering.conversation(room)
        cited = [turn.answer for turn in conversation if turn.answer.citations]
        if not cited:
            return plain(say("no_sources", language))
        number = int(rest) if rest.isdecimal() and len(rest) < 5 else None
        passage = passage_text(cited[-1], number) if number is not None else None
        return passage or joined((plain(say("sources", language)), sources_text(cited[-1])), "\n")

    def _about(self, articles: int, language: str) -> str:
        model = self._parts.settings.chat_model
        about = say("about", language, version=_version(), articles=counted("article", articles, language))
        written = say("about_chat_model", language, model=model.partition(":")[2]) if model else ""
        return f"{about}\n\n{written}".strip()


async def set_menu(bot: ExtBot[str]) -> None:
    """Tell Telegram the commands, in every language; English is for all other languages too."""
    for language in LANGUAGES:
        commands = [BotCommand(name, say(f"command_{name}", language)) for name in MENU]
        await bot.set_my_commands(commands, language_code=language)
        if language == "en":
            await bot.set_my_commands(commands)


def _version() -> str:
    try:
        return version("footnote-bot")
    except PackageNotFoundError:
        return ""


def _start_text(articles: list[Article], language: str) -> str:
    if not articles:
        return say("start_empty", language)
    publishers = len({article.publisher for article in articles if article.publisher})
    return say(
        "start",
        language,
        articles=counted("article", len(articles), language),
        publishers=counted("publisher", publishers, language),
        newest=cut(printable_line(_newest(articles)[0].title), _TITLE),
    )


def _articles_text(articles: list[Article], language: str) -> str:
    if not articles:
        return say("start_empty", language)
    dates = sorted(article.published[:10] for article in articles if article.published)
    dated = (
        say("articles_dated", language, first=dates[0], last=dates[-1])
        if dates
        else say("articles_undated", language)
    )
    codes = sorted({article.language for article in articles if article.language})
    languages = ", ".join(OWN_NAMES.get(code, code) for code in codes) or say("unknown", language)
    count = counted("article", len(articles), language)
    lines = [
        "– " + ", ".join(fact for fact in (one.title, one.publisher, (one.published or "")[:10]) if fact)
        for one in _newest(articles)[:_NEWEST]
    ]
    return "\n".join([say("articles", language, articles=count, languages=languages, dates=dated), *lines])


def _newest(articles: list[Article]) -> list[Article]:
    return sorted(articles, key=lambda article: (article.published or "", article.id), reverse=True)
