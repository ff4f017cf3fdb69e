"""What is no export, or no longer whole, is refused in one sentence, and nothing is left of it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Footnote
from tests.test_moving import ELSEWHERE, change, files_in


@pytest.fixture
def exported(footnote: Footnote, index: Path, tmp_path: Path) -> Path:
    """The index as one file."""
    assert footnote("export", "all.sqlite3").code == 0
    return tmp_path / "all.sqlite3"


def cut_short(file: Path) -> None:
    with open(file, "r+b") as stream:
        stream.truncate(file.stat().st_size // 2)


def overwritten(file: Path) -> None:
    with open(file, "r+b") as stream:
        stream.seek(8192)
        stream.write(os.urandom(20_000))


def another_program(file: Path) -> None:
    file.unlink()
    change(file, "CREATE TABLE manifest (a TEXT)", "CREATE TABLE article (id TEXT)")


def folder_of_chroma(file: Path) -> None:
    shutil.copytree(file.parent / ".footnote" / "vectors-1", file.with_name("chroma"))
    file.unlink()
    file.with_name("chroma").rename(file)


def database_of_chroma(file: Path) -> None:
    shutil.copy(file.parent / ".footnote" / "vectors-1" / "chroma.sqlite3", file)


_DAMAGED = "is damaged. Export it again, or copy it again from where it is."
_OTHER = "is a database, but no export. Name a file that `footnote export` wrote."
_SET_SCHEMA = "INSERT OR REPLACE INTO manifest SELECT 'schema',"
_VIEW = "CREATE VIEW sentence AS SELECT 1 AS article, 2 AS start, 3 AS end"
_TRIGGER = "CREATE TRIGGER t AFTER UPDATE ON manifest BEGIN DELETE FROM article; END"
_VERSION = "was written by another version of Footnote. Export it again with"


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (Path.unlink, "is not there. Name a file that `footnote export` wrote."),
        (lambda file: file.write_bytes(b""), "is empty."),
        (lambda file: file.write_bytes(b"\x89PNG\r\n"), "is not an export."),
        (lambda file: file.write_bytes(b"SQLite format 3\0"), _DAMAGED),
        (lambda file: file.write_text('{"text": "An article."}'), "holds articles as JSON. Read them with: "),
        (folder_of_chroma, "is a folder. Name a file that `footnote export` wrote."),
        (database_of_chroma, _OTHER),
        (another_program, _OTHER),
        (cut_short, _DAMAGED),
        (overwritten, _DAMAGED),
        (lambda file: change(file, "UPDATE article SET text = text || '.' WHERE id = 'roma'"), _DAMAGED),
        (lambda file: change(file, "UPDATE passage SET vector = x'00' WHERE number = 1"), _DAMAGED),
        (lambda file: change(file, "DELETE FROM article WHERE id = 'roma'"), _DAMAGED),
        (lambda file: change(file, f"{_SET_SCHEMA} '2'"), _VERSION),
        (lambda file: change(file, f"{_SET_SCHEMA} '9'"), _VERSION),
        (lambda file: change(file, "DELETE FROM manifest"), _VERSION),
        (lambda file: change(file, "DROP TABLE sentence"), _VERSION),
        (lambda file: change(file, _TRIGGER), _VERSION),
        (lambda file: change(file, "DROP TABLE sentence", _VIEW), _VERSION),
    ],
    ids=[
        "missing", "empty", "picture", "header alone", "articles", "folder of Chroma", "database of Chroma",
        "another program", "cut short", "overwritten", "text changed", "vector changed", "article missing",
        "older", "newer", "no manifest", "table missing", "trigger", "view",
    ],
)  # fmt: skip
def test_import_is_refused_in_a_sentence_when_the_file_is_bad(
    footnote: Footnote, exported: Path, tmp_path: Path, harm: Callable[[Path], object], why: str
) -> None:
    harm(exported)
    was_there = files_in(tmp_path)
    outcome = footnote("import", "all.sqlite3", *ELSEWHERE)
    assert outcome.code == 2
    assert outcome.err.startswith(f"footnote: all.sqlite3 {why}")
    assert outcome.err.count("\n") == 1
    assert files_in(tmp_path / "elsewhere") in ([], ["writer.lock"])
    assert [name for name in files_in(tmp_path) if name != "elsewhere"] == was_there
    # Nothing that is left keeps an index from being made there.
    assert footnote("index", "news", *ELSEWHERE).code == 0
