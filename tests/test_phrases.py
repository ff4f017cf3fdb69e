"""Every language says everything that Footnote says, with the same blanks to fill."""

from string import Template

import pytest

from prompts.phrases import EVERYWHERE, FALLBACK, IN_TELEGRAM, phrase, phrases

EVERY = [(where, language) for where in (EVERYWHERE, IN_TELEGRAM) for language in sorted(phrases(where))]


@pytest.mark.parametrize(("where", "language"), EVERY)
def test_phrases_when_compared_with_the_fallback_have_the_same_blanks(where: str, language: str) -> None:
    ours, expected = phrases(where)[language], phrases(where)[FALLBACK]
    assert ours.keys() == expected.keys()
    for name, text in ours.items():
        blanks = Template(text)
        assert blanks.is_valid(), name
        assert sorted(blanks.get_identifiers()) == sorted(Template(expected[name]).get_identifiers()), name
        assert text.strip() == text != "", name


@pytest.mark.parametrize(("where", "language"), EVERY)
def test_phrase_when_filled_holds_the_value(where: str, language: str) -> None:
    for name, text in phrases(where)[language].items():
        values = {blank: f"<${blank}>" for blank in Template(text).get_identifiers()}
        filled = phrase(name, language, where, **values)
        assert all(value in filled for value in values.values()), name


def test_phrases_when_listed_speak_the_languages_of_the_samples() -> None:
    assert {"en", "it", "sv"} <= phrases().keys()


def test_phrase_when_language_is_unknown_is_in_the_fallback() -> None:
    assert phrase("found", "xx") == phrase("found", FALLBACK) != phrase("found", "it")


def test_phrase_when_a_value_is_missing_raises() -> None:
    with pytest.raises(KeyError, match="focus"):
        phrase("not_covered", "en")


def test_phrase_when_name_is_unknown_raises() -> None:
    with pytest.raises(KeyError, match="no such phrase"):
        phrase("no such phrase", "en")
