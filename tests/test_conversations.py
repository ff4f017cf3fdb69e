"""A chat is kept, gone on with, listed, exported and forgotten from the command line."""

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pexpect
import pytest

from bot.history import FILE_NAME
from bot.terminal_chat import LINES_NAME
from tests.conftest import Footnote
from tests.test_chat import CTRL_D, PROGRAM, PROMPT, QUESTION, ROOT, UP, ended

FOLLOW_UP = "And what did he say about Japan?"


@pytest.fixture
def talk(footnote: Footnote, index: Path) -> None:
    """A conversation `talk` of one turn."""
    assert footnote("chat", "--conversation", "talk", stdin=QUESTION.encode()).code == 0


def listed(footnote: Footnote) -> list[str]:
    """Read the names of the conversations that are listed."""
    return [line for line in footnote("conversations").out.splitlines() if line and not line.startswith(" ")]


def receipts(footnote: Footnote, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in footnote("conversations", "--export", name).out.splitlines()]


@pytest.mark.parametrize("options", [["--continue"], ["--conversation", "talk"]])
def test_chat_when_it_goes_on_understands_a_follow_up_from_before(
    footnote: Footnote, talk: None, options: list[str]
) -> None:
    assert "Rutte" in footnote("chat", *options, stdin=FOLLOW_UP.encode()).out.split("\n")[0]
    first, second = receipts(footnote, "talk")
    assert (first["question"], second["question"]) == (QUESTION, FOLLOW_UP)
    assert "Rutte" in str(second["understood_as"])


def test_chat_without_a_name_begins_a_conversation_named_by_date_and_time(
    footnote: Footnote, talk: None
) -> None:
    outcome = footnote("chat", stdin=f"{QUESTION}\n/new\n{QUESTION}".encode())
    assert outcome.err == ""
    *new, old = listed(footnote)
    assert old == "talk" and len(new) == 2
    assert all(name.startswith("20") for name in new)


def test_continue_takes_the_conversation_that_was_last_used(footnote: Footnote, talk: None) -> None:
    footnote("chat", "--conversation", "other", stdin=QUESTION.encode())
    footnote("chat", "--conversation", "talk", stdin=QUESTION.encode())
    footnote("chat", "--continue", stdin=FOLLOW_UP.encode())
    assert len(receipts(footnote, "talk")) == 3
    assert listed(footnote) == ["talk", "other"]


def test_continue_begins_a_conversation_when_there_is_none(footnote: Footnote, index: Path) -> None:
    outcome = footnote("chat", "--continue", stdin=QUESTION.encode())
    assert outcome.err == "footnote: There is no conversation to go on with yet, so a new one begins.\n"
    assert outcome.code == 0 and len(listed(footnote)) == 1


def test_chat_without_a_question_keeps_nothing(footnote: Footnote, index: Path) -> None:
    assert footnote("chat", "--conversation", "talk", stdin=b"/help\n?!\n").code == 0
    assert footnote("conversations").out == (
        "There are no conversations yet. Begin one with: footnote chat\n"
    )
    assert not (index / FILE_NAME).exists()


def test_chat_in_json_neither_reads_nor_keeps_without_a_name(footnote: Footnote, talk: None) -> None:
    outcome = footnote("chat", "--json", stdin=FOLLOW_UP.encode())
    assert "Rutte" not in json.loads(outcome.out)["understood_as"]
    assert listed(footnote) == ["talk"]
    outcome = footnote("chat", "--json", "--conversation", "talk", stdin=FOLLOW_UP.encode())
    assert "Rutte" in json.loads(outcome.out)["understood_as"]
    assert receipts(footnote, "talk")[1:] == [json.loads(outcome.out)]


def test_conversations_are_listed_with_their_first_question(footnote: Footnote, talk: None) -> None:
    outcome = footnote("conversations")
    name, about, question = outcome.out.splitlines()
    assert (name, question) == ("talk", f"  {QUESTION}")
    assert about.startswith("  1 turn, last used 20")


def test_export_writes_receipts_that_verify(footnote: Footnote, talk: None) -> None:
    exported = footnote("conversations", "--export", "talk")
    assert exported.out == footnote("conversations", "--export", "talk").out
    outcome = footnote("verify", "-", stdin=exported.out.encode())
    assert (outcome.code, outcome.out) == (0, "1 receipt, 1 citation: all stand\n")


