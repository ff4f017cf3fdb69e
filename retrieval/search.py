"""Find the passages that can answer a question."""

from retrieval.datatypes import ScoredPassage
from retrieval.embedding import Embedder
from retrieval.index import VectorIndex
from retrieval.keyword import place_term
from retrieval.library import Library
from retrieval.query import Query
from retrieval.wording import terms
from retrieval.places import find_places


class Searcher:
    def __init__(self, library: Library, vectors: VectorIndex, embedder: Embedder, *, limit: int) -> None:
        self._library = library
        self._vectors = vectors
        self._embedder = embedder
        self._limit = limit

    def search(self, query: Query) -> list[ScoredPassage]:
        wanted = {t for code in (self._library.languages() or ["en"]) for t in terms(query.text, code)}
        wanted |= {place_term(c) for c in query.setting} | {place_term(c) for c, _ in query.places}
        hits = self._library.keyword.search(sorted(wanted), {"title": .5, "body": 1, "publisher": 1, "places": 1}, 100)
        near = self._vectors.nearest(self._embedder.embed([query.text])[0], 50)
        numbers = self._library.passage_numbers([k for k, _ in near])
        score = {}
        for r, n in enumerate(hits): score[n] = score.get(n, 0) + 2 / (10 + r)
        for r, (k, _) in enumerate(near):
            if k in numbers: score[numbers[k]] = score.get(numbers[k], 0) + 1 / (10 + r)
        best = sorted(score, key=lambda n: -score[n])[: self._limit]
        ps = self._library.passages(best)
        return [ScoredPassage(ps[n], score[n]) for n in best]
