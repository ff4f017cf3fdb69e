"""A SQLite database that threads share, and that explains itself when the disk or the file fails."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any

from retrieval.errors import DiskError, FootnoteError, LibraryBusy, LibraryDamaged

# How long another process may hold the file, in seconds.
_PATIENCE = 30
# What each connection may keep of the file in memory. Not mapped: a file cut short would end the process.
_CACHE_KIB = 32 * 1024
Value = str | int | bytes | None
State = tuple[int, int, int]


class Database:
    """One connection that takes one statement at a time and reads it whole.

    Threads that run the same statement on one connection would share its cursor in C
    (https://github.com/python/cpython/issues/118172).
    """

    def __init__(self, place: Path) -> None:
        """Open a file, or make one.

        Raises:
            DiskError: It cannot be opened.
            LibraryDamaged: It is no database.
        """
        self._place = place
        self._lock = RLock()
        with self._explained():
            self._connection = _connect(place)
        self._file = place.stat().st_ino

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and read what it gives."""
        with self._lock, self._explained():
            return self._connection.execute(statement, values).fetchall()

    def insert(self, statement: str, values: Sequence[Value]) -> int:
        """Insert a row and give back its number."""
        with self._lock, self._explained():
            return self._connection.execute(statement, values).lastrowid or 0

    def run_many(self, statement: str, values: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each of several values."""
        with self._lock, self._explained():
            self._connection.executemany(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing; other threads wait until it is done."""
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk ends the transaction by itself.
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def state(self) -> State:
        """Name what the file holds now: another name, another content, whoever changed it."""
        with self._lock:
            self._follow()
            version = int(self.rows("PRAGMA data_version")[0][0])
            return self._file, self._connection.total_changes, version

    def _follow(self) -> None:
        """Read on in the file that was put in the place of the one that is open."""
        try:
            file = self._place.stat().st_ino
        except OSError:
            return
        if file != self._file:
            with self._explained():
                found = _connect(self._place)
                self._connection.close()
            self._connection, self._file = found, file

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._explained():
            self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._explanation(error) from error

    def _explanation(self, error: sqlite3.DatabaseError) -> FootnoteError | sqlite3.DatabaseError:
        code = str(getattr(error, "sqlite_errorname", ""))
        folder = self._place.parent
        if code.startswith("SQLITE_BUSY"):
            return LibraryBusy(
                f"Another program has kept the index at {folder} locked for {_PATIENCE} seconds. Try again."
            )
        if code.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            return DiskError(
                f"The disk refused to write the index at {folder} ({error}). Make room and run the command "
                "again: what was indexed before is still there."
            )
        if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
            return DiskError(
                f"The index at {folder} cannot be opened for that ({error}). See to the permissions of the "
                "folder, or name another with --index."
            )
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return LibraryDamaged(damaged(folder, str(error)))
        return error


def damaged(folder: Path, why: str) -> str:
    """Say that a library is damaged, and what to do."""
    return (
        f"The index at {folder} cannot be read ({why}). Move it away and build it again with: "
        "footnote index FOLDER"
    )


def _connect(place: Path) -> sqlite3.Connection:
    """Connect; what lies where nothing can be written is read as something that never changes."""
    connection = _opened(place.absolute().as_uri())
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError as error:
        connection.close()
        if not place.exists() or error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_IOERR")):
            raise
        connection = _opened(f"{place.absolute().as_uri()}?mode=ro&immutable=1")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def _opened(address: str) -> sqlite3.Connection:
    return sqlite3.connect(
        address, uri=True, check_same_thread=False, timeout=_PATIENCE, isolation_level=None
    )
