"""Cut text into words and words into terms, and know the small words of each language."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

# PyStemmer's names of the Snowball algorithms (https://snowballstem.org/algorithms/).
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
_FOLDER = Path(__file__).with_name("languages")
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)*|[^\W\d_]+\d*|%")
_PERCENT = {"%", "percent", "procent", "prozent", "percento", "pourcent"}
# Thousands in groups, all parted by one mark, and after the other mark a fraction.
_YEAR = re.compile(r"(1[0-9]|20)\d\d")
_GROUPED_NUMBER = re.compile(r"([1-9]\d{0,2}([.,])\d{3}(?:\2\d{3})*)(?:(?!\2)[.,](\d+))?")
# How much likelier the likeliest language has to be than the next, in the detector's scores.
_LANGUAGE_MARGIN = 1.0


class Word(NamedTuple):
    """A word as it stands in a text, with its half-open place."""

    text: str
    start: int
    end: int

    @property
    def is_capitalised(self) -> bool:
        """Whether the word begins with a capital letter."""
        return self.text[0].isupper()


@dataclass(frozen=True)
class Language:
    """The function words, verbs and question words of one language, all in lower case."""

    code: str
    function_words: frozenset[str]
    determiners: frozenset[str]
    the_library: frozenset[str]
    asks: Mapping[str, tuple[str, ...]]
    asks_at_end: Mapping[str, frozenset[str]]
    money: frozenset[str]
    yes_or_no: frozenset[str]
    asking_determiners: frozenset[str]
    subordinators: frozenset[str]
    reporting: frozenset[str]
    cues: frozenset[str]
    asking_words: frozenset[str]
    motion: frozenset[str]
    setting: frozenset[str]
    according: tuple[str, ...]
    auxiliaries: frozenset[str]
    subject_follows: tuple[str, ...]
    opens_content: frozenset[str]
    pronouns: Mapping[str, tuple[str, ...]]
    openers: tuple[str, ...]
    about: str
    inside: str
    possessives: frozenset[str]
    helping: frozenset[str]
    corrections: tuple[str, ...]
    towards: frozenset[str]
    partitives: frozenset[str]
    stranded: frozenset[str]
    that: str
    kept: frozenset[str]
    many: frozenset[str]
    left_alone: frozenset[str]
    drops_subject: bool
    calendar: Mapping[str, str]
    only_capital: frozenset[str]
    time_words: frozenset[str]
    time_units: frozenset[str]
    since: frozenset[str]
    future: frozenset[str]
    naming: frozenset[str]
    light: frozenset[str]
    reasons: tuple[str, ...]
    number_words: Mapping[str, str | None]

    @property
    def every_pronoun(self) -> frozenset[str]:
        """The forms of all its pronouns."""
        return frozenset(form for forms in self.pronouns.values() for form in forms)


@lru_cache(maxsize=512)
def words(text: str) -> tuple[Word, ...]:
    """Find the words and numbers of a text; each sentence is asked for many times while it is read."""
    return tuple([Word(match.group(), *match.span()) for match in _WORD.finditer(text)])


def fold(text: str) -> str:
    """Lower the case and drop the accents: "Città" and "citta" are one word."""
    if text.isascii():
        return text.lower()
    # Twice, since a letter in italics is a capital only once it is taken apart.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def number(text: str) -> str | None:
    """Write a number one way, "12.000" and "12,000" both as "12000"; None for a word."""
    if not text[0].isdigit():
        return None
    grouped = _GROUPED_NUMBER.fullmatch(text)
    if grouped:
        whole, mark, fraction = grouped.groups()
        return whole.replace(mark, "") + (f".{fraction}" if fraction else "")
    return text.replace(",", ".")


@lru_cache(maxsize=100_000)
def term(word: str, code: str | None) -> str:
    """Reduce a word to what is compared: a stem without accents, or a number in its one form."""
    figure = number(word)
    if figure is not None:
        return figure
    lowered = word.lower().replace(".", "")
    language = language_of(code)
    if lowered in _PERCENT:
        return "percent"
    if language.number_words.get(lowered):
        return str(language.number_words[lowered])
    if lowered in language.calendar and (word[0].isupper() or lowered not in language.only_capital):
        return language.calendar[lowered]
    stemmer = _stemmer(code)
    return fold(stemmer.stemWord(lowered) if stemmer else lowered)


def is_year(text: str) -> bool:
    """Tell whether a number is written as a year, from 1000 to 2099."""
    return _YEAR.fullmatch(text) is not None


def names_time(word: Word, language: Language) -> bool:
    """Tell whether a word names a time; "may" and "march" do so only with a capital."""
    lowered = word.text.lower()
    if lowered in language.only_capital and not word.is_capitalised:
        return False
    return lowered in language.time_words or lowered in language.calendar


def content_words(text: str, code: str | None) -> Iterator[Word]:
    """Find the words of a text that carry content: no function words, no single letters."""
    language = language_of(code)
    for word in words(text):
        # "US" is a country, "us" is not: an acronym is never a function word.
        is_acronym = len(word.text) > 1 and word.text.isupper() and not text.isupper()
        if not is_acronym and word.text.lower() in language.function_words:
            continue
        if len(word.text) > 1 or word.text.isdigit() or word.text == "%":
            yield word


def terms(text: str, code: str | None) -> list[str]:
    """Reduce a text to the terms of its content words, in order."""
    return [term(word.text, code) for word in content_words(text, code)]


@cache
def language_of(code: str | None) -> Language:
    """Load what is known of a language; of an unknown one, nothing."""
    path = _FOLDER / f"{code}.toml"
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8")) if code and path.exists() else {}
    follow_up = data.get("follow_up", {})
    verbs, times = data.get("verbs", {}), data.get("time", {})
    return Language(
        code=code or "und",
        function_words=_set(data.get("function_words")),
        determiners=_set(data.get("determiners")),
        the_library=_set(data.get("the_library")),
        asks={kind: tuple(phrases) for kind, phrases in data.get("asks", {}).items()},
        asks_at_end={kind: _set(some) for kind, some in data.get("asks_at_end", {}).items()},
        money=_set(data.get("money")),
        yes_or_no=_set(data.get("yes_or_no")),
        asking_determiners=_set(data.get("asking_determiners")),
        subordinators=_set(data.get("subordinators")),
        reporting=_set(verbs.get("reporting")),
        cues=_set(verbs.get("reporting")) - _set(verbs.get("not_cues")),
        asking_words=_set(verbs.get("asking_words")),
        motion=_set(verbs.get("motion")),
        setting=frozenset(verbs.get("setting", ())),
        according=tuple(verbs.get("according", ())),
        auxiliaries=_set(verbs.get("auxiliaries")),
        subject_follows=tuple(verbs.get("subject_follows", ())),
        opens_content=frozenset(verbs.get("opens_content", ())),
        pronouns={name: tuple(forms) for name, forms in data.get("pronouns", {}).items()},
        openers=tuple(follow_up.get("openers", ())),
        about=follow_up.get("about", ""),
        inside=follow_up.get("inside", "in"),
        possessives=frozenset(follow_up.get("possessives", ())),
        helping=_set(follow_up.get("helping")),
        corrections=tuple(follow_up.get("corrections", ())),
        towards=_set(follow_up.get("towards")),
        partitives=_set(follow_up.get("partitives")),
        stranded=_set(follow_up.get("stranded")),
        that=follow_up.get("that", ""),
        kept=_set(follow_up.get("kept")),
        many=_set(follow_up.get("many")),
        left_alone=_set(follow_up.get("left_alone")),
        drops_subject=bool(follow_up.get("drops_subject")),
        calendar=_calendar(data.get("calendar", {})),
        only_capital=_set(data.get("calendar", {}).get("capital")),
        time_words=_set(times.get("words")),
        time_units=_set(times.get("units")),
        since=frozenset(times.get("since", ())),
        future=_set(times.get("future")),
        light=_set(data.get("light")),
        naming=_set(data.get("naming")),
        reasons=tuple(times.get("reasons", ())),
        number_words=_values(data.get("numbers", {}).get("words", "")),
    )


@cache
def known_languages() -> tuple[str, ...]:
    """Name the languages whose small words are known."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def detect_language(text: str) -> str | None:
    """Name the language of a text (ISO 639-1); None where it is too short or could be several."""
    start = text[:4000]
    if sum(letter.isalpha() for letter in start[:1000]) < 24:
        return None
    from py3langid import rank

    (best, first), (_, second) = rank(start)[:2]
    # Scores are log-probabilities that grow with the text; the square root of its length evens them out.
    margin = float(first - second) / len(start.encode()) ** 0.5
    return str(best) if margin > _LANGUAGE_MARGIN and len(best) == 2 else None


