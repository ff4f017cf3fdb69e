"""What a person sees of one run's figures, and of two runs held against each other."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.console import Block, note, print_json, printable_line, show, stdout
from bot.evaluation.comparing.as_json import comparison_json
from bot.evaluation.comparing.comparison import (
    ALL,
    Change,
    Comparison,
    Difference,
    Threshold,
    compare,
    failures,
)
from bot.evaluation.comparing.measured import MeasuredRun, read_run
from bot.evaluation.comparing.tables import figure, name_cell, probability, shortened, signed, table
from bot.evaluation.measures.measure import Measure
from bot.evaluation.measures.sampling import MCNEMAR, PERMUTATION
from bot.evaluation.measures.scoring import HEADLINE, MEASURES
from bot.failures import EXIT_CHECK_FAILED

Figures = Mapping[str, Mapping[str, Mapping[str, float]]]
_MOST_CHANGES, _LONGEST_ANSWER, _LONGEST_SETTING = 10, 240, 60
_BETTER, _WORSE, _HEADING = "green", "red", "bold"
_TESTS = {MCNEMAR: "M", PERMUTATION: "P"}
_COLUMNS = ("turns", "A", "B", "B less A", "95 % interval", "p  ")


def compare_runs(
    a: Path,
    b: Path,
    *,
    measures: Sequence[str] = (),
    slices: Sequence[str] = (),
    fail_below: Sequence[str] = (),
    other_index: bool = False,
    in_json: bool = False,
) -> int:
    """Compare two runs for a person, or as JSON; fail where the second lost more than it may."""
    thresholds = [Threshold.parse(text) for text in fail_below]
    comparison = compare(
        read_run(a), read_run(b), MEASURES, measures=measures, slices=slices, other_index=other_index
    )
    failed = failures(comparison, thresholds, MEASURES)
    if in_json:
        print_json(comparison_json(comparison, sum_up(comparison), failed))
    else:
        show_comparison(comparison, stdout())
    for row, least in failed:
        unit = " points" if row.measure.is_share else ""
        sides = "B less A" if row.measure.higher_is_better else "A less B"
        note(
            f"footnote: {row.measure.name} is {figure(row.a, row.measure)} in A and "
            f"{figure(row.b, row.measure)} in B: {sides} is {_signed(row.gain, row)}{unit}, below the "
            f"{_signed(least, row)} of --fail-below."
        )
    return EXIT_CHECK_FAILED if failed else 0


def show_measures(figures: Figures, console: Console) -> None:
    """Write the figures of one run: all measures over all turns, and the headline by kind.

    Args:
        figures: For each slice and measure its value, low, high and turns, as in `measures.json`.
        console: Where to.
    """
    shown = {MEASURES[name]: some for name, some in figures.get(ALL, {}).items()}
    rows = [(measure.group, _figure_row(measure.name, measure, some)) for measure, some in shown.items()]
    heads = ("", "", "95 % interval", "turns")
    show(table(heads, _grouped(rows), console), console)
    kinds = {name: some[HEADLINE] for name, some in figures.items()
             if name.startswith("kind: ") and HEADLINE in some}  # fmt: skip
    if kinds:
        rows = [(HEADLINE, _figure_row(name, MEASURES[HEADLINE], some)) for name, some in kinds.items()]
        show([Block(), *table(heads, _grouped(rows), console)], console)


def show_comparison(comparison: Comparison, console: Console) -> None:
    """Write what two runs say about each other: in one sentence, in tables, turn by turn."""
    show([Block(Text(printable_line(sum_up(comparison)), _HEADING)), Block()], console)
    show(_about(comparison), console)
    rows = [(row.measure.group, _difference_row(row.measure.name, row)) for row in comparison.measures]
    show([Block(), *table(("", *_COLUMNS), _grouped(rows), console)], console)
    if comparison.slices:
        rows = [(row.measure.name, _difference_row(row.slice, row)) for row in comparison.slices]
        show([Block(), *table(("", *_COLUMNS), _grouped(rows), console)], console)
    show([Block(), Block(Text(_legend(comparison), "dim"))], console)
    is_right = comparison.headline.measure.name == HEADLINE
    show(_changes("Broken" if is_right else "Worse", _WORSE, comparison.worse), console)
    show(_changes("Fixed" if is_right else "Better", _BETTER, comparison.better), console)


def sum_up(comparison: Comparison) -> str:
    """Say in plain words what the headline measure says."""
    row = comparison.headline
    better, worse = len(comparison.better), len(comparison.worse)
    if row.measure.name == HEADLINE and row.turns_a == row.turns_b:
        more = better - worse
        count = f"{abs(more)} {'more' if more > 0 else 'fewer'}" if more else "as many"
        said = f"B answers {count} of {row.turns_a} right{'' if more else ' as A'}"
        changed = f"{better} fixed, {worse} broken"
    else:
        said = (
            f"{row.measure.name} is {figure(row.a, row.measure)} in A and {figure(row.b, row.measure)} in B"
        )
        changed = f"{_count(better, 'turn')} better, {worse} worse"
    if not better and not worse:
        return f"{said}; no turn differs."
    facts = f"{_signed(row.difference, row)}{' points' if row.measure.is_share else ''}"
    if row.low < row.high:
        facts += f", 95 % interval {_interval(row)}"
    p = probability(row.p)
    facts += f", {row.test} p {p if p.startswith('<') else f'= {p}'}"
    chance = "" if row.is_significant else " This may well be chance."
    return f"{said} ({facts}): {changed}.{chance}"


def _about(comparison: Comparison) -> list[Block]:
    """Say what the runs are, what of them is compared, and how they were made differently."""
    blocks = [_run("A", comparison.a), _run("B", comparison.b)]
    left_out = [f"{count} that only {name} has" for name, count in
                (("A", comparison.only_in_a), ("B", comparison.only_in_b)) if count]  # fmt: skip
    if left_out:
        turns = f"{_count(comparison.turns, 'turn')} of both {'is' if comparison.turns == 1 else 'are'}"
        blocks.append(Block(Text(f"{turns} compared; left out: {' and '.join(left_out)}.")))
    if comparison.left_out:
        names = printable_line(", ".join(comparison.left_out))
        blocks.append(Block(Text(f"Not in both runs, and left out: {names}.")))
    for setting in comparison.settings:
        a, b = (shortened(printable_line(value), _LONGEST_SETTING) for value in (setting.a, setting.b))
        blocks.append(Block(Text(f"{a} → {b}"), Text(f"{printable_line(setting.name)}  ", "dim")))
    return blocks


def _run(letter: str, run: MeasuredRun) -> Block:
    about = run.about
    facts = [str(run.path), about.system, about.cases.path, about.started[:16].replace("T", " ")]
    return Block(Text(printable_line(", ".join(facts))), Text(f"{letter}  ", _HEADING))


def _grouped(rows: Sequence[tuple[str, Sequence[Text]]]) -> list[Sequence[Text]]:
    """Put a heading above the rows of each group."""
    lines: list[Sequence[Text]] = []
    for group, some in groupby(rows, key=lambda row: row[0]):
        lines += [(Text(printable_line(group), _HEADING),), *(cells for _, cells in some)]
    return lines


def _figure_row(name: str, measure: Measure, some: Mapping[str, float]) -> list[Text]:
    value = figure(some["value"], measure) + (" %" if measure.is_share else "  ")
    low, high = (figure(some[bound], measure, like=some["value"]) for bound in ("low", "high"))
    interval = f"{low} to {high}" if low != high else ""
    return [name_cell(name, indent=2), Text(value), Text(interval), Text(f"{some['turns']:.0f}")]


def _difference_row(name: str, row: Difference) -> list[Text]:
    turns = f"{row.turns_a}" if row.turns_a == row.turns_b else f"{row.turns_a}/{row.turns_b}"
    mark, style = "", ""
    if row.is_significant:
        mark, style = ("▲ ", _BETTER) if row.gain > 0 else ("▼ ", _WORSE)
    return [
        name_cell(name, indent=2),
        Text(turns),
        Text(figure(row.a, row.measure)),
        Text(figure(row.b, row.measure)),
        Text(mark + _signed(row.difference, row), style),
        Text(_interval(row) if row.low < row.high else ""),
        Text(f"{probability(row.p)} {_TESTS[row.test]}"),
    ]


def _legend(comparison: Comparison) -> str:
    rows = (*comparison.measures, *comparison.slices)
    tests = {row.test for row in rows}
    shares = ["Shares are in per cent, their differences in points."] * any(r.measure.is_share for r in rows)
    marks = (
        f"▲ better, ▼ worse: p < .05, corrected for the number of tests in the table by Holm's method"
        f"{f', {HEADLINE} over all turns by itself' if len(comparison.measures) > 1 else ''}."
    )
    names = [f"{letter}: {name}" for test, letter, name in
             ((MCNEMAR, "M", "McNemar's exact test"), (PERMUTATION, "P", "permutation test over cases"))
             if test in tests]  # fmt: skip
    return " ".join([*shares, marks, f"p as tested, not corrected; {', '.join(names)}."])


def _changes(heading: str, style: str, changes: Sequence[Change]) -> list[Block]:
    if not changes:
        return []
    blocks = [Block(), Block(Text(f"{heading}: {_count(len(changes), 'turn')}", f"{_HEADING} {style}"))]
    for change in changes[:_MOST_CHANGES]:
        place = f", turn {change.turn + 1}" if change.turn else ""
        blocks.append(Block(Text(printable_line(f"{change.case}{place}: {change.question}")), Text("  ")))
        for letter, given in (("A", change.given_a), ("B", change.given_b)):
            if given:
                line = shortened(printable_line(given), _LONGEST_ANSWER)
                blocks.append(Block(Text(line), Text(f"    {letter}  ", "dim")))
    if len(changes) > _MOST_CHANGES:
        more = len(changes) - _MOST_CHANGES
        blocks.append(Block(Text(f"And {more} more; --json lists all."), Text("  ")))
    return blocks


def _interval(row: Difference) -> str:
    return f"{_signed(row.low, row)} to {_signed(row.high, row)}"


def _signed(value: float, row: Difference) -> str:
    return signed(value, row.measure, like=max(row.a, row.b))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
