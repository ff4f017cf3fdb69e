"""Countries and well-known cities in text, under one code in whatever language they are written.

The forms stand in places.json, which retrieval/training/places.py builds from CLDR. They are looked up by
words, without case and accents; a name needs its capital, an adjective of Italian or Swedish does not. What a
word leaves open stays open: "Korea" alone is "KP+KR" and "Congo" alone "CD+CG", regions of two countries.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

# Each region and what it is made of, by the UN's M49; EU, EZ and the Middle East are groups besides.
_REGIONS = """
015 DZ EG EH LY MA SD TN| 011 BF BJ CI CV GH GM GN GW LR ML MR NE NG SL SN TG| 017 AO CD CF CG CM GA GQ ST TD
| 014 BI DJ ER ET KE KM MG MU MW MZ RW SC SO SS TZ UG ZM ZW| 018 BW LS NA SZ ZA| 202 011 014 017 018
| 002 015 202| 013 BZ CR GT HN MX NI PA SV| 005 AR BO BR CL CO EC FK GF GY PE PY SR UY VE| 021 CA US GL BM
| 029 AG AW BB BS CU CW DM DO GD GP HT JM KN KY LC MQ PR TT VC| 419 005 013 029| 003 013 021 029| 019 003 005
| 030 CN HK JP KP KR MN MO TW| 034 AF BD BT IN IR LK MV NP PK| 035 BN ID KH LA MM MY PH SG TH TL VN
| 143 KG KZ TJ TM UZ| 145 AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE| 142 030 034 035 143 145
| 151 BG BY CZ HU MD PL RO RU SK UA| 154 AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ
| 155 AT BE CH DE FR LI LU MC NL| 039 AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK| 150 039 151 154 155
| 053 AU NZ| 054 FJ NC PG SB VU| 057 FM GU KI MH MP NR PW| 061 AS PF TO TV WS| 009 053 054 057 061
| EZ AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK| EU EZ BG CZ DK HU PL RO SE
| middle-east AE BH CY EG IL IQ IR JO KW LB OM PS QA SA SY TR YE| CD+CG CD CG| KP+KR KP KR
"""


def _set(words: str) -> frozenset[str]:
    """Return the words of a line or more as a set."""
    return frozenset(words.split())


# No places, though parts of them are: matched as a whole and dropped.
_NO_PLACES = """
guinea pig| guinea pigs| guinea fowl| cuba libre| cuba gooding| new guinea| nuova guinea| nya guinea
| washington post| washington times| new york times| new york post| los angeles times| chicago tribune
| jerusalem post| south china morning post| south china sea| sea of japan| gulf of mexico| gulf of oman
| golfo del messico| panama papers| paris saint germain| paris hilton| paris jackson| prince of wales
| princess of wales| principe di galles| bank of america| captain america| west indian| west indians
| english channel| irish sea| brussels sprouts| french fries| south georgia| american indian| american indians
| europa league| deutsche bank| deutsche telekom| bayern munich| bayern munchen
"""

# Names of people and papers too: no place beside another capitalised word.
_WARY = _set("""
jordan chad georgia holland sofia sydney florence milan adelaide virginia carolina montana lima jersey dallas
alexandria washington houston colombo santiago valencia porto indiana nice split colonia lille chili essen
island finn
""")

# Ordinary words too: no place at the start of a sentence.
_ORDINARY = _set("nice split colonia lille chili essen usa ue porto island finn finns")

# In Spanish peace and the saviour, unless the article has its capital too.
_WITH_ARTICLE = frozenset(("la paz", "el salvador"))

# Other words unless they have their accents: Söul, Suède.
_ACCENTED = _set("soul suede")

_ACRONYMS = _set("us usa uk eu ue uae eau drc rdc prc dprk eua eeuu")
_ARTICLES = _set("the il lo la le l el los las den det der die das de i gli")
_TITLES = _set("mr mrs ms dr sen rep gov prof sig")
_OPENERS = _set("""
a after aus av but by da dal dalla de del della di en for fran from i il in la med men nach nel no not och of
on pa per since the to till um und until when while with
""")

# Georgia is the American state where the text speaks of the first and not of the second.
_AMERICAN = _set("atlanta fulton alabama carolina florida tennessee savannah kemp trump biden")
_CAUCASIAN = _set("tbilisi georgian georgians ossetia abkhazia caucasus saakashvili armenia azerbaijan")

_WORD = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\b\.?|[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_JOINT = re.compile(r"[ \t\u00a0]*\n?[ \t\u00a0]*|[-'`\u2010-\u2013\u2019\u00b4]| - | & |\.[ -]?")
_BREAK = re.compile(r"[.!?:;\n\"“”«»]")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ð": "d"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMention:
    """A place named in a text, half-open; `demonym` where an adjective or inhabitants name it."""

    code: str
    start: int
    end: int
    demonym: bool


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """What each form means with a capital and without, and how many words a first word may open."""

    capitalised: Mapping[str, tuple[str, bool]]
    plain: Mapping[str, tuple[str, bool]]
    longest: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, folded, with their places."""

    text: str
    spans: list[tuple[int, int]]
    keys: list[str]


