"""Resolve what an article says about time against the day on which it was published."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.calendar_days import Days, date_or_none, month_of, months_before, unit_around
from retrieval.tenses import Tense, is_quoted, is_told_of_the_day, tense_of
from retrieval.time_wording import Hit, TimeWording, knows_times, time_wording

# A date without a year lies this near when no verb tells its side.
_NEAR_DAYS = 100
# A weekday fits a date a year away by chance.
_SAME_YEAR_DAYS = 200
# A verb is not believed that puts a date a year away when it would lie so near on the other side.
_NEXT_TO, _FAR = 35, 250
_LONG_AGO_DAYS = 14
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEARS_REACH = 200
_SUNDAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """An expression of time with its half-open place in a text and the days that it means, both included.

    `is_absolute` where the text itself names the year; `is_certain` where no other reading is likely;
    `is_named` where it names a weekday, a month or a year, and does not only count as "last week" does;
    `is_yearless` where it is a date whose year it leaves out.
    """

    start: int
    end: int
    first_day: date
    last_day: date
    is_certain: bool
    is_absolute: bool = False
    is_named: bool = False
    is_yearless: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """A hit in its text, with the day to count from."""

    text: str
    hit: Hit
    wording: TimeWording
    written: date

    @property
    def tense(self) -> Tense | None:
        return tense_of(self.text, self.hit, self.wording)


_Meant = tuple[Days, bool] | None


def resolve(text: str, language: str | None, written: date | None) -> list[Resolved]:
    """Find the expressions of time in an article's text and the days that they mean.

    What stands inside a quotation counts from the day of publication too, but it may have been said
    on another day, so a weekday or "yesterday" there is never certain.

    Args:
        text: The text of the article, or a part of it.
        language: Its language (ISO 639-1); in one that is not known nothing is found.
        written: The local day on which it was published; where it is unknown nothing is found.
    """
    if written is None or language is None or not knows_times(language):
        return []
    wording = time_wording(language)
    found = []
    for hit in wording.find(text):
        place = _Place(text, hit, wording, written)
        try:
            meant = _RULES[hit.meaning](place)
        except (ValueError, OverflowError):  # outside the years that a date can have
            continue
        if meant:
            (first, last), is_certain = meant
            is_dated = hit.meaning == "date" or hit.meaning == "year"
            found.append(
                Resolved(
                    start=hit.start,
                    end=hit.end,
                    first_day=first,
                    last_day=last,
                    is_certain=is_certain and (is_dated or not is_quoted(text, hit.start)),
                    is_absolute=is_dated and bool(hit.fields.get("year")),
                    is_yearless=is_dated and not hit.fields.get("year"),
                    is_named=any(hit.fields.get(key) for key in ("weekday", "month", "number", "year")),
                )
            )
    return found


def local_day(published: str | None) -> date | None:
    """Read the day of an ISO 8601 date as the article's own clock shows it; None where it states no day."""
    try:
        return date.fromisoformat((published or "")[:10])
    except ValueError:
        return None


def _day(place: _Place) -> _Meant:
    return unit_around(place.written, "day", place.hit.shift), True


def _today(place: _Place) -> _Meant:
    return (place.written, place.written), is_told_of_the_day(place.text, place.hit, place.wording)


def _weekday(place: _Place) -> _Meant:
    past, coming = _beside(place)
    is_same = place.written.weekday() == place.wording.weekday(place.hit)
    match place.tense:
        case Tense.PAST:
            return _one(place.written if is_same else past), True
        case Tense.COMING:
            # "Will meet on Thursday", published on a Thursday, can be today or in a week.
            return _one(place.written if is_same else coming), not is_same
        case _:
            return _one(place.written if is_same else past), False


def _last_weekday(place: _Place) -> _Meant:
    """Within one week "last Tuesday" can be this week's or the one before."""
    past, _ = _beside(place)
    return _one(past), past < unit_around(place.written, "week")[0]


