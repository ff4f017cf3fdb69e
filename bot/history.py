"""Conversations that survive a restart, in SQLite or PostgreSQL; this module alone knows SQLAlchemy.

A turn is kept as the receipt of its answer. Nothing here is about a terminal: whoever talks with people
names a conversation, appends its turns as they are answered, and loads it again.
"""

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.datatypes import Conversation, Turn
from bot.receipts import json_line
from bot.turns import FindArticles, turn_of
from retrieval.errors import HistoryError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

FILE_NAME = "conversations.sqlite3"
SCHEMA_VERSION = 1
# Plain SQL that SQLite and PostgreSQL both read.
_TABLES = {
    "history": "version INTEGER PRIMARY KEY",
    "conversation": "name VARCHAR(100) PRIMARY KEY, created TEXT NOT NULL, updated TEXT NOT NULL",
    "turn": "conversation VARCHAR(100) NOT NULL REFERENCES conversation ON DELETE CASCADE, "
    "number INTEGER NOT NULL, question TEXT NOT NULL, receipt TEXT NOT NULL, "
    "PRIMARY KEY (conversation, number)",
}
_LONGEST_NAME = 100
# How long another process may hold the file, in seconds, and how often it may come first.
_PATIENCE, _ATTEMPTS = 5, 20
_POSTGRESQL = {"postgres", "postgresql", "postgresql+psycopg"}
_ELSEWHERE = "set FOOTNOTE_HISTORY to another database"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a list of conversations shows of one."""

    name: str
    turns: int
    first_question: str
    updated: datetime


class KeptTurn(NamedTuple):
    """A turn as it is kept: its number in the conversation, the question and the receipt, a line of JSON."""

    number: int
    question: str
    receipt: str


class _Collision(Exception):
    """Another process wrote at the same moment: do it again."""


class History:
    """All conversations of one database, which the first turn makes where there is none yet."""

    def __init__(self, engine: "Engine", place: str, file: Path | None) -> None:
        self._engine = engine
        self._place = place
        self._file = file

    @classmethod
    def open(cls, place: Path | str) -> "History":
        """Open the SQLite file at a path, or the database of a URL.

        Raises:
            HistoryError: It cannot be reached or read, is another version's or holds something else.
        """
        from sqlalchemy import URL

        url = URL.create("sqlite", database=str(place)) if isinstance(place, Path) else _url(place)
        file = _file(url)
        history = cls(_engine(url), str(file or f"{url.database or 'memory'} at {url.host or 'hand'}"), file)
        history._check()
        return history

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def append(self, name: str | None, turn: Turn, receipt: Mapping[str, object]) -> str:
        """Keep one more turn of a conversation, which is made when new, and give back its name.

        Args:
            name: Which conversation; None begins one that is named by date and time.
            turn: The question and its answer.
            receipt: The receipt of the answer.

        Raises:
            HistoryError: The name cannot be used, or the database cannot be written.
        """
        given = None if name is None else checked_name(name)
        self._prepare()
        moment = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
        for attempt in range(1, _ATTEMPTS + 1):
            key = given or (moment if attempt == 1 else f"{moment} ({attempt})")
            try:
                with self._transaction() as connection:
                    # Writing first holds off whoever else appends to this conversation.
                    if given is None or not _touch(connection, key):
                        _insert_conversation(connection, key)
                    _insert_turn(connection, key, turn, receipt)
                return key
            except _Collision:
                continue
        raise self._unusable("other processes keep writing to it")

    def load(self, name: str, articles: FindArticles, last: int | None = None) -> Conversation:
        """Make a conversation again, or its last turns; one that nobody had yet is empty.

        Args:
            name: Which conversation.
            articles: Finds articles of the library by id; what it lacks is made of what was quoted.
            last: At most so many turns, the newest.

        Raises:
            HistoryError: The name cannot be used, or this version cannot read a turn.
        """
        name = checked_name(name)
        return tuple(
            turn_of(kept.question, kept.receipt, articles, f"Turn {kept.number} of the conversation {name!r}")
            for kept in self._turns(name, last)
        )

    def turns(self, name: str) -> Sequence[KeptTurn]:
        """Read all turns of a conversation as they were kept.

        Raises:
            HistoryError: There is no such conversation.
        """
        turns = self._turns(checked_name(name))
        if not turns:
            raise HistoryError(f"There is no conversation {name!r}. Those there are: footnote conversations")
        return turns

    def conversations(self) -> Sequence[Summary]:
        """List the conversations, the one last used first."""
        if not self._check():
            return ()
        statement = (
            "SELECT c.name, c.updated, count(*), min(CASE WHEN t.number = 1 THEN t.question END) "
            "FROM conversation c JOIN turn t ON t.conversation = c.name "
            "GROUP BY c.name, c.updated ORDER BY c.updated DESC, c.name DESC"
        )
        with self._transaction() as connection:
            rows = _run(connection, statement).all()
            return [
                Summary(name=name, turns=turns, first_question=first, updated=datetime.fromisoformat(updated))
                for name, updated, turns, first in rows
            ]

    def forget(self, name: str) -> None:
        """Delete a conversation with its turns.

        Raises:
            HistoryError: There is no such conversation, or the database cannot be written.
        """
        self.turns(name)
        with self._transaction() as connection:
            _run(connection, "DELETE FROM conversation WHERE name = :name", name=checked_name(name))

    def _turns(self, name: str, last: int | None = None) -> Sequence[KeptTurn]:
        if not self._check():
            return ()
        statement = (
            "SELECT number, question, receipt FROM turn WHERE conversation = :name ORDER BY number DESC"
        )
        limit = "" if last is None else f" LIMIT {last:d}"
        with self._transaction() as connection:
            rows = _run(connection, statement + limit, name=name).all()
        return [KeptTurn(*row) for row in reversed(rows)]

    def _check(self) -> bool:
        """Tell whether there are tables, and make sure that they are ours and of this version."""
        if self._file and not os.path.exists(self._file):
            return False
        with self._transaction() as connection:
            return self._finds_tables(connection)

    def _finds_tables(self, connection: "Connection") -> bool:
        from sqlalchemy import inspect

        found = set(inspect(connection).get_table_names())
        if not found <= _TABLES.keys():
            other = ", ".join(sorted(found - _TABLES.keys())[:3])
            raise HistoryError(
                f"The database {self._place} has other tables than those of conversations ({other}). "
                f"Move it away, or {_ELSEWHERE}."
            )
        if found < _TABLES.keys():
            return False
        version = _run(connection, "SELECT max(version) FROM history").scalar()
        if version not in (None, SCHEMA_VERSION):
            raise HistoryError(
                f"The conversations in {self._place} have schema {version}, this version reads "
                f"{SCHEMA_VERSION}. Move them away, or {_ELSEWHERE}."
            )
        return version is not None

    def _prepare(self) -> None:
        """Make the tables where there are none."""
        for _ in range(_ATTEMPTS):
            if self._check():
                return
            try:
                if self._file:
                    # What people ask is nobody else's business.
                    os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
                with self._transaction() as connection:
                    for name, columns in _TABLES.items():
                        _run(connection, f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
                    _run(connection, "INSERT INTO history VALUES (:version)", version=SCHEMA_VERSION)
            except _Collision:
                continue
            except OSError as error:
                raise self._unusable((error.strerror or str(error)).lower()) from error

    @contextmanager
    def _transaction(self) -> Iterator["Connection"]:
        """Do all or nothing, and say in one sentence what went wrong."""
        from sqlalchemy.exc import IntegrityError, SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError as error:
            raise _Collision from error
        except (SQLAlchemyError, ValueError) as error:
            raise self._unusable(str(getattr(error, "orig", None) or type(error).__name__)) from error

    def _unusable(self, why: str) -> HistoryError:
        reason = " ".join(why.split()).rstrip(".")
        if self._engine.url.password:
            reason = reason.replace(str(self._engine.url.password), "…")
        return HistoryError(
            f"The conversations in {self._place} cannot be used ({reason}). Mend that, or {_ELSEWHERE}."
        )


def checked_name(name: str) -> str:
    """Write a conversation's name in its one form.

    Raises:
        HistoryError: It is empty, too long or cannot be printed.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
        raise HistoryError(
            f"A conversation's name has 1 to {_LONGEST_NAME} printable characters, not {name[:120]!r}."
        )
    return name


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