@lru_cache(maxsize=65536)
def _fold(word: str) -> str:
    """Fold a word to lower case without accents."""
    if word.isascii():
        return word.lower().rstrip(".")
    decomposed = unicodedata.normalize("NFD", word.casefold().translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).rstrip(".") or word


def name_key(name: str) -> str:
    """Return the form under which a name is looked up: its words, folded, with single spaces."""
    return " ".join(_fold(word) for word in _WORD.findall(name))


@cache
def _lexicon() -> _Lexicon:
    """Load the forms; a name goes before an adjective that is spelled the same ("Argentina")."""
    sections = json.loads((Path(__file__).parent / "places.json").read_text(encoding="utf-8"))
    plain = {form: (code, True) for code, forms in sections["adjectives"].items() for form in forms}
    plain.update((form, (code, False)) for code, forms in sections["common"].items() for form in forms)
    capitalised = dict(plain)
    for section in ("people", "names"):
        for code, forms in sections[section].items():
            capitalised.update(dict.fromkeys(forms, (code, section == "people")))
    capitalised.update(dict.fromkeys((name_key(name) for name in _NO_PLACES.split("|")), ("", False)))
    longest: dict[str, int] = {}
    for form in capitalised:
        first, _, rest = form.partition(" ")
        longest[first] = max(longest.get(first, 0), 1 + len(rest.split()))
    return _Lexicon(capitalised, plain, longest)


@cache
def _members(region: str) -> frozenset[str]:
    """Return the countries and regions within a region."""
    for entry in _REGIONS.split("|"):
        code, *parts = entry.split()
        if code == region:
            return frozenset(parts).union(*(_members(part) for part in parts))
    return frozenset()


def contains(place: str, other: str) -> bool:
    """Tell whether a place covers another: itself, its cities, or a region's countries and their cities."""
    if place == other or other.startswith(f"{place}/"):
        return True
    return _members(place).issuperset(other.partition("/")[0].split("+"))


@lru_cache(maxsize=512)
def find_places(text: str) -> tuple[PlaceMention, ...]:
    """Find the places that a text names, in order and without overlaps, the longest name first."""
    found = list(_WORD.finditer(text))
    words = _Words(text, [match.span() for match in found], [_fold(match.group()) for match in found])
    mentions: list[PlaceMention] = []
    at = 0
    while at < len(found):
        if not _may_open(words.keys[at]):
            at += 1
            continue
        code, demonym, count = _match(words, at)
        if code:
            start, end = words.spans[at][0], words.spans[at + count - 1][1]
            mentions.append(PlaceMention(code=code, start=start, end=end, demonym=demonym))
        at += count
    return tuple(mentions)


def may_open_place(word: str) -> bool:
    """Tell whether a word can be the first of a place; it takes the text to tell whether it is."""
    return _may_open(_fold(word))


def _may_open(key: str) -> bool:
    return key in _lexicon().longest or key[-1] == "s"


def _match(words: _Words, at: int) -> tuple[str, bool, int]:
    """Return the code of the longest form from a word on, whether a demonym, and its count of words."""
    key = words.keys[at]
    for count in range(_reach(words, at, _lexicon().longest.get(key, 1)), 0, -1):
        meaning = _meaning(words, at, count)
        if meaning:
            return *meaning, count
    return "", False, 1


