"""What the Telegram bot adds to an answer's time: python -m tests.benchmarks.telegram [QUESTIONS [RATE]].

People in 150 private chats and 50 groups ask, QUESTIONS in all (10,000), of an assistant whose answers take
5 ms; the fake Telegram enforces its limits on a clock that runs fast. First everybody asks again as soon as
the answer is there; then questions come at random, RATE (20) a second, which is what a bot may send at all.
Overhead is the time from when a person has sent a question until sendMessage arrived, less the assistant's.
Both are done again with the smallest bot of python-telegram-bot, an echo, on the same server.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fake_telegram import FakeTelegram
from tests.small_index import make_index
from tests.telegram_crowd import Crowd, bot_process, memory_mb, quantile

_SPEED = 10.0
_ANSWER_SECONDS = 0.005
_PRIVATE, _GROUPS = 150, 50
_SEED = 5
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How a bot is asked: so many questions, each chat its next at once or all at a rate."""

    kind: str
    questions: int
    rate: float | None = None


def ask_again_at_once(crowd: Crowd, questions: int) -> None:
    """Let every chat ask its next question when the last is answered."""
    left, ends = questions, time.monotonic() + _PATIENCE_SECONDS
    for number in range(min(questions, len(crowd.members))):
        crowd.ask(number)
        left -= 1
    while crowd.waiting and time.monotonic() < ends:
        for token in crowd.news(1):
            ends = time.monotonic() + _PATIENCE_SECONDS
            if left:
                crowd.ask(crowd.asked[token].chat)
                left -= 1


def ask_at_random(crowd: Crowd, questions: int, rate: float) -> None:
    """Let questions come at random, chat after chat, whatever becomes of those before."""
    random, due = Random(_SEED), time.monotonic()
    for number in range(questions):
        due += random.expovariate(rate)
        time.sleep(max(0.0, due - time.monotonic()))
        crowd.ask(number % len(crowd.members))
    crowd.wait(_PATIENCE_SECONDS)


def measure(load: Load) -> None:
    """Ask a bot, and print what became of it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeTelegram(speed=_SPEED) as telegram,
        bot_process(telegram, make_index(Path(folder)), kind=load.kind, seconds=_ANSWER_SECONDS) as bot,
    ):
        telegram.wait_for(lambda now: now.requested("deleteWebhook") != [], timeout_seconds=60)
        crowd = Crowd(telegram, private=_PRIVATE, groups=_GROUPS)
        # What is made at first use is no part of it.
        crowd.ask(0)
        crowd.wait(_PATIENCE_SECONDS)
        memory, worked, began = memory_mb(bot), _cpu_seconds(bot), time.monotonic()
        if load.rate:
            ask_at_random(crowd, load.questions, load.rate)
        else:
            ask_again_at_once(crowd, load.questions)
        taken = time.monotonic() - began
        worked = _cpu_seconds(bot) - worked
        memory = memory_mb(bot) - memory
        crowd.news(0.5)
        _print(load, crowd, telegram, taken)
        print(f"  {worked / load.questions * 1000:.1f} ms of CPU a question; memory grew by {memory:.1f} MB")


def _print(load: Load, crowd: Crowd, telegram: FakeTelegram, taken: float) -> None:
    assistant = _ANSWER_SECONDS if load.kind == "footnote" else 0
    overhead = [
        ((one.answered_at - one.at) / _SPEED - assistant) * 1000
        for one in list(crowd.asked.values())[1:]
        if one.answered_at is not None
    ]
    told_to_wait = Counter(one.status for one in telegram.requested("sendMessage"))[429]
    how = (
        f"{load.rate:.0f} a second at random"
        if load.rate
        else f"{len(crowd.members)} chats, each at once again"
    )
    print(f"{load.kind}, {how}: {crowd.verdict()}; {told_to_wait} times 429")
    print(
        f"  {len(overhead) / taken:.0f} a second; overhead p50 {quantile(overhead, 0.5):.1f} ms, "
        f"p95 {quantile(overhead, 0.95):.1f} ms, p99 {quantile(overhead, 0.99):.1f} ms"
    )


def _cpu_seconds(process: subprocess.Popen[str]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    """Measure both bots, both ways."""
    questions = int(sys.argv[1]) if sys.argv[1:] else 10_000
    rate = float(sys.argv[2]) if sys.argv[2:] else 20.0
    few = min(questions, 1000)
    for load in (
        Load(kind="footnote", questions=few, rate=rate),
        Load(kind="echo", questions=few, rate=rate),
        Load(kind="footnote", questions=questions),
        Load(kind="echo", questions=questions),
    ):
        measure(load)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
