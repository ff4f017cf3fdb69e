"""What a closely read sentence shows is fitted to what answers, by one command."""

from pathlib import Path

import numpy as np
import pytest

from bot.assembly import build_indexer
from bot.evaluation.cases import CaseTurn
from bot.evaluation.judging import Candidate, Fit, Read, curve, fit, run
from bot.evaluation.measures.answers import says_expected
from bot.settings import Settings
from retrieval.articles import read_articles
from retrieval.close_reading import SIGNALS, CloseSignals

CASES = Path(__file__).parent / "fixtures" / "seed_cases.jsonl"
SEEDS = Path(__file__).parents[1] / "seeds"


def shown(covered: float, margin: float) -> CloseSignals:
    return CloseSignals(
        speaker=1.0, setting=1.0, names=1.0, covered=covered, weakest=0.5, kind=1.0, margin=margin, gap=0.0,
        fits=0.0, is_typed=0.0, is_statement=0.0,
    )  # fmt: skip


def read(*candidates: tuple[CloseSignals, bool], left: bool = True) -> Read:
    turn = CaseTurn(question="Who?", answerable=any(expected for _, expected in candidates))
    return Read(turn, (), tuple(Candidate(*one) for one in candidates), left)


SOME = [
    read((shown(0.9, -1.0), True), (shown(0.1, -1.0), False)),
    read((shown(0.8, 1.0), True), (shown(0.2, 1.0), False)),
    read((shown(0.3, 0.0), False), left=False),
]


def test_fit_when_one_signal_tells_what_answers_weighs_that_one_most() -> None:
    found = fit(SOME * 20)
    weights = dict(zip(SIGNALS, found.weights, strict=True))
    assert max(weights, key=lambda name: abs(weights[name])) == "covered"
    assert found.likelihood(shown(0.9, 0.0)) > 0.5 > found.likelihood(shown(0.1, 0.0))


@pytest.mark.parametrize("only", [[], SOME[2:]])
def test_fit_when_nothing_is_to_be_told_apart_says_so(only: list[Read]) -> None:
    with pytest.raises(ValueError, match="nothing to tell apart: give cases with sentences that answer"):
        fit(only)


def test_curve_when_the_threshold_rises_counts_each_turn_that_is_left_once() -> None:
    none = Fit(np.zeros(len(SIGNALS)), -0.2)
    rows = [[float(each) for each in line.split()] for line in curve(SOME, none)[1:]]
    assert all(sum(row[1:]) == 2 for row in rows)
    assert [row[1:] for row in (rows[0], rows[-1])] == [[2, 0, 0, 0], [0, 0, 0, 2]]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (CaseTurn(question="?", facts=(("12,000 men",),)), True),
        (CaseTurn(question="?", facts=(("12,000 men",), ("Kim",))), True),
        (CaseTurn(question="?", answers=("2,000",)), False),
        (CaseTurn(question="?", patterns=(r"\bsent\b",)), True),
        (CaseTurn(question="?", facts=(("12,000",),), articles=(("others",),)), False),
        (CaseTurn(question="?", facts=(("12,000",),), forbidden=("Kursk",)), False),
        (CaseTurn(question="?", answerable=False, facts=(("12,000",),)), False),
    ],
)
def test_says_expected_when_a_sentence_holds_some_of_it_and_nothing_forbidden(
    turn: CaseTurn, expected: bool
) -> None:
    assert says_expected(turn, "news", "It sent 12,000 men to Kursk.") is expected


@pytest.mark.slow
def test_judging_when_cases_are_asked_prints_weights_and_what_each_threshold_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = CASES.read_text("utf-8").splitlines()[:8]
    cases = tmp_path / "cases.jsonl"
    cases.write_text("\n".join(lines), "utf-8")
    index = tmp_path / "index"
    build_indexer(Settings(), index).update(read_articles([str(SEEDS)]), lambda step, done, total: None)
    chosen = [str(cases), str(index)]
    assert run(["--learn", *chosen, "half: tune", "--report", *chosen, "!half: tune"]) == 0
    told = capsys.readouterr().out
    assert all(f'"{name}": ' in told for name in SIGNALS)
    tuned = sum("half: tune" in line for line in lines)
    assert 0 < tuned < len(lines)
    assert f"learn: {tuned} turns" in told
    assert f"report: {len(lines) - tuned} turns" in told


@pytest.mark.parametrize("missing", ["cases", "index"])
def test_judging_when_something_is_missing_says_so(
    missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "none.jsonl" if missing == "cases" else CASES
    told = ["--learn", str(cases), str(tmp_path), "--report", str(cases), str(tmp_path)]
    assert run(told) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("judging: ") and str(tmp_path) in line
