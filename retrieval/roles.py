"""Tell whether a claim turns round who did something to whom."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from retrieval.places import PlaceMention, find_places
from retrieval.sentences import Sentence
from retrieval.wording import Word, content_words, fold, language_of, term, words

_ENDS_CLAUSE = re.compile(r"[,;:.()\[\]–—“”„\"«»?!…]|\s-\s")
_PASSIVE = {
    "en": "is are was were been be being",
    "it": "è sono era erano fu furono stato stata stati state viene vengono venne essere",
    "sv": "blev blivit blir bli är",
}
_AGENTS = {"en": "by", "it": "da dal dalla dallo dall dai dagli dalle", "sv": "av"}
# Who does these does them together: "Rutte met Meloni" is "Meloni met Rutte".
_TOGETHER = {
    "en": """meet met marry married divorce divorced speak spoke talk talked play played face faced negotiate
    agree agreed trade share border resemble discuss discussed cooperate collaborate work worked join joined
    fight fought draw drew""",
    "it": """incontrare incontra incontrato sposare sposato parlare parlato giocare giocato affrontare
    affrontato negoziare discutere discusso collaborare confinare combattere lavorare""",
    "sv": """träffa träffade träffat möta mötte mött gifta gifte tala talade spela spelade förhandla diskutera
    diskuterade samarbeta handla gränsa slåss jobba arbeta""",
}
# So many words around a verb stand its helping verb, and whoever does it.
_HELPS, _AGENT_REACH = 3, 5


@dataclass(frozen=True, slots=True)
class _Roles:
    """Who does what a verb says, and whom else its clause names; names as places' codes or folded words."""

    verb: str
    doer: str
    others: frozenset[str]


def turns_round(claim: str, language: str, sentence: Sentence) -> bool:
    """Tell whether a claim and a sentence of its language give two names each other's part in one verb."""
    if sentence.article.language != language or language not in _AGENTS:
        return False
    names = {fold(word.text) for word in content_words(claim, language) if word.is_capitalised}
    told = list(_roles(sentence.text, names, sentence.places, language))
    for one in _roles(claim, names, find_places(claim), language) if told else ():
        same = [other for other in told if other.verb == one.verb]
        is_turned = any(one.doer in other.others and other.doer in one.others for other in same)
        if is_turned and all(other.doer != one.doer for other in same):
            return True
    return False


def _roles(text: str, names: Set[str], places: Sequence[PlaceMention], code: str) -> Iterator[_Roles]:
    """Read each verb with a name before it and another behind it in its clause."""
    every = words(text)
    content = {word.start for word in content_words(text, code)}
    together = {term(word, code) for word in _TOGETHER[code].split()} | language_of(code).reporting
    marked = [_name(word, text, names, places) for word in every]
    for place, word in enumerate(every):
        is_verb = word.start in content and not word.is_capitalised and word.text.isalpha()
        if not is_verb or term(word.text, code) in together or word.text.lower() in together:
            continue
        if place and every[place - 1].text.lower() in language_of(code).determiners:
            continue
        low, high = _clause(text, every, place)
        before = next((name for name in reversed(marked[low:place]) if name), None)
        behind = frozenset(name for name in marked[place + 1 : high] if name) - {before}
        if before is None or not behind:
            continue
        agent = _agent(every, marked, (low, place, high), code)
        verb = term(word.text, code)
        yield _Roles(verb, agent, frozenset({before})) if agent else _Roles(verb, before, behind)


def _name(word: Word, text: str, names: Set[str], places: Sequence[PlaceMention]) -> str | None:
    """Give what a word names; "Russia's" only says whose."""
    if re.match(r"['’]s\b", text[word.end :]):
        return None
    place = next((one.code for one in places if one.start <= word.start < one.end), None)
    return place or (fold(word.text) if fold(word.text) in names else None)


def _clause(text: str, every: Sequence[Word], place: int) -> tuple[int, int]:
    low = place
    while low and not _ENDS_CLAUSE.search(text[every[low - 1].end : every[low].start]):
        low -= 1
    high = place + 1
    while high < len(every) and not _ENDS_CLAUSE.search(text[every[high - 1].end : every[high].start]):
        high += 1
    return low, high


def _agent(
    every: Sequence[Word], marked: Sequence[str | None], clause: tuple[int, int, int], code: str
) -> str | None:
    """Find who does it behind the "by" of a passive."""
    low, place, high = clause
    lowered = [word.text.lower() for word in every]
    helping = set(lowered[max(low, place - _HELPS) : place]) & set(_PASSIVE[code].split())
    if not helping and not (code == "sv" and lowered[place].endswith("s")):
        return None
    for at in range(place + 1, high):
        if lowered[at] in _AGENTS[code].split():
            return next((name for name in marked[at + 1 : min(high, at + 1 + _AGENT_REACH)] if name), None)
    return None
