"""Dates beside quotations, and answers to "when did he say that?" from what was quoted last."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bot.assembly import build_assistant, build_indexer
from bot.assistant import Assistant
from bot.citations import cite, require_all_stand
from bot.datatypes import Answer, AnswerStatus, Citation, Turn
from bot.extractive import write_answer
from bot.replies import show_answer
from bot.settings import Settings
from bot.telegram_app.answer_messages import answer_text
from bot.told_dates import dates_note, when_told
from bot.when_that_was import tell_when
from retrieval.articles import Reading
from retrieval.datatypes import Article, Filter
from retrieval.passages import split_sentences
from retrieval.query import understand
from retrieval.reading import Finding
from retrieval.sentences import read_article
from tests.fakes import FakeEmbedder

SAID = "Rutte said on Thursday that the transfers are a direct threat."


def cited(text: str, number: int = 1, published: str | None = "2024-11-08", language: str = "en") -> Citation:
    article = Article(
        id=f"a{number}", title="Riga", text=text, language=language, published=published, publisher="Post"
    )
    return cite(article, 0, len(text), number)


def answer_of(*citations: Citation, understood_as: str = "What did Rutte say?", text: str = "") -> Answer:
    lines = (f"– “{citation.quote}” [{citation.number}]" for citation in citations)
    return Answer(
        question=understood_as,
        understood_as=understood_as,
        status=AnswerStatus.ANSWERED,
        text=text or "\n".join(("What Rutte said:", *lines)),
        language="en",
        citations=citations,
    )


def told(question: str, answer: Answer, language: str = "en") -> Answer | None:
    return tell_when(question, (Turn("?", answer),), language)


@pytest.mark.parametrize(
    ("text", "language", "note"),
    [
        (SAID, "en", "“Thursday” is 7 November 2024"),
        (SAID, "it", "“Thursday” vuol dire 7 novembre 2024"),
        (SAID, "sv", "”Thursday” är den 7 november 2024"),
        ("It sank last week.", "en", "“last week” is 28 October – 3 November 2024"),
        ("It sank on 7 November 2024.", "en", ""),
        ("It may sink on Thursday or so.", "en", ""),
        ("It sank.", "en", ""),
        (
            "It sank on Monday, rose on Tuesday and was sold on Wednesday.",
            "en",
            "“Monday” is 4 November 2024, “Tuesday” is 5 November 2024",
        ),
    ],
)
def test_dates_note_says_what_the_times_in_a_quotation_mean(text: str, language: str, note: str) -> None:
    assert dates_note(cited(text), language) == note
    assert dates_note(cited(text, published=None), language) == ""


@pytest.mark.parametrize(
    ("text", "language", "lead"),
    [
        (SAID, "en", "Thursday, 7 November 2024: "),
        (SAID, "it", "giovedì 7 novembre 2024: "),
        ("Rutte said it last week.", "en", "28 October – 3 November 2024: "),
        ("Rutte said it on 7 November 2024.", "en", ""),
        ("Rutte said it on 7 November 2024.", "sv", "torsdag den 7 november 2024: "),
        ("Rutte called it a threat.", "en", "(no day stated, published 8 November 2024) "),
        ("Rutte called it a threat of the spring.", "en", ""),
    ],
)
def test_when_told_says_the_day_or_when_it_was_published(text: str, language: str, lead: str) -> None:
    assert when_told(cited(text), language, is_said=True) == lead


def test_when_told_of_an_undated_article_says_so_unless_the_quotation_holds_figures() -> None:
    undated = cited(SAID, published=None)
    assert when_told(undated, "en", is_said=True) == "(the article states no date) "
    assert when_told(undated, "it", is_said=True) == "(l’articolo non indica la data) "
    assert when_told(cited("He said it in 2023.", published=None), "en", is_said=True) == ""


def test_answer_shows_the_date_beside_the_quotation_and_never_in_it() -> None:
    answer = answer_of(cited(SAID))
    console = Console(file=io.StringIO(), markup=False, highlight=False, _environ={})
    show_answer(answer, console)
    assert isinstance(console.file, io.StringIO)
    written = console.file.getvalue()
    assert f"– “{SAID}” [1]\n" in written
    assert "    Post, 2024-11-08 · “Thursday” is 7 November 2024\n" in written
    assert "Post, 2024-11-08 · “Thursday” is 7 November 2024\n" in answer_text(answer).text


@pytest.mark.parametrize(
    ("question", "language", "opening", "day"),
    [
        ("when did he say that?", "en", "When that was:", "Thursday, 7 November 2024"),
        ("When did Rutte say that?", "en", "When that was:", "Thursday, 7 November 2024"),
        ("And when was that?", "en", "When that was:", "Thursday, 7 November 2024"),
        ("quando l'ha detto?", "it", "Quando è stato:", "giovedì 7 novembre 2024"),
        ("Quando l'ha detto Rutte?", "it", "Quando è stato:", "giovedì 7 novembre 2024"),
        ("när sa han det?", "sv", "När det var:", "torsdag den 7 november 2024"),
        ("När var det?", "sv", "När det var:", "torsdag den 7 november 2024"),
    ],
)
def test_tell_when_asked_when_that_was_answers_from_the_last_quotations(
    question: str, language: str, opening: str, day: str
) -> None:
    before = answer_of(cited(SAID), cited("Rutte called it a threat of the spring.", 2))
    answer = told(question, before, language)
    assert answer is not None
    assert answer.status is AnswerStatus.CONVERSATION
    assert answer.text.splitlines() == [
        opening,
        f"– {day}: “{SAID}” [1]",
        "– “Rutte called it a threat of the spring.” [2]",
    ]
    assert answer.citations == before.citations
    require_all_stand(answer.citations)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When?", "en"),
        ("Quando?", "it"),
        ("when did Borrell say that?", "en"),
        ("when did he open that bridge?", "en"),
        ("when will that be decided?", "en"),
        ("what did he say about that?", "en"),
        ("where was that?", "en"),
        ("När invigdes bron?", "sv"),
    ],
)
def test_tell_when_something_else_is_asked_is_none(question: str, language: str) -> None:
    assert told(question, answer_of(cited(SAID)), language) is None


def test_tell_when_nothing_was_quoted_is_none() -> None:
    refused = replace(answer_of(), status=AnswerStatus.NOT_COVERED)
    assert told("when was that?", refused) is None
    assert tell_when("when was that?", (), "en") is None


def test_tell_when_small_talk_stands_between_means_the_answer_before() -> None:
    thanks = replace(answer_of(), status=AnswerStatus.CONVERSATION)
    said = tell_when("when was that?", (Turn("?", answer_of(cited(SAID))), Turn("thanks", thanks)), "en")
    assert said is not None and "7 November 2024" in said.text


def test_tell_when_a_statement_has_two_footnotes_quotes_it_once() -> None:
    before = answer_of(cited(SAID), cited(SAID, 2), text=f"What Rutte said:\n– “{SAID}” [1][2]")
    answer = told("when was that?", before)
    assert answer is not None
    assert answer.text.splitlines()[1:] == [f"– Thursday, 7 November 2024: “{SAID}” [1][2]"]


@pytest.mark.parametrize(
    ("question", "text", "lead"),
    [
        ("When did the ferry sink?", "The ferry sank on Thursday.", "Thursday, 7 November 2024: "),
        ("When did the ferry sink?", "The ferry sank in the storm.",
         "(no day stated, published 8 November 2024) "),
        ("Quando è affondato il traghetto?", "The ferry sank on Thursday.", "giovedì 7 novembre 2024: "),
        ("What did the ferry do?", "The ferry sank on Thursday.", ""),
        ("When was Rutte in Riga?", "Rutte wrote of Riga on Thursday.", ""),
    ],
)  # fmt: skip
def test_write_answer_when_a_time_is_asked_for_begins_with_it(question: str, text: str, lead: str) -> None:
    article = cited(text).article
    (sentence,) = read_article(article, split_sentences(text))
    language = "it" if question.startswith("Quando") else "en"
    query = understand(question, language)
    draft = write_answer(query, [Finding(sentence, 1.0)], quotes=5, quoted_characters=900)
    assert draft.text.splitlines()[1] == f"– {lead}“{text}” [1]"


def assistant_of(folder: Path, articles: Sequence[Article], today: date) -> Assistant:
    indexer = build_indexer(Settings(), folder, FakeEmbedder())
    indexer.update(Reading(articles=tuple(articles)), lambda *_: None)
    return build_assistant(Settings(), folder, FakeEmbedder(), today=lambda: today)


@pytest.fixture
def articles() -> list[Article]:
    return [
        cited(SAID).article,
        Article(id="old", title="Oslo", text="Rutte said in 2023 that bread is dear.", language="en",
                published="2023-05-02"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("today", "question", "status", "text"),
    [
        (date(2024, 11, 11), "What did Rutte say last week?", "answered", SAID),
        (date(2024, 11, 11), "What did Rutte say in 2023?", "answered", "bread is dear"),
        (date(2026, 11, 23), "What did Rutte say in November?", "answered", SAID),
        (date(2026, 11, 23), "What did Rutte say last week?", "not_covered",
         "No article is from the time asked about (16–22 November 2026); the nearest: 8 November 2024."),
        (date(2024, 11, 11), "What did Rutte say before 2023?", "not_covered",
         "No article is from the time asked about (… – 31 December 2022); the nearest: 2 May 2023."),
        (date(2024, 11, 11), "What did Borrell say last week?", "not_covered",
         "The articles from the time asked about (4–10 November 2024) do not answer this."),
    ],
)  # fmt: skip
def test_answer_when_a_time_is_asked_for_keeps_to_it_or_says_so(
    tmp_path: Path, articles: list[Article], today: date, question: str, status: str, text: str
) -> None:
    answer = assistant_of(tmp_path, articles, today).answer(question)
    assert answer.status == status
    assert text in answer.text
    assert len(answer.citations) == (status == "answered")
    assert bool(answer.nearest) == (status != "answered")


def test_answer_when_filtered_articles_are_all_of_another_time_names_the_nearest_of_them(
    tmp_path: Path, articles: list[Article]
) -> None:
    assistant = assistant_of(tmp_path, articles, date(2024, 11, 11))
    answer = assistant.answer("What did Rutte say in 2022?", where=Filter(languages=frozenset(["en"])))
    assert "the nearest: 2 May 2023." in answer.text


def test_answer_when_nothing_in_it_is_of_the_time_asked_about_says_so(
    tmp_path: Path, articles: list[Article]
) -> None:
    assistant = assistant_of(tmp_path, articles, date(2024, 11, 11))
    answer = assistant.answer("Which transfers are a direct threat in 2023?")
    assert answer.notices == ("Nothing here is dated to the time asked about (2023).",)
    assert assistant.answer("Which transfers are a direct threat?").notices == ()


def test_answer_when_no_article_is_dated_asks_for_no_time(tmp_path: Path) -> None:
    undated = replace(cited(SAID).article, published=None)
    answer = assistant_of(tmp_path, [undated], date(2024, 11, 11)).answer("What did Rutte say on Thursday?")
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.notices == ()
