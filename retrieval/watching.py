"""Keep the index fresh: look again at each source when it is due."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from retrieval.articles import Reading
from retrieval.errors import LibraryBusy, LibraryMissing, SettingError
from retrieval.gathering import Gatherer
from retrieval.indexing import Indexer, IndexReport
from retrieval.library import Library

_LONGEST_SLEEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Round:
    """What was read of sources that were due, and what it changed."""

    reading: Reading
    report: IndexReport


class Watcher:
    """Looks at sources when they are due, for as long as it runs.

    Args:
        folder: Holds the index.
        indexer: Writes it.
        gatherer: Reads sources.
        now: The date and time in UTC.
        sleep: Waits that many seconds.
    """

    def __init__(
        self,
        folder: Path,
        indexer: Indexer,
        gatherer: Gatherer,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder = folder
        self._indexer = indexer
        self._gatherer = gatherer
        self._now = now
        self._sleep = sleep

    def look(self) -> Iterator[Round]:
        """Look at all sources that are due, a few articles at a time.

        Raises:
            SettingError: None is known.
        """
        with closing(Library.open_any(self._folder)) as library:
            due = library.sources.due(self._now())
            if not due and not library.sources.watched():
                raise SettingError(
                    "Nothing to watch. Name a feed or a folder once: footnote watch feed:https://…"
                )
        for reading in self._gatherer.visit(due):
            yield Round(reading, self._indexer.update(reading, _silent))

    def rounds(self) -> Iterator[Round | str]:
        """Look at them for ever; what kept a round from being stored is told, and tried again."""
        while True:
            try:
                yield from self.look()
            except LibraryBusy as error:
                yield f"{error} Trying again."
                self._sleep(_LONGEST_SLEEP_SECONDS)
                continue
            self._sleep(self._until_next())

    def _until_next(self) -> float:
        try:
            with closing(Library.open_any(self._folder)) as library:
                due = library.sources.next_due()
        except LibraryMissing:
            due = None
        if due is None:
            return _LONGEST_SLEEP_SECONDS
        return min(max((due - self._now()).total_seconds(), 1.0), _LONGEST_SLEEP_SECONDS)


def _silent(step: str, done: int, total: int) -> None:
    """Tell nobody how far it has come."""
