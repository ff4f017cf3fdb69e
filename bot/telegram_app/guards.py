"""Who is let in, how fast one person may ask, and how old a message may be."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime

from bot.telegram_app.bucket import Bucket

# The one who asked longest ago is forgotten, and begins with a full bucket again.
_MOST_REMEMBERED = 10_000


class PersonLimit:
    """Lets a person ask `a_minute` questions at once, and then so many a minute.

    Each question is judged at the time when it was sent: after the bot was down, somebody who asked slowly is
    answered, and somebody who asked fast is not.
    """

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._people: OrderedDict[int, tuple[Bucket, float]] = OrderedDict()

    def wait_seconds(self, person: int, sent: float) -> int:
        """Count a question that was sent at a time; else tell in how many whole seconds the next is taken."""
        if person not in self._people:
            self._people[person] = Bucket(self._a_minute, 60 / self._a_minute), sent
        bucket, last = self._people.pop(person)
        # Messages of several chats can come out of order; time does not go back for a person.
        sent = max(sent, last)
        self._people[person] = bucket, sent
        if len(self._people) > _MOST_REMEMBERED:
            self._people.popitem(last=False)
        wait = math.ceil(bucket.wait(sent))
        if wait == 0:
            bucket.take(sent)
        return wait


class Guards:
    """Decides what is taken, from what Telegram tells of a message and from nothing else."""

    def __init__(
        self,
        *,
        users: Collection[int],
        chats: Collection[int],
        questions_a_minute: int,
        age_hours: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take the limits.

        Args:
            users: Who may ask, in any chat; with nobody here and no chat in the next, all.
            chats: Where everybody may ask.
            questions_a_minute: How fast one person may ask.
            age_hours: How old the oldest message may be that is answered.
            now: Tells the time, in seconds since 1970.
        """
        self._users = frozenset(users)
        self._chats = frozenset(chats)
        self._limit = PersonLimit(questions_a_minute)
        self._age_seconds = age_hours * 3600
        self._now = now

    def allows(self, person: int | None, chat: int | None) -> bool:
        """Tell whether a person or a chat is let in; one of the two is enough."""
        return not (self._users or self._chats) or person in self._users or chat in self._chats

    def is_too_old(self, sent: datetime) -> bool:
        """Tell whether a message has waited too long to be answered."""
        return self._now() - sent.timestamp() > self._age_seconds

    def wait_seconds(self, person: int, sent: datetime | None) -> int:
        """Count a question, sent at a time or now; else tell in how many whole seconds the next is taken."""
        return self._limit.wait_seconds(person, sent.timestamp() if sent else self._now())
