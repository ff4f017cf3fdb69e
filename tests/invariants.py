"""What always holds, as named functions that many tests share."""

import sqlite3
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from itertools import accumulate, combinations

import numpy as np
import pytest
from telegram import MessageEntity

from retrieval.datatypes import Article, Passage
from retrieval.embedding import Embedder
from retrieval.library import Library
from retrieval.passages import Limit, Span
from retrieval.vectors import Vectors, open_served
from retrieval.wording import terms


def is_nothing(text: str) -> bool:
    """White space and the marks before items of a list are no part of a sentence."""
    return not text.strip().strip("-–—•*·").strip()


def every_span_stands(text: str, spans: Sequence[Span]) -> None:
    """Spans are in order, do not overlap, are not blank and leave out only white space and list marks."""
    reached = 0
    for start, end in spans:
        assert reached <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end] != ""
        assert is_nothing(text[reached:start])
        reached = end
    assert is_nothing(text[reached:])


def every_passage_stands(article: Article, passages: Sequence[Passage], limits: Sequence[Limit] = ()) -> None:
    """Passages are in order, do not overlap, cover the article, stand in it and keep every limit."""
    reached = 0
    for passage in passages:
        assert passage.article_id == article.id
        assert reached <= passage.start < passage.end
        assert article.text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert is_nothing(article.text[reached : passage.start])
        for limit in limits:
            assert limit.count(passage.text) <= limit.maximum
        reached = passage.end
    assert is_nothing(article.text[reached:])


def library_stands(library: Library, limits: Sequence[Limit] = ()) -> None:
    """The sentences and passages of every article stand in it, and there are no others."""
    passages = stored_passages(library)
    articles = library.articles()
    assert {passage.article_id for passage in passages.values()} <= articles.keys()
    for article in articles.values():
        every_span_stands(article.text, library.sentences(article.id))
        own = [passage for passage in passages.values() if passage.article_id == article.id]
        every_passage_stands(article, sorted(own, key=lambda passage: passage.start), limits)


def keyword_matches_library(library: Library) -> None:
    """The keyword index holds exactly the passages, and finds each by its own words."""
    passages = stored_passages(library)
    with closing(sqlite3.connect(library.folder / "library.sqlite3")) as connection:
        rows = [number for (number,) in connection.execute("SELECT rowid FROM keyword")]
    assert sorted(rows) == sorted(passages)
    articles = library.articles()
    for number, passage in passages.items():
        wanted = terms(passage.text, articles[passage.article_id].language)
        found = {hit.number for hit in library.keyword.find(wanted, len(passages))}
        assert number in found or not wanted


def vectors_match_library(library: Library, embedder: Embedder) -> None:
    """Every passage has its vector, Chroma holds those that it is said to hold, and they are found."""
    numbers = library.numbers()
    found, rows = library.vectors(numbers)
    assert sorted(found) == numbers
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    served = library.served()
    if served:
        with open_served(library, served, embedder.name) as index:
            held = {int(key) for key in index.held()}
        assert {number for number in numbers if number <= served.until} <= held
    with closing(Vectors(library, embedder.name)) as vectors:
        for number, row in list(zip(found, rows, strict=True))[:: max(1, len(found) // 50)]:
            assert vectors.similarities(row, [number])[number] == pytest.approx(1, abs=1e-3)
            assert len(vectors.nearest(row, 10)) == min(10, len(numbers))


def stored_passages(library: Library) -> dict[int, Passage]:
    """Read all passages of a library by number."""
    return library.passages()


def telegram_takes(text: str, entities: Sequence[MessageEntity]) -> None:
    """A message shows something, is within Telegram's limits, and its styles are whole and nested."""
    # What this Python's Unicode has not assigned yet may be a letter by now.
    assert any(unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} for letter in text)
    assert len(text.strip(" \n").encode("utf-16-le")) // 2 <= 4096
    assert len(entities) <= 100
    borders = {0, *accumulate(len(letter.encode("utf-16-le")) // 2 for letter in text)}
    units = text.encode("utf-16-le")
    spans = [(entity.offset, entity.offset + entity.length) for entity in entities]
    for start, end in spans:
        shown = units[2 * start : 2 * end].decode("utf-16-le")
        assert start < end and {start, end} <= borders
        assert shown == shown.strip()
    for one, other in combinations(spans, 2):
        apart = one[1] <= other[0] or other[1] <= one[0]
        nested = one[0] <= other[0] and other[1] <= one[1]
        assert apart or nested
