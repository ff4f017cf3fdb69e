"""What many tests share: a clean environment, small articles, an index of them, the command line."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol

import pytest

from bot.__main__ import run
from retrieval.articles import read_articles
from retrieval.embedding import Embedder
from retrieval.indexing import Indexer
from tests.fakes import FakeEmbedder

RIGA = """---
title: "Rutte in Riga: a direct threat"
publisher: Baltic Courier
published: 2024-11-14
url: https://example.org/riga
language: en
---
Mark Rutte met the Latvian president in Riga on Thursday morning.

Rutte said in Latvia that the missiles are a direct threat to Europe and Japan. The ministers listened in
silence, and nobody contradicted him.

Up to 12,000 soldiers have arrived in Kursk, the ministry said.
"""
ROMA = """---
title: "Rutte a Roma: una minaccia diretta"
publisher: Il Meridiano
published: 2024-11-15
language: it
---
Mark Rutte ha incontrato a Roma il presidente del Consiglio.

La minaccia riguarda anche il Giappone, ha detto Rutte ai giornalisti. I ministri non hanno risposto.
"""
BAKERY = """The bakery on Mill Street

The bakery on Mill Street opened in 1921 and bakes forty kinds of bread every day of the week.

Its owner, Anna Lind, said that the oven has never been cold. Visitors come from three counties.
"""
ARTICLES = {"riga.md": RIGA, "roma.md": ROMA, "bakery.txt": BAKERY}


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several processes one thread: with more, torch spends its time in waiting for them."""
    if hasattr(config, "workerinput"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


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
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give no test the settings, the terminal or the current folder of who runs it."""
    for name in list(os.environ):
        if name.startswith("FOOTNOTE_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write_articles(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write article files, by name, into the folder `news`."""

    def write(articles: Mapping[str, str]) -> Path:
        folder = tmp_path / "news"
        for name, text in articles.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def news(write_articles: Callable[[Mapping[str, str]], Path]) -> Path:
    """A folder with three small articles."""
    return write_articles(ARTICLES)


@pytest.fixture
def index(news: Path, tmp_path: Path) -> Path:
    """An index of the three articles where the command line looks for it."""
    folder = tmp_path / ".footnote"
    indexer = Indexer(folder, FakeEmbedder(), passage_tokens=256)
    indexer.update(read_articles([news]), lambda step, done, total: None)
    return folder


@pytest.fixture
def footnote(capfd: pytest.CaptureFixture[str]) -> Footnote:
    """The command line with an embedder that loads nothing."""

    def command(*arguments: str, stdin: bytes = b"", embedder: Embedder | None = None) -> Outcome:
        capfd.readouterr()
        code = run(arguments, lambda settings: embedder or FakeEmbedder(), BytesIO(stdin))
        return Outcome(code, *capfd.readouterr())

    return command
