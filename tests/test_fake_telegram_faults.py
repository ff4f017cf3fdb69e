"""How the fake Bot API server delivers, slows down and fails, seen by the library's own bot."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from telegram import Bot, MessageEntity, Update
from telegram.error import Conflict, NetworkError, RetryAfter, TelegramError

from tests.fake_telegram import NO_LIMITS, FakeTelegram
from tests.fake_telegram.transcript import transcript, write_transcript
from tests.test_fake_telegram import ask, updates


@pytest.fixture(autouse=True)
def no_deprecated_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the library warns of every RetryAfter that it makes."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


async def most(send: Callable[[int], object], count: int) -> tuple[int, list[TelegramError]]:
    """Do something so many times one after the other; count what was taken."""
    errors = []
    for number in range(count):
        try:
            await send(number)  # type: ignore[misc]
        except TelegramError as error:
            errors.append(error)
    return count - len(errors), errors


def test_a_private_chat_when_it_gets_a_burst_takes_five_messages() -> None:
    with FakeTelegram() as telegram:
        chat = telegram.private(telegram.person("Alice"))
        taken, errors = ask(telegram, lambda bot: most(lambda n: bot.send_message(chat.id, f"{n}"), 7))
        assert taken == 5 and all(isinstance(error, RetryAfter) for error in errors)
        last = telegram.requests[-1]
        assert (last.status, last.description) == (429, "Too Many Requests: retry after 2")


def test_a_group_when_it_gets_more_than_twenty_messages_a_minute_refuses_until_it_is_over() -> None:
    with FakeTelegram(speed=20) as telegram:
        desk = telegram.group("News desk", [])

        async def send(bot: Bot) -> int:
            taken, [error, *_] = await most(lambda n: bot.send_message(desk.id, f"{n}"), 25)
            assert isinstance(error, RetryAfter) and isinstance(error.retry_after, timedelta)
            # Three real seconds of this clock are a minute.
            assert 1 < error.retry_after.total_seconds() <= 3
            await asyncio.sleep(error.retry_after.total_seconds())
            await bot.send_message(desk.id, "later")
            return taken

        assert ask(telegram, send) == 20
        assert desk.replies[-1].text == "later"


def test_edits_when_they_come_faster_than_one_a_second_are_refused() -> None:
    with FakeTelegram() as telegram:
        chat = telegram.private(telegram.person("Alice"))
        sent = ask(telegram, lambda bot: bot.send_message(chat.id, "0"))
        taken, errors = ask(
            telegram,
            lambda bot: most(lambda n: bot.edit_message_text(f"{n + 1}", chat.id, sent.message_id), 3),
        )
        assert taken == 1 and isinstance(errors[0], RetryAfter)


def test_all_chats_together_when_they_get_a_burst_take_thirty_messages_a_second() -> None:
    with FakeTelegram() as telegram:
        chats = [telegram.private(telegram.person("Alice")) for _ in range(40)]

        async def send(bot: Bot) -> int:
            sent = (bot.send_message(chat.id, "Riga") for chat in chats)
            results = await asyncio.gather(*sent, return_exceptions=True)
            return sum(isinstance(result, RetryAfter) for result in results)

        assert ask(telegram, send) == 10


def test_an_update_when_it_is_not_confirmed_comes_again() -> None:
    with FakeTelegram() as telegram:
        alice = telegram.person("Alice", username="alice")
        chat = telegram.private(alice)
        chat.says(alice, "/ask Riga 👍 @footnote_bot")
        [first] = updates(telegram)
        [again] = updates(telegram)
        assert first.update_id == again.update_id and first.message
        entities = first.message.parse_entities([MessageEntity.BOT_COMMAND, MessageEntity.MENTION])
        assert list(entities.values()) == ["/ask", "@footnote_bot"]
        assert updates(telegram, first.update_id + 1) == [] and telegram.pending == 0


def test_a_raw_update_when_it_is_delivered_comes_once_whatever_its_number() -> None:
    with FakeTelegram() as telegram:
        alice = telegram.person("Alice")
        chat = telegram.private(alice)
        chat.says(alice, "Riga?")
        [first] = updates(telegram)
        updates(telegram, first.update_id + 1)
        telegram.deliver(telegram.world.updates[0])
        assert [update.update_id for update in updates(telegram, first.update_id + 1)] == [first.update_id]
        assert updates(telegram, first.update_id + 1) == []


def test_a_poll_when_somebody_writes_ends_at_once_and_only_the_newer_of_two_lives() -> None:
    with FakeTelegram() as telegram:
        alice = telegram.person("Alice")
        chat = telegram.private(alice)

        async def poll(bot: Bot) -> tuple[Update, ...]:
            older = asyncio.create_task(bot.get_updates(timeout=10))
            await asyncio.sleep(0.2)
            async with Bot(telegram.token, base_url=telegram.base_url) as other:
                newer = asyncio.create_task(other.get_updates(timeout=10))
                with pytest.raises(Conflict, match="terminated by other getUpdates request"):
                    await older
                began = time.monotonic()
                chat.says(alice, "Riga?")
                found = await newer
                assert time.monotonic() - began < 1
                return found

        [update] = ask(telegram, poll)
        assert update.message and update.message.text == "Riga?"


def test_a_group_when_privacy_is_on_tells_the_bot_only_what_concerns_it() -> None:
    with FakeTelegram(limits=NO_LIMITS) as telegram:
        alice, nameless = telegram.person("Alice"), telegram.person("Anna Lind")
        desk = telegram.group("News desk", [alice, nameless])
        ask(telegram, lambda bot: bot.send_message(desk.id, "Hello"))
        desk.says(alice, "Good morning, Anna Lind", mentions=[nameless])
        desk.says(alice, "/new@other_bot")
        desk.says(alice, "@Footnote_Bot Riga?")
        desk.says(alice, "/new")
        desk.says(alice, "and Japan?", reply_to=desk.replies[0])
        texts = [update.message.text for update in updates(telegram) if update.message]
        assert texts == ["@Footnote_Bot Riga?", "/new", "and Japan?"]
        [*_, reply] = [update.message for update in updates(telegram)]
        # A thread of replies has a number too, and is no topic.
        assert reply and (reply.message_thread_id, reply.is_topic_message) == (1, None)


def test_a_file_when_it_is_sent_can_be_downloaded() -> None:
    with FakeTelegram() as telegram:
        alice = telegram.person("Alice")
        telegram.private(alice).sends_file(alice, "riga.md", b"Riga", caption="read this")

        async def download(bot: Bot) -> bytes:
            [update] = await bot.get_updates(timeout=0)
            assert update.message and update.message.document and update.message.caption == "read this"
            file = await bot.get_file(update.message.document.file_id)
            return bytes(await file.download_as_bytearray())

        assert ask(telegram, download) == b"Riga"


@asynccontextmanager
async def receiver(took: list[tuple[str, str]], statuses: list[int]) -> AsyncIterator[str]:
    """A bot's own server, which answers with these statuses first."""

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        took.append((secret, (await request.json())["message"]["text"]))
        return web.Response(status=statuses.pop(0) if statuses else 200)

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def test_a_webhook_when_it_does_not_take_an_update_gets_it_again() -> None:
    took: list[tuple[str, str]] = []
    with FakeTelegram(speed=50) as telegram:
        alice = telegram.person("Alice")
        chat = telegram.private(alice)

        async def receive(bot: Bot) -> None:
            async with receiver(took, [500, 503]) as url:
                telegram.proxies["https://bot.example.org"] = url
                await bot.set_webhook("https://bot.example.org/hook", secret_token="abc")
                chat.says(alice, "1")
                chat.says(alice, "2")
                with pytest.raises(Conflict, match="while webhook is active"):
                    await bot.get_updates()
                await asyncio.to_thread(telegram.wait_for, lambda server: server.pending == 0)
                await bot.delete_webhook()

        ask(telegram, receive)
    assert took == [("abc", "1"), ("abc", "1"), ("abc", "1"), ("abc", "2")]
    assert telegram.webhook_statuses == [500, 503, 200, 200]


