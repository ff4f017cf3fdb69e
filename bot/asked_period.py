"""Tell of the days that a question asks about, where the articles hold nothing of them."""

from collections.abc import Sequence
from datetime import date

from bot.datatypes import Citation
from prompts.phrases import phrase
from retrieval.asked_time import Asked
from retrieval.datatypes import Filter
from retrieval.date_phrases import days_in_words
from retrieval.library import Library
from retrieval.query import Query
from retrieval.relative_dates import local_day
from retrieval.timeliness import narrowed_by_time, tells_of

_OPEN = "…"
_ALWAYS = date.max.isoformat()


def period(when: Asked, language: str) -> str:
    """Write the days that a question asks about: "28 October – 3 November 2024", "1 October 2024 – …"."""
    if when.days:
        return days_in_words(*when.days, language)
    ends = (days_in_words(day, day, language) if day else _OPEN for day in (when.since, when.until))
    return " – ".join(ends)


def nothing_then(query: Query, library: Library, where: Filter | None) -> str | None:
    """Say that no article is from the days asked about, and which day is nearest; None where one is.

    Args:
        query: The question.
        library: Holds the articles.
        where: Which of them are asked, whenever they were published.
    """
    narrowed = narrowed_by_time(query, where)
    if query.when is None or narrowed == where or library.newest(narrowed, _ALWAYS):
        return None
    known = [day for text in library.published_dates(where) if (day := local_day(text))]
    if not known:
        return None
    nearest = min(known, key=lambda day: _distance(day, query.when))
    return phrase(
        "nothing_then",
        query.language,
        period=period(query.when, query.language),
        nearest=days_in_words(nearest, nearest, query.language),
    )


def outside_period(query: Query, citations: Sequence[Citation]) -> tuple[str, ...]:
    """Say that nothing of an answer is from the days that were asked about; nothing where something is."""
    when = query.when
    if when is None or not when.is_period or not citations:
        return ()
    told = (
        tells_of(citation.quote, citation.article.language, citation.article.published, when)
        for citation in citations
    )
    return () if any(told) else (phrase("not_then", query.language, period=period(when, query.language)),)


def _distance(day: date, when: Asked | None) -> int:
    since, until = (when.since, when.until) if when else (None, None)
    return max((since - day).days if since else 0, (day - until).days if until else 0)
