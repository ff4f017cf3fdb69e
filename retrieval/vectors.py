"""Find passages by meaning: in Chroma what it holds, one by one what is newer than that."""

import logging
import math
import os
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from retrieval.datatypes import Filter
from retrieval.errors import FootnoteError, LibraryMismatch
from retrieval.index import VectorIndex, graph_digest
from retrieval.library import Library
from retrieval.stored import Served

# Of a filter's passages more are asked for by this margin, then twice as many; and beyond the last Chroma is
# told which may be found, which is slower by then.
_MARGIN, _MOST_ASKED = 1.5, 2_000
_BLOCK = 500
_LOG = logging.getLogger("footnote")


class Vectors:
    """The vectors of a library as it is at each moment, whoever writes to it; threads may share one.

    The store holds every vector. Chroma holds those of the passages up to a number, for speed: newer ones
    are compared one by one, and so are all where Chroma's files are missing or damaged.
    """

    def __init__(self, library: Library, embedder_name: str) -> None:
        self._library = library
        self._embedder_name = embedder_name
        self._lock = Lock()
        self._state: object = None
        self._made = ""
        self._served: Served | None = None
        self._index: VectorIndex | None = None
        self._newer: list[int] = []
        self._newer_rows = np.zeros((0, 1), np.float32)

    def nearest(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Find the passages nearest to a vector by number, with their cosine similarity, best first.

        Raises:
            LibraryMismatch: The library has been rebuilt with another model meanwhile.
        """
        with self._lock:
            self._catch_up()
            few = self._library.few_admitted(where)
            if few is not None:
                found = list(self.similarities(vector, few).items())
            else:
                found = self._in_chroma(vector, limit, where) + self._among_newer(vector, limit, where)
        return sorted(found, key=lambda one: -one[1])[:limit]

    def similarities(self, vector: NDArray[np.float32], numbers: Sequence[int]) -> dict[int, float]:
        """Give the cosine similarity of passages with a vector; a passage that is gone is left out."""
        found, rows = self._library.vectors(numbers)
        return dict(zip(found, (rows @ vector).tolist(), strict=True)) if found else {}

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._close_index()

    def _in_chroma(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> list[tuple[int, float]]:
        """Ask Chroma, and ask for more where others have taken the place of passages that are wanted.

        Its own filters cost hundreds of milliseconds, and so does a long list of what may be found.
        """
        if self._index is None or self._served is None:
            return []
        share = self._library.share(where) / _MARGIN if where else 1.0
        wanted, among = math.ceil(limit / share), None
        while True:
            if where and wanted > _MOST_ASKED:
                numbers = self._library.admitted(where)
                among = [str(number) for number in numbers if number <= self._served.until]
                wanted = limit
            try:
                hits = self._index.nearest(vector, wanted, among)
            except LibraryMismatch as error:
                self._do_without(str(error))
                return []
            numbers = [int(key) for key, _ in hits]
            if where and among is None:
                admitted = self._library.admitted_of(numbers, where)
                numbers = [number for number in numbers if number in admitted]
            living = self.similarities(vector, numbers[:limit])
            if len(living) >= limit or len(hits) < wanted or among is not None:
                return list(living.items())
            wanted *= 2

    def _among_newer(
        self, vector: NDArray[np.float32], limit: int, where: Filter | None
    ) -> list[tuple[int, float]]:
        if not self._newer:
            return []
        cosines = self._newer_rows @ vector
        order = np.argsort(-cosines, kind="stable")
        found: list[tuple[int, float]] = []
        for start in range(0, len(order), _BLOCK):
            some = {self._newer[place]: float(cosines[place]) for place in order[start : start + _BLOCK]}
            admitted = self._library.admitted_of(list(some), where) if where else some.keys()
            found += [(number, cosine) for number, cosine in some.items() if number in admitted]
            if len(found) >= limit:
                break
        return found[:limit]

    def _catch_up(self) -> None:
        """Take note of what another connection, or this one, has written since."""
        facts = self._library.facts()
        if self._state is facts:
            return
        found = facts.manifest.get("embedder", self._embedder_name)
        if found != self._embedder_name:
            raise LibraryMismatch(
                f"The index at {self._library.folder} has been rebuilt with {found!r} meanwhile, this "
                f"program reads with {self._embedder_name!r}. Start it again."
            )
        served, made = self._library.served(), facts.manifest.get("made", "")
        if (served, made) != (self._served, self._made):
            self._open(served)
            self._made = made
        self._read_newer()
        self._state = facts

    def _open(self, served: Served | None) -> None:
        self._close_index()
        self._served, self._newer, self._newer_rows = served, [], np.zeros((0, 1), np.float32)
        # Chroma writes whenever it opens: where nothing can be written, the store alone answers.
        if served and os.access(self._library.folder, os.W_OK):
            try:
                self._index = open_served(self._library, served, self._embedder_name)
            except FootnoteError as error:
                self._warn(str(error))

    def _read_newer(self) -> None:
        """Keep the vectors of the passages that Chroma does not hold, and read only those not read yet."""
        until = self._served.until if self._served and self._index is not None else 0
        living = self._library.numbers(above=until)
        known = {number: place for place, number in enumerate(self._newer)}
        fresh, rows = self._library.vectors([number for number in living if number not in known])
        kept = [number for number in living if number in known]
        if kept and fresh:
            rows = np.concatenate([self._newer_rows[[known[number] for number in kept]], rows])
        elif kept:
            rows = self._newer_rows[[known[number] for number in kept]]
        self._newer, self._newer_rows = [*kept, *fresh], rows

    def _do_without(self, why: str) -> None:
        self._close_index()
        self._warn(why)
        self._read_newer()

    def _warn(self, why: str) -> None:
        _LOG.warning("%s Until then answers are found without them, more slowly.", why)

    def _close_index(self) -> None:
        if self._index is not None:
            self._index.close()
        self._index = None


def open_served(library: Library, served: Served, embedder_name: str) -> VectorIndex:
    """Open the vectors that a library serves, once they are known to be what was stored.

    Raises:
        LibraryMismatch: They are missing, damaged, or another model's.
    """
    folder = library.folder / served.folder
    why = None
    if not folder.is_dir():
        why = "they are gone"
    elif graph_digest(folder) != served.digest:
        why = "they are not what was stored"
    if why:
        raise LibraryMismatch(
            f"The vectors in {folder} cannot be used ({why}). Make them anew with: footnote index --rebuild"
        )
    index = VectorIndex(folder, embedder_name)
    held = len(index)
    if held != served.count:
        index.close()
        raise LibraryMismatch(
            f"The vectors in {folder} cannot be used ({held} of {served.count} are there). Make them anew "
            "with: footnote index --rebuild"
        )
    return index
