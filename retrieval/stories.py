"""Stories: one story told again in other words or another language, and the articles that are one source."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from retrieval.duplicates import shingles
from retrieval.figures import figures_of
from retrieval.names import Name, names_in
from retrieval.passages import Span
from retrieval.places import find_places
from retrieval.wording import fold

# With how many others an article is compared.
COMPARED = 20
# How many days lie between the first telling of a story and the last.
DAYS = 3
_FEWEST_NAMES = 4
_FEWEST_FIGURES = 2
# With no more figures than that, more names have to be the same.
_SAME_NAMES, _SAME_NAMES_OF_FEW = 0.4, 0.5
_SAME_FIGURES = 0.5
_LEAST_COSINE = 0.5
_READ_AT_ONCE = 2_000
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


@dataclass(eq=False, slots=True)
class _Group:
    """Articles, and how many pairs of them and of those of another group are related."""

    members: list[str]
    related: dict["_Group", int] = field(default_factory=dict)

    def take_in(self, other: "_Group") -> None:
        """Take the articles of another group in, which no group is related to from then on."""
        self.members += other.members
        for group, pairs in other.related.items():
            del group.related[other]
            if group is not self:
                group.related[self] = self.related[group] = self.related.get(group, 0) + pairs


def read_telling(
    article_id: str, text: str, code: str | None, published: str | None, sentences: Sequence[Span]
) -> Telling:
    """Read the names and figures of an article; places and people of places go by their codes."""
    places = find_places(text)
    covered = {at for place in places for at in range(place.start, place.end)}
    # Names are looked for with what stands before them, so that long texts are read in parts.
    named = {
        word
        for start, end in sentences
        for at in range(start, end, _READ_AT_ONCE)
        for name in names_in(text[at : min(end, at + _READ_AT_ONCE)], code)
        if not name.opens
        for word in _words(name, at, covered)
    }
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
    is_sparse = len(figures) == _FEWEST_FIGURES
    least = _SAME_NAMES_OF_FEW if is_sparse else _SAME_NAMES
    if same_names < least or same_figures < _SAME_FIGURES:
        return 0.0
    if cosine is not None and cosine < _LEAST_COSINE:
        return 0.0
    return min(same_names, same_figures)


def group(relations: Iterable[Relation]) -> list[tuple[str, ...]]:
    """Group articles into sources, in the order of their ids; what stands alone is left out.

    Two groups are joined where more than half of the pairs between them are related, so that A, B and C with
    A like B and B like C are no group when A is unlike C. Only what relations connect matters to a group;
    who has been compared with `COMPARED` others need not be related to more.
    """
    strengths: dict[tuple[str, str], float] = {}
    for relation in relations:
        pair = min(relation.one, relation.other), max(relation.one, relation.other)
        strengths[pair] = max(relation.strength, strengths.get(pair, 0.0))
    ordered = sorted(strengths, key=lambda pair: (-strengths[pair], pair))
    groups = {member: _Group([member]) for pair in ordered for member in pair}
    for one, other in ordered:
        if one != other:
            groups[one].related[groups[other]] = groups[other].related[groups[one]] = 1
    joined = True
    while joined:
        joined = False
        for pair in ordered:
            first, second = groups[pair[0]], groups[pair[1]]
            if first is not second and _belong(first, second):
                first.take_in(second)
                groups.update(dict.fromkeys(second.members, first))
                joined = True
    found = {tuple(sorted(one.members)) for one in groups.values()}
    return sorted(members for members in found if len(members) > 1)


def _words(name: Name, at: int, covered: set[int]) -> Iterable[str]:
    """Find the words of a name but for places, which are spelled differently in each language."""
    for word in _NAME_WORD.finditer(name.text):
        if word.group()[0].isupper() and at + name.start + word.start() not in covered:
            yield fold(word.group())


def _are_apart(one: Telling, other: Telling) -> bool:
    """Tell whether both days are known and too far from each other."""
    try:
        days = [date.fromisoformat((telling.published or "")[:10]) for telling in (one, other)]
    except ValueError:
        return False
    return abs((days[0] - days[1]).days) > DAYS


def _belong(one: _Group, other: _Group) -> bool:
    pairs = min(len(one.members), COMPARED) * min(len(other.members), COMPARED)
    return 2 * one.related[other] > pairs
