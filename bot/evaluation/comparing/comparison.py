"""Two runs held against each other: what differs, whether by chance, and which turns changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import isfinite

from bot.evaluation.comparing.measured import (
    Key,
    MeasuredRun,
    MeasuredTurn,
    Setting,
    other_settings,
    read_given,
    require_same_index,
)
from bot.evaluation.measures.measure import Measure, Sums, add
from bot.evaluation.measures.sampling import Pair, difference_interval, holm, paired_test
from bot.evaluation.measures.scoring import HEADLINE
from retrieval.errors import RunError

ALL = "all"
_SIGNIFICANT = 0.05
_ROUNDING = 1e-9
TurnPair = tuple[MeasuredTurn, MeasuredTurn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure in two runs over the same turns: values, B less A with its 95 % interval, and the test.

    `corrected_p` allows for how many tests its table makes; see `compare`.
    """

    measure: Measure
    slice: str
    a: float
    b: float
    low: float
    high: float
    test: str
    p: float
    corrected_p: float
    turns_a: int
    turns_b: int

    @property
    def difference(self) -> float:
        """B less A."""
        return self.b - self.a

    @property
    def gain(self) -> float:
        """How much better B is, below zero where it is worse."""
        return _gain(self.measure, self.a, self.b)

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would hardly bring it about."""
        return self.corrected_p < _SIGNIFICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A turn that is better or worse in B, and what was answered where that is known."""

    case: str
    turn: int
    question: str
    a: float
    b: float
    given_a: str | None
    given_b: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that two runs say about each other.

    Turns that only one run has, and measures that only one run or no version of ours has, are left out.
    """

    a: MeasuredRun
    b: MeasuredRun
    turns: int
    left_out: tuple[str, ...]
    headline: Difference
    measures: tuple[Difference, ...]
    slices: tuple[Difference, ...]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]

    @property
    def only_in_a(self) -> int:
        """How many turns B lacks."""
        return len(self.a.turns) - self.turns

    @property
    def only_in_b(self) -> int:
        """How many turns A lacks."""
        return len(self.b.turns) - self.turns

    @property
    def settings(self) -> Sequence[Setting]:
        """What the runs were made with, where it differs."""
        return other_settings(self.a, self.b)


Failure = tuple[Difference, float]


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least that B may gain on A by a measure; below zero, how much it may lose."""

    measure: str
    gain: float

    @classmethod
    def parse(cls, text: str) -> "Threshold":
        """Read 'MEASURE=DIFFERENCE'.

        Raises:
            RunError: It is written otherwise.
        """
        name, _, number = text.rpartition("=")
        try:
            gain = float(number)
        except ValueError:
            gain = float("nan")
        if not name or not isfinite(gain):
            raise RunError(f"--fail-below is {text!r}. Give a measure and a number, such as right=-0.02.")
        return cls(name.strip(), gain)


def compare(
    a: MeasuredRun,
    b: MeasuredRun,
    known: Mapping[str, Measure],
    *,
    measures: Sequence[str] = (),
    slices: Sequence[str] = (),
    other_index: bool = False,
) -> Comparison:
    """Compare two runs over the turns that both have.

    The p values of a table are corrected by Holm's method, which holds however the measures depend on
    each other. The headline over all turns is one question asked in advance, and needs no correction.

    Args:
        a: The run before, or the baseline.
        b: The run after.
        known: All measures by name.
        measures: Those to compare; else all over all turns, and the headline by slice.
        slices: Those to show; else all.
        other_index: Whether the runs may be about other articles, or another way to index them.

    Raises:
        RunError: The runs cannot be compared, or lack a measure or slice.
    """
    if not other_index:
        require_same_index(a, b)
    pairs = _common_turns(a, b)
    shared = [name for name in known if name in a.measures & b.measures]
    _require_known("measure", measures, shared, a, b)
    found = {name for _, after in pairs for name in after.slices}
    _require_known("slice", slices, found, a, b)
    over_all = _differences(pairs, [known[name] for name in measures or shared], [ALL])
    if not over_all:
        raise RunError(f"{a.path} and {b.path} have no measure in common. Name two runs of the same cases.")
    main = next((row for row in over_all if row.measure.name == HEADLINE), over_all[0])
    by_slice = _differences(
        pairs, [known[name] for name in measures] or [main.measure], list(slices) or sorted(found, key=_sort)
    )
    better, worse = _changes(a, b, pairs, main.measure)
    return Comparison(
        a=a,
        b=b,
        turns=len(pairs),
        left_out=tuple(sorted((a.measures | b.measures) - set(shared))),
        headline=main,
        measures=tuple(_corrected(over_all)),
        slices=tuple(_corrected(by_slice)),
        better=better,
        worse=worse,
    )


def failures(
    comparison: Comparison, thresholds: Sequence[Threshold], known: Mapping[str, Measure]
) -> list[Failure]:
    """Find the measures that gained less than they should, each with what it should have gained.

    Raises:
        RunError: A measure is not in both runs.
    """
    a, b = comparison.a, comparison.b
    shared = [name for name in known if name in a.measures & b.measures]
    _require_known("measure", [threshold.measure for threshold in thresholds], shared, a, b)
    pairs = _common_turns(a, b)
    found: list[Failure] = []
    for threshold in thresholds:
        rows = _differences(pairs, [known[threshold.measure]], [ALL])
        if not rows:
            raise RunError(f"{threshold.measure} applies to no turn that both runs have.")
        found += [(row, threshold.gain) for row in rows if row.gain < threshold.gain - _ROUNDING]
    return found


