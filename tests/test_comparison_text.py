"""What two runs say about each other reads well on a terminal, in a pipe and as JSON."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from bot.evaluation.comparing.as_text import compare_runs, show_comparison, show_measures, sum_up
from bot.evaluation.comparing.comparison import Comparison
from tests.made_up_runs import compared, turns_of, write_after, write_before, write_run


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return write_before(tmp_path / "before")


@pytest.fixture
def after(tmp_path: Path) -> Path:
    return write_after(tmp_path / "after")


def shown(comparison: Comparison, *, is_terminal: bool = False, width: int = 80) -> str:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=is_terminal, color_system="standard" if is_terminal else None, width=width,
        markup=False, highlight=False,
    )  # fmt: skip
    show_comparison(comparison, console)
    return out.getvalue()


def test_summary_says_it_in_plain_words(before: Path, after: Path) -> None:
    assert re.fullmatch(
        r"B answers 7 more of 20 right \(\+35\.0 points, 95 % interval \+10\.0 to \+60\.0, "
        r"McNemar p = \.039\): 8 fixed, 1 broken\.",
        sum_up(compared(before, after)),
    )
    assert "7 fewer of 20 right (-35.0 points" in sum_up(compared(after, before))
    assert sum_up(compared(before, before)) == "B answers as many of 20 right as A; no turn differs."


def test_summary_of_a_small_difference_says_that_it_may_be_chance(before: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", turns_of([True] * 12 + [False] * 8))
    assert sum_up(compared(before, other)).endswith("2 fixed, 0 broken. This may well be chance.")


def test_summary_of_another_measure_names_it(before: Path, after: Path) -> None:
    found = sum_up(compared(before, after, measures=["false refusals"]))
    assert found.startswith("false refusals is 100.0 in A and 0.0 in B (-100.0 points, ")
    assert found.endswith("20 turns better, 0 worse.")


def test_shown_comparison_fits_eighty_columns_and_marks_by_more_than_colour(
    before: Path, after: Path
) -> None:
    text = shown(compared(before, after), is_terminal=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", text)
    assert max(map(len, plain.splitlines())) <= 80
    assert "\x1b[32m▲ +35.0\x1b[0m" in text
    assert "▲ -100.0" in plain
    assert "\x1b[31m?" not in text
    assert "\x1b" not in shown(compared(before, after))


def test_shown_comparison_tells_what_is_not_the_same(before: Path, tmp_path: Path) -> None:
    turns = turns_of([True] * 21, charm=[1.0, 1.0])
    turns[0]["question"] = "Another one?"
    text = shown(compared(before, write_run(tmp_path / "other", turns, settings={"evidence": 30})))
    assert "19 turns of both are compared; left out: 1 that only A has and 2 that only B has.\n" in text
    assert "Not in both runs, and left out: charm, false refusals.\n" in text
    assert "evidence  20 → 30\n" in text


def test_shown_comparison_aligns_its_columns(before: Path, after: Path) -> None:
    lines = shown(compared(before, after), width=300).splitlines()
    rows = [line for line in lines if line.startswith("  ") and line.endswith((" M", " P"))]
    assert len({len(line) for line in rows[:2]}) == len({len(line) for line in rows[2:]}) == 1


def test_shown_changes_tell_what_was_answered(tmp_path: Path) -> None:
    turns = turns_of([True, False, False]), turns_of([False, True, True])
    quote: dict[str, object] = {"status": "answered", "citations": [{"quote": "Up to\n12,000"}]}
    refusal: dict[str, object] = {"status": "not_covered", "citations": [], "answer": "No."}
    failure: dict[str, object] = {"error": "it broke"}
    searched: dict[str, object] = {"status": None, "citations": [], "answer": ""}
    sides = (quote, refusal, failure), (refusal, quote, searched)
    a, b = (
        write_run(tmp_path / name, side, [{**turn, **some} for turn, some in zip(side, given, strict=True)])
        for name, side, given in zip("ab", turns, sides, strict=True)
    )
    text = shown(compared(a, b))
    assert "Broken: 1 turn\n  case 0: Question 0 ?\n    A  «Up to 12,000»\n    B  refused\n" in text
    assert "  case 1: Question 1 ?\n    A  refused\n    B  «Up to 12,000»\n" in text
    assert text.endswith("  case 2: Question 2 ?\n    A  crashed: it broke\n")
    alone = shown(compared(a / "measures.json", b))
    assert "  case 0: Question 0 ?\n    B  refused\n" in alone


def test_shown_changes_are_capped(tmp_path: Path) -> None:
    a, b = (write_run(tmp_path / name, turns_of([right] * 14)) for name, right in (("a", False), ("b", True)))
    assert shown(compared(a, b)).endswith("  case 9: Question 9 ?\n  And 4 more; --json lists all.\n")


def test_show_measures_groups_them_and_adds_the_headline_by_kind() -> None:
    right = {"value": 0.73, "low": 0.61, "high": 0.82, "turns": 70}
    alone = {"value": 1.0, "low": 1.0, "high": 1.0, "turns": 1}
    figures = {
        "all": {"right": right, "independent articles a claim": {**right, "value": 1.5, "high": 12.0}},
        "kind: who": {"right": alone},
        "language: it": {"right": right},
    }
    out = io.StringIO()
    show_measures(figures, Console(file=out, width=80, markup=False, highlight=False))
    assert out.getvalue() == (
        "                                        95 % interval  turns\n"
        "answers\n"
        "  right                         73.0 %   61.0 to 82.0     70\n"
        "citations\n"
        "  independent articles a claim  1.50    0.61 to 12.00     70\n"
        "\n"
        "                      95 % interval  turns\n"
        "right\n"
        "  kind: who  100.0 %                     1\n"
    )


def test_compare_runs_ends_with_one_and_says_why_when_too_much_is_lost(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare_runs(after, before, fail_below=["right=-0.02"]) == 1
    written = capsys.readouterr()
    assert written.out.startswith("B answers 7 fewer of 20 right")
    assert written.err == (
        "footnote: right is 85.0 in A and 50.0 in B: B less A is -35.0 points, below the -2.0 of "
        "--fail-below.\n"
    )
    assert compare_runs(before, after, fail_below=["right=-0.02"]) == 0


def test_compare_runs_in_json_writes_one_object(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare_runs(after, before, fail_below=["right=-0.02"], in_json=True) == 1
    written = json.loads(capsys.readouterr().out)
    assert written["headline"] == "right"
    assert written["measures"][0]["difference"] == pytest.approx(-0.35)
    assert written["measures"][0]["is_worse"]
    assert [change["case"] for change in written["better"]] == ["case 9"]
    assert written["failed"] == [{"measure": "right", "gain": pytest.approx(-0.35), "least": -0.02}]
