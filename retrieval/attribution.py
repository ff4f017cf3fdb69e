"""Who says what in a sentence, by rules of grammar that hold in any news text.

`speech.find_speech` finds the places of sources, cues and content; here each sentence of an article gets
the one source it reports, with all words that name or describe whom the source means.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.passages import Span
from retrieval.people import People
from retrieval.places import find_places
from retrieval.speech import Speech, find_speech
from retrieval.speech_grammar import Grammar, grammar_of
from retrieval.wording import Language, Word, fold, names_time, words

_RELATIVE = {"who", "which", "che", "som"}
# "The Atlantic Council (AC)"
_BRACKET = re.compile(r"\(([^\W\d_]+)\)")
_OPENING = tuple('“„«"‘”')
# A source stands in the same clause as its cue; these end a clause.
_CLAUSE_END = re.compile(r"[,;:()–—“”\"«»]|\s-\s")
# "The secretary general of the alliance", "il segretario generale della NATO": one source.
_INSIDE_NAMES = {"of", "del", "della", "dell", "dei", "delle", "dello", "degli", "di", "de", "för", "s"}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose words a sentence reports, and which part of it is not those words.

    `source` holds folded words that name or describe who speaks; `frame` the places in the article
    outside what is said, where the setting and the time of the speech stand.
    """

    source: frozenset[str]
    frame: tuple[Span, ...]


def attribute(text: str, sentences: Sequence[Span], code: str | None) -> list[Attribution | None]:
    """Find the source of each sentence of an article; None for a sentence that nobody says."""
    grammar = grammar_of(code)
    if grammar is None:
        return [None] * len(sentences)
    people = People()
    found: list[Attribution | None] = []
    sources: dict[Speech, frozenset[str]] = {}
    speeches = _by_sentence(find_speech(text, code, sentences), sentences)
    for (start, end), speech in zip(sentences, speeches, strict=True):
        sentence = text[start:end]
        places = {fold(word.text) for mention in find_places(sentence)
                  for word in words(sentence[mention.start : mention.end])}  # fmt: skip
        for one in sorted(speech, key=lambda one: _rank(text, one, start, grammar)):
            if one not in sources:
                sources[one] = _source(text, one, start, grammar, people, places)
            if sources[one]:
                source, frame = sources[one], _frame(text, (start, end), one, speech)
                break
        else:
            source, frame = frozenset(), ()
        goes_on = sentence.startswith(_OPENING) and bool(found) and found[-1] is not None
        if goes_on:
            source = source or people.last_speaker
        every = words(sentence)
        runs = _name_runs(every, grammar.language)
        for run in runs:
            if len(run) > 1 and not {fold(word.text) for word in run} <= places:
                people.introduce([fold(word.text) for word in run])
        if not source and not goes_on:
            people.turn_to(_first_person(every, runs, grammar.language, places))
        found.append(Attribution(source, frame) if source else None)
    return [item and Attribution(people.only_one(item.source), item.frame) for item in found]


def _by_sentence(speeches: Sequence[Speech], sentences: Sequence[Span]) -> list[list[Speech]]:
    """Find the attributions of each sentence: those whose cue or content is in it."""
    starts, ends = [start for start, _ in sentences], [end for _, end in sentences]
    found: list[list[Speech]] = [[] for _ in sentences]
    for speech in speeches:
        for low, high in [*speech.cue, *speech.content]:
            for place in range(bisect_right(ends, low), bisect_left(starts, high)):
                if speech not in found[place]:
                    found[place].append(speech)
    return found


def _rank(text: str, speech: Speech, start: int, grammar: Grammar) -> tuple[bool, bool, int]:
    """Put what is said before what is thought or wished, and before what an earlier sentence says."""
    cue = _cue(text, speech)
    is_said = not cue or " ".join(cue) in grammar.language.according
    is_said = is_said or any(word in grammar.language.cues for word in cue)
    return not is_said, speech.cue[0][0] < start, speech.cue[0][0]


def _cue(text: str, speech: Speech) -> list[str]:
    return [word.text.lower() for low, high in speech.cue for word in words(text[low:high])]


def _frame(text: str, sentence: Span, speech: Speech, others: Sequence[Speech]) -> tuple[Span, ...]:
    """Find what is left of a sentence without what is said in it; what reports that is left, too."""
    begin, end = sentence
    cue = speech.cue[0][0]
    said = [one.content for one in others if not any(low <= cue < high for low, high in one.content)]
    frame: list[Span] = []
    for low, high in sorted(span for content in said for span in content):
        frame.append((begin, min(low, end)))
        begin = max(begin, high)
    return tuple((low, high) for low, high in [*frame, (begin, end)] if low < high and words(text[low:high]))


def _source(
    text: str, speech: Speech, start: int, grammar: Grammar, people: People, places: set[str]
) -> frozenset[str]:
    """Find who speaks; nobody where words only count, "others say"."""
    language = grammar.language
    if not speech.source:
        return people.last_speaker if _leaves_out_subject(text, speech, grammar) else frozenset()
    described, *beside = _source_clauses(text, speech, start, language)
    if not _phrases(described, language):
        return _meant_by(described, language, people)
    named = [fold(word.text) for word in beside[0] if _is_name(word, language)] if beside else []
    is_named = bool(named) and len(named) == len(beside[0]) and not {*named} & places
    if is_named and (len(named) > 1 or not any(_is_name(word, language) for word in described)):
        # "The harbour master, Amara Okafor,": the name stands beside what it describes.
        return people.speak(named, _content(_phrases(described, language)), places)
    speakers = [_noun_phrase(part, language) for part in _joined(described, grammar)]
    if beside and len(speakers) == 1:
        speakers[0][1].update(_title(beside[0], language))
    return frozenset[str]().union(*(people.speak(*speaker, places) for speaker in speakers))


