"""What there is in a Telegram of one bot: people, chats, updates that wait, presses, files, requests."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Condition
from typing import TYPE_CHECKING

from tests.fake_telegram.errors import Json
from tests.fake_telegram.limits import Clock, Limits, Rates

if TYPE_CHECKING:
    from tests.fake_telegram.rooms import Room

_FIRST_UPDATE, _FIRST_PERSON = 700_000_001, 1_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account; the bot has one too."""

    id: int
    name: str
    username: str | None = None
    language: str | None = None
    is_bot: bool = False

    def to_json(self) -> Json:
        fields: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.name}
        if self.username:
            fields["username"] = self.username
        if self.language:
            fields["language_code"] = self.language
        return fields


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the bot, how it was answered, and when it came by the fake's clock."""

    method: str
    parameters: Mapping[str, object]
    status: int
    description: str
    at: float


@dataclass(slots=True)
class Asked:
    """A press of a button or an inline query, which waits for its answer."""

    id: str
    at: float
    person: Person
    answer: Json | None = None
    _changed: Condition = field(default_factory=Condition, repr=False)

    def wait(self, timeout_seconds: float = 10) -> Json:
        """Wait for what the bot answers."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.answer is not None, timeout_seconds):
                raise AssertionError(f"No answer to {self.id} within {timeout_seconds} s.")
            assert self.answer is not None
            return self.answer

    def take(self, answer: Json) -> None:
        with self._changed:
            self.answer = answer
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update that the bot has not confirmed; a raw one is delivered once, whatever its number."""

    update: Json
    is_raw: bool = False

    @property
    def id(self) -> int:
        number = self.update["update_id"]
        assert isinstance(number, int)
        return number


class World:
    """Everything that requests and people change, under one lock."""

    def __init__(self, bot: Person, *, limits: Limits, speed: float, privacy: bool) -> None:
        self.bot = bot
        self.limits = limits
        self.clock = Clock(speed)
        self.rates = Rates(limits, self.clock)
        self.privacy = privacy
        self.changed = Condition()
        self.people: dict[int, Person] = {bot.id: bot}
        self.rooms: dict[int, Room] = {}
        self.waiting: list[Waiting] = []
        self.updates: list[Json] = []
        self.kinds: frozenset[str] = frozenset()
        self.presses: dict[str, Asked] = {}
        self.inline: dict[str, Asked] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.requests: list[Request] = []
        self.mended: list[str] = []
        self.wake: Callable[[], None] = lambda: None
        self._ids = itertools.count(_FIRST_UPDATE)
        self._people = itertools.count(_FIRST_PERSON)
        self._others = itertools.count(1)

    def person(self, name: str, username: str | None, language: str | None) -> Person:
        with self.changed:
            person = Person(id=next(self._people), name=name, username=username, language=language)
            self.people[person.id] = person
            return person

    def number(self) -> int:
        """Give a number that nothing else has."""
        return next(self._others)

    def publish(self, kind: str, content: Json) -> Json:
        """Let the bot know of something, if it wants such updates."""
        with self.changed:
            update: Json = {"update_id": next(self._ids), kind: content}
            self.updates.append(update)
            if not self.kinds or kind in self.kinds:
                self.waiting.append(Waiting(update))
            self.changed.notify_all()
        self.wake()
        return update

    def deliver(self, update: Json) -> None:
        """Let the bot have an update as it is, once, whatever its number."""
        with self.changed:
            self.waiting.append(Waiting(update, is_raw=True))
        self.wake()

    def confirm(self, offset: int) -> None:
        """Forget the updates before a number; a negative one keeps so many of the last."""
        if offset < 0:
            self.waiting = self.waiting[offset:]
        else:
            self.waiting = [one for one in self.waiting if one.is_raw or one.id >= offset]
        self.changed.notify_all()

    def due(self, limit: int) -> list[Json]:
        """Take the updates that come next."""
        taken = self.waiting[:limit]
        if any(one.is_raw for one in taken):
            self.waiting = [one for one in taken if not one.is_raw] + self.waiting[limit:]
        return [one.update for one in taken]
