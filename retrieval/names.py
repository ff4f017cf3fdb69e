"""Names in a text: runs of capitalised words, and what they name: a person, a place, a group, a thing."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from retrieval.places import find_places, may_open_place
from retrieval.wording import Language, Word, fold, language_of, words

# What may stand between two words of one name: "Jean-Luc", "O’Brian", "J. Smith"; or a small word.
_GAP = re.compile(r" |-|['’]|\. ?")
_LINK = re.compile(
    r" (?:of|of the|and the|de|de la|del|della|di|da|dos|du|van|van der|van den|von|von der|bin|al|el|af) "
)
_QUOTATION = re.compile(r"[\"“«]([^\"“”«»]{2,40}?)[,.]?[\"”»]")
_SENTENCE_END = re.compile(r"[.!?:;…\"“”«»(–—\n]")


class Sort(StrEnum):
    """What a name names, as far as the name itself tells."""

    MAN = "he"
    WOMAN = "she"
    PERSON = "person"
    PLACE = "place"
    GROUP = "they"
    THING = "it"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as it stands in a text, half-open.

    `after_the` where an article stands before it, `opens` where it is one word that may owe its capital to
    the start of a sentence, `acts` where a verb follows.
    """

    text: str
    start: int
    end: int
    sort: Sort
    after_the: bool = False
    opens: bool = False
    acts: bool = False


@lru_cache(maxsize=4096)
def names_in(text: str, code: str | None) -> tuple[Name, ...]:
    """Find the names of a text, in order."""
    language = language_of(code)
    titled = _titles(text)
    return tuple(
        name
        for run in _runs(text, language, titled)
        for name in _cut_at_places(text, run, language)
        if len(name.text) > 1
    )


def is_office(word: str) -> bool:
    """Tell whether a word names an office or another title of a person: "minister"."""
    return word.title() in _lists()["titles"]


def is_given(word: str) -> bool:
    """Tell whether a word is a given name that one sex bears."""
    return _given(word) is not None


def is_of_group(word: str) -> bool:
    """Tell whether a word stands in names of groups: "committee"."""
    return fold(word) in _lists()["groups"]


def is_of_thing(word: str) -> bool:
    """Tell whether a word stands in names of things: "bridge"."""
    return fold(word) in _lists()["things"]


def _titles(text: str) -> list[tuple[int, int]]:
    """Find the works whose titles stand in quotation marks."""
    return [
        match.span(1)
        for match in _QUOTATION.finditer(text)
        if all(word.is_capitalised for word in words(match[1])[:1] + words(match[1])[-1:])
    ]


def _runs(text: str, language: Language, titled: Sequence[tuple[int, int]]) -> Iterator[list[Word]]:
    run: list[Word] = []
    for word in words(text):
        if not (_can_name(word, language) or any(start <= word.start < end for start, end in titled)):
            continue
        if run and not _belongs(text, run[-1], word, titled):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _can_name(word: Word, language: Language) -> bool:
    lowered = word.text.lower()
    if not word.is_capitalised or lowered in language.calendar:
        return False
    is_acronym = len(word.text) > 1 and word.text.isupper()
    return is_acronym or lowered not in language.function_words | language.asking_determiners


def _belongs(text: str, last: Word, word: Word, titled: Sequence[tuple[int, int]]) -> bool:
    for start, end in titled:
        if (start <= last.start < end) != (start <= word.start < end):
            return False
        if start <= word.start < end:
            return True
    gap = text[last.end : word.start]
    if gap.startswith("."):
        return len(last.text) == 1 or last.text in _lists()["titles"]
    return bool(_GAP.fullmatch(gap) or _LINK.fullmatch(gap))


def _cut_at_places(text: str, run: list[Word], language: Language) -> Iterator[Name]:
    """Take a demonym and an office off a name: "French explorer", "Judge Perry", "President Clinton"."""
    demonyms = [
        mention
        for mention in (find_places(text[: run[-1].end]) if may_open_place(run[0].text) else ())
        if mention.demonym and mention.start == run[0].start
    ]
    was_titled = False
    while run and (run[0].text in _lists()["titles"] or (demonyms and run[0].end <= demonyms[0].end)):
        was_titled |= run[0].text in _lists()["titles"]
        run = run[1:]
    given = next((at for at, word in enumerate(run) if _given(word.text)), 0)
    if 0 < given < len(run) - 1 and not (_holds(run, "things") or _holds(run, "groups")):
        was_titled, run = True, run[given:]
    if run:
        yield _name(text, run, language, was_titled=was_titled)


def _holds(run: Sequence[Word], listed: str) -> bool:
    return any(fold(word.text) in _lists()[listed] for word in run)


def _name(text: str, run: Sequence[Word], language: Language, *, was_titled: bool) -> Name:
    start, end = run[0].start, run[-1].end
    before = text[:start].rstrip()
    following = text[end : end + 1]
    following_word = next(iter(words(text[end : end + 20])), None)
    is_titled = before[-1:] in ('"', "“", "«") and following in ('"', "”", "»", ",", ".")
    last = next((word.text for word in reversed(words(text)) if word.end <= start), "")
    after_the = last.lower() == "the" and before.endswith(last)
    sort = _sort(text[start:end], run, is_titled=is_titled, after_the=after_the, was_titled=was_titled)
    opens = not before or (bool(_SENTENCE_END.match(before[-1])) and not is_titled)
    return Name(
        text=text[start:end],
        start=start,
        end=end,
        sort=Sort.PLACE if sort is Sort.UNKNOWN and last.lower() in language.setting else sort,
        after_the=after_the,
        opens=opens and len(run) == 1,
        acts=_acts(following_word, language),
    )


def _acts(word: Word | None, language: Language) -> bool:
    """Tell whether a word goes on a sentence behind its subject: "was", "called"."""
    lowered = word.text.lower() if word else ""
    return lowered in language.helping | language.cues or (language.code == "en" and lowered.endswith("ed"))


def _sort(text: str, run: Sequence[Word], *, is_titled: bool, after_the: bool, was_titled: bool) -> Sort:
    places = find_places(text)
    if places and places[0].start == 0 and places[0].end == len(text):
        return Sort.PLACE
    if _holds(run, "things"):
        return Sort.THING
    if after_the or _holds(run, "groups") or " and " in text or (len(run) == 1 and run[0].text.isupper()):
        return Sort.GROUP
    if is_titled:
        return Sort.THING
    is_joined = len(run) == 2 and text[run[0].end - run[0].start] == "-"
    if not is_joined and (given := _given(run[0].text)):
        return given
    return Sort.PERSON if was_titled else Sort.UNKNOWN


def _given(word: str) -> Sort | None:
    folded = fold(word)
    lists = _lists()
    return Sort.MAN if folded in lists["he"] else Sort.WOMAN if folded in lists["she"] else None


@cache
def _lists() -> dict[str, frozenset[str]]:
    data = tomllib.loads(Path(__file__).with_name("given_names.toml").read_text("utf-8"))
    return {name: frozenset(listed.split()) for name, listed in data.items()}
