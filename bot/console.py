"""Write to a terminal or into a pipe: what may be printed, how wide, and how far a long step has come."""

import logging
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from retrieval.settling import Progress

# Longer lines are hard to read, however wide the terminal is.
WIDEST, _NARROWEST = 96, 16
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b.?"
)
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph: what leads its first line, and the text, which hangs behind the lead.

    A block that is `unbroken` is never cut into lines, so that an address in it can be copied.
    """

    text: Text = field(default_factory=Text)
    lead: Text = field(default_factory=Text)
    unbroken: bool = False


def printable(text: str) -> str:
    """Drop what would steer a terminal instead of being read: escape sequences and control characters."""
    kept = _DIRECTION.sub("", _ESCAPE.sub("", text.replace("\t", " ").replace("\r\n", "\n")))
    if kept.replace("\n", "").isprintable():
        return kept
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter) == "Cs" else letter
        for letter in kept
        if letter == "\n" or unicodedata.category(letter) != "Cc"
    )


def printable_line(text: str) -> str:
    """Make a text printable on one line."""
    return " ".join(printable(text).split())


def stdout() -> Console:
    """Open standard output for people: styles on a terminal only, nothing read as markup."""
    return Console(markup=False, highlight=False, emoji=False)


def stderr() -> Console:
    """Open standard error for people."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def show(blocks: Sequence[Block], console: Console) -> None:
    """Write blocks, wrapped to the terminal's width, or each on one line where it goes elsewhere."""
    width = min(console.width, WIDEST)
    for block in blocks:
        indent = block.lead.cell_len
        lines = [block.text]
        if console.is_terminal and not block.unbroken:
            lines = list(block.text.wrap(console, max(width - indent, _NARROWEST)))
        for place, line in enumerate(lines or [Text()]):
            line.rstrip()
            lead = block.lead if place == 0 else Text(" " * indent)
            console.print(Text.assemble(lead, line), soft_wrap=True)


def say(text: str) -> None:
    """Print one line of what was done."""
    show([Block(Text(printable_line(text)))], stdout())


def counted(number: int, noun: str) -> str:
    """Write "1 article", "2 articles"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def note(text: str) -> None:
    """Tell a person something on standard error."""
    stderr().print(Text(printable_line(text)), soft_wrap=True)


class Notes(logging.Handler):
    """Tells a person on standard error what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one sentence."""
        note(f"footnote: {record.getMessage()}")


@contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Tell a person at once what went wrong and was put right without them."""
    logger, notes = logging.getLogger("footnote"), Notes(logging.WARNING)
    logger.addHandler(notes)
    try:
        yield
    finally:
        logger.removeHandler(notes)


def print_json(line: str) -> None:
    """Write a line of JSON, which is UTF-8 wherever it goes, and do not hold it back."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show on a terminal that something takes its time."""
    if not sys.stderr.isatty():
        yield
        return
    with stderr().status(Text(text, "dim")):
        yield


@contextmanager
def progress_bar() -> Iterator["Progress"]:
    """Show on a terminal how far a long step has come."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=stderr(), transient=True) as bar:
        task, shown = bar.add_task("reading", total=None), "reading"

        def tell(step: str, done: int, total: int) -> None:
            nonlocal shown
            if step == "reading" and done == total:
                bar.reset(task, description="getting ready", total=None)
            elif step != shown:
                # What the step before took says nothing of this one.
                bar.reset(task, description=step, completed=done, total=total)
            else:
                bar.update(task, completed=done, total=total)
            shown = step

        yield tell
