"""Rank candidate passages: words by BM25F, the best sentence, adjacent words, meaning, then variety.

BM25F is Robertson and Zaragoza's (2009): fields are weighted before saturation. The constants were chosen on
one half of MultiHop-RAG's development queries; all lie on plateaus (`tests/benchmarks/multihop_rag.py`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
# What it adds, to words and to meaning, to be of the time that is asked for, or the newest.
_TIMELY = 0.5
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
    """A passage to be ranked: the terms of its fields, the body's a sentence a line, and what fits."""

    number: int
    title: str
    publisher_terms: str
    body: str
    publisher: str | None
    is_named: bool
    dated: float
    quoted: float
    cosine: float
    timely: float = 0.0

    @property
    def bonus(self) -> float:
        """How much more the passage counts because its outlet or date is named or its time asked for."""
        fits = _NAMED * self.is_named + _DATED * self.dated + _TIMELY * self.timely
        return 1.0 + fits + _QUOTED * self.quoted

    @property
    def meaning(self) -> float:
        """What its nearness in meaning counts."""
        return _VECTOR * self.cosine * (1.0 + _TIMELY * self.timely)


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
        columns = {term: place for place, term in enumerate(self._idf)}
        weights = _field_weights(candidates, columns)
        worths = np.array(list(self._idf.values())) * weights * (_K1 + 1) / (weights + _K1)
        self.words = np.zeros((len(candidates), len(slots)))
        for place, slot in enumerate(slots):
            own = worths[:, [columns[term] for term in slot.terms]]
            self.words[:, place] = slot.weight * own.max(axis=1, initial=0.0)

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
        beside = [f" {left} {right} " for left, right in pairs]
        worths = [_PAIR * (self._idf[left] + self._idf[right]) / 2 for left, right in pairs]
        units = np.zeros((len(places), len(self._slots) + len(pairs)))
        for row, place in enumerate(places):
            body = self._candidates[place].body
            units[row, : len(self._slots)] = self.words[place]
            for word, worth in self._best_sentence(body).items():
                units[row, word] += _SENTENCE * worth
            # Words that stand side by side stand in one sentence.
            spaced = f" {body} ".replace("\n", " \n ")
            for pair, two in enumerate(beside, len(self._slots)):
                if two in spaced:
                    units[row, pair] = worths[pair - len(self._slots)]
        return units

    def _worths(self, sentence: str) -> dict[int, float]:
        """Give the worth of each word of the question that a sentence holds, by its place among them."""
        worths: dict[int, float] = {}
        for term in self._places.keys() & sentence.split():
            for place in self._places[term]:
                worths[place] = max(worths.get(place, 0.0), self._slots[place].weight * self._idf[term])
        return worths

    def _best_sentence(self, body: str) -> dict[int, float]:
        """Give the worths of the sentence that holds most of the question."""
        return max(
            map(self._worths, body.split("\n")),
            key=lambda worths: sum(worths[place] for place in sorted(worths)),
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
    meaning = np.array([candidate.meaning for candidate in candidates])
    weights = np.ones(units.shape[1])
    named = np.array([candidate.is_named for candidate in candidates], bool)
    shares = np.full(len(candidates), _NAMED)
    left = np.zeros(len(candidates))
    picked: list[tuple[int, float]] = []
    while len(picked) < min(limit, len(candidates)):
        gains = units @ weights * (bonus - (_NAMED - shares) * named) + meaning + left
        best = int(gains.argmax())
        picked.append((best, min(float(gains[best]), picked[-1][1] if picked else math.inf)))
        weights *= 1.0 - (1.0 - _REPEAT) * full[best] / peak
        shares[[one.publisher == candidates[best].publisher for one in candidates]] *= _OUTLET_REPEAT
        left[best] = -math.inf
    return picked


def _field_weights(candidates: Sequence[Candidate], columns: Mapping[str, int]) -> NDArray[np.float64]:
    """Add up the terms of each candidate over its fields, shorter fields counting more.

    Returns:
        A row a candidate, a column a term.
    """
    shape = len(candidates), len(columns)
    weights = np.zeros(shape)
    fields = {
        "body": [candidate.body.split() for candidate in candidates],
        "title": [candidate.title.split() for candidate in candidates],
        "publisher": [candidate.publisher_terms.split() for candidate in candidates],
    }
    for name, rows in fields.items():
        lengths = np.array([len(row) for row in rows], float)
        mean = lengths.mean() if rows else 0.0
        norm = 1.0 - _LENGTH_COUNTS[name] * (1.0 - lengths / (mean or 1.0))
        held = [
            place * shape[1] + columns[term]
            for place, row in enumerate(rows)
            for term in row
            if term in columns
        ]
        counts = np.bincount(np.array(held, int), minlength=shape[0] * shape[1])
        weights += counts.reshape(shape) / norm[:, None]
    return weights
