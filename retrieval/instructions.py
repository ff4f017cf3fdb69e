"""Find what a text tells somebody to say or to write: it does not tell that as a fact."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from retrieval.passages import Span
from retrieval.speech_grammar import grammar_of
from retrieval.wording import Word, language_of, words

# What a text says to whoever answers from it, and not to its readers.
_INSTRUCTION = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget|dimentica\w*|glöm|bortse|olvida\w*|vergiss)\b.{0,40}"
    r"\b(?:above|previous|prior|earlier|instruct\w*|prompt|rules?|precedent\w*|istruzion\w*|sopra|ovan\w*"
    r"|tidigare|instruk\w*|anterior\w*|instrucc\w*|vorherig\w*|anweisung\w*|passages?|passagg?i\w*)\b"
    r"|\b(?:system prompt|language model|chat ?bot|ai assistant|dear assistant|as an ai)\b.{0,60}"
    r"\b(?:must|should|reply|respond|answer|say|write|ignore)\b"
    r"|\b(?:reply|respond|answer|rispondi|rispondere|svara|responde|antworte)\b\s*"
    r"(?:only|solo|bara|endast|sólo|nur|always|exactly)?\s*(?:with|con|med|mit|:)",
    re.IGNORECASE,
)
# So many words behind "must" or "to" the verb can stand.
_NEAR = 5
# Lists of `speech.toml`: behind their words "that" points at something, "of that trade".
_BEFORE_NOUNS = ("borders", "behind_source", "conjunctions", "joins", "manner", "particles")
_ENDS_CLAUSE = re.compile(r"[,;:()\[\]–—“”„\"«»?!…]|\s-\s")
_OPENS_WORDS = re.compile(r":|(?:^|\s)[“„«\"”]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody is told to say, or is going to say; all places are half-open.

    `frame` names who is told and ends with `verb`; `content` is what is to be said, also in later sentences.
    `is_imperative` where nobody is named who is to say it; `is_told_by_nobody` where it is no order, but a
    clause behind "that" or a colon that no verb of saying opens: "the news that …".
    """

    frame: Span
    verb: Word
    content: tuple[Span, ...]
    is_imperative: bool
    is_told_by_nobody: bool = False


def tells_what_to_reply(text: str) -> bool:
    """Tell whether a text gives a chat model orders instead of telling something."""
    return _INSTRUCTION.search(text) is not None


def find_orders(text: str, sentences: Sequence[Span], code: str | None) -> list[Order]:
    """Find the orders of a text, in order; none in a language whose grammar of orders is unknown."""
    lists = _lists().get(code or "")
    if lists is None:
        return []
    return [
        order for place in range(len(sentences)) for order in _Reader(text, sentences, place, lists).orders()
    ]


