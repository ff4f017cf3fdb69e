"""Read a question: what kind of answer it wants, about whom, where, and in which words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval.asked_time import Asked
from retrieval.places import PlaceMention, find_places
from retrieval.wording import Language, Word, content_words, fold, language_of, words

_QUOTED = re.compile(r"[\"“„«”]([^\"“”„«»]{3,}?)[\"”“»]")
# The phrase that asks begins within so many words: "For how long …", "Tell me when …".
_ASKS_BEFORE = 5
# A question of so many words describes by several facts what it asks for.
_DESCRIBING = 15
_AND = {"and", "e", "ed", "och", "und", "et", "y"}
# May stand inside the name of somebody's office: "chief of the alliance", "presidente del Consiglio".
_INSIDE_TITLES = {"of", "del", "della", "dell", "dei", "delle", "dello", "degli", "di", "for"}


class Kind(StrEnum):
    """What would answer the question."""

    QUANTITY = "quantity"
    DURATION = "duration"
    TIME = "time"
    PLACE = "place"
    PERSON = "person"
    REASON = "reason"
    STATEMENT = "statement"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question that stands alone, read.

    `asking` is the phrase that asks; `speaker` names whose words are asked for; `setting` holds the codes
    of places where something is said to happen; `topic` the other content words, `places` those of them
    that name places; `counted` what a quantity is asked of; `phrases` what stands in quotation marks;
    `named_places` all places with their words; `sought` all content words but those that ask; `when` the
    days that it asks about, once somebody who knows today's date has read them.
    """

    text: str
    language: str
    kind: Kind
    asking: tuple[Word, ...] = ()
    speaker: tuple[Word, ...] = ()
    setting: tuple[str, ...] = ()
    topic: tuple[Word, ...] = ()
    places: tuple[tuple[str, Word], ...] = ()
    named_places: tuple[tuple[str, Word], ...] = ()
    counted: tuple[Word, ...] = ()
    phrases: tuple[str, ...] = ()
    asks_for_words: bool = False
    moves: bool = False
    sought: tuple[Word, ...] = ()
    when: Asked | None = None

    @property
    def is_description(self) -> bool:
        """Whether it describes by several facts what it asks for."""
        return len(self.topic) >= _DESCRIBING

    @property
    def focus(self) -> str:
        """The question's own words that carry content, for a sentence that says what was looked for."""
        return " ".join(word.text for word in self.sought)


def understand(text: str, language_code: str, *, is_told_by_outlet: bool = False) -> Query:
    """Read a question in a language whose small words are known; in another, only its words count.

    Args:
        text: The question.
        language_code: Its language.
        is_told_by_outlet: Whether "according to …" names an outlet, which its articles need not repeat.
    """
    language = language_of(language_code)
    every = words(text)
    kind, asked_by = _kind(every, language)
    places, setting = _places(text, every, language)
    library = {word for word in every if word.text in language.the_library}
    rest = [word for word in content_words(text, language_code) if word not in asked_by | library]
    speaker, verb = _speaker([word for word in every if word not in library], asked_by, language)
    if kind is Kind.PERSON and speaker:
        # "Who did Borrell speak with?" asks for somebody, not for words.
        speaker, verb = [], None
    if verb is not None and fold(verb.text) in {fold(form) for form in language.asking_words}:
        rest = [word for word in rest if word != verb]
    setting_words = {word for code, word in places if code in setting}
    moves = {word for word in rest if setting and word.text.lower() in language.motion}
    teller, by = _teller(every, language) if is_told_by_outlet and speaker else ([], [])
    outlet = {*teller, *by}
    topic = [word for word in rest if word not in speaker and word not in setting_words | outlet]
    # "What did he say on his visit to Riga?": the visit is the setting, not what was said.
    if speaker and verb is not None:
        topic = [word for word in topic if word not in moves]
    return Query(
        text=text,
        language=language_code,
        kind=kind,
        asking=tuple(sorted(asked_by, key=lambda word: word.start)),
        speaker=tuple(speaker),
        setting=tuple(dict.fromkeys(setting)),
        topic=tuple(topic),
        places=tuple((code, word) for code, word in places if word in topic),
        named_places=tuple(places),
        counted=_counted(every, asked_by, language) if kind is Kind.QUANTITY else (),
        phrases=tuple(match.group(1).strip() for match in _QUOTED.finditer(text)),
        asks_for_words=verb is not None,
        moves=bool(moves),
        sought=tuple(rest),
    )


