"""Killed at any moment, indexing leaves an index that answers and that the next run completes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.benchmarks.ferries import NAMES, Ferries, question, quote
from tests.forked import INDEX, NEWS, Processes, event_counts

# What dies at which of its events, counted from 0 at the first to 1 at the last.
MOMENTS = [
    ("update", "write", 0.0), ("update", "write", 1.0),
    ("update", "commit", 1.0), ("update", "embedded", 1.0),
    ("update", "file", 1.0),
    ("rebuild", "embedded", 0.0), ("rebuild", "write", 0.5), ("rebuild", "commit", 1.0),
    ("rebuild", "file", 1.0),
    ("anew", "file", 0.0), ("anew", "write", 1.0), ("anew", "commit", 0.0),
]  # fmt: skip
ARGUMENTS = {"update": ["index", NEWS], "rebuild": ["index", "--rebuild"], "anew": ["index", NEWS]}
LASTING = NAMES[-1]


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with Processes() as made:
        yield made


@pytest.fixture(scope="module")
def world(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of articles some of which have changed since they were indexed, and that index."""
    folder = tmp_path_factory.mktemp("world")
    ferries = Ferries(folder / NEWS, NAMES[:20], Random(7))
    for name in (LASTING, *ferries.names):
        ferries.write(name)
    assert processes.run(folder, "index", NEWS).code == 0
    ferries.change(12)
    (folder / INDEX).rename(folder / "before")
    return folder


@pytest.fixture(scope="module")
def counts(processes: Processes, world: Path) -> dict[str, dict[str, int]]:
    """How often each kind of event happens in a run that nobody kills."""
    found = {}
    for kind, arguments in ARGUMENTS.items():
        begin(world, kind)
        assert processes.run(world, *arguments).code == 0
        found[kind] = event_counts(world)
    return found


def begin(world: Path, kind: str) -> None:
    """Put the index back to where it was before the articles changed, or to nothing."""
    shutil.rmtree(world / INDEX, ignore_errors=True)
    if kind != "anew":
        shutil.copytree(world / "before", world / INDEX)


@pytest.mark.parametrize(("kind", "event", "share"), MOMENTS)
def test_index_when_killed_answers_and_is_completed_by_the_next(
    processes: Processes, world: Path, counts: dict[str, dict[str, int]], kind: str, event: str, share: float
) -> None:  # fmt: skip
    begin(world, kind)
    number = 1 + round(share * (counts[kind][event] - 1))
    killed = processes.run(world, *ARGUMENTS[kind], killed_at=(event, number))
    assert killed.code == -9
    outcome = processes.run(world, "ask", question(LASTING))
    if kind == "anew":
        assert outcome.code == 0 or "Build it with: footnote index FOLDER" in outcome.err
    else:
        assert quote(LASTING, 1) in outcome.out
    assert (outcome.err == "") == (outcome.code == 0)
    completed = processes.run(world, "index", NEWS)
    assert (completed.code, completed.err) == (0, "")
    assert processes.fault(world) == ""
