"""Where a text says who says what: the places of each source, cue and content, by rules of grammar.

The terms and what counts as part of each are PolNeAR's (Newell et al., 2018): a source keeps its title and
what stands beside it, a cue its auxiliaries, content its quotation marks. `attribution.attribute` tells of
a sentence whose words it reports; here one sentence may hold several attributions.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from retrieval.passages import Span, split_sentences
from retrieval.wording import Language, Word, language_of, names_time, words

_QUOTATION = re.compile(
    r"[“„«”][^“”„«»]*[”“»]|\"[^\"“”]*[\"”]|''(?:(?!'').)*''|[“„«][^“”„«»]*$|\"[^\"]*$"
)
_BORDER = re.compile(r"[,;:()\[\]–—“”„\"«»?!…]|''|--|\s-\s")
_SIGNS = " \t\xa0,;:–—-"
_JOINT = r"[,;]?\s*(?:[,;—–]|\b(?:and|but|while|although|though|as|e|ed|ma|mentre|och|men|medan))$"
_BESIDE = {",", "—", "–", "--", "-"}
_COLON = re.compile(r"([^\W\d_][^:.!?“”\"«»,;]{1,80})(:)\s+(?=[“„«\"”]|'')")


@dataclass(frozen=True, slots=True)
class Speech:
    """One attribution as half-open places in a text; a part may be torn into several, or be absent."""

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]


@dataclass(frozen=True)
class _Grammar:
    """The words of a language that show where a source, a cue and content begin and end."""

    language: Language
    cues: frozenset[str]
    lists: Mapping[str, frozenset[str]]
    particles: frozenset[str]
    adverb_ending: str
    participle_ending: str
    infinitive: str

    @classmethod
    def from_lists(cls, language: Language, data: Mapping[str, str | list[str]]) -> "_Grammar":
        """Read the lists of one language."""
        lists = {name: frozenset(some.split()) for name, some in data.items() if isinstance(some, str)}
        return cls(
            language=language,
            cues=(language.cues | lists["cues"]) - lists["silent"],
            lists=lists,
            particles=frozenset(data["particles"]),
            adverb_ending=str(data["adverb_ending"]),
            participle_ending=str(data["participle_ending"]),
            infinitive=str(data["infinitive"]),
        )

    def has(self, word: Word, *names: str) -> bool:
        """Tell whether a word is in one of the lists."""
        return any(word.text.lower() in self.lists[name] for name in names)

    def is_according(self, unit: "_Unit", place: int) -> bool:
        """Tell whether a phrase that names a speaker without a verb ends with a word."""
        return any(ends(unit, place, phrase) for phrase in self.language.according)

    def is_particle(self, unit: "_Unit", place: int) -> bool:
        """Tell whether a verb and the small word behind it are one cue: "called for"."""
        pair = unit.words[place : place + 2]
        lowered = pair[0].text.lower()
        if " ".join(word.text.lower() for word in pair) in self.particles:
            return True
        return lowered in self.cues and self.has(pair[1], "takes") and not unit.breaks(place, place + 1)


@dataclass(slots=True)
class _Unit:
    """A sentence, or several that one quotation binds together; `words` are those outside quotations."""

    text: str
    start: int
    end: int
    quotations: list[Span]
    words: list[Word]
    grammar: _Grammar
    cues: list[tuple[int, int]] = field(default_factory=list)

    @property
    def is_headline(self) -> bool:
        """Whether most words have a capital: a verb has one there too."""
        long = [word for word in self.words if len(word.text) > 3]
        return len(long) > 3 and sum(word.is_capitalised for word in long) > 0.7 * len(long)

    def breaks(self, left: int, right: int) -> bool:
        """Tell whether a sign between two neighbouring words ends a clause."""
        return bool(_BORDER.search(self.gap(left, right)))

    def gap(self, left: int, right: int) -> str:
        """The signs between two words."""
        return self.text[self.words[left].end : self.words[right].start]

    def is_cue(self, place: int) -> bool:
        """Tell whether a word belongs to a cue."""
        return any(first <= place <= last for first, last in self.cues)

    def strip(self, start: int, end: int) -> Span | None:
        """Leave out the signs at both ends; a mark inside a quotation stays."""
        closed = {stop for _, stop in self.quotations}
        while start < end and self.text[start] in _SIGNS + ".!?":
            start += 1
        while end > start and end not in closed and self.text[end - 1] in _SIGNS + ".":
            end -= 1
        if end > start and self.text[end - 1] == ")" and "(" not in self.text[start:end]:
            return self.strip(start, end - 1)
        return (start, end) if start < end else None


@dataclass(slots=True)
class _Found:
    cue: Span
    source: Span | None
    content: list[Span]
    begins: int
    follows: bool = False


def find_speech(text: str, code: str | None) -> list[Speech]:
    """Find all attributions of a text, in the order of their cues."""
    grammar = _grammar(code)
    found: list[Speech] = []
    offset = 0
    waits = False
    for line in text.split("\n") if grammar else ():
        if line.strip() and waits and found:
            # She said:
            # “It rained.”
            start, end = offset + len(line) - len(line.lstrip()), offset + len(line.rstrip())
            end -= line[:end - offset].endswith(".")
            found[-1] = replace(found[-1], content=((start, end),))
            waits = False
        else:
            found += _find_in_line(line, offset, grammar)
        if line.strip():
            found = [one for one in found[:-1] if one.content] + found[-1:]
            waits = bool(found) and not found[-1].content and line.rstrip().endswith(":")
        offset += len(line) + 1
    return [one for one in found if one.content]


def _find_in_line(line: str, offset: int, grammar: _Grammar) -> Iterator[Speech]:
    before: list[_Found] = []
    before_quotations: list[Span] = []
    every: list[_Found] = []
    for unit in _units(line, grammar):
        found = _find_in_unit(unit)
        whole = unit.strip(unit.start, unit.end)
        # “It rained,” she said. “It snowed too.”
        if whole and not found and before and whole in unit.quotations:
            quoted = [one for one in before if one.content and one.content[-1][1] in {end for _, end in before_quotations}]
            (quoted or before)[-1].content.append(whole)
            before_quotations = unit.quotations
            continue
        before_quotations = unit.quotations
        every += found
        before = found
    for one in every:
        yield Speech(
            source=_moved([one.source] if one.source else [], offset),
            cue=_moved([one.cue], offset),
            content=_moved(one.content, offset),
        )


def _moved(spans: Sequence[Span], offset: int) -> tuple[Span, ...]:
    return tuple((start + offset, end + offset) for start, end in spans)


def _units(line: str, grammar: _Grammar) -> Iterator[_Unit]:
    """Cut a line into sentences, but never inside a quotation."""
    quotations = [match.span() for match in _QUOTATION.finditer(line)]
    merged: list[Span] = []
    for start, end in split_sentences(line):
        goes_on = any(low < start < high and low < merged[-1][1] for low, high in quotations) if merged else False
        if goes_on or (merged and _tells_who(line, merged[-1][1], line[start:end], grammar)):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    every = words(line)
    for start, end in merged:
        spoken = [word for word in every if start <= word.start < end and not _inside(word.start, quotations)]
        inside = [(max(low, start), min(high, end)) for low, high in quotations if start <= low < end]
        yield _Unit(line, start, end, inside, spoken, grammar)


def _tells_who(line: str, before: int, sentence: str, grammar: _Grammar) -> bool:
    """Tell whether a sentence is but the source of a question or cry before it: “Who?” Okafor asked."""
    if not re.search(r"[?!…]['”\"»]+$", line[:before]):
        return False
    for word in words(sentence)[:6]:
        if word.text.lower() in grammar.cues:
            is_hearer = grammar.has(word, "hearers")
            return is_hearer or word.start == 0 or not sentence[word.end : word.end + 1].strip(".,")  and sentence[word.end:word.end+1] != " " or sentence[word.end : ].strip() in ("", ".")
    return False


def _find_in_unit(unit: _Unit) -> list[_Found]:
    unit.cues = _cues(unit)
    found: list[_Found] = []
    for first, last in unit.cues:
        one = _according(unit, first, last) if unit.grammar.is_according(unit, last) else None
        one = one or _spoken(unit, first, last, found)
        waits = unit.text[unit.words[last].end :].strip() == ":"
        if one and (one.content or waits):
            found.append(one)
    colon = _COLON.match(unit.text, unit.start)
    if not found and colon and not unit.cues:
        found.append(_Found(colon.span(2), colon.span(1), _rest(unit, colon.end()), unit.start))
    for one, after in zip(found, found[1:], strict=False):
        _cut(unit, one, after)
    return found


def _cut(unit: _Unit, one: _Found, after: _Found) -> None:
    """End content where another attribution begins beside it, not within it."""
    if one.follows or after.follows or not one.content:
        return
    start, end = one.content[-1]
    lead = unit.text[start : after.begins].rstrip()
    parted = re.search(_JOINT, lead)
    if start < after.begins < end and (parted or after.source == one.source):
        low = unit.strip(start, start + (parted.start() if parted else len(lead)))
        one.content[-1:] = [low] if low else []


def _rest(unit: _Unit, start: int) -> list[Span]:
    span = unit.strip(start, unit.end)
    return [span] if span else []


def _cues(unit: _Unit) -> list[tuple[int, int]]:
    """Find the words of each cue: a reporting verb with its auxiliaries, or "according to"."""
    found: list[tuple[int, int]] = []
    grammar = unit.grammar
    for place in range(len(unit.words)):
        last = place
        if grammar.is_according(unit, place):
            phrase = max(len(one.split()) for one in grammar.language.according if ends(unit, place, one))
            found.append((place - phrase + 1, place))
            continue
        is_pair = place + 1 < len(unit.words) and grammar.is_particle(unit, place)
        if not _is_verb(unit, place) and not (is_pair and _may_be_verb(unit, place)):
            continue
        last += is_pair
        first = _with_auxiliaries(unit, place)
        if found and first <= found[-1][1]:
            found.pop()
        found.append((first, last))
    return found


def ends(unit: _Unit, place: int, phrase: str) -> bool:
    """Tell whether the words of a phrase end at a place."""
    parts = phrase.split()
    return [word.text.lower() for word in unit.words[max(0, place - len(parts) + 1) : place + 1]] == parts


def _may_be_verb(unit: _Unit, place: int) -> bool:
    """Tell whether a word stands where a verb can: "the claim" and "so-called" are none."""
    word = unit.words[place]
    if place and ((word.is_capitalised and not unit.is_headline) or "-" in unit.text[word.start - 1 : word.end + 1]):
        return False
    if not place or unit.breaks(place - 1, place):
        return True
    before = unit.words[place - 1]
    if before.text.lower() == "s" and place > 1 and not unit.grammar.has(unit.words[place - 2], "subjects"):
        # "the mayor's proposed wall", but "he's proposed a wall" and "the mayor's asking".
        return word.text.lower().endswith(unit.grammar.participle_ending)
    return not unit.grammar.has(before, "noun_follows")


def _is_verb(unit: _Unit, place: int) -> bool:
    grammar, word = unit.grammar, unit.words[place]
    lowered = word.text.lower()
    if grammar.has(word, "seeming"):
        return place + 1 < len(unit.words) and _may_be_verb(unit, place)
    if lowered not in grammar.cues or not _may_be_verb(unit, place):
        return False
    if not place or unit.breaks(place - 1, place):
        return lowered not in grammar.lists["nominal"]
    before = unit.words[place - 1]
    if lowered in grammar.lists["nominal"]:
        plural = before.text.endswith("s") and not lowered.endswith("s")
        return grammar.has(before, "subjects", "auxiliaries", "adverbs") or before.is_capitalised or plural
    return True


def _with_auxiliaries(unit: _Unit, place: int) -> int:
    """Find the first word of a verb with what stands before it: "has also said", "declined to say"."""
    grammar = unit.grammar
    first = place
    while first and not unit.breaks(first - 1, first):
        before = unit.words[first - 1]
        lowered = before.text.lower()
        ending = grammar.adverb_ending
        if before.is_capitalised and before.start != unit.start:
            break
        is_adverb = bool(ending) and lowered.endswith(ending) and not grammar.has(before, "not_adverbs")
        if is_adverb or grammar.has(before, "auxiliaries", "adverbs"):
            first -= 1
        elif lowered == grammar.infinitive and first > 1 and not unit.breaks(first - 2, first - 1):
            governing = unit.words[first - 2].text.lower()
            if governing not in grammar.cues and governing not in grammar.lists["governing"]:
                break
            first -= 2
        else:
            break
    return first


def _according(unit: _Unit, first: int, last: int) -> _Found | None:
    source = _phrase_behind(unit, last + 1, is_plain=first <= 1)
    if source is None:
        return None
    cue = (unit.words[first].start, unit.words[last].end)
    content = unit.strip(unit.start, cue[0])
    after = unit.strip(source[1], unit.end)
    follows = bool(content) and first > 1
    if follows and content:
        more = [after] if after and unit.text[source[1] : source[1] + 1] == "," else []
        return _Found(cue, source, [content, *more], cue[0], follows=True)
    return _Found(cue, source, [after] if after else [], cue[0])


def _spoken(unit: _Unit, first: int, last: int, found: Sequence[_Found]) -> _Found | None:
    """Find the source and the content of a verb of saying."""
    cue = (unit.words[first].start, unit.words[last].end)
    if _is_impersonal(unit, first, last):
        return _impersonal(unit, first, last)
    behind_quotation = _ends_quotation(unit, cue[0])
    source = _phrase_behind(unit, last + 1) if behind_quotation or _is_inverted(unit, first, last) else None
    if source:
        before = unit.strip(unit.start, cue[0])
        return _Found(cue, source, _around(unit, before, source[1]), cue[0], follows=True)
    source = _subject(unit, first, last, found)
    begins = source[0] if source and source[0] < cue[0] and not _shared(source, found) else cue[0]
    before = unit.strip(unit.start, begins)
    if before and _stands_behind(unit, begins, cue[1], last):
        return _Found(cue, source, _around(unit, before, cue[1]), begins, follows=True)
    start = _content_start(unit, last)
    return _Found(cue, source, _rest(unit, start), begins)


def _is_impersonal(unit: _Unit, first: int, last: int) -> bool:
    """Tell whether the subject is what is thought or said: "was told", "is expected", "seems"."""
    grammar = unit.grammar
    cue = unit.words[first : last + 1]
    passive = any(grammar.has(word, "passive") for word in cue[:-1])
    return grammar.has(cue[-1], "seeming") or (
        passive and not cue[-1].text.lower().endswith(grammar.participle_ending)
    )


def _impersonal(unit: _Unit, first: int, last: int) -> _Found | None:
    cue = (unit.words[first].start, unit.words[last].end)
    begin = _phrase_before(unit, first - 1) if first and not unit.breaks(first - 1, first) else None
    after = _rest(unit, cue[1])
    source = None
    if last + 2 < len(unit.words) and unit.grammar.has(unit.words[last + 1], "agent"):
        source = _phrase_behind(unit, last + 2)
        after = _rest(unit, source[1]) if source else after
    return _Found(cue, source, [begin, *after] if begin else after, begin[0] if begin else cue[0])


def _shared(source: Span, found: Sequence[_Found]) -> bool:
    return any(one.source == source for one in found)


def _ends_quotation(unit: _Unit, place: int) -> bool:
    """Tell whether a quotation ends right before a place."""
    return any(end <= place and not unit.text[end:place].strip(_SIGNS) for _, end in unit.quotations)


def _is_inverted(unit: _Unit, first: int, last: int) -> bool:
    """Tell whether the subject follows: "It rained, said Okafor."."""
    if not first or not unit.breaks(first - 1, first) or last + 1 >= len(unit.words):
        return False
    if unit.grammar.has(unit.words[last], "hearers") or not unit.gap(first - 1, first).startswith(","):
        return False
    phrase = _phrase_behind(unit, last + 1)
    is_verb = not unit.words[last].text.lower().endswith(unit.grammar.participle_ending)
    return bool(phrase and is_verb) and not unit.text[phrase[1] if phrase else 0 : unit.end].strip(".")


def _stands_behind(unit: _Unit, begins: int, end: int, last: int) -> bool:
    """Tell whether what is said stands before a source and its cue: "It rained, Okafor said."."""
    after = unit.text[end : unit.end].strip()
    is_participle = unit.words[last].text.lower().endswith(unit.grammar.participle_ending)
    if _ends_quotation(unit, begins) and not is_participle:
        return True
    parted = unit.text[unit.start : begins].rstrip().endswith((",", "—", "–", "--", "?"))
    return parted and (not after.strip(".") or after[0] in ",;")


def _around(unit: _Unit, before: Span | None, after: int) -> list[Span]:
    """Take what stands before a source and its cue, and the quotation that goes on behind them."""
    for low, high in unit.quotations:
        # As the crowd cheered, “It rained,” said Okafor.
        if before and before[0] < low and high == before[1] and unit.text[:low].rstrip().endswith((",", ":")):
            before = (low, high)
    content = [before] if before else []
    rest = unit.text[after : unit.end]
    if before and rest.startswith(",") and before[1] not in {end for _, end in unit.quotations}:
        return content + _rest(unit, after)
    quotation = next((span for span in unit.quotations if span[0] >= after), None)
    joined = quotation and unit.text[: quotation[0]].rstrip()
    parted = bool(joined) and (joined.endswith((",", ":", ";", ".", "-", "—", "–")) or len(joined) <= after)
    if quotation and parted and not any(after <= unit.words[low].start < quotation[0] for low, _ in unit.cues):
        content += _rest(unit, quotation[0])
    return content


def _content_start(unit: _Unit, last: int) -> int:
    """Find where content begins behind a cue: not with whom it is told to, when or where."""
    grammar, place = unit.grammar, last + 1
    end = unit.words[last].end
    stop = next((low for low, _ in unit.quotations if low >= end), unit.end)
    after = unit.words[place : place + 14]
    opens = next((word.start for word in after if word.text.lower() in grammar.language.opens_content), None)
    after = [word for word in after if word.start < stop]
    if not after:
        return stop if not unit.text[end:stop].strip(_SIGNS) else end
    if grammar.has(unit.words[last], "hearers"):
        heard = _phrase_behind(unit, place)
        return opens or (stop if stop < unit.end else heard[1] if heard else end)
    while place < len(unit.words) and names_time(unit.words[place], grammar.language):
        place += 1
    if place < len(unit.words) and unit.words[place] in after and grammar.has(unit.words[place], "manner"):
        if opens:
            return opens
        if stop < unit.end and unit.text[:stop].rstrip().endswith((",", ":")):
            return stop
    return unit.words[place].start if place > last + 1 and place < len(unit.words) else end


def _subject(unit: _Unit, first: int, last: int, found: Sequence[_Found]) -> Span | None:
    """Find who speaks before a cue."""
    grammar = unit.grammar
    shared = found[-1].source if found else None
    if not first:
        return None
    before = unit.words[first - 1]
    if unit.breaks(first - 1, first):
        gap = unit.gap(first - 1, first)
        if unit.words[last].text.lower().endswith(grammar.participle_ending):
            return shared or _first_phrase(unit, first)
        if ")" in gap and "," not in gap:
            opening = unit.text.rfind("(", 0, before.start)
            inner = max((n for n in range(first) if unit.words[n].end <= opening), default=None)
            phrase = _phrase_before(unit, inner) if inner is not None else None
            return (phrase[0], before.end + gap.index(")") + 1) if phrase else None
        if gap.strip(" .") in _BESIDE:
            return _with_apposition(unit, first) or shared
        return shared
    if grammar.has(before, "conjunctions"):
        return shared or _first_phrase(unit, first - 1)
    if unit.words[last].text.lower().endswith(grammar.participle_ending) and first == last:
        start = first
        while start and not unit.breaks(start - 1, start) and not grammar.has(unit.words[start - 1], "borders"):
            start -= 1
        return _opening_phrase(unit, start) or _phrase_before(unit, first - 1)
    return _phrase_before(unit, first - 1)


def _first_phrase(unit: _Unit, limit: int) -> Span | None:
    """Take the phrase that opens a sentence for its subject."""
    grammar = unit.grammar
    for place in range(limit):
        begins = not place or unit.breaks(place - 1, place)
        word = unit.words[place]
        if begins and not grammar.has(word, "behind_source", "borders", "adverbs") and not names_time(word, grammar.language):
            return _opening_phrase(unit, place)
    return None


def _opening_phrase(unit: _Unit, first: int) -> Span | None:
    """Take a phrase up to its verb: a name ends with its last capital, other words before "-ed"."""
    phrase = _phrase_behind(unit, first, is_plain=True)
    inside = [word for word in unit.words[first:] if phrase and word.end <= phrase[1]]
    for before, word in zip(inside, inside[1:], strict=False):
        ends_name = before.is_capitalised and not word.is_capitalised and word.text.lower() not in {"s", "of"}
        if phrase and ((ends_name and before is not unit.words[0]) or word.text.endswith("ed") or (ends_name and before.text.lower() not in unit.grammar.language.determiners)):
            return phrase[0], before.end
    return phrase


def _with_apposition(unit: _Unit, first: int) -> Span | None:
    """Take a name and what stands beside it between commas: "Okafor, the harbour master, said"."""
    start = first - 1
    while start and not unit.breaks(start - 1, start):
        start -= 1
    if not start or unit.gap(start - 1, start).strip(" .") not in _BESIDE:
        return None
    phrase = _phrase_before(unit, start - 1)
    if phrase is None or unit.grammar.has(unit.words[start], "behind_source", "adverbs") and not unit.grammar.has(unit.words[start], "subjects"):
        return phrase
    return phrase[0], unit.words[first - 1].end + unit.gap(first - 1, first).rstrip().__len__()


def _phrase_before(unit: _Unit, last: int) -> Span | None:
    """Find the noun phrase that ends with a word."""
    grammar = unit.grammar
    while last >= 0 and (names_time(unit.words[last], grammar.language) or grammar.has(unit.words[last], "manner")):
        last -= 1
    if last < 0:
        return None
    if grammar.has(unit.words[last], "subjects"):
        return unit.words[last].start, unit.words[last].end
    first = last
    while first and not unit.breaks(first - 1, first) and _may_stand_before(unit, first):
        first -= 1
    while first < last and grammar.has(unit.words[first], "behind_source", "adverbs", "borders", "conjunctions"):
        first += 1
    if grammar.has(unit.words[first], "borders", "behind_source", "auxiliaries"):
        return None
    return unit.words[first].start, _full_end(unit, last)


def _may_stand_before(unit: _Unit, first: int) -> bool:
    """Tell whether the word before one belongs to the same noun phrase."""
    grammar, before = unit.grammar, unit.words[first - 1]
    earlier = unit.words[first - 2] if first > 1 and not unit.breaks(first - 2, first - 1) else None
    if earlier and grammar.has(before, "relative"):
        return True
    if earlier and grammar.has(before, "auxiliaries") and grammar.has(earlier, "relative"):
        return True
    if unit.is_cue(first - 1) or grammar.has(before, "auxiliaries", "subjects"):
        return unit.gap(first - 1, first).startswith(("'", "’")) or before.text.lower() in ("s", "t")
    if grammar.has(before, "conjunctions"):
        return first > 1 and unit.words[first].is_capitalised and unit.words[first - 2].is_capitalised
    return not grammar.has(before, "borders")


def _phrase_behind(unit: _Unit, first: int, *, is_plain: bool = False) -> Span | None:
    """Find the noun phrase that begins with a word, with what stands beside it."""
    grammar = unit.grammar
    if first >= len(unit.words) or (first and not is_plain and unit.breaks(first - 1, first)):
        return None
    word = unit.words[first]
    if grammar.has(word, "behind_source", "borders", "conjunctions") or unit.is_cue(first):
        return None
    if grammar.has(word, "subjects"):
        return word.start, word.end
    last = first
    while last + 1 < len(unit.words) and not unit.breaks(last, last + 1) and _may_stand_behind(unit, last + 1):
        last += 1
    while last > first and grammar.has(unit.words[last], "joins"):
        last -= 1
    while not is_plain and last + 1 < len(unit.words) and unit.gap(last, last + 1).strip(" .") == "," and _stands_beside(unit, last + 1):
        last += 1
        while last + 1 < len(unit.words) and not unit.breaks(last, last + 1):
            last += 1
    return word.start, _full_end(unit, last)


def _may_stand_behind(unit: _Unit, place: int) -> bool:
    grammar, word = unit.grammar, unit.words[place]
    before = unit.words[place - 1].text.lower()
    owned = before in grammar.language.possessives | grammar.language.determiners
    if unit.is_cue(place) or (names_time(word, grammar.language) and not owned):
        return False
    if grammar.has(word, "conjunctions"):
        return place + 1 < len(unit.words) and unit.words[place + 1].is_capitalised and unit.words[place - 1].is_capitalised
    if grammar.has(word, "joins"):
        return not unit.words[place - 1].is_capitalised
    if unit.gap(place - 1, place) in ("'", "’"):
        return True
    return not grammar.has(word, "behind_source", "borders", "subjects", "auxiliaries")


def _stands_beside(unit: _Unit, place: int) -> bool:
    """Tell whether an apposition begins: "Okafor, the harbour master", "Okafor, 52"."""
    grammar, word = unit.grammar, unit.words[place]
    lowered = word.text.lower()
    if unit.is_cue(place) or grammar.has(word, "conjunctions", "adverbs", "subjects") and lowered not in ("who",):
        return False
    if lowered in grammar.language.determiners or word.text[0].isdigit() or lowered == "who":
        return True
    plain = not word.is_capitalised and not lowered.endswith(grammar.participle_ending)
    return plain and not grammar.has(word, "behind_source", "borders")


def _full_end(unit: _Unit, last: int) -> int:
    """Find where a phrase ends: with the full stop of "Jr." and a bracket that belongs to it."""
    end = unit.words[last].end
    bracket = re.compile(r"\.?\s\([^()]*\)").match(unit.text, end)
    return bracket.end() if bracket else end


def _inside(place: int, spans: Sequence[Span]) -> bool:
    return any(start <= place < end for start, end in spans)


@cache
def _grammar(code: str | None) -> _Grammar | None:
    data = tomllib.loads(Path(__file__).with_name("speech.toml").read_text("utf-8")).get(code or "")
    return _Grammar.from_lists(language_of(code), data) if data else None
