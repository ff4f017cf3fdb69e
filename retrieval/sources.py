"""Where articles come from, what happened there last, and when to look again."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Literal

from retrieval.database import Database

_PARAMETERS = 900
_HOUR, _DAY = 3_600, 86_400
# A page is read again after an hour, then after twice as long as before, for a week.
_LAST_PAUSE_OF_PAGE = 4 * _DAY
_MOST_FAILURES_OF_PAGE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A feed, a page, or files and folders, as a person or a feed named it.

    `feed` is what named a page; `checked` is when it was last looked at, `succeeded` when that went well,
    `due` when it is looked at again: ISO 8601 in UTC; without it, never by itself. `failures` counts those in
    a row, the last of which `problem` tells of; `pause` is in seconds. `etag` and `last_modified` are what
    the server said of its version; of files, `etag` is a digest of their names, sizes and dates.
    """

    name: str
    kind: Literal["feed", "page", "files"]
    feed: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    checked: str | None = None
    succeeded: str | None = None
    failures: int = 0
    problem: str | None = None
    due: str | None = None
    pause: int | None = None

    def after_success(
        self, now: datetime, *, etag: str | None, last_modified: str | None, pause: int
    ) -> "Source":
        """Note that it was read; `pause` is the shortest until the next time."""
        if self.kind == "page":
            pause = max(pause, self.pause * 2 if self.pause else _HOUR)
        ends = self.kind == "page" and pause > _LAST_PAUSE_OF_PAGE
        return replace(
            self,
            etag=etag,
            last_modified=last_modified,
            checked=stamp(now),
            succeeded=stamp(now),
            failures=0,
            problem=None,
            due=None if ends else stamp(now + timedelta(seconds=pause)),
            pause=pause,
        )

    def after_failure(
        self, now: datetime, problem: str, *, wait: float | None = None, is_lasting: bool = False, pause: int
    ) -> "Source":
        """Note that it could not be read; each failure doubles the pause, up to a day."""
        failures = self.failures + 1
        backoff = max(min(pause * 2 ** min(failures, 12), _DAY), wait or 0)
        ends = self.kind == "page" and (is_lasting or failures >= _MOST_FAILURES_OF_PAGE)
        due = None if ends else stamp(now + timedelta(seconds=backoff))
        return replace(self, checked=stamp(now), failures=failures, problem=problem, due=due)


class Sources:
    """The sources of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def named(self, names: Sequence[str]) -> dict[str, Source]:
        """Read those of some names that are known."""
        found: list[Source] = []
        for start in range(0, len(names), _PARAMETERS):
            some = names[start : start + _PARAMETERS]
            found += self._read(f"name IN ({', '.join('?' * len(some))})", some)
        return {source.name: source for source in found}

    def due(self, now: datetime) -> list[Source]:
        """Read those that are to be looked at again, the longest due first."""
        return self._read("due <= ? ORDER BY due, name", [stamp(now)])

    def next_due(self) -> datetime | None:
        """Tell when the first is due."""
        found = self._database.rows("SELECT min(due) FROM source")[0][0]
        return datetime.fromisoformat(found) if found else None

    def watched(self) -> list[Source]:
        """Read what people named: feeds, pages, files and folders."""
        return self._read("feed IS NULL ORDER BY kind, name", [])

    def write(self, sources: Sequence[Source]) -> None:
        """Note what happened at sources."""
        statement = f"INSERT OR REPLACE INTO source ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})"
        with self._database.transaction():
            self._database.run_many(statement, [astuple(source) for source in sources])

    def drop(self, name: str) -> bool:
        """Forget a source and the pages that it named, but no article; tell whether it was known."""
        with self._database.transaction():
            known = bool(self.named([name]))
            self._database.rows("DELETE FROM source WHERE name = ? OR feed = ?", (name, name))
        return known

    def _read(self, condition: str, values: Sequence[str]) -> list[Source]:
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM source WHERE {condition}", values)
        return [Source(**dict(zip(_NAMES, row, strict=True))) for row in rows]


def stamp(moment: datetime) -> str:
    """Write a moment in UTC to the second."""
    return moment.isoformat(timespec="seconds")


_NAMES = [field.name for field in fields(Source)]
_COLUMNS = ", ".join(_NAMES)
