"""Find the noun phrase that names who speaks, before or behind a cue."""

import re
from collections.abc import Iterator
from itertools import pairwise

from retrieval.passages import Span
from retrieval.speech_grammar import Unit
from retrieval.wording import Word, names_time

_BESIDE = {",", "—", "–", "--", "-"}
_BRACKET = re.compile(r"\.?\s\([^()]*\)")
# "The mayor of Lima", "the mayor's office": a name goes on.
_GOES_ON = {"of", "s"}


def subject_before(unit: Unit, first: int, last: int, shared: Span | None) -> Span | None:
    """Find the subject of the cue that begins with word `first`, to its left.

    Args:
        unit: The sentence.
        first: The first word of the cue.
        last: The last word of the cue.
        shared: The source of the cue before it, which ", adding" and "and said" share.
    """
    if not first:
        return None
    grammar = unit.grammar
    is_participle = grammar.is_participle(unit.words[last])
    if unit.begins_clause(first):
        if is_participle:
            return shared or _first_phrase(unit, first)
        gap = unit.gap(first)
        if ")" in gap and "," not in gap:
            return _before_bracket(unit, first)
        if gap.strip(" .") in _BESIDE:
            return with_apposition(unit, first) or shared
        return shared
    if grammar.has(unit.words[first - 1], "conjunctions"):
        return shared or _first_phrase(unit, first - 1)
    if is_participle and first == last:
        # "The mayor sent a letter saying": the letter says it, but the mayor speaks.
        start = first
        while not unit.begins_clause(start) and not grammar.has(unit.words[start - 1], "borders"):
            start -= 1
        return _opening_phrase(unit, start) or _phrase_before(unit, first - 1)
    return _phrase_before(unit, first - 1)


def phrase_behind(unit: Unit, first: int) -> Span | None:
    """Find the noun phrase that begins with a word, with what stands beside it between commas."""
    if first < len(unit.words) and unit.begins_clause(first):
        return None
    phrase = plain_phrase(unit, first)
    if phrase is None or unit.grammar.has(unit.words[first], "subjects"):
        return phrase
    start, end = phrase
    last = max(place for place, word in enumerate(unit.words) if word.start < end)
    if last + 2 < len(unit.words) and _names_whom(unit, phrase, last + 1):
        # "Said the harbour master, Amara Okafor."
        last += 1
        while last + 1 < len(unit.words) and not unit.begins_clause(last + 1) and _goes_on(unit, last + 1):
            last += 1
        end = _full_end(unit, last)
    while last + 1 < len(unit.words) and _begins_apposition(unit, last + 1):
        last += 1
        while last + 1 < len(unit.words) and not unit.begins_clause(last + 1):
            last += 1
        end = _full_end(unit, last)
    return start, end


def _names_whom(unit: Unit, phrase: Span, place: int) -> bool:
    """Tell whether a name begins at a word, and what is before it describes whose that is."""
    is_described = not any(word.is_capitalised for word in unit.inside(phrase))
    is_name = unit.words[place].is_capitalised and unit.words[place + 1].is_capitalised
    return is_described and is_name and unit.gap(place).strip() == "," and place not in unit.cue_words


def plain_phrase(unit: Unit, first: int) -> Span | None:
    """Find the noun phrase that begins with a word, up to the next sign."""
    grammar = unit.grammar
    if first >= len(unit.words) or first in unit.cue_words:
        return None
    word = unit.words[first]
    if grammar.has(word, "behind_source", "borders", "conjunctions"):
        return None
    is_alone = word.text.lower() not in grammar.language.determiners or not _has_noun(unit, first + 1)
    if grammar.has(word, "subjects") and is_alone:
        return word.start, word.end
    last = first
    while last + 1 < len(unit.words) and not unit.begins_clause(last + 1) and _goes_on(unit, last + 1):
        last += 1
    while last > first and grammar.has(unit.words[last], "joins"):
        last -= 1
    return word.start, _full_end(unit, last)


def _has_noun(unit: Unit, place: int) -> bool:
    """Tell whether what could be a pronoun has its noun with it: "enligt den senaste rapporten"."""
    return place < len(unit.words) and not unit.begins_clause(place) and _goes_on(unit, place)


def _goes_on(unit: Unit, place: int) -> bool:
    """Tell whether a word belongs to the noun phrase that the word before it is in."""
    grammar, word, before = unit.grammar, unit.words[place], unit.words[place - 1]
    language = grammar.language
    is_owned = before.text.lower() in language.possessives | language.determiners
    if place in unit.cue_words or (names_time(word, language) and not is_owned):
        return False
    if grammar.has(word, "conjunctions"):
        after = unit.words[place + 1 : place + 2]
        return bool(after) and after[0].is_capitalised and before.is_capitalised
    if grammar.has(word, "joins"):
        return not before.is_capitalised
    if unit.gap(place) in {"'", "’"}:
        return True
    return not grammar.has(word, "behind_source", "borders", "subjects", "auxiliaries")


def _begins_apposition(unit: Unit, place: int) -> bool:
    """Tell whether a word begins what stands beside a name: "Okafor, the harbour master", "Okafor, 52"."""
    grammar, word = unit.grammar, unit.words[place]
    if unit.gap(place).strip(" .") != "," or place in unit.cue_words:
        return False
    if grammar.has(word, "relative") or word.text[0].isdigit():
        return True
    if grammar.has(word, "conjunctions", "adverbs", "subjects"):
        return False
    if word.text.lower() in grammar.language.determiners:
        return True
    is_plain = not word.is_capitalised and not grammar.is_participle(word)
    return is_plain and not grammar.has(word, "behind_source", "borders")


