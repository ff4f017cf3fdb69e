"""Vectors of texts that come up again and again: sentences of the news of the day, and their words."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Embedder


class KeptVectors:
    """Embeds a text once, as long as there is room; threads may share one."""

    def __init__(self, embedder: Embedder, *, limit: int) -> None:
        """Keep the vectors of at most so many texts."""
        self._embedder = embedder
        self._limit = limit
        self._lock = Lock()
        self._kept: dict[str, NDArray[np.float32]] = {}

    def reads(self, language: str | None) -> bool:
        """Tell whether the embedder was trained on a language."""
        return self._embedder.reads(language)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts as rows of unit length."""
        with self._lock:
            found = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found |= zip(missing, self._embedder.embed(missing), strict=True)
            with self._lock:
                if len(self._kept) + len(missing) > self._limit:
                    self._kept.clear()
                self._kept |= {text: found[text].copy() for text in missing}
        return np.stack([found[text] for text in texts])
