"""Where a text says who says what: the places of each source, cue and content, by rules of grammar.

The terms and what belongs to each are PolNeAR's (Newell et al., 2018): a source keeps its title and what
stands beside it, a cue its auxiliaries, content its quotation marks. `attribution.attribute` tells of a
sentence whose words it reports; here one sentence may hold several attributions, also of thoughts and wishes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.passages import Span
from retrieval.speakers import (
    phrase_behind,
    phrase_ending_before,
    plain_phrase,
    subject_before,
    with_apposition,
)
from retrieval.speech_grammar import Grammar, Unit, grammar_of, units
from retrieval.wording import names_time

_COLON = re.compile(r"([^\W\d_][^:.!?“”\"«»,;]{1,80})(:)\s+(?=[“„«\"”]|'')")
_FAR = 14  # words behind a cue within which its "that" stands


@dataclass(frozen=True, slots=True)
class Speech:
    """One attribution as half-open places in a text; a part may be torn into several, or be absent."""

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]


@dataclass(slots=True, kw_only=True)
class _Found:
    """One attribution of a line; `begins` is where its source or cue does, whichever is first."""

    cue: Span
    source: Span | None
    content: list[Span]
    begins: int
    is_behind: bool = False

    def moved(self, offset: int) -> Speech:
        """Give it with its places in the whole text."""
        parts = ([self.source] if self.source else [], [self.cue], self.content)
        return Speech(*(tuple((start + offset, end + offset) for start, end in part) for part in parts))


def find_speech(text: str, code: str | None) -> list[Speech]:
    """Find all attributions of a text, in the order of their cues; none in an unknown language."""
    grammar = grammar_of(code)
    found: list[Speech] = []
    if grammar is None:
        return found
    offset = 0
    waits: _Found | None = None
    for line in text.split("\n"):
        if waits and line.strip():
            # She said:
            # “It rained.”
            start = offset + len(line) - len(line.lstrip())
            end = offset + len(line.rstrip().removesuffix("."))
            found[-1] = Speech(found[-1].source, found[-1].cue, ((start, end),))
            waits = None
        elif line.strip():
            in_line = list(_find_in_line(line, grammar))
            found += [one.moved(offset) for one in in_line]
            waits = in_line[-1] if in_line and not in_line[-1].content else None
        offset += len(line) + 1
    return [one for one in found if one.content]


def _find_in_line(line: str, grammar: Grammar) -> Iterator[_Found]:
    """Find the attributions of a line; a sentence that is one quotation belongs to those before it."""
    before: list[_Found] = []
    quotations: list[Span] = []
    for unit in units(line, grammar):
        found = _find_in_unit(unit)
        whole = unit.strip(unit.start, unit.end)
        if not found and before and whole and whole[0] in unit.quotations:
            ends = {end for _, end in quotations}
            quoting = [one for one in before if one.content and one.content[-1][1] in ends]
            (quoting or before)[-1].content += whole
        else:
            yield from before
            before = found
        quotations = unit.quotations
    yield from before


def _find_in_unit(unit: Unit) -> list[_Found]:
    unit.cues = _cues(unit)
    unit.cue_words = {place for first, last in unit.cues for place in range(first, last + 1)}
    found: list[_Found] = []
    for first, last in unit.cues:
        one = _according(unit, first, last) if _names_speaker(unit, last) else None
        one = one or _verb(unit, first, last, found)
        waits = unit.text[unit.words[last].end :].strip() == ":"
        if one.content or waits:
            found.append(one)
    colon = _COLON.match(unit.text, unit.start)
    if colon and not unit.cues:
        content = unit.strip(colon.end(), unit.end)
        found.append(_Found(cue=colon.span(2), source=colon.span(1), content=content, begins=unit.start))
    for one, after in pairwise(found):
        _cut(unit, one, after)
    return found


def _cut(unit: Unit, one: _Found, after: _Found) -> None:
    """End content where another attribution begins beside it, not within it."""
    if one.is_behind or after.is_behind or not one.content:
        return
    start, end = one.content[-1]
    if not start < after.begins < end:
        return
    lead = unit.text[start : after.begins].rstrip()
    last = lead.split()[-1].lower() if lead else ""
    is_joined = last in unit.grammar.lists["joints"]
    if is_joined or lead.endswith((",", ";", "—", "–")) or after.source == one.source:
        one.content[-1:] = unit.strip(start, start + len(lead) - (len(last) if is_joined else 0))


def _cues(unit: Unit) -> list[tuple[int, int]]:
    """Find the words of each cue: a reporting verb with its auxiliaries, or "according to"."""
    found: list[tuple[int, int]] = []
    for place in range(len(unit.words)):
        if phrase := _names_speaker(unit, place):
            found.append((place + 1 - len(phrase.split()), place))
            continue
        has_particle = _has_particle(unit, place)
        if not has_particle and not _is_verb(unit, place):
            continue
        first = _with_auxiliaries(unit, place)
        if found and first <= found[-1][1]:
            found.pop()
        found.append((first, place + has_particle))
    return found


def _names_speaker(unit: Unit, place: int) -> str:
    """Give the phrase that ends with a word and names a speaker without a verb, "according to"."""
    for phrase in unit.grammar.language.according:
        first = place + 1 - len(phrase.split())
        if unit.ends_phrase(place, phrase):
            # "il secondo anno"
            is_noun = not unit.begins_clause(first) and unit.grammar.has(
                unit.words[first - 1], "noun_follows"
            )
            return "" if is_noun else phrase
    return ""


def _has_particle(unit: Unit, place: int) -> bool:
    """Tell whether a verb and the small word behind it are one cue: "called for", "joked about"."""
    if place + 1 >= len(unit.words) or unit.begins_clause(place + 1) or not _may_be_verb(unit, place):
        return False
    lowered, after = unit.words[place].text.lower(), unit.words[place + 1]
    is_pair = lowered in unit.grammar.cues and unit.grammar.has(after, "particles")
    return is_pair or f"{lowered} {after.text.lower()}" in unit.grammar.phrases


def _may_be_verb(unit: Unit, place: int) -> bool:
    """Tell whether a word stands where a verb can: "the claim" and "so-called" are none."""
    grammar, word = unit.grammar, unit.words[place]
    if place and (
        (word.is_capitalised and not unit.is_headline) or "-" in unit.text[word.start - 1 : word.end + 1]
    ):
        return False
    if unit.begins_clause(place):
        return True
    before = unit.words[place - 1]
    if before.text == "s" and place > 1 and not grammar.has(unit.words[place - 2], "subjects"):
        # "the mayor's proposed wall", but "he's proposed a wall" and "the mayor's asking".
        return grammar.is_participle(word)
    return not grammar.has(before, "noun_follows")


def _is_verb(unit: Unit, place: int) -> bool:
    """Tell whether a word is a verb that reports."""
    grammar, word = unit.grammar, unit.words[place]
    if not _may_be_verb(unit, place):
        return False
    if grammar.has(word, "seeming"):
        return place + 1 < len(unit.words)
    if word.text.lower() not in grammar.cues:
        return False
    if not grammar.has(word, "nominal"):
        return True
    if unit.begins_clause(place):
        return False
    before = unit.words[place - 1]
    is_plural = before.text.endswith("s") and not word.text.endswith("s")
    return is_plural or before.is_capitalised or grammar.has(before, "subjects", "auxiliaries", "adverbs")


def _with_auxiliaries(unit: Unit, place: int) -> int:
    """Find the first word of a verb with what stands before it: "has also said", "declined to say"."""
    grammar = unit.grammar
    first = place
    while not unit.begins_clause(first):
        before = unit.words[first - 1]
        if before.is_capitalised and before.start != unit.start:
            break
        if grammar.is_adverb(before) or grammar.has(before, "auxiliaries"):
            first -= 1
        elif grammar.has(before, "infinitive") and not unit.begins_clause(first - 1):
            governing = unit.words[first - 2]
            if governing.text.lower() not in grammar.cues and not grammar.has(governing, "governing"):
                break
            first -= 2
        else:
            break
    return first


def _according(unit: Unit, first: int, last: int) -> _Found | None:
    """Read "According to Okafor, it rained" and "It rained, according to Okafor"."""
    opens = first <= 1
    source = plain_phrase(unit, last + 1) if opens else phrase_behind(unit, last + 1)
    if source is None:
        return None
    cue = (unit.words[first].start, unit.words[last].end)
    after = unit.strip(source[1], unit.end)
    if not opens:
        goes_on = unit.text[source[1] : source[1] + 1] == ","
        after = unit.strip(unit.start, cue[0]) + (after if goes_on else [])
    return _Found(cue=cue, source=source, content=after, begins=cue[0], is_behind=not opens)


def _verb(unit: Unit, first: int, last: int, found: Sequence[_Found]) -> _Found:
    """Find the source and the content of a verb."""
    cue = (unit.words[first].start, unit.words[last].end)
    if _is_impersonal(unit, first, last):
        return _impersonal(unit, first, last)
    is_inverted = unit.ends_quotation(cue[0]) or _is_inverted(unit, first, last)
    source = phrase_behind(unit, last + 1) if is_inverted else None
    if source:
        content = _around(unit, cue[0], source[1])
        return _Found(cue=cue, source=source, content=content, begins=cue[0], is_behind=True)
    source = subject_before(unit, first, last, found[-1].source if found else None)
    behind = phrase_behind(unit, last + 1)
    if behind and (source is None or unit.grammar.verb_second) and _is_opening(unit, behind[1]):
        # "Igår sade Okafor att det regnade"
        return _Found(cue=cue, source=behind, content=unit.strip(behind[1], unit.end), begins=cue[0])
    is_own = source is not None and all(one.source != source for one in found)
    begins = source[0] if source and is_own else cue[0]
    if _is_behind(unit, begins, last):
        return _Found(
            cue=cue, source=source, content=_around(unit, begins, cue[1]), begins=begins, is_behind=True
        )
    content = unit.strip(_content_start(unit, last), unit.end)
    return _Found(cue=cue, source=source, content=content, begins=begins)


def _is_opening(unit: Unit, place: int) -> bool:
    """Tell whether the word behind a place in the text opens content: "that"."""
    after = next((word for word in unit.words if word.start >= place), None)
    return after is not None and after.text.lower() in unit.grammar.language.opens_content


def _is_impersonal(unit: Unit, first: int, last: int) -> bool:
    """Tell whether the subject is what is thought or said: "is expected", "seems"."""
    grammar, verb = unit.grammar, unit.words[last]
    is_passive = any(grammar.has(word, "passive") for word in unit.words[first:last])
    return grammar.has(verb, "seeming") or (is_passive and not grammar.is_participle(verb))


def _impersonal(unit: Unit, first: int, last: int) -> _Found:
    """Read "the ferry is expected to sail" and "the ferry is praised by Okafor"."""
    cue = (unit.words[first].start, unit.words[last].end)
    subject = phrase_ending_before(unit, first)
    source = None
    if last + 2 < len(unit.words) and unit.grammar.has(unit.words[last + 1], "agent"):
        source = phrase_behind(unit, last + 2)
    after = unit.strip(source[1] if source else cue[1], unit.end)
    content = ([subject] if subject else []) + after
    return _Found(cue=cue, source=source, content=content, begins=subject[0] if subject else cue[0])


def _is_inverted(unit: Unit, first: int, last: int) -> bool:
    """Tell whether the subject follows though nothing is quoted: "It rained, said Okafor."."""
    verb = unit.words[last]
    if not first or unit.grammar.is_participle(verb) or unit.grammar.has(verb, "hearers"):
        return False
    phrase = phrase_behind(unit, last + 1) if unit.gap(first).startswith(",") else None
    if phrase is None or not unit.text[phrase[1] : unit.end].strip("."):
        return phrase is not None
    return unit.grammar.inverts and with_apposition(unit, first) is None


def _is_behind(unit: Unit, begins: int, last: int) -> bool:
    """Tell whether what is said stands before its source and cue: "It rained, Okafor said."."""
    before = unit.text[unit.start : begins].rstrip()
    if unit.ends_quotation(begins) and not unit.grammar.is_participle(unit.words[last]):
        return True
    after = unit.text[unit.words[last].end : unit.end].strip(" .")
    return before.endswith((",", "—", "–", "--", "?")) and after[:1] in {"", ",", ";"}


def _around(unit: Unit, before: int, after: int) -> list[Span]:
    """Take what stands before one place, and what goes on behind another."""
    content = unit.strip(unit.start, before)
    for low, high in unit.quotations:
        # As the crowd cheered, “It rained,” said Okafor.
        is_led_in = unit.text[unit.start : low].rstrip().endswith((",", ":"))
        if content and content[0][0] < low and content[0][1] == high and is_led_in:
            content = [(low, high)]
    is_quoted = any(content and content[0][1] == high for _, high in unit.quotations)
    if content and not is_quoted and unit.text[after : after + 1] == ",":
        return content + unit.strip(after, unit.end)
    quotation = next((span for span in unit.quotations if span[0] >= after), None)
    if quotation:
        lead = unit.text[after : quotation[0]].rstrip()
        has_cue = any(after <= unit.words[first].start < quotation[0] for first, _ in unit.cues)
        if not has_cue and (not lead or lead.endswith((",", ":", ";", ".", "-", "—", "–"))):
            content += unit.strip(quotation[0], unit.end)
    return content


def _content_start(unit: Unit, last: int) -> int:
    """Find where content begins behind a cue: not with whom it is told to, when or where."""
    grammar, end = unit.grammar, unit.words[last].end
    quoted = next((low for low, _ in unit.quotations if low >= end), unit.end)
    place = last + 1
    near = unit.words[place : place + _FAR]
    opening = [word.start for word in near if word.text.lower() in grammar.language.opens_content]
    if not near or near[0].start > quoted:
        return end
    if grammar.has(unit.words[last], "hearers"):
        hearer = phrase_behind(unit, place)
        behind = quoted if quoted < unit.end else hearer[1] if hearer else end
        return opening[0] if opening else behind
    while place < len(unit.words) and names_time(unit.words[place], grammar.language):
        place += 1
    if place == len(unit.words):
        return end
    if unit.words[place].start < quoted and grammar.has(unit.words[place], "manner"):
        if opening:
            return opening[0]
        if quoted < unit.end and unit.text[:quoted].rstrip().endswith((",", ":")):
            return quoted
    return unit.words[place].start if place > last + 1 else end
