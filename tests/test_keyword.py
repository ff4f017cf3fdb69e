"""Keyword search finds what a reader's own words name, in any of the languages."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.database import Database
from retrieval.datatypes import Article, Passage
from retrieval.keyword import KeywordIndex, all_terms, place_terms
from retrieval.passages import split_sentences
from retrieval.schema import create_tables
from retrieval.wording import terms

_TEXTS = {
    1: ("en", "Soldiers marched through Latvia. About 12,000 of them stayed."),
    2: ("it", "I soldati, il 12,5 per cento, sono tornati dalla Lettonia."),
    3: ("sv", "Soldaterna lämnade Lettland, men 125 blev kvar."),
    4: ("en", "The museum of Oslo opened a new wing, and a museum shop."),
    5: ("en", "A museum stands there, among many other houses of the old town that people visit."),
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "keyword.sqlite3")) as opened:
        create_tables(opened)
        yield opened


@pytest.fixture
def keyword(database: Database) -> KeywordIndex:
    with database.transaction():
        index = KeywordIndex(database)
        for number, (language, text) in _TEXTS.items():
            article = Article(
                id=str(number), title="A report", text=text, publisher="Daily News", language=language
            )
            passage = Passage(article_id=str(number), start=0, end=len(text), text=text)
            index.add(number, article, passage, split_sentences(text))
        return index


def found(keyword: KeywordIndex, wanted: Iterable[str], limit: int = 10) -> list[int]:
    return [hit.number for hit in keyword.find(wanted, limit)]


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("museums", "en", {4, 5}),
        ("Who marches?", "en", {1}),
        ("tornata", "it", {2}),
        ("soldater", "sv", {3}),
        ("12.000", "en", {1}),
        ("12.5", "en", {2}),
        ("125", "en", {3}),
        ("5", "en", set()),
        ("zeppelin", "en", set()),
        ("", "en", set()),
    ],
)
def test_find_when_asked_for_words_and_numbers(
    keyword: KeywordIndex, question: str, language: str, expected: set[int]
) -> None:
    assert set(found(keyword, terms(question, language))) == expected


def test_find_when_place_is_named_in_another_language(keyword: KeywordIndex) -> None:
    assert set(found(keyword, place_terms("LV"))) == {1, 2, 3}


def test_find_when_several_match_gives_the_likeliest_first(keyword: KeywordIndex) -> None:
    assert found(keyword, ["museum"]) == [4, 5]
    assert found(keyword, ["museum"], limit=1) == [4]


def test_find_when_a_passage_matches_gives_its_terms_by_sentence(keyword: KeywordIndex) -> None:
    (hit,) = keyword.find(terms("marched", "en"), 10)
    first, second = _TEXTS[1][1].split(". ")
    assert [line.split() for line in hit.body.split("\n")] == [
        all_terms(first, "en"),
        all_terms(second, "en"),
    ]
    assert hit.title.split() == terms("A report", "en")
    assert hit.publisher.split() == terms("Daily News", None)
    assert keyword.read([1, 99]) == [hit]


def test_delete_when_done_forgets_the_passage(database: Database, keyword: KeywordIndex) -> None:
    with database.transaction():
        keyword.delete([1, 4])
    assert found(keyword, terms("marched museum", "en")) == [5]
    assert keyword.counts(["museum"]) == {"museum": 1}
    with database.transaction():
        keyword.delete([2, 3, 5])
    assert keyword.counts(["museum"]) == {"museum": 0}


def test_counts_when_number_has_a_fraction(keyword: KeywordIndex) -> None:
    assert keyword.counts(["12.5", "125", "12"]) == {"12.5": 1, "125": 1, "12": 0}


@pytest.mark.parametrize("code", ["LV", "IT/roma"])
def test_place_terms_when_place_is_a_city_are_its_countrys_too(code: str) -> None:
    country = code.partition("/")[0]
    assert place_terms(code)[-1:] == place_terms(country)
    assert len(place_terms(code)) == (1 if code == country else 2)
    assert all(name.isalnum() for name in place_terms(code))


@given(st.text())
def test_find_when_question_is_anything_never_fails(question: str) -> None:
    with TemporaryDirectory() as folder, closing(Database(Path(folder) / "keyword.sqlite3")) as database:
        create_tables(database)
        index = KeywordIndex(database)
        article = Article(id="a", title=question, text=question)
        passage = Passage(article_id="a", start=0, end=len(question), text=question)
        index.add(1, article, passage, split_sentences(question))
        assert set(found(index, [*terms(question, None), "zeppelin"])) <= {1}
