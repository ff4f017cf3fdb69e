"""Stories: one story told again in other words or another language, and the articles that are one source."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from retrieval.duplicates import shingles
from retrieval.figures import figures_of
from retrieval.names import Name, names_in
from retrieval.places import find_places
from retrieval.wording import fold

_DAYS = 3
_FEWEST_NAMES = 4
_FEWEST_FIGURES = 2
_SAME_NAMES = 0.4
_SAME_FIGURES = 0.5
_LEAST_COSINE = 0.5
_NAME_WORD = re.compile(r"[^\W\d_]{3,}")
# What any article may name, days and numbers up to three, and what stands a second time with its unit.
_COMMON = re.compile(r"[0-3]|weekday\d|.* .*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What an article tells of its story: names and figures as they are in any language.

    `published` is an ISO date or nothing, `size` the number of different shingles.
    """

    id: str
    names: frozenset[str]
    figures: frozenset[str]
    published: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Relation:
    """Two articles that are one source, and how surely, from 0 to 1."""

    one: str
    other: str
    strength: float


def read_telling(article_id: str, text: str, code: str | None, published: str | None) -> Telling:
    """Read the names and figures of an article; places and people of places go by their codes."""
    places = find_places(text)
    covered = {at for place in places for at in range(place.start, place.end)}
    named = {word for name in names_in(text, code) if not name.opens for word in _words(name, covered)}
    return Telling(
        id=article_id,
        names=frozenset(named | {place.code for place in places}),
        figures=frozenset(figure for figure in figures_of(text, code) if not _COMMON.fullmatch(figure)),
        published=published,
        size=len(shingles(text)),
    )


def retelling(one: Telling, other: Telling, cosine: float | None = None) -> float:
    """Tell how surely two articles are one copy rewritten or translated, 0 where they need not be.

    Most names and figures of both have to be the same, since two reports of one event share the main ones
    alone. `cosine` is that of the mean vectors of their passages, None where no model reads both languages.
    """
    names, figures = one.names & other.names, one.figures & other.figures
    if len(names) < _FEWEST_NAMES or len(figures) < _FEWEST_FIGURES or _are_apart(one, other):
        return 0.0
    same_names = len(names) / len(one.names | other.names)
    same_figures = len(figures) / len(one.figures | other.figures)
    if same_names < _SAME_NAMES or same_figures < _SAME_FIGURES:
        return 0.0
    if cosine is not None and cosine < _LEAST_COSINE:
        return 0.0
    return min(same_names, same_figures)


def group(relations: Iterable[Relation]) -> list[tuple[str, ...]]:
    """Group articles into sources, in the order of their ids; what stands alone is left out.

    Two groups are joined where more than half of the pairs between them are related, so that A, B and C with
    A like B and B like C are no group when A is unlike C. Only what relations connect matters to a group.
    """
    strengths: dict[tuple[str, str], float] = {}
    for relation in relations:
        pair = min(relation.one, relation.other), max(relation.one, relation.other)
        strengths[pair] = max(relation.strength, strengths.get(pair, 0.0))
    ordered = sorted(strengths, key=lambda pair: (-strengths[pair], pair))
    groups = {member: {member} for pair in ordered for member in pair}
    joined = True
    while joined:
        joined = False
        for pair in ordered:
            one, other = groups[pair[0]], groups[pair[1]]
            if one is not other and _belong(one, other, strengths):
                one |= other
                groups.update(dict.fromkeys(other, one))
                joined = True
    return sorted({tuple(sorted(members)) for members in groups.values() if len(members) > 1})


def fullest(tellings: Sequence[Telling]) -> Telling:
    """Choose what a group is cited by: the longest, repetitions apart; of equals the first published."""
    return min(tellings, key=lambda telling: (-telling.size, telling.published or "~", telling.id))


def _words(name: Name, covered: set[int]) -> Iterable[str]:
    """Find the words of a name but for places, which are spelled differently in each language."""
    for word in _NAME_WORD.finditer(name.text):
        if word.group()[0].isupper() and name.start + word.start() not in covered:
            yield fold(word.group())


def _are_apart(one: Telling, other: Telling) -> bool:
    """Tell whether both days are known and too far from each other."""
    try:
        days = [date.fromisoformat((telling.published or "")[:10]) for telling in (one, other)]
    except ValueError:
        return False
    return abs((days[0] - days[1]).days) > _DAYS


def _belong(one: set[str], other: set[str], strengths: dict[tuple[str, str], float]) -> bool:
    pairs = sum((min(pair), max(pair)) in strengths for pair in product(one, other))
    return 2 * pairs > len(one) * len(other)