def _next_weekday(place: _Place) -> _Meant:
    _, coming = _beside(place)
    is_certain = coming > unit_around(place.written, "week")[1] and place.written.weekday() != _SUNDAY
    return _one(coming), is_certain


def _past_weekday(place: _Place) -> _Meant:
    return _one(_beside(place)[0]), True


def _coming_weekday(place: _Place) -> _Meant:
    return _one(_beside(place)[1]), True


def _beside(place: _Place) -> tuple[date, date]:
    """Give the day of that name before and after the day of publication, never the day itself."""
    weekday = place.wording.weekday(place.hit) or 0
    back = (place.written.weekday() - weekday) % 7 or 7
    ahead = (weekday - place.written.weekday()) % 7 or 7
    return place.written - timedelta(back), place.written + timedelta(ahead)


def _one(day: date) -> Days:
    return day, day


def _unit(place: _Place) -> _Meant:
    unit, shift = place.wording.unit(place.hit), place.hit.shift
    if unit == "weekend" and shift == 0:
        return _weekend(place)
    # In America a Sunday begins the week; "next weekend" can be this one everywhere.
    is_clear = unit in ("month", "year") or place.written.weekday() != _SUNDAY
    if (unit, shift) == ("week", 0) and place.written.weekday() == 0:
        # What was "this week" on a Monday was rather in the one before.
        is_clear = place.tense is not Tense.PAST
    return unit_around(place.written, unit, shift), is_clear and (unit, shift) != ("weekend", 1)


def _weekend(place: _Place) -> _Meant:
    if place.written.weekday() >= 5:
        return unit_around(place.written, "weekend"), True
    tense = place.tense
    return unit_around(place.written, "weekend", -1 if tense is Tense.PAST else 0), tense is not None


def _so_far(place: _Place) -> _Meant:
    unit = place.wording.unit(place.hit)
    first = unit_around(place.written, unit)[0]
    return (min(first, place.written), place.written), first < place.written


def _still(place: _Place) -> _Meant:
    last = unit_around(place.written, place.wording.unit(place.hit))[1]
    return (place.written, max(last, place.written)), last > place.written


def _ago(place: _Place) -> _Meant:
    unit, count = place.wording.unit(place.hit), place.wording.count(place.hit)
    return unit_around(place.written, unit, -count), unit == "day" and count <= _LONG_AGO_DAYS


def _ahead(place: _Place) -> _Meant:
    unit, count = place.wording.unit(place.hit), place.wording.count(place.hit)
    return unit_around(place.written, unit, count), unit == "day" and place.tense is Tense.COMING


def _rolling(place: _Place) -> _Meant:
    unit, count = place.wording.unit(place.hit), place.wording.count(place.hit)
    if unit in ("month", "year"):
        first = months_before(place.written, count * (12 if unit == "year" else 1))
    else:
        first = place.written - timedelta(count * (1 if unit == "day" else 7))
    return (first, place.written), False


def _year(place: _Place) -> _Meant:
    year = int(place.hit.fields["year"] or 0)
    return unit_around(date(year, 1, 1), "year"), True


def _shifted_month(place: _Place) -> _Meant:
    """Resolve "last November", the last that is over, which said soon after can mean the one before."""
    month = place.wording.month(place.hit) or 1
    distance = (place.hit.shift * (month - place.written.month)) % 12 or 12
    days = unit_around(place.written, "month", place.hit.shift * distance)
    return days, distance > 2


def _date(place: _Place) -> _Meant:
    fields, month = place.hit.fields, place.wording.month(place.hit)
    if place.hit.meaning == "date" and month is None:
        return _weekday_and_day(place)
    if month is None:
        return None
    if fields.get("year"):
        meant = _days(place, int(fields["year"] or 0), month)
        return (meant, _has_weekday(place, meant)) if meant else None
    return _nearest(place, month)


