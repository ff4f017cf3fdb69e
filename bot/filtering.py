"""Which articles a person wants to ask: what was typed, made into what the library holds."""

import re
from datetime import date
from difflib import get_close_matches

from retrieval.datatypes import Filter
from retrieval.errors import SettingError
from retrieval.library import Library
from retrieval.named import key_of

_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_MOST_NAMED = 8


def checked_filter(asked: Filter, library: Library) -> Filter | None:
    """Find the publishers and languages that were asked for in a library; none where nothing was.

    Raises:
        SettingError: A day is none, an outlet or a language is not in the library, or no article is left.
    """
    if not asked:
        return None
    for option, day in (("--since", asked.since), ("--until", asked.until)):
        if day is not None and not _is_day(day):
            raise SettingError(
                f"{option} is {day!r}. Give a day as 2024-11-07, a month as 2024-11, or a year."
            )
    where = Filter(
        since=asked.since,
        until=asked.until,
        publishers=_named(asked.publishers, library.publishers(), "publisher"),
        languages=_named(asked.languages, library.languages(), "language"),
        people=frozenset(form for name in asked.people for form in _person(name, library)),
    )
    if not library.admitted(where):
        raise SettingError(
            f"The index at {library.folder} holds no article {_described(where)}. Ask without a filter, or "
            "see what it holds with: footnote articles"
        )
    return where


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    year, month, day = [*text.split("-"), "1", "1"][:3]
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _named(asked: frozenset[str], known: list[str], noun: str) -> frozenset[str]:
    by_name = {name.casefold(): name for name in known}
    for name in sorted(asked):
        if name.casefold() not in by_name:
            near = get_close_matches(name.casefold(), by_name, n=1)
            more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
            every = ", ".join(known[:_MOST_NAMED]) + more if known else "none"
            hint = f"Did you mean {by_name[near[0]]}?" if near else f"It holds: {every}."
            raise SettingError(f"No article in the index has the {noun} {name!r}. {hint}")
    return frozenset(by_name[name.casefold()] for name in asked)


def _person(name: str, library: Library) -> frozenset[str]:
    if library.named.has_person(name):
        return library.named.forms_of(name)
    known = library.named.near(name)
    near = list(dict.fromkeys(known[key] for key in get_close_matches(key_of(name), known, n=2)))
    hint = f"Did you mean {' or '.join(near)}?" if near else "Give the name as an article writes it in full."
    raise SettingError(f"No article in the index names the person {name!r}. {hint}")


def _described(where: Filter) -> str:
    parts = [f"since {where.since}" if where.since else "", f"until {where.until}" if where.until else ""]
    parts += [f"from {' or '.join(sorted(where.publishers))}" if where.publishers else ""]
    parts += [f"in {' or '.join(sorted(where.languages))}" if where.languages else ""]
    parts += [f"naming {' or '.join(sorted(where.people))}" if where.people else ""]
    return " ".join(part for part in parts if part)
