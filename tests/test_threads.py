"""One assistant answers many people at once, each as if alone: a bot shares it between its threads."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import TypeVar

import pytest

from bot.assembly import build_assistant, build_embedder, build_indexer
from bot.datatypes import Answer
from bot.evaluation.cases import read_cases
from bot.settings import Settings
from retrieval.articles import read_articles
from retrieval.database import Database
from retrieval.embedding import Embedder
from retrieval.matching import WordMeaning
from tests.fakes import FakeEmbedder

ROOT = Path(__file__).parents[1]
THREADS = 8
Asked = TypeVar("Asked")
Given = TypeVar("Given")


@pytest.fixture
def hurry() -> Iterator[None]:
    """Let threads take turns as often as can be, so that what they must not share shows."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def at_once(ask: Callable[[Asked], Given], everything: Sequence[Asked]) -> list[Given]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(ask, everything))


def answer_both_ways(
    folder: Path, build: Callable[[], Embedder], count: int
) -> tuple[list[Answer], list[Answer]]:
    """Answer questions about the samples from several threads, and one after the other."""
    cases = read_cases(ROOT / "tests" / "fixtures" / "seed_cases.jsonl")
    questions = list(islice(cycle(placed.case.turns[0].question for placed in cases), count))
    build_indexer(Settings(), folder, build()).update(read_articles([ROOT / "seeds"]), lambda *_: None)
    answers: list[list[Answer]] = []
    for run in (at_once, lambda ask, asked: list(map(ask, asked))):
        # Each begins with nothing loaded and nothing learnt.
        with closing(build_assistant(Settings(), folder, build())) as assistant:
            found = run(assistant.answer, questions)
        answers.append([replace(answer, seconds={}) for answer in found])
    return answers[0], answers[1]


@pytest.mark.usefixtures("hurry")
def test_answer_when_asked_from_several_threads_is_the_same(tmp_path: Path) -> None:
    together, alone = answer_both_ways(tmp_path, FakeEmbedder, 40)
    assert together == alone


@pytest.mark.slow
def test_answer_when_asked_from_several_threads_with_the_bundled_model_is_the_same(tmp_path: Path) -> None:
    together, alone = answer_both_ways(tmp_path, lambda: build_embedder(Settings()), 12)
    for one, other in zip(together, alone, strict=True):
        assert (one.question, one.status, one.text) == (other.question, other.status, other.text)
        assert one.citations == other.citations


@pytest.mark.slow
@pytest.mark.usefixtures("hurry")
def test_embed_when_other_threads_count_gives_the_same() -> None:
    embedder = build_embedder(Settings())
    texts = [f"{'word ' * (20 * place)}zebra" for place in range(1, 11)] * 6

    def use(text: str) -> tuple[int, list[list[float]]]:
        return embedder.count(text * 9), embedder.embed([text, "Short."]).round(4).tolist()

    alone = [use(text) for text in texts[:10]]
    assert at_once(use, texts) == alone * 6


@pytest.mark.usefixtures("hurry")
def test_rows_when_several_threads_run_one_statement_are_its_own(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "words.sqlite3")) as database:
        database.rows("CREATE TABLE word (number INTEGER PRIMARY KEY, text TEXT)")
        with database.transaction():
            database.run_many("INSERT INTO word VALUES (?, ?)", [(n, f"word {n}") for n in range(100)])
        numbers = [number % 100 for number in range(4000)]
        found = at_once(
            lambda number: database.rows("SELECT text FROM word WHERE number = ?", (number,)), numbers
        )
    assert found == [[(f"word {number}",)] for number in numbers]


@pytest.mark.usefixtures("hurry")
def test_transaction_when_others_read_shows_them_all_or_nothing(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "words.sqlite3")) as database:
        database.rows("CREATE TABLE word (text TEXT)")

        def write_or_read(place: int) -> int:
            if place % 2:
                return len(database.rows("SELECT text FROM word"))
            with database.transaction():
                for _ in range(10):
                    database.insert("INSERT INTO word VALUES (?)", ("word",))
            return 0

        assert all(count % 10 == 0 for count in at_once(write_or_read, range(200)))


@pytest.mark.usefixtures("hurry")
def test_nearness_when_other_threads_learn_other_words_stays() -> None:
    meaning = WordMeaning(FakeEmbedder())

    def compare(place: int) -> tuple[float, float]:
        meaning.learn([f"ferry{place}", "tram"])
        return meaning.nearness(f"ferry{place}", [f"ferry{place}"]), meaning.nearness(
            f"ferry{place}", [f"ferry{place - 1}"]
        )

    assert at_once(compare, range(200)) == [(1.0, 0.0)] * 200
