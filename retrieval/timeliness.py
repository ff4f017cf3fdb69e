"""Let what a question says about time choose among articles: by a filter, or by what comes first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from retrieval.asked_time import Asked, asked_time
from retrieval.datatypes import Filter
from retrieval.passages import Span
from retrieval.query import Kind, Query
from retrieval.ranking import Candidate
from retrieval.reading import Finding
from retrieval.relative_dates import local_day, resolve
from retrieval.wording import Word

# Where the newest is asked for, all articles of so many days before the newest are looked through.
_RECENT = 30
_DAY = timedelta(1)


def with_time(query: Query, today: date, newest: date | None) -> Query:
    """Read the days that a query asks about; words that only the clock explains are no topic.

    Neither are others that tell when somebody said what is asked for: "in November".

    Args:
        query: The question.
        today: The day on which it is asked.
        newest: When the newest article was published; where none is dated, no days are read.
    """
    when = asked_time(query.text, query.language, today, newest) if newest else None
    if when is None:
        return query
    if not _without(query.topic, when.named_by):
        when = replace(when, restricts=True)
    timed = replace(query, when=when)
    named_by = when.named_by if asks_what_was_said_then(timed) else ()
    topic = _without(query.topic, (*when.by_clock, *named_by))
    is_about_something = bool(topic or query.speaker or query.setting)
    return replace(timed, topic=topic) if is_about_something else timed


def _without(some: Sequence[Word], places: Sequence[Span]) -> tuple[Word, ...]:
    return tuple(word for word in some if not any(start <= word.start < end for start, end in places))


def asks_what_was_said_then(query: Query) -> bool:
    """Tell whether somebody's words of a certain time are asked for: "What did Rutte say in November?"."""
    is_of_words = query.kind is Kind.STATEMENT and query.asks_for_words and bool(query.speaker)
    return bool(is_of_words and not query.is_description and query.when and query.when.is_period)


def narrowed_by_time(query: Query, where: Filter | None) -> Filter | None:
    """Leave out the articles that cannot tell of the days asked about.

    What somebody said in a week is told in that week or soon after. No article tells of last week before it
    began. Other days of the calendar leave out nothing: an article can tell of 2023 at any time.
    """
    when = query.when
    if when is None or not when.has_window:
        return where
    # No clock is trusted beyond tomorrow: somewhere it is that day already.
    tomorrow = when.today + _DAY
    if asks_what_was_said_then(query):
        return _between(where, when.published_since, when.published_until or tomorrow)
    if when.counts_from_today and not query.is_description:
        until = None if when.published_since else when.published_until
        return _between(where, when.published_since, until or tomorrow)
    return where


def favoured_by_time(
    when: Asked | None, where: Filter | None, newest: Callable[[Filter | None, str], str | None]
) -> Filter | None:
    """Name the articles that come first, of those that a filter lets in; None where none do.

    Args:
        when: What the question says about time.
        where: The filter.
        newest: Tells when the newest article up to a day was published.
    """
    if when is None:
        return None
    if when.is_period:
        return _between(where, when.published_since, when.published_until)
    if not when.prefers_newest:
        return None
    latest = local_day(newest(where, (when.today + _DAY).isoformat()))
    if latest is None:
        return None
    return _between(where, date.fromordinal(max(1, latest.toordinal() - _RECENT)), None)


def in_time(
    candidates: Sequence[Candidate], published: Sequence[str | None], when: Asked | None
) -> list[Candidate]:
    """Tell candidates how well the dates of their publication fit what a question says about time."""
    if when is None:
        return list(candidates)
    known = [day for text in published if (day := local_day(text)) and day <= when.today + _DAY]
    days = sorted(set(known))
    newness: dict[date | None, float] = {}
    if when.prefers_newest:
        newness = {day: place / len(days) for place, day in enumerate(days, start=1)}
    return [
        replace(
            candidate,
            timely=when.fits(text) if when.is_period else newness.get(local_day(text), 0.0),
        )
        for candidate, text in zip(candidates, published, strict=True)
    ]


def findings_in_time(query: Query, findings: Sequence[Finding]) -> list[Finding]:
    """Put first what was found of the days asked about, or the newest; leave the order otherwise as it is.

    Where it is asked what somebody said then, what was said at another time is left out.
    """
    when = query.when
    if when is None:
        return list(findings)
    if when.is_period:
        fits = {id(finding): _fits(finding, when) for finding in findings}
        ordered = sorted(findings, key=lambda finding: -fits[id(finding)])
        return [one for one in ordered if fits[id(one)] or not asks_what_was_said_then(query)]
    if when.prefers_newest:
        return sorted(findings, key=lambda finding: _age(finding, when.today))
    return list(findings)


def tells_of(text: str, language: str | None, published: str | None, when: Asked) -> float:
    """Grade whether words of an article tell of the days asked about: by their own dates, else by its."""
    return 1.0 if names_time_of(text, language, local_day(published), when) else when.fits(published)


def names_time_of(text: str, language: str | None, published: date | None, when: Asked | None) -> bool:
    """Tell whether words of an article name a time among the days asked about."""
    return when is not None and any(when.holds(one) for one in resolve(text, language, published))


def _fits(finding: Finding, when: Asked) -> float:
    article = finding.sentence.article
    return tells_of(finding.sentence.text, article.language, article.published, when)


def _age(finding: Finding, today: date) -> float:
    day = local_day(finding.sentence.article.published)
    return float("inf") if day is None or day > today + _DAY else (today - day).days


def _between(where: Filter | None, since: date | None, until: date | None) -> Filter:
    """Narrow a filter to days; a month or a year in it stands for all its days."""
    asked = where or Filter()
    starts = [day for day in (asked.since, since and since.isoformat()) if day]
    ends = [day for day in (asked.until, until and until.isoformat()) if day]
    last = min(ends, key=lambda day: f"{day}~", default=None)
    return replace(asked, since=max(starts, default=None), until=last)
