"""The options of the command that trains the reader."""

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TypeVar

from retrieval.reader_weights import MODELS
from retrieval.training.reading_examples import PARTS

_Number = TypeVar("_Number", int, float)


def parser() -> ArgumentParser:
    """Make what reads the command line; the names of a plan's options are those of its fields."""
    made = ArgumentParser(
        prog="reading",
        description="Train the reader, or measure it.",
        formatter_class=ArgumentDefaultsHelpFormatter,
    )
    made.add_argument("folder", type=Path, metavar="DATA_FOLDER", help="the folder of the sets")
    _add_plan(made)
    _add_running(made)
    _add_measuring(made)
    return made


def _add_plan(made: ArgumentParser) -> None:
    add = made.add_argument_group("what is learned: a run goes on under the same of these only").add_argument
    add("--languages", type=_shares, default="en=1,it=0.5,sv=0.5,es=0.25", metavar="CODE=SHARE,...",
        help="which share of whose questions, above 1 in other windows again")  # fmt: skip
    add("--epochs", type=_positive(float), default=1.0, help="how often to go through those")
    add("--limit", type=_count, default=0, metavar="EXAMPLES", help="no more examples than these; 0 is all")
    add("--rank", type=_positive(int), default=32, help="of the adapters")
    add("--learning-rate", type=_positive(float), default=1e-3, metavar="RATE", help="the highest one")
    add("--tokens", type=_positive(int), default=2048, help="of a batch, filling included")
    add("--seed", type=_count, default=7, help="of all that is by chance")
    add("--begin", type=Path, metavar="FOLDER", help="the reader that is trained on, in place of a new one")


def _add_running(made: ArgumentParser) -> None:
    add = made.add_argument_group("how it runs").add_argument
    add("--threads", type=_count, default=0, help="of torch; 0 is as many as it chooses")
    add("--output", type=Path, default=MODELS, metavar="FOLDER", help="for the reader and its card")
    add("--checkpoint", type=Path, default=Path("runs/reading.checkpoint"), metavar="FILE",
        help="what --resume goes on from")  # fmt: skip
    add("--checkpoint-minutes", type=_positive(float), default=3.0, metavar="MINUTES",
        help="between two checkpoints")  # fmt: skip
    add("--resume", action="store_true", help="go on from the checkpoint")


def _add_measuring(made: ArgumentParser) -> None:
    add = made.add_argument_group("what is measured").add_argument
    add("--measure", type=Path, nargs="?", const=MODELS, metavar="FOLDER",
        help="train nothing, measure the reader of a folder, without a name the package's own")  # fmt: skip
    add("--parts", nargs="+", choices=sorted(set(PARTS)), default=["report"], help="of the sets, by title")
    add("--questions", type=_count, default=500, help="of each set in a part; 0 is all")
    add("--refusals", type=Path, metavar="FILE", help="for precision and recall of refusals, as JSON")
    add("--curve", type=Path, metavar="FILE", help="for what was measured in training, as JSON")
    add("--curve-every", type=_count, default=3000, metavar="EXAMPLES",
        help="are learned between two measurements in training; 0 is no measurement")  # fmt: skip
    add("--curve-questions", type=_positive(int), default=60, help="of each set then, always the same")


def _shares(told: str) -> tuple[tuple[str, float], ...]:
    """Read "en=1,it=0.5"."""
    pairs = [item.partition("=") for item in told.split(",")]
    try:
        shares = {code.strip(): float(share) for code, _, share in pairs}
    except ValueError:
        shares = {}
    if len(shares) != len(pairs) or not all(isfinite(share) and share > 0 for share in shares.values()):
        raise ArgumentTypeError(f"{told!r} does not name each language once with its share, as en=1,it=0.5")
    return tuple(shares.items())


def _positive(number: Callable[[str], _Number]) -> Callable[[str], _Number]:
    def read(told: str) -> _Number:
        try:
            value = number(told)
        except ValueError:
            value = number("0")
        if not (isfinite(value) and value > 0):
            raise ArgumentTypeError(f"{told!r} is no number above 0")
        return value

    return read


def _count(told: str) -> int:
    if not told.isdecimal():
        raise ArgumentTypeError(f"{told!r} is no whole number from 0 up")
    return int(told)
