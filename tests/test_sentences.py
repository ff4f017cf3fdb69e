"""Sentences know who speaks in them, where what they tell happens, and their place in the article."""

import pytest

from retrieval.datatypes import Article
from retrieval.passages import split_sentences
from retrieval.sentences import Sentence, read_article, read_title


def read(text: str, language: str = "en", title: str = "") -> tuple[Sentence, ...]:
    return read_article(Article(id="news", title=title, text=text, language=language), split_sentences(text))


@pytest.mark.parametrize(
    ("text", "language", "settings"),
    [
        ("Amara Okafor said in Lima that the ferry to Chile is safe.", "en", ("PE/lima",)),
        ("Amara Okafor said that the ferries in Chile are safe.", "en", ()),
        ("Amara Okafor spoke about Chile.", "en", ()),
        ("“Ferries in Chile are safe,” Amara Okafor told reporters in Lima.", "en", ("PE/lima",)),
        ("The ferry sank in Chile.", "en", ("CL",)),
        ("During a visit to Chile, Amara Okafor said that the ferry is safe.", "en", ("CL",)),
        ("Amara Okafor visited Chile.", "en", ("CL",)),
        ("In the Chilean capital it rained.", "en", ("CL",)),
        ("Chilean ferries are old.", "en", ()),
        ("LIMA — The ferry to Chile is late.", "en", ("PE/lima",)),
        ("Carla Bianchi ha detto in Grecia che il traghetto è sicuro.", "it", ("GR",)),
        ("Carla Bianchi ha detto che in Grecia piove.", "it", ()),
        ("Maja Lindqvist sade i Grekland att färjan är säker.", "sv", ("GR",)),
        ("Maja Lindqvist sade att det regnar i Grekland.", "sv", ()),
    ],
)
def test_settings_when_said_in_a_place_and_not_about_it(
    text: str, language: str, settings: tuple[str, ...]
) -> None:
    assert read(text, language)[0].settings == settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Amara Okafor said on Friday that the ferry is safe.", True),
        ("Amara Okafor said that the ferry sank on Friday.", False),
        ("Amara Okafor said that the ferry is safe.", False),
    ],
)
def test_has_own_time_when_speech_is_dated(text: str, expected: bool) -> None:
    assert read(text)[0].has_own_time is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferry is safe.", True),
        ("“The ferry is safe.”", True),
        ("Is the ferry safe?", True),
        ("- 40 ferries a day", True),
        ("Ferries Of The North", False),
        ("The ferry is safe, they", False),
    ],
)
def test_is_whole_when_a_sentence_ends_or_is_a_heading(text: str, expected: bool) -> None:
    assert read(text)[0].is_whole is expected


def test_read_article_when_read_gives_every_sentence_its_place_and_line() -> None:
    text = "It rained in Lima. It snowed too.\n\nAmara Okafor said nothing. 🚢 She left."
    found = read(text)
    assert all(text[sentence.start : sentence.end] == sentence.text for sentence in found)
    assert [sentence.line for sentence in found] == [0, 0, *[1] * (len(found) - 2)]
    assert "".join(sentence.text for sentence in found).replace(" ", "") == text.replace("\n", "").replace(
        " ", ""
    )


def test_read_article_when_read_knows_words_with_and_without_form() -> None:
    (sentence,) = read("Le città greche ospitano 12.000 traghetti.", "it")
    assert {"citta", "greche", "12.000"} <= sentence.folded
    assert "12000" in sentence.terms
    assert "le" not in sentence.terms
    assert {"cities", "city"} & sentence.english_words
    assert sentence.names == frozenset()


def test_read_article_when_text_changes_under_the_same_id_is_read_anew() -> None:
    assert read("The ferry sank.")[0].text == "The ferry sank."
    assert read("The tram stopped.")[0].text == "The tram stopped."


def test_read_title_when_asked_gives_places_of_the_title() -> None:
    article = Article(id="news", title="Storm over Chile", text="It rained.", language="en")
    title = read_title(article)
    assert title.text == "Storm over Chile"
    assert [mention.code for mention in title.places] == ["CL"]
