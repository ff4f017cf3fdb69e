"""Two runs are compared turn by turn, or not at all where they are not about the same."""

import json
from pathlib import Path

import pytest

from bot.evaluation.comparing.comparison import Threshold, compare, failures
from bot.evaluation.comparing.measured import read_run
from bot.evaluation.measures.scoring import MEASURES
from retrieval.errors import RunError
from tests.made_up_runs import compared, turns_of, write_after, write_before, write_run


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return write_before(tmp_path / "before")


@pytest.fixture
def after(tmp_path: Path) -> Path:
    return write_after(tmp_path / "after")


def test_compare_tells_values_difference_and_test(before: Path, after: Path) -> None:
    row = compared(before, after).headline
    assert (row.measure.name, row.a, row.b, row.turns_a) == ("right", 0.5, 0.85, 20)
    assert row.difference == pytest.approx(0.35)
    assert row.low < 0.35 < row.high
    assert (row.test, row.p) == ("McNemar", 0.0390625)


def test_compare_tells_what_was_fixed_and_what_broke(before: Path, after: Path) -> None:
    found = compared(before, after)
    assert [change.case for change in found.better] == [f"case {place}" for place in range(12, 20)]
    assert [change.case for change in found.worse] == ["case 9"]


def test_compare_of_a_measure_that_should_be_low_gains_when_it_falls(before: Path, after: Path) -> None:
    (row,) = compared(before, after, measures=["false refusals"]).measures
    assert (row.difference, row.gain, row.is_significant) == (-1, 1, True)


def test_compare_the_other_way_round_negates(before: Path, after: Path) -> None:
    one, other = compared(before, after), compared(after, before)
    for row, back in zip(one.measures, other.measures, strict=True):
        assert (back.difference, back.low, back.high) == (-row.difference, -row.high, -row.low)
        assert (back.p, back.corrected_p) == (row.p, row.corrected_p)
    assert {change.case for change in one.better} == {change.case for change in other.worse}


def test_compare_by_slice_corrects_for_the_number_of_tests(before: Path, after: Path) -> None:
    found = compared(before, after)
    assert [row.slice for row in found.slices] == ["kind: when", "kind: who"]
    # Four of five fixed against one broken: 2 · (1 + 5) / 2⁵; four fixed: 2 / 2⁴. The least counts twice.
    assert [row.p for row in found.slices] == pytest.approx([0.375, 0.125])
    assert [row.corrected_p for row in found.slices] == pytest.approx([0.375, 0.25])
    assert [row.slice for row in compared(before, after, slices=["kind: who"]).slices] == ["kind: who"]


def test_compare_takes_the_turns_of_a_case_together(tmp_path: Path) -> None:
    turns = [[{**turn, "case": f"case {place // 2}", "turn": place % 2} for place, turn in enumerate(side)]
             for side in (turns_of([False] * 20), turns_of([True] * 20))]  # fmt: skip
    row = compared(
        *(write_run(tmp_path / name, side) for name, side in zip("ab", turns, strict=True))
    ).headline
    # Ten conversations, not twenty turns: 2 / 2¹⁰.
    assert (row.test, row.p) == ("permutation", 2 / 2**10)


def test_compare_of_a_measure_that_applies_to_one_side_only_counts_each_side_by_itself(
    tmp_path: Path,
) -> None:
    a = turns_of([True] * 3, support=[1.0, 2.0])
    b = turns_of([True] * 3, support=[1.0, 2.0])
    a[0]["scores"] = {"right": [1.0, 1.0]}
    b[1]["scores"] = {"right": [1.0, 1.0], "support": [2.0, 2.0]}
    found = compared(write_run(tmp_path / "a", a), write_run(tmp_path / "b", b))
    (row,) = (row for row in found.measures if row.measure.name == "support")
    assert (row.a, row.b, row.turns_a, row.turns_b) == (2 / 4, 4 / 6, 2, 3)


def test_compare_of_other_cases_takes_the_turns_that_both_have(tmp_path: Path) -> None:
    a, b = turns_of([True] * 6), turns_of([False] * 7)
    b[0]["question"] = "Another one?"
    runs = write_run(tmp_path / "a", a), write_run(tmp_path / "b", b)
    found = compared(*runs)
    assert (found.turns, found.only_in_a, found.only_in_b) == (5, 1, 2)


