"""Who and what a conversation is about: the names in it, the likeliest to be meant by a pronoun first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from bot.datatypes import Conversation, Turn
from retrieval.names import Name, Sort, names_in
from retrieval.query import Kind, understand
from retrieval.wording import Language, Word, fold, language_of, words

# What a mention is worth by where it stands; set on half of CANARD's development dialogues.
_TYPED, _TAKEN_UP, _FOUND, _FIRST, _QUOTED = 3.0, 0.3, 2.0, 2.0, 0.6
_NOUN, _NOUN_FADES = 1.0, 0.6
# What is left of that a turn later.
_FADES = 0.85
_SOMEBODY = {Sort.MAN, Sort.WOMAN, Sort.PERSON, Sort.UNKNOWN}
_AND = {"en": "and", "it": "e", "sv": "och"}
_JOINED = {" and ", " e ", " ed ", " och "}
_FITS = {
    "he": {Sort.MAN: 3.0, Sort.PERSON: 2.0, Sort.UNKNOWN: 2.0},
    "she": {Sort.WOMAN: 3.0, Sort.PERSON: 2.0, Sort.UNKNOWN: 2.0},
    "they": {
        Sort.GROUP: 2.0,
        Sort.THING: 0.5,
        Sort.PLACE: 0.5,
        Sort.UNKNOWN: 1.0,
        Sort.PERSON: 1.2,
        Sort.MAN: 0.6,
        Sort.WOMAN: 0.6,
    },
    "person": {Sort.MAN: 3.0, Sort.WOMAN: 3.0, Sort.PERSON: 2.0, Sort.UNKNOWN: 2.0},
    "it": {Sort.GROUP: 2.0, Sort.THING: 2.0, Sort.PLACE: 0.7, Sort.UNKNOWN: 1.0},
}


@dataclass(slots=True)
class Spoken:
    """Somebody or something that was spoken of, under the fullest name that was used."""

    name: str
    sort: Sort
    after_the: bool
    parts: tuple[str, ...]
    score: float = 0.0
    opens: bool = True
    led: bool = True
    called: set[str] = field(default_factory=set)


def spoken_of(conversation: Conversation, pronoun: str) -> list[Spoken]:
    """Rank what a pronoun can mean, by its group: "he", "she", "they" or "it"."""
    fits = _FITS.get(pronoun, {})
    ranked: list[tuple[float, Spoken]] = []
    for spoken in everything_in(conversation):
        other = {"he": "she", "she": "he"}.get(pronoun, "")
        if other and other in spoken.called and pronoun not in spoken.called:
            continue
        share = fits.get(spoken.sort, 0.0)
        if pronoun in spoken.called:
            # Some people bear the name of a place, but a country beside a "he" is seldom meant by it.
            is_unlikely = spoken.sort is Sort.PLACE and pronoun in ("he", "she")
            share = max(share, 0.5 if is_unlikely else 3.0 if pronoun != "they" else 1.5)
        elif pronoun in ("it", "they") and spoken.called & {"he", "she"}:
            share *= 0.3
        # A place is "they" where it does something, a country as a rule.
        if pronoun == "they" and spoken.sort is Sort.PLACE and "they" not in spoken.called:
            continue
        if pronoun == "they" and spoken.sort is Sort.UNKNOWN and spoken.led:
            continue
        # A singular thing is no "they", and any noun can open a sentence.
        if pronoun == "they" and spoken.sort is Sort.THING and not spoken.name.endswith("s"):
            continue
        if pronoun in ("they", "it") and spoken.opens:
            continue
        if share * spoken.score > 0:
            ranked.append((share * spoken.score, spoken))
    ranked.sort(key=lambda pair: -pair[0])
    both = _named_together(conversation[-1]) if pronoun == "they" and conversation else None
    return [*([both] if both else []), *(spoken for _, spoken in ranked)]


def _named_together(turn: Turn) -> Spoken | None:
    """Find the two or three whom a question names: "Did Yoon speak with Trump?" is asked of both."""
    answer = turn.answer
    # A verb that opens a question has a capital as well.
    named = [
        name
        for name in names_in(answer.understood_as, answer.language)
        if name.sort in _SOMEBODY and (name.acts or not name.opens)
    ]
    word = _AND.get(answer.language)
    if not word or not 2 <= len(named) <= 3:
        return None
    text = ", ".join(name.text for name in named[:-1]) + f" {word} {named[-1].text}"
    parts = tuple(fold(part.text) for part in words(text))
    return Spoken(text, Sort.GROUP, after_the=False, parts=parts, opens=False)


def everything_in(conversation: Conversation) -> list[Spoken]:
    """Gather the names of a conversation, those of one person or thing together."""
    gathered: list[Spoken] = []
    mentions = [
        mention for age, turn in enumerate(reversed(conversation)) for mention in _mentions(turn, age)
    ]
    # The fullest names first, so that "Okafor" joins "Amara Okafor".
    mentions.sort(key=lambda mention: -len(mention[1].text.split()))
    for weight, name, called in mentions:
        parts = tuple(fold(word.text) for word in words(name.text))
        same = next((spoken for spoken in gathered if _is_part(parts, spoken.parts)), None)
        if same is None:
            if name.opens and not name.acts:
                continue
            same = Spoken(name.text, name.sort, name.after_the, parts)
            gathered.append(same)
        elif same.sort is Sort.UNKNOWN:
            same.sort = name.sort
        same.score += weight
        same.opens &= name.opens
        same.led &= "led" in called
        same.called |= called
    return gathered


def _things_asked(question: str, language: Language) -> Iterator[Name]:
    """Find what a question names without a capital: the words behind "the", "a" or "this"."""
    every = words(question)
    for at, word in enumerate(every):
        owner = next((name for name in names_in(question, language.code) if name.end == word.start - 1), None)
        is_owned = owner is not None and word.text == "s"
        is_asked = word.text.lower() in language.asking_determiners
        if word.text.lower() not in language.determiners and not is_owned and not is_asked:
            continue
        run: list[Word] = []
        for following in every[at + 1 : at + 5]:
            is_next = not run or question[run[-1].end : following.start] == " "
            if not is_next or not _is_thing(following, language):
                break
            run.append(following)
        if is_asked or word.text.lower() in language.many:
            # "How many ferries sank?": a noun in the plural ends it.
            last = next((place for place, one in enumerate(run) if one.text.endswith("s")), None)
            run = run[: last + 1] if last is not None else [] if is_asked else run
        # "When did the crowd leave?", "Where was the gin invented?": the last word is the verb.
        helped = at > 0 and every[at - 1].text.lower() in language.helping | language.auxiliaries
        if (
            helped
            and len(run) > 1
            and (run[-1].text.endswith("ed") or every[at - 1].text.lower() in language.auxiliaries)
        ):
            run.pop()
        if run:
            start, end = owner.start if owner and is_owned else run[0].start, run[-1].end
            yield Name(
                text=question[start:end], start=start, end=end, sort=Sort.THING, after_the=not is_owned
            )


def _is_thing(word: Word, language: Language) -> bool:
    lowered = word.text.lower()
    if word.is_capitalised or lowered in language.function_words | language.calendar.keys():
        return False
    return lowered not in language.reporting | language.time_words | language.time_units | language.helping


def _is_part(parts: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Tell whether a name is another one, or its beginning or end."""
    return whole[: len(parts)] == parts or whole[-len(parts) :] == parts