def _in_year(place: _Place) -> _Meant:
    """Resolve "in March last year"."""
    days = _days(place, place.written.year + place.hit.shift, place.wording.month(place.hit) or 1)
    return (days, True) if days else None


def _days(place: _Place, year: int, month: int) -> Days | None:
    day, to = place.hit.fields.get("day"), place.hit.fields.get("to")
    if not day:
        return month_of(year, month)
    first = date_or_none(year, month, int(day))
    last = date_or_none(year, month, int(to)) if to else first
    return (first, last) if first and last and first <= last else None


def _has_weekday(place: _Place, days: Days) -> bool:
    weekday = place.wording.weekday(place.hit)
    return weekday is None or weekday == days[0].weekday()


def _nearest(place: _Place, month: int) -> _Meant:
    """Choose the year of a date that names none: the nearest that fits its weekday and verb."""
    years = range(place.written.year - 1, place.written.year + 2)
    every = [days for year in years if 0 < year < 10_000 and (days := _days(place, year, month))]
    fitting = [days for days in every if _has_weekday(place, days)]
    nearest = min(fitting or every, key=lambda days: _distance(days, place.written), default=None)
    if nearest is None:
        return None
    is_far = _distance(nearest, place.written) > _SAME_YEAR_DAYS
    if not fitting or is_far or _names_other_year(place, nearest[0].year):
        return nearest, False
    if place.wording.weekday(place.hit) is not None or nearest[0] <= place.written <= nearest[1]:
        return nearest, True
    tense = place.tense
    sides = [days for days in fitting if tense is None or (days[0] <= place.written) == (tense is Tense.PAST)]
    chosen = min(sides, key=lambda days: _distance(days, place.written), default=nearest)
    if chosen != nearest and _distance(nearest, place.written) <= _NEXT_TO:
        return nearest, False
    if tense is not None:
        return chosen, chosen != nearest or _distance(chosen, place.written) <= _FAR
    # "Occurs in August" is true of every year.
    return chosen, bool(place.hit.fields.get("day")) and _distance(chosen, place.written) <= _NEAR_DAYS


def _distance(days: Days, written: date) -> int:
    return max(0, (days[0] - written).days, (written - days[1]).days)


def _names_other_year(place: _Place, year: int) -> bool:
    """Tell whether the text right before, or the rest of the sentence, is about another year."""
    start, end = place.hit.start, place.hit.end
    near = place.text[max(0, start - _YEARS_REACH) : start].rpartition("\n")[2]
    after = re.split(r"[.!?\n]", place.text[end : end + _YEARS_REACH], maxsplit=1)[0]
    return any(int(found) != year for found in _YEARS.findall(f"{near} {after}"))


def _weekday_and_day(place: _Place) -> _Meant:
    """Resolve "Monday 4": the day of that number near publication, where it has that name."""
    day, weekday = int(place.hit.fields["day"] or 0), place.wording.weekday(place.hit)
    near = [place.written + timedelta(away) for away in range(-13, 14)]
    found = [other for other in near if other.day == day and other.weekday() == weekday]
    # In "on Monday 4 people" the number counts something.
    counts = re.match(r" [^\W\d_]", place.text[place.hit.end : place.hit.end + 2]) is not None
    return ((found[0], found[0]), not counts) if len(found) == 1 else None


_RULES: Mapping[str, Callable[[_Place], _Meant]] = {
    "day": _day,
    "today": _today,
    "weekday": _weekday,
    "weekday last": _last_weekday,
    "weekday next": _next_weekday,
    "weekday past": _past_weekday,
    "weekday coming": _coming_weekday,
    "unit": _unit,
    "weekend": _weekend,
    "so far": _so_far,
    "still": _still,
    "ago": _ago,
    "ahead": _ahead,
    "rolling": _rolling,
    "year": _year,
    "month": _shifted_month,
    "date": _date,
    "in year": _in_year,
}
