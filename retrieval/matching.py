"""Match the words of a question with those of a sentence: stems, names, places, numbers, meaning."""

import math
from collections.abc import Iterable, Sequence
from threading import local

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Embedder
from retrieval.kept_vectors import KeptVectors
from retrieval.places import PlaceMention, contains
from retrieval.query import Query
from retrieval.sentences import Sentence
from retrieval.translation import english_words, is_glossed
from retrieval.wording import Word, fold, is_year, language_of, number, term, words

# Cosine of two single words from which they begin to mean the same, and from which they surely do.
_ALIKE, _SAME = 0.5, 0.75
_SHARED_PREFIX = 5
# Vectors of words are kept between questions, up to this many.
_VOCABULARY = 50_000


class WordMeaning:
    """How near in meaning two words are, by the embedder's vectors of single words; threads may share one."""

    def __init__(self, embedder: Embedder) -> None:
        self._vectors = KeptVectors(embedder, limit=_VOCABULARY)
        self._learnt = _Learnt()

    def knows(self, code: str | None) -> bool:
        """Whether the embedder was trained on the language, or its words can be put into English."""
        return self._vectors.reads(code) or is_glossed(code)

    def learn(self, some: Iterable[str]) -> None:
        """Get ready to compare these words, and no others, in this thread."""
        wanted = list(dict.fromkeys(some))
        rows = self._vectors.embed(wanted) if wanted else ()
        self._learnt.vectors = dict(zip(wanted, rows, strict=True))

    def nearness(self, word: str, others: Iterable[str]) -> float:
        """Grade from 0 to 1 how near a word is to the nearest of others; those not learnt are far."""
        vectors = self._learnt.vectors
        vector = vectors.get(word)
        rows = [vectors[other] for other in others if other in vectors]
        if vector is None or not rows:
            return 0.0
        best = float(np.max(np.stack(rows) @ vector))
        return min(1.0, max(0.0, (best - _ALIKE) / (_SAME - _ALIKE)))


class _Learnt(local):
    """What each thread compares: the words of one question never grade another's."""

    def __init__(self) -> None:
        self.vectors: dict[str, NDArray[np.float32]] = {}


def match(word: Word, query: Query, sentence: Sentence, meaning: WordMeaning | None = None) -> float:
    """Grade from 0 to 1 how surely a sentence holds a word of the question.

    Names and numbers have to stand there as they are; of other words the meaning is enough, where
    `meaning` is given and knows both languages.
    """
    codes = [code for code, named in query.places if named == word]
    if codes:
        return max(place_match(code, sentence.places) for code in codes)
    grade = _form_match(word, query, sentence)
    if grade == 1.0 or meaning is None:
        return grade
    if word.text.isupper() and len(word.text) > 1:
        return float(spells(word.text, sentence.text, sentence.article.language))
    grade = max(grade, _class_match(word, query, sentence))
    code = sentence.article.language
    if (
        is_name(word)
        or not word.text.isalpha()
        or not (meaning.knows(code) and meaning.knows(query.language))
    ):
        return grade
    return max(
        grade, *(meaning.nearness(form, sentence.english_words) for form in in_english(word, query.language))
    )


class FormMatches:
    """How surely sentences hold the words of a question by their form alone: each graded once."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._grades: dict[tuple[Word, str, str | None], float] = {}

    def grade(self, word: Word, sentence: Sentence) -> float:
        """Grade as `match` does without a meaning."""
        key = (word, sentence.text, sentence.article.language)
        if key not in self._grades:
            self._grades[key] = match(word, self._query, sentence)
        return self._grades[key]


def in_english(word: Word, code: str) -> tuple[str, ...]:
    """Give a word of a question in English, in lower case; as it stands where no translation is known."""
    found = " ".join(english_words(word.text, code)).split()
    return tuple(found) or (word.text.lower(),)


def is_name(word: Word) -> bool:
    """Tell whether a word of a question is written as a name."""
    return word.is_capitalised and word.start > 0


def has_to_stand(word: Word, query: Query) -> bool:
    """Tell whether nothing stands for a word of a question: a number, or the last part of a name.

    Years and days have other forms.
    """
    if is_name(word):
        return not any(is_name(other) and other.start == word.end + 1 for other in query.topic)
    return number(word.text) is not None and len(word.text) > 2 and not is_year(word.text)


def place_match(code: str, mentions: Sequence[PlaceMention]) -> float:
    """Grade whether a place is named: itself, one in it, or, since capitals stand for countries, its own."""
    if any(contains(code, mention.code) for mention in mentions):
        return 1.0
    country = code.partition("/")[0]
    return 0.8 if country != code and any(mention.code == country for mention in mentions) else 0.0


def spells(acronym: str, text: str, code: str | None) -> bool:
    """Tell whether words in a row begin with the letters of an acronym: "GDP", "gross domestic product"."""
    small = language_of(code).function_words
    initials = "".join(
        word.text[0].lower() for word in words(text) if word.text.lower() not in small or word.text.isupper()
    )
    return acronym.isalpha() and acronym.lower() in initials


def _form_match(word: Word, query: Query, sentence: Sentence) -> float:
    folded = fold(word.text)
    found = {term(word.text, sentence.article.language), term(word.text, query.language)}
    if folded in sentence.folded or found & sentence.terms:
        return 1.0
    if sentence.article.language != query.language:
        held = {term(other, "en") for other in sentence.english_words}
        if any(term(form, "en") in held for form in in_english(word, query.language)):
            return 0.9
    return 0.8 if _shares_stem(folded, sentence.folded) else 0.0


def _class_match(word: Word, query: Query, sentence: Sentence) -> float:
    """Grade verbs of travelling and of saying, which stand for each other."""
    asked, told = language_of(query.language), language_of(sentence.article.language)
    lowered = word.text.lower()
    if lowered in asked.motion and sentence.lowered & told.motion:
        return 0.9
    return 0.5 if lowered in asked.reporting and sentence.attribution is not None else 0.0


def _shares_stem(word: str, others: frozenset[str]) -> bool:
    """Tell whether another word begins alike and differs in its ending only: "emphasise", "nucleare"."""
    if len(word) < _SHARED_PREFIX or not word.isalpha():
        return False
    stem = word[: max(_SHARED_PREFIX, math.ceil(len(word) * 0.7))]
    alike = [other for other in others if other.startswith(stem)]
    return any(abs(len(other) - len(word)) <= 3 for other in alike)
