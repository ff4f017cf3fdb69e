"""Conversations that survive a restart.

A turn is kept as the receipt of its answer. Nothing here is about a terminal: whoever talks with people
names a conversation, appends its turns as they are answered, and loads it again.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bot.database import ATTEMPTS, Collision, Database, Transaction, now
from bot.datatypes import Conversation, Turn
from bot.receipts import json_line
from bot.turns import FindArticles, turn_of
from retrieval.errors import HistoryError

FILE_NAME = "conversations.sqlite3"
# How the names of conversations begin that are held in Telegram.
IN_TELEGRAM = "telegram "
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a list of conversations shows of one."""

    name: str
    turns: int
    first_question: str
    updated: datetime


class TurnKey(NamedTuple):
    """Which turn: the name of its conversation and its number there, from 1."""

    conversation: str
    number: int


class KeptTurn(NamedTuple):
    """A turn as it is kept: its number in the conversation, the question and the receipt, a line of JSON."""

    number: int
    question: str
    receipt: str


# What else is written when a turn is kept, or not at all.
Also = Callable[[Transaction, TurnKey], None]


class History:
    """All conversations of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, place: Path | str) -> "History":
        """Open the SQLite file at a path, or the database of a URL.

        Raises:
            HistoryError: It cannot be reached or read, is another version's or holds something else.
        """
        return cls(Database.open(place))

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def append(self, name: str | None, turn: Turn, receipt: Mapping[str, object]) -> str:
        """Keep one more turn, as `keep` does, and give back the name of its conversation."""
        return self.keep(name, turn, receipt).conversation

    def keep(
        self, name: str | None, turn: Turn, receipt: Mapping[str, object], also: Also | None = None
    ) -> TurnKey:
        """Keep one more turn of a conversation, which is made when new, and give back where it stands.

        Args:
            name: Which conversation; None begins one that is named by date and time.
            turn: The question and its answer.
            receipt: The receipt of the answer.
            also: What is to be written together with it.

        Raises:
            HistoryError: The name cannot be used, or the database cannot be written.
        """
        given = None if name is None else checked_name(name)
        moment = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
        for attempt in range(1, ATTEMPTS + 1):
            key = given or (moment if attempt == 1 else f"{moment} ({attempt})")
            try:
                with self._database.writing() as transaction:
                    # Writing first holds off whoever else appends to this conversation.
                    if given is None or not _touch(transaction, key):
                        _insert_conversation(transaction, key)
                    kept = _insert_turn(transaction, key, turn, receipt)
                    if also:
                        also(transaction, kept)
                return kept
            except Collision:
                continue
        raise self._database.unusable("other processes keep writing to it")

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
        return tuple(_made_again(name, kept, articles) for kept in self._turns(name, last))

    def load_turn(self, key: TurnKey, articles: FindArticles) -> Turn | None:
        """Make one turn again; None where it was forgotten.

        Raises:
            HistoryError: This version cannot read it.
        """
        if not self._database.has("turn"):
            return None
        statement = (
            "SELECT number, question, receipt FROM turn WHERE conversation = :name AND number = :number"
        )
        with self._database.transaction() as transaction:
            row = transaction.row(statement, name=key.conversation, number=key.number)
        return None if row is None else _made_again(key.conversation, KeptTurn(*row), articles)

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
        if not self._database.has("turn"):
            return ()
        statement = (
            "SELECT c.name, c.updated, count(*), min(CASE WHEN t.number = 1 THEN t.question END) "
            "FROM conversation c JOIN turn t ON t.conversation = c.name "
            "GROUP BY c.name, c.updated ORDER BY c.updated DESC, c.name DESC"
        )
        with self._database.transaction() as transaction:
            return [
                Summary(name=name, turns=turns, first_question=first, updated=datetime.fromisoformat(updated))
                for name, updated, turns, first in transaction.rows(statement)
            ]

    def forget(self, name: str) -> None:
        """Delete a conversation with its turns and what people thought of them.

        Raises:
            HistoryError: There is no such conversation, or the database cannot be written.
        """
        self.turns(name)
        with self._database.transaction() as transaction:
            transaction.change("DELETE FROM conversation WHERE name = :name", name=checked_name(name))
        self._database.clean_journal()

    def _turns(self, name: str, last: int | None = None) -> Sequence[KeptTurn]:
        if not self._database.has("turn"):
            return ()
        statement = (
            "SELECT number, question, receipt FROM turn WHERE conversation = :name ORDER BY number DESC"
        )
        limit = "" if last is None else f" LIMIT {last:d}"
        with self._database.transaction() as transaction:
            rows = transaction.rows(statement + limit, name=name)
        return [KeptTurn(*row) for row in reversed(rows)]


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


def _made_again(name: str, kept: KeptTurn, articles: FindArticles) -> Turn:
    return turn_of(kept.question, kept.receipt, articles, f"Turn {kept.number} of the conversation {name!r}")


def _touch(transaction: Transaction, name: str) -> bool:
    """Write down that a conversation goes on; false where there is none of this name."""
    statement = "UPDATE conversation SET updated = :now WHERE name = :name"
    return transaction.change(statement, name=name, now=now()) > 0


def _insert_conversation(transaction: Transaction, name: str) -> None:
    transaction.change("INSERT INTO conversation VALUES (:name, :now, :now)", name=name, now=now())


def _insert_turn(transaction: Transaction, name: str, turn: Turn, receipt: Mapping[str, object]) -> TurnKey:
    last = transaction.row("SELECT max(number) FROM turn WHERE conversation = :name", name=name)
    key = TurnKey(name, ((last and last[0]) or 0) + 1)
    transaction.change(
        "INSERT INTO turn VALUES (:name, :number, :question, :receipt)",
        name=name,
        number=key.number,
        # PostgreSQL takes no NUL, and neither takes half a character.
        question=turn.question.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode(),
        receipt=json_line(receipt),
    )
    return key