def _engine(url: "URL") -> "Engine":
    from sqlalchemy import NullPool, create_engine, event

    is_sqlite = url.drivername == "sqlite"
    patience = {"timeout" if is_sqlite else "connect_timeout": _PATIENCE}
    try:
        # A file that is replaced or deleted meanwhile must not be written to where nobody sees it.
        pool = NullPool if is_sqlite and _file(url) else None
        engine = create_engine(
            url, connect_args=patience, poolclass=pool, pool_pre_ping=not is_sqlite, hide_parameters=True
        )
    except ImportError as error:
        raise HistoryError(
            "PostgreSQL needs one more package. Install it with: pip install 'footnote-bot[postgres]'"
        ) from error
    if is_sqlite:

        @event.listens_for(engine, "connect")
        def set_up(connection: "DBAPIConnection", _entry: "ConnectionPoolEntry") -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys = ON")
            # What is forgotten is overwritten in the file.
            cursor.execute("PRAGMA secure_delete = ON")
            cursor.close()

    return engine


def _run(connection: "Connection", statement: str, **values: str | int) -> "CursorResult[*tuple[Any, ...]]":
    from sqlalchemy import text

    return connection.execute(text(statement), values)


def _touch(connection: "Connection", name: str) -> bool:
    """Write down that a conversation goes on; false where there is none of this name."""
    statement = "UPDATE conversation SET updated = :now WHERE name = :name"
    return _run(connection, statement, name=name, now=_now()).rowcount > 0


def _insert_conversation(connection: "Connection", name: str) -> None:
    _run(connection, "INSERT INTO conversation VALUES (:name, :now, :now)", name=name, now=_now())


def _insert_turn(connection: "Connection", name: str, turn: Turn, receipt: Mapping[str, object]) -> None:
    last = _run(connection, "SELECT max(number) FROM turn WHERE conversation = :name", name=name).scalar()
    _run(
        connection,
        "INSERT INTO turn VALUES (:name, :number, :question, :receipt)",
        name=name,
        number=(last or 0) + 1,
        # PostgreSQL takes no NUL, and neither takes half a character.
        question=turn.question.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode(),
        receipt=json_line(receipt),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