def _common_turns(a: MeasuredRun, b: MeasuredRun) -> list[TurnPair]:
    before = {turn.key: turn for turn in a.turns}
    pairs = [
        (before[turn.key], turn)
        for turn in b.turns
        if turn.key in before and before[turn.key].question == turn.question
    ]
    if not pairs:
        raise RunError(
            f"{a.path} ({a.about.cases.path}) and {b.path} ({b.about.cases.path}) have no turn in common. "
            "Name two runs of the same cases."
        )
    return pairs


def _differences(
    pairs: Sequence[TurnPair], measures: Iterable[Measure], slices: Sequence[str]
) -> list[Difference]:
    rows = []
    for measure in measures:
        for name in slices:
            chosen = [pair for pair in pairs if name == ALL or name in pair[1].slices]
            turns = [sum(measure.name in turn.scores for turn in side) for side in zip(*chosen, strict=True)]
            if turns and all(turns):
                rows.append(_difference(chosen, measure, name, turns))
    return rows


def _difference(turns: Sequence[TurnPair], measure: Measure, name: str, counts: Sequence[int]) -> Difference:
    pairs = _by_case(turns, measure.name)
    a, b = (measure.value(add(side)) for side in zip(*pairs, strict=True))
    low, high = difference_interval(pairs, measure)
    test = paired_test(pairs, measure)
    return Difference(
        measure=measure,
        slice=name,
        a=a,
        b=b,
        low=low,
        high=high,
        test=test.name,
        p=test.p,
        corrected_p=test.p,
        turns_a=counts[0],
        turns_b=counts[1],
    )


def _by_case(turns: Sequence[TurnPair], name: str) -> list[Pair]:
    """Add up both sides of each case; where a measure does not apply to a turn, it adds nothing."""
    width = {len(turn.scores[name]) for pair in turns for turn in pair if name in turn.scores}
    if len(width) > 1:
        raise RunError(
            f"{name} is made of {' and of '.join(map(str, sorted(width)))} sums: it was defined otherwise "
            "when one of the runs was made. Make the older run anew."
        )
    nothing: Sums = (0.0,) * width.pop()
    by_case: dict[str, tuple[list[Sums], list[Sums]]] = {}
    for pair in turns:
        if any(name in turn.scores for turn in pair):
            for side, turn in zip(by_case.setdefault(pair[0].case, ([], [])), pair, strict=True):
                side.append(turn.scores.get(name, nothing))
    return [(add(before), add(after)) for before, after in by_case.values()]


def _corrected(rows: Sequence[Difference]) -> list[Difference]:
    """Correct the p values of a table, but for the headline's over all turns."""
    asked = [row.measure.name == HEADLINE and row.slice == ALL for row in rows]
    corrected = iter(holm([row.p for row, alone in zip(rows, asked, strict=True) if not alone]))
    return [
        row if alone else replace(row, corrected_p=next(corrected))
        for row, alone in zip(rows, asked, strict=True)
    ]


def _changes(
    a: MeasuredRun, b: MeasuredRun, pairs: Sequence[TurnPair], measure: Measure
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Find the turns that are better in B, and those that are worse, the largest change first."""
    changed: list[tuple[float, TurnPair]] = []
    for before, after in pairs:
        if measure.name in before.scores and measure.name in after.scores:
            values = [measure.value(turn.scores[measure.name]) for turn in (before, after)]
            gain = _gain(measure, values[0], values[1])
            if abs(gain) > _ROUNDING:
                changed.append((gain, (before, after)))
    keys = {after.key for _, (_, after) in changed}
    given = read_given(a, keys), read_given(b, keys)
    changed.sort(key=lambda item: -abs(item[0]))
    sides = [[_change(pair, measure, given) for gain, pair in changed if (gain > 0) is better]
             for better in (True, False)]  # fmt: skip
    return tuple(sides[0]), tuple(sides[1])


def _change(pair: TurnPair, measure: Measure, given: tuple[Mapping[Key, str], Mapping[Key, str]]) -> Change:
    before, after = pair
    return Change(
        case=after.case,
        turn=after.turn,
        question=after.question,
        a=measure.value(before.scores[measure.name]),
        b=measure.value(after.scores[measure.name]),
        given_a=given[0].get(after.key),
        given_b=given[1].get(after.key),
    )


def _gain(measure: Measure, a: float, b: float) -> float:
    return b - a if measure.higher_is_better else a - b


def _require_known(
    noun: str, asked: Sequence[str], known: Iterable[str], a: MeasuredRun, b: MeasuredRun
) -> None:
    choice = sorted(known)
    for name in asked:
        if name not in choice:
            near = get_close_matches(name, choice, n=5, cutoff=0.4) or choice[:10]
            there = f"Near it: {', '.join(near)}." if near else f"They have no {noun}."
            raise RunError(f"There is no {noun} {name!r} in both {a.path} and {b.path}. {there}")


def _sort(name: str) -> tuple[bool, str]:
    """Put slices of a sort, such as 'kind: who', before plain tags."""
    return ": " not in name, name