def guess_language(
    text: str, likely: Sequence[str], detect: Callable[[str], str | None], default: str = "en"
) -> str:
    """Guess the language of a short question by its small words, else by a detector.

    Args:
        text: The question.
        likely: Languages of the articles, the most frequent first: they win ties.
        detect: Names the language of a text, for questions without any known small word.
        default: What is taken when nothing tells.
    """
    lowered = {word.text.lower() for word in words(text)}
    hits = {code: len(lowered & language_of(code).function_words) for code in known_languages()}
    order = [*(code for code in likely if code in hits), default, *known_languages()]
    best = max(order, key=lambda code: hits[code])
    if hits[best]:
        return best
    # The detector takes time and memory to load, and can tell nothing where only one answer is left.
    if set(likely) <= {default}:
        return default
    detected = detect(text)
    return detected if detected and detected in likely else default


def _calendar(data: Mapping[str, Any]) -> dict[str, str]:
    """Give each name of a month or weekday the one term that all languages share."""
    kinds = (("month", data.get("months", ())), ("weekday", data.get("weekdays", ())))
    return {
        name: f"{kind}{place}"
        for kind, groups in kinds
        for place, names in enumerate(groups, start=1)
        for name in names.split()
    }


def _values(text: str) -> dict[str, str | None]:
    """Give number words their values: the first 21 count from zero, the next seven are the tens to ninety."""
    values = [*range(21), *range(30, 100, 10)]
    listed = text.split()
    return {word: str(values[place]) if place < len(values) else None for place, word in enumerate(listed)}


def _set(text: str | None) -> frozenset[str]:
    return frozenset((text or "").split())


@cache
def _stemmer(code: str | None) -> Any:  # noqa: ANN401 - PyStemmer publishes no types
    import Stemmer

    return Stemmer.Stemmer(_STEMMERS[code]) if code in _STEMMERS else None
