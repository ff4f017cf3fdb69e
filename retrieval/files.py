"""Find article files: what a file, a folder or a glob pattern on a command line names."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath

from retrieval.errors import ArticleError
from retrieval.formats import ARTICLE_SUFFIXES


@dataclass(frozen=True, slots=True)
class Scope:
    """What one word of a command names: a file, a folder, or what matches a pattern in a folder."""

    path: str
    is_folder: bool = False
    pattern: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether reading this scope would meet an article file at the path."""
        if not self.is_folder:
            return path == self.path
        if not PurePath(path).is_relative_to(self.path):
            return False
        parts = PurePath(path).parts[len(PurePath(self.path).parts) :]
        is_seen = bool(parts) and not any(part.startswith(".") for part in parts)
        return is_seen and self._asks_for(parts[-1]) and (not self.pattern or _matches(parts, self.pattern))

    def _asks_for(self, name: str) -> bool:
        # A pattern that spells out another suffix asks for such files; "*" alone does not.
        spelled = PurePath(self.pattern[-1]).suffix if self.pattern else ""
        is_spelled = bool(spelled) and not re.search(r"[*?[]", spelled)
        return is_spelled or PurePath(name).suffix.lower() in ARTICLE_SUFFIXES


def find_scope(name: str) -> Scope:
    """Say what a word of a command names; refuse what is not there."""
    path = os.path.abspath(os.path.expanduser(name))
    if name and _exists(path):
        return Scope(path, is_folder=os.path.isdir(path))
    if not re.search(r"[*?[]", name):
        raise ArticleError(f"No file or folder {name!r}. Check the name, or name one that exists.")
    parts = PurePath(path).parts
    fixed = next(place for place, part in enumerate(parts) if re.search(r"[*?[]", part))
    folder = str(PurePath(*parts[:fixed]))
    if not os.path.isdir(folder):
        raise ArticleError(f"No folder {folder!r} for the pattern {name!r}. Check the pattern.")
    return Scope(folder, is_folder=True, pattern=parts[fixed:])


def find_files(scope: Scope, unreadable: dict[str, str]) -> list[str]:
    """List the article files of a scope, each file once; folders that cannot be read are told apart."""
    if not scope.is_folder:
        return [scope.path]
    depth = None if "**" in scope.pattern or not scope.pattern else len(scope.pattern)
    failed: dict[str, str] = {}
    found = [path for path in _walk(scope.path, depth, failed) if scope.holds(path)]
    unreadable.update(failed)
    if not found and not failed:
        asked = os.path.join(scope.path, *scope.pattern)
        if scope.pattern:
            raise ArticleError(f"Nothing matches {asked!r}. Check the pattern, for example 'news/**/*.md'.")
        suffixes = ", ".join(sorted(ARTICLE_SUFFIXES))
        raise ArticleError(f"No article in {asked!r}. Put {suffixes} files there, or name another folder.")
    # The file itself comes before a link to it, so that the article keeps the nearer name.
    return sorted(found, key=lambda path: (os.path.islink(path), path))


def _exists(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a NUL character in the name
        return False


def _matches(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _matches(parts, pattern[1:]) or (bool(parts) and _matches(parts[1:], pattern))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _walk(folder: str, depth: int | None, failed: dict[str, str]) -> Iterator[str]:
    """Every visible file below a folder; linked folders come last and none is entered twice."""
    folders, links = [(folder, 1)], list[tuple[str, int]]()
    entered: set[tuple[int, int]] = set()
    while folders or links:
        here, level = folders.pop() if folders else links.pop()
        try:
            status = os.stat(here)
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            failed[here] = error.strerror or "it cannot be opened"
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not _is_folder(entry):
                yield entry.path
            elif depth is None or level < depth:
                (links if entry.is_symlink() else folders).append((entry.path, level + 1))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def irregular_reason(path: str) -> str | None:
    """Why a path cannot be read as a file without waiting or failing; None for a plain file."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return "it is a link to nothing"
    except OSError as error:
        return (error.strerror or "it cannot be opened").lower()
    return None if stat.S_ISREG(mode) else "it is not a regular file"
