"""The database of all that is remembered, in SQLite or PostgreSQL; this module alone knows SQLAlchemy."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from retrieval.errors import HistoryError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

SCHEMA_VERSION = 2
# Plain SQL that SQLite and PostgreSQL both read. Schema 1 had the first three.
TABLES = {
    "history": "version INTEGER PRIMARY KEY",
    "conversation": "name VARCHAR(100) PRIMARY KEY, created TEXT NOT NULL, updated TEXT NOT NULL",
    "turn": "conversation VARCHAR(100) NOT NULL REFERENCES conversation ON DELETE CASCADE, "
    "number INTEGER NOT NULL, question TEXT NOT NULL, receipt TEXT NOT NULL, "
    "PRIMARY KEY (conversation, number)",
    "feedback": "conversation VARCHAR(100) NOT NULL, number INTEGER NOT NULL, person TEXT NOT NULL, "
    "is_good INTEGER NOT NULL, given TEXT NOT NULL, PRIMARY KEY (conversation, number, person), "
    "FOREIGN KEY (conversation, number) REFERENCES turn ON DELETE CASCADE",
    "telegram_chat": "chat BIGINT NOT NULL, topic BIGINT NOT NULL, session INTEGER NOT NULL, language TEXT, "
    "PRIMARY KEY (chat, topic)",
    "telegram_update": "id BIGINT PRIMARY KEY, received TEXT NOT NULL, body TEXT, "
    "session INTEGER, number INTEGER, parts INTEGER NOT NULL",
}
# How often another process may come first.
ATTEMPTS = 20
# How long another process may hold the file, in seconds.
_PATIENCE = 5
_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
_ELSEWHERE = "set FOOTNOTE_HISTORY to another database"
Value = str | int | None


class Collision(Exception):
    """Another process wrote at the same moment: do it again."""


class Transaction:
    """What is read and written all together or not at all.

    SQLite lets one write at a time: what both reads and writes has to write first.
    """

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def rows(self, statement: str, **values: Value) -> Sequence[tuple[Any, ...]]:
        """Read all rows that a statement finds."""
        return [tuple(row) for row in self._run(statement, values)]

    def row(self, statement: str, **values: Value) -> tuple[Any, ...] | None:
        """Read the first row that a statement finds, if there is one."""
        found = self._run(statement, values).first()
        return None if found is None else tuple(found)

    def change(self, statement: str, **values: Value) -> int:
        """Write, and count the rows that were changed."""
        return self._run(statement, values).rowcount

    def _run(self, statement: str, values: dict[str, Value]) -> "CursorResult[*tuple[Any, ...]]":
        from sqlalchemy import text

        return self._connection.execute(text(statement), values)


class Database:
    """One database, whose tables the first write makes where there are none yet."""

    def __init__(self, engine: "Engine", place: str, file: Path | None, *, stays_open: bool) -> None:
        self._engine = engine
        self._place = place
        self._file = file
        self._stays_open = stays_open
        # The file that was seen to have the tables, by device and number.
        self._ready: tuple[int, int] | None = None
        # Whoever waited in the pool for the one connection of a file would miss that it was let go of.
        self._turn = RLock() if file and stays_open else nullcontext()

    @classmethod
    def open(cls, place: Path | str, *, stays_open: bool = False) -> "Database":
        """Open the SQLite file at a path, or the database of a URL.

        Args:
            place: The path or the URL.
            stays_open: Hold one connection to a SQLite file, for a process that writes many times a second;
                otherwise each transaction opens the file anew. Neither loses anything when the process is
                killed. When the power fails, the former may lose what was written in the last half minute.
                Its file may be deleted meanwhile, but not replaced by another.

        Raises:
            HistoryError: It cannot be reached or read, is another version's or holds something else.
        """
        from sqlalchemy import URL

        url = URL.create("sqlite", database=str(place)) if isinstance(place, Path) else _url(place)
        file = _file(url)
        name = str(file or f"{url.database or 'memory'} at {url.host or 'hand'}")
        database = cls(_engine(url, stays_open=stays_open), name, file, stays_open=stays_open)
        database._tables()
        return database

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Do all or nothing, and say in one sentence what went wrong.

        Raises:
            Collision: Another process wrote at the same moment.
            HistoryError: The database cannot be used.
        """
        from sqlalchemy.exc import IntegrityError, SQLAlchemyError

        try:
            with self._turn, self._engine.begin() as connection:
                yield Transaction(connection)
        except IntegrityError as error:
            raise Collision from error
        except (SQLAlchemyError, ValueError) as error:
            self._ready = None
            raise self.unusable(str(getattr(error, "orig", None) or type(error).__name__)) from error

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Make the tables that are missing, then open a transaction."""
        self._prepare()
        with self.transaction() as transaction:
            yield transaction

    def has(self, table: str) -> bool:
        """Tell whether there is a table; before the first write there are none, or an earlier version's."""
        if self._is_ready():
            return True
        version, tables = self._tables()
        return version is not None and table in tables

    def clean_journal(self) -> None:
        """Take what was deleted out of the journal that SQLite keeps beside the file, too."""
        if self._file:
            with self.transaction() as transaction:
                transaction.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def unusable(self, why: str) -> HistoryError:
        """Make the error that tells why the database cannot be used."""
        reason = " ".join(why.split()).rstrip(".")
        if self._engine.url.password:
            reason = reason.replace(str(self._engine.url.password), "…")
        return HistoryError(
            f"The conversations in {self._place} cannot be used ({reason}). Mend that, or {_ELSEWHERE}."
        )

    def _tables(self) -> tuple[int | None, set[str]]:
        """Find the schema and the tables, and make sure that they are ours and of a version that we know."""
        from sqlalchemy import inspect

        if self._file and not os.path.exists(self._file):
            return None, set()
        with self.transaction() as transaction:
            found = set(inspect(transaction._connection).get_table_names())
            if not found <= TABLES.keys():
                other = ", ".join(sorted(found - TABLES.keys())[:3])
                raise HistoryError(
                    f"The database {self._place} has other tables than those of conversations ({other}). "
                    f"Move it away, or {_ELSEWHERE}."
                )
            row = transaction.row("SELECT max(version) FROM history") if "history" in found else None
        version: int | None = row[0] if row else None
        if version is not None and not 1 <= version <= SCHEMA_VERSION:
            raise HistoryError(
                f"The conversations in {self._place} have schema {version}, this version reads 1 to "
                f"{SCHEMA_VERSION}. Move them away, or {_ELSEWHERE}."
            )
        return version, found

    def _prepare(self) -> None:
        """Make the tables where there are none, and those that an earlier version did not have."""
        if self._is_ready():
            return
        if self._stays_open and self._file:
            # The file may have been deleted: let go of it.
            with self._turn:
                self._engine.dispose()
        for _ in range(ATTEMPTS):
            try:
                version, found = self._tables()
                if version == SCHEMA_VERSION and found == TABLES.keys():
                    self._ready = self._identity() if self._stays_open else None
                    return
                if self._file:
                    # What people ask is nobody else's business.
                    os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
                with self.transaction() as transaction:
                    for name, columns in TABLES.items():
                        transaction.change(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
                    transaction.change("DELETE FROM history")
                    transaction.change("INSERT INTO history VALUES (:version)", version=SCHEMA_VERSION)
            except Collision:
                continue
            except OSError as error:
                raise self.unusable((error.strerror or str(error)).lower()) from error

    def _is_ready(self) -> bool:
        return self._ready is not None and self._ready == self._identity()

    def _identity(self) -> tuple[int, int] | None:
        """Tell the file that is there now from one that was there before; a server is always the same."""
        if self._file is None:
            return 0, 0
        try:
            found = os.stat(self._file)
        except OSError:
            return None
        return found.st_dev, found.st_ino


def now() -> str:
    """Write the moment as it is kept; later ones sort behind earlier ones."""
    return written(datetime.now(UTC))


def written(moment: datetime) -> str:
    """Write a moment as it is kept."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _url(text: str) -> "URL":
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    # The value may hold a password, so no message shows any of it.
    refused = HistoryError(
        "FOOTNOTE_HISTORY is no URL of SQLite or PostgreSQL, such as sqlite:///talks.sqlite3 or "
        "postgresql://user:password@host/database (in a password, %40 stands for @)."
    )
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise refused from None
    if url.drivername in _POSTGRESQL and "@" not in (url.host or ""):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and not (url.host or url.query):
        return url
    raise refused


def _file(url: "URL") -> Path | None:
    """Find the file of a SQLite database that is not in memory."""
    is_file = url.drivername == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(url.database or "") if is_file else None


def _engine(url: "URL", *, stays_open: bool) -> "Engine":
    from sqlalchemy import NullPool, create_engine, event
    from sqlalchemy.pool import QueuePool

    if url.drivername != "sqlite":
        try:
            return create_engine(
                url, connect_args={"connect_timeout": _PATIENCE}, pool_pre_ping=True, hide_parameters=True
            )
        except ImportError as error:
            raise HistoryError(
                "PostgreSQL needs one more package. Install it with: pip install 'footnote-bot[postgres]'"
            ) from error
    arguments = {"timeout": _PATIENCE, "check_same_thread": False}
    if _file(url) and not stays_open:
        # A file that is replaced or deleted meanwhile must not be written to where nobody sees it.
        engine = create_engine(url, connect_args=arguments, poolclass=NullPool, hide_parameters=True)
    else:
        # Threads that take turns are faster than connections that wait for a lock.
        engine = create_engine(
            url, connect_args=arguments, poolclass=QueuePool, pool_size=1, max_overflow=0,
            hide_parameters=True,
        )  # fmt: skip
    # What is forgotten is overwritten in the file.
    pragmas = ["foreign_keys = ON", "secure_delete = ON"]
    # Without these, each transaction waits for the disk several times.
    pragmas += ["journal_mode = WAL", "synchronous = NORMAL"] if stays_open else []

    @event.listens_for(engine, "connect")
    def set_up(connection: "DBAPIConnection", _entry: "ConnectionPoolEntry") -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
