"""A command closes what it opened: a program that runs several never runs out of descriptors."""

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from bot.assembly import build_assistant
from bot.settings import Settings
from retrieval.errors import LibraryMismatch, SettingError
from tests.conftest import Footnote
from tests.fakes import FakeEmbedder

QUESTION = "What did Rutte say in Latvia?"
pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")


def open_files() -> set[str]:
    """Name all open descriptors by what they lead to."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that the folder is read by
            found.add(f"{descriptor.name} {os.readlink(descriptor)}")
    return found


def left_open(before: set[str]) -> set[str]:
    """Name what was opened since, once Chroma's threads have had the time to close theirs."""
    patience = monotonic() + 10
    while (left := open_files() - before) and monotonic() < patience:
        sleep(0.05)
    return left


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("index", "news"), b""),
        (("index", "--rebuild"), b""),
        (("ask", QUESTION), b""),
        (("ask", "--json", QUESTION), b""),
        (("ask", " "), b""),
        (("chat", "--conversation", "one"), QUESTION.encode()),
        (("chat", "--json"), QUESTION.encode()),
        (("conversations",), b""),
        (("articles",), b""),
        (("verify", "-"), b"{}"),
        (("evaluate", "cases.jsonl"), b""),
        (("evaluate", "cases.jsonl", "--system", "naive"), b""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_command_when_it_ends_leaves_nothing_open(
    footnote: Footnote, arguments: tuple[str, ...], stdin: bytes
) -> None:
    Path("cases.jsonl").write_text('{"id": "a", "turns": [{"question": "Who owns the bakery?"}]}\n', "utf-8")
    before = open_files()
    for _ in range(2):
        footnote(*arguments, stdin=stdin)
    assert left_open(before) == set()


def test_build_assistant_when_it_fails_leaves_nothing_open(index: Path) -> None:
    before = open_files()
    with pytest.raises(SettingError, match="FOOTNOTE_CHAT_MODEL"):
        build_assistant(Settings(chat_model="nobody:nothing"), index, FakeEmbedder())
    with pytest.raises(LibraryMismatch, match="other settings"):
        build_assistant(Settings(), index, FakeEmbedder("another"))
    assert left_open(before) == set()
