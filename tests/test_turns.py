"""A turn that is made again from its receipt is the turn that was, as far as the articles still are."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citations import cite, stands
from bot.datatypes import Answer, AnswerStatus, Dropped, Turn
from bot.followup import stand_alone
from bot.receipts import json_line, receipt_of
from bot.turns import turn_of
from retrieval.datatypes import Article, Passage, ScoredPassage
from retrieval.errors import HistoryError

TEXT = "Zelensky met Ursula Lind in Riga.\n\nShe said that the talks went well. Nobody else spoke."
ARTICLE = Article(
    id="riga", title="Talks", text=TEXT, publisher="A paper", published="2024-11-14", language="en",
    url="https://example.org/riga", path="/riga.md",
)  # fmt: skip
PASSAGE = Passage(article_id="riga", start=0, end=len(TEXT), text=TEXT)
ANSWER = Answer(
    question="Who met Zelensky?",
    understood_as="Who met Zelensky?",
    status=AnswerStatus.ANSWERED,
    text="The articles say:\n– «Zelensky met Ursula Lind in Riga.» [1]",
    language="en",
    citations=(cite(ARTICLE, 0, 33, 1),),
    evidence=(ScoredPassage(PASSAGE, 0.5),),
    seconds={"total": 0.25},
    confidence=0.75,
)
INDEX = {"embedder": "fake", "settings": "0123456789abcdef"}


def library(*articles: Article) -> "Library":
    return Library({article.id: article for article in articles})


class Library:
    """Finds articles by id, and nothing else."""

    def __init__(self, articles: Mapping[str, Article]) -> None:
        self._articles = articles

    def __call__(self, ids: Iterable[str]) -> dict[str, Article]:
        return {name: self._articles[name] for name in ids if name in self._articles}


def again(answer: Answer, *articles: Article) -> Turn:
    return turn_of(answer.question, json_line(receipt_of(answer, INDEX)), library(*articles), "Turn 1")


words = st.text(max_size=60)
articles = st.builds(
    Article, id=st.text(min_size=1, max_size=9), title=words, text=st.text(min_size=1, max_size=90),
    publisher=st.none() | words, published=st.none() | words, language=st.none() | words,
    url=st.none() | words, path=st.none() | words,
)  # fmt: skip


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Draw an answer whose citations stand in articles, each article with an id of its own."""
    known = draw(st.lists(articles.filter(lambda article: article.text.strip()), max_size=3,
                          unique_by=lambda article: article.id))  # fmt: skip
    places = []
    for number, article in enumerate(known, start=1):
        start = draw(st.integers(0, len(article.text) - 1))
        end = draw(st.integers(start + 1, len(article.text)))
        if article.text[start:end].strip():
            marked = draw(st.none() | st.just((start, end)))
            places.append(cite(article, start, end, number, marked))
    scored = [
        ScoredPassage(Passage(article_id=article.id, start=0, end=len(article.text), text=article.text), 0.5)
        for article in known
    ]
    answered = bool(places) and draw(st.booleans())
    return Answer(
        question=draw(words), understood_as=draw(words), text=draw(words), language=draw(words),
        status=AnswerStatus.ANSWERED if answered else AnswerStatus.NOT_COVERED,
        citations=tuple(places) if answered else (), nearest=() if answered else tuple(places),
        evidence=tuple(scored), seconds={"total": 0.5}, confidence=draw(st.floats(0, 1)),
        written_by=draw(st.none() | words), notices=tuple(draw(st.lists(words, max_size=2))),
        dropped=tuple(draw(st.lists(st.builds(Dropped, words, words), max_size=2))),
    )  # fmt: skip


@given(answers())
def test_turn_is_the_same_when_the_library_still_has_the_articles(answer: Answer) -> None:
    known = [citation.article for citation in (*answer.citations, *answer.nearest)]
    assert again(answer, *known) == Turn(answer.question, answer)


