"""Two writers and four readers at once: python -m tests.benchmarks.crowd [SECONDS].

Each writer changes articles of its own folder and runs `footnote index`, now and then `--rebuild`, on the one
index; when it is told that the other is writing, it tries again. Each reader is a `footnote chat --json` that
runs all the time. An answer is right when it quotes what an article said at some moment between the last
`index` that was complete when the question was asked and the answer; anything older, anything that was never
in a folder, and a missing article are wrong.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import Any

from tests.benchmarks.ferries import NAMES, Ferries, question
from tests.forked import NEWS, ROOT, Order, Processes

_WRITERS, _READERS, _CHANGED, _REBUILDS, _SEED = 2, 4, 5, 0.1, 7
_NAMES = NAMES[:60]
_BUSY = re.compile(
    r"is being written by another footnote \(process \d+, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)"
)
_SAID = re.compile(r"Captain (\w+) said that the ferry carries (\d+) cars this week\.")
_CHAT = """
import sys
from bot.__main__ import run
from tests.fakes import FakeEmbedder
sys.exit(run(sys.argv[1:], lambda settings: FakeEmbedder()))
"""


@dataclass(slots=True)
class State:
    """What an article said from one moment on, None where it was removed, and when an index held it."""

    version: int | None
    written: float
    indexed: float = float("inf")


@dataclass(slots=True)
class Chronicle:
    """What each article said when; what was counted and found wrong."""

    states: dict[str, list[State]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    wrong: list[str] = field(default_factory=list)
    questions: int = 0
    updates: int = 0
    busy: int = 0

    def write(self, name: str, version: int | None) -> None:
        with self.lock:
            self.states.setdefault(name, []).append(State(version, time.monotonic()))

    def indexed(self, names: list[str]) -> None:
        with self.lock:
            self.updates += 1
            for name in names:
                self.states[name][-1].indexed = time.monotonic()

    def possible(self, name: str, asked: float, answered: float) -> set[int | None]:
        """Give what an article may have said to a question."""
        with self.lock:
            states = self.states.get(name, [State(None, 0, 0)])
            held = [place for place, state in enumerate(states) if state.indexed <= asked]
            later = states[held[-1] if held else 0 :]
            return {state.version for state in later if state.written <= answered}

    def blame(self, fault: str) -> None:
        with self.lock:
            self.wrong.append(fault)


class Timed(Thread):
    """Works until a moment."""

    until = 0.0


class Writer(Timed):
    """Changes the articles of its own folder and indexes them."""

    def __init__(self, folder: Path, names: tuple[str, ...], chronicle: Chronicle, seed: int) -> None:
        super().__init__()
        self.folder, self.chronicle = folder, chronicle
        self.random = Random(seed)
        self.ferries = Ferries(folder / NEWS, names, self.random)

    def begin(self, processes: Processes) -> None:
        for name in self.ferries.names:
            self.chronicle.write(name, self.ferries.write(name))
        self._index(processes, list(self.ferries.names))

    def run(self) -> None:
        with Processes() as processes:
            while time.monotonic() < self.until:
                changed = self.ferries.change(_CHANGED)
                for name in changed:
                    self.chronicle.write(name, self.ferries.versions.get(name))
                self._index(processes, changed)
                if self.random.random() < _REBUILDS:
                    self._run(processes, "--rebuild")

    def _index(self, processes: Processes, changed: list[str]) -> None:
        if self._run(processes, NEWS):
            self.chronicle.indexed(changed)

    def _run(self, processes: Processes, what: str) -> bool:
        """Run it until the other one leaves it alone."""
        while True:
            order = Order(folder=str(self.folder), arguments=["index", what, "--index", "../index"])
            outcome = processes.wait(processes.start(order), self.folder)
            if outcome.code == 0 and not outcome.err:
                return True
            if not (outcome.code and len(outcome.err.splitlines()) == 1 and _BUSY.search(outcome.err)):
                self.chronicle.blame(f"index {what}: {outcome}")
                return False
            self.chronicle.busy += 1
            time.sleep(self.random.uniform(0.02, 0.2))


class Reader(Timed):
    """Asks one chat that goes on all the time."""

    def __init__(self, folder: Path, chronicle: Chronicle, seed: int) -> None:
        super().__init__()
        self.chronicle = chronicle
        self.random = Random(seed)
        self.chat = subprocess.Popen(
            [sys.executable, "-c", _CHAT, "chat", "--json", "--index", str(folder / "index")], cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, name: str) -> None:
        """Ask for an article, and judge the answer."""
        assert self.chat.stdin and self.chat.stdout
        asked = time.monotonic()
        print(f"/new\n{question(name)}", file=self.chat.stdin, flush=True)
        line = self.chat.stdout.readline()
        if fault := self._fault(name, json.loads(line) if line else {"error": "it ended"}, asked):
            self.chronicle.blame(f"{question(name)} {fault}: {line[:1000]}")
        self.chronicle.questions += 1

    def run(self) -> None:
        while time.monotonic() < self.until and self.chat.poll() is None:
            self.ask(self.random.choice(_NAMES))
        _, err = self.chat.communicate()
        if err or self.chat.returncode:
            self.chronicle.blame(f"chat ended with {self.chat.returncode}: {err}")

    def _fault(self, name: str, receipt: Mapping[str, Any], asked: float) -> str:
        now = time.monotonic()
        if "error" in receipt:
            return str(receipt["error"])
        said = dict.fromkeys([name], None) | {
            found[1]: int(found[2])
            for citation in receipt["citations"]
            if (found := _SAID.search(citation["quote"]))
        }
        for one, version in said.items():
            possible = self.chronicle.possible(one, asked, now)
            if version not in possible:
                return f"says {version} of {one}, where {possible} is possible"
        return ""


def main() -> None:
    """Let them write and read, and print what was wrong."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 60.0
    chronicle = Chronicle()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writers = [
            Writer(folder / f"writer-{number}", _NAMES[number::_WRITERS], chronicle, _SEED + number)
            for number in range(_WRITERS)
        ]
        with Processes() as processes:
            for writer in writers:
                writer.begin(processes)
        readers = [Reader(folder, chronicle, _SEED + number) for number in range(_READERS)]
        for reader in readers:
            reader.ask(_NAMES[0])  # so that none is still starting
        for thread in (*writers, *readers):
            thread.until = time.monotonic() + seconds
            thread.start()
        for thread in (*writers, *readers):
            thread.join()
    for fault in chronicle.wrong:
        print(fault)
    print(
        f"{_WRITERS} writers and {_READERS} readers for {seconds:.0f} s: {len(chronicle.wrong)} wrong of "
        f"{chronicle.questions} answers, {chronicle.updates} updates complete, {chronicle.busy} told to wait"
    )


if __name__ == "__main__":
    main()
