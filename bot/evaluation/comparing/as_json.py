"""A comparison of two runs as one JSON object."""

from collections.abc import Sequence
from dataclasses import asdict

from bot.evaluation.comparing.comparison import Comparison, Difference, Failure
from bot.evaluation.comparing.measured import MeasuredRun
from bot.receipts import json_line


def comparison_json(comparison: Comparison, summary: str, failed: Sequence[Failure]) -> str:
    """Write a comparison on one line.

    Args:
        comparison: What was found.
        summary: The same in one sentence.
        failed: The measures that lost more than they may, each with the least it should have gained.
    """
    return json_line(
        {
            "summary": summary,
            "a": _run(comparison.a),
            "b": _run(comparison.b),
            "turns": comparison.turns,
            "only_in_a": comparison.only_in_a,
            "only_in_b": comparison.only_in_b,
            "left_out": list(comparison.left_out),
            "settings": [asdict(setting) for setting in comparison.settings],
            "headline": comparison.headline.measure.name,
            "measures": [_difference(row) for row in comparison.measures],
            "slices": [_difference(row) for row in comparison.slices],
            "better": [asdict(change) for change in comparison.better],
            "worse": [asdict(change) for change in comparison.worse],
            "failed": [
                {"measure": row.measure.name, "gain": row.gain, "least": least} for row, least in failed
            ],
        }
    )


def _run(run: MeasuredRun) -> dict[str, object]:
    about = run.about
    return {
        "path": str(run.path),
        "system": about.system,
        "cases": about.cases.path,
        "started": about.started,
    }


def _difference(row: Difference) -> dict[str, object]:
    return {
        "measure": row.measure.name,
        "slice": row.slice,
        "turns_a": row.turns_a,
        "turns_b": row.turns_b,
        "a": row.a,
        "b": row.b,
        "difference": row.difference,
        "low": row.low,
        "high": row.high,
        "test": row.test,
        "p": row.p,
        "corrected_p": row.corrected_p,
        "is_better": row.is_significant and row.gain > 0,
        "is_worse": row.is_significant and row.gain < 0,
    }
