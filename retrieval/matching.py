"""Match the words of a question with the words of a sentence: stems, names, places, numbers, meaning."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.places import PlaceMention, contains
from retrieval.query import Query
from retrieval.wording import Word, fold, language_of, term, words

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
# Cosine of two single words from which they begin to mean the same, and from which they surely do.
_ALIKE, _SAME = 0.5, 0.75
_SHARED_PREFIX = 5
# Vectors of words are kept between questions, up to this many.
_VOCABULARY = 50_000


class WordMeaning:
    """How near in meaning two words are, by the embedder's vectors of single words."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def learn(self, some: Iterable[str]) -> None:
        """Embed the words that are not known yet, all at once."""
        new = [word for word in dict.fromkeys(some) if word not in self._vectors]
        if len(self._vectors) + len(new) > _VOCABULARY:
            self._vectors.clear()
        if new:
            self._vectors.update(zip(new, self._embed(new), strict=True))

    def nearness(self, word: str, others: Iterable[str]) -> float:
        """Grade from 0 to 1 how near a word is to the nearest of others; unknown words are far."""
        vector = self._vectors.get(word)
        rows = [self._vectors[other] for other in others if other in self._vectors]
        if vector is None or not rows:
            return 0.0
        best = float(np.max(np.stack(rows) @ vector))
        return min(1.0, max(0.0, (best - _ALIKE) / (_SAME - _ALIKE)))


def same_place(code: str, mentions: Sequence[PlaceMention]) -> bool:
    """Tell whether a place is named, or one that lies in it."""
    return any(contains(code, mention.code) for mention in mentions)


def exact(word: Word, query: Query, language: str | None, found: frozenset[str], folded: frozenset[str]) -> float:
    """Grade the match of a question's word with terms and folded words of a sentence."""
    if fold(word.text) in folded or term(word.text, language) in found:
        return 1.0
    if term(word.text, query.language) in found:
        return 1.0
    return 0.8 if _shares_stem(fold(word.text), folded) else 0.0


def _shares_stem(word: str, others: frozenset[str]) -> bool:
    """Tell whether another word begins alike and differs in its ending only: "emphasise", "nucleare"."""
    if len(word) < _SHARED_PREFIX or not word.isalpha():
        return False
    stem = word[: max(_SHARED_PREFIX, math.ceil(len(word) * 0.7))]
    return any(
        other.startswith(stem) and abs(len(other) - len(word)) <= 3 for other in others if other != word
    )


def spells(acronym: str, text: str, code: str | None) -> bool:
    """Tell whether words in a row begin with the letters of an acronym: "GDP", "gross domestic product"."""
    language = language_of(code)
    letters = acronym.lower()
    initials = "".join(
        word.text[0].lower()
        for word in words(text)
        if word.text.lower() not in language.function_words or word.text.isupper()
    )
    return letters.isalpha() and letters in initials
