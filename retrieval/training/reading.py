"""Train the reader on open questions and answers: python -m retrieval.training.reading DATA_FOLDER.

DATA_FOLDER holds the sets of the SQuAD family that `reading_examples` names, as JSON Lines. What was trained
is measured and written where `TrainedReader` finds it. Ctrl-C leaves a checkpoint, and --resume goes on from
it. With --measure it trains nothing, and measures what is there.
"""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import CaseError, FootnoteError, RunError
from retrieval.reader_model import Reader, TrainedReader
from retrieval.reader_weights import read_card
from retrieval.training.adapters import export, read_exported
from retrieval.training.progress import Progress, shown_progress
from retrieval.training.reading_batches import Plan, choose_examples, group_rows, make_rows
from retrieval.training.reading_card import describe
from retrieval.training.reading_examples import SETS, Asked, read_squads
from retrieval.training.reading_measures import assess, best_figures, sample
from retrieval.training.reading_model import SCALE
from retrieval.training.reading_options import parser
from retrieval.training.reading_run import Measure, TrainingRun

_Measured = TypeVar("_Measured")

_INTERRUPTED, _MENDABLE = 130, 2
# By these questions a reader in training is judged, so that none is chosen by those that are reported on.
_JUDGED_BY = "threshold"


def run(arguments: Sequence[str], progress: Progress | None = None) -> int:
    """Run the command, and give back the code it ends with.

    Args:
        arguments: The words of the command line, without the program's name.
        progress: Is told how far it has come, in place of what is shown on standard error.
    """
    options = parser().parse_args(arguments)
    try:
        with nullcontext(progress) if progress else shown_progress() as tell:
            if not options.folder.is_dir():
                raise CaseError(
                    f"There is no folder {options.folder}. Name the one that holds {', '.join(SETS)}."
                )
            told = (_measure if options.measure else _train)(options, tell)
        print(told)
    except KeyboardInterrupt as interrupt:
        if interrupt.args:
            _note(str(interrupt))
        return _INTERRUPTED
    except FootnoteError as error:
        _note(str(error))
        return _MENDABLE
    except OSError as error:
        if not error.filename:
            raise
        _note(f"Cannot use {error.filename}: {(error.strerror or '').lower()}.")
        return _MENDABLE
    return 0


def _measure(options: Namespace, progress: Progress) -> str:
    """Measure the reader of a folder, and say what it reaches."""
    reader = TrainedReader(folder=options.measure)
    name = reader.name
    asked = read_squads(options.folder)
    assessment = assess(reader, asked, options.parts, options.questions, progress)
    if options.refusals:
        _write(options.refusals, assessment.refusals)
    return f"{name}\n{assessment.as_text()}"


def _train(options: Namespace, progress: Progress) -> str:
    """Train a reader, measure it and write it, and say what it reaches."""
    if options.checkpoint.exists() and not options.resume:
        raise RunError(
            f"A run is kept in {options.checkpoint}. Go on with --resume, or remove it and begin anew."
        )
    if options.resume and not options.checkpoint.exists():
        raise RunError(f"There is no checkpoint {options.checkpoint} to go on from. Begin without --resume.")
    begin = read_card(options.begin).checksum if options.begin else ""
    plan = Plan(**{each.name: getattr(options, each.name) for each in fields(Plan)} | {"begin": begin})
    asked = read_squads(options.folder)
    training = _prepared(options, plan, asked, progress)
    try:
        training.train(
            progress,
            save_seconds=60 * options.checkpoint_minutes,
            measure=_measure_of_curve(options, asked, progress),
            measure_every=options.curve_every,
        )
        assessment = _with_reader(
            training.model.weights(),
            lambda reader: assess(reader, asked, options.parts, options.questions, progress),
        )
    except KeyboardInterrupt as interrupt:
        done = f"{training.state.batches} of {training.batches} batches"
        raise KeyboardInterrupt(
            f"Interrupted. {done} are kept in {options.checkpoint}; the same command with --resume goes on."
        ) from interrupt
    options.output.mkdir(parents=True, exist_ok=True)
    card = describe(plan, training, assessment, options.begin)
    export(training.model.weights(), card, options.output)
    if options.curve:
        _write(options.curve, training.state.curve)
    if options.refusals:
        _write(options.refusals, assessment.refusals)
    options.checkpoint.unlink()
    return f"{assessment.as_text()}\n\nWritten to {options.output}"


def _prepared(options: Namespace, plan: Plan, asked: Sequence[Asked], progress: Progress) -> TrainingRun:
    """Make a run of its examples, at its beginning or where it was interrupted."""
    chosen = choose_examples(asked, plan, progress)
    groups = group_rows(make_rows(chosen, progress), plan)
    training = TrainingRun(plan, groups, options.checkpoint, options.threads)
    if options.resume:
        training.resume()
    elif options.begin:
        training.model.begin_with(read_exported(options.begin))
    return training


def _measure_of_curve(options: Namespace, asked: Sequence[Asked], progress: Progress) -> Measure:
    """Make what measures a reader in training on a few questions, always the same."""
    few = sample(asked, _JUDGED_BY, options.curve_questions)

    def measure(weights: Mapping[str, NDArray[np.float32]]) -> list[dict[str, object]]:
        found = _with_reader(weights, lambda reader: best_figures(reader, few, progress))
        _note(", ".join(f"{each.set} F1 {each.f1:.1f}, unrefused {each.f1_unrefused:.1f}" for each in found))
        return [asdict(each) for each in found]

    return measure


def _with_reader(
    weights: Mapping[str, NDArray[np.float32]], measure: Callable[[Reader], _Measured]
) -> _Measured:
    """Measure weights in the form that the package carries, with what runs them there."""
    with TemporaryDirectory() as folder:
        export(weights, {"scale": SCALE}, Path(folder))
        return measure(TrainedReader(folder=Path(folder)))


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _note(sentence: str) -> None:
    print(f"reading: {sentence}", file=sys.stderr)


def main() -> None:
    """Run the command that the person gave."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
