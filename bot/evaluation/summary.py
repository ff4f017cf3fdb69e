"""Figures of a whole run, from what each turn is worth: by slice, with intervals; cost; the refusal curve."""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bot.datatypes import AnswerStatus
from bot.evaluation.cases import Case
from bot.evaluation.measures.measure import Measure, Sums, add
from bot.evaluation.measures.sampling import interval, sums_by_case
from bot.evaluation.measures.scoring import HEADLINE

ALL = "all"
# Slices of these sorts are averaged as well, each slice counting alike.
_MACRO = ("kind", "language")
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measure's value over a slice, with its 95 % interval and the number of turns it stands on."""

    value: float
    low: float
    high: float
    turns: int


def figures_by_slice(
    records: Sequence[Record], cases: Mapping[str, Case], measures: Mapping[str, Measure]
) -> dict[str, dict[str, dict[str, float]]]:
    """Add up every measure over all turns, and over the turns of each slice."""
    scored: dict[str, dict[str, list[tuple[str, Sums]]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for name in (ALL, *cases[record["case"]].slices(record["turn"])):
            for measure, sums in record["scores"].items():
                scored[name][measure].append((record["case"], tuple(sums)))
    return {
        name: {
            measure: asdict(_figure(measures[measure], scored[name][measure]))
            for measure in measures
            if measure in scored[name]
        }
        for name in sorted(scored, key=lambda name: (name != ALL, name))
    }


def macro_averages(figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    """Average each measure over the slices of a sort, whatever their size."""
    averages: dict[str, dict[str, float]] = {}
    for sort in _MACRO:
        slices = [some for name, some in figures.items() if name.startswith(f"{sort}: ")]
        names = {measure for some in slices for measure in some}
        averages[sort] = {
            name: float(np.mean([some[name]["value"] for some in slices if name in some]))
            for name in sorted(names)
        }
    return averages


def cost(records: Sequence[Record]) -> dict[str, Any]:
    """Tell what a run took: seconds per step, the most memory held, how many turns crashed."""
    steps: dict[str, list[float]] = defaultdict(list)
    for record in records:
        for step, seconds in record.get("seconds", {}).items():
            steps[step].append(seconds)
    return {
        "seconds": {
            step: {"median": float(np.median(some)), "p95": float(np.percentile(some, 95))}
            for step, some in steps.items()
        },
        "peak_memory_mb": max((record.get("memory_mb") or 0.0 for record in records), default=0.0),
        "crashed": sum("error" in record for record in records),
    }


def refusal_curve(records: Sequence[Record]) -> list[tuple[float, float, float]]:
    """Tell how right the answers are when only the surest are given.

    Returns:
        For each answer, the surest first: the share of questions answered up to it, the share of those
        that are right, its confidence (risk-coverage curve, Geifman and El-Yaniv, 2017).
    """
    judged = [record for record in records if HEADLINE in record["scores"]]
    answered = [record for record in judged if record.get("status") == AnswerStatus.ANSWERED]
    answered.sort(key=lambda record: -record["confidence"])
    right, points = 0.0, []
    for count, record in enumerate(answered, start=1):
        right += record["scores"][HEADLINE][0]
        points.append((count / len(judged), right / count, float(record["confidence"])))
    return points


def peak_memory_mb() -> float | None:
    """Tell the most memory that this process has held, in megabytes; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1_000_000 if sys.platform == "darwin" else 1_000), 1)


def _figure(measure: Measure, turns: Sequence[tuple[str, Sums]]) -> Figure:
    of_cases = sums_by_case(turns)
    low, high = interval(of_cases, measure)
    return Figure(value=measure.value(add(of_cases)), low=low, high=high, turns=len(turns))
