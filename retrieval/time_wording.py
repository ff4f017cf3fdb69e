"""Find where a text names a time, by the forms of `relative_dates.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_DAY = r"(?<![\d.,:/$€£])(?P<day>[12]\d|3[01]|0?[1-9]){ordinal}(?![\d%:/])(?![.,]\d)"
_TO = r"(?P<to>[12]\d|3[01]|0?[1-9]){ordinal}(?![\d%:/])(?![.,]\d)"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?![\d%/]|[.,-]\d)"
_ISO = r"(?P<year>\d{4})-(?P<number>0[1-9]|1[0-2])-(?P<day>[12]\d|3[01]|0[1-9])"
_NOTHING = "nothing"
_SPACE = re.compile(r"\s")
# An expression reaches no farther from its weekday, month, unit or year.
_WINDOW = 40
# The words that forms need, the most telling first; a form without any is looked for around each of them.
_KINDS = {
    "month": ("{month}", "(?P<number>"),
    "weekday": ("{weekday}",),
    "unit": ("{unit}", "{span}"),
    "year": ("{year}",),
}
_ANY = "any"


class Form(NamedTuple):
    """One way to name a time, and what it means."""

    meaning: str
    shift: int
    pattern: re.Pattern[str]


class Hit(NamedTuple):
    """An expression of time with its half-open place and what its form means."""

    start: int
    end: int
    meaning: str
    shift: int
    fields: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWording:
    """How one language names times, and what in a sentence tells past from future."""

    forms: Mapping[str, Sequence[Form]]
    anchors: re.Pattern[str]
    cues: re.Pattern[str]
    infinitive: re.Pattern[str]
    events: re.Pattern[str]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    weekday_forms: tuple[re.Pattern[str], ...]
    month_numbers: Mapping[str, int]
    numbers: Mapping[str, int]
    units: Mapping[str, re.Pattern[str]]
    capital: frozenset[str]
    writes_small: bool
    asked: Mapping[str, re.Pattern[str]]
    phrases: Mapping[str, str]

    def find(self, text: str) -> list[Hit]:
        """Find the expressions of a text in order; of two that overlap the first, then the longer, stays."""
        hits = [
            Hit(match.start("at") if "at" in fields else match.start(), match.end(), meaning, shift, fields)
            for kind, low, high in self._windows(text)
            for meaning, shift, pattern in self.forms[kind]
            for match in pattern.finditer(text, low, high)
            for fields in (match.groupdict(),)
        ]
        found: list[Hit] = []
        reached = 0
        for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
            if hit.start >= reached and not self._is_word(hit, text):
                reached = hit.end
                found.append(hit)
        return [hit for hit in found if hit.meaning != _NOTHING]

    def weekday(self, hit: Hit) -> int | None:
        """Number the weekday of a hit from Monday, which is 0."""
        name = hit.fields.get("weekday")
        return next((n for n, form in enumerate(self.weekday_forms) if name and form.fullmatch(name)), None)

    def month(self, hit: Hit) -> int | None:
        """Number the month of a hit from January, which is 1."""
        figures, name = hit.fields.get("number"), hit.fields.get("month")
        return int(figures) if figures else self.month_numbers[_plain(name)] if name else None

    def count(self, hit: Hit) -> int:
        """Count the units of a hit: one where it names no number."""
        text = (hit.fields.get("n") or "1").lower()
        return int(text) if text.isdigit() else self.numbers.get(text, 1)

    def unit(self, hit: Hit) -> str:
        """Name the unit of a hit: "day", "week", "weekend", "month" or "year"."""
        name = hit.fields.get("unit") or ""
        return next(unit for unit, form in self.units.items() if form.fullmatch(name))

    def _windows(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Cut out what stands around the words that an expression needs, since forms are slow to look for."""
        windows: dict[str, list[tuple[int, int]]] = {}
        for anchor in self.anchors.finditer(text):
            low, high = max(0, anchor.start() - _WINDOW), anchor.end() + _WINDOW
            for kind in (str(anchor.lastgroup), _ANY):
                spans = windows.setdefault(kind, [])
                if spans and low <= spans[-1][1]:
                    low, _ = spans.pop()
                spans.append((low, high))
        for kind, spans in windows.items():
            for low, high in spans:
                space = _SPACE.search(text, high)
                yield kind, low, space.start() if space else len(text)

    def _is_word(self, hit: Hit, text: str) -> bool:
        """Tell whether capitals, or their lack, make the expression a name or an ordinary word."""
        names = [name for key in ("month", "weekday") if (name := hit.fields.get(key))]
        if any(name.lower().rstrip(".") in self.capital and name.islower() for name in names):
            return True
        if hit.meaning == _NOTHING or text[hit.start : hit.end].isupper() or hit.fields.get("day"):
            return False
        is_small_word = self.writes_small or hit.meaning in ("today", "day")
        if not is_small_word or not text[hit.start].isupper():
            return False
        before = text[max(0, hit.start - _WINDOW) : hit.start].rstrip(" \u00a0\"'“‘«([—–-")
        if before and before[-1] not in ".!?:;|•/\n”»":
            return True
        # At the start of a sentence a name goes on with a capital: "Domenica Rossi".
        return (
            bool(names) and text[hit.end : hit.end + 1] == " " and text[hit.end + 1 : hit.end + 2].isupper()
        )


def knows_times(code: str | None) -> bool:
    """Whether it is known how the language names times."""
    return code in _tables()


