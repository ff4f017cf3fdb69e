"""Telegram's Bot API on loopback: it enforces what Telegram enforces, and people in it write to the bot.

    with FakeTelegram(token="123456:TEST", speed=10) as telegram:
        bot = TelegramBot(...)  # base_url=telegram.base_url, base_file_url=telegram.base_file_url
        alice = telegram.person("Alice", language="it", username="alice")
        chat = telegram.private(alice)
        question = chat.says(alice, "Cosa ha detto Rutte?")
        [answer] = chat.wait_for_replies(1, timeout_seconds=5)
        assert answer.reply_to == question.message_id and "minaccia" in answer.text
        notice = chat.presses(alice, answer, "👍").wait()
        desk = telegram.group("News desk", [alice], is_forum=True)
        desk.says(alice, "@footnote_bot and Japan?", topic=desk.opens_topic(alice, "Asia"))
        results = telegram.asks_inline(alice, "Rutte in Riga").wait()["results"]
        telegram.faults.storm(retry_after=3, method="sendMessage", times=2)
        with telegram.gone():  # connections are refused
            chat.says(alice, "Are you there?")
        assert telegram.mended == []  # what Telegram would have shown otherwise than asked for

Its methods block: with a bot in the same loop call them through `asyncio.to_thread`. `speed` makes limits and
`retry_after` that many times shorter; `limits=NO_LIMITS` takes them away.
"""

from tests.fake_telegram.faults import Fault
from tests.fake_telegram.limits import NO_LIMITS, Limits
from tests.fake_telegram.people import Chat
from tests.fake_telegram.rooms import Message
from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.texts import Entity
from tests.fake_telegram.world import Asked, Person, Request

__all__ = [
    "NO_LIMITS",
    "Asked",
    "Chat",
    "Entity",
    "FakeTelegram",
    "Fault",
    "Limits",
    "Message",
    "Person",
    "Request",
]
