"""The people, places and organisations of an article, with their other names and their offices, by rules.

What the rules are not sure of is left out: a wrong person is worse than none.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate

from retrieval.beside_names import (
    follows_article,
    has_age,
    is_office,
    is_somebody,
    named_behind,
    office_before,
    office_behind,
    says,
)
from retrieval.datatypes import Article
from retrieval.name_runs import Run, Text, find_runs, listed, particles, read_text
from retrieval.names import is_given, is_of_thing
from retrieval.organisations import find_organisations, is_of_organisation
from retrieval.passages import Span
from retrieval.places import PlaceMention, find_places
from retrieval.wording import Word, fold, language_of

# The longest name of a person has so many words; the small ones inside do not count.
_LONGEST = 4
_MOST_ROLES = 3
# Languages that write a genitive without an apostrophe.
_GENITIVES = {"sv", "de"}
# Where "the" stands before other names than those of people, and titles are not capitalised, two words
# that say something are somebody's name.
_SPARING = {"it", "sv"}
_QUOTED = {"«»", "“”", '""', "””"}
_ROMAN = re.compile(r"[IVX]+")
_INNER_CAPITAL = re.compile(r"(?!Mc|Mac|De|Di|La|Le|Van|Fitz|O)\w+[a-z][A-Z]")


class EntityKind(StrEnum):
    """What an entity is."""

    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Somebody or something that an article names, as fully as it does; `spans` is where, half-open.

    `aliases` are its other forms there, `roles` the offices beside it as they are written; `code` that of a
    place.
    """

    name: str
    kind: EntityKind
    spans: tuple[Span, ...]
    aliases: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    code: str | None = None


@dataclass(slots=True)
class _Candidate:
    """What is known of one name: where it stands, and how much speaks for and against a person."""

    runs: list[Run] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    sure: int = 0
    likely: int = 0
    barred: int = 0


def entities_of(article: Article) -> list[Entity]:
    """Find the entities of an article, in the order in which it names them."""
    return entities_in(article.text, article.language)


def entities_in(content: str, code: str | None) -> list[Entity]:
    """Find the entities of a text in a language, in the order in which it names them."""
    text = read_text(content, language_of(code))
    places = find_places(content)
    at = {place.start: place for place in places}
    pieces = [piece for run in find_runs(text) for piece in _pieces(text, run, at)]
    pieces = _without_genitives(pieces, text.language.code)
    placed = {(place.start, place.end) for place in places}
    candidates: dict[str, _Candidate] = defaultdict(_Candidate)
    for piece in pieces:
        if is_of_organisation(text, piece):
            continue
        if (piece.start, piece.end) in placed:
            candidates[piece.key].runs.append(piece)
        else:
            _take_note(text, piece, candidates[piece.key])
    people = list(_people(text, candidates))
    named = {span for person in people for span in person.spans}
    known = named | placed
    groups = (
        Entity(
            name=one.name, kind=EntityKind.ORGANISATION, spans=tuple(one.spans), aliases=tuple(one.aliases)
        )
        for one in find_organisations(
            text, [piece for piece in pieces if (piece.start, piece.end) not in known]
        )
    )
    found = [*people, *groups, *_places(content, places, named)]
    return sorted(found, key=lambda entity: entity.spans[0])


def _pieces(text: Text, run: Run, places: Mapping[int, PlaceMention]) -> Iterator[Run]:
    """Take what stands before a name off it: a demonym, an office, a group, the first word of a sentence.

    Args:
        text: What the name stands in.
        run: The name.
        places: The places that are named, by where they begin.
    """
    parts, low = run.parts, 0
    while (place := places.get(parts[low].start)) and place.end < run.end:
        behind = next(at for at, part in enumerate(parts) if part.start >= place.end)
        # "Iraq's president" but "presidente dell'Iraq Saddam Hussein"
        if not place.demonym and len(parts) - behind == 1:
            break
        yield run.cut(low, behind)
        low = behind
    given = next((at for at in range(low, len(parts) - 1) if is_given_name(parts[at].text)), None)
    # "Stephen King" is none.
    before = range(low, len(parts) if given is None else given)
    low = max((at + 1 for at in before if is_office(parts[at], text.language.code)), default=low)
    if given is not None and given > low and _stand_apart(parts[given - 1].text):
        yield run.cut(low, given)
        low = given
    high = len(parts)
    while high - low > 1 and fold(parts[high - 1].text) in particles():
        high -= 1
    if low < high:
        yield run.cut(low, high)


def _stand_apart(before: str) -> bool:
    """Tell whether a word before a given name belongs to something else: "NATO Mark Rutte"."""
    return len(before) > 1 and fold(before) not in particles() | listed("elsewhere", "before")


def is_given_name(word: str) -> bool:
    """Tell whether a word is a given name that is known."""
    return is_given(word) or fold(word) in listed("people", "given")


def _without_genitives(pieces: Sequence[Run], code: str) -> list[Run]:
    """Write "Ruttes" as "Rutte" where the text names Rutte, too."""
    if code not in _GENITIVES:
        return list(pieces)
    last = {fold(piece.parts[-1].text) for piece in pieces}
    return [
        piece.shortened()
        if (ending := fold(piece.parts[-1].text))[-1:] == "s" and ending[:-1] in last
        else piece
        for piece in pieces
    ]


