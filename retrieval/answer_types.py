"""Tell whether a sentence holds the kind of thing that a question asks for."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from retrieval.places import contains
from retrieval.query import Kind, Query
from retrieval.sentences import Sentence
from retrieval.wording import Language, Word, fold, is_year, language_of, names_time, words

_MONEY_OR_SHARE = re.compile(r"[$€£¥%]|per ?cent|procent|\b(euro|dollar|pound|krona|kronor)", re.IGNORECASE)
# A number this many words before what is counted still counts it: "up to 12,000 North Korean troops".
_COUNTING_REACH = 4

# Tells whether a word of a sentence in a language is what a word of the question counts.
Counts = Callable[[Word, Word, str | None], bool]


def holds_answer(query: Query, sentence: Sentence, is_counted: Counts) -> float:
    """Grade from 0 to 1 how well a sentence can answer the kind of question."""
    code = sentence.article.language
    language, asked = language_of(code), language_of(query.language)
    every = words(sentence.text)
    if query.kind is Kind.QUANTITY:
        return _quantity(query, sentence, every, language, is_counted)
    if query.kind is Kind.DURATION:
        since = any(word.text.lower() in language.since for word in every)
        dated = since and any(is_year(word.text) for word in every)
        return 1.0 if durations(every, language) else 0.8 * dated
    if query.kind is Kind.TIME:
        told = any(_is_time(word, language) for word in every)
        # What is still to come is not answered by what has been.
        asks_future = any(word.text.lower() in asked.future for word in words(query.text))
        tells_future = any(word.text.lower() in language.future for word in every)
        return float(told and (tells_future or not asks_future))
    if query.kind is Kind.PLACE:
        return _place(query, sentence, every, language)
    if query.kind is Kind.PERSON:
        if query.asks_for_words:
            return float(sentence.attribution is not None)
        return _person(query, sentence, every, language)
    if query.kind is Kind.REASON:
        spaced = f" {' '.join(word.text.lower() for word in every)} "
        return 1.0 if any(f" {reason} " in spaced for reason in language.reasons) else 0.5
    return 1.0


def fits(query: Query, span: str, code: str | None) -> bool:
    """Tell whether words taken out of a sentence can be the kind of answer that a question asks for."""
    language = language_of(code)
    every = words(span)
    match query.kind:
        case Kind.QUANTITY:
            return bool(figures(span, code)) or bool(_MONEY_OR_SHARE.search(span))
        case Kind.DURATION:
            return any(_is_number(word, language) or _is_time(word, language) for word in every)
        case Kind.TIME:
            return any(_is_time(word, language) or word.text[0].isdigit() for word in every)
        case Kind.PERSON | Kind.PLACE:
            asked = {fold(word.text) for word in words(query.text)}
            return any(word.is_capitalised and fold(word.text) not in asked for word in every) or (
                # "Who is Mark Rutte?" is answered by what he is.
                query.kind is Kind.PERSON and all(word.is_capitalised for word in query.topic)
            )
        case _:
            return True


def figures(text: str, code: str | None) -> list[Word]:
    """Find the numbers of a sentence that count something: no years, no days of a month."""
    language = language_of(code)
    every = words(text)
    return [word for place, word in enumerate(every) if _counts(place, every, language)]


def durations(every: Sequence[Word], language: Language) -> list[Word]:
    """Find numbers that stand right before a unit of time: "four-day", "12 minutes"."""
    return [
        word
        for word, unit in pairwise(every)
        if unit.text.lower() in language.time_units and _is_number(word, language)
    ]


def _counts(place: int, every: Sequence[Word], language: Language) -> bool:
    word = every[place]
    lowered = word.text.lower()
    if not word.text[0].isdigit():
        return lowered in language.number_words
    neighbours = [other.text.lower() for other in every[max(0, place - 1) : place + 2]]
    return not is_year(word.text) and not any(name in language.calendar for name in neighbours)


def _quantity(
    query: Query, sentence: Sentence, every: Sequence[Word], language: Language, is_counted: Counts
) -> float:
    """Grade whether a number stands before what is counted, or at least in the same sentence."""
    counting = [place for place in range(len(every)) if _counts(place, every, language)]
    if not counting:
        return 0.0
    if not query.counted or query.counted[-1].text.lower() in language_of(query.language).money:
        return 1.0 if _MONEY_OR_SHARE.search(sentence.text) else 0.6
    *others, head = query.counted
    best = 0.2
    for place, word in enumerate(every):
        reaching = [number for number in counting if 0 < place - number <= _COUNTING_REACH]
        if _are_others(query, sentence, every[reaching[-1] : place + 2] if reaching else ()):
            continue
        if is_counted(head, word, language.code):
            best = max(best, 1.0 if reaching else 0.4)
        elif reaching and any(is_counted(other, word, language.code) for other in others):
            best = max(best, 0.7)
    return best


def _are_others(query: Query, sentence: Sentence, counted: Sequence[Word]) -> bool:
    """Tell whether what is counted belongs to another country than the question asks of."""
    asked = {code for code, word in query.named_places if word in query.counted}
    found = {
        mention.code
        for mention in sentence.places
        if counted and counted[0].start <= mention.start <= counted[-1].start
    }
    return bool(asked and found) and not any(contains(code, other) for code in asked for other in found)


def _is_number(word: Word, language: Language) -> bool:
    return word.text[0].isdigit() or word.text.lower() in language.number_words


def _is_time(word: Word, language: Language) -> bool:
    return names_time(word, language) or is_year(word.text)


def _place(query: Query, sentence: Sentence, every: Sequence[Word], language: Language) -> float:
    asked = [code for code, _ in query.places] + list(query.setting)
    if any(not mention.demonym and mention.code not in asked for mention in sentence.places):
        return 1.0
    for before, word in pairwise(every):
        if before.text.lower() in language.setting and word.is_capitalised:
            return 0.8
    return 0.0


def _person(query: Query, sentence: Sentence, every: Sequence[Word], language: Language) -> float:
    """Grade whether somebody is named whom the question does not name, or says who the one it names is."""
    asked = {fold(word.text) for word in words(query.text)}
    named = {fold(word.text) for word in query.topic if word.is_capitalised} or asked
    if query.topic and all(_is_name_of_question(word, query, every) for word in query.topic):
        return _describes(every, named, language)
    inside = [(mention.start, mention.end) for mention in sentence.places]
    demonyms = any(
        mention.demonym and fold(words(sentence.text[mention.start : mention.end])[-1].text) not in asked
        for mention in sentence.places
    )
    for place, word in enumerate(every):
        lowered = word.text.lower()
        if (
            word.is_capitalised
            and not word.text.isupper()
            and lowered not in language.function_words
            and lowered not in language.calendar
            and fold(word.text) not in asked
            and not any(start <= word.start < end for start, end in inside)
            and (place > 0 or (len(every) > 1 and every[1].is_capitalised))
        ):
            return 1.0
    wants_name = any(word.text.lower() in language.naming for word in query.asking)
    return 0.7 if demonyms and not wants_name else 0.2


def _is_name_of_question(word: Word, query: Query, every: Sequence[Word]) -> bool:
    """Tell whether a word is part of a name; typed without capitals, it is one if the sentence has it so."""
    if not query.text.islower():
        return word.is_capitalised
    is_place = any(named == word for _, named in query.places)
    same = [other for other in every if fold(other.text) == fold(word.text)]
    return bool(same) and not is_place and all(other.is_capitalised for other in same)


def _describes(every: Sequence[Word], named: set[str], language: Language) -> float:
    """Grade a description beside a name: a title before it, or words between commas behind it."""
    for place, word in enumerate(every):
        if fold(word.text) not in named:
            continue
        before = every[place - 1] if place else None
        if before is not None and fold(before.text) not in named:
            lowered = before.text.lower()
            small = lowered in language.function_words or lowered in language.reporting
            if not small and word.start - before.end == 1:
                return 1.0
        if place + 1 < len(every) and every[place + 1].start - word.end == 2:
            return 0.8
    return 0.2