def _kind(every: Sequence[Word], language: Language) -> tuple[Kind, set[Word]]:
    """Find the phrase that asks: the earliest, and of several there the longest."""
    folded = [fold(word.text) for word in every]
    if folded and folded[0] in language.yes_or_no:
        return Kind.OTHER, set()
    found: list[tuple[int, int, Kind]] = []
    for name, phrases in language.asks.items():
        for phrase in phrases:
            parts = [fold(word.text) for word in words(phrase)]
            for place in range(min(_ASKS_BEFORE, len(folded) - len(parts) + 1)):
                if folded[place : place + len(parts)] == parts:
                    found.append((place, -len(parts), Kind(name)))
                    break
    ends = [Kind(name) for name, some in language.asks_at_end.items() if folded and folded[-1] in some]
    if not found:
        return (ends[0], {every[-1]}) if ends else (Kind.OTHER, set())
    place, length, kind = min(found)
    # "What is the number of …" asks for a quantity although it begins as any other question.
    for other_place, other_length, other in sorted(found):
        if kind is Kind.STATEMENT and other in (Kind.QUANTITY, Kind.DURATION):
            place, length, kind = other_place, other_length, other
            break
    # "What do the aircraft cost?"
    kind = ends[0] if kind is Kind.STATEMENT and ends else kind
    return kind, set(every[place : place - length])


def _places(text: str, every: Sequence[Word], language: Language) -> tuple[list[tuple[str, Word]], list[str]]:
    """Find the places named, and which of them are where something happens."""
    # People type in lower case; names of places are then still names.
    readable = text if any(word.is_capitalised for word in every[1:]) else _capitalised(text)
    named: list[tuple[str, Word]] = []
    setting: list[str] = []
    for mention in find_places(readable):
        inside = [word for word in every if mention.start <= word.start < mention.end]
        named += [(mention.code, word) for word in inside]
        if is_setting(every, mention, language, setting, named):
            setting.append(mention.code)
    return named, setting


def is_setting(
    every: Sequence[Word],
    mention: PlaceMention,
    language: Language,
    earlier: Sequence[str] = (),
    named: Sequence[tuple[str, Word]] = (),
) -> bool:
    """Tell whether a place is where something happens, not what it is about.

    An adjective is one only behind a preposition and an article: "in the Latvian capital".
    """
    before = [word.text.lower() for word in every if word.start < mention.start]
    if mention.demonym and not (before and before[-1] in language.determiners):
        return False
    while before and before[-1] in language.determiners:
        before.pop()
    if not before:
        return False
    if before[-1] in language.setting or (before[-1] in language.motion and not mention.demonym):
        return True
    # "a visit to Latvia", "Lettlandsbesöket i …": a preposition after a word of travelling.
    if len(before) > 1 and before[-1] in language.function_words and before[-2] in language.motion:
        return before[-1] not in language.opens_content
    # "in Japan and South Korea": the second of two settings.
    joined = before[-1] in _AND and len(before) > 1
    return bool(joined and earlier and named and any(
        word.text.lower() == before[-2] and code == earlier[-1] for code, word in named
    ))  # fmt: skip


def _speaker(
    every: Sequence[Word], asked_by: set[Word], language: Language
) -> tuple[list[Word], Word | None]:
    """Find whose words are asked for, and the verb or noun that asks for words."""
    teller, by = _teller(every, language)
    rest = [word for word in every if word not in teller and word not in by]
    found = _subject_of_speech(rest, asked_by, language)
    # "According to AP, what did Rutte say?" asks for what Rutte said.
    is_asked = found[0] and found[1] and found[1].text.lower() in language.asking_words
    return found if is_asked or not by else (teller, by[-1])


