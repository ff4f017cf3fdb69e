"""Which messages are questions to the bot, and what they ask."""

import re

from telegram import Message, MessageEntity
from telegram.ext import ExtBot

_LINK = (MessageEntity.URL, MessageEntity.TEXT_LINK)


def question_in(message: Message, bot: ExtBot[str]) -> str | None:
    """Find what a message asks the bot; None where it is not meant for it.

    In a private chat everything is. In a group, what mentions the bot or replies to a message of it; commands
    come another way.
    """
    text = message.text or message.caption
    if not text:
        return None
    if message.chat.type == message.chat.PRIVATE:
        return text.strip()
    replied = message.reply_to_message
    is_reply = bool(replied and replied.from_user and replied.from_user.id == bot.id)
    without = _without_mention(message, bot)
    if without is None and not is_reply:
        return None
    return (text if without is None else without).strip() or None


def command_in(message: Message, bot: ExtBot[str]) -> tuple[str, str] | None:
    """Find the command that a message begins with and what stands behind it; another bot's is none."""
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities
    if not (entities and entities[0].type == MessageEntity.BOT_COMMAND and entities[0].offset == 0):
        return None
    # A command is written in plain ASCII, so its length is the same in every unit.
    length = entities[0].length
    name, _, whose = text[1:length].partition("@")
    if whose and whose.casefold() != (bot.username or "").casefold():
        return None
    return name.lower(), text[length:].strip()


def is_own_result(message: Message, bot: ExtBot[str]) -> bool:
    """Tell whether somebody sent an answer of the bot here, which they chose while they typed."""
    return message.via_bot is not None and message.via_bot.id == bot.id


def is_forwarded(message: Message) -> bool:
    """Tell whether somebody else wrote a message first."""
    return message.forward_origin is not None


def links_in(message: Message) -> list[str]:
    """Find the web addresses in a message."""
    found = {**message.parse_entities([*_LINK]), **message.parse_caption_entities([*_LINK])}
    return [entity.url or text for entity, text in found.items()]


def _without_mention(message: Message, bot: ExtBot[str]) -> str | None:
    """Cut out where the bot is mentioned; None where it is not."""
    text = message.text or message.caption or ""
    entities = message.parse_entities([MessageEntity.MENTION]) or message.parse_caption_entities(
        [MessageEntity.MENTION]
    )
    name = f"@{bot.username}".casefold()
    mentions = {mention for mention in entities.values() if mention.casefold() == name}
    if not mentions:
        return None
    for mention in mentions:
        text = re.sub(rf"\s*{re.escape(mention)}\b[,:]?\s*", " ", text)
    return text
