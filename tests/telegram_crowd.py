"""Many people who ask numbered questions at once, and what became of each."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fake_telegram import Chat, FakeTelegram, Person
from tests.scripted_bot import TOKEN

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of the questions; a message that came twice is counted, its question is answered."""

    asked: int
    lost: list[str]
    twice: list[str]
    mixed_up: list[str]
    out_of_order: list[str]
    apologies: int

    @property
    def is_perfect(self) -> bool:
        return not (self.lost or self.twice or self.mixed_up or self.out_of_order or self.apologies)

    def __str__(self) -> str:
        return (
            f"{self.asked} asked, {len(self.lost)} lost, {len(self.twice)} messages twice, "
            f"{len(self.mixed_up)} in another chat, {len(self.out_of_order)} out of order, "
            f"{self.apologies} apologies"
        )


@dataclass(slots=True)
class Asked:
    """A question: where, what, and when it was asked and answered by the clock of Telegram."""

    chat: int
    parts: int
    at: float
    answered_at: float | None = None


@dataclass(slots=True)
class Member:
    """One chat, who asks in it, and what was asked."""

    person: Person
    chat: Chat
    tokens: list[str] = field(default_factory=list)


class Crowd:
    """People in private chats and groups, one a chat."""

    def __init__(self, telegram: FakeTelegram, *, private: int, groups: int = 0) -> None:
        self._telegram = telegram
        self.asked: dict[str, Asked] = {}
        self.members: list[Member] = []
        self._seen = 0
        self._waiting: set[str] = set()
        for number in range(private + groups):
            person = telegram.person(f"Person {number}", language="en")
            chat = (
                telegram.private(person) if number < private else telegram.group(f"Desk {number}", [person])
            )
            self.members.append(Member(person, chat))

    def ask(self, number: int, words: str = "and what else?") -> str:
        """Let somebody ask; `long` among the words wants an answer of two messages."""
        member = self.members[number]
        token = f"q{number}n{len(member.tokens)}"
        to_bot = "" if member.chat.kind == "private" else f"@{self._telegram.bot.username} "
        member.tokens.append(token)
        self.asked[token] = Asked(number, 2 if "long" in words else 1, self._telegram.world.clock.now())
        self._waiting.add(token)
        member.chat.says(member.person, f"{to_bot}{token} {words}")
        return token

    def ask_in_turn(self, count: int, words: str = "and what else?") -> None:
        """Let so many questions be asked, chat by chat."""
        for number in range(count):
            self.ask(number % len(self.members), words)

    def news(self, seconds: float) -> list[str]:
        """Wait for what the bot sends, and give the questions whose answers are whole now."""
        world = self._telegram.world
        with world.changed:
            world.changed.wait_for(lambda: len(world.requests) > self._seen, seconds)
            new = world.requests[self._seen :]
            self._seen += len(new)
        answered = []
        for request in new:
            if request.method != "sendMessage" or request.status != 200:
                continue
            found = TOKEN.search(str(request.parameters["text"]))
            asked = found and self.asked.get(found[0])
            if found and asked and found[0] in self._waiting:
                asked.answered_at = asked.answered_at or request.at
                if asked.parts == 1 or f"{found[0]}/2" in str(request.parameters["text"]):
                    self._waiting.discard(found[0])
                    answered.append(found[0])
        return answered

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait until all is answered, or something else; false where it takes too long."""
        ends = self._telegram.world.clock.now() + seconds * self._telegram.world.clock.speed
        while self._waiting and not until():
            self.news(0.1)
            if self._telegram.world.clock.now() > ends:
                return False
        return True

    def wait_for_some(self, count: int, seconds: float) -> bool:
        """Wait until so many more are answered; false where it takes too long."""
        self.news(0)
        enough = self.waiting - count
        return self.wait(seconds, lambda: self.waiting <= enough)

    def wait_for_one(self, token: str, seconds: float) -> bool:
        """Wait until one is answered; false where it takes too long."""
        return self.wait(seconds, lambda: token not in self._waiting)

    @property
    def waiting(self) -> int:
        """How many questions are not answered yet."""
        return len(self._waiting)

    def verdict(self) -> Verdict:
        """Look at what the chats show in the end."""
        shown: Counter[str] = Counter()
        mixed_up, out_of_order, apologies = [], [], 0
        for number, member in enumerate(self.members):
            first: list[str] = []
            for reply in member.chat.replies:
                if "/1 after" not in reply.text and "/2:" not in reply.text:
                    apologies += 1
                    continue
                for part in ("/1", "/2"):
                    for token in [one for one in TOKEN.findall(reply.text) if f"{one}{part}" in reply.text]:
                        shown[token + part] += 1
                        if self.asked[token].chat != number:
                            mixed_up.append(token)
                        elif part == "/1" and token not in first:
                            first.append(token)
            if first != [token for token in member.tokens if token in first]:
                out_of_order.append(f"chat {number}")
        wanted = [f"{token}/{part}" for token, one in self.asked.items() for part in range(1, one.parts + 1)]
        return Verdict(
            asked=len(self.asked),
            lost=[part for part in wanted if not shown[part]],
            twice=[part for part in wanted for _ in range(shown[part] - 1)],
            mixed_up=mixed_up,
            out_of_order=out_of_order,
            apologies=apologies,
        )


@contextmanager
def bot_process(
    telegram: FakeTelegram, index: Path, *, kind: str = "footnote", seconds: float = 0, speed: float = 0
) -> Iterator[subprocess.Popen[str]]:
    """Run a scripted bot in a process; it is killed in the end."""
    words = (kind, telegram.url, telegram.token, str(index), str(seconds))
    pace = str(speed or telegram.world.clock.speed)
    command = [sys.executable, "-m", "tests.scripted_bot", *words, pace]
    with (
        (index.parent / "bot.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log, text=True) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def memory_mb(process: subprocess.Popen[str]) -> float:
    """Tell how much memory a process holds."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def quantile(values: list[float], share: float) -> float:
    """Find the value below which a share of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
