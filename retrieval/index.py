"""Vectors in Chroma, derived from the library and made anew from it at will."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DiskError, LibraryMismatch

if TYPE_CHECKING:
    from chromadb_rust_bindings import Bindings

# Chroma refuses a batch above 5,461, and a read of more than 32,766 rows.
_BATCH = 5_000
_COLLECTION = "passages"
# Where Chroma puts what says nothing of tenants and databases.
_WHERE = ("default_tenant", "default_database")
# On 13,036 real passages Chroma's own settings find .987 of the 60 nearest, these .999 for a fifth more time.
_GRAPH = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24}
_CONFIGURATION = json.dumps({"hnsw": _GRAPH})
_FILES_OPEN = 256


class VectorIndex:
    """The vectors of one model in one folder, by key.

    Chroma keeps no lock, damages its files when two processes write, and never shows a process what
    another has written since: a folder that is served is not written to again.

    Its engine is used without the client around it, whose import takes as long as an answer; what is
    written is an ordinary folder of Chroma's, which its client opens (`tests/test_index.py`).
    """

    def __init__(self, folder: Path, embedder_name: str) -> None:
        """Open the vectors of a folder, or begin with none.

        Raises:
            LibraryMismatch: They cannot be read, or are another model's.
            DiskError: The folder cannot be made.
        """
        self.folder = folder
        stamp = {"embedder": embedder_name}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskError(
                f"The vectors cannot be kept in {folder} ({(error.strerror or '').lower()}). Name another "
                "folder with --index."
            ) from error
        with self._readable():
            self._engine = _engine(folder)
            collection = self._engine.create_collection(
                _COLLECTION, _CONFIGURATION, None, stamp, True, *_WHERE
            )
        self._id = str(collection.id)
        # Chroma ignores what is given here for a collection that exists.
        found = dict(collection.metadata or {})
        if found != stamp:
            self.close()
            raise LibraryMismatch(
                f"The vectors in {folder} are of {found.get('embedder', 'an unknown model')!r}, now "
                f"{embedder_name!r}. Rebuild them with: footnote index --rebuild"
            )

    def close(self) -> None:
        """Let go of the files, so that the next one to open them reads what is there by then."""
        del self._engine

    def held(self) -> set[str]:
        """Read the keys of all vectors."""
        found: set[str] = set()
        for offset in range(0, len(self), _BATCH):
            with self._readable():
                found.update(self._engine.get(self._id, None, None, _BATCH, offset, None, [], *_WHERE).ids)
        return found

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store vectors by key, in place of earlier ones; what is stored survives an interruption.

        Raises:
            DiskError: There is no room for them.
        """
        for start in range(0, len(keys), _BATCH):
            some = slice(start, start + _BATCH)
            rows = np.ascontiguousarray(vectors[some], np.float32)
            with self._writable():
                self._engine.upsert(self._id, list(keys[some]), rows, None, None, None, *_WHERE)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove vectors; keys that are not there are ignored."""
        for start in range(0, len(keys), _BATCH):
            some = list(keys[start : start + _BATCH])
            with self._writable():
                self._engine.delete(self._id, some, None, None, None, *_WHERE)

    def nearest(
        self, vector: NDArray[np.float32], limit: int, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Find the keys nearest to a vector with their cosine similarity, best first.

        Args:
            vector: Of the same model.
            limit: The most that are wanted.
            among: The only keys that may be found; each has to be there.

        Raises:
            LibraryMismatch: The files are damaged.
        """
        wanted = list(among) if among is not None else None
        with self._readable():
            found = self._engine.query(self._id, wanted, [vector], limit, None, None, ["distances"], *_WHERE)
        distances = (found.distances or [[]])[0]
        return [(key, 1.0 - distance) for key, distance in zip(found.ids[0], distances, strict=True)]

    def __len__(self) -> int:
        return int(self._engine.count(self._id, *_WHERE))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        with _translated() as reason:
            yield
        if reason:
            raise LibraryMismatch(
                f"The vectors in {self.folder} cannot be read ({reason[0]}). Make them anew with: "
                "footnote index --rebuild"
            ) from reason[0]

    @contextmanager
    def _writable(self) -> Iterator[None]:
        with _translated() as reason:
            yield
        if reason:
            raise DiskError(
                f"The vectors cannot be written to {self.folder} ({reason[0]}). Make room on the disk and "
                "run the command again."
            ) from reason[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def graph_digest(folder: Path) -> str:
    """Name the content of the graph's files, which nothing changes once they are served.

    Chroma reads them without a check of its own. Before it has saved a graph, its SQLite file holds all,
    which is written to whenever it is opened and is checked by SQLite.
    """
    digest = sha256()
    for saved in sorted(folder.glob("*/index_metadata.pickle")):
        for path in sorted(saved.parent.iterdir()):
            digest.update(f"{path.name} {path.stat().st_size}\n".encode())
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
    return digest.hexdigest()


@contextmanager
def _translated() -> Iterator[list[BaseException]]:
    """Catch what the engine raises; a panic in it is no Exception."""
    caught: list[BaseException] = []
    try:
        yield caught
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        caught.append(error)


def _engine(folder: Path) -> "Bindings":
    import chromadb_rust_bindings as chroma

    place = str(folder.resolve())
    database = chroma.SqliteDBConfig(
        url=f"{place}/chroma.sqlite3",
        hash_type=chroma.MigrationHash.MD5,
        migration_mode=chroma.MigrationMode.Apply,
    )
    return chroma.Bindings(
        allow_reset=False, sqlite_db_config=database, persist_path=place, hnsw_cache_size=_FILES_OPEN
    )
