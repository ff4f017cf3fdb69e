"""A SQLite database that threads share."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

# How long another process may hold the file, in seconds.
_PATIENCE = 30
Value = str | int | None


class Database:
    """One connection that takes one statement at a time and reads it whole.

    Threads that run the same statement on one connection would share its cursor in C
    (https://github.com/python/cpython/issues/118172).
    """

    def __init__(self, place: Path | str) -> None:
        self._connection = sqlite3.connect(place, check_same_thread=False, timeout=_PATIENCE)
        self._lock = RLock()

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and read what it gives."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def insert(self, statement: str, values: Sequence[Value]) -> int:
        """Insert a row and give back its number."""
        with self._lock:
            return self._connection.execute(statement, values).lastrowid or 0

    def run_many(self, statement: str, values: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each of several values."""
        with self._lock:
            self._connection.executemany(statement, values)

    def run_script(self, statements: str) -> None:
        """Run statements that stand behind each other."""
        with self._lock:
            self._connection.executescript(statements)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing; other threads wait until it is done."""
        with self._lock, self._connection:
            yield

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
