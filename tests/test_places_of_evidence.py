"""Where expected evidence stands in articles and passages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citations import cite
from bot.evaluation.cases import Evidence
from bot.evaluation.measures.places_of_evidence import covers, evidence_places, holders
from retrieval.datatypes import Article, Passage

TEXT = "Rutte spoke.\nHe said\u00a0that talks failed. Later, talks failed again."
RIGA = Article(id="riga", title="Riga", text=TEXT)
COPY = Article(id="copy", title="Copy", text="News: He said that\ntalks failed.")
ARTICLES = {"riga": RIGA, "copy": COPY}


def passage(article: Article, start: int, end: int) -> Passage:
    return Passage(article_id=article.id, start=start, end=end, text=article.text[start:end])


# "Rutte spoke.", "He said that talks failed.", "Later, talks failed again.", and the last two together.
CUTS = [(0, 12), (13, 39), (40, 66), (13, 66)]
PASSAGES = {
    "riga": [passage(RIGA, start, end) for start, end in CUTS],
    "copy": [passage(COPY, 0, len(COPY.text))],
}


def test_words_are_found_in_every_article_whatever_the_white_space() -> None:
    assert evidence_places(Evidence(text="He said that talks  failed."), ARTICLES) == [
        ("riga", 13, 39),
        ("copy", 6, 32),
    ]


def test_words_are_found_only_in_the_stated_article_and_there_each_time() -> None:
    places = evidence_places(Evidence(text="talks failed", article="riga"), ARTICLES)
    assert [TEXT[start:end] for _, start, end in places] == ["talks failed", "talks failed"]
    assert {article for article, _, _ in places} == {"riga"}


def test_a_stated_place_tells_which_words_are_meant() -> None:
    assert evidence_places(Evidence(text="talks failed", article="riga", start=47, end=59), ARTICLES) == [
        ("riga", 47, 59)
    ]
    assert evidence_places(Evidence(article="riga", start=0, end=5), ARTICLES) == [("riga", 0, 5)]


def test_words_are_looked_for_when_they_do_not_stand_at_the_stated_place() -> None:
    moved = Evidence(text="Rutte spoke.", article="riga", start=20, end=32)
    assert evidence_places(moved, ARTICLES) == [("riga", 0, 12)]
    assert holders(moved, PASSAGES) == {"riga:0-12"}


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(text="talks succeeded"),
        Evidence(text=" \n"),
        Evidence(text="talks failed", article="elsewhere"),
        Evidence(article="elsewhere", start=0, end=5),
        Evidence(article="riga", start=0, end=5000),
    ],
)
def test_nothing_is_found_when_evidence_stands_nowhere(evidence: Evidence) -> None:
    assert evidence_places(evidence, ARTICLES) == []
    assert holders(evidence, PASSAGES) == frozenset()


def test_passages_hold_evidence_only_when_it_stands_in_them_whole() -> None:
    assert holders(Evidence(text="talks failed again"), PASSAGES) == {"riga:40-66", "riga:13-66"}
    assert holders(Evidence(text="said that talks failed. Later"), PASSAGES) == {"riga:13-66"}
    assert holders(Evidence(article="riga", start=30, end=50), PASSAGES) == {"riga:13-66"}
    assert holders(Evidence(text="said that talks"), PASSAGES) == {"riga:13-39", "riga:13-66", "copy:0-32"}


def test_a_stated_place_tells_which_passage_holds_words_that_stand_twice() -> None:
    assert holders(Evidence(text="talks failed", article="riga", start=47, end=59), PASSAGES) == {
        "riga:40-66",
        "riga:13-66",
    }


def test_a_citation_covers_evidence_that_it_overlaps_in_the_same_article() -> None:
    quoted = cite(RIGA, 13, 39, 1)
    assert covers(quoted, Evidence(text="talks failed"))
    assert covers(quoted, Evidence(text="Rutte spoke. He said that talks failed. Later", article="riga"))
    assert covers(quoted, Evidence(article="riga", start=38, end=60))
    assert not covers(quoted, Evidence(article="riga", start=39, end=60))
    assert not covers(quoted, Evidence(text="talks failed", article="copy"))


def test_a_citation_covers_evidence_of_which_a_line_was_cleaned_away() -> None:
    quoted = cite(RIGA, 13, 39, 1)
    assert covers(quoted, Evidence(text="ADVERTISEMENT He said that talks failed. Read more"))
    assert not covers(quoted, Evidence(text="ADVERTISEMENT He said nothing."))
    assert not covers(quoted, Evidence(article="riga", start=0, end=5000))


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 40))
def test_words_taken_from_an_article_are_always_found_where_they_stand(start: int, length: int) -> None:
    words = TEXT[start : start + length]
    places = evidence_places(Evidence(text=words, article="riga"), ARTICLES)
    if words.strip():
        squeezed = "".join(words.split())
        assert places
        assert all("".join(TEXT[begin:end].split()) == squeezed for _, begin, end in places)
