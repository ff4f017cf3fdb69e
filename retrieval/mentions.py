"""Find the outlets and the dates that a question names, and tell which articles they fit."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.wording import Language, Word, language_of, words

_TAIL = re.compile(r"\s+[|–—-]\s+|:\s+")
_NET = {"com", "org", "net"}
_YEAR = re.compile(r"(19|20)\d\d")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_ORDINAL = re.compile(r"(\d{1,2})(st|nd|rd|th)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDate:
    """A day or month that a question names, with the words that name it; an unknown part is None."""

    year: int | None
    month: int
    day: int | None
    named_by: tuple[Word, ...] = ()

    def fits(self, published: str | None) -> float:
        """Grade a date of publication: 1 for the same day, 0.5 for the next one or the same month."""
        try:
            given = date.fromisoformat((published or "")[:10])
        except ValueError:
            return 0.0
        if self.day is None:
            return 0.5 * (given.month == self.month and self.year in (None, given.year))
        try:
            named = date(self.year or given.year, self.month, self.day)
        except ValueError:
            return 0.0
        return {0: 1.0, 1: 0.5}.get(abs((given - named).days), 0.0)


def named_publishers(text: str, publishers: Iterable[str]) -> frozenset[str]:
    """Find the publishers that a text names, by the whole name or the part before a dash or colon.

    A name of one word counts only with a capital and not as the first word, where any word has one.
    """
    return frozenset(name for _, names in _named(words(text), publishers) for name in names)


def attributed_publishers(text: str, code: str | None, publishers: Iterable[str]) -> frozenset[str]:
    """Find the publishers whose account a question asks for, and no other: "according to AP"."""
    language = language_of(code)
    every = words(text)
    lowered = [word.text.lower() for word in every]
    told, others = set[str](), set[str]()
    for place, names in _named(every, publishers):
        while place and lowered[place - 1] in language.determiners:
            place -= 1
        before = f" {' '.join(lowered[:place])}"
        is_asked = before.endswith(tuple(f" {phrase}" for phrase in language.according))
        (told if is_asked else others).update(names)
    return frozenset() if others else frozenset(told)


def _named(every: Sequence[Word], publishers: Iterable[str]) -> Iterator[tuple[int, set[str]]]:
    """Find the publishers that words name, with the place of the first word of each."""
    table = _aliases(publishers)
    lowered = [word.text.lower() for word in every]
    longest = max(map(len, table), default=0)
    place = 0
    while place < len(every):
        for length in range(min(longest, len(every) - place), 0, -1):
            names = table.get(tuple(lowered[place : place + length]))
            if names and (length > 1 or (place > 0 and not every[place].text.islower())):
                yield place, names
                place += length
                break
        else:
            place += 1


def named_dates(text: str, code: str | None) -> list[NamedDate]:
    """Find the days and months that a text names in figures or in the words of its language."""
    found = [
        NamedDate(year=int(match[1]), month=int(match[2]), day=int(match[3]))
        for match in _ISO_DATE.finditer(text)
        if 1 <= int(match[2]) <= 12
    ]
    language = language_of(code)
    every = words(text)
    for place, word in enumerate(every):
        month = _month(word, language)
        if month:
            found.append(_date_around(place, every, month))
    return found


def _date_around(place: int, every: Sequence[Word], month: int) -> NamedDate:
    """Take the day beside a month and the year after both."""
    day = year = None
    named = [every[place]]
    for near in (place - 1, place + 1):
        if 0 <= near < len(every) and day is None:
            match = _ORDINAL.match(every[near].text)
            if match and 1 <= int(match[1]) <= 31:
                day = int(match[1])
                named.append(every[near])
    for word in every[place + 1 : place + 4]:
        if _YEAR.fullmatch(word.text):
            year = int(word.text)
            named.append(word)
            break
    return NamedDate(year=year, month=month, day=day, named_by=tuple(named))


def _month(word: Word, language: Language) -> int | None:
    lowered = word.text.lower().rstrip(".")
    term = language.calendar.get(lowered, "")
    if not term.startswith("month") or (lowered in language.only_capital and not word.is_capitalised):
        return None
    return int(term.removeprefix("month"))


def _aliases(publishers: Iterable[str]) -> Mapping[tuple[str, ...], set[str]]:
    """Write each publisher as people name it: without "The", ".com" or what follows a dash."""
    table: dict[tuple[str, ...], set[str]] = {}
    for publisher in publishers:
        for part in {publisher, _TAIL.split(publisher)[0]}:
            parts = [word.text.lower() for word in words(part)]
            if len(parts) > 1 and parts[0] == "the":
                parts = parts[1:]
            table.setdefault(tuple(parts), set()).add(publisher)
            if len(parts) > 1 and parts[-1] in _NET:
                table.setdefault(tuple(parts[:-1]), set()).add(publisher)
    table.pop((), None)
    return table
