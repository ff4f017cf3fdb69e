"""A training run of the reader that may stop between any two batches and go on as if it had not."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import RunError
from retrieval.training.progress import Progress
from retrieval.training.reading_batches import Plan, Row, digest_of, fill, rate_at
from retrieval.training.reading_model import ReadingModel, read_checkpoint

# Measures what was learned so far, as JSON has it.
Measure: TypeAlias = Callable[[Mapping[str, NDArray[np.float32]]], list[dict[str, object]]]

_SMOOTHING = 0.98


@dataclass(slots=True, kw_only=True)
class State:
    """How far a run has come: batches, examples, seconds, the running loss, and what was measured."""

    batches: int = 0
    examples: int = 0
    seconds: float = 0.0
    loss: float | None = None
    curve: list[dict[str, Any]] = field(default_factory=list)


class TrainingRun:
    """Trains a reader on groups of rows, one after the other."""

    def __init__(self, plan: Plan, groups: Sequence[Sequence[Row]], checkpoint: Path, threads: int) -> None:
        """Take the plan, what was made of it, where checkpoints are kept, and threads, 0 is torch's own."""
        self._plan, self._groups, self._path = plan, groups, checkpoint
        self._digest = digest_of(groups)
        self.model = ReadingModel(plan, threads)
        self.state = State()

    @property
    def batches(self) -> int:
        """How many batches there are."""
        return len(self._groups)

    def resume(self) -> None:
        """Go on from the checkpoint.

        Raises:
            RunError: It is damaged, or of another plan or other examples.
        """
        saved = read_checkpoint(self._path)
        plan, begun = self._plan.options(), saved.facts["plan"]
        others = [
            f"{name} {begun.get(name, 'not given')} instead of {plan.get(name, 'not given')}"
            for name in {**begun, **plan}
            if begun.get(name) != plan.get(name)
        ]
        if others or saved.facts["digest"] != self._digest:
            raise RunError(
                f"The checkpoint {self._path} is of a run with {', '.join(others) or 'other examples'}. "
                "Go on with the same options and data, or remove it and begin anew."
            )
        self.model.restore(saved)
        self.state = State(**saved.facts["state"])

    def save(self) -> None:
        """Write a checkpoint."""
        facts = {"plan": self._plan.options(), "digest": self._digest, "state": asdict(self.state)}
        self.model.save(self._path, facts)

    def train(self, progress: Progress, *, save_seconds: float, measure: Measure, measure_every: int) -> None:
        """Train on what is left, with checkpoints in between and one at the end.

        Args:
            progress: Is told of each batch; what it raises stops the run there.
            save_seconds: Between two checkpoints.
            measure: Measures what was learned so far.
            measure_every: So many examples are between two measurements; 0 is none.

        Raises:
            RunError: The loss is no number any more.
            KeyboardInterrupt: Somebody has enough; there is a checkpoint of the last whole batch.
        """
        saved = monotonic()
        try:
            while True:
                if measure_every and self.state.examples // measure_every > len(self.state.curve):
                    self._measure(measure)
                if self.state.batches == self.batches:
                    break
                with uninterrupted():
                    self._learn(self._groups[self.state.batches])
                progress("training", self.state.batches, self.batches, f"loss {self.state.loss:.3f}")
                if monotonic() - saved >= save_seconds:
                    self.save()
                    saved = monotonic()
        except KeyboardInterrupt:
            self.save()
            raise
        self.save()

    def _learn(self, group: Sequence[Row]) -> None:
        state, begun = self.state, monotonic()
        loss = self.model.learn(fill(group), rate_at(state.batches, self.batches, self._plan))
        state.loss = loss if state.loss is None else _SMOOTHING * state.loss + (1 - _SMOOTHING) * loss
        state.batches += 1
        state.examples += len(group)
        state.seconds += monotonic() - begun

    def _measure(self, measure: Measure) -> None:
        point = {"examples": self.state.examples, "loss": self.state.loss}
        self.state.curve.append({**point, "figures": measure(self.model.weights())})


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until what is in hand is whole."""
    waiting: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        raise KeyboardInterrupt
