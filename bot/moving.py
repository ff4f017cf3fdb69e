"""Articles and their index, to another machine: the commands `footnote export` and `footnote import`."""

import os
from contextlib import closing
from pathlib import Path

from bot.assembly import build_indexer
from bot.commands import Workplace
from bot.console import counted, note, progress_bar, say
from retrieval.errors import ExportError
from retrieval.library import FILE, Library
from retrieval.moving import LINES_SUFFIX, export_library, import_library

# Articles are read from files of these names: a whole index would be taken for one.
_NAMES_OF_ARTICLES = frozenset({".json", ".md", ".txt"})


def export_articles(place: Workplace, file: Path, *, overwrite: bool) -> None:
    """Write the index into one file, or the articles alone as JSON Lines.

    Raises:
        ExportError: The file may not be written.
    """
    with closing(Library.open_any(place.folder)) as library:
        articles = len(library.ids())
    target = _target(place, file, overwrite=overwrite)
    try:
        with progress_bar() as progress:
            export_library(place.folder, target, progress)
    except KeyboardInterrupt:
        note("footnote: Interrupted. Nothing was exported.")
        raise
    say(f"{counted(articles, 'article')} in {file}")


def import_articles(place: Workplace, file: Path) -> None:
    """Make an index of an exported file, where there is none."""
    indexer = build_indexer(place.settings, place.folder, place.build(place.settings))
    try:
        with progress_bar() as progress:
            import_library(file, place.folder, indexer.manifest, progress)
    except KeyboardInterrupt:
        is_there = (place.folder / FILE).exists()
        kept = "The index is there; questions are answered from it" if is_there else "Nothing was imported"
        note(f"footnote: Interrupted. {kept}.")
        raise
    with closing(Library.open_any(place.folder)) as library:
        articles, passages = len(library.ids()), library.passage_count()
    say(f"{counted(articles, 'article')}, {counted(passages, 'passage')} in {place.folder}")


def _target(place: Workplace, file: Path, *, overwrite: bool) -> Path:
    """Find the file that is written, once it may be."""
    target = Path(os.path.realpath(file))
    if file.suffix.lower() in _NAMES_OF_ARTICLES or file.name == "-":
        raise ExportError(
            f"{file} is a name for something else. Name a file that ends in {LINES_SUFFIX} for the articles "
            "alone, or in .sqlite3 for the whole index."
        )
    try:
        str(target).encode()
    except UnicodeEncodeError as error:
        raise ExportError(f"The name {file} is not valid UTF-8. Name another file.") from error
    if target.is_dir():
        raise ExportError(f"{file} is a folder. Name a file in it.")
    if not target.parent.is_dir():
        raise ExportError(f"There is no folder {target.parent}. Make it, or name another file.")
    if target.is_relative_to(os.path.realpath(place.folder)):
        raise ExportError(f"{file} lies in the index itself. Name a file elsewhere.")
    if os.path.lexists(target) and not target.is_file():
        raise ExportError(f"{file} is no file that can be written over. Name another.")
    if target.exists() and not overwrite:
        raise ExportError(f"{file} exists. Name another file, or give --overwrite.")
    return target