def _take_note(text: Text, piece: Run, candidate: _Candidate) -> None:
    """Weigh what stands beside a name."""
    candidate.runs.append(piece)
    titled = office_before(text, piece.first)
    beside = office_behind(text, piece.last)
    named = named_behind(text, piece)
    for span in (titled, beside, named):
        if span and (role := " ".join(text.text[slice(*span)].split())) not in candidate.roles:
            candidate.roles.append(role)
    candidate.sure += bool(titled)
    if len(piece.parts) > 1:
        candidate.sure += bool(beside or named or has_age(text, piece) or is_somebody(text, piece))
        candidate.sure += is_given_name(piece.parts[0].text)
    candidate.likely += says(text, piece)
    is_the = follows_article(text, piece) and not titled
    candidate.barred += 9 * _is_elsewhere(text, piece) + is_the


def _is_elsewhere(text: Text, piece: Run) -> bool:
    """Tell whether a name is a part of what is no person: "Via Verdi", "Kennedy Airport"."""
    before = text.words[piece.first - 1 : piece.first] if text.gap(piece.first) in (" ", ". ") else ()
    after = text.words[piece.last + 1 : piece.last + 2] if text.gap(piece.last + 1) == " " else ()
    opening = {fold(word.text) for word in (*before, piece.parts[0])}
    closing = {fold(word.text) for word in (*after, piece.parts[-1]) if word.is_capitalised}
    quoted = text.text[piece.start - 1 : piece.start] + text.text[piece.end : piece.end + 1]
    return bool(
        quoted in _QUOTED
        # "Garbagnate-Serenella"
        or (len(piece.parts) == 2 and text.gap(piece.last) == "-")
        or opening & listed("elsewhere", "before")
        or closing & listed("elsewhere", "behind")
        or any(is_of_thing(part.text) for part in piece.parts[1:])
    )


def _people(text: Text, candidates: Mapping[str, _Candidate]) -> Iterator[Entity]:
    """Put the names of each person together, the fullest first."""
    sure = {key: one for key, one in candidates.items() if _is_person(one, candidates, text.language.code)}
    taken: set[str] = set()
    for key, one in sorted(sure.items(), key=lambda item: (-len(item[1].runs[0].parts), item[0])):
        if key in taken:
            continue
        own = {key, *(short for short in _short_forms(one.runs[0], sure) if short in candidates)}
        taken |= own
        together = [one, *(candidates[short] for short in sorted(own - {key}))]
        runs = [run for each in together for run in each.runs]
        forms = dict.fromkeys(" ".join(text.text[run.start : run.end].split()) for run in runs)
        name, *aliases = forms
        yield Entity(
            name=name,
            kind=EntityKind.PERSON,
            spans=tuple(sorted((run.start, run.end) for run in runs)),
            aliases=tuple(aliases),
            roles=tuple(dict.fromkeys(role for each in together for role in each.roles))[:_MOST_ROLES],
        )


def _is_person(one: _Candidate, candidates: Mapping[str, _Candidate], code: str) -> bool:
    parts = one.runs[0].parts
    content = [part for part in parts if part.text not in particles()]
    if len(content) > _LONGEST or one.barred >= max(2, one.sure + 1) or not _can_be_person(parts):
        return False
    if one.sure:
        return True
    if len(content) < 2 or one.barred:
        return False
    last = parts[-1].text
    if find_places(parts[0].text) or find_places(last):
        return False
    is_taken_up = fold(last) in candidates and not last.isupper()
    has_initial = any(len(part.text) == 1 for part in parts[1:-1]) or bool(_ROMAN.fullmatch(last))
    return bool(one.likely) + is_taken_up + has_initial >= (1 if code in _SPARING else 2)


def _can_be_person(parts: Sequence[Word]) -> bool:
    """Tell whether the letters are those of a person's name: no "BBC News", no "iPhone 3G"."""
    return not any(
        not part.text.replace(".", "").isalpha()
        or _INNER_CAPITAL.match(part.text)
        or (_is_acronym(part.text) and not (at and _ROMAN.fullmatch(part.text)))
        for at, part in enumerate(parts)
    )


def _is_acronym(word: str) -> bool:
    return len(word.replace(".", "")) > 1 and "." not in word and word.isupper()


def _short_forms(run: Run, sure: Mapping[str, _Candidate]) -> list[str]:
    """Give the shorter forms by which the bearer of a name is called: "Rutte", "von der Leyen", "Xi"."""
    words = [fold(part.text) for part in run.parts]
    if len(words) < 2:
        return []
    shorter = [" ".join(words[at:]) for at in range(1, len(words))]
    # "Mark Rutte" is "Mark Johan Rutte".
    shorter += [f"{words[0]} {' '.join(words[at:])}" for at in range(2, len(words))]
    return shorter if is_given_name(run.parts[0].text) else [*shorter, words[0]]


def _places(content: str, places: Iterable[PlaceMention], named: set[Span]) -> Iterator[Entity]:
    """Put the mentions of each place together."""
    mentions: dict[str, list[PlaceMention]] = defaultdict(list)
    spans = sorted(named)
    starts, ends = [start for start, _ in spans], list(accumulate((end for _, end in spans), max))
    for place in places:
        before = bisect_right(starts, place.start)
        if not before or ends[before - 1] <= place.start:
            mentions[place.code].append(place)
    for code, some in mentions.items():
        # An adjective names a place only where nothing else does.
        some.sort(key=lambda place: (place.demonym, place.start))
        forms = dict.fromkeys(content[place.start : place.end] for place in some if not place.demonym)
        name, *aliases = forms or [content[some[0].start : some[0].end]]
        yield Entity(
            name=name,
            kind=EntityKind.PLACE,
            spans=tuple(sorted((place.start, place.end) for place in some)),
            aliases=tuple(aliases),
            code=code,
        )
