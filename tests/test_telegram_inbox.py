"""The inbox takes each update of Telegram once, in order, and loses none when the process is killed."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, Update

from bot.database import Database
from bot.telegram_app.chats import Chats
from bot.telegram_app.inbox import Inbox

ROOT = Path(__file__).parents[1]
BOT = Bot("1:T")
# Takes updates, and says of each when Telegram would be told.
TAKER = """
import asyncio, sys
from pathlib import Path
from bot.database import Database
from bot.telegram_app.chats import Chats
from bot.telegram_app.inbox import Inbox
from tests.test_telegram_inbox import update

async def take():
    inbox = Inbox(Chats(Database.open(Path(sys.argv[1]), stays_open=True)))
    for number in range(1, 100_000):
        await inbox.put(update(number))
        print(number, flush=True)
        if number % 3 == 0:
            await inbox.done(number)

asyncio.run(take())
"""
PERSON = {"id": 42, "is_bot": False, "first_name": "Ali\u202ece 🙂", "language_code": "sv"}
CHAT = {"id": -1001234567890, "type": "supergroup", "title": "News", "is_forum": True}
MESSAGE = {
    "message_id": 9, "date": 1763800000, "chat": CHAT, "from": PERSON, "message_thread_id": 7,
    "is_topic_message": True, "text": "/ask 👍 who? \u0000",
    "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
}  # fmt: skip
CONTENTS: dict[str, dict[str, Any]] = {
    "message": {"message": MESSAGE},
    "edited message": {"edited_message": {**MESSAGE, "edit_date": 1763800009}},
    "reply": {"message": {**MESSAGE, "reply_to_message": {**MESSAGE, "message_id": 8}}},
    "forward": {
        "message": {
            **MESSAGE,
            "forward_origin": {"type": "hidden_user", "date": 1763700000, "sender_user_name": "Bo"},
        }
    },
    "file": {
        "message": {
            **MESSAGE,
            "document": {"file_id": "f", "file_unique_id": "u", "file_name": "a.txt", "file_size": 5},
        }
    },
    "button": {
        "callback_query": {
            "id": "77", "from": PERSON, "chat_instance": "1", "data": "s:1:2", "message": MESSAGE
        }
    },
    "button below an old message": {
        "callback_query": {
            "id": "77", "from": PERSON, "chat_instance": "1", "data": "s:1:2",
            "message": {"chat": CHAT, "message_id": 3, "date": 0},
        }
    },
    "inline question": {"inline_query": {"id": "5", "from": PERSON, "query": "who?", "offset": ""}},
    "something newer than the library": {"message": {**MESSAGE, "hologram": {"depth": 3}}, "mystery": [1]},
}  # fmt: skip


def update(number: int, content: str = "message") -> Update:
    return Update.de_json({"update_id": number, **CONTENTS[content]}, BOT)


def queued(inbox: Inbox) -> list[object]:
    return [inbox.get_nowait() for _ in range(inbox.qsize())]


def numbers(inbox: Inbox) -> list[int]:
    return [item.update_id for item in queued(inbox) if isinstance(item, Update)]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Chats]]:
    """Open the database of a bot as at a start of it."""
    opened: list[Database] = []

    def open_chats() -> Chats:
        opened.append(Database.open(tmp_path / "talks", stays_open=True))
        return Chats(opened[-1])

    yield open_chats
    for database in opened:
        database.close()


def test_update_that_comes_again_is_queued_once(start: Callable[[], Chats]) -> None:
    async def put() -> Inbox:
        inbox = Inbox(start())
        for number in (1, 2, 1, 3, 2):
            await inbox.put(update(number))
        return inbox

    assert numbers(asyncio.run(put())) == [1, 2, 3]


def test_updates_that_are_delivered_at_once_stay_in_order(start: Callable[[], Chats]) -> None:
    async def put() -> Inbox:
        inbox = Inbox(start())
        await asyncio.gather(*(inbox.put(update(number)) for number in range(1, 41)))
        return inbox

    assert numbers(asyncio.run(put())) == list(range(1, 41))


def test_what_is_no_update_goes_through(start: Callable[[], Chats]) -> None:
    chats, sign = start(), object()

    async def put() -> Inbox:
        inbox = Inbox(chats)
        await inbox.put(sign)
        return inbox

    assert queued(asyncio.run(put())) == [sign]
    assert chats.waiting() == []


@pytest.mark.parametrize("content", CONTENTS)
def test_update_when_restored_is_the_one_that_came(start: Callable[[], Chats], content: str) -> None:
    came = update(2**31, content)
    asyncio.run(Inbox(start()).put(came))

    async def restore() -> Inbox:
        inbox = Inbox(start())
        assert await inbox.restore(BOT) == 1
        return inbox

    (restored,) = queued(asyncio.run(restore()))
    assert isinstance(restored, Update)
    assert restored.to_dict() == came.to_dict()
    message = restored.effective_message
    assert message is None or message.get_bot() is BOT


def test_updates_that_were_done_are_not_restored_and_the_others_come_first(
    start: Callable[[], Chats],
) -> None:
    async def before() -> None:
        inbox = Inbox(start())
        for number in range(1, 6):
            await inbox.put(update(number))
        for number in (1, 4):
            await inbox.done(number)

    async def after() -> Inbox:
        inbox = Inbox(start())
        await inbox.restore(BOT)
        for number in (4, 5, 6):
            await inbox.put(update(number))
        return inbox

    asyncio.run(before())
    assert numbers(asyncio.run(after())) == [2, 3, 5, 6]


def test_update_that_cannot_be_read_again_is_left_out_with_a_line_in_the_log(
    start: Callable[[], Chats], caplog: pytest.LogCaptureFixture
) -> None:
    chats = start()
    chats.receive(1, '{"update_id": 1, "message": {"text": "the secret question"}}')
    asyncio.run(Inbox(chats).put(update(2)))

    async def restore() -> Inbox:
        inbox = Inbox(chats)
        await inbox.restore(BOT)
        return inbox

    assert numbers(asyncio.run(restore())) == [2]
    assert [record.message for record in caplog.records] == ["update 1 cannot be read again and is left out"]
    assert "secret" not in caplog.text
    assert len(chats.waiting()) == 1


def test_update_is_taken_when_the_database_works_again(
    start: Callable[[], Chats], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(Inbox(start()).put(update(1)))
    with closing(sqlite3.connect(tmp_path / "talks", isolation_level=None)) as other:
        other.execute("DROP TABLE telegram_update")
        other.execute("CREATE TABLE telegram_update (id INTEGER)")

        async def put() -> Inbox:
            inbox = Inbox(start())
            waiting = asyncio.create_task(inbox.put(update(2)))
            while not caplog.records:
                await asyncio.sleep(0.01)
            assert inbox.empty()
            other.execute("DROP TABLE telegram_update")
            await waiting
            return inbox

        assert numbers(asyncio.run(put())) == [2]
    assert caplog.records[0].message.endswith("Trying again in 0.5 s.")
    assert "who?" not in caplog.text


def test_update_that_telegram_thinks_we_have_is_restored_when_the_process_was_killed(
    start: Callable[[], Chats], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", TAKER, str(tmp_path / "talks")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as taker:
        assert taker.stdout is not None
        said = [int(taker.stdout.readline()) for _ in range(100)]
        os.kill(taker.pid, signal.SIGKILL)
        said += [int(line) for line in taker.stdout.readlines() if line.endswith("\n")]

    async def restore() -> Inbox:
        inbox = Inbox(start())
        await inbox.restore(BOT)
        return inbox

    restored = numbers(asyncio.run(restore()))
    assert restored == sorted(restored) and len(set(restored)) == len(restored)
    assert {number for number in said if number % 3} <= set(restored)
    # The last ones may be written down and not yet told, or told and not yet done.
    assert set(restored) <= {*(number for number in said if number % 3), said[-1], said[-1] + 1}
