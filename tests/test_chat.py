"""A conversation holds, on a terminal and through a pipe, whatever is typed."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pexpect
import pytest
from numpy.typing import NDArray

from tests.conftest import Footnote
from tests.fakes import FakeEmbedder

ROOT = Path(__file__).parents[1]
# The command line with an embedder that loads nothing, and never ends with a question that says so.
PROGRAM = """
import os, sys, time
from bot.__main__ import run
from tests.fakes import FakeEmbedder

class Embedder(FakeEmbedder):
    def embed(self, texts):
        if any("forever" in text for text in texts):
            os.write(1, b"embedding for long")
            time.sleep(600)
        return FakeEmbedder.embed(self, texts)

sys.exit(run(sys.argv[1:], lambda settings: Embedder()))
"""
QUESTION = "what did Rutte say in Latvia?"
THREAT = "a direct threat to Europe and Japan"
CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"
# prompt_toolkit turns bracketed paste on where a new line begins to be read.
PROMPT = r"\x1b\[\?2004h.*›"


def receipts(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_chat_writes_one_receipt_a_line_when_asked_for_json(footnote: Footnote, index: Path) -> None:
    outcome = footnote("chat", "--json", stdin=f"{QUESTION}\n\n   \r\nwho won the chess cup?\n".encode())
    assert outcome.code == 0
    first, second = receipts(outcome.out)
    assert (first["status"], first["question"]) == ("answered", QUESTION)
    assert second["status"] == "not_covered"


def test_chat_prints_nothing_for_new_and_forgets_when_asked_for_json(footnote: Footnote, index: Path) -> None:
    stdin = f"{QUESTION}\n/new\n{QUESTION}".encode()
    outcome = footnote("chat", "--json", stdin=stdin)
    first, second = receipts(outcome.out)
    assert first["understood_as"] == second["understood_as"] == QUESTION


def test_chat_writes_an_error_and_goes_on_when_a_question_cannot_be_taken(
    footnote: Footnote, index: Path
) -> None:
    outcome = footnote("chat", "--json", stdin=b"???\n" + b"x" * 100_000 + b"\n" + QUESTION.encode())
    empty, long, good = receipts(outcome.out)
    assert (empty["schema"], empty["question"]) == (1, "???")
    assert empty["error"].startswith("The question is empty")
    assert "100,000 characters" in long["error"]
    assert good["status"] == "answered"
    assert outcome.code == 0


def test_chat_survives_when_bytes_are_no_utf8(footnote: Footnote, index: Path) -> None:
    outcome = footnote("chat", "--json", stdin=b"\xff\xfe\x00 Rutte \xc3\n\xef\xbb\xbf" + QUESTION.encode())
    first, second = receipts(outcome.out)
    assert "\N{REPLACEMENT CHARACTER}" in first["question"]
    assert second["question"] == QUESTION


def test_chat_logs_a_bug_and_goes_on_when_one_question_breaks_it(footnote: Footnote, index: Path) -> None:
    class Broken(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise RuntimeError("the model broke")

    outcome = footnote("chat", "--json", stdin=f"{QUESTION}\n{QUESTION}\n".encode(), embedder=Broken())
    first, second = receipts(outcome.out)
    assert outcome.code == 0
    number = re.findall(r"error ([0-9a-f]{8})", first["error"])[0]
    assert number not in second["error"]
    log = (index / "footnote-errors.log").read_text("utf-8")
    assert f"error {number} at " in log and "RuntimeError: the model broke" in log


def test_chat_answers_line_by_line_when_piped(footnote: Footnote, index: Path) -> None:
    outcome = footnote("chat", stdin=f"{QUESTION}\n/sources 1\n/quit\n{QUESTION}\n".encode())
    assert outcome.code == 0
    assert outcome.out.count("[1] Rutte in Riga: a direct threat") == 2
    assert outcome.out.count("Up to 12,000 soldiers have arrived in Kursk") == 1
    assert "\x1b" not in outcome.out


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("/sources", "There is no answer with footnotes yet."),
        ("/sources 1", "There is no answer with footnotes yet."),
        ("/new", "A new conversation."),
        ("/help", "/sources N  show the whole passage of footnote N of the last answer"),
        ("/nonsense 3", "There is no /nonsense. The commands are: /new, /sources N, /help, /quit."),
    ],
)
def test_command_gives_its_reply(footnote: Footnote, index: Path, line: str, reply: str) -> None:
    assert reply in footnote("chat", stdin=line.encode()).out


@pytest.mark.parametrize("number", ["", "0", "9", "-1", "x", "²", "1 2", "9" * 5000])
def test_sources_says_which_there_are_when_the_number_is_none(
    footnote: Footnote, index: Path, number: str
) -> None:
    outcome = footnote("chat", stdin=f"{QUESTION}\n/sources {number}".encode())
    assert "Say which footnote, from 1 to 1: /sources 1" in outcome.out


def test_sources_shows_what_is_nearest_when_nothing_answered(footnote: Footnote, index: Path) -> None:
    outcome = footnote("chat", stdin=b"who won the chess tournament in Brazil?\n/sources 1")
    assert re.search(r"^\[1\] ", outcome.out, re.MULTILINE)


def test_new_forgets_the_last_answer(footnote: Footnote, index: Path) -> None:
    outcome = footnote("chat", stdin=f"{QUESTION}\n/new\n/sources 1".encode())
    assert "There is no answer with footnotes yet." in outcome.out


def test_question_that_cannot_be_taken_is_explained_and_the_chat_goes_on(
    footnote: Footnote, index: Path
) -> None:
    outcome = footnote("chat", stdin=f"?!\n{QUESTION}".encode())
    assert outcome.err.startswith("footnote: The question is empty.")
    assert THREAT in outcome.out
    assert outcome.code == 0


Terminal = Callable[[], "pexpect.spawn[str]"]


@pytest.fixture
def terminal(index: Path) -> Iterator[Terminal]:
    """Start the chat on a terminal of 80 columns."""
    spawned: list[pexpect.spawn[str]] = []

    def start() -> "pexpect.spawn[str]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
        child = pexpect.spawn(
            sys.executable, ["-c", PROGRAM, "chat"], env=environment, encoding="utf-8", timeout=30,
            dimensions=(40, 80), use_poll=True,
            # A run of the tests in the background hands on that Ctrl-C is ignored.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        spawned.append(child)
        child.expect("Ctrl-D ends")
        child.expect(PROMPT)
        return child

    yield start
    for child in spawned:
        child.close(force=True)


def ended(child: "pexpect.spawn[str]") -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    status = child.exitstatus
    assert status is None or isinstance(status, int)
    return status


def test_terminal_answers_with_the_quote_in_bold(terminal: Terminal) -> None:
    child = terminal()
    child.send(f"{QUESTION}\r")
    child.expect("What Rutte said:")
    child.expect(r"\x1b\[1mRutte said")
    child.expect(PROMPT)
    child.send("/sources 1\r")
    child.expect("Up to 12,000 soldiers")
    child.expect(PROMPT)
    child.send("/quit\r")
    assert ended(child) == 0


def test_ctrl_c_clears_the_line_and_ctrl_d_ends_on_a_terminal(terminal: Terminal) -> None:
    child = terminal()
    child.send("half a question" + CTRL_C)
    child.expect(PROMPT)
    child.send("/new\r")
    child.expect("A new conversation.")
    child.expect(PROMPT)
    child.send(CTRL_D)
    assert ended(child) == 0


def test_ctrl_c_stops_the_answer_in_hand_and_the_chat_goes_on(terminal: Terminal) -> None:
    child = terminal()
    child.send("how long is forever in Latvia?\r")
    child.expect("embedding for long")
    child.expect("reading …")
    child.send(CTRL_C)
    child.expect(PROMPT)
    child.send(f"{QUESTION}\r")
    child.expect("Rutte said in Latvia")
    child.expect(PROMPT)
    child.send(CTRL_D)
    assert ended(child) == 0


def test_bytes_that_are_no_utf8_do_not_end_the_chat_on_a_terminal(terminal: Terminal) -> None:
    child = terminal()
    os.write(child.child_fd, b"/\xff\xfe\r")
    child.expect("There is no /")
    child.expect(PROMPT)
    child.send(CTRL_D)
    assert ended(child) == 0


def test_earlier_question_comes_back_when_the_chat_is_opened_again(terminal: Terminal, index: Path) -> None:
    child = terminal()
    child.send("/nonsense\r")
    child.expect("There is no /nonsense.")
    child.expect(PROMPT)
    child.send(CTRL_D)
    assert ended(child) == 0
    assert (index / "chat-history").exists()
    child = terminal()
    child.send(UP + "\r")
    child.expect("There is no /nonsense.")
