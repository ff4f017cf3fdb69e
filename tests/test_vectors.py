"""Vectors are found in Chroma, in the store and by filter, and are what the store holds."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.datatypes import Article, Filter, Passage
from retrieval.library import Library
from retrieval.settling import settle
from retrieval.stored import SplitArticle, passage_key
from retrieval.vectors import Vectors

# A third of the articles has to be more passages than are looked at one by one.
DIMENSION, EACH = 16, 3100
MODEL = "fake"


def article_of(language: str, count: int, rows: NDArray[np.float32]) -> SplitArticle:
    """An article of so many passages of one word each."""
    text = " ".join(f"w{place:05}" for place in range(count))
    article = Article(id=language, title="", text=text, language=language)
    passages = [
        Passage(article_id=language, start=7 * place, end=7 * place + 6, text=text[7 * place :][:6])
        for place in range(count)
    ]
    keys = [passage_key(article, passage) for passage in passages]
    return SplitArticle(
        article=article, sentences=[], passages=passages, vectors=dict(zip(keys, rows, strict=True))
    )


def around(direction: int, count: int) -> NDArray[np.float32]:
    """Unit vectors about one of the axes."""
    rows = np.random.default_rng(direction).normal(0, 0.1, (count, DIMENSION)).astype(np.float32)
    rows[:, direction] += 1
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def axis(direction: int) -> NDArray[np.float32]:
    return np.asarray(np.eye(DIMENSION)[direction], np.float32)


def ignore(step: str, done: int, total: int) -> None:
    assert 0 < done <= total, step


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """English about the first axis, Italian about the second, many of both, and a little Swedish."""
    with closing(Library.create(tmp_path_factory.mktemp("index"), {"embedder": MODEL})) as made:
        made.update([article_of("en", EACH, around(0, EACH)), article_of("it", EACH, around(1, EACH))])
        settle(made, MODEL, ignore)
        made.update([article_of("sv", 20, around(2, 20))])
        yield made


@pytest.fixture(scope="module")
def vectors(library: Library) -> Iterator[Vectors]:
    with closing(Vectors(library, MODEL)) as opened:
        yield opened


def exact(library: Library, vector: NDArray[np.float32], limit: int, numbers: list[int]) -> list[int]:
    found, rows = library.vectors(numbers)
    return [found[place] for place in np.argsort(-(rows @ vector))[:limit]]


@pytest.mark.parametrize("direction", [0, 1, 2], ids=["in Chroma", "in Chroma too", "newer"])
def test_nearest_when_asked_finds_nearly_what_looking_at_each_finds(
    library: Library, vectors: Vectors, direction: int
) -> None:
    found = vectors.nearest(axis(direction), 10)
    best = exact(library, axis(direction), 10, library.numbers())
    assert len({number for number, _ in found} & set(best)) >= 8
    cosines = [cosine for _, cosine in found]
    assert cosines == sorted(cosines, reverse=True)
    assert dict(found) == pytest.approx(vectors.similarities(axis(direction), [one for one, _ in found]))


@pytest.mark.parametrize(
    ("language", "direction"),
    [("it", 1), ("it", 0), ("en", 1), ("sv", 2), ("sv", 0)],
    ids=["near", "far", "the other far", "newer, near", "newer, far"],
)
def test_nearest_when_filter_is_given_finds_its_best(
    library: Library, vectors: Vectors, language: str, direction: int
) -> None:
    where = Filter(languages=frozenset({language}))
    assert library.few_admitted(where) is None
    admitted = library.admitted(where)
    found = [number for number, _ in vectors.nearest(axis(direction), 10, where)]
    assert len(found) == 10 and set(found) <= set(admitted)
    assert len(set(found) & set(exact(library, axis(direction), 10, admitted))) >= 7


def test_nearest_when_filter_lets_in_few_looks_at_each(tmp_path: Path) -> None:
    with closing(Library.create(tmp_path, {"embedder": MODEL})) as library:
        library.update([article_of("en", 50, around(0, 50)), article_of("it", 50, around(1, 50))])
        settle(library, MODEL, ignore)
        where = Filter(languages=frozenset({"it"}))
        with closing(Vectors(library, MODEL)) as vectors:
            found = [number for number, _ in vectors.nearest(axis(0), 10, where)]
        assert found == exact(library, axis(0), 10, library.admitted(where))


def test_nearest_when_all_is_newer_looks_at_each(library: Library) -> None:
    served = library.served()
    assert served
    library.serve(None)
    try:
        with closing(Vectors(library, MODEL)) as vectors:
            found = vectors.nearest(axis(1), 10)
        assert [number for number, _ in found] == exact(library, axis(1), 10, library.numbers())
    finally:
        library.serve(served)
