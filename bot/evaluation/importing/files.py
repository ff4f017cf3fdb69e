"""What all imports of public sets share: find files, read and check them line by line."""

import codecs
import gzip
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.evaluation.cases import Case, reason_of
from retrieval.characters import mend
from retrieval.datatypes import Article
from retrieval.errors import CaseError

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Material:
    """The cases of a set, the articles they are about, and what is to be said about what was left out."""

    cases: tuple[Case, ...]
    articles: tuple[Article, ...] = ()
    notes: tuple[str, ...] = ()


def find(folder: Path, *patterns: str) -> list[Path]:
    """Find the files in a folder that match the first pattern that any matches; a file stands for itself."""
    if folder.is_file():
        return [folder] if any(Path(folder.name).match(pattern) for pattern in patterns) else []
    found = ([path for path in sorted(folder.glob(pattern)) if path.is_file()] for pattern in patterns)
    return next((paths for paths in found if paths), [])


def no_files(folder: Path, looked_for: str) -> CaseError:
    """Say which files were looked for and not found."""
    return CaseError(f"There is no {looked_for} in {folder}. Name the folder that holds them.")


def read_lines(path: Path, shape: type[Shape]) -> list[Shape]:
    """Read JSON Lines of one shape; blank lines are skipped."""
    return [value for _, value in numbered_lines(path, shape)]


def numbered_lines(path: Path, shape: type[Shape]) -> list[tuple[int, Shape]]:
    """Read JSON Lines of one shape with the numbers of their lines, for messages."""
    adapter = TypeAdapter(shape)
    return [
        (number, _value(line, adapter, f"{path}, line {number}"))
        for number, line in enumerate(_bytes(path).split(b"\n"), start=1)
        if line.strip()
    ]


def read_json(path: Path, shape: type[Shape]) -> Shape:
    """Read a file that holds one JSON value of the shape."""
    return _value(_bytes(path), TypeAdapter(shape), str(path))


def read_text(path: Path) -> str:
    """Read a text file, every line break as it stands so that places in it hold."""
    try:
        return _bytes(path).decode()
    except UnicodeDecodeError as error:
        raise CaseError(f"Cannot read {path}: it is not UTF-8.") from error


def article_id(name: str) -> str:
    """Write a name as the reader of articles will keep it for an id."""
    return " ".join(mend(name).split())


def as_read(words: Iterable[str]) -> tuple[str, ...]:
    """Write words as they read in a cleaned article: each once, blank ones left out."""
    return tuple(dict.fromkeys(mended for text in words if (mended := mend(text))))


def _value(data: bytes, adapter: TypeAdapter[Shape], where: str) -> Shape:
    try:
        return adapter.validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        is_other = not first["loc"] and first["type"] != "json_invalid"
        reason = "it is not an object with the fields of the set." if is_other else reason_of(first)
        raise CaseError(f"{where}: {reason}") from error


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise CaseError(f"Cannot read {path}: {reason}.") from error
    return data.removeprefix(codecs.BOM_UTF8)
