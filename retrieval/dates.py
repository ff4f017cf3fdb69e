"""Dates and publishers as articles state them: ISO 8601 strings, never a guess, never the clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

# One line a month: English, Italian, Swedish, German, French, Spanish, Dutch, Danish, Finnish, Portuguese.
_MONTH_LINES = """
january jan gennaio gen januari januar jänner jän janvier janv enero ene tammikuuta janeiro
february feb febbraio febbr februari februar février fevrier févr fév febrero helmikuuta fevereiro fev
march mar marzo mars märz mrz maart mrt marts maaliskuuta março
april apr aprile avril avr abril abr huhtikuuta
may maggio mag maj mai mayo mei toukokuuta maio
june jun giugno giu juni juin junio kesäkuuta junho
july jul luglio lug juli juillet juil julio heinäkuuta julho
august aug agosto ago augusti août aout augustus elokuuta
september sep sept settembre set sett septembre septiembre syyskuuta setembro
october oct ottobre ott oktober okt octobre octubre lokakuuta outubro out
november nov novembre noviembre marraskuuta novembro
december dec dicembre dic dezember dez décembre decembre déc diciembre joulukuuta dezembro
"""
_MONTHS = {
    name: number for number, line in enumerate(_MONTH_LINES.strip().splitlines(), 1) for name in line.split()
}
_WEEKDAY_LINES = """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
lunedì martedì mercoledì giovedì venerdì sabato domenica måndag tisdag onsdag torsdag fredag lördag söndag
mån tis ons tors fre lör sön montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa
so lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag den le il el
"""
_WEEKDAYS = frozenset(_WEEKDAY_LINES.split())
# Hours east of UTC; abbreviations that stand for several zones (CST, IST) are left out.
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "bst": 1, "eet": 2,
    "eest": 3, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?<![\d.,])(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?P<year>\d{4})\b"
_TIME = (
    r"(?:(?:[\s,|–—-]|\b(?:at|kl|klo|ore|alle|um|à|om|kello)\b\.?){1,6}"
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::(?P<second>\d{2}))?(?!\d|[.:]\d)"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?(?:\s*(?:uhr|h)\b)?"
    r"(?:\s*\(?(?P<zone>[a-z]{1,4}\b|[+-]\d{2}:?\d{2}(?!\d))\)?)?)?"
)
_DATE = [
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})[-/](?P<number>\d\d)[-/](?P<day>\d\d)(?!\d)T?",
        rf"{_DAY}\s+(?:de\s+)?{_MONTH}\s?,?\s+(?:de\s+)?{_YEAR}",
        rf"\b{_MONTH}\s+{_DAY}\s?,?\s+{_YEAR}",
        rf"(?<![\d.])(?P<day>\d{{1,2}})\.\s?(?P<number>\d{{1,2}})\.\s?{_YEAR}",
        rf"(?<![\d/])(?P<day>\d{{1,2}})/(?P<number>\d{{1,2}})/{_YEAR}",
    )
]
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*([A-Za-z]{1,4}|[+-]\d\d(?::?\d\d)?)?)?"
)
_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|publicera[dt]|pubblicat[oa]|publiée?|veröffentlicht"
    r"|publicad[oa]|gepubliceerd|geplaatst|julkaistu|publiceret|date|datum|data|fecha)"
)
_MODIFIED = (
    r"(?:last |zuletzt |ultimo )?(?:updated|modified|uppdatera[dt]|aggiornat[oa]|aggiornamento|mise? à jour"
    r"|aktualisiert|stand|actualizad[oa]|bijgewerkt|päivitetty|opdateret)"
)
_LABEL = re.compile(
    rf"(?<!\w)(?:(?P<published>{_PUBLISHED})|(?P<modified>{_MODIFIED}))(?:\s+(?:on|at|il|le|am|den|el|op|date))?"
    r"\s*[:.]?\s*(?:\d{1,2}[:.]\d\d\s*(?:[ap]\.?m\.?)?\s*(?:[a-z]{2,4})?,\s*)?"
    rf"(?:[^\W\d_]{{2,12}}\.?,?\s+(?:den\s+|the\s+|le\s+)?)?(?=\d|{_MONTH})",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:source|fonte|källa|quelle|fuente|bron)\s*:\s*(?P<name>[^\W\d][^:/@|]{1,40})", re.IGNORECASE
)
# "RIGA, 7 November 2024 —", "LONDON (AP) —", "PARIS, Nov. 7 (Reuters) -": how an agency's story opens.
_OPENING = re.compile(
    r"(?P<place>[A-ZÀ-Þ][\w.'’-]+(?:[ /][A-ZÀ-Þ][\w.'’-]*){0,3})(?P<middle>[^—–()]{0,40}?)"
    r"(?:\((?P<agency>[A-Z][\w&]+(?: [A-Z][\w&]*){0,3})\))?(?P<rest>[^—–()]{0,30}?)(?:\s*[—–]|\s-+\s)"
)
_BYLINE = re.compile(r"(?:by|di|av|von|par|por|door|text)[\s:]+(?=[A-ZÀ-Þ])", re.IGNORECASE)
_NAMED = re.compile(r"[A-ZÀ-Þ][\w.'’-]*(?: [A-ZÀ-Þ][\w.'’-]*){0,2}\s*[,|•·–—-]")
_HEAD_LINES, _TAIL_LINES = 6, 3


@dataclass(frozen=True, slots=True)
class Stated:
    """What the first or last lines of an article state about it."""

    published: str | None = None
    modified: str | None = None
    publisher: str | None = None


def iso_date(value: object, language: str | None = None) -> str | None:
    """Turn a date as a file gives it into ISO 8601; None where it cannot be read for sure."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = " ".join(str(value).split()) if not isinstance(value, float) else f"{value:.0f}"
    if re.fullmatch(r"\d{9,10}|\d{13}", text):
        return datetime.fromtimestamp(int(text[:10]), UTC).isoformat()
    if match := _ISO.fullmatch(text):
        return _joined(*match.groups())
    found = _dates(text, language) if len(text) <= 100 else []
    # Anything beside the date, such as "about" or a second date, makes it a guess.
    if len(found) != 1 or _words_beside(text, [found[0][1:]]) - _WEEKDAYS:
        return None
    return found[0][0]


