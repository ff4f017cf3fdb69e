"""Send what is styled as messages that Telegram takes."""

from collections.abc import Awaitable, Callable

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.ext import ExtBot

from bot.telegram_app.rooms import Room
from bot.telegram_app.splitting import split
from bot.telegram_app.styled import StyledText, message_entities

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
Sent = Callable[[], Awaitable[None]]


async def send(
    bot: ExtBot[str],
    room: Room,
    text: StyledText,
    *,
    keyboard: InlineKeyboardMarkup | None = None,
    reply_to: int | None = None,
    skip: int = 0,
    sent: Sent | None = None,
) -> None:
    """Send a text in as many messages as it needs; buttons go below the last.

    Args:
        bot: Whose message it is.
        room: Where it goes.
        text: What it says.
        keyboard: Its buttons.
        reply_to: The message that the first one answers; that it may be gone is no trouble.
        skip: How many messages of it Telegram has taken already.
        sent: Is told of each message that Telegram has taken, but the last: then all is done.
    """
    pieces = split(text)
    for number, piece in enumerate(pieces):
        if number < skip:
            continue
        is_first, is_last = number == 0, number == len(pieces) - 1
        await bot.send_message(
            room.chat_id,
            piece.text,
            entities=message_entities(piece),
            message_thread_id=room.topic,
            link_preview_options=NO_PREVIEW,
            reply_parameters=_reply_to(reply_to) if reply_to and is_first else None,
            reply_markup=keyboard if is_last else None,
        )
        if sent and not is_last:
            await sent()


def _reply_to(message_id: int) -> ReplyParameters:
    return ReplyParameters(message_id, allow_sending_without_reply=True)