def _full_end(unit: Unit, last: int) -> int:
    """Find where a phrase ends, with a bracket behind it: "Okafor (Lima)"."""
    end = unit.words[last].end
    bracket = _BRACKET.match(unit.text, end)
    return bracket.end() if bracket else end


def phrase_ending_before(unit: Unit, first: int) -> Span | None:
    """Find the noun phrase right before a word, in the same clause."""
    return None if unit.begins_clause(first) else _phrase_before(unit, first - 1)


def _phrase_before(unit: Unit, last: int) -> Span | None:
    """Find the noun phrase that ends with a word; a time behind it is left out."""
    grammar = unit.grammar
    # "The mayor used a visit on Friday to warn": the verb before has its object between.
    is_governed = last >= 0 and grammar.has(unit.words[last], "infinitive")
    while last >= 0 and _is_setting(unit, unit.words[last]):
        last -= 1
    if last < 0:
        return None
    if grammar.has(unit.words[last], "subjects"):
        return unit.words[last].start, unit.words[last].end
    first = last
    while not unit.begins_clause(first) and _belongs_before(unit, first - 1):
        if not is_governed and _begins_anew(unit, first):
            break
        first -= 1
    opening = ("behind_source", "borders", "conjunctions", "adverbs")
    while first < last and grammar.has(unit.words[first], *opening):
        first += 1
    if grammar.has(unit.words[first], "borders", "behind_source", "auxiliaries"):
        return None
    return unit.words[first].start, _full_end(unit, last)


def _begins_anew(unit: Unit, place: int) -> bool:
    """Tell whether an article begins a phrase that nothing ties to the word before: "Days ago the mayor"."""
    grammar, before = unit.grammar, unit.words[place - 1]
    is_time = names_time(before, grammar.language) or grammar.has(before, "adverbs")
    is_tied = grammar.has(before, "joins", "behind_source", "borders", "conjunctions", "auxiliaries")
    is_tied = is_tied or before.text.lower() in grammar.language.function_words
    return unit.words[place].text.lower() in grammar.language.determiners and (is_time or not is_tied)


def _is_setting(unit: Unit, word: Word) -> bool:
    return names_time(word, unit.grammar.language) or unit.grammar.has(word, "manner")


def _belongs_before(unit: Unit, place: int) -> bool:
    """Tell whether a word belongs to the noun phrase that the word behind it is in."""
    grammar, word, after = unit.grammar, unit.words[place], unit.words[place + 1]
    before = None if unit.begins_clause(place) else unit.words[place - 1]
    # "Those who have heard the speech said".
    if before and grammar.has(word, "relative"):
        return True
    if before and grammar.has(word, "auxiliaries") and grammar.has(before, "relative"):
        return True
    if place in unit.cue_words or grammar.has(word, "auxiliaries", "subjects"):
        return unit.gap(place + 1) in {"'", "’"} or word.text.lower() in _GOES_ON
    if grammar.has(word, "conjunctions"):
        return bool(place) and after.is_capitalised and unit.words[place - 1].is_capitalised
    return not grammar.has(word, "borders")


def _before_bracket(unit: Unit, first: int) -> Span | None:
    """Take a name and the bracket behind it: "Okafor (Lima) said"."""
    opening = unit.text.rfind("(", 0, unit.words[first - 1].start)
    inner = [place for place in range(first) if unit.words[place].end <= opening]
    phrase = _phrase_before(unit, inner[-1]) if inner else None
    return (phrase[0], unit.words[first - 1].end + unit.gap(first).index(")") + 1) if phrase else None


def with_apposition(unit: Unit, first: int) -> Span | None:
    """Take a name and what stands beside it between commas: "Okafor, the harbour master, said"."""
    grammar = unit.grammar
    start = unit.clause_start(first - 1)
    if not start or unit.gap(start).strip(" .") not in _BESIDE:
        return None
    phrase = _phrase_before(unit, start - 1)
    word = unit.words[start]
    is_adverbial = grammar.has(word, "behind_source", "adverbs") and not grammar.has(word, "subjects")
    if phrase is None or is_adverbial:
        return phrase
    return phrase[0], unit.words[first - 1].end + len(unit.gap(first).rstrip())


def _first_phrase(unit: Unit, limit: int) -> Span | None:
    """Take the phrase that opens a sentence for its subject, if it is before a word."""
    grammar = unit.grammar
    for place in range(limit):
        word = unit.words[place]
        is_adverbial = grammar.has(word, "behind_source", "borders", "adverbs")
        if unit.begins_clause(place) and not is_adverbial and not names_time(word, grammar.language):
            return _opening_phrase(unit, place)
    return None


def _opening_phrase(unit: Unit, first: int) -> Span | None:
    """Take a phrase up to its verb: a name ends with its last capital, other words before "-ed"."""
    phrase = plain_phrase(unit, first)
    if phrase is None:
        return None
    for before, word in _pairs(unit, phrase):
        is_name = before.is_capitalised and before.text.lower() not in unit.grammar.language.determiners
        ends_name = is_name and not word.is_capitalised and word.text.lower() not in _GOES_ON
        if ends_name or word.text.endswith("ed"):
            return phrase[0], before.end
    return phrase


def _pairs(unit: Unit, span: Span) -> Iterator[tuple[Word, Word]]:
    return pairwise(unit.inside(span))
