"""How far a figure could be off by chance: intervals, and tests of two runs against each other.

What is drawn, and what is swapped, is always a whole case with the sums of all its turns: the turns of one
conversation stand and fall together. Cases with the same sums count as one case that stands there several
times, so a draw needs no more numbers than there are different cases. The seed is fixed: the same runs
give the same figures.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.measures.measure import Measure, Sums, add, ratio

Numbers = NDArray[np.float64]
Interval = tuple[float, float]
Pair = tuple[Sums, Sums]

MCNEMAR, PERMUTATION = "McNemar", "permutation"
_SEED = 1
_RESAMPLES, _SWAPS, _AT_ONCE = 2_000, 10_000, 500
_MOST_ENUMERATED = 13
# Two ways to add the same numbers may differ in the last digit.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class PairedTest:
    """How likely a difference at least as large is, either way, where two runs are equally good."""

    name: str
    p: float


def sums_by_case(turns: Iterable[tuple[str, Sums]]) -> list[Sums]:
    """Add up the sums of each case's turns, from pairs of a case's id and a turn's sums."""
    by_case: dict[str, list[Sums]] = {}
    for case, sums in turns:
        by_case.setdefault(case, []).append(sums)
    return [add(some) for some in by_case.values()]


def interval(sums_of_cases: Sequence[Sums], measure: Measure) -> Interval:
    """Tell between which values a measure lies, at 95 %.

    The percentile bootstrap over cases (Efron & Tibshirani, 1993, chapter 13). Where each case is one yes
    or no, Wilson's interval (1927), which fits small samples and shares near 0 and 1 (Brown, Cai &
    DasGupta, 2001). It also serves any share where nothing or everything was reached, whose resamples are
    all alike; n is then the number of cases. One case of another kind tells no width: low and high are its
    value.
    """
    rows = np.array(sums_of_cases, dtype=np.float64)
    if measure.is_share and measure.value is ratio:
        counted = rows[rows[:, 1] > 0]
        reached, possible = counted.sum(axis=0)
        if len(counted) and (_are_yes_or_no(counted) or reached in (0, possible)):
            return _wilson(len(counted) if reached == possible else int(reached), len(counted))
    if len(rows) < 2:
        value = measure.value(add(sums_of_cases))
        return value, value
    return _percentiles(_values(_resampled(rows), measure))


def difference(pairs: Sequence[Pair], measure: Measure) -> float:
    """Take the first run's value from the second's; a pair is what a case gave in each."""
    before, after = (add(side) for side in zip(*pairs, strict=True))
    return measure.value(after) - measure.value(before)


def difference_interval(pairs: Sequence[Pair], measure: Measure) -> Interval:
    """Tell between which values the difference of two runs lies, at 95 %, by the same bootstrap in pairs."""
    if difference(pairs, measure) < 0:
        low, high = difference_interval([(after, before) for before, after in pairs], measure)
        return -high, -low
    if len(pairs) < 2:
        found = difference(pairs, measure)
        return found, found
    totals = _resampled(np.hstack(_sides(pairs)))
    width = totals.shape[1] // 2
    return _percentiles(_values(totals[:, width:], measure) - _values(totals[:, :width], measure))


def paired_test(pairs: Sequence[Pair], measure: Measure) -> PairedTest:
    """Test whether two runs differ, two-sided, with the test that the measure allows.

    The exact McNemar test (1947) where each case is one yes or no in both runs. Else a permutation test,
    which holds for shares, F1 over all cases and BLEU alike: the runs swap a case at a time (approximate
    randomization, Noreen, 1989; Yeh, 2000), in all ways or, from 14 cases that differ, in 10,000 random
    ones with the observed way counted in (Phipson & Smyth, 2010).
    """
    before, after = _sides(pairs)
    if measure.value is ratio and _are_yes_or_no(before) and _are_yes_or_no(after):
        better, worse = (int((before[:, 0] == value).sum(where=after[:, 0] != value)) for value in (0, 1))
        return PairedTest(MCNEMAR, _mcnemar(better, worse))
    return PairedTest(PERMUTATION, _permutation(before, after, measure))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p values for how many tests were made (Holm, 1979); their order stays."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _sides(pairs: Sequence[Pair]) -> tuple[Numbers, Numbers]:
    before, after = zip(*pairs, strict=True)
    return np.array(before, dtype=np.float64), np.array(after, dtype=np.float64)


def _are_yes_or_no(rows: Numbers) -> bool:
    return bool(rows.shape[1] == 2 and np.all(rows[:, 1] == 1) and np.all(np.isin(rows[:, 0], (0, 1))))


def _wilson(reached: int, possible: int) -> Interval:
    from scipy.stats import binomtest

    found = binomtest(reached, possible).proportion_ci(confidence_level=0.95, method="wilson")
    return float(found.low), float(found.high)


def _mcnemar(better: int, worse: int) -> float:
    """Test whether as many cases became right as became wrong."""
    from scipy.stats import binomtest

    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0


def _permutation(before: Numbers, after: Numbers, measure: Measure) -> float:
    # scipy.stats.permutation_test moves cases instead of adding their sums: several times as slow.
    a, b = before.sum(axis=0), after.sum(axis=0)
    observed = measure.value(tuple(b.tolist())) - measure.value(tuple(a.tolist()))
    if observed < 0:
        return _permutation(after, before, measure)
    changes = (after - before)[np.any(after != before, axis=1)]
    is_enumerated = len(changes) <= _MOST_ENUMERATED
    if is_enumerated:
        moved = np.array(list(product((0.0, 1.0), repeat=len(changes)))) @ changes
    else:
        different, counts = np.unique(changes, axis=0, return_counts=True)
        random = np.random.default_rng(_SEED)
        moved = _drawn(lambda: random.binomial(counts, 0.5, (_AT_ONCE, len(counts))), _SWAPS, different)
    found = np.abs(_values(b - moved, measure) - _values(a + moved, measure))
    as_large = int((found >= observed - _ROUNDING).sum())
    return as_large / len(found) if is_enumerated else (as_large + 1) / (len(found) + 1)


def _resampled(rows: Numbers) -> Numbers:
    """Draw as many cases as there are, with repetition, and add them up: one row of sums a resample."""
    different, counts = np.unique(rows, axis=0, return_counts=True)
    random = np.random.default_rng(_SEED)
    shares = counts / len(rows)
    return _drawn(lambda: random.multinomial(len(rows), shares, _AT_ONCE), _RESAMPLES, different)


def _drawn(draw: Callable[[], NDArray[np.int64]], times: int, rows: Numbers) -> Numbers:
    """Add up rows as often as each draw says, some draws at once so that they fit in memory."""
    added: list[Numbers] = [draw() @ rows for _ in range(times // _AT_ONCE)]
    return np.concatenate(added)


def _values(totals: Numbers, measure: Measure) -> Numbers:
    """Read a measure's value off each row of sums."""
    if measure.value is ratio:
        reached, possible = totals.T
        values: Numbers = np.divide(reached, possible, out=np.zeros_like(reached), where=possible != 0)
        return values
    return np.array([measure.value(tuple(row)) for row in totals.tolist()], dtype=np.float64)


def _percentiles(values: Numbers) -> Interval:
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
