"""A database is opened, made and brought up to date, and stays usable while others change it."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bot.database import SCHEMA_VERSION, TABLES, Database, Transaction
from bot.feedback import Feedback
from bot.history import FILE_NAME, History, TurnKey
from retrieval.errors import HistoryError
from tests.test_history import add, asked, place  # noqa: F401
from tests.test_telegram_chats import opened


def file_of_schema_1(path: Path) -> None:
    """Make a file as the version before this one left it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for name in ("history", "conversation", "turn"):
            connection.execute(f"CREATE TABLE {name} ({TABLES[name]})")
        connection.execute("INSERT INTO history VALUES (1)")
    with closing(History.open(path)) as history:
        add(history, "talk", "one?")
    with closing(sqlite3.connect(path)) as connection, connection:
        for name in sorted(TABLES.keys() - {"history", "conversation", "turn"}):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE history SET version = 1")


def test_file_of_schema_1_is_read_and_not_written_until_something_is_kept(tmp_path: Path) -> None:
    file_of_schema_1(tmp_path / FILE_NAME)
    before = (tmp_path / FILE_NAME).read_bytes()
    with closing(Database.open(tmp_path / FILE_NAME)) as database:
        assert asked(History(database), "talk") == ["one?"]
        assert Feedback(database).verdicts() == ()
        assert Feedback(database).given(TurnKey("talk", 1), "7") is None
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("stays_open", [False, True])
def test_file_of_schema_1_gets_the_other_tables_with_the_first_write(
    tmp_path: Path, stays_open: bool
) -> None:
    file_of_schema_1(tmp_path / FILE_NAME)
    with closing(Database.open(tmp_path / FILE_NAME, stays_open=stays_open)) as database:
        assert Feedback(database).give(TurnKey("talk", 1), "7", is_good=True)
        assert asked(History(database), "talk") == ["one?"]
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("SELECT version FROM history").fetchall() == [(SCHEMA_VERSION,)]
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert {name for (name,) in tables} == TABLES.keys()


def test_file_that_is_deleted_meanwhile_is_made_again_when_the_database_stays_open(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    with closing(Database.open(file, stays_open=True)) as database:
        add(History(database), "talk", "one?")
        file.unlink()
        assert asked(History(database), "talk") == []
        add(History(database), "talk", "two?")
        assert asked(History(database), "talk") == ["two?"]
    with closing(History.open(file)) as history:
        assert asked(history, "talk") == ["two?"]


def test_words_when_forgotten_stand_in_no_file_though_the_database_stays_open(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    with closing(Database.open(file, stays_open=True)) as database:
        add(History(database), "hidden name", *(f"the word is xyzzy {number}" for number in range(20)))
        assert any(b"xyzzy" in path.read_bytes() for path in tmp_path.iterdir())
        # Another process forgets, as the command line does while the bot runs.
        with closing(History.open(file)) as other:
            other.forget("hidden name")
        for path in tmp_path.iterdir():
            assert b"xyzzy" not in path.read_bytes() and b"hidden name" not in path.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_files_beside_a_database_that_stays_open_are_for_its_owner_alone(tmp_path: Path) -> None:
    with closing(Database.open(tmp_path / FILE_NAME, stays_open=True)) as database:
        add(History(database), "talk", "one?")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys((FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"), 0o600)


@pytest.mark.parametrize("stays_open", [False, True])
def test_database_in_memory_is_one_for_all_threads(stays_open: bool) -> None:
    with closing(Database.open("sqlite://", stays_open=stays_open)) as database:
        history = History(database)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda number: add(history, "talk", f"{number}?"), range(12)))
        assert sorted(asked(history, "talk")) == sorted(f"{number}?" for number in range(12))


def test_threads_and_another_process_can_write_while_the_database_stays_open(place: str) -> None:  # noqa: F811
    with closing(opened(place)) as database, closing(opened(place)) as other:

        def append(number: int) -> None:
            add(History(other if number % 2 else database), "talk", f"{number}?")

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(append, range(24)))
        assert sorted(asked(History(database), "talk")) == sorted(f"{number}?" for number in range(24))


def test_transaction_writes_nothing_when_it_fails_in_the_middle(place: str) -> None:  # noqa: F811
    with closing(opened(place)) as database:
        add(History(database), "talk", "one?")
        with pytest.raises(RuntimeError, match="no power"), database.transaction() as transaction:
            transaction.change("DELETE FROM turn")
            raise RuntimeError("no power")
        assert asked(History(database), "talk") == ["one?"]


@pytest.mark.parametrize(
    "work",
    [
        lambda transaction: transaction.rows("SELECT number FROM nowhere"),
        lambda transaction: transaction.row("SELECT number FROM nowhere"),
        lambda transaction: transaction.change("DELETE FROM nowhere"),
    ],
    ids=["rows", "row", "change"],
)
def test_statement_that_fails_is_told_in_one_sentence(
    place: str,  # noqa: F811
    work: Callable[[Transaction], object],
) -> None:
    with (
        closing(opened(place)) as database,
        pytest.raises(HistoryError, match=r"The conversations in .* cannot be used .*nowhere"),
        database.writing() as transaction,
    ):
        work(transaction)
