"""Read the days that a question asks about, and when the articles that tell of them were published."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from retrieval.calendar_days import Days, date_or_none
from retrieval.passages import Span
from retrieval.relative_dates import Resolved, resolve
from retrieval.time_wording import TimeWording, knows_times, time_wording
from retrieval.wording import language_of, words

# What happened on a day is still told so many days later.
_TOLD_FOR = timedelta(2)
_A_WEEK = timedelta(7)
_ARTICLE = r"(?:the |il |la |le |el |den |dem |der |l['’])?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The days that a question asks about, both included, and the days on which articles tell of them.

    An open end is None; where the days are still to come, any article may tell of them. `today` is when it is
    asked; `counts_from_today` where it names no weekday, month or year: "last week". `named_by` are the
    half-open places of the words that name the days, `by_clock` of those that say only how long ago or how
    new, which no article needs to hold; `restricts` where nothing else tells which of one's words are meant.
    """

    today: date
    since: date | None = None
    until: date | None = None
    published_since: date | None = None
    published_until: date | None = None
    prefers_newest: bool = False
    counts_from_today: bool = False
    named_by: tuple[Span, ...] = ()
    by_clock: tuple[Span, ...] = ()
    restricts: bool = False

    @property
    def days(self) -> Days | None:
        """The first and last day asked about, where both are known."""
        return (self.since, self.until) if self.since and self.until else None

    @property
    def is_period(self) -> bool:
        """Whether it asks for a time of publication, not of what was on one day of the calendar."""
        is_one_day = self.since is not None and self.since == self.until
        return self.has_window and (self.counts_from_today or self.restricts or not is_one_day)

    @property
    def has_window(self) -> bool:
        """Whether the question tells when fitting articles were published."""
        return self.published_since is not None or self.published_until is not None

    def fits(self, published: str | None) -> float:
        """Grade a date of publication: 1 on the days asked about, 0.5 where one may still tell of them."""
        try:
            day = date.fromisoformat((published or "")[:10])
        except ValueError:
            return 0.0
        if not self.has_window or (self.published_since and day < self.published_since):
            return 0.0
        if self.until is None or day <= self.until:
            return 1.0
        return 0.5 * (self.published_until is not None and day <= self.published_until)

    def holds(self, told: Resolved) -> bool:
        """Tell whether an expression in an article means days that are asked about."""
        return (self.until is None or told.first_day <= self.until) and (
            self.since is None or told.last_day >= self.since
        )


class _Bounds(NamedTuple):
    since: date | None
    until: date | None


def asked_time(text: str, language: str | None, today: date, newest: date | None = None) -> Asked | None:
    """Read what a question says about time; None where it names no days and does not ask for the newest.

    Args:
        text: The question.
        language: Its language (ISO 639-1); in one that is not known nothing is read.
        today: The day on which it is asked.
        newest: When the newest article was published; dates without a year are taken to lie before.
    """
    if language is None or not knows_times(language):
        return None
    wording = time_wording(language)
    found = resolve(text, language, today)
    if newest and newest < today:
        earlier = {item.start: item for item in resolve(text, language, newest)}
        found = [
            earlier.get(item.start, item) if item.is_yearless and item.first_day > newest else item
            for item in found
            if not _is_of_the_articles(text, item, newest, wording)
        ]
    # "Who leads it today?" asks for what holds now.
    now = [item for item in found if not item.is_certain and item.first_day == item.last_day == today]
    days = [item for item in found if item not in now]
    prefers_newest = bool(now) or _asks_for_newest(text, found, wording) is not None
    if not days and not prefers_newest:
        return None
    bounds = _joined(_bounds(text, days, wording))
    since, until = _window(bounds, today)
    return Asked(
        today=today,
        since=bounds.since,
        until=bounds.until,
        published_since=since,
        published_until=until,
        prefers_newest=prefers_newest,
        counts_from_today=bool(days) and not any(item.is_named for item in days),
        named_by=tuple((item.start, item.end) for item in found),
        by_clock=(
            *((item.start, item.end) for item in found if not item.is_named),
            *_newest(text, found, wording, language),
        ),
    )


