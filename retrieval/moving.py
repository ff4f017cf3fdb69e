"""Move a library to another machine: write it into one file, and make it anew of that file."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from shutil import copyfile, rmtree

from retrieval.database import Database
from retrieval.errors import DiskError, ExportError, LibraryDamaged, LibraryMissing
from retrieval.formats import FIELDS
from retrieval.library import FILE, Library
from retrieval.locking import writer_lock
from retrieval.schema import SCHEMA_VERSION, different_settings
from retrieval.settling import Progress, settle

LINES_SUFFIX = ".jsonl"
# Where an export or an import is made ready, beside what it will be.
_UNFINISHED = "footnote-unfinished"
# A library as this version makes it, to compare with.
_EMPTY = "empty.sqlite3"
_SQLITE = b"SQLite format 3\0"
# So many articles are looked at, or written, at a time.
_BATCH = 500
_WRITTEN_BY = "Name a file that `footnote export` wrote."


def export_library(folder: Path, file: Path, progress: Progress) -> None:
    """Write all that the library of a folder holds into a file, which is complete or not there.

    Where the name ends in .jsonl, the articles alone are written, one a line, as they are indexed.

    Raises:
        LibraryMissing: There is no library.
        LibraryDamaged: An article in it is not what was stored.
        DiskError: The file cannot be written.
    """
    with closing(Library.open_any(folder)) as library:
        try:
            with _workshop(file.with_name(f"{file.name}.{_UNFINISHED}")) as workshop:
                if file.suffix.lower() == LINES_SUFFIX:
                    _write_lines(library, workshop / FILE, progress)
                else:
                    _write_copy(library, workshop / FILE, progress)
                (workshop / FILE).replace(file)
        except OSError as error:
            raise DiskError(
                f"The articles cannot be written to {file} ({_reason(error)}). Make room there, or name "
                "another file."
            ) from error


def import_library(file: Path, folder: Path, manifest: Mapping[str, str], progress: Progress) -> None:
    """Make the library of a folder of an exported file; it is there whole, or not at all.

    Args:
        file: What `export_library` wrote.
        folder: Holds no library yet.
        manifest: How the library has to have been built.
        progress: Is told how far it has come.

    Raises:
        ExportError: The file cannot be imported, or there is a library in the folder.
        DiskError: There is no room.
    """
    _check_kind(file)
    with writer_lock(folder):
        _require_no_library(folder)
        with _workshop(folder / _UNFINISHED) as workshop:
            try:
                copyfile(file, workshop / FILE)
            except OSError as error:
                raise DiskError(
                    f"{file} cannot be copied to {folder} ({_reason(error)}). Make "
                    "room there, or name another folder with --index."
                ) from error
            _make_ready(workshop, file, manifest, progress)
            (workshop / FILE).replace(folder / FILE)
        with closing(Library.open(folder, manifest)) as library:
            settle(library, manifest["embedder"], progress)


def _write_copy(library: Library, file: Path, progress: Progress) -> None:
    with closing(Database(library.folder / FILE)) as database:
        database.copy_into(file)
    with closing(Database(file)) as database:
        # Chroma's folder is derived anew wherever the file goes.
        with database.transaction():
            database.rows("DELETE FROM manifest WHERE name = 'vectors'")
        with closing(Library(file, database)) as copy:
            _check_articles(copy, progress)


def _write_lines(library: Library, file: Path, progress: Progress) -> None:
    with library.snapshot(), open(file, "w", encoding="utf-8", newline="\n") as lines:
        ids = sorted(library.ids())
        for start in range(0, len(ids), _BATCH):
            for _, article in sorted(library.articles(ids[start : start + _BATCH]).items()):
                known = {name: getattr(article, name) for name in FIELDS}
                said = {name: value for name, value in known.items() if value is not None}
                lines.write(json.dumps(said, ensure_ascii=False) + "\n")
            progress("writing", min(start + _BATCH, len(ids)), len(ids))


def _check_kind(file: Path) -> None:
    """Look at the beginning of a file.

    Raises:
        ExportError: It is no SQLite database, or one that is still written to.
    """
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "is no file" if os.path.lexists(file) else "is not there"
        raise ExportError(f"{file} {what}. {_WRITTEN_BY}")
    try:
        with open(file, "rb") as stream:
            start = stream.read(4096)
        writes = file.with_name(f"{file.name}-wal")
        is_written_to = writes.is_file() and writes.stat().st_size > 0
    except OSError as error:
        raise ExportError(f"{file} cannot be read ({_reason(error)}).") from error
    if start.startswith(_SQLITE):
        if is_written_to:
            raise ExportError(
                f"{file} belongs to an index that is in use. Export it first: footnote export FILE --index "
                f"{file.parent}"
            )
        return
    if file.suffix.lower() == LINES_SUFFIX or start.lstrip().startswith(b"{"):
        raise ExportError(f"{file} holds articles as JSON. Read them with: footnote index {file}")
    raise ExportError(f"{file} is {'not an export' if start else 'empty'}. {_WRITTEN_BY}")


def _require_no_library(folder: Path) -> None:
    refusal = (
        f"There is an index at {folder} already, or a part of one. Name another folder with --index, or move "
        "that one away."
    )
    try:
        Library.open_any(folder, may_be_older=True).close()
    except LibraryMissing:
        # What was written last to a file that is gone would be written into the one that takes its place.
        if not (folder / f"{FILE}-wal").exists():
            return
    except LibraryDamaged as error:
        raise ExportError(refusal) from error
    raise ExportError(refusal)


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """Make a folder for the time of the work, in place of what an interrupted one left."""
    rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir()
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _make_ready(workshop: Path, file: Path, manifest: Mapping[str, str], progress: Progress) -> None:
    """Check the copy of an export, and make it a library of its own.

    Raises:
        ExportError: It cannot be one.
    """
    Library.create(workshop, manifest, file=_EMPTY).close()
    with closing(Database(workshop / _EMPTY)) as empty:
        expected = _tables(empty)
    try:
        with closing(Database(workshop / FILE)) as database:
            found = _tables(database)
            if expected["manifest"] != found.get("manifest"):
                raise ExportError(f"{file} is a database, but no export. {_WRITTEN_BY}")
            library = Library(workshop / FILE, database)
            _check_origin(library, file, manifest, is_alike=found == expected)
            _check_vectors(database)
            _check_articles(library, progress)
            with database.transaction():
                database.rows("DELETE FROM manifest WHERE name = 'vectors'")
                # Whoever still reads an index that was moved away sees that this is another.
                database.rows("UPDATE manifest SET value = ? WHERE name = 'made'", (token_hex(8),))
            database.rows("PRAGMA journal_mode = WAL")
    except LibraryDamaged as error:
        raise ExportError(
            f"{file} is damaged. Export it again, or copy it again from where it is."
        ) from error


def _tables(database: Database) -> dict[str, str]:
    """Read what a database is made of; how SQLite itself makes its keyword index is its own affair."""
    rows = database.rows("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: kind if name.startswith("keyword_") else f"{kind} {sql}" for kind, name, sql in rows}


def _check_origin(library: Library, file: Path, manifest: Mapping[str, str], *, is_alike: bool) -> None:
    found = library.facts().manifest
    if found.get("schema") != SCHEMA_VERSION or not is_alike:
        raise ExportError(
            f"{file} was written by another version of Footnote. Export it again with the version that is "
            "used here."
        )
    if differences := different_settings(found, manifest):
        raise ExportError(
            f"{file} was built with other settings: {differences}. Set them alike, or export the articles "
            f"alone with: footnote export articles{LINES_SUFFIX}"
        )


def _check_vectors(database: Database) -> None:
    """Look through all pages, and whether there is a vector of one size for each passage of an article.

    Raises:
        LibraryDamaged: There is a fault.
    """
    faults = [row for row in database.rows("PRAGMA quick_check(1)") if row != ("ok",)]
    sizes = database.rows("SELECT DISTINCT length(vector) FROM passage")
    strays = database.rows("SELECT 1 FROM passage WHERE article NOT IN (SELECT number FROM article) LIMIT 1")
    if faults or len(sizes) > 1 or strays:
        raise LibraryDamaged(f"{faults}, {len(sizes)} sizes of vectors, {len(strays)} strays")


def _check_articles(library: Library, progress: Progress) -> None:
    """Make sure that every article is what was stored.

    Raises:
        LibraryDamaged: One is not.
    """
    ids = library.ids()
    for start in range(0, len(ids), _BATCH):
        library.articles(ids[start : start + _BATCH])
        progress("checking", min(start + _BATCH, len(ids)), len(ids))


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
