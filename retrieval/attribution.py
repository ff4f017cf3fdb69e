"""Who says what in a sentence, by rules of grammar that hold in any news text.

A sentence of speech has a cue (a reporting verb, "according to", a colon), a source (who speaks, in
the words around the cue) and content (what is said). The terms are PolNeAR's (Newell et al., 2018).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.passages import Span
from retrieval.places import find_places
from retrieval.wording import Language, Word, fold, language_of, names_time, words

_QUOTATION = re.compile(r"[“„«\"”][^“”„«»\"]*[”“»\"]|[“„«\"][^“”„«»\"]*$")
_OPENING = tuple('“„«"‘”')
# A source stands in the same clause as its cue; these end a clause.
_CLAUSE_END = re.compile(r"[,;:()–—“”\"«»]|\s-\s")
_COLON_CUE = re.compile(r"^([^:.!?]{3,120}):\s*[“„«\"‘]")
# After these a word that could be a reporting verb is a noun, or says what was said of somebody.
_NOUN_FOLLOWS = {"the", "a", "an", "this", "these", "of", "il", "la", "un", "una", "den", "det"}
_PASSIVE = {"been", "was", "were", "is", "are", "being", "stato", "stata", "stati", "state", "viene", "blev",
            "blivit", "är"}  # fmt: skip
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


@dataclass(slots=True)
class _Person:
    words: set[str]
    surname: str


class _People:
    """The people of an article by all the words that name or describe them, the latest last."""

    def __init__(self) -> None:
        self._known: list[_Person] = []
        self.last_speaker: frozenset[str] = frozenset()

    def introduce(self, names: Sequence[str]) -> _Person:
        """Take note of a name with its title, "NATO Secretary General Jens Stoltenberg"."""
        for person in self._known:
            if set(names) <= person.words:
                self._known.remove(person)
                self._known.append(person)
                return person
        self._known.append(_Person(set(names), names[-1]))
        return self._known[-1]

    def resolve(self, names: Sequence[str], description: set[str]) -> frozenset[str]:
        """Find who is meant: the one mentioned last who bears this name, or fits this description."""
        for person in reversed(self._known):
            described = bool(description) and set(names) <= person.words
            if (names and person.surname == names[-1]) or described:
                person.words |= {*names, *description}
                return frozenset(person.words)
        person = self.introduce(names)
        person.words |= description
        return frozenset(person.words)

    def turn_to(self, names: Sequence[str]) -> None:
        """Take note of who a sentence is about: the pronoun that follows means them."""
        for person in reversed(self._known):
            if names and person.surname == names[-1]:
                self.last_speaker = frozenset(person.words)
                return

    def only_one(self, source: frozenset[str]) -> frozenset[str]:
        """Complete a description that came before the name, where it fits one person alone."""
        fitting = [person for person in self._known if len(source & person.words) * 2 > len(source)]
        return source | fitting[0].words if len(fitting) == 1 else source


def attribute(text: str, sentences: Sequence[Span], code: str | None) -> list[Attribution | None]:
    """Find the source of each sentence of an article; None for a sentence that nobody says."""
    language = language_of(code)
    people = _People()
    found: list[Attribution | None] = []
    for start, end in sentences:
        sentence = text[start:end]
        places = {fold(word.text) for mention in find_places(sentence)
                  for word in words(sentence[mention.start : mention.end])}  # fmt: skip
        attribution = _attribute(sentence, start, language, people, places)
        goes_on = sentence.startswith(_OPENING) and bool(found) and found[-1] is not None
        if attribution is None and goes_on and people.last_speaker:
            attribution = Attribution(people.last_speaker, frame=())
        for run in _name_runs(words(sentence), language):
            if len(run) > 1 and not {fold(word.text) for word in run} <= places:
                people.introduce([fold(word.text) for word in run])
        if attribution is None and not goes_on:
            people.turn_to(_first_person(sentence, language, places))
        found.append(attribution)
    return [item and Attribution(people.only_one(item.source), item.frame) for item in found]


def _attribute(
    sentence: str, offset: int, language: Language, people: _People, places: set[str]
) -> Attribution | None:
    colon = _COLON_CUE.match(sentence)
    if colon:
        source = _who(*_noun_phrase(words(colon.group(1)), language, from_left=True), people, places)
        return Attribution(source, ((offset, offset + colon.end(1)),)) if source else None
    quotations = [match.span() for match in _QUOTATION.finditer(sentence)]
    spoken = [word for word in words(sentence) if not _inside(word.start, quotations)]
    for place in range(len(spoken)):
        if not _is_cue(spoken, place, language):
            continue
        source = _who(*_source(sentence, spoken, place, quotations, language), people, places)
        if source:
            follows = _follows_quotation(spoken, place, quotations, language)
            frame = _frame(sentence, spoken[place + 1 :], quotations, language, follows=follows)
            return Attribution(source, tuple((offset + start, offset + end) for start, end in frame))
    return None


def _first_person(sentence: str, language: Language, places: set[str]) -> list[str]:
    """Find the first name of a sentence that is no place and has no article before it."""
    every = words(sentence)
    for run in _name_runs(every, language):
        before = next((word for word in reversed(every) if word.end <= run[0].start), None)
        named = [fold(word.text) for word in run]
        if before is not None and before.text.lower() in language.determiners:
            continue
        if not set(named) <= places and not run[-1].text.isupper():
            return named
    return []


def _who(names: Sequence[str], description: set[str], people: _People, places: set[str]) -> frozenset[str]:
    """Find whom the words around the cue mean; no words at all mean whoever spoke last."""
    if not names:
        return frozenset(description) or people.last_speaker
    if set(names) <= places:
        # "Seoul", "the South Korean president": no pronoun that follows can be trusted to mean them.
        return frozenset({*names, *description})
    people.last_speaker = people.resolve(names, description)
    return people.last_speaker


def _is_cue(spoken: Sequence[Word], place: int, language: Language) -> bool:
    lowered = spoken[place].text.lower()
    if lowered in language.cues and not (spoken[place].is_capitalised and place):
        before = spoken[place - 1].text.lower() if place else ""
        return before not in _NOUN_FOLLOWS | _PASSIVE
    return any(_ends_phrase(spoken, place, phrase) for phrase in language.according)


def _ends_phrase(spoken: Sequence[Word], place: int, phrase: str) -> bool:
    parts = phrase.split()
    tail = [word.text.lower() for word in spoken[max(0, place - len(parts) + 1) : place + 1]]
    return tail == parts


def _source(
    sentence: str, spoken: Sequence[Word], place: int, quotations: Sequence[Span], language: Language
) -> tuple[list[str], set[str]]:
    """Find who speaks: behind the cue after "according to" or a quotation, else the subject before it."""
    cue = spoken[place]
    is_according = cue.text.lower() not in language.cues
    if is_according or _follows_quotation(spoken, place, quotations, language):
        after = next(_clauses(sentence, spoken[place + 1 :]), [])
        names, description = _noun_phrase(after[:10], language, from_left=True)
        if names or is_according:
            return names, description
    clauses = list(_clauses(sentence, spoken[:place]))
    # ", warning that …": the subject of such a cue is the subject of the whole sentence.
    leads = bool(clauses) and bool(_CLAUSE_END.search(sentence[clauses[-1][-1].end : cue.start]))
    if leads and len(clauses) > 1 and all(_is_name(word, language) for word in clauses[-1]):
        # "The harbour master, Amara Okafor, warned": the name stands beside what it describes.
        names, description = _noun_phrase(clauses[-2], language, from_left=False)
        return [fold(word.text) for word in clauses[-1]], {*names, *description}
    fallback: tuple[list[str], set[str]] = ([], set())
    for clause in clauses if leads else reversed(clauses):
        if any(word.text.lower() in forms for word in clause for forms in language.pronouns.values()):
            return [], set()
        # ", who met Trump in May,": what begins with a small word hangs on the clause before it.
        small = clause[0].text.lower() in language.function_words - language.determiners
        if small and clause is not clauses[0]:
            continue
        names, description = _noun_phrase(clause, language, from_left=leads)
        # ", later told": a clause without a name or an article holds no subject.
        if names or clause is clauses[0] or clause[0].text.lower() in language.determiners:
            return names, description
        fallback = fallback if any(fallback) else (names, description)
    return fallback


def _follows_quotation(
    spoken: Sequence[Word], place: int, quotations: Sequence[Span], language: Language
) -> bool:
    """Tell whether a cue stands right behind a quotation, but for an auxiliary: "«…», ha detto …"."""
    start = spoken[place].start
    if place and spoken[place - 1].text.lower() in language.function_words - language.determiners:
        start = spoken[place - 1].start
    return any(0 <= start - end <= 3 for _, end in quotations)


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


def _noun_phrase(
    clause: Sequence[Word], language: Language, *, from_left: bool
) -> tuple[list[str], set[str]]:
    """Take the words of the first or last noun phrase of a clause that can speak.

    Returns:
        The names in it, and the words that describe beside them, all folded.
    """
    runs = _phrases(clause, language)
    named = [run for run in runs if any(_is_name(word, language) for word in run)]
    chosen = (named or runs)[:1] if from_left else (named or runs)[-1:]
    taken = chosen[0] if chosen else []
    names = [fold(word.text) for word in taken if _is_name(word, language)]
    return names, {fold(word.text) for word in taken} - {*names, "s"}


def _phrases(clause: Sequence[Word], language: Language) -> list[list[Word]]:
    """Cut a clause into runs of content words; "of" and a possessive do not end a run."""
    runs: list[list[Word]] = [[]]
    for word in clause:
        lowered = word.text.lower()
        if _is_time(word, language):
            runs.append([])
        elif lowered in language.function_words and not word.text.isupper():
            if lowered not in _INSIDE_NAMES or not runs[-1]:
                runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _name_runs(some: Sequence[Word], language: Language) -> list[list[Word]]:
    """Find runs of capitalised words."""
    runs: list[list[Word]] = [[]]
    for word in some:
        gap = word.start - runs[-1][-1].end if runs[-1] else 0
        if _is_name(word, language) and gap <= 1:
            runs[-1].append(word)
        else:
            runs.append([word] if _is_name(word, language) else [])
    return [run for run in runs if run]


def _is_name(word: Word, language: Language) -> bool:
    lowered = word.text.lower()
    if word.text.isupper() and len(word.text) > 1:
        return True
    return (
        word.is_capitalised
        and lowered not in language.function_words | language.reporting
        and not _is_time(word, language)
    )


def _is_time(word: Word, language: Language) -> bool:
    return names_time(word, language) or word.text[0].isdigit()


def _frame(
    sentence: str, after: Sequence[Word], quotations: Sequence[Span], language: Language, *, follows: bool
) -> list[Span]:
    """Find what is outside the words that are said: up to "that", or to a clause that follows at once."""
    stop = len(sentence)
    opens = [word for word in after[:10] if word.text.lower() in language.opens_content]
    if opens:
        stop = opens[0].start
    elif after and not follows and _begins_clause(after[0], language):
        stop = after[0].start
    spans: list[Span] = []
    begin = 0
    for start, finish in [*quotations, (stop, len(sentence))]:
        if begin < min(start, stop):
            spans.append((begin, min(start, stop)))
        begin = max(begin, finish)
    return spans


def _begins_clause(word: Word, language: Language) -> bool:
    """Tell whether content begins with this word: "said Russia is …", "said he looks …", "said the …"."""
    lowered = word.text.lower()
    is_pronoun = any(lowered in forms for forms in language.pronouns.values())
    return _is_name(word, language) or is_pronoun or lowered in language.determiners


def _inside(place: int, spans: Sequence[Span]) -> bool:
    return any(start <= place < end for start, end in spans)
