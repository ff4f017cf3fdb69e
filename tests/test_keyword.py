"""Keyword search finds what a reader's own words name, in any of the languages."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.datatypes import Article, Passage
from retrieval.keyword import KeywordIndex, place_term
from retrieval.wording import terms

_BODY = {"body": 1.0}
_TEXTS = {
    1: ("en", "Soldiers marched through Latvia, and 12,000 of them stayed."),
    2: ("it", "Alcuni soldati, il 12,5 per cento, sono tornati dalla Lettonia."),
    3: ("sv", "Soldaterna lämnade Lettland, men 125 blev kvar."),
    4: ("en", "The museum of Oslo opened a new wing, and a museum shop."),
    5: ("en", "A museum stands there, among many other houses of the old town that people visit."),
}


@pytest.fixture
def keyword() -> Iterator[KeywordIndex]:
    with closing(sqlite3.connect(":memory:")) as connection:
        index = KeywordIndex(connection)
        index.create()
        for number, (language, text) in _TEXTS.items():
            article = Article(id=str(number), title="Report", text=text, publisher="ANSA", language=language)
            index.add(number, article, Passage(article_id=str(number), start=0, end=len(text), text=text))
        yield index


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Which soldier marches?", "en", {1}),
        ("il soldato", "it", {2}),
        ("soldater", "sv", {3}),
        ("12.000", "en", {1}),
        ("12.5", "en", {2}),
        ("125", "en", {3}),
        ("5", "en", set()),
        ("zeppelin", "en", set()),
        ("", "en", set()),
    ],
)
def test_search_when_asked_for_words_and_numbers(
    keyword: KeywordIndex, question: str, language: str, expected: set[int]
) -> None:
    assert set(keyword.search(terms(question, language), _BODY, 10)) == expected


def test_search_when_place_is_named_in_another_language(keyword: KeywordIndex) -> None:
    assert set(keyword.search([place_term("LV")], {"places": 1.0}, 10)) == {1, 2, 3}


def test_search_when_several_match_gives_the_best_first(keyword: KeywordIndex) -> None:
    found = keyword.search(["museum"], _BODY, 10)
    assert list(found) == [4, 5]
    assert found[4] > found[5] > 0
    assert list(keyword.search(["museum"], _BODY, 1)) == [4]


def test_search_when_a_field_has_no_weight_does_not_count_it(keyword: KeywordIndex) -> None:
    assert max(keyword.search(["ansa"], _BODY, 10).values()) == 0
    assert min(keyword.search(["ansa"], {"publisher": 1.0}, 10).values()) != 0


def test_delete_when_done_forgets_the_passage(keyword: KeywordIndex) -> None:
    keyword.delete([1, 4])
    assert set(keyword.search(terms("soldiers museum", "en"), _BODY, 10)) == {5}
    assert keyword.passages_with("museum") == 1
    keyword.clear()
    assert keyword.passages_with("museum") == 0


def test_passages_with_when_number_has_a_fraction(keyword: KeywordIndex) -> None:
    assert keyword.passages_with("12.5") == keyword.passages_with("125") == 1
    assert keyword.passages_with("12") == 0


@given(st.text())
def test_search_when_question_is_anything_never_fails(question: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        index = KeywordIndex(connection)
        index.create()
        article = Article(id="a", title=question, text=question)
        index.add(1, article, Passage(article_id="a", start=0, end=len(question), text=question))
        wanted = [*terms(question, None), "zeppelin"]
        assert set(index.search(wanted, _BODY, 5)) <= {1}