def test_compare_names_measures_that_only_one_run_has(before: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", turns_of([True] * 20, charm=[1.0, 1.0]))
    assert compared(before, other).left_out == ("charm", "false refusals")


def test_compare_names_settings_that_differ(before: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", turns_of([True] * 20), settings={"evidence": 30}, system="naive")
    found = [(setting.name, setting.a, setting.b) for setting in compared(before, other).settings]
    assert found == [("system", "footnote", "naive"), ("evidence", "20", "30")]


def test_compare_without_turns_in_common_is_refused(before: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", [{**turn, "case": "x"} for turn in turns_of([True])])
    with pytest.raises(RunError, match=r"have no turn in common\. Name two runs of the same cases\."):
        compared(before, other)


def test_compare_of_other_articles_is_refused_unless_allowed(before: Path, tmp_path: Path) -> None:
    index = {"digest": "d2", "articles": 14, "passages": 30, "manifest": {"embedder": "MiniLM"}}
    other = write_run(tmp_path / "other", turns_of([True] * 20), index=index)
    with pytest.raises(RunError, match=r"other articles: .*before has 13 \(d1\), .*other 14 \(d2\)\."):
        compared(before, other)
    found = compare(read_run(before), read_run(other), MEASURES, other_index=True)
    assert [(setting.name, setting.a, setting.b) for setting in found.settings] == [("articles", "d1", "d2")]


def test_compare_of_an_index_built_otherwise_is_refused_with_each_setting(
    before: Path, tmp_path: Path
) -> None:
    index = {"digest": "d1", "articles": 13, "passages": 9, "manifest": {"embedder": "E5", "passages": "2"}}
    other = write_run(tmp_path / "other", turns_of([True] * 20), index=index)
    with pytest.raises(
        RunError, match=r"embedder is MiniLM and E5; passages is absent and 2\. .*--other-index"
    ):
        compared(before, other)
    found = compare(read_run(before), read_run(other), MEASURES, other_index=True)
    assert [setting.name for setting in found.settings] == ["index: embedder", "index: passages"]


def test_compare_of_a_measure_that_was_defined_otherwise_is_refused(before: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", turns_of([True] * 20, **{"false refusals": [1.0, 1.0, 1.0]}))
    with pytest.raises(RunError, match="false refusals is made of 2 and of 3 sums"):
        compared(before, other)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"measures": ["rigth"]}, "no measure 'rigth' in both .* Near it: right"),
        ({"slices": ["kind: wen"]}, "no slice 'kind: wen' in both .* Near it: kind: when"),
        # Known, but in neither run.
        ({"measures": ["BLEU"]}, "no measure 'BLEU' in both"),
    ],
)
def test_compare_of_an_unknown_name_tells_those_near_it(
    before: Path, after: Path, options: dict[str, list[str]], said: str
) -> None:
    with pytest.raises(RunError, match=said):
        compared(before, after, **options)


def test_read_run_takes_the_file_alone(before: Path) -> None:
    assert read_run(before / "measures.json").turns == read_run(before).turns


def test_read_run_when_incomplete_says_how_much_is_missing(tmp_path: Path) -> None:
    answers = [{"case": "case 0", "turn": 0}, {"case": "case 1", "turn": 0}]
    run = write_run(tmp_path / "run", turns_of([True] * 3), answers, complete=False)
    with pytest.raises(RunError, match=r"is incomplete: 2 of 3 cases are answered\. Go on"):
        read_run(run)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            {"schema": 1, "run": {}, "turns": []},
            r"field run\.\w+ is not as this version writes it: .*required",
        ),
        ({"schema": 2, "run": {}}, "not of a run that this version reads"),
    ],
)
def test_read_run_of_something_else_is_refused(tmp_path: Path, content: object, said: str) -> None:
    path = tmp_path / "measures.json"
    path.write_text(json.dumps(content))
    with pytest.raises(RunError, match=said):
        read_run(path)


def test_read_run_with_a_score_that_is_no_number_names_the_field(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", turns_of([True], right=[float("nan"), 1.0]))
    with pytest.raises(RunError, match=r"field turns\[0\]\.scores\.right\[0\] .*finite"):
        read_run(run)


@pytest.mark.parametrize("line", ["{", "[]", '{"case": "case 9", "turn": 0}'])
def test_compare_with_answers_that_cannot_be_read_names_the_line(
    before: Path, after: Path, line: str
) -> None:
    (after / "answers.jsonl").write_text(f"\n{line}\n")
    with pytest.raises(RunError, match=r"answers\.jsonl, line 2 is no"):
        compared(before, after)


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("right=-0.4", False),
        ("right=-0.35", False),
        ("right=-0.34", True),
        ("right=0.1", True),
        ("false refusals=-1", False),
        ("false refusals=-0.9", True),
    ],
)
def test_fail_below_is_about_what_was_lost(before: Path, after: Path, text: str, fails: bool) -> None:
    comparison = compared(after, before, measures=["right"])
    assert bool(failures(comparison, [Threshold.parse(text)], MEASURES)) is fails


@pytest.mark.parametrize("text", ["right", "right=", "=1", "right=much", "right=nan"])
def test_fail_below_that_is_no_threshold_is_refused(text: str) -> None:
    with pytest.raises(RunError, match=r"Give a measure and a number, such as right=-0\.02"):
        Threshold.parse(text)


def test_fail_below_of_a_measure_that_is_not_there_is_refused(before: Path, after: Path) -> None:
    with pytest.raises(RunError, match="no measure 'rihgt' in both"):
        failures(compared(before, after), [Threshold("rihgt", 0)], MEASURES)