def _teller(every: Sequence[Word], language: Language) -> tuple[list[Word], list[Word]]:
    """Find whose account is asked for, and the words that say so: "according to AP"."""
    lowered = [word.text.lower() for word in every]
    for phrase in language.according:
        parts = phrase.split()
        for place in range(len(every) - len(parts) + 1):
            if lowered[place : place + len(parts)] == parts:
                after = place + len(parts)
                return _noun_phrase(every[after:], language), list(every[place:after])
    return [], []


def _subject_of_speech(
    every: Sequence[Word], asked_by: set[Word], language: Language
) -> tuple[list[Word], Word | None]:
    lowered = [word.text.lower() for word in every]
    helped = not language.auxiliaries.isdisjoint(lowered)
    nouns = language.reporting - language.cues - (language.reporting if helped else frozenset())
    verbs_of_speech = (language.asking_words | language.reporting) - nouns
    verbs = [
        place
        for place, word in enumerate(every)
        if word not in asked_by and lowered[place] in verbs_of_speech
    ]
    if not verbs:
        return [], None
    asking = [place for place in verbs if lowered[place] in language.asking_words]
    at = (asking or verbs)[0]
    # "Who said …" asks for the speaker; nothing before the verb names one.
    if not language.subordinators.isdisjoint(lowered[1:at]):
        return [], None
    asked_noun = lowered[0] in language.asking_determiners and lowered[1:2] and not helped
    if asked_noun and lowered[1] not in language.function_words | language.yes_or_no:
        # "Which senator said …" asks for the speaker.
        return [], every[at]
    helpers = [place for place in range(at) if lowered[place] in language.auxiliaries]
    before = [
        word
        for word in every[helpers[-1] if helpers else 0 : at]
        if word not in asked_by and lowered[every.index(word)] not in language.function_words
    ]
    if before:
        together = any(word.text.lower() in _AND for word in every[every.index(before[0]) : at])
        # "What did Yoon and Trump talk about?" asks for no words of one of them.
        return ([], None) if together else (before, every[at])
    if every[at - 1] in asked_by and _asks_for_speaker(every, asked_by, language):
        return [], every[at]
    following = lowered[at + 1] if at + 1 < len(every) else ""
    is_about = following in language.function_words - language.determiners
    if is_about if not language.subject_follows else following not in language.subject_follows:
        return [], every[at] if lowered[at] in language.asking_words else None
    return _noun_phrase(every[at + 1 :], language), every[at]


def _asks_for_speaker(every: Sequence[Word], asked_by: set[Word], language: Language) -> bool:
    asking = " ".join(fold(word.text) for word in every if word in asked_by)
    return asking in {fold(phrase) for phrase in language.asks.get("person", ())}


def _noun_phrase(following: Sequence[Word], language: Language) -> list[Word]:
    """Take the content words up to the first small word that ends a noun phrase."""
    taken: list[Word] = []
    end = following[0].start if following else 0
    for word in following:
        lowered = word.text.lower()
        if taken and word.start - end > 1:
            break
        end = word.end
        # A name is complete: "detto Rutte delle truppe" goes on with what it is about.
        is_complete = bool(taken) and taken[-1].is_capitalised and not taken[-1].text.isupper()
        if lowered in language.determiners or (taken and lowered in _INSIDE_TITLES and not is_complete):
            continue
        if lowered in language.function_words or lowered in language.reporting | language.motion:
            if taken:
                break
            continue
        taken.append(word)
    return taken


def _counted(every: Sequence[Word], asked_by: set[Word], language: Language) -> tuple[Word, ...]:
    """Find what is counted: the content words that follow the asking phrase, up to a verb or small word."""
    following = [word for word in every if asked_by and word.start > max(part.start for part in asked_by)]
    taken: list[Word] = []
    for word in following:
        lowered = word.text.lower()
        if lowered in _INSIDE_TITLES and not taken:
            continue
        if lowered in language.function_words or lowered in language.reporting:
            if taken:
                break
            continue
        taken.append(word)
    is_named = all(word.is_capitalised for word in taken[:3])
    return () if is_named else tuple(taken[:3])


def _capitalised(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda match: match.group()[0].upper() + match.group()[1:], text)
