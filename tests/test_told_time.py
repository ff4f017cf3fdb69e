"""The times that a sentence names, and the one that tells when it was said or when it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.datatypes import Article
from retrieval.told_time import names_any_time, time_asked, times_told


def article_of(text: str, language: str = "en") -> Article:
    # A Friday.
    return Article(id="a", title="", text=text, language=language, published="2024-11-08T09:00:00+01:00")


def asked(text: str, *, is_said: bool, language: str = "en") -> str | None:
    found = time_asked(article_of(text, language), (0, len(text)), is_said=is_said, within=None)
    return found.first_day.isoformat() if found else None


def test_times_told_are_those_of_the_sentence_at_their_places_in_the_article() -> None:
    text = "It rained on Monday.\nIt sank on Thursday, they say. It was raised last week."
    start = text.index("It sank")
    end = text.index(" It was raised")
    (found,) = times_told(article_of(text), (start, end))
    assert text[found.start : found.end] == "Thursday"


@pytest.mark.parametrize(
    ("text", "is_said", "language", "day"),
    [
        ("Rutte said on Thursday that the bridge will open on 5 December.", True, "en", "2024-11-07"),
        ("Rutte said on Thursday that the bridge will open on 5 December.", False, "en", "2024-12-05"),
        ("On Thursday, Rutte said that the bridge was closed on Monday.", True, "en", "2024-11-07"),
        ("On Thursday, Rutte said that the bridge was closed on Monday.", False, "en", "2024-11-04"),
        ("Speaking on Thursday, Rutte called it a threat.", True, "en", "2024-11-07"),
        ("Rutte warned during a visit to Riga on Thursday that it is a threat.", True, "en", "2024-11-07"),
        ("Rutte warned during a visit to Riga on Thursday that it is a threat.", False, "en", "2024-11-07"),
        ("Rutte said that the bridge was closed on Monday.", True, "en", None),
        ("Rutte said that the bridge was closed on Monday.", False, "en", "2024-11-04"),
        ("Rutte said that the bridge will open on 5 December.", True, "en", None),
        ("The bridge is closed, Rutte said on Thursday.", False, "en", None),
        ("The bridge was closed on Monday and again on Thursday.", False, "en", None),
        ("RIGA, Nov. 4, 2024 — The bridge was closed on Monday.", False, "en", "2024-11-04"),
        ("The bridge is closed.", False, "en", None),
        ("Rutte ha detto giovedì che il ponte è chiuso.", True, "it", "2024-11-07"),
        ("Il ponte è stato chiuso lunedì.", False, "it", "2024-11-04"),
        ("Rutte sade i torsdags att bron är stängd.", True, "sv", "2024-11-07"),
        ("Bron stängdes i måndags.", False, "sv", "2024-11-04"),
        ("Die Brücke wurde am Montag geschlossen.", False, "de", "2024-11-04"),
    ],
)
def test_time_asked_when_a_sentence_names_times_is_that_of_saying_or_of_what_was_said(
    text: str, is_said: bool, language: str, day: str | None
) -> None:
    assert asked(text, is_said=is_said, language=language) == day


def test_time_asked_when_the_words_that_answer_are_known_is_among_them() -> None:
    text = "The bridge was closed on Monday and again on Thursday."
    place = text.index("Thursday")
    article = article_of(text)
    found = time_asked(article, (0, len(text)), is_said=False, within=(place, place + 8))
    assert found is not None and found.first_day.isoformat() == "2024-11-07"
    assert time_asked(article, (0, len(text)), is_said=False, within=(0, 10)) is None


def test_names_any_time_when_a_time_is_not_resolved() -> None:
    assert names_any_time("It sank in the spring.", "en")
    assert not names_any_time("It sank.", "en")


@settings(deadline=None)
@given(st.text(max_size=60), st.booleans(), st.sampled_from(["en", "it", "sv", "de", "xx"]))
def test_time_asked_when_text_is_anything_lies_in_it(text: str, is_said: bool, language: str) -> None:
    text = f"{text} said on Thursday {text}"
    found = time_asked(article_of(text, language), (0, len(text)), is_said=is_said, within=None)
    assert found is None or 0 <= found.start < found.end <= len(text)
