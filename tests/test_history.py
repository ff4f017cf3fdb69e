"""Conversations are kept turn by turn, whoever else writes, until they are forgotten.

With POSTGRES_URL set to the URL of an empty database, what holds for SQLite is checked for PostgreSQL too.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy

from bot.database import TABLES
from bot.datatypes import Turn
from bot.history import FILE_NAME, History
from bot.keeping import Keeper
from bot.receipts import receipt_of
from retrieval.errors import HistoryError
from tests.test_bad_input import as_nobody
from tests.test_turns import ANSWER, ARTICLE, INDEX, library

ROOT = Path(__file__).parents[1]
POSTGRES = os.environ.get("POSTGRES_URL")
ARTICLES = library(ARTICLE)
# Appends turns to a conversation, and says after each that it is kept.
WRITER = """
import sys
from pathlib import Path
from tests.test_history import opened, turn_asking
from bot.receipts import receipt_of
from tests.test_turns import INDEX

history = opened(sys.argv[1])
for number in range(int(sys.argv[3])):
    turn = turn_asking(f"{sys.argv[2]} {number}")
    history.append("shared", turn, receipt_of(turn.answer, INDEX))
    print(number, flush=True)
"""


def turn_asking(question: str) -> Turn:
    return Turn(question, replace(ANSWER, question=question))


def opened(place: str) -> History:
    return History.open(place if "://" in place else Path(place))


def add(history: History, name: str | None, *questions: str) -> str:
    for question in questions:
        turn = turn_asking(question)
        name = history.append(name, turn, receipt_of(turn.answer, INDEX))
    assert name is not None
    return name


def asked(history: History, name: str) -> list[str]:
    return [turn.question for turn in history.load(name, ARTICLES)]


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The path of a database that is not there yet, or the URL of one that is empty."""
    if request.param == "sqlite":
        return str(tmp_path / FILE_NAME)
    assert POSTGRES is not None
    engine = sqlalchemy.create_engine(POSTGRES)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {', '.join(TABLES)}"))
    engine.dispose()
    return POSTGRES


@pytest.fixture
def history(place: str) -> Iterator[History]:
    with closing(opened(place)) as history:
        yield history


@pytest.fixture
def write(place: str) -> Iterator[Callable[[str, int], "subprocess.Popen[str]"]]:
    """Start a process that appends turns to the conversation `shared`."""
    writers: list[subprocess.Popen[str]] = []

    def start(who: str, turns: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", WRITER, place, who, str(turns)]
        writers.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return writers[-1]

    yield start
    for writer in writers:
        writer.kill()
        writer.communicate()


def test_conversation_when_loaded_after_a_restart_is_what_was_said(place: str) -> None:
    with closing(opened(place)) as before:
        add(before, "talk", "one?", "two?")
    with closing(opened(place)) as after:
        assert after.load("talk", ARTICLES) == (turn_asking("one?"), turn_asking("two?"))
        assert after.load("talk", ARTICLES, last=1) == (turn_asking("two?"),)


def test_history_when_nothing_was_kept_is_empty_and_makes_no_file(history: History, tmp_path: Path) -> None:
    assert history.conversations() == ()
    assert history.load("talk", ARTICLES) == ()
    assert list(tmp_path.iterdir()) == []


def test_conversations_when_listed_have_the_latest_first(history: History) -> None:
    add(history, "first", "one?")
    add(history, "second", "two?", "three?")
    add(history, "first", "four?")
    found = [(kept.name, kept.turns, kept.first_question) for kept in history.conversations()]
    assert found == [("first", 2, "one?"), ("second", 2, "two?")]
    assert all(kept.updated.tzinfo for kept in history.conversations())


def test_conversations_without_a_name_when_begun_at_once_are_apart(history: History) -> None:
    names = [add(history, None, f"{number}?") for number in range(3)]
    assert len(set(names)) == 3
    assert [asked(history, name) for name in names] == [["0?"], ["1?"], ["2?"]]


def test_turn_when_it_holds_what_databases_refuse_is_kept(history: History) -> None:
    turn = Turn(
        "half \ud800, nothing \0.", replace(ANSWER, question="\ud800\0", text="\0 '; DROP TABLE turn")
    )
    history.append("O'Brien 🙂; --", turn, receipt_of(turn.answer, INDEX))
    (loaded,) = history.load("O'Brien 🙂; --", ARTICLES)
    assert loaded.answer == turn.answer
    assert loaded.question == "half ?, nothing \N{REPLACEMENT CHARACTER}."


def test_name_when_written_in_another_form_is_the_same(history: History) -> None:
    add(history, " cafe\u0301 ", "one?")
    assert asked(history, "caf\u00e9") == ["one?"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "\x1b[1m", "\ud800", "a\u202eb"])
def test_name_is_refused_when_it_cannot_be_used(history: History, name: str) -> None:
    with pytest.raises(HistoryError, match="name has 1 to 100 printable characters, not "):
        add(history, name, "one?")
    with pytest.raises(HistoryError, match="name has 1 to 100 printable characters, not "):
        history.load(name, ARTICLES)


def test_conversation_when_forgotten_is_gone_and_the_others_stay(history: History) -> None:
    add(history, "secret", "one?", "two?")
    add(history, "talk", "three?")
    history.forget("secret")
    assert [kept.name for kept in history.conversations()] == ["talk"]
    with pytest.raises(HistoryError, match="There is no conversation 'secret'"):
        history.turns("secret")
    with pytest.raises(HistoryError, match="There is no conversation 'secret'"):
        history.forget("secret")
    add(history, "secret", "four?")
    assert [turn.number for turn in history.turns("secret")] == [1]


