"""What finding speech needs to know of a language, and a line of text cut for it."""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from retrieval.passages import Span
from retrieval.wording import Language, Word, language_of, words

_QUOTATION = re.compile(r"[“„«”][^“”„«»]*[”“»]|\"[^\"“”]*[\"”]|''(?:(?!'').)*''|[“„«][^“”„«»]*$|\"[^\"]*$")
_ENDS_CLAUSE = re.compile(r"[,;:()\[\]–—“”„\"«»?!…]|''|--|\s-\s")
_WORD = re.compile(r"\w")
_ENDS_CRY = re.compile(r"[?!…]['”\"»]+$")
_SIGNS = " \t\xa0,;:–—-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The words of a language that show where a source, a cue and content begin and end.

    `lists` are those of `speech.toml`; `phrases` are cues of two words, "called for"; `according` holds
    what names a speaker without a verb, "according to", by its last word; `telling` are the words without
    which no cue begins or, of these, ends; `verb_second` is true of a language whose subject follows the
    verb where something else opens the sentence, `inverts` of one whose subject can follow it behind any
    comma.
    """

    language: Language
    cues: frozenset[str]
    lists: dict[str, frozenset[str]]
    phrases: frozenset[str]
    according: dict[str, list[str]]
    telling: frozenset[str]
    adverb_ending: str
    participle_ending: str
    verb_second: bool
    inverts: bool

    def has(self, word: Word, *names: str) -> bool:
        """Tell whether a word is in one of the lists."""
        lowered = word.text.lower()
        return any([lowered in self.lists.get(name, ()) for name in names])

    def is_participle(self, word: Word) -> bool:
        """Tell whether a verb has no subject of its own: "adding"."""
        return word.text.lower().endswith(self.participle_ending)

    def is_adverb(self, word: Word) -> bool:
        """Tell whether a word stands between a verb and its auxiliary, or before the verb."""
        if self.adverb_ending and word.text.lower().endswith(self.adverb_ending):
            return not self.has(word, "not_adverbs")
        return self.has(word, "adverbs")


@cache
def grammar_of(code: str | None) -> Grammar | None:
    """Load what is known of a language; None where nothing is."""
    data = tomllib.loads(Path(__file__).with_name("speech.toml").read_text("utf-8")).get(code or "")
    if data is None:
        return None
    lists = {name: frozenset(some.split()) for name, some in data.items() if isinstance(some, str)}
    language = language_of(code)
    cues = (language.cues | lists["cues"]) - lists.get("silent", frozenset())
    phrases = frozenset[str](data.get("phrases", ()))
    according: dict[str, list[str]] = {}
    for phrase in language.according:
        according.setdefault(phrase.split()[-1], []).append(phrase)
    return Grammar(
        language=language,
        cues=cues,
        lists=lists,
        phrases=phrases,
        according=according,
        telling=cues.union(according, lists.get("seeming", ()), (phrase.split()[0] for phrase in phrases)),
        adverb_ending=data.get("adverb_ending", ""),
        participle_ending=data["participle_ending"],
        verb_second=data.get("verb_second", False),
        inverts=data.get("inverts", False),
    )


@dataclass(slots=True, kw_only=True)
class Unit:
    """A sentence, or several that one quotation binds together; `words` are those outside quotations.

    `is_headline` says that most words have a capital, so that a verb has one too. `cues` are the first and
    the last word of each, by number, `cue_words` all their words.
    """

    text: str
    start: int
    end: int
    quotations: list[Span]
    words: list[Word]
    grammar: Grammar
    is_headline: bool
    cues: list[tuple[int, int]] = field(default_factory=list)
    cue_words: set[int] = field(default_factory=set)

    def gap(self, place: int) -> str:
        """The signs before a word, back to the word before it."""
        return self.text[self.words[place - 1].end : self.words[place].start]

    def inside(self, span: Span) -> list[Word]:
        """Give the words of a place in the text."""
        return [word for word in self.words if span[0] <= word.start and word.end <= span[1]]

    def begins_clause(self, place: int) -> bool:
        """Tell whether a word is the first, or behind a sign that ends a clause."""
        return not place or bool(_ENDS_CLAUSE.search(self.gap(place)))

    def clause_start(self, place: int) -> int:
        """Find the first word of the clause that a word is in."""
        while not self.begins_clause(place):
            place -= 1
        return place

    def ends_phrase(self, place: int, phrase: str) -> bool:
        """Tell whether the words of a phrase end at a place."""
        parts = phrase.split()
        if self.words[place].text.lower() != parts[-1]:
            return False
        return [word.text.lower() for word in self.words[max(0, place + 1 - len(parts)) : place + 1]] == parts

    def ends_quotation(self, place: int) -> bool:
        """Tell whether a quotation ends right before a place in the text."""
        last = max((end for _, end in self.quotations if end <= place), default=None)
        return last is not None and not self.text[last:place].strip(_SIGNS)

    def strip(self, start: int, end: int) -> list[Span]:
        """Leave out the signs at both ends but what stands inside a quotation; none where nothing is left."""
        closed = {stop for _, stop in self.quotations}
        while start < end and self.text[start] in _SIGNS + ".!?":
            start += 1
        ending = _SIGNS + "." + ("" if "(" in self.text[start:end] else ")")
        while end > start and end not in closed and self.text[end - 1] in ending:
            end -= 1
        return [(start, end)] if _WORD.search(self.text, start, end) else []


def units(line: str, sentences: Sequence[Span], grammar: Grammar) -> Iterator[Unit]:
    """Give the sentences of a line; those that one quotation binds together are one."""
    quotations = [match.span() for match in _QUOTATION.finditer(line)]
    opening = [low for low, _ in quotations]

    def is_quoted(place: int) -> bool:
        last = bisect_right(opening, place) - 1
        return last >= 0 and place < quotations[last][1]

    merged: list[Span] = []
    for start, end in sentences:
        before = merged[-1][1] if merged else 0
        is_bound = is_quoted(start) and is_quoted(start - 1)
        if merged and (is_bound or _tells_who(line[max(0, before - 4) : before], line[start:end], grammar)):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    spoken = [word for word in words(line) if not (quotations and is_quoted(word.start))]
    starts = [word.start for word in spoken]
    for start, end in merged:
        inside = quotations[bisect_left(opening, start) : bisect_left(opening, end)]
        outside = spoken[bisect_left(starts, start) : bisect_left(starts, end)]
        yield Unit(
            text=line,
            start=start,
            end=end,
            quotations=[(low, min(high, end)) for low, high in inside],
            words=outside,
            grammar=grammar,
            is_headline=_is_headline(outside),
        )


def _is_headline(some: Sequence[Word]) -> bool:
    long = [word for word in some if len(word.text) > 3]
    return len(long) > 3 and sum(word.is_capitalised for word in long) > 0.7 * len(long)


def _tells_who(before: str, sentence: str, grammar: Grammar) -> bool:
    """Tell whether a sentence only says whose the question or cry before it is: “Who?” Okafor asked."""
    if not _ENDS_CRY.search(before):
        return False
    for word in words(sentence)[:6]:
        if word.text.lower() in grammar.cues:
            is_last = sentence[word.end :][:1] in {"", ".", ","}
            return is_last or word.start == 0 or grammar.has(word, "hearers")
    return False
