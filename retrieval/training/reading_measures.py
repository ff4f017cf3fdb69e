"""Measure a reader on the SQuAD family: how much of an answer it finds, and how well it refuses."""

import os
import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from retrieval.passages import Span, split_sentences
from retrieval.reader_model import Reader, Window
from retrieval.training.progress import Progress
from retrieval.training.reading_examples import SETS, Asked

# The set by which a refusal is decided for all: half of its questions have no answer.
DECIDING_SET = "squad_v20_dev"
# Characters: what the reader takes in whole in every language, less than it was taught with.
_WINDOW = 600
_SAMPLE_SEED = 1
_POINTS = 21
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a reader found for a question: how well it fits if told, and by how much it beats nothing."""

    asked: Asked
    f1: float
    exact: float
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a reader reaches on the questions of a set, in percent.

    `f1` and `exact` are over all questions: a refusal is right where there is no answer. `f1_unrefused` is
    over those with an answer, were none refused. `refused` is the share of the others, None if there is none.
    """

    set: str
    language: str
    questions: int
    f1: float
    f1_unrefused: float
    refused: float | None
    exact: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a reader reaches, by part, where it refuses at a threshold or below.

    `chosen_on` is the number of questions that the threshold was chosen on. `refusals` are by part and set,
    each from refusing little to refusing all: the threshold, then, in percent, precision and recall of
    refusals, the share of questions with an answer that are refused, and the F1 over all questions.
    """

    threshold: float
    chosen_on: int
    parts: dict[str, list[Figures]]
    refusals: dict[str, dict[str, list[dict[str, float]]]]

    def as_json(self) -> dict[str, object]:
        """Lay out all but the refusals for JSON."""
        parts = {part: [asdict(row) for row in rows] for part, rows in self.parts.items()}
        return {"threshold": round(self.threshold, 3), "chosen_on": self.chosen_on, **parts}

    def as_text(self) -> str:
        """Lay out all but the refusals for people."""
        told = [
            f"Refused where the margin is at most {self.threshold:.2f}, which is best for {self.chosen_on} "
            f"questions of {DECIDING_SET} in part threshold."
        ]
        return "\n\n".join([*told, *(f"part {part}\n{_as_table(rows)}" for part, rows in self.parts.items())])


def sample(asked: Sequence[Asked], part: str, limit: int) -> list[Asked]:
    """Choose at most so many questions of each set in a part, the same ones each time; 0 is all."""
    chosen: list[Asked] = []
    for name in SETS:
        own = [one for one in asked if one.set == name and one.part == part]
        Random(_SAMPLE_SEED).shuffle(own)
        chosen += own[: limit or None]
    return chosen


def read_all(reader: Reader, asked: Sequence[Asked], progress: Progress, step: str) -> list[Found]:
    """Let a reader read the text of each question, in as many threads as there are cores."""
    found: list[Found] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for each in pool.map(lambda one: _read(reader, one), asked):
                found.append(each)
                progress(step, len(found), len(asked))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _read(reader: Reader, one: Asked) -> Found:
    texts = list(_windows(one.text))
    readings = reader.read(one.question, [Window.from_text(text) for text in texts])
    text, best = max(
        ((text, reading) for text, (reading,) in zip(texts, readings, strict=True)),
        key=lambda each: each[1].margin,
    )
    said = text[best.start : best.end]
    return Found(
        asked=one,
        f1=max((token_f1(said, answer) for answer in one.answers), default=0.0),
        exact=max((float(normalised(said) == normalised(answer)) for answer in one.answers), default=0.0),
        margin=best.margin,
    )


def _windows(text: str) -> Iterator[str]:
    """Cut a text into windows of whole sentences, each beginning with the last sentence of the one before."""
    window: list[Span] = []
    for sentence in split_sentences(text) or [(0, len(text))]:
        if window and sentence[1] - window[0][0] > _WINDOW:
            yield text[window[0][0] : window[-1][1]]
            window = window[-1:] if sentence[1] - window[-1][0] <= _WINDOW else []
        window.append(sentence)
    yield text[window[0][0] : window[-1][1]]


def choose_threshold(found: Sequence[Found]) -> float:
    """Find the margin at or below which refusing gives the best F1 over all questions."""
    margins, f1, answerable = _columns(found)
    order = np.argsort(-margins)
    # One question after the other is answered instead of refused, the surest first.
    gain = np.where(answerable, f1, -1.0)[order]
    gained = np.concatenate([[0.0], np.cumsum(gain)])
    ends = np.concatenate([[margins.max() + 1], margins[order], [margins.min() - 1]])
    # What is equally sure is told or refused together.
    told = int(np.argmax(np.where(ends[:-1] > ends[1:], gained, -np.inf)))
    return float((ends[told] + ends[told + 1]) / 2)


def assess(
    reader: Reader, asked: Sequence[Asked], parts: Sequence[str], limit: int, progress: Progress
) -> Assessment:
    """Choose the threshold of refusals on its part, and measure others with it.

    Args:
        reader: What reads.
        asked: The questions of all parts.
        parts: Which of them are measured.
        limit: So many questions of each set in a part are measured; 0 is all.
        progress: Is told of each question.
    """
    deciding = [one for one in sample(asked, "threshold", limit) if one.set == DECIDING_SET]
    threshold = choose_threshold(read_all(reader, deciding, progress, "choosing the threshold"))
    found = {part: read_all(reader, sample(asked, part, limit), progress, f"part {part}") for part in parts}
    return Assessment(
        threshold=threshold,
        chosen_on=len(deciding),
        parts={part: [_figures(of, threshold) for of in _by_set(own)] for part, own in found.items()},
        refusals={
            part: {of[0].asked.set: points for of in _by_set(own) if (points := _refusals(of))}
            for part, own in found.items()
        },
    )


def best_figures(reader: Reader, asked: Sequence[Asked], progress: Progress) -> list[Figures]:
    """Measure on a few questions with the threshold that is best for them: good to compare readers only."""
    found = read_all(reader, asked, progress, "measuring")
    deciding = [one for one in found if one.asked.set == DECIDING_SET]
    threshold = choose_threshold(deciding or found)
    return [_figures(own, threshold) for own in _by_set(found)]


def _by_set(found: Sequence[Found]) -> list[list[Found]]:
    sets = [[one for one in found if one.asked.set == name] for name in SETS]
    return [own for own in sets if own]


def _figures(found: Sequence[Found], threshold: float) -> Figures:
    margins, f1, answerable = _columns(found)
    exact = np.array([one.exact for one in found])
    refused = margins <= threshold
    return Figures(
        set=found[0].asked.set,
        language=found[0].asked.language,
        questions=len(found),
        f1=_percent(_scores(f1, answerable, refused)),
        f1_unrefused=_percent(f1[answerable]),
        refused=None if answerable.all() else _percent(refused[~answerable]),
        exact=_percent(_scores(exact, answerable, refused)),
    )


def _refusals(found: Sequence[Found]) -> list[dict[str, float]]:
    """Measure refusing at margins from the lowest to the highest; nothing where all have an answer."""
    margins, f1, answerable = _columns(found)
    if answerable.all():
        return []
    points = []
    for threshold in np.quantile(margins, np.linspace(0, 1, _POINTS)):
        refused = margins <= threshold
        points.append(
            {
                "threshold": round(float(threshold), 3),
                "precision": _percent(~answerable[refused]),
                "recall": _percent(refused[~answerable]),
                "wrongly_refused": _percent(refused[answerable]),
                "f1": _percent(_scores(f1, answerable, refused)),
            }
        )
    return points


def _as_table(rows: Sequence[Figures]) -> str:
    lines = [
        f"{'set':<18}{'language':<10}{'questions':>9}{'F1':>8}{'F1 unrefused':>14}{'refused':>9}{'EM':>8}"
    ]
    for row in rows:
        refused = "-" if row.refused is None else f"{row.refused:.1f}"
        lines.append(
            f"{row.set:<18}{row.language:<10}{row.questions:>9}{row.f1:>8.1f}{row.f1_unrefused:>14.1f}"
            f"{refused:>9}{row.exact:>8.1f}"
        )
    return "\n".join(lines)


def normalised(text: str) -> str:
    """Normalise as SQuAD's official script, evaluate-v2.0.py: no case, no punctuation, no English article."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def token_f1(said: str, expected: str) -> float:
    """Give the harmonic mean of precision and recall of words, as SQuAD's official script does."""
    ours, theirs = normalised(said).split(), normalised(expected).split()
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * (Counter(ours) & Counter(theirs)).total() / (len(ours) + len(theirs))


def _columns(
    found: Sequence[Found],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Lay out the margin of each question, the F1 of what was found, and whether there is an answer."""
    return (
        # A text without a word has the margin -inf.
        np.maximum(np.array([one.margin for one in found]), -1e3),
        np.array([one.f1 for one in found]),
        np.array([bool(one.asked.answers) for one in found]),
    )


def _scores(
    told: NDArray[np.float64], answerable: NDArray[np.bool_], refused: NDArray[np.bool_]
) -> NDArray[np.float64]:
    return np.where(refused, (~answerable).astype(float), np.where(answerable, told, 0.0))


def _percent(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return round(100 * float(values.mean()), 1) if len(values) else 0.0