def _source_clauses(text: str, speech: Speech, start: int, language: Language) -> list[list[Word]]:
    """Cut a source at its commas; the source is "who" told of in "the harbour master, who said it rained"."""
    low, high = speech.source[0][0], speech.source[-1][1]
    source = _BRACKET.sub(r" \1 ", text[low:high])
    clauses = list(_clauses(source, words(source))) or [[]]
    if clauses[0] and clauses[0][0].text.lower() in _RELATIVE:
        *beside, near = list(_clauses(text[start:low], words(text[start:low]))) or [[]]
        described = _phrases(near, language)[-1:] or [[]]
        # "Okafor, a baker who had asked"
        is_named = bool(beside) and all(_is_name(word, language) for word in beside[-1])
        return described + (beside[-1:] if is_named else [])
    return clauses


def _leaves_out_subject(text: str, speech: Speech, grammar: Grammar) -> bool:
    """Tell whether whoever spoke last speaks on, "ha detto"; "adding" and "is described" have no subject."""
    cue = _cue(text, speech)
    is_said_of = any(word in grammar.lists.get("passive", ()) for word in cue)
    is_participle = bool(cue) and cue[-1].endswith(grammar.participle_ending)
    return not is_said_of and not is_participle and any(word in grammar.language.cues for word in cue)


def _meant_by(pronoun: Sequence[Word], language: Language, people: People) -> frozenset[str]:
    """Find whom "he" or "they" means; nobody where words only count, "others"."""
    for name, forms in language.pronouns.items():
        if any(word.text.lower() in forms for word in pronoun):
            return people.last_speaker if name in {"he", "she"} else people.last_source
    return frozenset()


def _title(clause: Sequence[Word], language: Language) -> set[str]:
    """Take what describes a name beside it, "Okafor, the mayor of Lima", but nothing that is told of it."""
    is_told = clause[0].text.lower() in language.function_words - language.determiners
    if not _is_name(clause[0], language) and (is_told or _is_time(clause[0], language)):
        return set()
    return _content(_phrases(clause, language)[:1]) - {"s"}


def _first_person(
    every: Sequence[Word], runs: Sequence[Sequence[Word]], language: Language, places: set[str]
) -> list[str]:
    """Find the first name of a sentence that is no place and has no article before it."""
    for run in runs:
        before = next((word for word in reversed(every) if word.end <= run[0].start), None)
        named = [fold(word.text) for word in run]
        if before is not None and before.text.lower() in language.determiners:
            continue
        if not set(named) <= places and not run[-1].text.isupper():
            return named
    return []


def _joined(clause: Sequence[Word], grammar: Grammar) -> list[list[Word]]:
    """Part "Moscow and Pyongyang"."""
    parts: list[list[Word]] = [[]]
    for word in clause:
        if grammar.has(word, "conjunctions"):
            parts.append([])
        else:
            parts[-1].append(word)
    are_names = all(any(_is_name(word, grammar.language) for word in part) for part in parts)
    return parts if are_names else [list(clause)]


def _clauses(sentence: str, some: Sequence[Word]) -> Iterator[list[Word]]:
    """Cut words at the signs that end a clause."""
    clause: list[Word] = []
    for word in some:
        if clause and _CLAUSE_END.search(sentence[clause[-1].end : word.start]):
            yield clause
            clause = []
        clause.append(word)
    if clause:
        yield clause


def _noun_phrase(clause: Sequence[Word], language: Language) -> tuple[list[str], set[str]]:
    """Take the words that can speak.

    Returns:
        The names in the first noun phrase, and the words that describe beside them, all folded; where it has
        no name, "a spokesman for Okafor", all words describe.
    """
    runs = _phrases(clause, language)
    names = [fold(word.text) for word in runs[0] if _is_name(word, language)] if runs else []
    return names, _content(runs[:1] if names else runs) - {*names, "s"}


def _content(runs: Sequence[Sequence[Word]]) -> set[str]:
    return {fold(word.text) for run in runs for word in run}


def _phrases(clause: Sequence[Word], language: Language) -> list[list[Word]]:
    """Cut a clause into runs of content words; "of" and a possessive do not end a run."""
    runs: list[list[Word]] = [[]]
    for word in clause:
        lowered = word.text.lower()
        if _is_time(word, language):
            runs.append([])
        elif lowered in language.function_words and not (word.text.isupper() and len(word.text) > 1):
            if lowered not in _INSIDE_NAMES or not runs[-1]:
                runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _name_runs(some: Sequence[Word], language: Language) -> list[list[Word]]:
    """Find runs of capitalised words."""
    runs: list[list[Word]] = [[]]
    for word in some:
        if not _is_name(word, language):
            runs.append([])
        elif runs[-1] and word.start - runs[-1][-1].end > 1:
            runs.append([word])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _is_name(word: Word, language: Language) -> bool:
    lowered = word.text.lower()
    if word.text.isupper() and len(word.text) > 1:
        return True
    return (
        word.is_capitalised
        and lowered not in language.function_words
        and lowered not in language.reporting
        and not _is_time(word, language)
    )


def _is_time(word: Word, language: Language) -> bool:
    return names_time(word, language) or word.text[0].isdigit()
