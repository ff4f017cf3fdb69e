"""What `footnote index` loses when it is killed: python -m tests.benchmarks.kills [KILLS].

About 150 small articles are added, changed and removed; `footnote index`, now and then `--rebuild`, now and
then from nothing, is killed with SIGKILL at a moment drawn over its whole run. After each kill a question
about an article that did not change is asked and has to be answered, the next `index` has to complete, and
then the index has to hold exactly the articles of the folder, each with its words and its vectors.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from tests.benchmarks.ferries import NAMES, Ferries, question, quote
from tests.forked import INDEX, NEWS, Order, Processes, last_event

_SEED, _CHANGED, _SECONDS_A_TEXT = 7, 20, 0.004
_ANEW, _REBUILD = 0.1, 0.25
# A run that is killed is a little slower than one that is timed with nothing beside it.
_LONGEST = 1.05


@dataclass(slots=True)
class Tally:
    """What was found after the kills."""

    kills: int = 0
    too_late: int = 0
    doing: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)


class Killing:
    """One folder of articles, whose index is killed again and again."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self.random = Random(_SEED)
        self.folder = folder
        self.processes = processes
        self.ferries = Ferries(folder / NEWS, NAMES, self.random)
        self.tally = Tally()
        for name in NAMES:
            self.ferries.write(name)
        for kind in ("anew", "update", "rebuild"):
            self.ferries.change(_CHANGED)
            self._complete(kind)

    def round(self) -> None:
        """Change some articles, kill the run that reads them, and look what is left."""
        chance = self.random.random()
        kind = "anew" if chance < _ANEW else "rebuild" if chance < _REBUILD else "update"
        before = dict(self.ferries.versions)
        changed = self.ferries.change(_CHANGED)
        if kind == "anew":
            shutil.rmtree(self.folder / INDEX)
        moment = self.random.uniform(0, median(self.tally.seconds[kind]) * _LONGEST)
        process = self.processes.start(self._order(kind))
        time.sleep(moment)
        os.kill(process, signal.SIGKILL)
        outcome = self.processes.wait(process, self.folder)
        self.tally.kills += 1
        if outcome.code == 0:
            self.tally.too_late += 1
        else:
            self.tally.doing[f"{kind}: {last_event(self.folder)}"] += 1
        told = f"kill {self.tally.kills} ({kind}, {moment:.2f} s, {last_event(self.folder)})"
        if kind != "anew" or outcome.code == 0:
            same = [name for name in before if name not in changed]
            self._ask(self.random.choice(same), before, told)
        self._complete("anew" if kind == "anew" else "update", told, is_counted=False)

    def _ask(self, name: str, versions: dict[str, int], told: str) -> None:
        outcome = self.processes.run(self.folder, "ask", question(name))
        if outcome.code or quote(name, versions[name]) not in outcome.out:
            self.tally.unanswered.append(f"{told}: {outcome}")

    def _complete(self, kind: str, told: str = "", *, is_counted: bool = True) -> None:
        began = time.perf_counter()
        outcome = self.processes.wait(self.processes.start(self._order(kind)), self.folder)
        if is_counted:
            self.tally.seconds.setdefault(kind, []).append(time.perf_counter() - began)
        fault = outcome.err or self.processes.fault(self.folder)
        if fault and kind != "rebuild":
            self.tally.broken.append(f"{told}: {fault}")
            shutil.rmtree(self.folder / INDEX)
            self.processes.run(self.folder, "index", NEWS)

    def _order(self, kind: str) -> Order:
        arguments = ["index", "--rebuild"] if kind == "rebuild" else ["index", NEWS]
        return Order(folder=str(self.folder), arguments=arguments, seconds=_SECONDS_A_TEXT)


def main() -> None:
    """Kill so many times, and print what was lost."""
    kills = int(sys.argv[1]) if sys.argv[1:] else 200
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, Processes() as processes:
        killing = Killing(Path(name), processes)
        tally = killing.tally
        while tally.kills - tally.too_late < kills:
            killing.round()
            if tally.kills % 20 == 0:
                lost = f"{len(tally.broken)} broken, {len(tally.unanswered)} wrong"
                print(f"{tally.kills} kills, {lost}, {time.monotonic() - began:.0f} s", flush=True)
    for line in (*tally.broken, *tally.unanswered):
        print(line)
    lasted = ", ".join(f"{kind} {median(some):.1f} s" for kind, some in tally.seconds.items())
    print(f"Killed while it was ({lasted}):")
    for doing, count in sorted(tally.doing.items()):
        print(f"    {doing:<20} {count}")
    print(
        f"{kills} kills -9 in the middle, {tally.too_late} more after the end: {len(tally.broken)} broken "
        f"(an article lost, a passage without words or vector, no completion), {len(tally.unanswered)} "
        f"questions wrong right after the kill ({time.monotonic() - began:.0f} s)"
    )


if __name__ == "__main__":
    main()