def test_faults_when_they_are_scripted_strike_and_end() -> None:
    with FakeTelegram(limits=NO_LIMITS) as telegram:
        chat = telegram.private(telegram.person("Alice"))

        async def send(bot: Bot, text: str) -> None:
            await bot.send_message(chat.id, text)

        telegram.faults.fail(500, every=2)
        taken, errors = ask(telegram, lambda bot: most(lambda n: bot.get_me(), 5))
        # The bot asked who it is before.
        assert taken == 2 and "Internal Server Error" in str(errors[0])
        telegram.faults.end()
        telegram.faults.storm(7, method="sendMessage", times=1)
        with pytest.raises(RetryAfter, match="0:00:07"):
            ask(telegram, lambda bot: send(bot, "1"))
        telegram.faults.lose_replies(method="sendMessage", times=1)
        with pytest.raises(NetworkError, match="disconnected"):
            ask(telegram, lambda bot: send(bot, "2"))
        telegram.faults.cut(method="sendMessage", times=1)
        with pytest.raises(NetworkError, match="disconnected"):
            ask(telegram, lambda bot: send(bot, "3"))
        telegram.faults.slow(0.3, method="sendMessage", times=1)
        began = time.monotonic()
        ask(telegram, lambda bot: send(bot, "4"))
        assert time.monotonic() - began > 0.3
        assert [message.text for message in chat.replies] == ["2", "4"]


def test_a_server_when_it_is_gone_refuses_connections_and_comes_back() -> None:
    with FakeTelegram() as telegram:
        chat = telegram.private(telegram.person("Alice"))
        with telegram.gone(), pytest.raises(NetworkError, match="ConnectError"):
            ask(telegram, lambda bot: bot.send_message(chat.id, "1"))
        ask(telegram, lambda bot: bot.send_message(chat.id, "2"))
        assert [message.text for message in chat.replies] == ["2"]


def test_a_transcript_when_a_chat_is_shown_holds_what_it_says_and_no_more(tmp_path: Path) -> None:
    with FakeTelegram() as telegram:
        alice = telegram.person("Alice")
        chat = telegram.private(alice)
        question = chat.says(alice, "<script>alert('👍')</script>")
        text = "A & B\n👍 Riga\nend"
        quote = MessageEntity("expandable_blockquote", 6, 7)
        bold = MessageEntity("bold", 9, 4)
        ask(
            telegram,
            lambda bot: bot.send_message(
                chat.id, text, entities=[quote, bold], reply_to_message_id=question.message_id
            ),
        )
        page = transcript(chat)
        assert "<script>" not in page and "A &amp; B" in page
        assert '<blockquote class="expandable">👍 <b>Riga</b></blockquote>end' in page
        write_transcript(chat, tmp_path / "chat.html", is_open=True)
        assert 'class="expandable open"' in (tmp_path / "chat.html").read_text("utf-8")
