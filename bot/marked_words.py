"""Compare the words that answer in two articles: they say the same, something else, or they cannot tell."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from retrieval.datatypes import Article
from retrieval.figures import figures_of
from retrieval.negation import denies
from retrieval.passages import Span
from retrieval.places import contains
from retrieval.query import Kind
from retrieval.sentences import Sentence
from retrieval.translation import gloss, is_glossed
from retrieval.wording import content_words, is_year, language_of, names_time, terms, words

# Of these the question says what the figures are of.
_ASK_FOR_FIGURES = {Kind.QUANTITY, Kind.DURATION, Kind.TIME}
# A four-digit number that answers these is no year.
_COUNT = {Kind.QUANTITY, Kind.DURATION}
# These ask for one name or place, of which another is another answer.
_ASK_FOR_NAMES = {Kind.PERSON, Kind.PLACE}
_DATE = re.compile(r"(year|month|weekday|day)(\d+)")
_IN_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))")


class Difference(StrEnum):
    """In what articles contradict each other."""

    FIGURES = "figures"
    DATES = "dates"
    NAMES = "names"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedWords:
    """What the words that answer say, as far as it can be compared.

    `numbers`, `units` and `dates` are written as `figures_of` writes them, a year as "year2024"; `places` are
    codes; `others` are the stems of the other words that carry content, in English where they are glossed.
    """

    article: Article
    numbers: frozenset[str]
    units: frozenset[str]
    dates: frozenset[str]
    places: tuple[str, ...]
    others: tuple[str, ...]
    is_name: bool
    is_denied: bool
    is_relative: bool


def read_marked(sentence: Sentence, span: Span, kind: Kind) -> MarkedWords:
    """Read the words of a sentence that answer a question of a kind."""
    code = sentence.article.language
    low, high = span[0] - sentence.start, span[1] - sentence.start
    text = without_places = sentence.text[low:high]
    mentions = [place for place in sentence.places if low <= place.start and place.end <= high]
    for place in reversed(mentions):
        without_places = f"{without_places[: place.start - low]} {without_places[place.end - low :]}"
    rest = _IN_THOUSANDS.sub("", without_places)
    figures = figures_of(rest, code)
    years = {word.text for word in words(rest) if kind not in _COUNT and is_year(word.text)}
    dates = {figure for figure in figures if _DATE.fullmatch(figure)} | {f"year{year}" for year in years}
    reduced = terms(gloss(rest, code), "en" if is_glossed(code) else code)
    is_time = any(names_time(word, language_of(code)) for word in words(rest))
    return MarkedWords(
        article=sentence.article,
        numbers=frozenset(figure for figure in figures if " " not in figure) - dates - years,
        units=frozenset(figure.partition(" ")[2] for figure in figures if " " in figure),
        dates=frozenset(dates),
        places=tuple(place.code for place in mentions),
        others=tuple(word for word in reduced if not (word[0].isdigit() or _DATE.fullmatch(word))),
        is_name=not (mentions or figures) and all(word.is_capitalised for word in content_words(rest, code)),
        is_denied=denies(text, code),
        is_relative=is_time and not any(figure.startswith(("month", "year")) for figure in dates),
    )


def say_the_same(one: MarkedWords, other: MarkedWords, kind: Kind) -> bool | None:
    """Tell whether two articles give the same answer; None where only their sentences can tell."""
    if one.is_denied != other.is_denied or _differ(one.numbers, other.numbers):
        return False
    if _clash(one.dates, other.dates) or (one.units and other.units and one.units != other.units):
        return False
    if (one.is_relative or other.is_relative) and not _are_of_one_time(one, other):
        return None
    if one.numbers or other.numbers or one.dates or other.dates:
        is_same = one.numbers == other.numbers and _are_one_date(one.dates, other.dates)
        return (is_same and _are_comparable(one, other, kind)) or None
    if one.is_name and other.is_name and one.others and other.others:
        # "Rutte" is "Mark Rutte".
        shorter, longer = sorted((one.others, other.others), key=len)
        return longer[-len(shorter) :] == shorter
    if one.places and other.places and not (one.others or other.others):
        return one.places == other.places or (None if _overlap(one.places, other.places) else False)
    return (bool(one.others) and (one.others, one.places) == (other.others, other.places)) or None


def difference(one: MarkedWords, other: MarkedWords, kind: Kind) -> Difference | None:
    """Tell in what two articles contradict each other, if they do."""
    if one.article.id == other.article.id:
        return None
    if _are_comparable(one, other, kind):
        if one.units == other.units and _differ(one.numbers, other.numbers):
            return Difference.FIGURES
        if _clash(one.dates, other.dates):
            return Difference.DATES
    are_names = all(words.is_name or (words.places and not words.others) for words in (one, other))
    is_asked = kind in _ASK_FOR_NAMES and are_names
    return Difference.NAMES if is_asked and say_the_same(one, other, kind) is False else None


def _are_comparable(one: MarkedWords, other: MarkedWords, kind: Kind) -> bool:
    """Tell whether two figures are of one thing: "12" and "30 killed", not "2 soldiers" and "20 missiles"."""
    fewer, more = sorted((set(one.others), set(other.others)), key=len)
    return kind in _ASK_FOR_FIGURES or fewer <= more


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one - other and other - one)


def _clash(one: Collection[str], other: Collection[str]) -> bool:
    """Tell whether dates name different days, months, years or weekdays; "Thursday" can be "14 November"."""
    ours, theirs = _by_sort(one), _by_sort(other)
    return any(ours[sort].isdisjoint(theirs[sort]) for sort in ours.keys() & theirs.keys())


def _are_one_date(one: Collection[str], other: Collection[str]) -> bool:
    """Tell whether dates that do not clash are equally exact, or both name a day of a month."""
    return one == other or all({"month", "day"} <= _by_sort(dates).keys() for dates in (one, other))


def _by_sort(dates: Collection[str]) -> dict[str, set[str]]:
    sorts: dict[str, set[str]] = {}
    for figure in dates:
        if match := _DATE.fullmatch(figure):
            sorts.setdefault(match[1], set()).add(match[2])
    return sorts


def _are_of_one_time(one: MarkedWords, other: MarkedWords) -> bool:
    """Tell whether two articles can mean one day by "yesterday", or by "Thursday"."""
    try:
        first, second = (date.fromisoformat((each.article.published or "")[:10]) for each in (one, other))
    except ValueError:
        return True
    return abs((first - second).days) < (7 if one.dates else 1)


def _overlap(some: Collection[str], others: Collection[str]) -> bool:
    return any(contains(one, other) or contains(other, one) for one in some for other in others)