@cache
def time_wording(code: str) -> TimeWording:
    """Read how a language names times."""
    data = _tables()[code]
    units = {
        unit: re.compile(
            f"{data['units'].get(unit, '(?!)')}|{data['spans'].get(unit, '(?!)')}", re.IGNORECASE
        )
        for unit in ("day", "week", "weekend", "month", "year")
    }
    months = [line.split() for line in data["months"]]
    places = _places(data)
    return TimeWording(
        forms=_forms(data, places),
        anchors=_anchors(data, places),
        cues=re.compile(
            rf"(?<!\w)(?:(?P<coming>{data['coming']})|(?P<unclear>{data['unclear']})|(?P<past>{data['past']}))(?!\w)"
        ),
        infinitive=re.compile(data["infinitive"]),
        events=re.compile(rf"['’]s (?:\w+ )?(?:{data['events']})\b", re.IGNORECASE),
        months=tuple(names[0] for names in months),
        weekdays=tuple(line.split()[0].partition("(")[0] for line in data["weekdays"]),
        weekday_forms=tuple(re.compile("|".join(line.split()), re.IGNORECASE) for line in data["weekdays"]),
        month_numbers={name: number for number, names in enumerate(months, 1) for name in names},
        numbers={
            name: number
            for number, names in enumerate(_counting(data["numbers"]), 1)
            for name in names.split("|")
        },
        units=units,
        capital=frozenset(data.get("capital", "").split()),
        writes_small=bool(data.get("writes_small")),
        asked={
            key: re.compile(rf"(?<!\w)(?:{form})(?!\w)", re.IGNORECASE) for key, form in data["asked"].items()
        },
        phrases=data["phrases"],
    )


def _counting(text: str) -> list[str]:
    """Split number words; the first two mean one where the first is an article alone."""
    names = text.split()
    return [f"{names[0]}|{names[1]}", *names[2:]] if names[0] == "a" else names


def _places(data: Mapping[str, Any]) -> dict[str, str]:
    """Write the regular expression that each name in braces stands for."""
    months = [line.split() for line in data["months"]]
    full = "|".join(names[0] for names in months)
    short = "|".join(name for names in months for name in names[1:])
    return {
        "{weekday}": f"(?P<weekday>{'|'.join('|'.join(line.split()) for line in data['weekdays'])})",
        "{month}": f"(?P<month>(?:{full})\\b" + (f"|(?:{short})\\b\\.?)" if short else ")"),
        "{day}": _DAY.replace("{ordinal}", data["ordinal"]),
        "{to}": _TO.replace("{ordinal}", data["ordinal"]),
        "{year}": _YEAR,
        "{n}": f"(?P<n>\\d{{1,3}}|{'|'.join(data['numbers'].split())})",
        "{unit}": f"(?P<unit>{'|'.join(data['units'].values())})",
        "{span}": f"(?P<unit>{'|'.join(data['spans'].values())})",
        "{part}": data["part"],
        "{>}": "(?P<at>)",
    }


def _forms(data: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, list[Form]]:
    """Compile the forms of a language by the kind of word that each needs."""
    forms: dict[str, list[Form]] = {kind: [] for kind in (*_KINDS, "word", _ANY)}
    for meaning, templates in {**data["forms"], "date": [*data["forms"]["date"], _ISO]}.items():
        name, _, shift = meaning.rpartition(" ") if meaning[-1].isdigit() else (meaning, "", "0")
        for template in templates:
            kind = next((kind for kind, keys in _KINDS.items() if any(key in template for key in keys)), _ANY)
            forms[kind].append(Form(name, int(shift), _compiled(_filled(template, places))))
    return forms


def _anchors(data: Mapping[str, Any], places: Mapping[str, str]) -> re.Pattern[str]:
    """Compile what is looked for first: the words that forms need, by kind."""
    needed = {
        kind: "|".join(_filled(key, places) for key in keys if key in places) for kind, keys in _KINDS.items()
    }
    needed["month"] += r"|\d{4}-\d\d-\d\d"
    loose = [
        _filled(template, places)
        for meaning, templates in data["forms"].items()
        for template in templates
        if meaning != _NOTHING and not any(key in template for keys in _KINDS.values() for key in keys)
    ]
    needed["word"] = "|".join(loose)
    kinds = (re.sub(r"\(\?P<\w+>", "(?:", form) for form in needed.values())
    return _compiled(
        r"|".join(f"(?P<{kind}>{form})" for kind, form in zip(needed, kinds, strict=True)), whole=""
    )


def _compiled(form: str, whole: str = r"(?!\w)") -> re.Pattern[str]:
    text = re.sub(r" (\??)", lambda space: "[ \u00a0]{0,3}" if space[1] else "[ \u00a0]{1,3}", form)
    return re.compile(rf"(?<!\w)(?:{text}){whole}", re.IGNORECASE)


def _filled(template: str, places: Mapping[str, str]) -> str:
    """Put the words of a language in place; a name that stands twice is kept the first time."""
    for key, form in places.items():
        first, *others = template.split(key)
        plain = re.sub(r"\(\?P<\w+>", "(?:", form)
        template = first + (form + plain.join(others) if others else "")
    return template


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("relative_dates.toml").read_text("utf-8"))


def _plain(month: str) -> str:
    """Write the name of a month as it is listed: regular expressions take the letters ſ and ı for s and i."""
    return month.casefold().replace("ı", "i").rstrip(".")
