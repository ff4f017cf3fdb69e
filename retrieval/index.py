"""The vectors of passages in Chroma, derived from the library and rebuilt from it at will."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Chroma refuses a batch above 5,461, and a read of documents above 32,766.
_BATCH = 2_000


class VectorIndex:
    """The vectors of one model in one folder; keys are the passages' keys in the library.

    Chroma keeps no lock and damages its files when two processes write: hold the library's writer
    lock around everything that changes it.
    """

    def __init__(self, folder: Path, embedder_name: str) -> None:
        import chromadb
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
        # Chroma ignores the settings given for a collection that exists; the folder is one
        # generation of one model, which the library's manifest names and checks.
        self._collection = client.get_or_create_collection(
            name="passages",
            embedding_function=None,
            metadata={"embedder": embedder_name},
            configuration={"hnsw": {"space": "cosine"}},
        )

    def keys(self) -> set[str]:
        """Read the keys of all vectors."""
        return set(self._pages())

    def add(
        self,
        keys: Sequence[str],
        embed: Callable[[Sequence[int]], NDArray[np.float32]],
        progress: Callable[[int], None],
        batch: int = 64,
    ) -> None:
        """Embed and store in batches; what is stored survives an interruption.

        Args:
            keys: The keys to store vectors for.
            embed: Gives the vectors of the keys at some places in `keys`.
            progress: Is told how many more are stored.
            batch: How many are embedded at a time.
        """
        for start in range(0, len(keys), batch):
            places = range(start, min(start + batch, len(keys)))
            self._collection.upsert(ids=[keys[place] for place in places], embeddings=embed(places))
            progress(len(places))

    def delete(self, keys: Sequence[str]) -> None:
        """Remove vectors; keys that are not there are ignored."""
        for start in range(0, len(keys), _BATCH):
            self._collection.delete(ids=list(keys[start : start + _BATCH]))

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Find the keys nearest to a vector with their cosine similarity, best first."""
        found = self._collection.query(query_embeddings=vector[None, :], n_results=limit, include=["distances"])
        distances = found["distances"] or [[]]
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], distances[0], strict=True)]

    def __len__(self) -> int:
        return self._collection.count()

    def _pages(self) -> Iterator[str]:
        for offset in range(0, len(self), _BATCH):
            yield from self._collection.get(include=[], limit=_BATCH, offset=offset)["ids"]
