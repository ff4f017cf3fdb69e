"""Tell whether a sentence holds the kind of thing that a question asks for."""

import re
from collections.abc import Callable, Sequence

from retrieval.places import contains, find_places
from retrieval.query import Kind, Query
from retrieval.wording import Language, Word, fold, language_of, words

_YEAR = re.compile(r"(1[0-9]|20)\d\d")
_MONEY_OR_SHARE = re.compile(r"[$€£¥%]|per ?cent|procent|\b(euro|dollar|pound|krona|kronor)", re.IGNORECASE)
# A number this many words before what is counted still counts it: "up to 12,000 North Korean troops".
_COUNTING_REACH = 4

Matches = Callable[[Word], bool]


def holds_answer(query: Query, text: str, code: str | None, matches: Matches, *, speaks: bool) -> float:
    """Grade from 0 to 1 how well a sentence can answer the kind of question.

    Args:
        query: The question, read.
        text: The sentence.
        code: The sentence's language.
        matches: Tells whether a word of the sentence is what is counted.
        speaks: Whether the sentence reports somebody's words.
    """
    language = language_of(code)
    every = words(text)
    if query.kind is Kind.QUANTITY:
        return _quantity(query, text, every, language, matches)
    if query.kind is Kind.DURATION:
        return float(bool(durations(every, language)))
    if query.kind is Kind.TIME:
        return float(any(_is_time(word, language) for word in every))
    if query.kind is Kind.PLACE:
        return _place(query, text, every, language)
    if query.kind is Kind.PERSON:
        return _person(query, text, every, language) if not query.asks_for_words else float(speaks)
    if query.kind is Kind.REASON:
        spaced = f" {' '.join(word.text.lower() for word in every)} "
        return 1.0 if any(f" {reason} " in spaced for reason in language.reasons) else 0.5
    return 1.0


def figures(text: str, code: str | None) -> list[Word]:
    """Find the numbers of a sentence that count something: no years, no days of a month."""
    language = language_of(code)
    every = words(text)
    return [word for place, word in enumerate(every) if _counts(place, every, language)]


def durations(every: Sequence[Word], language: Language) -> list[Word]:
    """Find numbers that stand right before a unit of time: "four-day", "12 minutes"."""
    return [
        word
        for word, unit in zip(every, every[1:], strict=False)
        if unit.text.lower() in language.time_units
        and (word.text[0].isdigit() or word.text.lower() in language.number_words)
    ]


def _counts(place: int, every: Sequence[Word], language: Language) -> bool:
    word = every[place]
    lowered = word.text.lower()
    if not word.text[0].isdigit():
        return lowered in language.number_words
    neighbours = [other.text.lower() for other in every[max(0, place - 1) : place + 2]]
    return not _YEAR.fullmatch(word.text) and not any(name in language.calendar for name in neighbours)


def _quantity(
    query: Query, text: str, every: Sequence[Word], language: Language, matches: Matches
) -> float:
    counting = [place for place in range(len(every)) if _counts(place, every, language)]
    if not counting:
        return 0.0
    if not query.counted:
        return 1.0 if _MONEY_OR_SHARE.search(text) else 0.6
    heads = [place for place, word in enumerate(every) if matches(word)]
    if any(0 < head - place <= _COUNTING_REACH for place in counting for head in heads):
        return 1.0
    return 0.4 if heads else 0.2


def _is_time(word: Word, language: Language) -> bool:
    lowered = word.text.lower()
    named = lowered in language.calendar and (word.is_capitalised or lowered not in language.only_capital)
    return named or lowered in language.time_words or bool(_YEAR.fullmatch(word.text))


def _place(query: Query, text: str, every: Sequence[Word], language: Language) -> float:
    asked = [code for code, _ in query.places] + list(query.setting)
    for mention in find_places(text):
        if not mention.demonym and not any(mention.code == code for code in asked):
            return 1.0
    for before, word in zip(every, every[1:], strict=False):
        if before.text.lower() in language.setting and word.is_capitalised:
            return 0.8
    return 0.0


def _person(query: Query, text: str, every: Sequence[Word], language: Language) -> float:
    places = {
        fold(word.text)
        for mention in find_places(text)
        for word in words(text[mention.start : mention.end])
    }
    asked = {fold(word.text) for word in words(query.text)}
    names = [
        word
        for word in every[0:]
        if word.is_capitalised
        and not word.text.isupper()
        and word.text.lower() not in language.function_words
        and word.text.lower() not in language.calendar
        and fold(word.text) not in asked
    ]
    if any(fold(word.text) not in places and word.start > 0 for word in names):
        return 1.0
    return 0.7 if names else 0.2


def is_contained(code: str, others: Sequence[str]) -> bool:
    """Tell whether one of the other places is this place or lies in it."""
    return any(contains(code, other) for other in others)
