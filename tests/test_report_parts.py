"""What the report's page is made of: outcomes, marked words, attributions side by side, geometry, numbers."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.cases import Case, CaseTurn, Evidence, Parts
from bot.evaluation.measures.measure import Measure
from bot.evaluation.measures.scoring import MEASURES
from bot.evaluation.report import words
from bot.evaluation.report.attributions import attribution_views, coloured, paired
from bot.evaluation.report.cases import Piece, differences, marked, marked_answer, outcome_of, safe_url
from bot.evaluation.report.expectations import expectations
from bot.evaluation.report.plots import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    ceiling,
    chart,
    curve,
    link_to,
    place,
    segments,
    thinned,
)
from tests.test_report import measured, receipt

GAP = "\N{NARROW NO-BREAK SPACE}"
RIGHT_MEASURE = MEASURES["right"]
SHARE = Measure(name="share", group="answers", meaning="")
PLAIN = Measure(name="plain", group="answers", meaning="", is_share=False, higher_is_better=False)


def test_expectations_when_an_answer_is_given_tell_part_by_part_what_was_met() -> None:
    turn = CaseTurn(
        question="q",
        facts=(("direct threat", "minaccia"), ("China",)),
        patterns=(r"called \w+",),
        articles=(("riga", "other"), ("oslo",)),
        evidence=(Evidence(text="a visit to Latvia"), Evidence(text="not in it")),
        forbidden=("threat", "Oslo"),
    )
    told = {sort.label: [item.is_met for item in sort.items] for sort in expectations(turn, receipt("a"))}
    assert told == {
        "quotes each of these facts": [True, False],
        "quotes words that fit": [True],
        "cites these articles": [True, False],
        "finds this evidence": [True, False],
        "does not say": [False, True],
    }


def test_expectations_when_only_searched_say_nothing_of_quotes() -> None:
    turn = CaseTurn(question="q", facts=(("direct threat",),), articles=(("riga",),))
    searched = expectations(turn, receipt("a", status=None, citations=[], answer=""))
    assert [(sort.label, [item.is_met for item in sort.items]) for sort in searched] == [
        ("quotes each of these facts", [None]),
        ("finds these articles", [True]),
    ]


def test_outcome_when_several_turns_are_judged_is_the_worst() -> None:
    right, wrong = {"scores": {"right": [1.0, 1.0]}}, {"scores": {"right": [0.0, 1.0]}}
    assert outcome_of([right, {"scores": {}}], MEASURES) == ("right", 1.0)
    assert outcome_of([right, wrong], MEASURES) == ("wrong", 0.0)
    assert outcome_of([wrong, {"scores": {}, "error": "x"}], MEASURES) == ("crashed", 0.0)
    assert outcome_of([{"scores": {}}], MEASURES) == ("not scored", 1.0)
    assert outcome_of([{"scores": {"recall@10": [0.5, 1.0]}}], MEASURES) == ("partly right", 0.5)


def test_marked_when_the_text_goes_on_cuts_at_words() -> None:
    pieces = marked("one two three four five six seven", 14, 18, 8)
    assert pieces == (Piece("… three "), Piece("four", True), Piece(" five …"))
    assert marked("all of it", 0, 9, 5) == (Piece("all of it", True),)


def test_marked_answer_when_it_has_footnotes_parts_them() -> None:
    assert marked_answer("So he said. [1][2]") == [
        Piece("So he said. "),
        Piece("[1]", True),
        Piece("[2]", True),
    ]
    assert marked_answer("") == []


def test_differences_when_only_case_differs_marks_nothing() -> None:
    expected, given_words = differences("When did He leave?", "when did he leave?")
    assert expected == (Piece("When did He leave?"),)
    assert given_words == (Piece("when did he leave?"),)


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", "data:text/html,x", "//x", "file:///etc/passwd"]
)
def test_safe_url_when_it_is_no_web_page_is_none(url: str | None) -> None:
    assert safe_url(url) is None
    assert safe_url("HTTPS://example.org") == "HTTPS://example.org"


def test_paired_when_two_could_be_one_takes_the_one_that_shares_most() -> None:
    near, far = Parts(content=((0, 10),)), Parts(content=((8, 30),))
    assert paired([Parts(content=((0, 12),))], [far, near]) == [
        (Parts(content=((0, 12),)), near),
        (None, far),
    ]
    assert paired([near], []) == [(near, None)]


def test_coloured_when_parts_overlap_gives_each_span_all_its_roles() -> None:
    spans = coloured("Ann said so", Parts(source=((0, 3),), content=((0, 11),)), (0, 11))
    assert [(span.text, span.roles) for span in spans] == [
        ("Ann", ("source", "content")),
        (" said so", ("content",)),
    ]


def test_attribution_views_when_something_is_found_beside_what_was_expected_shows_both() -> None:
    case = Case(id="t", text="Ann said so. Bo left.", attributions=(Parts(source=((0, 3),), cue=((4, 8),)),))
    first, second = attribution_views(case, [{"source": [[0, 3]], "cue": []}, {"source": [[13, 15]]}])
    assert (first.expected[0].text, first.found[0].text) == ("Ann", "Ann")
    assert second.expected == ()
    assert [span.text for span in second.found if span.roles] == ["Bo"]


def figures(**values: float) -> dict[str, dict[str, dict[str, float]]]:
    return {
        name.replace("_", ": ", 1): {
            measure: {"value": value, "low": value / 2, "high": value * 2, "turns": 4 if name != "all" else 9}
            for measure in ("share", "plain")
        }
        for name, value in values.items()
    }


def test_chart_when_slices_are_of_several_sorts_groups_and_ranks_them() -> None:
    laid = chart(figures(all=0.5, half_b=0.2, kind_who=0.1, kind_said=0.4, loose=0.3), SHARE)
    assert [(sort, [bar.name for bar in bars]) for sort, bars in laid.groups] == [
        ("kind", ["said", "who"]),
        ("half", ["b"]),
        ("tag", ["loose"]),
    ]
    assert (laid.all.width, laid.all.low, laid.all.high) == (50.0, 25.0, 100.0)
    assert (laid.all.value, laid.all.interval) == (f"50{GAP}%", f"25–100{GAP}%")


def test_chart_when_lower_is_better_puts_the_lowest_first_on_a_round_scale() -> None:
    laid = chart(figures(all=1.4, kind_who=1.2, kind_said=0.5), PLAIN)
    assert [bar.name for bar in laid.groups[0][1]] == ["said", "who"]
    assert laid.ends == "5"
    assert laid.all.width == 28.0


@pytest.mark.parametrize(
    ("value", "top"), [(0.3, 1), (1, 1), (1.2, 2), (4.9, 5), (51, 100), (100, 100), (101, 200)]
)
def test_ceiling_when_asked_gives_the_next_round_number(value: float, top: float) -> None:
    assert ceiling(value) == top


def test_link_to_when_a_slice_is_named_leads_to_its_cases() -> None:
    assert link_to("kind: who & what") == "#kind=who+%26+what"
    assert link_to("language: it") == "#language=it"
    assert link_to("half: tune") == "#tag=half%3A+tune"
    assert link_to("all") == "#show=all"


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.floats(0, 1e4), min_size=1))
def test_segments_when_stacked_fill_the_width(medians: dict[str, float]) -> None:
    laid = segments({step: {"median": median, "p95": 1.0} for step, median in medians.items()} | {
        "total": {"median": 1.0, "p95": 1.0}})  # fmt: skip
    ends = [segment.start + segment.width for segment in laid]
    assert [segment.start for segment in laid[1:]] == pytest.approx(ends[:-1], abs=0.01)
    assert ends[-1] == pytest.approx(100 if sum(medians.values()) else 0, abs=0.01)


def corners() -> Iterator[tuple[float, float]]:
    yield from ((x, y) for x in (0.0, 1.0) for y in (0.0, 1.0))


def test_place_when_at_the_corners_lies_on_the_frame() -> None:
    assert [place(*corner) for corner in corners()] == [
        (LEFT, HEIGHT - BOTTOM),
        (LEFT, TOP),
        (WIDTH - RIGHT, HEIGHT - BOTTOM),
        (WIDTH - RIGHT, TOP),
    ]


def test_curve_when_drawn_ends_at_the_point_of_the_run() -> None:
    drawn = curve([(0.25, 1.0, 0.9), (0.5, 0.5, 0.4)])
    assert drawn is not None
    assert drawn.line == "M137.5,14.0 L227.0,129.0"
    assert drawn.end == place(0.5, 0.5)
    assert (drawn.overall.coverage, drawn.overall.accuracy) == (f"50{GAP}%", f"50{GAP}%")
    assert [told.accuracy for told in drawn.told] == [f"100{GAP}%", f"50{GAP}%"]
    assert curve([]) is None


@given(st.integers(0, 2000), st.integers(2, 50))
def test_thinned_when_long_keeps_the_ends_and_the_order(count: int, limit: int) -> None:
    points = [(float(number), 0.0, 0.0) for number in range(count)]
    kept = thinned(points, limit)
    assert len(kept) == min(count, limit)
    assert kept == sorted(set(kept))
    assert not points or (kept[0], kept[-1]) == (points[0], points[-1])


def test_words_when_figures_are_written_suit_their_size() -> None:
    assert [words.seconds(value) for value in (0.0002, 0.0514, 0.42, 12.3, 4200)] == [
        f"< 1{GAP}ms", f"51{GAP}ms", f"0.42{GAP}s", f"12{GAP}s", f"4,200{GAP}s"]  # fmt: skip
    assert words.figure(0.7264, RIGHT_MEASURE, 2100) == f"72.6{GAP}%"
    assert words.figure(0.7264, RIGHT_MEASURE, 70) == f"73{GAP}%"
    assert words.figure(1.234, PLAIN) == "1.23"
    assert words.date("2026-11-22T16:30:00+00:00") == "22 November 2026, 16:30 UTC"
    assert words.date("some day") == "some day"


def test_title_when_the_run_is_of_another_sort_says_which() -> None:
    run = measured(2)["run"]
    assert words.title({**run, "only": "retrieval"}).startswith(
        "Passages for 2\N{NO-BREAK SPACE}questions of"
    )
    texts = {**run, "index": None, "cases": {**run["cases"], "turns": 0, "cases": 1}}
    assert words.title(texts) == "Who says what in 1\N{NO-BREAK SPACE}text of claims.jsonl, found by footnote"


def test_left_out_when_nothing_is_says_nothing() -> None:
    assert words.left_out(0, 0) == ""
    assert "3\N{NO-BREAK SPACE}failed cases are left out" in words.left_out(3, 0)
