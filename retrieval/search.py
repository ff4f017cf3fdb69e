"""Find the passages that can answer a question: by words and by meaning, spread over what it asks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retrieval.copies import without_copies
from retrieval.datatypes import Filter, ScoredPassage
from retrieval.embedding import Embedder
from retrieval.keyword import KeywordHit, place_terms
from retrieval.library import Library
from retrieval.matching import in_english
from retrieval.mentions import NamedDate, attributed_publishers, named_dates, named_publishers
from retrieval.query import Query
from retrieval.ranking import Candidate, Slot, WordScores, inverse_frequency, pick
from retrieval.stored import Byline
from retrieval.timeliness import favoured_by_time, in_time
from retrieval.translation import gloss
from retrieval.vectors import Vectors
from retrieval.wording import Word, content_words, term, terms

# So many passages are fetched by words and by meaning, and so many of each are ranked.
_FETCHED, _FETCHED_BY_MEANING = 150, 60
_POOL, _POOL_BY_MEANING = 60, 20
# A question before this one counts so much by its words and by its meaning, the one before that half of it.
_SAID_WORD, _SAID_MEANING, _FADES = 0.2, 0.3, 0.5
# The words of a date count less where some article was published on it: the date itself counts then.
_DATE_WORD = 0.3


class Searcher:
    """Searches a library and its vectors."""

    def __init__(self, library: Library, vectors: Vectors, embedder: Embedder, *, limit: int) -> None:
        self._library = library
        self._vectors = vectors
        self._embedder = embedder
        self._limit = limit

    def search(
        self, query: Query, before: Sequence[Query] = (), where: Filter | None = None
    ) -> list[ScoredPassage]:
        """Find the passages that fit a query, best first; none when no article has any.

        Whoever reads on in their articles does both in one snapshot of the library. Where the question asks
        for an outlet's account, "according to AP", its own articles are looked at and those that name it.

        Args:
            query: The question.
            before: What was asked before it, the last first: it tells what the conversation is about.
            where: Which articles are looked at, where not all are.
        """
        found = self._search(query, before, where)
        told_by = attributed_publishers(query.text, query.language, self._library.publishers())
        asked = where or Filter()
        outlets = told_by & (asked.publishers or told_by)
        if outlets and not query.is_description:
            own = self._search(query, before, replace(asked, publishers=outlets))
            theirs = {scored.passage.id for scored in own}
            quoting = [one for one in found if named_publishers(one.passage.text, outlets)]
            others = [one for one in quoting if one.passage.id not in theirs]
            found = sorted([*own, *others], key=lambda one: -one.score)[: self._limit] or found
        return found

    def _search(self, query: Query, before: Sequence[Query], where: Filter | None) -> list[ScoredPassage]:
        named = named_publishers(query.text, self._library.publishers())
        dates = named_dates(query.text, query.language)
        slots = self._slots(query, before, dates)
        among = self._library.few_admitted(where)
        fetched = self._library.keyword.find(_terms(slots), _FETCHED, where, among)
        vector = self._vector(query, before)
        if favoured := favoured_by_time(query.when, where, self._library.newest):
            fetched = [*fetched, *self._library.keyword.find(_terms(slots), _FETCHED, favoured)]
        hits = {hit.number: hit for hit in fetched}
        nearness, near = self._by_meaning(vector, list(hits), where)
        hits |= {hit.number: hit for hit in self._library.keyword.read([n for n in near if n not in hits])}
        bylines = self._library.bylines(list(hits))
        phrases = [terms(phrase, query.language) for phrase in query.phrases]
        candidates = [
            _candidate(hit, bylines[number], nearness.get(number, 0.0), named, dates, phrases)
            for number, hit in hits.items()
            if number in bylines  # a writer may have removed it since
        ]
        candidates = in_time(candidates, [bylines[one.number].published for one in candidates], query.when)
        if not candidates:
            return []
        members = self._library.groups.of_passages(list(bylines))
        candidates = without_copies(candidates, members, set(_terms(slots)))
        count = self._library.passage_count()
        held = self._library.keyword.counts(_terms(slots))
        scores = WordScores(candidates, slots, lambda word: inverse_frequency(count, held[word]))
        pool = _pool(candidates, scores)
        picked = pick([candidates[place] for place in pool], scores.units(pool), self._limit)
        numbers = [candidates[pool[place]].number for place, _ in picked]
        passages = self._library.passages(numbers)
        return [
            ScoredPassage(passages[number], score)
            for number, (_, score) in zip(numbers, picked, strict=True)
            if number in passages
        ]

    def _slots(self, query: Query, before: Sequence[Query], dates: Sequence[NamedDate]) -> list[Slot]:
        """Give each word of the question, and of those before, the terms under which articles may hold it."""
        dated = self._library.published_dates() if dates else []
        light = {
            word
            for date in dates
            if any(date.fits(published) for published in dated)
            for word in date.named_by
        }
        slots: dict[str, Slot] = {}
        for age, asked in enumerate((query, *before)):
            others = [code for code in self._library.languages() if code != asked.language]
            counts = _SAID_WORD * _FADES ** (age - 1) if age else 1.0
            by_clock = asked.when.by_clock if asked.when else ()
            for word in content_words(asked.text, asked.language):
                if any(start <= word.start < end for start, end in by_clock):
                    continue
                own = term(word.text, asked.language)
                if own not in slots:
                    weight = _DATE_WORD if not age and word in light else counts
                    slots[own] = Slot(tuple(self._terms_of(word, own, asked, others)), weight)
        return list(slots.values())

    def _terms_of(self, word: Word, own: str, query: Query, others: Sequence[str]) -> list[str]:
        found = [own, *(term(word.text, code) for code in others)]
        if others and query.language != "en":
            found += [term(form, "en") for form in in_english(word, query.language)]
        codes = [code for code, named in query.named_places if named == word]
        return list(dict.fromkeys([*found, *(place_terms(code)[0] for code in codes)]))

    def _vector(self, query: Query, before: Sequence[Query]) -> NDArray[np.float32]:
        """Embed a question, and those before it a little, as one vector of unit length."""
        vectors = self._embedder.embed([self._readable(asked) for asked in (query, *before)])
        counts = np.array([1.0, *(_SAID_MEANING * _FADES**age for age in range(len(before)))], np.float32)
        vector = counts @ vectors
        return np.asarray(vector / (np.linalg.norm(vector) or 1.0), np.float32)

    def _by_meaning(
        self, vector: NDArray[np.float32], fetched: Sequence[int], where: Filter | None
    ) -> tuple[Mapping[int, float], list[int]]:
        """Grade the fetched passages by cosine, and find the nearest of all."""
        nearest = dict(self._vectors.nearest(vector, _FETCHED_BY_MEANING, where))
        rest = [number for number in fetched if number not in nearest]
        return nearest | self._vectors.similarities(vector, rest), list(nearest)

    def _readable(self, query: Query) -> str:
        return query.text if self._embedder.reads(query.language) else gloss(query.text, query.language)


def _terms(slots: Sequence[Slot]) -> list[str]:
    return [word for slot in slots for word in slot.terms]


def _candidate(
    hit: KeywordHit,
    byline: Byline,
    cosine: float,
    named: frozenset[str],
    dates: Sequence[NamedDate],
    phrases: Sequence[Sequence[str]],
) -> Candidate:
    return Candidate(
        number=hit.number,
        title=hit.title,
        publisher_terms=hit.publisher,
        body=hit.body,
        publisher=byline.publisher,
        is_named=byline.publisher in named,
        dated=max((date.fits(byline.published) for date in dates), default=0.0),
        quoted=sum(_holds(hit, phrase) for phrase in phrases) / max(1, len(phrases)),
        cosine=cosine,
    )


def _holds(hit: KeywordHit, phrase: Sequence[str]) -> bool:
    """Tell whether a sentence of a passage has the terms of a phrase in a row."""
    return f" {' '.join(phrase)} " in f" {hit.body} ".replace("\n", " \n ")


def _pool(candidates: Sequence[Candidate], scores: WordScores) -> list[int]:
    """Take the candidates that are best by words, and those best by meaning."""
    by_words = scores.words.sum(axis=1) * np.array([candidate.bonus for candidate in candidates])
    by_meaning = np.array(
        [
            candidate.meaning * (1 + 0.3 * candidate.is_named + 0.3 * candidate.dated)
            for candidate in candidates
        ]
    )
    best = [int(place) for place in np.argsort(-by_words, kind="stable")[:_POOL] if by_words[place] > 0]
    near = [int(place) for place in np.argsort(-by_meaning, kind="stable")[:_POOL_BY_MEANING]]
    return list(dict.fromkeys([*best, *near]))