def _mentions(turn: Turn, age: int) -> Iterator[tuple[float, Name, set[str]]]:
    answer = turn.answer
    fades = _FADES**age
    typed = {fold(word.text) for word in words(turn.question)}
    asked = names_in(answer.understood_as, answer.language)
    for name in asked:
        is_typed = any(fold(word.text) in typed for word in words(name.text))
        called = set() if is_typed else _pronouns(turn.question, answer.language)
        if name.sort is Sort.PLACE and not _is_setting(answer.understood_as, name, answer.language):
            called.add("they")
        yield (_TYPED if is_typed else _TAKEN_UP) * fades, name, called
    if not any(name.sort in (Sort.THING, Sort.GROUP) for name in asked):
        for thing in _things_asked(turn.question, language_of(answer.language)):
            yield _NOUN * _NOUN_FADES**age, thing, set()
    for one, other in pairwise(asked):
        if answer.understood_as[one.end : other.start] in _JOINED:
            both = answer.understood_as[one.start : other.end]
            yield _TYPED * fades, Name(text=both, start=one.start, end=other.end, sort=Sort.GROUP), set()
    wants_person = understand(answer.understood_as, answer.language).kind is Kind.PERSON
    for place, citation in enumerate(answer.citations):
        names = names_in(citation.quote, citation.article.language)
        known = {fold(name.text) for name in asked}
        for rank, name in enumerate(names):
            weight = _FIRST if rank == 0 and place == 0 else _QUOTED
            is_found = wants_person and place == 0 and rank == 0 and fold(name.text) not in known
            called = (
                _pronouns(citation.quote[name.end :], citation.article.language) if len(names) == 1 else set()
            )
            if _is_setting(citation.quote, name, citation.article.language):
                called = called | {"led"}
            yield (_FOUND if is_found else weight) * fades, name, called


def _is_setting(text: str, name: Name, code: str | None) -> bool:
    """Tell whether a name only says where something happens: "in Peru", "by Penmoor"."""
    language = language_of(code)
    before = [word.text.lower() for word in words(text[: name.start])]
    while before and before[-1] in language.determiners:
        before.pop()
    return bool(before) and before[-1] in language.setting | language.stranded | language.towards


def _pronouns(text: str, code: str | None) -> set[str]:
    """Tell which of "he" and "she" a text uses, if it uses one only."""
    pronouns = language_of(code).pronouns
    lowered = {word.text.lower() for word in words(text)}
    used = {kind for kind in ("he", "she") if lowered & set(pronouns.get(kind, ()))}
    return used if len(used) == 1 else set()
