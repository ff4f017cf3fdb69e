"""The words that answer in two articles are compared by what they say, however they say it."""

import pytest

from bot.marked_words import Difference, MarkedWords, difference, read_marked, say_the_same
from retrieval.datatypes import Article
from retrieval.passages import split_sentences
from retrieval.query import Kind
from retrieval.sentences import read_article


def read(words: str, kind: Kind, article_id: str, published: str | None = None) -> MarkedWords:
    """Read words that are marked in a sentence; "it:" before them names its language."""
    language, _, words = words.rpartition(":")
    text = f"They say that {words} at last."
    article = Article(id=article_id, title="", text=text, language=language or "en", published=published)
    (sentence,) = read_article(article, split_sentences(text))
    start = text.index(words)
    return read_marked(sentence, (start, start + len(words)), kind)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.QUANTITY, "12,000", "12 000 troops"),
        (Kind.QUANTITY, "12,000 troops", "it:12.000 soldati"),
        (Kind.QUANTITY, "about twelve thousand", "12\u202f000"),
        (Kind.QUANTITY, "12 percent", "sv:12 %"),
        (Kind.QUANTITY, "$8 million", "8 million dollars"),
        (Kind.DURATION, "a 12-minute call", "12 minutes"),
        (Kind.TIME, "on Thursday", "it:giovedì"),
        (Kind.TIME, "14 November", "November 14, 2024"),
        (Kind.OTHER, "12 were killed", "Killed: 12"),
        (Kind.PERSON, "Mark Rutte", "Rutte"),
        (Kind.PLACE, "in Latvia", "it:in Lettonia"),
        (Kind.OTHER, "“a direct threat”", "The direct threat"),
    ],
)
def test_say_the_same_when_it_is_written_otherwise_is_true(kind: Kind, one: str, other: str) -> None:
    first, second = read(one, kind, "one"), read(other, kind, "two")
    assert say_the_same(first, second, kind) is True
    assert say_the_same(second, first, kind) is True
    assert difference(first, second, kind) is None


@pytest.mark.parametrize(
    ("kind", "one", "other", "what"),
    [
        (Kind.QUANTITY, "12,000", "it:10.000 soldati", Difference.FIGURES),
        (Kind.QUANTITY, "1500", "1600", Difference.FIGURES),
        (Kind.OTHER, "12 killed", "30 people were killed", Difference.FIGURES),
        (Kind.OTHER, "2 soldiers", "20 missiles", None),
        (Kind.PERSON, "2 soldiers", "20 missiles", None),
        (Kind.QUANTITY, "8 million dollars", "8 million euros", None),
        (Kind.TIME, "14 November", "it:il 15 novembre", Difference.DATES),
        (Kind.TIME, "Thursday", "Friday", Difference.DATES),
        (Kind.OTHER, "in 1990", "in 1991", Difference.DATES),
        (Kind.PERSON, "Mark Rutte", "Jens Stoltenberg", Difference.NAMES),
        (Kind.PLACE, "Riga", "Vilnius", Difference.NAMES),
        (Kind.OTHER, "Mark Rutte", "Jens Stoltenberg", None),
        (Kind.OTHER, "guilty", "not guilty", None),
    ],
)
def test_say_the_same_when_something_else_is_said_is_false(
    kind: Kind, one: str, other: str, what: Difference | None
) -> None:
    first, second = read(one, kind, "one"), read(other, kind, "two")
    assert say_the_same(first, second, kind) is False
    assert say_the_same(second, first, kind) is False
    assert difference(first, second, kind) == what


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.QUANTITY, "between 10 and 12", "12"),
        (Kind.OTHER, "2,000 tanks", "2,000 soldiers"),
        (Kind.TIME, "Thursday", "14 November"),
        (Kind.TIME, "November", "14 November"),
        (Kind.PLACE, "Riga", "Latvia"),
        (Kind.OTHER, "peace talks", "an end of the war"),
        (Kind.PERSON, "he", "she"),
    ],
)
def test_say_the_same_when_words_cannot_tell_leaves_it_open(kind: Kind, one: str, other: str) -> None:
    first, second = read(one, kind, "one"), read(other, kind, "two")
    assert say_the_same(first, second, kind) is say_the_same(second, first, kind) is None
    assert difference(first, second, kind) is None


@pytest.mark.parametrize(
    ("words", "published", "verdict"),
    [
        ("Thursday", "2024-11-15T08:00:00+01:00", True),
        ("Thursday", "2024-12-12", None),
        ("Thursday", None, True),
        ("yesterday", "2024-11-14", True),
        ("yesterday", "2024-11-15", None),
        ("14 November", "2025-01-01", True),
    ],
)
def test_say_the_same_when_a_day_depends_on_the_article_minds_its_date(
    words: str, published: str | None, verdict: bool | None
) -> None:
    one = read(words, Kind.TIME, "one", "2024-11-14")
    assert say_the_same(one, read(words, Kind.TIME, "two", published), Kind.TIME) is verdict


def test_difference_when_it_is_one_article_is_none() -> None:
    one, other = read("12,000", Kind.QUANTITY, "one"), read("10,000", Kind.QUANTITY, "one")
    assert difference(one, other, Kind.QUANTITY) is None