def test_chat_goes_on_and_verify_tells_when_an_article_has_changed(
    footnote: Footnote, talk: None, news: Path
) -> None:
    riga = news / "riga.md"
    riga.write_text(riga.read_text("utf-8").replace("a direct threat to Europe and Japan", "old"), "utf-8")
    assert footnote("index", str(news)).code == 0
    outcome = footnote("chat", "--continue", stdin=b"/sources 1\nAnd in Rome?")
    assert "Rutte said in Latvia that the missiles are a direct threat to Europe" in outcome.out
    exported = footnote("conversations", "--export", "talk").out.splitlines()[0]
    outcome = footnote("verify", "-", stdin=exported.encode())
    assert outcome.code == 1 and "the article has changed since" in outcome.out


def test_forget_says_what_was_forgotten(footnote: Footnote, talk: None, index: Path) -> None:
    footnote("chat", "--conversation", "other", stdin=f"{QUESTION}\n{FOLLOW_UP}".encode())
    assert footnote("conversations", "--forget", "talk").out == "Forgotten: talk, 1 turn\n"
    assert listed(footnote) == ["other"]
    assert footnote("conversations", "--forget-all").out == "Forgotten: other, 2 turns\n"
    assert footnote("conversations", "--forget-all").out == "There are no conversations.\n"
    assert QUESTION.encode() not in (index / FILE_NAME).read_bytes()


@pytest.mark.parametrize("option", ["--export", "--forget"])
def test_command_names_the_conversation_that_there_is_not(
    footnote: Footnote, talk: None, option: str
) -> None:
    outcome = footnote("conversations", option, "tlak")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "footnote: There is no conversation 'tlak'. Those there are: footnote conversations\n"
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["conversations", "--export", "a", "--forget", "b"], "Give one of --export, --forget"),
        (["conversations", "--forget", "a", "--forget-all"], "Give one of --export, --forget"),
        (["chat", "--continue", "--conversation", "a"], "--continue goes with neither"),
        (["chat", "--continue", "--json"], "--continue goes with neither"),
        (["chat", "--conversation", ""], "A conversation's name has 1 to 100 printable characters, not ''."),
        (["chat", "--conversation", "x" * 101], "A conversation's name has 1 to 100 printable characters"),
    ],
)
def test_options_are_refused_when_they_contradict_or_cannot_be_used(
    footnote: Footnote, index: Path, arguments: list[str], why: str
) -> None:
    outcome = footnote(*arguments, stdin=QUESTION.encode())
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"footnote: {why}")


def test_chat_answers_without_keeping_when_the_conversations_are_broken(
    footnote: Footnote, index: Path
) -> None:
    (index / FILE_NAME).write_bytes(b"no database" * 500)
    outcome = footnote("chat", stdin=QUESTION.encode())
    assert outcome.code == 0 and "direct threat" in outcome.out
    assert "cannot be used (file is not a database)" in outcome.err
    assert outcome.err.endswith("Until then, this conversation is not kept.\n")
    for options in (["--continue"], ["--conversation", "talk"]):
        outcome = footnote("chat", *options, stdin=QUESTION.encode())
        assert (outcome.code, outcome.out) == (2, "")


