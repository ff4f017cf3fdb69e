"""Runs of capitalised words in a text: what may be a name, with what stands before and behind it."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from retrieval.wording import Language, Word, fold, names_time, words

_JOINT = re.compile(r" |-|‐|‑| ?['’]|\. ?")
_OPENS = re.compile(r"(?:^|[.!?:;…\n\"“”«»„(–—•]|(?<=[\s.])-)[\s\"“”«»„'‘’(]*$")
# "J. Smith", "D'Angelo"
_INITIAL_ENDS = {".", "'", "’"}
_HYPHENS = {"-", "‐", "‑"}
# The second part of "Jong-un" has so many letters at the most.
_LONGEST_ENDING = 4
# A name of more words is none: a headline in capitals.
_LONGEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words of a text that may be one name; `first` and `last` are their places among all its words.

    `opens` where the first of them may owe its capital to the start of a sentence.
    """

    parts: tuple[Word, ...]
    first: int
    last: int
    opens: bool

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.parts[-1].end

    @property
    def key(self) -> str:
        """Its words, folded."""
        return name_key(self.parts)

    def cut(self, low: int, high: int) -> "Run":
        """Take some of its words."""
        return Run(
            parts=self.parts[low:high],
            first=self.first + low,
            last=self.first + min(high, len(self.parts)) - 1,
            opens=self.opens and low == 0,
        )

    def shortened(self) -> "Run":
        """Leave out its last letter, which is a genitive's."""
        *before, last = self.parts
        word = Word(last.text[:-1], last.start, last.end - 1)
        return Run(parts=(*before, word), first=self.first, last=self.last, opens=self.opens)


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its words and the language it is in."""

    text: str
    words: tuple[Word, ...]
    language: Language

    def gap(self, place: int) -> str:
        """Give what stands before a word, behind the one before it."""
        before = self.words[place - 1].end if place else 0
        end = self.words[place].start if place < len(self.words) else len(self.text)
        return self.text[before:end]

    def opens(self, place: int) -> bool:
        """Tell whether a word may owe its capital to the start of a sentence."""
        start = self.words[place].start
        return bool(_OPENS.search(self.text[max(0, start - 6) : start])) or start == 0


def name_key(parts: Sequence[Word]) -> str:
    """Write the words of a name as it is compared."""
    return " ".join(fold(part.text) for part in parts)


def find_runs(text: Text) -> list[Run]:
    """Find the runs of a text, in order."""
    found: list[Run] = []
    place = 0
    while place < len(text.words):
        if not _begins(text, place):
            place += 1
            continue
        last = place
        while (following := _goes_on(text, last)) is not None:
            last = following
        if last - place < _LONGEST:
            found.append(
                Run(parts=text.words[place : last + 1], first=place, last=last, opens=text.opens(place))
            )
        place = last + 1
    return found


def _begins(text: Text, place: int) -> bool:
    word = text.words[place]
    if not word.is_capitalised or names_time(word, text.language):
        return False
    lowered = word.text.lower()
    is_acronym = len(word.text) > 1 and word.text.isupper()
    return is_acronym or lowered not in text.language.function_words | text.language.asking_determiners


def _goes_on(text: Text, last: int) -> int | None:
    """Find the next word of a run: the following, or one behind the small words of a name."""
    following = last + 1
    if following >= len(text.words):
        return None
    if _is_joined(text, following) and text.words[following].is_capitalised:
        lowered = text.words[following].text.lower()
        is_initial = len(lowered) == 1 and text.gap(following + 1)[:1] in _INITIAL_ENDS
        if is_initial or lowered in particles() or _begins(text, following):
            return following
    if _ends_hyphened(text, following):
        return following
    place = following
    inside = particles(text.language.code)
    while place < len(text.words) and place - last <= 2 and text.words[place].text in inside:
        if not _is_joined(text, place):
            return None
        place += 1
    if place == following or place >= len(text.words):
        return None
    return place if _is_joined(text, place) and _begins(text, place) else None


def _ends_hyphened(text: Text, place: int) -> bool:
    """Tell whether a small word ends a name with a hyphen: "Kim Jong-un"."""
    word, before = text.words[place].text, text.words[place - 2] if place > 1 else None
    return (
        text.gap(place) in _HYPHENS
        and len(word) <= _LONGEST_ENDING
        and before is not None
        and before.is_capitalised
        and text.gap(place - 1) == " "
    )


def _is_joined(text: Text, place: int) -> bool:
    gap = text.gap(place)
    if not _JOINT.fullmatch(gap):
        return False
    before = text.words[place - 1].text
    return not gap.startswith(".") or len(before) == 1 or fold(before) in offices(text.language.code)


@cache
def particles(code: str | None = None) -> frozenset[str]:
    """The small words inside the names of people: in a text of a language, else those with a capital."""
    known = lists()["particles"]
    return frozenset(known.get(f"inside_{code}", known["inside" if code else "capitalised"]).split())


@cache
def offices(code: str) -> frozenset[str]:
    """The words of a language that name offices and occupations, folded."""
    listed = lists()["offices"]
    known = listed[code] if code in listed else " ".join(listed.values())
    return frozenset(fold(word) for word in known.split())


@cache
def lists() -> Mapping[str, Mapping[str, str]]:
    """Read what is known of the words of names."""
    return tomllib.loads(Path(__file__).with_name("entities.toml").read_text("utf-8"))


def listed(section: str, name: str) -> frozenset[str]:
    """Read one list, folded."""
    return _listed(section, name)


@cache
def _listed(section: str, name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in lists()[section].get(name, "").split())


def read_text(text: str, language: Language) -> Text:
    """Cut a text into words."""
    return Text(text, words(text), language)
