"""Derive Chroma's vectors from those of the library: beside the ones that are served, then in their place."""

from collections.abc import Sequence, Set
from pathlib import Path
from shutil import copytree, rmtree
from typing import Protocol

from retrieval.errors import DiskError, FootnoteError
from retrieval.index import VectorIndex, graph_digest
from retrieval.library import Library
from retrieval.stored import Served
from retrieval.vectors import open_served

# With more than this share of the passages new or gone, Chroma's vectors are brought up to date.
_TOLERATED = 1 / 20
# With more than this share of them new or gone, starting afresh is quicker than going on from a copy.
_WORTH_A_COPY = 1 / 2
_BATCH = 2_000


class Progress(Protocol):
    """Is told how far a long step has come."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take note that `done` of `total` are done in the step."""


def settle(library: Library, embedder_name: str, progress: Progress) -> None:
    """Bring Chroma's vectors up to date where that pays.

    What is served stays as it is until the new vectors are complete, and what an interrupted run had begun
    is thrown away: no vector is computed here.

    Raises:
        DiskError: There is no room.
    """
    served = library.served()
    index = _opened(library, served, embedder_name) if served else None
    try:
        passages = library.numbers()
        # What is not in a folder is new to it or gone from it.
        until = served.until if served and index is not None else 0
        newer = sum(number > until for number in passages)
        changed = newer + (len(index) if index is not None else 0) - (len(passages) - newer)
        if index is not None and changed <= _TOLERATED * len(passages):
            return
    finally:
        if index is not None:
            index.close()
    is_copy = index is not None and changed < _WORTH_A_COPY * len(passages)
    serve_chroma(library, passages, embedder_name, progress, served if is_copy else None)
    now = library.served()
    # Whoever reads them still keeps those that were served until now.
    remove_vectors(library.folder, {one.folder for one in (served, now) if one})


def serve_chroma(
    library: Library,
    passages: Sequence[int],
    embedder_name: str,
    progress: Progress,
    begun: Served | None = None,
) -> None:
    """Make a folder of the vectors of passages, from a copy of another or from nothing, and serve it.

    Raises:
        DiskError: There is no room.
    """
    if not passages:
        library.serve(None)
        return
    folder = _following(library)
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    rmtree(unfinished, ignore_errors=True)
    if begun:
        _copy(library.folder / begun.folder, unfinished)
    with VectorIndex(unfinished, embedder_name) as index:
        held = {int(key) for key in index.held()} if begun else set[int]()
        index.delete([str(number) for number in sorted(held.difference(passages))])
        missing = [number for number in passages if number not in held]
        for start in range(0, len(missing), _BATCH):
            found, rows = library.vectors(missing[start : start + _BATCH])
            index.add([str(number) for number in found], rows)
            progress("arranging", min(start + _BATCH, len(missing)), len(missing))
        count = len(index)
    unfinished.rename(folder)
    digest = graph_digest(folder)
    library.serve(Served(folder=folder.name, until=passages[-1], count=count, digest=digest))


def remove_vectors(folder: Path, kept: Set[str]) -> None:
    """Remove the vectors in a folder that nothing serves."""
    for found in folder.glob("vectors-*"):
        if found.name not in kept:
            rmtree(found, ignore_errors=True)


def _opened(library: Library, served: Served, embedder_name: str) -> VectorIndex | None:
    """Open what is served; None where it has to be made anew."""
    try:
        return open_served(library, served, embedder_name)
    except FootnoteError:
        return None


def _copy(source: Path, target: Path) -> None:
    try:
        copytree(source, target)
    except OSError as error:
        rmtree(target, ignore_errors=True)
        raise DiskError(
            f"The vectors cannot be copied to {target} ({error}). Make room on the disk and run the command "
            "again."
        ) from error


def _following(library: Library) -> Path:
    """Name the folder in which the next vectors are made: "vectors-3" after "vectors-2", gone or not."""
    served = library.served()
    names = [path.name for path in library.folder.glob("vectors-*")] + ([served.folder] if served else [])
    numbers = [name.removeprefix("vectors-").partition(".")[0] for name in names]
    last = max((int(number) for number in numbers if number.isdigit()), default=0)
    return library.folder / f"vectors-{last + 1}"
