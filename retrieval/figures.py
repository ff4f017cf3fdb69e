"""The figures and dates of a text, each written one way in whatever language and form it stands."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from retrieval.wording import Language, Word, language_of, number, term, words

# "One" is a pronoun more often than a figure.
_NO_FIGURES = {"0", "1"}


def figures_of(text: str, code: str | None) -> frozenset[str]:
    """Find the figures of a text, "12,000" and "twelve thousand" both as "12000", with units behind them.

    Months and weekdays are "month11" and "weekday4", a day beside a month is "day14", a figure with a unit
    stands twice, as "12" and "12 percent".
    """
    language = language_of(code)
    every = words(text)
    found: set[str] = set()
    place = 0
    while place < len(every):
        value, width = _value(every, place, language)
        if value is None:
            found |= _time(every[place], code)
            place += 1
            continue
        is_day = (
            width == 1 and len(value) <= 2 and any(_is_month(near, code) for near in _beside(every, place))
        )
        written = f"day{value}" if is_day else f"{value}"
        found.add(written)
        if unit := _unit(text, every, place, width):
            found.add(f"{written} {unit}")
        place += width
    return frozenset(found)


def figures_of_date(published: str | None) -> frozenset[str]:
    """Give the figures by which a text may name the day of an ISO date."""
    try:
        day = date.fromisoformat((published or "")[:10])
    except ValueError:
        return frozenset()
    return frozenset((f"{day.year}", f"month{day.month}", f"day{day.day}", f"weekday{day.isoweekday()}"))


def _value(every: Sequence[Word], place: int, language: Language) -> tuple[str | None, int]:
    """Read the number that begins at a word, and how many words it takes."""
    word = every[place]
    written = number(word.text)
    is_word = written is None
    if written is None:
        lowered = word.text.lower()
        written = language.number_words.get(lowered)
        if written in _NO_FIGURES:
            written = None
        if written is None:
            # "A million", "mille": a scale alone; a bare "hundreds" is no figure.
            scale = _listed("scales").get(lowered)
            return (scale, 1) if scale and not lowered.endswith("s") and scale != "100" else (None, 1)
    try:
        value = Decimal(written)
    except ArithmeticError:
        return written, 1
    width = 1
    if is_word and value >= 20 and value % 10 == 0 and place + 1 < len(every):
        small = language.number_words.get(every[place + 1].text.lower())
        if small and 0 < int(small) < 10 and every[place + 1].start - word.end == 1:
            value, width = value + int(small), 2
    while place + width < len(every) and _scale(every[place + width]):
        value, width = value * _scale(every[place + width]), width + 1
    return f"{value.normalize():f}", width


def _time(word: Word, code: str | None) -> set[str]:
    reduced = term(word.text, code)
    return {reduced} if reduced.startswith(("month", "weekday")) and reduced[-1].isdigit() else set()


def _is_month(word: Word, code: str | None) -> bool:
    return any(time.startswith("month") for time in _time(word, code))


def _beside(every: Sequence[Word], place: int) -> list[Word]:
    return [every[near] for near in (place - 1, place + 1) if 0 <= near < len(every)]


def _unit(text: str, every: Sequence[Word], place: int, width: int) -> str | None:
    """Find the unit right behind a number, or the sign of a currency right before it."""
    sign = text[: every[place].start].rstrip()[-1:]
    units = _listed("units")
    if sign in units:
        return units[sign]
    last = every[place + width - 1]
    behind = text[last.end :].lstrip()[:1]
    if behind in units:
        return units[behind]
    for before, word in pairwise([last, *every[place + width : place + width + 2]]):
        if word.start - before.end <= 1 and (unit := units.get(word.text.lower())):
            return unit
    return None


def _scale(word: Word) -> int:
    return int(_listed("scales").get(word.text.lower(), 0))


@cache
def _listed(section: str) -> Mapping[str, str]:
    """Read scales or units, by word."""
    data: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {word: name for name, listed in data[section].items() for word in listed.split()}