def test_words_when_forgotten_are_overwritten_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    with closing(History.open(file)) as history:
        add(history, "hidden name", *(f"the word is xyzzy {number}" for number in range(50)))
        add(history, "talk", "another?")
        assert b"xyzzy" in file.read_bytes()
        history.forget("hidden name")
    assert b"xyzzy" not in file.read_bytes() and b"hidden name" not in file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_file_when_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    with closing(History.open(tmp_path / FILE_NAME)) as history:
        add(history, "talk", "one?")
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_turns_of_two_processes_are_all_kept_in_the_order_of_each(
    history: History, write: Callable[[str, int], "subprocess.Popen[str]"]
) -> None:
    writers = [write("one", 30), write("other", 30)]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    kept = history.turns("shared")
    assert [turn.number for turn in kept] == list(range(1, 61))
    for who in ("one", "other"):
        own = [turn.question for turn in kept if turn.question.startswith(who + " ")]
        assert own == [f"{who} {number}" for number in range(30)]


def test_turns_of_threads_that_begin_one_conversation_are_all_kept(history: History) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: add(history, "talk", f"{number}?"), range(24)))
    assert sorted(asked(history, "talk")) == sorted(f"{number}?" for number in range(24))
    assert [turn.number for turn in history.turns("talk")] == list(range(1, 25))


def test_turns_that_were_kept_stay_when_the_process_is_killed(
    history: History, write: Callable[[str, int], "subprocess.Popen[str]"]
) -> None:
    writer = write("one", 100_000)
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(15)]
    writer.send_signal(signal.SIGKILL)
    said += writer.stdout.readlines()
    writer.wait()
    kept = history.turns("shared")
    assert len(said) <= len(kept) <= len(said) + 1
    assert [turn.number for turn in kept] == list(range(1, len(kept) + 1))
    add(history, "shared", "and on?")
    assert history.load("shared", ARTICLES)[-1].question == "and on?"


def test_file_that_is_deleted_meanwhile_is_made_again(history: History, tmp_path: Path) -> None:
    add(history, "talk", "one?")
    (tmp_path / FILE_NAME).unlink(missing_ok=True)
    add(history, "talk", "two?")
    assert asked(history, "talk")[-1] == "two?"


def test_database_in_memory_keeps_nothing_beyond_the_process() -> None:
    with closing(History.open("sqlite://")) as history:
        add(history, "talk", "one?")
        assert asked(history, "talk") == ["one?"]
    with closing(History.open("sqlite://")) as history:
        assert history.conversations() == ()


def test_database_is_refused_when_it_is_another_versions(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    with closing(History.open(file)) as history:
        add(history, "talk", "one?")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE history SET version = 9")
    with pytest.raises(HistoryError, match="sqlite3 have schema 9, this version reads 1"):
        History.open(file)


def test_database_is_refused_when_it_holds_something_else(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bank.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE account (name TEXT)")
    with pytest.raises(HistoryError, match=r"has other tables than those of conversations \(account\)"):
        History.open(f"sqlite:///{tmp_path}/bank.sqlite3")


def test_database_whose_making_was_cut_off_is_made_whole(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        connection.execute("CREATE TABLE history (version INTEGER PRIMARY KEY)")
    with closing(History.open(tmp_path / FILE_NAME)) as history:
        add(history, "talk", "one?")
        assert asked(history, "talk") == ["one?"]


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_database_is_refused_when_it_is_broken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(
        HistoryError, match=r"conversations.sqlite3 cannot be used \(file is not a database\)"
    ):
        History.open(tmp_path / FILE_NAME)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_database_when_its_folder_may_not_be_written_is_read_but_not_written() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with closing(History.open(folder / FILE_NAME)) as history:
            add(history, "talk", "one?")
        (folder / FILE_NAME).chmod(0o444)
        folder.chmod(0o555)
        with as_nobody(), closing(History.open(folder / FILE_NAME)) as history:
            assert asked(history, "talk") == ["one?"]
            with pytest.raises(HistoryError, match="attempt to write a readonly database"):
                add(history, "talk", "two?")
        with (
            as_nobody(),
            closing(History.open(folder / "other.sqlite3")) as history,
            pytest.raises(HistoryError, match=r"other.sqlite3 cannot be used \(permission denied\)"),
        ):
            add(history, "talk", "two?")
        folder.chmod(0o755)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://a:hunter2@b/c", "postgresql://a:hunter2@x@b/c", "postgresql://a:b@c:hunter2/d",
     "sqlite://hunter2/talks", "sqlite:///file:hunter2?uri=true", "postgresql+asyncpg://a:hunter2@b/c"],
)  # fmt: skip
def test_url_is_refused_without_showing_it_when_it_is_unusable(url: str) -> None:
    with pytest.raises(HistoryError, match="FOOTNOTE_HISTORY is no URL of SQLite or PostgreSQL") as caught:
        History.open(url)
    assert "hunter2" not in str(caught.value)


def test_keeper_keeps_earlier_turns_too_when_the_database_works_again(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    with closing(History.open(file)) as history:
        keeper = Keeper(history, "talk", INDEX)
        keeper.keep(turn_asking("one?"))
        good = file.read_bytes()
        file.write_bytes(b"broken" * 1000)
        for question in ("two?", "three?"):
            with pytest.raises(HistoryError, match="not a database"):
                keeper.keep(turn_asking(question))
        with pytest.raises(HistoryError, match="2 turns of this conversation could not be kept"):
            keeper.finish()
        file.write_bytes(good)
        keeper.keep(turn_asking("four?"))
        keeper.finish()
        assert asked(history, "talk") == ["one?", "two?", "three?", "four?"]
