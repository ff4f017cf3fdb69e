"""What many tests share: a clean environment, small articles, an index of them, the command line."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest

from bot.__main__ import run
from retrieval.embedding import Embedder
from tests.fakes import FakeEmbedder
from tests.small_index import ARTICLES, make_index, write_news


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several processes one thread: with more, torch spends its time in waiting for them.

    All share one cache, which is not that of who runs them.
    """
    if hasattr(config, "workerinput"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    else:
        cache = TemporaryDirectory(prefix="footnote-cache-", ignore_cleanup_errors=True)
        config.add_cleanup(cache.cleanup)
        os.environ["XDG_CACHE_HOME"] = cache.name


class Footnote(Protocol):
    """Runs a command of the program in this process, as `main` does."""

    def __call__(self, *arguments: str, stdin: bytes = b"", embedder: Embedder | None = None) -> "Outcome":
        """Run it with these words and this on standard input."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed and what it ended with."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def clean_environment(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Give no test the settings, the terminal or the current folder of who runs it.

    Where no model is needed, none is loaded to read either.
    """
    for name in list(os.environ):
        if name.startswith("FOOTNOTE_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}:
            monkeypatch.delenv(name)
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setenv("FOOTNOTE_READER", "rules")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write_articles(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write article files, by name, into the folder `news`."""

    return partial(write_news, tmp_path)


@pytest.fixture
def news(write_articles: Callable[[Mapping[str, str]], Path]) -> Path:
    """A folder with three small articles."""
    return write_articles(ARTICLES)


@pytest.fixture
def index(news: Path, tmp_path: Path) -> Path:
    """An index of the three articles where the command line looks for it."""
    return make_index(tmp_path)


@pytest.fixture
def footnote(capfd: pytest.CaptureFixture[str]) -> Footnote:
    """The command line with an embedder that loads nothing."""

    def command(*arguments: str, stdin: bytes = b"", embedder: Embedder | None = None) -> Outcome:
        capfd.readouterr()
        code = run(arguments, lambda settings: embedder or FakeEmbedder(), BytesIO(stdin))
        return Outcome(code, *capfd.readouterr())

    return command