def test_chat_answers_and_says_once_that_nothing_is_kept_when_it_cannot_be_written(
    footnote: Footnote, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_HISTORY", "sqlite:////nowhere/at/all.sqlite3")
    outcome = footnote("chat", stdin=f"{QUESTION}\n{QUESTION}\n{QUESTION}".encode())
    assert outcome.code == 0 and outcome.out.count("What Rutte said:") == 3
    first, last = outcome.err.splitlines()
    assert first.startswith("footnote: The conversations in /nowhere/at/all.sqlite3 cannot be used (no such")
    assert last.startswith("footnote: 3 turns of this conversation could not be kept. The conversations in")


def test_conversation_of_another_version_is_named(footnote: Footnote, talk: None, index: Path) -> None:
    with closing(sqlite3.connect(index / FILE_NAME)) as connection, connection:
        connection.execute("""UPDATE turn SET receipt = replace(receipt, '"schema": 1', '"schema": 7')""")
    outcome = footnote("chat", "--continue", stdin=QUESTION.encode())
    assert outcome.code == 2
    assert outcome.err.startswith(
        "footnote: Turn 1 of the conversation 'talk' cannot be read (schema 7, this"
    )


def test_setting_names_another_database(
    footnote: Footnote, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_HISTORY", f"sqlite:///{tmp_path}/elsewhere.sqlite3")
    footnote("chat", "--conversation", "talk", stdin=QUESTION.encode())
    assert listed(footnote) == ["talk"]
    assert (tmp_path / "elsewhere.sqlite3").exists() and not (index / FILE_NAME).exists()


def test_secret_of_the_database_is_never_shown(
    footnote: Footnote, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_HISTORY", "postgresql://me:hunter2@127.0.0.1:1/talks")
    outcome = footnote("chat", stdin=QUESTION.encode())
    assert outcome.code == 0 and "direct threat" in outcome.out
    assert "hunter2" not in outcome.out + outcome.err
    assert "PostgreSQL needs one more package" in outcome.err or "talks at 127.0.0.1" in outcome.err


Start = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def terminal(index: Path) -> Iterator[Start]:
    """Start a command on a terminal of 80 columns."""
    spawned: list[pexpect.spawn[str]] = []

    def start(*arguments: str) -> "pexpect.spawn[str]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
        child = pexpect.spawn(
            sys.executable, ["-c", PROGRAM, *arguments], env=environment, encoding="utf-8", timeout=30,
            dimensions=(40, 80), use_poll=True,
        )  # fmt: skip
        spawned.append(child)
        return child

    yield start
    for child in spawned:
        child.close(force=True)


def test_terminal_shows_the_last_turns_dimly_when_it_goes_on(
    footnote: Footnote, talk: None, terminal: Start
) -> None:
    footnote("chat", "--continue", stdin=f"who won the chess cup?\n{FOLLOW_UP}".encode())
    child = terminal("chat", "--continue")
    child.expect("Ctrl-D ends")
    child.expect(r"\x1b\[2m› who won the chess cup\?")
    assert QUESTION not in str(child.before)
    child.expect(r"\x1b\[2m› And what did he say about Japan\?")
    child.expect(PROMPT)
    child.send("/quit\r")
    assert ended(child) == 0


def test_turn_is_kept_when_the_terminal_is_killed(footnote: Footnote, terminal: Start) -> None:
    child = terminal("chat", "--conversation", "talk")
    child.expect(PROMPT)
    child.send(f"{QUESTION}\r")
    child.expect("direct threat")
    child.expect(PROMPT)
    child.send("how long is forever in Latvia?\r")
    child.expect("reading …")
    child.kill(9)
    child.close()
    assert [receipt["question"] for receipt in receipts(footnote, "talk")] == [QUESTION]


@pytest.mark.parametrize(("reply", "names"), [("n", ["talk"]), ("y", [])])
def test_terminal_asks_before_it_forgets(
    footnote: Footnote, talk: None, terminal: Start, reply: str, names: list[str]
) -> None:
    child = terminal("conversations", "--forget", "talk")
    child.expect("Delete talk for good")
    child.send(f"{reply}\r")
    assert ended(child) == 0
    remaining = [] if "There are no" in footnote("conversations").out else listed(footnote)
    assert remaining == names


def test_lines_that_can_be_brought_back_are_forgotten_too(
    footnote: Footnote, terminal: Start, index: Path
) -> None:
    child = terminal("chat", "--conversation", "talk")
    for line in (QUESTION, "/help"):
        child.expect(PROMPT)
        child.send(f"{line}\r")
    child.expect(PROMPT)
    child.send(CTRL_D)
    assert ended(child) == 0
    assert QUESTION in (index / LINES_NAME).read_text("utf-8")
    assert footnote("conversations", "--forget", "talk").code == 0
    assert QUESTION not in (index / LINES_NAME).read_text("utf-8")
    child = terminal("chat")
    child.expect(PROMPT)
    child.send(UP + "\r")
    child.expect("show this")
    child.close(force=True)
    assert footnote("conversations", "--forget-all", "--yes").code == 0
    assert not (index / LINES_NAME).exists()
