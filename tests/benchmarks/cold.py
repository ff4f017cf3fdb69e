"""How long a question takes from a fresh process: python -m tests.benchmarks.cold [ROUNDS].

Footnote and the usual stack (tests/benchmarks/usual_stack.py) answer the same question from an index of
seeds/ that is there already, in turns, each time in a process of its own. A first round, which is not
counted, fills the disk cache. Printed are medians, as a table for the README.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from subprocess import Popen

ROOT = Path(__file__).parents[2]
QUESTION = "What did Rutte say in Latvia?"
_SCRIPT = "import sys; from bot.__main__ import main; sys.exit(main())"
_BASELINE = "the usual stack"
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process took. `peak` is in bytes."""

    seconds: float
    cpu_seconds: float
    peak: int
    out: str


def timed(arguments: Sequence[str], folder: Path) -> Cost:
    """Run a process to its end, which has to be a good one.

    This process has to be small itself: a child's peak memory counts from its parent's at the start.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
    environment |= {"PYTHONPATH": str(ROOT), **_OFFLINE}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = Popen([sys.executable, *arguments], cwd=folder, env=environment, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(arguments)} ended with {process.returncode}: {err.read().decode()}")
        text = out.read().decode()
    return Cost(
        seconds=seconds, cpu_seconds=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * 1024, out=text
    )


def commands() -> dict[str, list[str]]:
    """Name what is measured, and how it is started."""
    return {
        _BASELINE: ["-m", "tests.benchmarks.usual_stack", "ask", "usual", QUESTION],
        "footnote ask": ["-c", _SCRIPT, "ask", QUESTION],
        "python -m bot ask": ["-m", "bot", "ask", QUESTION],
        "footnote --help": ["-c", _SCRIPT, "--help"],
    }


def measure(rounds: int, folder: Path) -> dict[str, list[Cost]]:
    """Run each command once a round, in turns."""
    timed(["-m", "bot", "index", str(ROOT / "seeds")], folder)
    timed(["-m", "tests.benchmarks.usual_stack", "index", "usual", str(ROOT / "seeds")], folder)
    costs: dict[str, list[Cost]] = {name: [] for name in commands()}
    for number in range(rounds + 1):
        for name, arguments in commands().items():
            cost = timed(arguments, folder)
            if name != "footnote --help" and "threat" not in cost.out:
                sys.exit(f"{name} does not answer: {cost.out}")
            if number:
                costs[name].append(cost)
    return costs


def table(costs: dict[str, list[Cost]]) -> str:
    """Write medians and the ratio to the usual stack, as Markdown."""
    base = costs[_BASELINE]
    lines = ["| | seconds | CPU seconds | peak memory | seconds, of the usual stack | memory |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for name, some in costs.items():
        seconds, peak = median(cost.seconds for cost in some), median(cost.peak for cost in some)
        cpu = median(cost.cpu_seconds for cost in some)
        share = seconds / median(cost.seconds for cost in base)
        memory = peak / median(cost.peak for cost in base)
        lines.append(
            f"| {name} | {seconds:.2f} | {cpu:.2f} | {peak / 1e6:.0f} MB | {share:.2f} | {memory:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    with tempfile.TemporaryDirectory() as folder:
        costs = measure(rounds, Path(folder))
    print(table(costs))
    print(f"\nMedians of {rounds} rounds in turns, {os.cpu_count()} cores; answers to {QUESTION!r}.")


if __name__ == "__main__":
    main()
