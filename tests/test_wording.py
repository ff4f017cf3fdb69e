"""Words become terms that are alike where a reader takes them for the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.wording import content_words, fold, guess_language, known_languages, number, term, terms, words

_LANGUAGES = st.sampled_from([None, "en", "it", "sv", "de", "ru", "ar", "xx"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12000", "12000"),
        ("12,000", "12000"),
        ("12.000", "12000"),
        ("1,234,567", "1234567"),
        ("12.5", "12.5"),
        ("12,5", "12.5"),
        ("1,234.5", "1234.5"),
        ("1.234,56", "1234.56"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("2024", "2024"),
        ("7.11.2024", "7.11.2024"),
        ("12,0000", "12.0000"),
        ("Riga", None),
    ],
)
def test_number_when_written_in_many_ways(text: str, expected: str | None) -> None:
    assert number(text) == expected


@given(st.integers(1, 10**12), st.sampled_from(",."))
def test_number_when_grouped_is_the_plain_one(value: int, mark: str) -> None:
    assert number(f"{value:,}".replace(",", mark)) == str(value)


@given(st.integers(1, 10**9), st.integers(1, 99))
def test_number_when_grouped_with_a_fraction_is_the_plain_one(value: int, cents: int) -> None:
    english = f"{value:,}.{cents:02d}"
    continental = english.translate(str.maketrans(",.", ".,"))
    assert number(english) == number(continental) == f"{value}.{cents:02d}"


@given(st.text())
def test_words_when_text_is_anything_keep_their_place(text: str) -> None:
    reached = 0
    for word in words(text):
        assert text[word.start : word.end] == word.text != ""
        assert word.start >= reached
        reached = word.end


@given(st.text(), _LANGUAGES)
def test_terms_when_text_is_anything_are_one_for_each_content_word(text: str, code: str | None) -> None:
    assert len(terms(text, code)) == len(list(content_words(text, code)))


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "Mn", "Nd", "P"])))
def test_fold_when_done_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.sampled_from(["Città", "perché", "Lettonia", "Malmö", "Curaçao", "Łódź", "Αθήνα"]))
def test_fold_when_accents_or_case_differ(word: str) -> None:
    assert fold(word) == fold(word.upper()) == fold(word.lower())
    assert fold("Città Malmö Curaçao") == "citta malmo curacao"


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("soldiers", "soldier", "en"),
        ("threatened", "threatening", "en"),
        ("soldati", "soldato", "it"),
        ("soldaterna", "soldater", "sv"),
        ("U.S.", "US", "en"),
        ("12.000", "12,000", "en"),
    ],
)
def test_term_when_words_are_forms_of_one(one: str, other: str, code: str) -> None:
    assert term(one, code) == term(other, code)


@pytest.mark.parametrize(("one", "other"), [("12.5", "125"), ("Latvia", "Lithuania"), ("7", "17")])
def test_term_when_words_differ(one: str, other: str) -> None:
    assert term(one, "en") != term(other, "en")


def test_term_when_month_is_named_in_several_languages() -> None:
    months = {term("November", "en"), term("novembre", "it"), term("november", "sv")}
    assert len(months) == 1
    assert term("may", "en") != term("May", "en") == term("maggio", "it")


def test_content_words_when_acronym_is_written_like_a_small_word() -> None:
    assert [word.text for word in content_words("The US told us", "en")] == ["US", "told"]


@pytest.mark.parametrize(
    ("question", "likely", "expected"),
    [
        ("What did Rutte say in Latvia?", ["it", "en"], "en"),
        ("Che cosa ha detto Rutte in Lettonia?", ["en", "it"], "it"),
        ("Vad sade Rutte i Lettland?", ["en", "sv"], "sv"),
        ("Rutte Latvia", ["it", "sv"], "sv"),
        ("Rutte Latvia", ["it"], "en"),
    ],
)
def test_guess_language_when_small_words_tell_or_not(question: str, likely: list[str], expected: str) -> None:
    assert guess_language(question, likely, lambda text: "sv") == expected


def test_known_languages_when_listed_have_a_stemmer_that_works() -> None:
    assert {"en", "it", "sv"} <= set(known_languages())
