"""Give the English words of a foreign word, from a lexicon learned of open parallel sentences."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from retrieval.wording import Word, fold, language_of, number, term, words

LEXICON_FILE = Path(__file__).with_name("lexicon.json")
# The languages that it knows words of.
GLOSSED = ("es", "it", "sv")
# Marks the entry of a word that has a capital letter within a sentence: "Lega" is no "lega".
NAME_MARK = "^"
# Marks the entry of one form of a word that differs from its stem's: "soldi" is no "soldati".
FORM_MARK = "="
# Writes compounds as one word, its parts linked by "s" or nothing.
_COMPOUNDING = "sv"
_LINKS = ("", "s")
_SHORTEST_PART = 3
_OPENS_SENTENCE = re.compile(r"(?:^|[.!?…:;\n])[\s\"'“”«»‘’„(\[¿¡–—-]*$")


def english_words(word: str, code: str | None) -> tuple[str, ...]:
    """Give the English words that a foreign word may mean, the best first; none when unknown."""
    if not word or number(word) is not None or not is_glossed(code):
        return ()
    if word[0].isupper():
        return _look_up(_name_key(word), code) or _common_words(word.lower(), code)
    return _common_words(word, code)


def gloss(text: str, code: str | None) -> str:
    """Write a text in English word by word: function words left out, unknown words and names kept."""
    if not is_glossed(code):
        return text
    return " ".join(piece for word in words(text) if (piece := _gloss_word(word, text, code)))


def is_glossed(code: str | None) -> bool:
    """Whether the lexicon knows words of the language."""
    return code in GLOSSED


def english_vocabulary() -> frozenset[str]:
    """Give all English words that a word of another language is translated with; no names."""
    return frozenset(
        word
        for lines in _lexicon().values()
        for key, _, english in (line.partition(" ") for line in lines)
        if not key.startswith(NAME_MARK)
        for word in english.split()
        # A name is in every language as it is.
        if word != key.removeprefix(FORM_MARK)
    )


def keyed_words(text: str, code: str | None) -> Iterator[tuple[str, str]]:
    """Find the content words of a text, each with the key of its entry; numbers have none."""
    function_words = language_of(code).function_words
    for word in words(text):
        if number(word.text) is None and word.text != "%" and not _is_function(word, function_words):
            yield word.text, key_of(word, text, code)


def key_of(word: Word, text: str, code: str | None) -> str:
    """Name the entry of a word as it stands in its text."""
    if word.is_capitalised and not _opens_sentence(word, text):
        return _name_key(word.text)
    return term(word.text, code)


def _name_key(name: str) -> str:
    return NAME_MARK + fold(name.replace(".", ""))


def _is_function(word: Word, function_words: frozenset[str]) -> bool:
    is_acronym = len(word.text) > 1 and word.text.isupper()
    return len(word.text) == 1 or (word.text.lower() in function_words and not is_acronym)


def _gloss_word(word: Word, text: str, code: str | None) -> str:
    if number(word.text) is not None or word.text == "%":
        return word.text
    if _is_function(word, language_of(code).function_words):
        return ""
    key = key_of(word, text, code)
    if key.startswith(NAME_MARK):
        return next(iter(_look_up(key, code)), word.text)
    if _entry(key, code) == "":
        return ""
    return _best(word.text, code)


def _best(word: str, code: str | None) -> str:
    """Give the best English word, both parts of a compound, or the word itself."""
    parts = _compound_words(word.lower()) if code == _COMPOUNDING else ()
    found = _common_words(word.lower(), code)
    return " ".join(parts) if parts and found[:2] == parts else next(iter(found), word)


def _opens_sentence(word: Word, text: str) -> bool:
    return _OPENS_SENTENCE.search(text, max(0, word.start - 8), word.start) is not None


@lru_cache(maxsize=50_000)
def _common_words(word: str, code: str | None) -> tuple[str, ...]:
    """Translate a word in lower case, a compound by its parts where they say more."""
    found = _look_up(FORM_MARK + word, code) or _look_up(term(word, code), code)
    parts = _compound_words(word) if code == _COMPOUNDING else ()
    return (*parts, *(other for other in found if other not in parts)) if _is_told_by(parts, found) else found


def _is_told_by(parts: tuple[str, ...], found: tuple[str, ...]) -> bool:
    """Whether the parts hold what the entry says: a lone "defense" of a minister, not "agreement"."""
    beginnings = {part[:4] for part in parts}
    return bool(parts) and all(word[:4] in beginnings for word in found[:2])


def _compound_words(word: str) -> tuple[str, ...]:
    """Translate a compound by its two parts, "fredsplan" as "peace" and "plan"; the longest tail wins."""
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        tail = _look_up(term(word[cut:], _COMPOUNDING), _COMPOUNDING)
        if not tail:
            continue
        for link in _LINKS:
            head = word[:cut].removesuffix(link) if word[:cut].endswith(link) else ""
            found = _look_up(term(head, _COMPOUNDING), _COMPOUNDING) if len(head) >= _SHORTEST_PART else ()
            if found:
                return (found[0], tail[0])
    return ()


def _look_up(key: str, code: str | None) -> tuple[str, ...]:
    return tuple((_entry(key, code) or "").split())


def _entry(key: str, code: str | None) -> str | None:
    """Find the English words of a key; None where it has no entry, "" where it carries no content."""
    lines = _lexicon().get(code or "", ())
    place = bisect_left(lines, key)
    found, _, english = lines[place].partition(" ") if place < len(lines) else ("", "", "")
    return english if found == key else None


@cache
def _lexicon() -> Mapping[str, Sequence[str]]:
    """Load the lines of each language, in order, a key and its English words; tables take more room."""
    loaded: dict[str, list[str]] = json.loads(LEXICON_FILE.read_text("utf-8"))
    return loaded
