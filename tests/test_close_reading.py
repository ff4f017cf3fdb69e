"""Where the rules find no answer, what was read closely is judged by the margin and by what they know."""

import logging
from collections.abc import Mapping, Sequence

import pytest

from retrieval.close_reading import CloseReader
from retrieval.datatypes import Article, Passage
from retrieval.passages import split_sentences
from retrieval.query import understand
from retrieval.reading import Finding, SentenceReader
from retrieval.sentences import Sentence, read_article
from tests.fakes import FakeEmbedder, FakeReader

FERRY = "The ferry to Norhaven sank on Tuesday. Forty people were aboard, the harbour master said."
TRAM = "The tram in Norhaven was late on Monday. Nobody knew why."
ASKED = "When did the vessel to Norhaven go under?"
MISSING = "The trained reader is missing: install footnote-bot again."


def equally_rare(some: Sequence[str]) -> Mapping[str, float]:
    return dict.fromkeys(some, 1.0)


def story(text: str, article_id: str) -> tuple[Sentence, ...]:
    article = Article(id=article_id, title="", text=text, language="en")
    return read_article(article, split_sentences(text))


def read(reader: FakeReader, question: str, *texts: str) -> list[Finding]:
    stories = [story(text, f"news-{place}") for place, text in enumerate(texts)]
    passages = [
        Passage(article_id=f"news-{place}", start=0, end=len(text), text=text)
        for place, text in enumerate(texts)
    ]
    chooser = CloseReader(reader, SentenceReader(FakeEmbedder(), equally_rare), equally_rare)
    return chooser.read(understand(question, "en"), stories, passages)


def spans(findings: Sequence[Finding]) -> list[str]:
    return [one.sentence.article.text[slice(*one.span)] for one in findings if one.span]


def test_read_when_a_span_answers_gives_its_sentence_and_its_place_in_the_article() -> None:
    (finding,) = read(FakeReader({"Tuesday": 4.0}), ASKED, TRAM, FERRY)
    assert finding.sentence.text == "The ferry to Norhaven sank on Tuesday."
    assert finding.span is not None
    start, end = finding.span
    assert finding.sentence.article.text[start:end] == "Tuesday"
    assert finding.sentence.start <= start < end <= finding.sentence.end


def test_read_when_nothing_in_the_articles_answers_finds_nothing() -> None:
    assert read(FakeReader({}), "When did the museum in Oslo reopen?", TRAM, FERRY) == []


def test_read_when_the_span_is_of_another_kind_than_asked_for_finds_nothing() -> None:
    assert read(FakeReader({"ferry": 4.0}), "When did the ferry sink?", FERRY) == []


def test_read_when_two_articles_differ_gives_both_answers() -> None:
    other = "The ferry to Norhaven sank on Wednesday."
    reader = FakeReader({"Tuesday": 4.0, "Wednesday": 3.5})
    assert set(spans(read(reader, ASKED, FERRY, other))) == {
        "Tuesday",
        "Wednesday",
    }


def test_read_when_another_speaks_than_asked_about_finds_nothing_however_sure_the_reader_is() -> None:
    text = "Amara Okafor said that the ferry is safe."
    reader = FakeReader({"the ferry is safe": 9.0})
    assert read(reader, "What did Lind say about the ferry?", text) == []
    assert reader.asked


def test_read_when_the_rules_find_an_answer_is_not_asked() -> None:
    reader = FakeReader({"Forty": 9.0})
    (finding,) = read(reader, "When did the ferry to Norhaven sink?", FERRY)
    assert finding.sentence.text == "The ferry to Norhaven sank on Tuesday."
    assert reader.asked == []


def test_read_when_an_article_is_long_reads_only_what_may_answer() -> None:
    filler = " ".join(f"The mayor opened fair number {number} in a town far away." for number in range(400))
    reader = FakeReader({"Tuesday": 4.0})
    assert spans(read(reader, ASKED, f"{filler} {FERRY}")) == ["Tuesday"]
    ((question, windows),) = reader.asked
    assert question == ASKED
    assert sum(map(len, windows)) <= 6500


def test_read_when_the_reader_cannot_be_run_warns_once_and_goes_by_rules_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stories = [story(FERRY, "news-0")]
    passages = [Passage(article_id="news-0", start=0, end=len(FERRY), text=FERRY)]
    by_rules = SentenceReader(FakeEmbedder(), equally_rare)
    chooser = CloseReader(FakeReader({}, fails=MISSING), by_rules, equally_rare)
    query = understand(ASKED, "en")
    with caplog.at_level(logging.WARNING):
        twice = [chooser.read(query, stories, passages) for _ in range(2)]
    assert twice == [[], []]
    assert caplog.messages == [f"{MISSING} Until then, answers are chosen by rules alone."]


def test_read_when_a_question_has_no_words_reads_nothing() -> None:
    reader = FakeReader({"Tuesday": 4.0})
    assert read(reader, "And why?", FERRY) == []
    assert reader.asked == []
