"""Count calendar units: weeks from Monday to Sunday, weekends, months and years."""

from calendar import monthrange
from datetime import date, timedelta

Days = tuple[date, date]


def unit_around(day: date, unit: str, shift: int = 0) -> Days:
    """Give the first and last day of the unit around a day, or of one so many units away.

    Raises:
        ValueError, OverflowError: The unit lies outside the years 1 to 9999.
    """
    match unit:
        case "week":
            monday = day - timedelta(day.weekday() - 7 * shift)
            return monday, monday + timedelta(6)
        case "weekend":
            saturday = day - timedelta(day.weekday() - 5 - 7 * shift)
            return saturday, saturday + timedelta(1)
        case "month":
            count = day.year * 12 + day.month - 1 + shift
            return month_of(count // 12, count % 12 + 1)
        case "year":
            return date(day.year + shift, 1, 1), date(day.year + shift, 12, 31)
        case _:
            return day + timedelta(shift), day + timedelta(shift)


def month_of(year: int, month: int) -> Days:
    """Give the first and last day of a month."""
    first = date(year, month, 1)
    return first, first.replace(day=monthrange(year, month)[1])


def months_before(day: date, count: int) -> date:
    """Give the same day so many months before, or the last of that month."""
    first, last = unit_around(day, "month", -count)
    return min(first + timedelta(day.day - 1), last)


def date_or_none(year: int, month: int, day: int) -> date | None:
    """Make a date, where there is one."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