def _is_of_the_articles(text: str, item: Resolved, newest: date, wording: TimeWording) -> bool:
    """Tell whether a weekday is meant as the articles say it, the newest of which are older than a week.

    "What did he say on Tuesday?" is asked of them; "last Tuesday" and "since Tuesday" count from today.
    """
    said = text[item.start : item.end].split()
    is_bare = len(said) == 1 and any(form.fullmatch(said[0]) for form in wording.weekday_forms)
    is_end = any(_stands_before(key, text, item, wording) for key in ("before", "after", "until", "since"))
    return is_bare and not is_end and item.first_day > newest + _A_WEEK


def _asks_for_newest(text: str, found: Sequence[Resolved], wording: TimeWording) -> re.Match[str] | None:
    for item in found:
        text = text[: item.start] + " " * (item.end - item.start) + text[item.end :]
    return wording.asked["newest"].search(text)


def _newest(text: str, found: Sequence[Resolved], wording: TimeWording, code: str) -> Iterator[Span]:
    """Find the word that asks for the newest where it describes nothing: "the latest on"."""
    if match := _asks_for_newest(text, found, wording):
        language = language_of(code)
        following = next((word.text.lower() for word in words(text) if word.start >= match.end()), "")
        if not following or following in language.function_words | language.the_library:
            yield match.span()


def _bounds(text: str, found: Sequence[Resolved], wording: TimeWording) -> list[_Bounds]:
    """Give each expression, or two that a question ties together, its first and last day."""
    bounds = []
    place = 0
    while place < len(found):
        item = found[place]
        following = found[place + 1] if place + 1 < len(found) else None
        if (
            following
            and _stands_before("between", text, item, wording)
            and _ties(text, item, following, wording)
        ):
            bounds.append(_Bounds(_with_year_of(item, following), following.last_day))
            place += 2
            continue
        bounds.append(_bound(text, item, wording))
        place += 1
    return bounds


def _bound(text: str, item: Resolved, wording: TimeWording) -> _Bounds:
    day = timedelta(1)
    if _stands_before("before", text, item, wording):
        return _Bounds(None, item.first_day - day if item.first_day > date.min else item.first_day)
    if _stands_before("after", text, item, wording):
        return _Bounds(item.last_day + day if item.last_day < date.max else item.last_day, None)
    if _stands_before("until", text, item, wording):
        return _Bounds(None, item.last_day)
    if _stands_before("since", text, item, wording):
        return _Bounds(item.first_day, None)
    return _Bounds(item.first_day, item.last_day)


def _stands_before(key: str, text: str, item: Resolved, wording: TimeWording) -> bool:
    form = wording.asked[key].pattern
    return re.search(rf"{form}\s+{_ARTICLE}$", text[: item.start], re.IGNORECASE) is not None


def _ties(text: str, item: Resolved, following: Resolved, wording: TimeWording) -> bool:
    between = text[item.end : following.start]
    return (
        re.fullmatch(rf"\s+{wording.asked['and'].pattern}\s+{_ARTICLE}", between, re.IGNORECASE) is not None
    )


def _with_year_of(item: Resolved, following: Resolved) -> date:
    """Take the year of the second date where only it has one: "between 30 December and 2 January 2025"."""
    first, last = item.first_day, following.last_day
    if following.is_absolute and not item.is_absolute:
        years = (last.year, last.year - 1)
        dated = [day for year in years if year and (day := date_or_none(year, first.month, first.day))]
        first = next((day for day in dated if day <= last), first)
    return min(first, last)


def _joined(bounds: Sequence[_Bounds]) -> _Bounds:
    """Join what several expressions say: all days that any names, or from one end to the other."""
    closed = [(item.since, item.until) for item in bounds if item.since and item.until]
    whole: Days | None = (min(day for day, _ in closed), max(day for _, day in closed)) if closed else None
    since = [item.since for item in bounds if item.since and not item.until]
    until = [item.until for item in bounds if item.until and not item.since]
    first = max(since) if since else whole[0] if whole and not until else None
    last = min(until) if until else whole[1] if whole and not since else None
    if first and last and first > last:
        return _Bounds(None, None)
    return _Bounds(first, last)


def _window(bounds: _Bounds, today: date) -> _Bounds:
    if bounds.since and bounds.since > today:
        return _Bounds(None, None)
    until = bounds.until
    return _Bounds(bounds.since, until + _TOLD_FOR if until and until <= date.max - _TOLD_FOR else until)
