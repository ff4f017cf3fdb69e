"""A damaged index mends itself, or costs one clear sentence that names what mends it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path

import pytest

from bot.__main__ import run
from retrieval.library import Library
from tests.conftest import Footnote
from tests.fakes import FakeEmbedder
from tests.forked import Processes, event_counts
from tests.invariants import vectors_match_library
from tests.mending import COMMANDS, QUESTION, follow, is_clear, is_well, kept_well_or_mended, require_whole
from tests.small_index import ARTICLES, write_news

# More passages than Chroma keeps in its journal before it writes files of vectors.
MANY = 1_050


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of so many passages that Chroma has files for them."""
    folder = tmp_path_factory.mktemp("large")
    lines = [
        f"On day {n} pier {n % 7} took {n * 7 % 101} ships of firm {n % 97} and {n % 11} of firm {n % 89}.\n"
        for n in range(MANY)
    ]
    write_news(folder, {**ARTICLES, "harbours.txt": "The harbours\n\n" + "\n".join(lines)})
    (folder / ".env").write_text("FOOTNOTE_PASSAGE_TOKENS=32\n")
    with pytest.MonkeyPatch.context() as place:
        place.chdir(folder)
        assert run(["index", "news"], lambda settings: FakeEmbedder()) == 0
    return folder


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
    processes: Processes, large: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copy(large / ".env", tmp_path)
    names = [file.relative_to(large) for file in files_of_vectors(large / ".footnote")]
    wrong = {}
    for name in names:
        shutil.copytree(large / ".footnote", tmp_path / ".footnote")
        damage(tmp_path / name)
        outcome = processes.run(tmp_path, "ask", QUESTION)
        if not is_well(outcome, "ask"):
            wrong[name.name] = outcome
        shutil.rmtree(tmp_path / ".footnote")
    assert wrong == {}


def require_vectors(index: Path) -> None:
    with closing(Library.open_any(index)) as library:
        assert library.passage_count() > MANY
        vectors_match_library(library, FakeEmbedder())


@pytest.mark.parametrize("command", ["ask", "rebuild"])
def test_vectors_when_all_are_gone_come_back_without_the_sources(
    footnote: Footnote, large: Path, tmp_path: Path, command: str
) -> None:
    shutil.copy(large / ".env", tmp_path)
    shutil.copytree(large / ".footnote", tmp_path / ".footnote")
    for folder in (tmp_path / ".footnote").glob("vectors-*"):
        shutil.rmtree(folder)
    assert is_well(footnote(*COMMANDS[command]), command)
    require_vectors(tmp_path / ".footnote")


@pytest.mark.parametrize("damage", [overwritten, emptied], ids=lambda damage: damage.__name__)
def test_index_when_files_of_vectors_are_damaged_mends_them_without_embedding_again(
    footnote: Footnote, processes: Processes, large: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copy(large / ".env", tmp_path)
    shutil.copytree(large / ".footnote", tmp_path / ".footnote")
    shutil.copytree(large / "news", tmp_path / "news")
    for file in files_of_vectors(tmp_path / ".footnote"):
        damage(file)
    (tmp_path / "news" / "new.txt").write_text("A zeppelin over Oslo\n\nA zeppelin flew over Oslo.", "utf-8")
    outcome = processes.run(tmp_path, "index", "news")
    assert (outcome.code, outcome.err) == (0, "")
    assert event_counts(tmp_path)["embedding"] == 1
    require_vectors(tmp_path / ".footnote")


@pytest.mark.parametrize("command", COMMANDS)
def test_store_when_a_page_is_overwritten_answers_or_names_a_way_back(
    footnote: Footnote, index: Path, tmp_path: Path, command: str
) -> None:
    shutil.copytree(index, tmp_path / "sound")
    size = (index / "library.sqlite3").stat().st_size
    wrong = []
    for start in range(0, size, size // 12):
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
