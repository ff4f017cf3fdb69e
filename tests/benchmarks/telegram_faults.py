"""What the Telegram bot loses when things go wrong: python -m tests.benchmarks.telegram_faults [NAME...].

Some people ask in private chats and groups of the fake Telegram while its server, the database or the bot's
process fails. The assistant's answers take 20 ms. Printed is what became of the questions.
"""

import os
import resource
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from tests.fake_telegram import FakeTelegram
from tests.scripted_bot import run_footnote
from tests.small_index import make_index
from tests.telegram_crowd import Crowd

_SPEED = 20.0
_ANSWER_SECONDS = 0.02
_PRIVATE, _GROUPS, _QUESTIONS = 20, 5, 200
_KILLS, _STOPS, _SEED = 60, 10, 7
_PATIENCE_SECONDS = 90


class Scene:
    """A fake Telegram, a crowd in it, and a bot in a process that can be killed."""

    def __init__(self, folder: Path, telegram: FakeTelegram) -> None:
        self.telegram = telegram
        self.index = make_index(folder)
        self.crowd = Crowd(telegram, private=_PRIVATE, groups=_GROUPS)
        # Forked of one that has everything imported, a bot starts in a moment.
        self._processes = get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.scripted_bot"])

    @contextmanager
    def bot(self) -> Iterator[ForkServerProcess]:
        words = (self.telegram.url, self.telegram.token, self.index, _ANSWER_SECONDS, _SPEED)
        process = self._processes.Process(target=run_footnote, args=words)
        process.start()
        try:
            yield process
        finally:
            if process.is_alive():
                process.kill()
            process.join()

    def half_done(self) -> None:
        """Let the questions be asked, and wait until half are answered."""
        self.crowd.ask_in_turn(_QUESTIONS // 2, "long")
        self.crowd.ask_in_turn(_QUESTIONS // 2)
        self.crowd.wait(_PATIENCE_SECONDS, lambda: self.crowd.waiting <= _QUESTIONS // 2)

    def finish(self) -> None:
        self.crowd.wait(_PATIENCE_SECONDS)
        # What comes twice comes a little later.
        self.crowd.news(0.5)

    def count(self, status: int) -> int:
        return sum(request.status == status for request in self.telegram.requests)


def gone(scene: Scene) -> str:
    """The server is gone for a minute of its time."""
    with scene.bot():
        scene.half_done()
        with scene.telegram.gone():
            scene.crowd.ask_in_turn(50)
            time.sleep(60 / _SPEED)
        scene.finish()
    return "connections refused for 60 s of Telegram's time in the middle"


def storm(scene: Scene) -> str:
    """Telegram tells every third message to wait."""
    scene.telegram.faults.storm(5, every=3, method="sendMessage")
    with scene.bot():
        scene.half_done()
        scene.finish()
    return f"every 3rd message told to wait 5 s: {scene.count(429)} times 429"


def errors(scene: Scene) -> str:
    """The server answers with errors of its own."""
    scene.telegram.faults.fail(500, every=4, method="sendMessage")
    scene.telegram.faults.fail(502, every=5, method="getUpdates")
    with scene.bot():
        scene.half_done()
        scene.finish()
    return f"every 4th message 500, every 5th getUpdates 502: {scene.count(500)} + {scene.count(502)} times"


def replies_lost(scene: Scene) -> str:
    """Telegram takes a message, but its reply is lost."""
    scene.telegram.faults.lose_replies(every=20, method="sendMessage")
    with scene.bot():
        scene.half_done()
        scene.finish()
    sent = len(scene.telegram.requested("sendMessage"))
    return f"every 20th reply to a message lost: {sent // 20} replies, each message is to come once more"


def slow(scene: Scene) -> str:
    """Each request takes four seconds of Telegram's time."""
    scene.telegram.faults.slow(4)
    with scene.bot():
        scene.half_done()
        scene.finish()
    return "each request takes 4 s of Telegram's time longer"


def killed(scene: Scene) -> str:
    """The process is killed again and again in the middle of answers."""
    random, crowd = Random(_SEED), scene.crowd
    for number in range(_KILLS):
        crowd.ask_in_turn(20, "long" if number % 2 else "and more?")
        with scene.bot() as process:
            crowd.wait_for_some(1, _PATIENCE_SECONDS)
            time.sleep(random.uniform(0, 0.3))
            process.kill()
    with scene.bot():
        scene.finish()
    messages = sum(one.parts for one in crowd.asked.values())
    return f"{_KILLS} kills -9 in the middle of answers, {messages} messages"


def stopped(scene: Scene) -> str:
    """The process is told to stop again and again."""
    random, crowd, codes = Random(_SEED), scene.crowd, []
    for _ in range(_STOPS):
        crowd.ask_in_turn(20, "long")
        with scene.bot() as process:
            crowd.wait_for_some(1, _PATIENCE_SECONDS)
            time.sleep(random.uniform(0, 0.3))
            assert process.pid
            os.kill(process.pid, signal.SIGTERM)
            process.join(60)
            codes.append(process.exitcode)
    with scene.bot():
        scene.finish()
    return f"{_STOPS} times SIGTERM in the middle of answers; exit codes {sorted(set(map(str, codes)))}"


def locked(scene: Scene) -> str:
    """Another process holds the database."""
    with scene.bot():
        scene.half_done()
        with closing(sqlite3.connect(scene.index / "conversations.sqlite3", isolation_level=None)) as other:
            while True:
                try:
                    other.execute("BEGIN IMMEDIATE")
                    break
                except sqlite3.OperationalError:
                    continue
            scene.crowd.ask_in_turn(50)
            time.sleep(12)
        scene.finish()
    return "database locked for 12 s in the middle"


def full(scene: Scene) -> str:
    """The disk takes nothing more for a while."""
    with scene.bot() as process:
        scene.half_done()
        assert process.pid
        journal = (scene.index / "conversations.sqlite3-wal").stat().st_size
        size = min(journal, (scene.index / "conversations.sqlite3").stat().st_size) // 2
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        scene.crowd.ask_in_turn(50)
        time.sleep(8)
        waiting = scene.crowd.waiting
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
        scene.finish()
    return f"no file may grow for 8 s (as on a full disk); {waiting} questions waited for its end"


def failing(scene: Scene) -> str:
    """The assistant fails on every fifth question."""
    with scene.bot():
        for number in range(_QUESTIONS):
            scene.crowd.ask(number % len(scene.crowd.members), "fails" if number % 5 == 0 else "is fine")
        scene.crowd.wait(_PATIENCE_SECONDS, lambda: scene.crowd.waiting <= _QUESTIONS // 5)
        scene.crowd.news(1)
    return f"the assistant fails on every 5th question: {_QUESTIONS // 5} are to be lost with an apology"


def flood(scene: Scene) -> str:
    """One person asks 300 questions; another asks one now and then."""
    crowd, waits = scene.crowd, []
    with scene.bot():
        for _ in range(300):
            crowd.ask(0)
        for number in range(1, 11):
            token = crowd.ask(number)
            crowd.wait_for_one(token, _PATIENCE_SECONDS)
            answered_at = crowd.asked[token].answered_at
            waits.append(((answered_at or float("inf")) - crowd.asked[token].at) / _SPEED)
        left = crowd.waiting
        scene.finish()
    others = f"ten others are answered within {max(waits):.2f} s each, while {left} of them still wait"
    return f"300 questions of one person; {others}"


SCENES: tuple[Callable[[Scene], str], ...] = (
    gone, storm, errors, replies_lost, slow, killed, stopped, locked, full, failing, flood,
)  # fmt: skip


def main() -> None:
    """Play the scenes that are named, or all, and print what became of the questions."""
    for scene in SCENES:
        if sys.argv[1:] and scene.__name__ not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder, FakeTelegram(speed=_SPEED) as telegram:
            began = time.monotonic()
            stage = Scene(Path(folder), telegram)
            told = scene(stage)
            taken = time.monotonic() - began
            print(f"{scene.__name__}: {told}\n    {stage.crowd.verdict()} ({taken:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
