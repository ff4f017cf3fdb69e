"""Fit how what a closely read sentence shows tells whether it answers: python -m bot.evaluation.judging.

A logistic regression over the sentences that the trained reader reads for the questions of fixtures; what it
prints stands in `retrieval.close_reading`. Beside it stands, for each threshold, what would be answered and
what refused of the questions that the rules leave to the trained reader.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.assembly import build_assistant, build_embedder, build_reader, open_library
from bot.datatypes import AnswerStatus, Turn
from bot.evaluation.cases import CaseTurn, read_cases
from bot.evaluation.measures.answers import says_expected
from bot.settings import Settings
from retrieval.close_reading import SIGNALS, CloseReader, CloseSignals
from retrieval.errors import FootnoteError
from retrieval.reading import candidates_in
from retrieval.sentences import read_article

_THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_PENALTY, _STEPS = 1.0, 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that was read for a question: what it shows, and whether it holds what is expected."""

    signals: CloseSignals
    is_expected: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What was read for a turn: the candidates, and whether the rules alone leave it unanswered."""

    turn: CaseTurn
    tags: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    is_left: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """A weight for each of `SIGNALS`, and the bias."""

    weights: NDArray[np.float64]
    bias: float

    def likelihood(self, signals: CloseSignals) -> float:
        """Tell how likely a sentence answers, from 0 to 1."""
        return float(_likelihoods(_columns([signals]) @ self.weights + self.bias)[0])


def read_turns(cases: Path, index: Path, settings: Settings) -> Iterator[Read]:
    """Ask all turns of cases by the rules, and read for each what the trained reader would.

    Raises:
        FootnoteError: The cases, the index or the reader cannot be used.
    """
    embedder = build_embedder(settings)
    by_rules = settings.model_copy(update={"reader": "rules"})
    trained = settings.model_copy(update={"reader": "trained"})
    with (
        closing(open_library(settings, index, embedder)) as library,
        closing(build_assistant(by_rules, index, embedder)) as assistant,
    ):
        reader = build_reader(trained, library, embedder)
        assert isinstance(reader, CloseReader)
        for placed in read_cases(cases):
            conversation: tuple[Turn, ...] = ()
            for place, turn in enumerate(placed.case.turns):
                answer = assistant.answer(turn.question, conversation)
                conversation = (*conversation, Turn(turn.question, answer))
                if turn.is_answerable is None:
                    continue
                found = assistant.find(answer.understood_as)
                story = [
                    sentence
                    for told in found.stories.values()
                    for sentence in read_article(told.article, told.sentences)
                ]
                evidence = candidates_in(story, [scored.passage for scored in found.evidence])
                candidates = tuple(
                    Candidate(
                        one.signals, says_expected(turn, story[one.place].article.id, story[one.place].text)
                    )
                    for one in reader.judge(found.query, story, evidence)
                    if one.signals.may_answer
                )
                left = answer.status is AnswerStatus.NOT_COVERED
                yield Read(turn, placed.case.slices(place), candidates, left)


def fit(read: Sequence[Read]) -> Fit:
    """Fit by Newton's method, each turn counting as the root of its candidates, large weights held down.

    Raises:
        ValueError: No sentence is expected, or none is not.
    """
    rows = [(turn, one) for turn in read for one in turn.candidates]
    wanted = np.array([float(one.is_expected) for _, one in rows])
    if not 0.0 < wanted.sum() < len(wanted):
        raise ValueError("There is nothing to tell apart: give cases with sentences that answer, and others.")
    columns = np.column_stack([_columns([one.signals for _, one in rows]), np.ones(len(rows))])
    counts = np.array([len(turn.candidates) ** -0.5 for turn, _ in rows])
    counts *= len(rows) / counts.sum()
    penalty = np.append(np.full(len(SIGNALS), 2 * _PENALTY), 1e-9)
    found = np.zeros(len(penalty))
    for _ in range(_STEPS):
        likely = _likelihoods(columns @ found)
        slope = columns.T @ (counts * (likely - wanted)) + penalty * found
        bend = columns.T @ (columns * (counts * likely * (1 - likely))[:, None]) + np.diag(penalty)
        found -= np.linalg.solve(bend, slope)
    return Fit(found[:-1], float(found[-1]))


def curve(read: Sequence[Read], fitted: Fit) -> list[str]:
    """Lay out what is done at each threshold with the turns that the rules leave unanswered."""
    lines = ["threshold   right   wrong   refused rightly   refused wrongly"]
    for threshold in _THRESHOLDS:
        counts = {"right": 0, "wrong": 0, "rightly": 0, "wrongly": 0}
        for turn in (turn for turn in read if turn.is_left):
            best = max(
                ((fitted.likelihood(one.signals), one) for one in turn.candidates),
                key=lambda pair: pair[0],
                default=None,
            )
            if best is None or best[0] < threshold:
                counts["wrongly" if turn.turn.is_answerable else "rightly"] += 1
            else:
                counts["right" if turn.turn.is_answerable and best[1].is_expected else "wrong"] += 1
        lines.append(
            f"{threshold:9.1f}{counts['right']:8d}{counts['wrong']:8d}{counts['rightly']:18d}{counts['wrongly']:18d}"
        )
    return lines


def _columns(signals: Sequence[CloseSignals]) -> NDArray[np.float64]:
    return np.array([[float(getattr(one, name)) for name in SIGNALS] for one in signals])


def _likelihoods(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30))))


def run(arguments: Sequence[str]) -> int:
    """Run the command, and give back the code it ends with."""
    parser = ArgumentParser(prog="judging", description=(__doc__ or "").partition("\n")[0])
    for name, told in (("learn", "cases to fit to"), ("report", "cases to report on")):
        parser.add_argument(
            f"--{name}", nargs="+", action="append", required=True, metavar=("CASES INDEX", "TAG"),
            help=f"{told}, the index they ask, and a tag that they must have, or with a ! before it must not",
        )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        kept: dict[tuple[str, str], list[Read]] = {}
        sets: dict[str, list[Read]] = {"learn": [], "report": []}
        for name, chosen in sets.items():
            for cases, index, *tags in getattr(options, name):
                if (cases, index) not in kept:
                    kept[cases, index] = list(read_turns(Path(cases), Path(index), Settings()))
                chosen += [read for read in kept[cases, index] if all(_has(read, tag) for tag in tags)]
        fitted = fit(sets["learn"])
    except (FootnoteError, ValueError) as error:
        print(f"judging: {error}", file=sys.stderr)
        return 2
    for name, weight in zip(SIGNALS, fitted.weights, strict=True):
        print(f'    "{name}": {weight:.2f},')
    print(f"_BIAS = {fitted.bias:.2f}")
    for name, chosen in sets.items():
        left = sum(read.is_left for read in chosen)
        print(f"\n{name}: {len(chosen)} turns, {left} left by the rules", *curve(chosen, fitted), sep="\n")
    return 0


def _has(read: Read, tag: str) -> bool:
    return (tag.removeprefix("!") in read.tags) is not tag.startswith("!")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
