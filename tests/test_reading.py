"""The reader chooses sentences by who speaks, where, about what, and by the kind of answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from retrieval.datatypes import Article, Passage
from retrieval.passages import split_sentences
from retrieval.query import Kind, Query, understand
from retrieval.reading import Finding, SentenceReader, Signals, answers
from retrieval.sentences import Sentence, read_article
from retrieval.signals import context_of
from tests.fakes import FakeEmbedder


def equally_rare(some: Sequence[str]) -> Mapping[str, float]:
    return dict.fromkeys(some, 1.0)


def story(text: str, article_id: str = "news", language: str = "en", title: str = "") -> tuple[Sentence, ...]:
    article = Article(id=article_id, title=title, text=text, language=language)
    return read_article(article, split_sentences(text))


def whole(sentences: Sequence[Sentence]) -> Passage:
    article = sentences[0].article
    return Passage(article_id=article.id, start=0, end=len(article.text), text=article.text)


def read(question: str, *texts: str, language: str = "en") -> list[Finding]:
    stories = [story(text, f"news-{place}") for place, text in enumerate(texts)]
    reader = SentenceReader(FakeEmbedder(), equally_rare)
    return reader.read(understand(question, language), stories, [whole(one) for one in stories])


def split_texts(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def found(question: str, *texts: str) -> list[str]:
    return [finding.sentence.text for finding in read(question, *texts)]


SAFE = "Amara Okafor said that the ferry is safe."
SAFE_IN_PERU = "Amara Okafor said in Peru that the ferry is safe."


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("What did Okafor say about the ferry?", SAFE, [SAFE]),
        ("What did Lind say about the ferry?", SAFE, []),
        ("What did Okafor say about the tram?", SAFE, []),
        ("What did Okafor say about the ferry?", "The ferry of Okafor is safe.", []),
        ("What did Okafor say in Peru about the ferry?", SAFE_IN_PERU, [SAFE_IN_PERU]),
        ("What did Okafor say in Chile about the ferry?", SAFE_IN_PERU, []),
        ("What did Okafor say in Chile?", "Amara Okafor said that the ferry in Chile is safe.", []),
        ("How many ferries sank?", "The ferries sank in the storm.", []),
        ("How many ferries sank?", "Some 40 ferries sank.", ["Some 40 ferries sank."]),
        ("How many ferries burned?", "Some 40 ferries sank.", []),
        ("When will the ferry leave?", "The ferry will leave Friday.", ["The ferry will leave Friday."]),
        ("When will the ferry leave?", "The ferry did leave last Friday.", []),
        ("How many ferries sank?", "How 40 Ferries Sank", []),
    ],
)
def test_read_when_a_sentence_answers_or_only_looks_alike(
    question: str, text: str, expected: list[str]
) -> None:
    assert found(question, text) == expected


FIRE = (
    "The Lindholm company of Karlskrona builds ferries in three yards. Its newest ferry, the Amara, burned "
    "near Gotland in a storm. Nobody was harmed on board the burning ferry, the company wrote. "
    "The weather was fine in the south. A baker won a prize."
)
DESCRIBED = (
    "Which company of Karlskrona builds ferries in three yards, lost its newest ferry, the Amara, near "
    "Gotland in a storm, and wrote that nobody was harmed on board the burning vessel that Okafor launched?"
)


def test_read_when_a_question_describes_by_many_facts_finds_a_sentence_for_each() -> None:
    facts = found(DESCRIBED, FIRE)
    assert len(facts) > 1
    assert set(facts) <= set(split_texts(FIRE)[:3])


def test_read_when_many_facts_are_told_of_something_else_finds_nothing() -> None:
    assert found(DESCRIBED, "The tram company of Lund opened a line in spring. A baker won a prize.") == []


@pytest.mark.parametrize(
    ("publisher", "is_heard"), [("The Harbour Post", True), ("Others", False), (None, False)]
)
@pytest.mark.parametrize("question", ["What does the Harbour Post say about the ferry?"])
def test_read_when_an_outlet_is_asked_hears_it_in_its_own_articles(
    question: str, publisher: str | None, is_heard: bool
) -> None:
    text = "The ferry sank off the harbour in a storm."
    article = Article(id="news", title="", text=text, language="en", publisher=publisher)
    sentences = read_article(article, split_sentences(text))
    query = understand(question, "en")
    findings = SentenceReader(FakeEmbedder(), equally_rare).read(query, [sentences], [whole(sentences)])
    assert bool(findings) is is_heard


@pytest.mark.parametrize(
    ("text", "is_carried"),
    [
        ("Amara Okafor said in Peru that it rained. She added that the ferry is safe.", True),
        ("Amara Okafor arrived in Peru. Amara Okafor said that the ferry is safe.", True),
        ("Amara Okafor said in Peru that it rained. In Chile, she added that the ferry is safe.", False),
        ("Amara Okafor said in Peru that it rained. On Friday, she said that the ferry is safe.", False),
        ("Amara Okafor said about Peru that it rained. She added that the ferry is safe.", False),
    ],
)
def test_read_when_a_setting_was_stated_before(text: str, is_carried: bool) -> None:
    quotes = found("What did Okafor say in Peru about the ferry?", text)
    assert any("ferry" in quote for quote in quotes) is is_carried


def test_read_when_outside_the_evidence_is_left_out() -> None:
    sentences = story("Some 40 ferries sank. Some 50 ferries sank.")
    second = sentences[1]
    passage = Passage(article_id="news", start=second.start, end=second.end, text=second.text)
    reader = SentenceReader(FakeEmbedder(), equally_rare)
    query = understand("How many ferries sank?", "en")
    assert [finding.sentence for finding in reader.read(query, [sentences], [passage])] == [second]
    assert reader.read(query, [sentences], []) == []
    assert reader.read(query, [], []) == []


def test_read_when_many_answer_gives_the_best_first() -> None:
    findings = read(
        "How many ferries sank?", "Near the ferries, 40 ferries sank in a long storm.", "40 ferries sank."
    )
    assert findings[0].sentence.text == "40 ferries sank."
    assert [finding.score for finding in findings] == sorted((f.score for f in findings), reverse=True)


def test_read_when_figures_differ_keeps_both() -> None:
    assert set(found("How many ferries sank?", "Some 40 ferries sank.", "Some 50 ferries sank.")) == {
        "Some 40 ferries sank.",
        "Some 50 ferries sank.",
    }


def test_grade_when_question_is_in_another_language_finds_the_same_sentence() -> None:
    sentences = story("The tram is late. There are 40 ferries in Greece.")
    reader = SentenceReader(FakeEmbedder(), equally_rare)
    query = understand("Quanti traghetti ci sono in Grecia?", "it")
    graded = dict(reader.grade(query, sentences, [0, 1]))
    assert graded[1].covered > graded[0].covered
    assert graded[1].kind > graded[0].kind
    assert graded[1].setting > graded[0].setting


def test_context_of_when_articles_follow_each_other_stays_in_one() -> None:
    both = [*story("It rained. It snowed.", "one"), *story("It froze. It thawed.", "two", title="Ice")]
    assert [sentence.text for sentence in context_of(both, 2)] == ["Ice"]
    assert [sentence.text for sentence in context_of(both, 3)] == ["Ice", "It froze."]


PERFECT = Signals(speaker=1.0, setting=1.0, names=1.0, covered=1.0, weakest=1.0, kind=1.0, similarity=1.0)


def without(signal: str, signals: Signals = PERFECT) -> Signals:
    missing: dict[str, Any] = {signal: 0.0}
    return replace(signals, **missing)


@pytest.mark.parametrize("signal", ["speaker", "setting", "names", "kind"])
def test_answers_when_one_needed_signal_is_missing_refuses(signal: str) -> None:
    query = Query(text="How many?", language="en", kind=Kind.QUANTITY)
    assert answers(query, PERFECT)
    assert not answers(query, without(signal))


def test_answers_when_score_is_low_refuses() -> None:
    query = Query(text="What?", language="en", kind=Kind.STATEMENT)
    assert answers(query, PERFECT)
    assert not answers(query, without("covered", without("weakest", without("similarity"))))


@pytest.mark.parametrize("signal", ["covered", "weakest", "kind", "similarity", "setting"])
@pytest.mark.parametrize("is_comparable", [True, False])
def test_score_when_a_signal_falls_falls_too(signal: str, is_comparable: bool) -> None:
    high = replace(PERFECT, is_comparable=is_comparable)
    low = without(signal, high)
    assert high.score == pytest.approx(1.0)
    is_silent = signal == "similarity" and not is_comparable
    assert (low.score == high.score) is is_silent
    assert low.score <= high.score