def _reach(words: _Words, at: int, longest: int) -> int:
    """Count the words from a word on that a name could hold together, as far as the longest form goes."""
    count = 1
    while count < longest and at + count < len(words.keys):
        gap = _gap(words, at + count)
        if not _JOINT.fullmatch(gap) or (gap.startswith(".") and len(words.keys[at + count - 1]) > 3):
            break
        count += 1
    return count


def _meaning(words: _Words, at: int, count: int) -> tuple[str, bool] | None:
    """Look up so many words from a word on; None where they name nothing or look like something else."""
    lexicon = _lexicon()
    key = words.keys[at] if count == 1 else " ".join(words.keys[at : at + count])
    head = at + 1 if count > 1 and words.keys[at] in _ARTICLES and key not in _WITH_ARTICLE else at
    if not _is_capital(words, head):
        return lexicon.plain.get(key)
    meaning = lexicon.capitalised.get(key)
    if (meaning is None or key in lexicon.plain) and key.endswith("s") and len(key) > 4:
        genitive = lexicon.capitalised.get(key[:-1])
        if genitive and not genitive[1]:
            key, meaning = key[:-1], genitive
    if meaning is None or count > 1:
        return meaning
    if _is_another_word(words, at, key):
        return None
    return ("US/georgia", False) if key == "georgia" and _speaks_of_america(words) else meaning


def _is_another_word(words: _Words, at: int, key: str) -> bool:
    """Tell whether a form is used as a pronoun, an ordinary word or somebody's name."""
    return (
        (key in _ACRONYMS and not _is_acronym(words, at))
        or (key in _ORDINARY and _is_opening_word(words, at))
        or (key in _ACCENTED and _word(words, at).isascii())
        or (key in _WARY and _is_part_of_a_name(words, at))
    )


def _word(words: _Words, at: int) -> str:
    """Return a word as it is written."""
    return words.text[slice(*words.spans[at])]


def _gap(words: _Words, at: int) -> str:
    """Return what stands between a word and the word before it."""
    return words.text[words.spans[at - 1][1] if at else 0 : words.spans[at][0]]


def _is_capital(words: _Words, at: int) -> bool:
    """Tell whether a word starts with a capital."""
    return words.text[words.spans[at][0]].isupper()


def _starts_sentence(words: _Words, at: int) -> bool:
    """Tell whether a sentence, line or quotation starts with a word."""
    return at == 0 or bool(_BREAK.search(_gap(words, at)))


def _is_opening_word(words: _Words, at: int) -> bool:
    """Tell whether a word may owe its capital to the start of a sentence."""
    return _starts_sentence(words, at) and not _word(words, at).isupper()


def _is_acronym(words: _Words, at: int) -> bool:
    """Tell an acronym from a word: "US" from "Us" and from the pronoun in a line of capitals."""
    word = _word(words, at)
    if words.text.startswith("$", words.spans[at][1]):
        return False
    if word != "US":
        return word.isupper() or (word in ("Usa", "Ue"))
    if at == 0 or _gap(words, at) != " " or words.keys[at - 1] == "the":
        return True
    last = at + 1 == len(words.keys)
    if not last and _gap(words, at + 1) == "-":
        return True
    shouted = last or _gap(words, at + 1) != " " or _word(words, at + 1).isupper()
    return not (_word(words, at - 1).isupper() and shouted)


def _is_part_of_a_name(words: _Words, at: int) -> bool:
    """Tell whether a word stands beside another capital as in "Michael Jordan" or "Chad Smith"."""
    if at + 1 < len(words.keys) and _gap(words, at + 1) == " " and _is_capital(words, at + 1):
        return True
    if at == 0 or words.keys[at - 1] in _TITLES:
        return at > 0
    if _gap(words, at) != " " or not _is_capital(words, at - 1):
        return False
    return not (_starts_sentence(words, at - 1) and words.keys[at - 1] in _OPENERS)


def _speaks_of_america(words: _Words) -> bool:
    """Tell whether a text that names Georgia speaks of the American state."""
    return not _AMERICAN.isdisjoint(words.keys) and _CAUCASIAN.isdisjoint(words.keys)
