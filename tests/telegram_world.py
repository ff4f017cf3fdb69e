"""The Telegram bot as `footnote telegram` runs it, before a fake Telegram: in a thread, or a process.

    with World(index) as world, world.running():
        answer = world.alice.ask("what did Rutte say in Latvia?")

`running` again is a restart. Without `answers` the real assistant answers.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from bot.assembly import open_database
from bot.commands import Workplace, opened_assistant
from bot.datatypes import Answer, AnswerStatus, Conversation
from bot.settings import Settings
from bot.telegram_app.app import TelegramBot
from bot.telegram_app.pacing import RealTime
from bot.telegram_app.parts import Answers
from bot.telegram_app.start import build_bot
from tests.fake_telegram import Chat, FakeTelegram, Limits, Message, Person
from tests.fakes import FakeEmbedder

SPEED = 50.0
# The clock of Telegram runs fast, but people wait for buttons and inline queries in seconds of the world.
PATIENT = Limits(callback_seconds=15 * SPEED, inline_seconds=10 * SPEED)
_STOP_SECONDS = 45
_SCRIPT = """
import sys
from bot.__main__ import run
from tests.fakes import FakeEmbedder
sys.exit(run(sys.argv[1:], lambda settings: FakeEmbedder()))
"""


def echo(question: str, conversation: Conversation = ()) -> Answer:
    """Answer a question with its own words and how many there were before."""
    return Answer(
        question=question,
        understood_as=question,
        status=AnswerStatus.CONVERSATION,
        text=f"{len(conversation) + 1}: {question}",
        language="en",
    )


@dataclass(slots=True)
class ScriptedAnswers:
    """Answers as a function says, after giving some pieces as a chat model would.

    A question that holds a word of `raises` fails with its error. Nobody is answered before `gate` is set.
    """

    answer: Callable[[str, Conversation], Answer] = echo
    pieces: tuple[str, ...] = ()
    raises: Mapping[str, Exception] = field(default_factory=dict)
    gate: Event | None = None
    asked: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def stream(self, question: str, conversation: Conversation = ()) -> Iterator[str | Answer]:
        with self._lock:
            self.asked.append(question)
        yield from self.pieces
        if self.gate:
            assert self.gate.wait(60), "Nobody opened the gate."
        for word, error in self.raises.items():
            if word in question:
                raise error
        yield self.answer(question, conversation)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody with a private chat, or in a group."""

    person: Person
    chat: Chat

    def says(self, text: str, **how: Any) -> Message:  # noqa: ANN401
        """Write; `how` is anything that `Chat.says` takes."""
        return self.chat.says(self.person, text, **how)

    def asks(self, text: str, count: int = 1, **how: Any) -> list[Message]:  # noqa: ANN401
        """Write, and wait for so many new messages of the bot."""
        return self.replies_to(lambda: self.says(text, **how), count)

    def ask(self, text: str, **how: Any) -> Message:  # noqa: ANN401
        """Write, and wait for one message of the bot."""
        [answer] = self.asks(text, **how)
        return answer

    def presses(self, message: Message, button: str = "", *, data: str | None = None) -> str:
        """Press a button, and wait for the notice that Telegram shows."""
        return str(self.chat.presses(self.person, message, button, data=data).wait().get("text", ""))

    def shown_by(self, message: Message, button: str) -> Message:
        """Press a button, and wait for one message of the bot."""
        [shown] = self.replies_to(lambda: self.presses(message, button))
        return shown

    def replies_to(self, does: Callable[[], object], count: int = 1) -> list[Message]:
        """Do something, and wait for so many new messages of the bot."""
        known = {message.message_id for message in self.chat.replies}

        def new(messages: list[Message]) -> list[Message]:
            return [one for one in messages if one.is_bots and one.message_id not in known]

        does()
        return new(self.chat.wait_for(lambda messages: len(new(messages)) >= count))


