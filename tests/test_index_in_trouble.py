"""A full disk, a folder only to be read or gone, Ctrl-C: one clear sentence, and nothing is lost."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from json import loads
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, getrlimit, setrlimit
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.__main__ import run
from tests.conftest import Footnote
from tests.fakes import FakeEmbedder, RecordingEmbedder
from tests.forked import Processes
from tests.mending import BAKED, BAKER, COMMANDS, QUESTION, QUOTE, is_clear, is_well, require_whole
from tests.small_index import make_index

ROOT = Path(__file__).parents[1]


def articles_for(folder: Path, size: int) -> None:
    """Write an article of so many characters beside the others."""
    lines = (f"Harbour {number} took {number * 7 % 101} ships on that day.\n\n" for number in range(size))
    text = "".join(islice(lines, size // 45))
    (folder / "large.txt").write_text(f"The harbours\n\n{text}", "utf-8")


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size; Python ignores the signal that comes with it."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size, RLIM_INFINITY))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [5_000, 70_000])
@pytest.mark.parametrize("command", ["index", "rebuild"])
def test_index_when_no_file_may_grow_says_so_and_is_completed_later(
    footnote: Footnote, index: Path, news: Path, size: int, command: str
) -> None:
    articles_for(news, 24_000)
    if command == "rebuild":
        assert footnote("index", "news").code == 0
    with files_at_most(size):
        outcome = footnote(*COMMANDS[command])
    assert is_clear(outcome)
    assert str(index.name) in outcome.err
    assert is_well(footnote("ask", QUESTION), "ask")
    assert footnote("index", "news").code == 0
    require_whole(footnote, index)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 750 kB; only root can make one."""
    with TemporaryDirectory() as name:
        words = ["mount", "-t", "tmpfs", "-o", "size=750k", "tmpfs", name]
        if os.geteuid() or not shutil.which("mount") or subprocess.run(words, capture_output=True).returncode:
            pytest.skip("only root can mount a small disk")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def test_index_when_the_disk_is_full_says_so_and_goes_on_when_there_is_room(
    footnote: Footnote, news: Path, small_disk: Path
) -> None:
    at = ["--index", str(small_disk / "index")]
    assert footnote("index", "news", *at).code == 0
    articles_for(news, 120_000)
    full = footnote("index", "news", *at)
    assert is_clear(full)
    assert re.search(r"full|no space", full.err, re.IGNORECASE)
    assert is_well(footnote("ask", QUESTION, *at), "ask")
    # The last bytes are taken, too.
    with (small_disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
        while True:
            filler.write(bytes(4096))
    for words in (["ask", QUESTION], ["articles"], ["index", "--rebuild"]):
        outcome = footnote(*words, *at)
        assert is_clear(outcome) or is_well(outcome, words[0])
    (small_disk / "filler").unlink()
    (news / "large.txt").unlink()
    assert footnote("index", "news", *at).code == 0
    require_whole(footnote, small_disk / "index")


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """Chroma can end the process that may not write."""
    with Processes() as made:
        yield made


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder with an index that everybody may read and enter."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        make_index(folder)
        yield folder


@pytest.mark.parametrize("command", COMMANDS)
def test_folder_when_it_may_only_be_read_is_named_or_is_enough(
    processes: Processes, open_to_all: Path, command: str
) -> None:
    index = open_to_all / ".footnote"
    before = {file: file.read_bytes() for file in index.rglob("*") if file.is_file()}
    every = [index, *index.rglob("*")]
    for path in every:
        path.chmod(0o555 if path.is_dir() else 0o444)
    outcome = processes.run(open_to_all, *COMMANDS[command], user=None if os.geteuid() else 65534)
    if command in ("ask", "articles"):
        assert is_well(outcome, command)
    else:
        assert is_clear(outcome)
        assert re.search(r"\.footnote.*(permission|written)", outcome.err, re.IGNORECASE)
    assert {file: file.read_bytes() for file in index.rglob("*") if file.is_file()} == before
    for path in every:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert processes.run(open_to_all, "index", "news").code == 0
    assert processes.fault(open_to_all) == ""


# The command line in a process of its own.
_RUN = """
import sys
from bot.__main__ import run
from tests.fakes import FakeEmbedder
sys.exit(run(sys.argv[1:], lambda settings: FakeEmbedder()))
"""


class Questions(BytesIO):
    """Standard input on which something happens before each question."""

    def __init__(self, questions: Sequence[tuple[Callable[[], object], str]]) -> None:
        super().__init__()
        self._questions = iter(questions)

    def __next__(self) -> bytes:
        happens, question = next(self._questions)
        happens()
        return f"{question}\n".encode()


def nothing() -> None:
    """Let nothing happen."""


def test_chat_when_its_index_is_removed_says_so_or_answers_until_there_is_another(
    capfd: pytest.CaptureFixture[str], index: Path, news: Path
) -> None:
    def build_anew() -> None:
        (news / "zeppelin.txt").write_text("A zeppelin over Oslo\n\nA zeppelin flew over Oslo.", "utf-8")
        subprocess.run([sys.executable, "-c", _RUN, "index", "news"], check=True, env=environment)

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    questions = Questions(
        [
            (nothing, QUESTION),
            (lambda: shutil.rmtree(index), BAKER),
            (build_anew, QUESTION),
            (nothing, "What flew over Oslo?"),
        ]
    )
    assert run(["chat", "--json"], lambda settings: FakeEmbedder(), questions) == 0
    out, err = capfd.readouterr()
    assert err == ""
    receipts = [loads(line) for line in out.splitlines() if line.startswith("{")]
    first, removed, anew, zeppelin = [str(receipt) for receipt in receipts]
    assert QUOTE in first
    assert BAKED in removed or ("footnote index" in removed and "inside Footnote" not in removed)
    # It is another index now: it is read, as what another process adds to one is.
    assert QUOTE in anew
    assert "A zeppelin flew over Oslo" in zeppelin


class Interrupted(RecordingEmbedder):
    """At the first batch, somebody presses Ctrl-C."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self.batches:
            signal.raise_signal(signal.SIGINT)
        return super().embed(texts)


@pytest.mark.parametrize("command", ["index", "rebuild"])
def test_index_when_interrupted_keeps_what_is_done_and_goes_on(
    footnote: Footnote, index: Path, news: Path, command: str
) -> None:
    articles_for(news, 24_000)
    if command == "rebuild":
        assert footnote("index", "news").code == 0
    outcome = footnote(*COMMANDS[command], embedder=Interrupted(FakeEmbedder()))
    assert (outcome.code, outcome.out) == (130, "")
    assert "Traceback" not in outcome.err
    assert is_well(footnote("ask", QUESTION), "ask")
    assert footnote("index", "news").code == 0
    require_whole(footnote, index)
