"""Full implementations that stand in for what is slow: passed in as a user would pass another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Embedder
from retrieval.errors import ReaderError
from retrieval.passages import Span
from retrieval.reader_model import Reading, Window
from retrieval.wording import terms, words


@dataclass(frozen=True, slots=True)
class FakeEmbedder:
    """A hashed bag of English stems: texts that share words are near each other; nothing is loaded."""

    name: str = "fake@1"
    window: int = 254
    dimension: int = 256

    def reads(self, language: str | None) -> bool:
        return language in (None, "en")

    def count(self, text: str) -> int:
        return len(words(text))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for stem in terms(text, "en") or [text]:
                vectors[row, crc32(stem.encode()) % self.dimension] += 1.0
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


class RecordingEmbedder:
    """Another embedder that notes what it was given, and fails after some batches when told to."""

    def __init__(self, embedder: Embedder, fails_after: int | None = None) -> None:
        self._embedder = embedder
        self._fails_after = fails_after
        self.batches: list[list[str]] = []

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def window(self) -> int:
        return self._embedder.window

    def count(self, text: str) -> int:
        return self._embedder.count(text)

    def reads(self, language: str | None) -> bool:
        return self._embedder.reads(language)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self._fails_after is not None and len(self.batches) >= self._fails_after:
            raise RuntimeError("no power")
        self.batches.append(list(texts))
        return self._embedder.embed(texts)


class FakeReader:
    """A reader that knows which words answer, and by what margin; whatever else it reads does not."""

    name = "fake-reader"

    def __init__(self, answers: Mapping[str, float], fails: str = "") -> None:
        self.answers = answers
        self.fails = fails
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def read(self, question: str, windows: Sequence[Window]) -> list[list[Reading]]:
        """Find the answering words in each part."""
        if self.fails:
            raise ReaderError(self.fails)
        self.asked.append((question, tuple(window.text for window in windows)))
        return [[self._best(window.text, part) for part in window.parts] for window in windows]

    def _best(self, text: str, part: Span) -> Reading:
        found = [
            Reading(place, place + len(words), margin)
            for words, margin in self.answers.items()
            if (place := text.find(words, *part)) >= 0
        ]
        return max(found, key=lambda one: one.margin, default=Reading(*part, -12.0))