class World:
    """A fake Telegram with Alice in it, and an index; at the end nothing was shown otherwise than meant."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self.telegram = FakeTelegram(speed=SPEED, limits=PATIENT)
        self.alice = self.guest("Alice")

    def guest(self, name: str, language: str | None = "en") -> Guest:
        """Let somebody open a chat with the bot."""
        person = self.telegram.person(name, language=language)
        return Guest(person, self.telegram.private(person))

    def group(self, *guests: Guest, **how: Any) -> Chat:  # noqa: ANN401
        """Make a group with Alice and others in it; `how` is anything that `FakeTelegram.group` takes."""
        members = [guest.person for guest in (self.alice, *guests)]
        return self.telegram.group("News desk", members, **how)

    def refused(self) -> set[str]:
        """Give what Telegram did not take of what the bot sent."""
        return {
            f"{request.method}: {request.description}"
            for request in self.telegram.requests
            if request.status == 400
        }

    @contextmanager
    def running(self, answers: Answers | None = None, **settings: Any) -> Iterator["Running"]:  # noqa: ANN401
        """Run the bot inside the block, and stop it at its end as Ctrl-C does; settings go by name."""
        with running(self.telegram, self.index, answers, **settings) as bot:
            yield bot

    def __enter__(self) -> Self:
        self.telegram.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.telegram.__exit__(kind, error, trace)
        if error is None:
            assert self.telegram.mended == []


class Running:
    """A bot that runs in a thread of its own until it is stopped."""

    def __init__(self, place: Workplace, speed: float, answers: Answers | None = None) -> None:
        self._place = place
        self._speed = speed
        self._answers = answers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bot: TelegramBot | None = None
        self._built = Event()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="telegram-bot")

    def begin_to_stop(self) -> None:
        """Tell the bot to stop, as a signal does, and do not wait."""
        self._built.wait(_STOP_SECONDS)
        if self._loop and self._bot:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._bot.stop)

    def wait(self) -> None:
        """Wait until the bot has ended, and raise what it ended with."""
        self._thread.join(_STOP_SECONDS)
        assert not self._thread.is_alive(), f"The bot has not stopped within {_STOP_SECONDS} s."
        if self._error:
            error, self._error = self._error, None
            raise error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.begin_to_stop()
        if error is None:
            self.wait()
        else:
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._built.set()

    async def _serve(self) -> None:
        place = self._place
        with (
            opened_assistant(place, may_build=False) as (assistant, index),
            closing(open_database(place.settings, place.folder, stays_open=True)) as database,
        ):
            self._bot = build_bot(place, self._answers or assistant, index, database, RealTime(self._speed))
            self._loop = asyncio.get_running_loop()
            self._built.set()
            await self._bot.run()


def settings_for(telegram: FakeTelegram, **changes: Any) -> Settings:  # noqa: ANN401
    """Make settings for a fake Telegram; `changes` are any others, by name."""
    given = {"telegram_questions_a_minute": 600} | changes
    return Settings(telegram_token=SecretStr(telegram.token), telegram_url=telegram.url, **given)


@contextmanager
def running(
    telegram: FakeTelegram,
    index: Path,
    answers: Answers | None = None,
    **settings: Any,  # noqa: ANN401
) -> Iterator[Running]:
    """Run the bot inside the block, and stop it at its end as Ctrl-C does."""
    place = Workplace(settings_for(telegram, **settings), index, lambda settings: FakeEmbedder(), BytesIO())
    with Running(place, telegram.world.clock.speed, answers) as bot:
        yield bot


@contextmanager
def launched(
    telegram: FakeTelegram, index: Path, *words: str, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """Run `footnote telegram` in a process with an embedder that loads nothing; it is killed in the end.

    What it logs is its `stderr`. Settings are given as in a shell: `FOOTNOTE_TELEGRAM_USERS="1 2"`.
    """
    given = {
        **os.environ,
        "FOOTNOTE_TELEGRAM_TOKEN": telegram.token,
        "FOOTNOTE_TELEGRAM_URL": telegram.url,
        "FOOTNOTE_TELEGRAM_QUESTIONS_A_MINUTE": "600",
        "PYTHONPATH": str(Path(__file__).parents[1]),
        **environment,
    }
    command = [sys.executable, "-c", _SCRIPT, "telegram", "--index", str(index), *words]
    process = subprocess.Popen(
        command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