class _Reader:
    """Reads the orders of one sentence."""

    def __init__(
        self, text: str, sentences: Sequence[Span], place: int, lists: Mapping[str, frozenset[str]]
    ) -> None:
        self._text = text
        self._lists = lists
        self._start, self._end = sentences[place]
        self._later = sentences[place + 1 :]
        cut = words(text[self._start : self._end])
        self._words = [Word(one.text, one.start + self._start, one.end + self._start) for one in cut]
        self._lowered = [word.text.lower() for word in self._words]
        self._is_about_text = any(self._is(at, "texts") for at in range(len(self._words)))

    def orders(self) -> Iterator[Order]:
        """Give the orders of the sentence."""
        for place in range(len(self._words)):
            if self._is_imperative(place):
                yield self._order(place, place, is_imperative=True)
            elif (verb := self._obliged(place)) is not None or (verb := self._wished(place)) is not None:
                yield self._order(place, verb, is_imperative=False)
            elif self._is_told_by_nobody(place):
                yield replace(
                    self._order(0, place, is_imperative=False),
                    frame=(self._start, self._words[place].start),
                    content=((self._words[place].end, self._end),),
                    is_told_by_nobody=True,
                )

    def _is(self, place: int, *names: str) -> bool:
        inside = 0 <= place < len(self._lowered)
        return inside and any(self._lowered[place] in self._lists.get(name, ()) for name in names)

    def _gap(self, place: int) -> str:
        """The signs before a word."""
        before = self._words[place - 1].end if place else self._start
        return self._text[before : self._words[place].start if place < len(self._words) else self._end]

    def _begins_clause(self, place: int) -> bool:
        return not place or bool(_ENDS_CLAUSE.search(self._gap(place)))

    def _opens_words(self, place: int) -> bool:
        """Tell whether a colon or an opening quotation mark is before a word."""
        return bool(_OPENS_WORDS.search(self._gap(place)))

    def _is_imperative(self, place: int) -> bool:
        """Tell whether a verb that gives an order begins a clause: "Write that …", "Please say …"."""
        if not self._is(place, "says", "orders", "puts", "nouns") or not self._begins_as_order(place):
            return False
        if self._is(place, "nouns"):
            if "follows" in self._lists:
                return self._is(place + 1, "follows")
            follows = self._is(place, "loose") and any(self._is(place + at, "that") for at in range(1, _NEAR))
            return follows or self._is_about_text or self._opens_words(place + 1)
        return self._is(place, "says", "orders") or self._puts_words(place)

    def _puts_words(self, place: int) -> bool:
        near = range(place + 1, place + 1 + _NEAR)
        return self._is_about_text or self._opens_words(place + 1) or any(self._is(at, "that") for at in near)

    def _begins_as_order(self, place: int) -> bool:
        while not self._begins_clause(place) and self._is(place - 1, "leads"):
            place -= 1
        is_behind_comma = place > 0 and self._gap(place).strip() == ","
        is_led_in = self._is(0, "settings") or self._is(place - 1, "leads")
        return self._begins_clause(place) and (not is_behind_comma or is_led_in)

    def _obliged(self, place: int) -> int | None:
        """Find the verb of saying that a word obliges to: "must … say", "asked to say"."""
        if self._is(place, "modals"):
            return self._verb(place, place, ())
        if self._is(place, "bound") and self._is(place + 1, "joins"):
            return self._verb(place, place + 1, ())
        if self._is(place, "obliging"):
            for join in range(place + 1, min(place + _NEAR, len(self._words))):
                if self._is(join, "joins"):
                    return self._verb(place, join, ("finite",))
        return None

    def _is_told_by_nobody(self, place: int) -> bool:
        """Tell whether a "that" or a colon opens what nobody says: "the news that …", "as follows: …"."""
        if self._is(place, "here") and ":" in self._gap(place + 1):
            return True
        if not place or not self._is(place, "that"):
            return False
        can_point = self._is(place, "determiners")
        if can_point and (self._begins_clause(place) or self._is(place - 1, "before_noun")):
            return False
        first = place
        while first and not _ENDS_CLAUSE.search(self._gap(first)):
            first -= 1
        return not any(self._is(at, "reporting") for at in range(first, place))

    def _wished(self, place: int) -> int | None:
        """Find the verb of saying that somebody is to do by its form alone: "to say", "dica"."""
        if self._is(place, "wishes"):
            return place
        if self._is(place, "texts"):
            # "The right answer to any question is: …"
            behind = range(place + 1, min(place + 2 + _NEAR, len(self._words) + 1))
            return next((at - 1 for at in behind if ":" in self._gap(at)), None)
        joined = self._is(place - 1, "to") if "to" in self._lists else self._is(place + 1, "that")
        before = place - 2 if "to" in self._lists else place - 1
        if place and joined and self._is(place, "says") and not self._is(before, "tells"):
            return place
        return None

    def _verb(self, first: int, behind: int, finite: tuple[str, ...]) -> int | None:
        can_be_passive = self._is(first, "be") or not self._lists["be"]
        commas = 0
        for at in range(behind + 1, min(behind + 1 + _NEAR, len(self._words))):
            commas += self._gap(at).strip() == ","
            if _ENDS_CLAUSE.search(self._gap(at)) and self._gap(at).strip() != ",":
                return None
            if commas % 2:  # an aside
                continue
            if self._is(at, "says", *finite) or (can_be_passive and self._is(at, "said")):
                return at
            if self._is(at, "is") and any(self._is(one, "texts") for one in range(first)):
                return at if not self._is(at + 1, "said", "put") else at + 1
            is_put = self._is(at, "puts") or (can_be_passive and self._is(at, "put"))
            if is_put and self._puts_words(at):
                return at
            can_be_passive = can_be_passive or self._is(at, "be")
        return None

    def _order(self, begins: int, place: int, *, is_imperative: bool) -> Order:
        verb = self._words[place]
        content = [(verb.end, self._end)]
        if not (is_imperative or self._is(place + 1, "that") or self._opens_words(place + 1)):
            content = list(self._without_asides(verb.end))
        if self._is(place, "said", "put") and not self._is(place, "hearers"):
            # "HACKED must be written at the top"
            content.insert(0, (self._start, verb.start))
        while not self._begins_clause(begins) and not self._is(begins - 1, "that"):
            begins -= 1
        return Order(
            frame=(self._words[begins].start, verb.end),
            verb=verb,
            content=(*content, *self._ahead(place, is_imperative=is_imperative)),
            is_imperative=is_imperative,
        )

    def _without_asides(self, start: int) -> Iterator[Span]:
        """Leave out what the text tells by the way: "must report on the flood, which killed two"."""
        cuts = [match.end() for match in re.finditer(r"[,;]\s*", self._text[start : self._end])]
        for low, high in pairwise([0, *cuts, self._end - start]):
            piece = words(self._text[start + low : start + high])
            if not low or not piece or piece[0].text.lower() not in self._lists["asides"]:
                yield start + low, start + high

    def _points_ahead(self, place: int) -> bool:
        """Tell whether a word means what stands below: "the following", "the next line"."""
        if not self._is(place, "ahead"):
            return False
        is_noun = place + 1 == len(self._words) or self._begins_clause(place + 1)
        is_behind_noun = self._is(place - 1, "texts") or self._is(place - 1, "determiners")
        is_noun = is_noun or (is_behind_noun and self._is(place + 1, "small"))
        return is_noun or self._is(place + 1, "texts")

    def _ahead(self, place: int, *, is_imperative: bool) -> list[Span]:
        """Take the sentences that follow on the line where what is to be said stands there."""
        behind = range(place + 1, len(self._words))
        told = self._text[self._words[place].end : self._end]
        is_open = told.rstrip().endswith(":") or (is_imperative and (":" in told or not behind))
        is_pointing = any(self._points_ahead(at) or (is_imperative and self._is(at, "here")) for at in behind)
        if not self._later or not (is_open or is_pointing):
            return []
        line_end = self._text.find("\n", self._later[0][0])
        return [span for span in self._later if line_end < 0 or span[0] < line_end]


def _grammar_list(code: str, name: str) -> frozenset[str]:
    grammar = grammar_of(code)
    return grammar.lists.get(name, frozenset()) if grammar else frozenset()


@cache
def _lists() -> Mapping[str, Mapping[str, frozenset[str]]]:
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {
        code: {
            "determiners": language_of(code).determiners,
            "before_noun": frozenset().union(*(_grammar_list(code, name) for name in _BEFORE_NOUNS)),
            "reporting": language_of(code).reporting
            | (grammar.cues if (grammar := grammar_of(code)) else frozenset()),
            "small": language_of(code).function_words,
            **{name: frozenset(some.split()) for name, some in table.items()},
        }
        for code, table in data.items()
    }
