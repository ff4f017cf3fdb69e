"""What the handlers share."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from bot.datatypes import Answer, Conversation
from bot.settings import Settings
from bot.telegram_app.guards import Guards
from bot.telegram_app.monitoring import Monitor
from bot.telegram_app.remembering import Remembering
from retrieval.datatypes import Article


class Answers(Protocol):
    """What answers questions: `bot.assistant.Assistant` in life."""

    def stream(self, question: str, conversation: Conversation = ()) -> Iterator[str | Answer]:
        """Give what is being written, unchecked, and last the answer."""


class FindArticles(Protocol):
    """What gives articles of the index as it is now."""

    def __call__(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """Give those of some ids, or all, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the handlers share; `explain` says what went wrong, and logs what should not have."""

    settings: Settings
    answers: Answers
    articles: FindArticles
    remembering: Remembering
    guards: Guards
    monitor: Monitor
    workers: Executor
    explain: Callable[[Exception], str]
