"""Rank candidate passages: words by BM25F, the best sentence, adjacent words, meaning, then variety.

BM25F is Robertson and Zaragoza's (2009): fields are weighted before saturation. The constants were chosen on
one half of MultiHop-RAG's development queries; all lie on plateaus (`tests/benchmarks/multihop_rag.py`).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

# Saturation of repeated terms, and how much a field's length counts.
_K1 = 1.0
_LENGTH_COUNTS = {"body": 0.6, "title": 0.3, "publisher": 0.0}
# What a term in the passage's best sentence, and two terms side by side, add.
_SENTENCE, _PAIR = 0.5, 0.5
# What a unit of cosine is worth in nats of term weight: long questions lean on words, short ones on meaning.
_VECTOR = 30.0
# What an outlet or date that the question names adds.
_NAMED, _DATED = 0.5, 0.5
# What it adds that a passage holds the phrases which the question puts in quotation marks.
_QUOTED = 1.0
# A term, and an outlet, that a passage picked before has covered counts this much less.
_REPEAT, _OUTLET_REPEAT = 0.8, 0.8


@dataclass(frozen=True, slots=True)
class Slot:
    """A word of the question by all the terms it may stand as: stems, translations, the code of a place."""

    terms: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A passage to be ranked: its terms by field, the body's by sentence, and what fits the question."""

    number: int
    title: Sequence[str]
    publisher_terms: Sequence[str]
    sentences: Sequence[Sequence[str]]
    publisher: str | None
    is_named: bool
    dated: float
    quoted: float
    cosine: float

    @property
    def bonus(self) -> float:
        """How much more the passage counts because the question names its outlet or date."""
        return 1.0 + _NAMED * self.is_named + _DATED * self.dated + _QUOTED * self.quoted


class WordScores:
    """Scores of candidates by the words of a question: `words` has a row a candidate, a column a word."""

    def __init__(
        self, candidates: Sequence[Candidate], slots: Sequence[Slot], idf: Callable[[str], float]
    ) -> None:
        self._candidates = candidates
        self._slots = slots
        self._idf = {term: idf(term) for slot in slots for term in slot.terms}
        self._places: dict[str, list[int]] = {}
        for place, slot in enumerate(slots):
            for term in slot.terms:
                self._places.setdefault(term, []).append(place)
        rows = [self._word_scores(weights) for weights in _field_weights(candidates, self._idf)]
        self.words = np.array(rows, dtype=float).reshape(len(candidates), len(slots))

    def units(self, places: Sequence[int]) -> NDArray[np.float64]:
        """Score some candidates by words, their best sentence, and pairs of words side by side.

        Returns:
            A row a candidate, a column a word or pair of words of the question.
        """
        pairs = [
            (left.terms[0], right.terms[0])
            for left, right in dict.fromkeys(pairwise(self._slots))
            if left.terms[0] != right.terms[0]
        ]
        units = np.zeros((len(places), len(self._slots) + len(pairs)))
        for row, place in enumerate(places):
            sentences = self._candidates[place].sentences
            best = self._best_sentence(sentences)
            beside = {two for sentence in sentences for two in pairwise(sentence)}
            units[row, : len(self._slots)] = self.words[place] + [
                _SENTENCE * best.get(place, 0.0) for place in range(len(self._slots))
            ]
            units[row, len(self._slots) :] = [
                _PAIR * (self._idf[pair[0]] + self._idf[pair[1]]) / 2 if pair in beside else 0.0
                for pair in pairs
            ]
        return units

    def _word_scores(self, weights: Mapping[str, float]) -> list[float]:
        """Saturate the weights of the terms: BM25F."""
        return [
            slot.weight
            * max(
                (
                    self._idf[term] * weights[term] * (_K1 + 1) / (weights[term] + _K1)
                    for term in slot.terms
                    if term in weights
                ),
                default=0.0,
            )
            for slot in self._slots
        ]

    def _worths(self, sentence: Sequence[str]) -> dict[int, float]:
        """Give the worth of each word of the question that a sentence holds, by its place among them."""
        worths: dict[int, float] = {}
        for term in self._places.keys() & sentence:
            for place in self._places[term]:
                worths[place] = max(worths.get(place, 0.0), self._slots[place].weight * self._idf[term])
        return worths

    def _best_sentence(self, sentences: Sequence[Sequence[str]]) -> dict[int, float]:
        """Give the worths of the sentence that holds most of the question."""
        return max(
            map(self._worths, sentences),
            key=lambda worths: sum(worths[place] for place in sorted(worths)),
            default={},
        )


def inverse_frequency(count: int, held: int) -> float:
    """Weigh a term by how few passages hold it (Robertson and Spärck Jones, 1976, kept positive)."""
    return math.log(1 + (count - held + 0.5) / (held + 0.5))


def pick(candidates: Sequence[Candidate], units: NDArray[np.float64], limit: int) -> list[tuple[int, float]]:
    """Pick passages one by one, each for what those before it have not covered.

    Returns:
        Places in `candidates` with scores that never rise, best first.
    """
    bonus = np.array([candidate.bonus for candidate in candidates])
    full = units * bonus[:, None]
    peak = full.max(axis=0, initial=0.0)
    peak[peak == 0.0] = 1.0
    meaning = _VECTOR * np.array([candidate.cosine for candidate in candidates])
    weights = np.ones(units.shape[1])
    outlets: defaultdict[str | None, float] = defaultdict(lambda: _NAMED)
    left = dict(enumerate(candidates))
    picked: list[tuple[int, float]] = []
    while left and len(picked) < limit:
        gains = {
            place: float(units[place] @ weights)
            * (candidate.bonus - (_NAMED - outlets[candidate.publisher]) * candidate.is_named)
            + float(meaning[place])
            for place, candidate in left.items()
        }
        best = max(gains, key=lambda place: (gains[place], -place))
        picked.append((best, min(gains[best], picked[-1][1] if picked else math.inf)))
        weights *= 1.0 - (1.0 - _REPEAT) * full[best] / peak
        outlets[left.pop(best).publisher] *= _OUTLET_REPEAT
    return picked


def _field_weights(candidates: Sequence[Candidate], wanted: Collection[str]) -> list[dict[str, float]]:
    """Add up the wanted terms of each candidate over its fields, shorter fields counting more."""
    fields = [
        {
            "body": list(chain.from_iterable(candidate.sentences)),
            "title": candidate.title,
            "publisher": candidate.publisher_terms,
        }
        for candidate in candidates
    ]
    means = {
        name: (sum(len(row[name]) for row in fields) / len(fields) or 1.0) if fields else 1.0
        for name in _LENGTH_COUNTS
    }
    rows: list[dict[str, float]] = []
    for row in fields:
        weights: dict[str, float] = {}
        for name, counts in _LENGTH_COUNTS.items():
            norm = 1.0 - counts + counts * len(row[name]) / means[name]
            for term, times in Counter(term for term in row[name] if term in wanted).items():
                weights[term] = weights.get(term, 0.0) + times / norm
        rows.append(weights)
    return rows
