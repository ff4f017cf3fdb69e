"""A SQLite database that threads share, and that explains itself when the disk or the file fails."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, local
from typing import Any

from retrieval.errors import DiskError, FootnoteError, LibraryBusy, LibraryDamaged

# How long another process may hold the file, in seconds.
_PATIENCE = 30
# What each connection may keep of the file in memory. Not mapped: a file cut short would end the process.
_CACHE_KIB = 32 * 1024
Value = str | int | float | bytes | None
# The file, and how often what it holds was changed: another state, another content.
State = tuple[int, int]


class Database:
    """A connection for whoever reads at the moment: threads do not wait for each other."""

    def __init__(self, place: Path) -> None:
        """Open a file, or make one.

        Raises:
            DiskError: It cannot be opened.
            LibraryDamaged: It is no database.
        """
        self._place = place
        self._lock = Lock()
        self._held = _Held()
        with self._explained():
            self._idle = [_connect(place)]
        self._file = place.stat().st_ino

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and read what it gives."""
        with self._connected() as connection:
            return connection.execute(statement, values).fetchall()

    def insert(self, statement: str, values: Sequence[Value]) -> int:
        """Insert a row and give back its number."""
        with self._connected() as connection:
            return connection.execute(statement, values).lastrowid or 0

    def run_many(self, statement: str, values: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each of several values."""
        with self._connected() as connection:
            connection.executemany(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing, in this thread; another that wants to write waits until it is done."""
        with self._holding("BEGIN IMMEDIATE"):
            yield
            (version,) = self.rows("PRAGMA user_version")[0]
            self.rows(f"PRAGMA user_version = {version + 1}")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one and the same state in this thread, whatever is written meanwhile."""
        if self._held.connection is not None:
            yield
            return
        with self._holding("BEGIN"):
            yield

    def state(self) -> State:
        """Name what the file holds now, or in this snapshot."""
        version = int(self.rows("PRAGMA user_version")[0][0])
        return self._file, version

    def copy_into(self, place: Path) -> None:
        """Write what the file holds at this moment into a new one, whatever is written meanwhile.

        Raises:
            OSError: It cannot be written there.
        """
        with self._connected() as connection:
            try:
                connection.execute("VACUUM INTO ?", (str(place),))
            except sqlite3.OperationalError as error:
                raise OSError(str(error)) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._explained():
            for connection in self._idle:
                connection.close()
            self._idle.clear()
            self._file = 0

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection, or one that nobody uses."""
        with self._explained():
            if self._held.connection is not None:
                yield self._held.connection
                return
            connection, file = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection, file)

    @contextmanager
    def _holding(self, begin: str) -> Iterator[None]:
        with self._connected() as connection:
            connection.execute(begin)
            self._held.connection = connection
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                # A full disk ends the transaction by itself.
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._held.connection = None

    def _take(self) -> tuple[sqlite3.Connection, int]:
        """Take an idle connection, or make one; to the file that now stands in the place of another."""
        with self._lock:
            with suppress(OSError):
                file = self._place.stat().st_ino
                if file != self._file:
                    while self._idle:
                        self._idle.pop().close()
                    self._file = file
            return (self._idle.pop() if self._idle else _connect(self._place)), self._file

    def _give_back(self, connection: sqlite3.Connection, file: int) -> None:
        with self._lock:
            if file == self._file:
                self._idle.append(connection)
            else:
                connection.close()

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


class _Held(local):
    """The connection that a thread keeps for the time of a transaction or a snapshot."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None


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
