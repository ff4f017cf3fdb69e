"""Write days, weeks, months and years as people of a language write them."""

from datetime import date

from retrieval.calendar_days import unit_around
from retrieval.relative_dates import Resolved
from retrieval.time_wording import TimeWording, knows_times, time_wording

_MONTH = "{m} {y}"


def absolute(resolved: Resolved, language: str | None) -> str:
    """Write what an expression means with its year: "7 November 2024", "4–10 November 2024", "November 2024".

    In a language that is not known the days stand in ISO 8601.
    """
    return days_in_words(resolved.first_day, resolved.last_day, language)


def days_in_words(first: date, last: date, language: str | None) -> str:
    """Write the days from a first to a last one, both included, as `absolute` does."""
    if language is None or not knows_times(language):
        return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"
    wording = time_wording(language)
    if first == last:
        return _filled("day", first, first, wording)
    for unit in ("year", "month"):
        if (first, last) == unit_around(first, unit):
            return str(first.year) if unit == "year" else _filled("month", first, first, wording)
    if (first.year, first.month) == (last.year, last.month):
        return _filled("days", first, last, wording)
    start = _filled("day_month" if first.year == last.year else "day", first, first, wording)
    return start + wording.phrases["separator"] + _filled("day", last, last, wording)


def with_weekday(day: date, language: str | None) -> str:
    """Write a day with its name: "Thursday, 7 November 2024"; in a language that is not known in ISO 8601."""
    if language is None or not knows_times(language):
        return day.isoformat()
    wording = time_wording(language)
    name = wording.weekdays[day.weekday()]
    written = days_in_words(day, day, language)
    return wording.phrases["weekday"].format(
        w=name if wording.writes_small else name.capitalize(), day=written
    )


def _filled(name: str, first: date, last: date, wording: TimeWording) -> str:
    month = wording.months[first.month - 1]
    return wording.phrases.get(name, _MONTH).format(
        d=_day(first.day, wording),
        e=_day(last.day, wording),
        m=month if wording.writes_small else month.capitalize(),
        y=first.year,
    )


def _day(day: int, wording: TimeWording) -> str:
    return wording.phrases.get("first", "1") if day == 1 else str(day)
