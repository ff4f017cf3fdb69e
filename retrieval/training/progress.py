"""Show how far training has come: a bar on a terminal, elsewhere a line a minute."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from time import monotonic
from typing import Protocol


class Progress(Protocol):
    """Is told how far a long step has come."""

    def __call__(self, step: str, done: int, total: int, note: str = "") -> None:
        """Take note that `done` of `total` are done in the step, and of what there is to say of it."""


@contextmanager
def shown_progress(line_seconds: float = 60.0) -> Iterator[Progress]:
    """Show progress on standard error, where that is no terminal at most a line in so many seconds."""
    pace = _Pace()
    if not sys.stderr.isatty():
        yield _Lines(pace, line_seconds)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, note="")

        def tell(step: str, done: int, total: int, note: str = "") -> None:
            told = ", ".join(filter(None, (pace.left(step, done, total), note)))
            bar.update(task, description=step, completed=done, total=total, note=told)

        yield tell


class _Lines:
    """Writes now and then how far a step has come."""

    def __init__(self, pace: "_Pace", seconds: float) -> None:
        self._pace, self._seconds = pace, seconds
        self._written = monotonic()

    def __call__(self, step: str, done: int, total: int, note: str = "") -> None:
        left = self._pace.left(step, done, total)
        if monotonic() - self._written < self._seconds:
            return
        self._written = monotonic()
        told = ", ".join(filter(None, (f"{done} of {total}", left, note)))
        print(f"{step}: {told}", file=sys.stderr, flush=True)


class _Pace:
    """Reckons what is left of a step from the time that it took so far."""

    def __init__(self) -> None:
        self._step = ""
        self._first, self._begun = 0, 0.0

    def left(self, step: str, done: int, total: int) -> str:
        """Say how many minutes a step still takes; of a step that has only begun, nothing."""
        now = monotonic()
        if step != self._step:
            self._step, self._first, self._begun = step, done, now
        gone = done - self._first
        if not gone:
            return ""
        return f"{ceil((now - self._begun) / gone * (total - done) / 60)} min left"
