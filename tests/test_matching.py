"""Words of a question are found again in a sentence by stem, number, name, place and translation."""

import pytest

from retrieval.datatypes import Article
from retrieval.matching import WordMeaning, is_name, match, place_match, spells
from retrieval.passages import split_sentences
from retrieval.places import find_places
from retrieval.query import understand
from retrieval.sentences import Sentence, read_article
from tests.fakes import FakeEmbedder


def sentence_of(text: str, language: str) -> Sentence:
    article = Article(id=text, title="", text=text, language=language)
    return read_article(article, split_sentences(text))[0]


def grade(
    word: str,
    question: str,
    text: str,
    question_language: str = "en",
    language: str = "en",
    meaning: WordMeaning | None = None,
) -> float:
    query = understand(question, question_language)
    (chosen,) = [found for found in query.topic if found.text == word]
    return match(chosen, query, sentence_of(text, language), meaning)


@pytest.mark.parametrize(
    ("word", "question", "text"),
    [
        ("ferries", "How many ferries sank?", "A ferry went down."),
        ("sinking", "Who saw the sinking?", "It sinks."),
        ("12.000", "Who saw 12.000 birds?", "There were 12,000 birds."),
        ("12,000", "Who saw 12,000 birds?", "There were 12.000 birds."),
        ("12.5", "What fell by 12.5 percent?", "Fees fell by 12,5 percent."),
        ("Peña", "Who met Peña?", "Pena was there."),
        ("Pena", "Who met Pena?", "Peña was there."),
        ("Greece", "Who knows Greece?", "Greek ferries are old."),
        ("Greece", "Who knows Greece?", "Athens is old."),
    ],
)
def test_match_when_the_same_word_is_written_otherwise_is_sure(word: str, question: str, text: str) -> None:
    assert grade(word, question, text) == 1.0


@pytest.mark.parametrize(
    ("word", "question", "text"),
    [
        ("ferries", "How many ferries sank?", "A tram stopped."),
        ("12.000", "Who saw 12.000 birds?", "There were 12 birds and 1,200 cats."),
        ("125", "Who saw 125 birds?", "There were 12.5 birds."),
        ("Greece", "Who knows Greece?", "Chile is long."),
        ("Okafor", "Who met Okafor?", "Okaforsson is here."),
    ],
)
def test_match_when_another_word_stands_there_is_nothing(word: str, question: str, text: str) -> None:
    assert grade(word, question, text) < 0.9


@pytest.mark.parametrize(
    ("word", "question", "question_language", "text", "language"),
    [
        ("traghetti", "Quanti traghetti ci sono?", "it", "There are forty ferries.", "en"),
        ("ferry", "Who owns the ferry?", "en", "Il traghetto è di Bianchi.", "it"),
        ("soldater", "Hur många soldater finns det?", "sv", "There are forty soldiers.", "en"),
        ("soldiers", "Who pays the soldiers?", "en", "Soldaterna är många.", "sv"),
        ("soldati", "Quanti soldati ci sono?", "it", "Soldaterna är många.", "sv"),
    ],
)
def test_match_when_languages_differ_translates(
    word: str, question: str, question_language: str, text: str, language: str
) -> None:
    assert grade(word, question, text, question_language, language) >= 0.8


@pytest.mark.parametrize(
    ("question", "question_language", "text", "language"),
    [
        ("Who knows Greece?", "en", "La Grecia è bella.", "it"),
        ("Chi conosce la Grecia?", "it", "Grekland är vackert.", "sv"),
        ("Vem minns Grekland?", "sv", "Greece is fine.", "en"),
    ],
)
def test_match_when_a_country_is_named_in_another_language_is_sure(
    question: str, question_language: str, text: str, language: str
) -> None:
    (word,) = [named.text for _, named in understand(question, question_language).places]
    assert grade(word, question, text, question_language, language) == 1.0


def test_match_when_acronym_is_spelled_out_is_sure_with_meaning_only() -> None:
    arguments = ("WHF", "Who leads the WHF?", "The World Harbour Federation meets.")
    assert grade(*arguments, meaning=WordMeaning(FakeEmbedder())) == 1.0
    assert grade(*arguments) == 0.0


def test_match_when_a_verb_of_travelling_stands_for_another() -> None:
    meaning = WordMeaning(FakeEmbedder())
    assert grade("travelled", "Who travelled far?", "Okafor visited Chile.", meaning=meaning) == 0.9
    assert grade("travelled", "Who travelled far?", "Okafor slept.", meaning=meaning) == 0.0


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("GR", "Athens is old.", 1.0),
        ("GR", "Greek ferries are old.", 1.0),
        ("GR/athens", "Athens is old.", 1.0),
        ("GR/athens", "Greece is old.", 0.8),
        ("GR", "Chile is long.", 0.0),
        ("GR", "No place is named.", 0.0),
        ("EU", "Greece is old.", 1.0),
        ("GR", "The European Union is old.", 0.0),
    ],
)
def test_place_match_when_capital_country_or_region_is_named(code: str, text: str, expected: float) -> None:
    assert place_match(code, find_places(text)) == expected


@pytest.mark.parametrize(
    ("acronym", "text", "expected"),
    [
        ("WHF", "The World Harbour Federation meets.", True),
        ("WHF", "The World Federation of Harbours meets.", False),
        ("FOH", "The Federation of Harbours meets.", False),
        ("FH", "The Federation of Harbours meets.", True),
        ("X-5", "The World Harbour Federation meets.", False),
    ],
)
def test_spells_when_words_in_a_row_begin_with_its_letters(acronym: str, text: str, expected: bool) -> None:
    assert spells(acronym, text, "en") is expected


def test_is_name_when_first_word_is_capitalised_is_no_name() -> None:
    query = understand("Ferries of Okafor sank", "en")
    assert [is_name(word) for word in query.topic] == [False, True, False]


def test_nearness_when_words_are_learned_tells_same_from_other() -> None:
    meaning = WordMeaning(FakeEmbedder())
    meaning.learn(["ferry", "ferries", "tram"])
    assert meaning.nearness("ferry", ["tram", "ferries"]) == 1.0
    assert meaning.nearness("ferry", ["tram"]) == 0.0
    assert meaning.nearness("unlearned", ["ferry"]) == 0.0
    assert meaning.nearness("ferry", ["unlearned"]) == 0.0


@pytest.mark.parametrize(("code", "expected"), [("en", True), ("it", True), ("sv", True), ("ja", False)])
def test_knows_when_language_is_read_or_translated(code: str, expected: bool) -> None:
    assert WordMeaning(FakeEmbedder()).knows(code) is expected
