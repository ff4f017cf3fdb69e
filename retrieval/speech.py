"""Where a text says who says what: the places of each source, cue and content, by rules of grammar.

The terms and what belongs to each are PolNeAR's (Newell et al., 2018): a source keeps its title and what
stands beside it, a cue its auxiliaries, content its quotation marks. `attribution.attribute` tells of a
sentence whose words it reports; here one sentence may hold several attributions, also of thoughts and wishes.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.cues import cues_of, names_speaker
from retrieval.passages import Span, split_sentences
from retrieval.speakers import (
    phrase_behind,
    phrase_ending_before,
    plain_phrase,
    subject_before,
    with_apposition,
)
from retrieval.speech_grammar import Grammar, Unit, grammar_of, units
from retrieval.wording import names_time

_COLON = re.compile(r"([^\W\d_][^:.!?“”\"«»;]{1,120})(:)\s+(?=[“„«\"”]|'')")
_LONGEST_SOURCE = 81  # characters before a colon
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


def find_speech(text: str, code: str | None, sentences: Sequence[Span] | None = None) -> list[Speech]:
    """Find all attributions of a text, in the order of their cues; none in an unknown language.

    Whoever has split the text into sentences already gives them, since splitting takes longer than the rest.
    """
    grammar = grammar_of(code)
    found: list[Speech] = []
    if grammar is None:
        return found
    offset = 0
    waits: _Found | None = None
    spans = split_sentences(text) if sentences is None else sentences
    starts = [start for start, _ in spans]
    for line in text.split("\n"):
        if waits and line.strip():
            # She said:
            # “It rained.”
            start = offset + len(line) - len(line.lstrip())
            end = offset + len(line.rstrip().removesuffix("."))
            found[-1] = Speech(found[-1].source, found[-1].cue, ((start, end),))
            waits = None
        elif line.strip():
            inside = spans[bisect_left(starts, offset) : bisect_left(starts, offset + len(line))]
            in_line = list(
                _find_in_line(line, [(start - offset, end - offset) for start, end in inside], grammar)
            )
            found += [one.moved(offset) for one in in_line]
            waits = in_line[-1] if in_line and not in_line[-1].content else None
        offset += len(line) + 1
    return [one for one in found if one.content]


def _find_in_line(line: str, sentences: Sequence[Span], grammar: Grammar) -> Iterator[_Found]:
    """Find the attributions of a line; a sentence that is one quotation belongs to those before it."""
    before: list[_Found] = []
    quotations: list[Span] = []
    for unit in units(line, sentences, grammar):
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
    unit.cues = cues_of(unit)
    unit.cue_words = {place for first, last in unit.cues for place in range(first, last + 1)}
    found: list[_Found] = []
    for first, last in unit.cues:
        one = _according(unit, first, last) if names_speaker(unit, last) else None
        one = one or _verb(unit, first, last, found)
        waits = unit.text[unit.words[last].end :].strip() == ":"
        if one.content or waits:
            found.append(one)
    colon = _COLON.match(unit.text, unit.start)
    if colon and _may_speak(unit, colon):
        content = unit.strip(colon.end(), unit.end)
        found.insert(0, _Found(cue=colon.span(2), source=colon.span(1), content=content, begins=unit.start))
    for one, after in pairwise(found):
        _cut(unit, one, after)
    return found


def _may_speak(unit: Unit, colon: re.Match[str]) -> bool:
    """Tell whether what is before a colon is one phrase, or a full name and what stands beside it."""
    if unit.cues and unit.words[unit.cues[0][0]].start < colon.end():
        return False
    lead, comma, _ = colon[1].partition(",")
    named = unit.inside((colon.start(1), colon.start(1) + len(lead)))
    is_name = len(named) > 1 and all(word.is_capitalised for word in named)
    return is_name if comma else len(lead) <= _LONGEST_SOURCE


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
    if first and source is None and unit.grammar.inverts and behind and _ends(unit, behind):
        # "Il traghetto è sicuro, come ha detto Okafor"
        content = unit.strip(unit.start, unit.words[unit.clause_start(first)].start)
        return _Found(cue=cue, source=behind, content=content, begins=cue[0], is_behind=True)
    is_late = source is None or _opens_with_setting(unit, first)
    if behind and is_late and _is_opening(unit, behind[1]):
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


def _opens_with_setting(unit: Unit, first: int) -> bool:
    """Tell whether the subject follows the verb, since something else stands before it: "I Lima sade"."""
    grammar, word = unit.grammar, unit.words[unit.clause_start(max(first - 1, 0))]
    is_setting = names_time(word, grammar.language) or grammar.has(word, "behind_source", "adverbs")
    return grammar.verb_second and is_setting


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
    verb, grammar = unit.words[last], unit.grammar
    if not first or grammar.is_participle(verb) or grammar.has(verb, "hearers"):
        return False
    phrase = phrase_behind(unit, last + 1) if unit.gap(first).startswith(",") else None
    if phrase is None or (first != last and not grammar.inverts):
        return False
    is_simple = first == last and verb.text.lower() in grammar.language.cues
    is_name = any(word.is_capitalised for word in unit.inside(phrase))
    if with_apposition(unit, first) is None:
        return grammar.inverts or _ends(unit, phrase) or (is_simple and is_name)
    # "Lind, 57, showed no reaction": what stands behind the verb is not the subject.
    return _ends(unit, phrase) and (is_simple or is_name)


def _ends(unit: Unit, phrase: Span) -> bool:
    return not unit.text[phrase[1] : unit.end].strip(".")


def _is_behind(unit: Unit, begins: int, last: int) -> bool:
    """Tell whether what is said stands before its source and cue: "It rained, Okafor said."."""
    before = unit.text[unit.start : begins].rstrip(" \t\xa0'’")
    if unit.ends_quotation(begins) and not unit.grammar.is_participle(unit.words[last]):
        return True
    after = unit.text[_behind_time(unit, last) : unit.end].strip(" .")
    return before.endswith((",", "—", "–", "--", "?")) and after[:1] in {"", ",", ";"}


def _behind_time(unit: Unit, last: int) -> int:
    """Find the place behind a verb and the day that follows it: "said on Wednesday"."""
    place = last + 1
    language = unit.grammar.language
    while place < len(unit.words) and not unit.begins_clause(place):
        is_led_in = unit.grammar.has(unit.words[place], "manner") and place + 1 < len(unit.words)
        if not names_time(unit.words[place + is_led_in], language):
            break
        place += 1 + is_led_in
    return unit.words[place - 1].end


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