@given(answers())
def test_every_citation_stands_and_names_its_version_when_the_articles_are_gone(answer: Answer) -> None:
    made = again(answer).answer
    before, after = (*answer.citations, *answer.nearest), (*made.citations, *made.nearest)
    assert [citation.quote for citation in after] == [citation.quote for citation in before]
    assert [citation.digest for citation in after] == [citation.digest for citation in before]
    assert all(map(stands, after))
    assert receipt_of(made, INDEX) == receipt_of(answer, INDEX)


def test_article_is_the_librarys_when_it_has_the_same_text() -> None:
    mended = replace(ARTICLE, title="Talks in Riga")
    assert again(ANSWER, mended).answer.citations[0].article is mended


def test_article_is_what_is_left_of_it_when_its_text_has_changed() -> None:
    article = again(ANSWER, replace(ARTICLE, text="Something else.")).answer.citations[0].article
    assert article.text == TEXT
    assert replace(ANSWER, evidence=()).citations[0].article.text == TEXT
    alone = again(replace(ANSWER, evidence=(), citations=(cite(ARTICLE, 13, 24, 1),)))
    assert alone.answer.citations[0].article.text == "\n" * 13 + "Ursula Lind"


def test_turn_is_read_when_its_receipt_was_written_before_words_were_marked() -> None:
    receipt = json.loads(json_line(receipt_of(ANSWER, INDEX)))
    for citation in receipt["citations"]:
        del citation["marked"]
    assert turn_of(ANSWER.question, json.dumps(receipt), library(ARTICLE), "Turn 1").answer == ANSWER


@pytest.mark.parametrize("known", [(ARTICLE,), ()], ids=["articles there", "articles gone"])
def test_follow_up_is_understood_from_turns_that_were_made_again(known: tuple[Article, ...]) -> None:
    question = "And what did she say about the talks?"
    before = stand_alone(question, (Turn(ANSWER.question, ANSWER),), "en")
    assert before != question
    assert stand_alone(question, (again(ANSWER, *known),), "en") == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"schema": 9}, r"Turn 1 cannot be read \(schema 9, this version reads 1\)"),
        ({"status": "sung"}, "'sung' is not a valid AnswerStatus"),
        ({"citations": None}, "Turn 1 cannot be read"),
        ({"citations": [3]}, "Turn 1 cannot be read"),
        ({"citations": [{"article_id": "riga"}]}, "it lacks 'start'"),
    ],
)
def test_turn_is_refused_when_its_receipt_is_not_one(change: dict[str, object], why: str) -> None:
    receipt = json.dumps({**receipt_of(ANSWER, INDEX), **change})
    with pytest.raises(HistoryError, match=why):
        turn_of("?", receipt, library(), "Turn 1")


@pytest.mark.parametrize("receipt", ["", "no JSON", "[]", "7", "[" * 100_000, "{}"])
def test_turn_is_refused_when_it_is_no_object(receipt: str) -> None:
    with pytest.raises(HistoryError, match=r"Turn 1 cannot be read .*--forget NAME"):
        turn_of("?", receipt, library(), "Turn 1")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quote": "invented"}, "a quotation does not stand at its place"),
        ({"start": -3}, "outside of any article"),
        ({"end": 10**12}, "outside of any article"),
        ({"quote": ""}, "does not stand"),
        ({"end": 30}, "does not stand"),
        ({"marked": [0, 34]}, "does not stand"),
        ({"marked": [9, 3]}, "does not stand"),
        ({"marked": [0, 3, 9]}, "cannot be read"),
        ({"marked": "ab"}, "cannot be read"),
    ],
)
@pytest.mark.parametrize("known", [(ARTICLE,), ()], ids=["articles there", "articles gone"])
def test_turn_is_refused_when_a_citation_was_tampered_with(
    known: tuple[Article, ...], change: dict[str, object], why: str
) -> None:
    receipt = json.loads(json_line(receipt_of(replace(ANSWER, evidence=()), INDEX)))
    receipt["citations"][0].update(change)
    with pytest.raises(HistoryError, match=why if not known or "marked" in change else "does not stand"):
        turn_of("?", json.dumps(receipt), library(*known), "Turn 1")
