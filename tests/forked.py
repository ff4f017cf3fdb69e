"""The command line in processes of its own, forked of one that has everything loaded: cheap to kill.

What a process does with SQLite, with files and with its embedder is noted as it happens, so that it can be
killed at a moment that has a name, and so that one that was killed tells what it was doing.
"""

import importlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from bot.__main__ import run
from retrieval.articles import read_articles
from retrieval.datatypes import Article
from retrieval.keyword import all_terms
from retrieval.library import Library
from retrieval.passages import Limit, split_passages, split_sentences
from retrieval.query import understand
from retrieval.tokens import count_tokens
from retrieval.wording import detect_language
from tests.conftest import Outcome
from tests.fakes import FakeEmbedder, RecordingEmbedder
from tests.invariants import keyword_matches_library, library_stands, vectors_match_library

ROOT = Path(__file__).parents[1]
INDEX, NEWS, _CHECK = ".footnote", "news", "check"
_LAST, _COUNTS = "last", "counts.json"
_FILE_EVENTS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.copytree", "shutil.rmtree"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a process is to do in a folder, as which user, and at which event it is to be killed."""

    folder: str
    arguments: Sequence[str]
    seconds: float = 0.0
    killed_at: tuple[str, int] | None = None
    user: int | None = None


class Watch:
    """Notes what a process does, in the folder it works in."""

    def __init__(self, order: Order) -> None:
        self._killed_at = tuple(order.killed_at) if order.killed_at else None
        self._index = str(Path(order.folder) / INDEX)
        self._last = os.open(_LAST, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self.counts: Counter[str] = Counter()
        self.note("start")

    def note(self, kind: str) -> None:
        """Note that something begins, or die of it."""
        os.pwrite(self._last, kind.ljust(16).encode(), 0)
        self.counts[kind] += 1
        if self._killed_at == (kind, self.counts[kind]):
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, values: tuple[object, ...]) -> None:
        """Take an event of the interpreter (https://docs.python.org/3/library/audit_events.html)."""
        if event == "sqlite3.connect/handle":
            connection = values[0]
            assert isinstance(connection, sqlite3.Connection)

            def listen(frame: object, event: str, value: object) -> None:
                sys.setprofile(None)
                connection.set_trace_callback(self._hear_statement)

            # It is not ready yet, but it is at the next call of any function.
            sys.setprofile(listen)
        elif event in _FILE_EVENTS and self._index in os.path.abspath(os.fsdecode(str(values[0]))):
            self.note("file")

    def _hear_statement(self, statement: str) -> None:
        word = statement.lstrip("- \n").split(" ", 1)[0].upper()
        kinds = {
            "COMMIT": "commit",
            "INSERT": "write",
            "DELETE": "write",
            "UPDATE": "write",
            "CREATE": "write",
        }
        self.note(kinds.get(word, "read"))


class WatchedEmbedder(RecordingEmbedder):
    """An embedder that takes its time for each text."""

    def __init__(self, watch: Watch, seconds: float) -> None:
        super().__init__(FakeEmbedder())
        self._watch = watch
        self._seconds = seconds

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._watch.note("embedding")
        time.sleep(self._seconds * len(texts))
        vectors = super().embed(texts)
        self._watch.note("embedded")
        return vectors


class Processes:
    """Starts processes, waits for them and kills them."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"], cwd=ROOT, env={**environment, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._server.stdout and self._server.stdout.readline()  # everything is loaded

    def start(self, order: Order) -> int:
        """Start a process and give its number."""
        words = {name: getattr(order, name) for name in Order.__slots__}
        return self._say({"start": {**words, "arguments": list(order.arguments)}})

    def wait(self, process: int, folder: Path) -> Outcome:
        """Wait for the end of a process; a signal that ended it is a negative code."""
        code = self._say({"wait": process})
        out, err = ((folder / name).read_text("utf-8", "replace") for name in ("out", "err"))
        return Outcome(code, out, err)

    def run(
        self,
        folder: Path,
        *arguments: str,
        killed_at: tuple[str, int] | None = None,
        user: int | None = None,
    ) -> Outcome:
        """Run a process to its end."""
        order = Order(folder=str(folder), arguments=arguments, killed_at=killed_at, user=user)
        return self.wait(self.start(order), folder)

    def fault(self, folder: Path) -> str:
        """Say what is wrong with an index that was brought up to date; nothing, if all is well."""
        return self.run(folder, _CHECK).err

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate()

    def _say(self, words: Mapping[str, object]) -> int:
        assert self._server.stdin and self._server.stdout
        print(json.dumps(words), file=self._server.stdin, flush=True)
        return int(self._server.stdout.readline())


def last_event(folder: Path) -> str:
    """Read what the last process in a folder did last."""
    return (folder / _LAST).read_text().strip()


def event_counts(folder: Path) -> dict[str, int]:
    """Read how often the last process in a folder that came to its end did what."""
    return dict(json.loads((folder / _COUNTS).read_text()))


def require_whole(folder: Path) -> None:
    """The index of a folder holds exactly its articles, and everything fits together."""
    wanted = {article.id: article.text for article in read_articles([folder / NEWS]).articles}
    with closing(Library.open_any(folder / INDEX)) as library:
        found = {id_: article.text for id_, article in library.articles().items()}
        assert found == wanted, f"not as in the folder: {dict(found.items() ^ wanted.items())}"
        library_stands(library)
        keyword_matches_library(library)
        vectors_match_library(library, FakeEmbedder())


def _obey(order: Order) -> NoReturn:
    """Be the process that was ordered."""
    code = 70
    try:
        os.chdir(order.folder)
        for name, number in (("out", 1), ("err", 2)):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if list(order.arguments) == [_CHECK]:
            require_whole(Path(order.folder))
            code = 0
        else:
            watch = Watch(order)
            sys.addaudithook(watch.hear)
            if order.user is not None:
                os.setuid(order.user)
            code = run(order.arguments, lambda settings: WatchedEmbedder(watch, order.seconds))
            if order.user is None:
                Path(_COUNTS).write_text(json.dumps(watch.counts))
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Fork a process for each order, wait for those that are asked for, say their numbers and their codes."""
    _load_everything()
    print("ready", flush=True)
    for line in sys.stdin:
        words = json.loads(line)
        if "wait" in words:
            _, status = os.waitpid(words["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
        elif process := os.fork():
            print(process, flush=True)
        else:
            _obey(Order(**words["start"]))


def _load_everything() -> None:
    """Import what commands import when they run, and read the word lists; no thread may be begun here."""
    for name in (
        "assembly",
        "commands",
        "console",
        "failures",
        "live_text",
        "receipts",
        "replies",
        "terminal_chat",
    ):
        importlib.import_module(f"bot.{name}")
    importlib.import_module("chromadb.api.client")
    article = Article(id="one", title="Oslo", text="Mark Rutte said in Oslo on Friday that it is over.")
    split_passages(article, split_sentences(article.text), [Limit(count_tokens, 32)])
    all_terms(article.text, detect_language(article.text))
    understand("What did Mark Rutte say in Oslo?", "en")


if __name__ == "__main__":
    main()
