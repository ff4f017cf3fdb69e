"""A sentence holds, or does not hold, the kind of thing that a question asks for."""

import pytest

from retrieval.answer_types import durations, figures, holds_answer
from retrieval.datatypes import Article
from retrieval.passages import split_sentences
from retrieval.query import understand
from retrieval.sentences import read_article
from retrieval.wording import Word, language_of, term, words


def same_stem(asked: Word, word: Word, code: str | None) -> bool:
    return term(asked.text, code) == term(word.text, code)


def grade(question: str, text: str, language: str = "en") -> float:
    article = Article(id="news", title="", text=text, language=language)
    (sentence,) = read_article(article, split_sentences(text))
    return holds_answer(understand(question, language), sentence, same_stem)


@pytest.mark.parametrize(
    ("question", "better", "worse", "language"),
    [
        ("How many ferries sank?", "Up to 12,000 old ferries sank.", "The ferries sank near 40 trams.", "en"),
        ("How many ferries sank?", "The ferries sank near 40 trams.", "The trams met 40 cats.", "en"),
        ("How many ferries sank?", "Four ferries sank.", "Many ferries sank in 2019.", "en"),
        ("How many ferries sank?", "Some 40 ferries sank.", "Ferries sank on 4 March.", "en"),
        ("How many ferries are there?", "40 old ferries.", "40 cars and trams before the new ferries.", "en"),
        ("How much money was lost?", "They lost $40.", "They lost 40 ferries.", "en"),
        ("Quanti traghetti sono affondati?", "Sono affondati 40 traghetti.",
         "I traghetti sono affondati nel 2019.", "it"),
        ("Hur många färjor har sjunkit?", "Fyra färjor har sjunkit.", "Färjor har sjunkit.", "sv"),
        ("How long did the strike last?", "A four-day strike ended.", "A strike of 40 crews ended.", "en"),
        ("How long did the strike last?", "It lasted 12 minutes.", "It has gone on since 2019.", "en"),
        ("How long did the strike last?", "The strike has gone on since 2019.", "It ended in 2019.", "en"),
        ("Per quanto tempo è durato?", "Lo sciopero è durato tre giorni.", "Lo sciopero è durato.", "it"),
        ("Hur länge varade strejken?", "Strejken varade tre dagar.", "Strejken varade länge.", "sv"),
        ("When did the bridge open?", "It opened on Friday.", "It opened slowly.", "en"),
        ("When did the bridge open?", "It opened in 1921.", "It opened for 40 ferries.", "en"),
        ("When will the bridge open?", "It will open on Friday.", "It was opened on Friday.", "en"),
        ("Quando ha aperto il ponte?", "Ha aperto venerdì.", "Ha aperto piano.", "it"),
        ("När öppnade bron?", "Bron öppnade i fredags.", "Bron öppnade sakta.", "sv"),
        ("Where did the ferry sink?", "It sank off Chile.", "It sank slowly.", "en"),
        ("Where did the ferry sink?", "It sank in Northquay.", "It sank slowly.", "en"),
        ("Where in Chile did it sink?", "It sank off Santiago, not Lima.", "It sank off Chile.", "en"),
        ("Who designed the tram?", "The tram was drawn by Okafor.", "The tram was drawn by hand.", "en"),
        ("Who designed the tram?", "The tram was drawn by Okafor.", "The tram was drawn in Chile.", "en"),
        ("Who designed the tram?", "The tram was drawn by Okafor.", "The tram was drawn in May.", "en"),
        ("Who said the tram is late?", "Okafor said the tram is late.", "The tram is late.", "en"),
        ("Why did it close?", "It closed because of snow.", "It closed early.", "en"),
    ],
)  # fmt: skip
def test_holds_answer_when_one_sentence_has_what_is_asked(
    question: str, better: str, worse: str, language: str
) -> None:
    assert grade(question, better, language) > grade(question, worse, language)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many ferries sank?", "Ferries sank in 2019."),
        ("How many ferries sank?", "Ferries sank on 4 March."),
        ("How long did the strike last?", "40 crews went on strike."),
        ("When will the bridge open?", "The bridge was opened in 1921."),
        ("Where did the ferry sink?", "It sank slowly."),
        ("Who said the tram is late?", "The tram is late."),
    ],
)
def test_holds_answer_when_nothing_of_the_kind_is_there_is_zero(question: str, text: str) -> None:
    assert grade(question, text) == 0.0


@pytest.mark.parametrize("question", ["What did Okafor say?", "Is the bridge open?", "harbour fees"])
def test_holds_answer_when_any_sentence_can_answer_is_one(question: str) -> None:
    assert grade(question, "It rained.") == 1.0


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("12,000 ferries and four trams left in 2019.", "en", ["12,000", "four"]),
        ("Il 4 marzo sono affondati 5 traghetti.", "it", ["5"]),
        ("Den 4 mars sjönk fem färjor.", "sv", ["fem"]),
        ("Nothing sank.", "en", []),
    ],
)
def test_figures_when_numbers_count_leaves_out_dates(text: str, language: str, expected: list[str]) -> None:
    assert [word.text for word in figures(text, language)] == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("A four-day strike of 12 crews, 3 hours late.", "en", ["four", "3"]),
        ("Uno sciopero di tre giorni.", "it", ["tre"]),
        ("En strejk på 12 timmar.", "sv", ["12"]),
        ("Days of 12 crews.", "en", []),
    ],
)
def test_durations_when_number_stands_before_a_unit(text: str, language: str, expected: list[str]) -> None:
    assert [word.text for word in durations(words(text), language_of(language))] == expected
