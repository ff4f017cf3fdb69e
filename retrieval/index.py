"""The vectors of passages in Chroma, derived from the library and rebuilt from it at will."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import LibraryMismatch

# Chroma refuses a batch above 5,461, and a read of documents above 32,766.
_BATCH = 2_000
_COLLECTION = "passages"


class VectorIndex:
    """The vectors of one model in one folder; keys are the passages' keys in the library.

    Chroma keeps no lock, damages its files when two processes write, and never shows a process what
    another has written since: a folder that is served is not written to again. `Indexer` writes a new
    one beside it, under the library's writer lock.
    """

    def __init__(self, folder: Path, embedder_name: str) -> None:
        """Open the vectors of a folder, or begin with none.

        Raises:
            LibraryMismatch: They cannot be read, or are another model's.
        """
        from chromadb.api.client import Client
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        self.folder = folder
        stamp = {"embedder": embedder_name}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # What chromadb.PersistentClient makes, under a type that can be closed.
            self._client = Client(
                settings=Settings(is_persistent=True, persist_directory=str(folder.resolve()))
            )
            self._collection = self._client.get_or_create_collection(
                name=_COLLECTION,
                embedding_function=None,
                metadata=stamp,
                configuration={"hnsw": {"space": "cosine"}},
            )
        except (ChromaError, OSError) as error:
            # Chroma would hand its failed start to whoever opens the folder next in this process.
            Client.clear_system_cache()
            raise LibraryMismatch(
                f"The vectors in {folder} cannot be read ({error}). Make them anew with: "
                "footnote index --rebuild"
            ) from error
        # Chroma ignores what is given here for a collection that exists.
        found = dict(self._collection.metadata or {})
        if found != stamp:
            self.close()
            raise LibraryMismatch(
                f"The vectors in {folder} are of {found.get('embedder', 'an unknown model')!r}, now "
                f"{embedder_name!r}. Rebuild them with: footnote index --rebuild"
            )

    def close(self) -> None:
        """Let go of the files, so that the next one to open them reads what is there by then."""
        self._client.close()

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
        found = self._collection.query(
            query_embeddings=vector[None, :], n_results=limit, include=["distances"]
        )
        distances = found["distances"] or [[]]
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], distances[0], strict=True)]

    def vectors(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Read vectors by key; a key that has none is left out."""
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(keys), _BATCH):
            page = self._collection.get(ids=list(keys[start : start + _BATCH]), include=["embeddings"])
            rows = np.asarray(page["embeddings"], np.float32)
            found |= dict(zip(page["ids"], rows, strict=True))
        return found

    def __len__(self) -> int:
        return self._collection.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pages(self) -> Iterator[str]:
        for offset in range(0, len(self), _BATCH):
            yield from self._collection.get(include=[], limit=_BATCH, offset=offset)["ids"]


class ServedVectors:
    """The vectors that are served at each moment: notices when a writer has put others in their place."""

    def __init__(self, locate: Callable[[], Path], embedder_name: str) -> None:
        self._locate = locate
        self._embedder_name = embedder_name
        self._lock = Lock()
        self._index = VectorIndex(locate(), embedder_name)

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Find the keys nearest to a vector with their cosine similarity, best first.

        Raises:
            LibraryMismatch: The index has been rebuilt with another model meanwhile.
        """
        with self._lock:
            return self._current().nearest(vector, limit)

    def vectors(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Read vectors by key; a key that has none is left out.

        Raises:
            LibraryMismatch: The index has been rebuilt with another model meanwhile.
        """
        with self._lock:
            return self._current().vectors(keys)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._index.close()

    def __len__(self) -> int:
        with self._lock:
            return len(self._current())

    def _current(self) -> VectorIndex:
        folder = self._locate()
        if folder != self._index.folder:
            self._index.close()
            self._index = VectorIndex(folder, self._embedder_name)
        return self._index