def read_stated(lines: Sequence[str], language: str | None = None) -> Stated:
    """Read dates and the publisher from the datelines among the first and last lines of an article."""
    filled = [line.strip() for line in lines if line.strip()]
    near = list(enumerate(filled[:_HEAD_LINES])) + [(1, line) for line in filled[_HEAD_LINES:][-_TAIL_LINES:]]
    published = modified = publisher = None
    for number, line in near:
        if "@" in line or line[0] in "—–-":  # the signature of an embedded tweet
            continue
        label_published, label_modified = _labelled(line, language)
        opening = _OPENING.match(line) if number < _HEAD_LINES else None
        credit = _CREDIT.fullmatch(line)
        published = published or label_published or _bare(line, language, is_first=number == 0)
        modified = modified or label_modified
        if opening:
            published = published or next((found[0] for found in _dates(opening[0], language)), None)
            publisher = publisher or (opening["agency"] if opening["place"].isupper() else None)
        publisher = publisher or (credit["name"].strip(" .") if credit else None)
    return Stated(published, modified, publisher)


def is_dateline(line: str) -> bool:
    """Whether the line says nothing but when the article was published or changed."""
    return any(_labelled(line, "it")) or _bare(line, "it", is_first=False) is not None


def _labelled(line: str, language: str | None) -> tuple[str | None, str | None]:
    """The dates after "published" and after "updated", where the line holds little else."""
    if len(line) > 160:
        return None, None
    found = {start: (iso, end) for iso, start, end in _dates(line, language)}
    dates: dict[str, str] = {}
    spans: list[tuple[int, int]] = []
    for label in _LABEL.finditer(line):
        if label.end() in found:
            iso, end = found[label.end()]
            dates.setdefault("published" if label["published"] else "modified", iso)
            spans.append((label.start(), end))
    if not dates or len(_words_beside(line, spans)) > 6:
        return None, None
    return dates.get("published"), dates.get("modified")


def _bare(line: str, language: str | None, *, is_first: bool) -> str | None:
    """The date of a line that holds only a date, or a place or a byline and a date."""
    found = _dates(line, language) if len(line) <= 90 else []
    if len(found) != 1:
        return None
    iso, start, end = found[0]
    before, after = line[:start], line[end:]
    if _words_beside(after, []) - {"min", "read"} or re.search(r"\d{3}", after):
        return None
    beside = _words_beside(before, []) - _WEEKDAYS
    byline = _BYLINE.match(before)
    if not beside or (byline and len(beside) <= 5):
        return iso
    named = _NAMED.match(before)
    # A first line such as "Elections, 7 November 2024" is a headline, "RIGA, 7 November 2024" is not.
    is_place = named is not None and not (_words_beside(before[named.end() :], []) - _WEEKDAYS)
    return iso if named and is_place and (not is_first or named[0].isupper()) else None


def _words_beside(text: str, spans: list[tuple[int, int]]) -> set[str]:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return set(re.findall(r"[^\W\d_]+", text.casefold()))


def _dates(text: str, language: str | None) -> list[tuple[str, int, int]]:
    """Every full date in the text with its place, in order."""
    found: list[tuple[str, int, int]] = []
    for form in _DATE:
        for match in form.finditer(text):
            iso = _from_match(match, language)
            if iso and not any(start < match.end() and match.start() < end for _, start, end in found):
                found.append((iso, match.start(), match.end()))
    return sorted(found, key=lambda item: item[1])


def _from_match(match: re.Match[str], language: str | None) -> str | None:
    fields = match.groupdict()
    day, month = fields["day"], fields.get("number") or str(_MONTHS[fields["month"].casefold()])
    if re.match(r"\d{1,2}/", match[0]):
        # Britain and America read 07/11/2024 two ways, so where English may be meant it is not read.
        if int(month) > 12:
            day, month = month, day
        elif int(day) <= 12 and day != month and language in (None, "en"):
            return None
    hour = fields["hour"]
    if hour and fields["half"]:
        hour = str(int(hour) % 12 + (12 if fields["half"].lower() == "p" else 0))
    return _joined(fields["year"], month, day, hour, fields["minute"], fields["second"], fields["zone"])


def _joined(
    year: str,
    month: str,
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    zone: str | None,
) -> str | None:
    try:
        if hour is None:
            return date(int(year), int(month), int(day)).isoformat()
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    return moment.isoformat() + _offset(zone)


def _offset(zone: str | None) -> str:
    if zone is None or (zone.isalpha() and zone.casefold() not in _ZONES):
        return ""
    if zone.isalpha():
        hours = _ZONES[zone.casefold()]
        return f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"
