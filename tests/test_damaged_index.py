"""A damaged index mends itself, or costs one clear sentence that names what mends it."""

import shutil
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.conftest import Footnote
from tests.forked import Processes, event_counts
from tests.mending import COMMANDS, QUESTION, follow, is_clear, is_well, kept_well_or_mended, require_whole


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = bytes(islice(cycle(b"\xde\xad\xbe\xef"), third))
    path.write_bytes(content)


def all_overwritten(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def deleted(path: Path) -> None:
    path.unlink()


def files_of_vectors(index: Path) -> list[Path]:
    """Find all files beside the store that hold vectors."""
    return sorted(file for file in index.glob("vectors-*/**/*") if file.is_file())


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """Chroma can end the process that reads a damaged file."""
    with Processes() as made:
        yield made


@pytest.mark.parametrize(
    "damage", [overwritten, all_overwritten, cut_short, emptied, deleted], ids=lambda damage: damage.__name__
)
def test_ask_when_a_file_of_vectors_is_damaged_answers_as_before(
    processes: Processes, index: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    names = [file.relative_to(index) for file in files_of_vectors(index)]
    index.rename(tmp_path / "sound")
    wrong = {}
    for name in names:
        shutil.copytree(tmp_path / "sound", index)
        damage(index / name)
        outcome = processes.run(tmp_path, "ask", QUESTION)
        if not is_well(outcome, "ask"):
            wrong[name.name] = outcome
        shutil.rmtree(index)
    assert wrong == {}


def test_vectors_when_all_are_gone_come_back_without_the_sources(
    footnote: Footnote, index: Path, tmp_path: Path
) -> None:
    for folder in index.glob("vectors-*"):
        shutil.rmtree(folder)
    shutil.rmtree(tmp_path / "news")
    assert is_well(footnote("ask", QUESTION), "ask")
    assert footnote("index", "--rebuild").code == 0
    assert footnote("ask", QUESTION).err == ""
    require_whole(footnote, index)


@pytest.mark.parametrize("damage", [overwritten, emptied], ids=lambda damage: damage.__name__)
def test_index_when_files_of_vectors_are_damaged_mends_them_without_embedding_again(
    processes: Processes, index: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    for file in files_of_vectors(index):
        damage(file)
    assert processes.run(tmp_path, "index", "news").code == 0
    assert "embedding" not in event_counts(tmp_path)
    assert processes.fault(tmp_path) == ""
    assert processes.run(tmp_path, "ask", QUESTION).err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_store_when_a_page_is_overwritten_answers_or_names_a_way_back(
    footnote: Footnote, index: Path, tmp_path: Path, command: str
) -> None:
    shutil.copytree(index, tmp_path / "sound")
    size = (index / "library.sqlite3").stat().st_size
    wrong = []
    for start in range(0, size, size // 8):
        shutil.rmtree(index)
        shutil.copytree(tmp_path / "sound", index)
        with (index / "library.sqlite3").open("r+b") as file:
            file.seek(start)
            file.write(b"\xde\xad" * 2048)
        fault = kept_well_or_mended(footnote, index, command)
        if fault:
            wrong.append(f"at {start} of {size}: {fault}")
    assert wrong == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", [cut_short, emptied, deleted, all_overwritten], ids=lambda d: d.__name__)
def test_store_when_its_file_is_damaged_names_a_way_back(
    footnote: Footnote, index: Path, damage: Callable[[Path], None], command: str
) -> None:
    damage(index / "library.sqlite3")
    outcome = footnote(*COMMANDS[command])
    if command == "index" and outcome.code == 0:  # what holds nothing is built anew
        require_whole(footnote, index)
        return
    assert is_clear(outcome)
    if "Build it with" in outcome.err:
        assert footnote("index", "news").code == 0
    else:
        follow(footnote, outcome, index)
    require_whole(footnote, index)
