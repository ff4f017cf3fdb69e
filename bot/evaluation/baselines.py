"""The baselines: what the usual tutorial builds, and keyword search alone; neither ever refuses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bot.assistant import Found
from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Citation, Conversation
from bot.extractive import quoted
from retrieval.datatypes import Article, Passage, ScoredPassage
from retrieval.embedding import Embedder
from retrieval.index import VectorIndex
from retrieval.library import Library
from retrieval.passages import split_sentences
from retrieval.query import understand
from retrieval.settling import Progress
from retrieval.wording import detect_language, guess_language, terms

# What tutorials split by, and how many passages they read (LangChain's "Build a RAG agent": 1000, 200, 4).
_CHARACTERS, _OVERLAP, _READ = 1000, 200, 4
# More are found than read, so that retrieval can be measured as deep as ours.
_FOUND = 20
_BATCH = 256
Find = Callable[[str, str, NDArray[np.float32]], Sequence[ScoredPassage]]


def split_by_characters(article: Article) -> Iterator[Passage]:
    """Split an article as the usual tutorial does, by characters and with an overlap."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=_CHARACTERS, chunk_overlap=_OVERLAP, add_start_index=True
    )
    for piece in splitter.create_documents([article.text]):
        start = piece.metadata["start_index"]
        end = start + len(piece.page_content)
        if article.text[start:end] == piece.page_content:
            yield Passage(article_id=article.id, start=start, end=end, text=piece.page_content)


@dataclass(frozen=True, slots=True)
class NearestSentence:
    """Quotes the sentence nearest to the question from the best passages; knows no conversation."""

    library: Library
    embedder: Embedder
    passages: Sequence[Passage]
    find_passages: Find
    _vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    @classmethod
    def by_vectors(
        cls,
        library: Library,
        embedder: Embedder,
        passages: Sequence[Passage],
        vectors: VectorIndex,
        progress: Progress,
    ) -> "NearestSentence":
        """Search passages by their vectors alone; those that lack one get it."""
        keys = [sha256(f"{passage.id} {passage.text}".encode()).hexdigest()[:32] for passage in passages]
        by_key = dict(zip(keys, passages, strict=True))
        present = vectors.held()
        vectors.delete(sorted(present - by_key.keys()))
        missing = [key for key in by_key if key not in present]
        for start in range(0, len(missing), _BATCH):
            some = missing[start : start + _BATCH]
            vectors.add(some, embedder.embed([by_key[key].text for key in some]))
            progress("embedding", start + len(some), len(missing))

        def find(question: str, language: str, vector: NDArray[np.float32]) -> list[ScoredPassage]:
            return [ScoredPassage(by_key[key], cosine) for key, cosine in vectors.nearest(vector, _FOUND)]

        return cls(library, embedder, passages, find)

    @classmethod
    def by_keywords(
        cls, library: Library, embedder: Embedder, passages: Sequence[Passage]
    ) -> "NearestSentence":
        """Search the library's passages by FTS5's own BM25 alone."""

        def find(question: str, language: str, vector: NDArray[np.float32]) -> list[ScoredPassage]:
            numbers = [hit.number for hit in library.keyword.find(terms(question, language), _FOUND)]
            found = library.passages(numbers)
            # BM25's figures are not handed on: the order is what counts.
            return [ScoredPassage(found[number], 1 / rank) for rank, number in enumerate(numbers, start=1)]

        return cls(library, embedder, passages, find)

    def find(self, question: str, conversation: Conversation = ()) -> Found:
        """Find passages for the question as it stands."""
        start = perf_counter()
        language = guess_language(question, self.library.languages(), detect_language)
        evidence = list(self.find_passages(question, language, self._embed([question])[0]))
        return Found(understand(question, language), evidence, {"search": perf_counter() - start})

    def answer(self, question: str, conversation: Conversation = ()) -> Answer:
        """Quote the sentence that is nearest; without any passage there is nothing to quote."""
        found = self.find(question, conversation)
        start = perf_counter()
        places = [
            (scored.passage.article_id, scored.passage.start + begin, scored.passage.start + end)
            for scored in found.evidence[:_READ]
            for begin, end in split_sentences(scored.passage.text)
        ]
        articles = self.library.articles({article_id for article_id, *_ in places})
        texts = [articles[article_id].text[begin:end] for article_id, begin, end in places]
        near = self._embed(texts) @ self._embed([question])[0] if texts else np.zeros(0)
        best = int(near.argmax()) if texts else None
        citations = () if best is None else (_cite(articles, places[best]),)
        read = perf_counter() - start
        return Answer(
            question=question,
            understood_as=question,
            status=AnswerStatus.ANSWERED if citations else AnswerStatus.NOT_COVERED,
            text=f"{quoted(citations[0].quote)} [1]" if citations else "",
            language=found.query.language,
            citations=citations,
            evidence=tuple(found.evidence),
            seconds={**found.seconds, "read": read, "total": found.seconds["search"] + read},
            confidence=float(near[best]) if best is not None else 0.0,
        )

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self.embedder.embed(missing), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def _cite(articles: Mapping[str, Article], place: tuple[str, int, int]) -> Citation:
    article_id, start, end = place
    return cite(articles[article_id], start, end, 1)
