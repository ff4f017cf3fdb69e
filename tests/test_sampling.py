"""Intervals and tests agree with what is worked out by hand, and with scipy."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.measures.measure import Measure, Sums
from bot.evaluation.measures.sampling import (
    MCNEMAR,
    PERMUTATION,
    Pair,
    difference,
    difference_interval,
    holm,
    interval,
    paired_test,
    sums_by_case,
)


def f1(total: Sums) -> float:
    both, found, expected = total
    return 2 * both / (found + expected) if found + expected else 0.0


RIGHT = Measure(name="right", group="answers", meaning="")
F1 = Measure(name="f1", group="answers", meaning="", value=f1)
ARTICLES = Measure(name="articles", group="citations", meaning="", is_share=False)
YES, NO = (1.0, 1.0), (0.0, 1.0)

counts = st.integers(0, 4).map(float)
shares = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
    lambda some: (float(min(some)), float(max(some)))
)
some_shares = st.lists(st.tuples(shares, shares), min_size=1, max_size=30)
some_answers = st.lists(st.tuples(st.sampled_from([YES, NO]), st.sampled_from([YES, NO])), min_size=1)
some_f1 = st.lists(st.tuples(*[st.tuples(counts, counts, counts)] * 2), min_size=1, max_size=20)


def test_sums_by_case_adds_the_turns_of_each_case() -> None:
    assert sums_by_case([("a", YES), ("b", NO), ("a", NO)]) == [(1.0, 2.0), (0.0, 1.0)]


@pytest.mark.parametrize(
    ("answers", "low", "high"),
    [
        # Brown, Cai & DasGupta (2001): (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.95996.
        ([YES] * 15 + [NO] * 5, 0.5313, 0.8881),
        ([YES] * 10, 0.7225, 1.0),
        ([NO] * 10, 0.0, 0.2775),
        ([YES], 0.2065, 1.0),
        # Ten conversations of two turns each, all right: ten cases, as though each were one turn.
        ([(2.0, 2.0)] * 10, 0.7225, 1.0),
        # A case to which nothing applies tells nothing.
        ([YES] * 10 + [(0.0, 0.0)] * 5, 0.7225, 1.0),
    ],
)
def test_interval_of_yes_or_no_is_wilsons(answers: list[Sums], low: float, high: float) -> None:
    assert interval(answers, RIGHT) == pytest.approx((low, high), abs=1e-4)


def test_interval_when_cases_have_several_turns_agrees_with_scipy() -> None:
    from scipy.stats import bootstrap

    random = np.random.default_rng(7)
    possible = random.integers(1, 4, 60)
    reached = random.binomial(possible, 0.7)

    def share(reached: np.ndarray, possible: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.asarray(reached.sum(axis=axis) / possible.sum(axis=axis))

    theirs = bootstrap(
        (reached, possible), share, paired=True, n_resamples=5_000, method="percentile", rng=random
    ).confidence_interval
    ours = interval([(float(a), float(b)) for a, b in zip(reached, possible, strict=True)], RIGHT)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.015)


def test_interval_of_turns_that_stand_and_fall_together_is_wider() -> None:
    apart = interval([(1.0, 2.0)] * 2 + [YES, NO] * 28, RIGHT)
    together = interval([(2.0, 2.0), (0.0, 2.0)] * 15, RIGHT)
    assert together[0] < apart[0] < 0.5 < apart[1] < together[1]


@pytest.mark.parametrize("measure", [F1, ARTICLES])
def test_interval_of_one_case_is_its_value_when_it_is_no_share(measure: Measure) -> None:
    sums = (2.0, 3.0, 5.0) if measure is F1 else (3.0, 2.0)
    assert interval([sums], measure) == (measure.value(sums), measure.value(sums))


def test_interval_of_what_may_exceed_one_is_no_share() -> None:
    low, high = interval([(1.0, 1.0)] * 10 + [(3.0, 1.0)] * 10, ARTICLES)
    assert 1.4 < low < 2.0 < high < 2.6


def test_mcnemar_of_eight_against_one() -> None:
    pairs = [(NO, YES)] * 8 + [(YES, NO)] + [(YES, YES)] * 20 + [(NO, NO)] * 3
    test = paired_test(pairs, RIGHT)
    # 2 · (C(9,0) + C(9,1)) / 2⁹ = 20 / 512
    assert test.name == MCNEMAR
    assert test.p == pytest.approx(0.0390625)


def test_mcnemar_when_nothing_differs_is_one() -> None:
    assert paired_test([(YES, YES), (NO, NO)], RIGHT).p == 1


def test_permutation_of_three_cases_enumerated_by_hand() -> None:
    # Swapping gives the differences ±(2+1+1), ±(2+1-1) twice, ±(2-1-1): 4 of them six times the third.
    pairs: list[Pair] = [((0.0, 2.0), (2.0, 2.0)), ((1.0, 2.0), (2.0, 2.0)), ((1.0, 2.0), (2.0, 2.0))]
    test = paired_test(pairs, RIGHT)
    assert (test.name, test.p) == (PERMUTATION, 2 / 8)
    # One of the small ones the other way round: the sum is 2, which 6 of 8 ways reach.
    pairs[2] = pairs[2][::-1]
    assert paired_test(pairs, RIGHT).p == 6 / 8


def test_permutation_agrees_with_scipy_when_all_swaps_are_made() -> None:
    from scipy.stats import permutation_test

    random = np.random.default_rng(3)
    before = random.integers(0, 4, 11)
    after = before + random.integers(-1, 4, 11)
    pairs = [((float(a), 5.0), (float(b), 5.0)) for a, b in zip(before, after, strict=True)]
    theirs = permutation_test(
        (after, before),
        lambda one, other, axis: one.mean(axis=axis) - other.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
    )
    assert paired_test(pairs, RIGHT).p == pytest.approx(theirs.pvalue)


def test_permutation_agrees_with_scipy_when_swaps_are_random() -> None:
    from scipy.stats import permutation_test

    random = np.random.default_rng(5)
    sums = random.integers(0, 5, (80, 3)).astype(float)
    sums[:40, 0] += 0.5
    rows: list[Sums] = [tuple(row) for row in sums.tolist()]

    def statistic(one: np.ndarray, other: np.ndarray) -> float:
        return f1(tuple(sums[one.astype(int)].sum(axis=0))) - f1(tuple(sums[other.astype(int)].sum(axis=0)))

    theirs = permutation_test(
        (np.arange(40), np.arange(40, 80)),
        statistic,
        permutation_type="samples",
        n_resamples=2_000,
        vectorized=False,
        rng=random,
    )
    ours = paired_test(list(zip(rows[40:], rows[:40], strict=True)), F1)
    assert ours.p == pytest.approx(theirs.pvalue, abs=0.03)


@given(some_answers.filter(lambda pairs: sum(a != b for a, b in pairs) <= 13))
def test_mcnemar_is_the_permutation_of_yes_and_no(pairs: list[Pair]) -> None:
    # Doubled sums mean the same, and are no longer one yes or no a case.
    doubled = [((2 * a[0], 2.0), (2 * b[0], 2.0)) for a, b in pairs]
    one, other = paired_test(pairs, RIGHT), paired_test(doubled, RIGHT)
    assert (one.name, other.name) == (MCNEMAR, PERMUTATION)
    assert one.p == pytest.approx(other.p)


@given(
    st.one_of(
        st.tuples(some_shares, st.just(RIGHT)),
        st.tuples(some_answers, st.just(RIGHT)),
        st.tuples(some_f1, st.just(F1)),
    )
)
def test_difference_is_negated_and_p_kept_when_the_runs_change_places(
    drawn: tuple[list[Pair], Measure],
) -> None:
    pairs, measure = drawn
    swapped = [(after, before) for before, after in pairs]
    assert difference(swapped, measure) == -difference(pairs, measure)
    assert paired_test(swapped, measure) == paired_test(pairs, measure)
    low, high = difference_interval(pairs, measure)
    if difference(pairs, measure):
        assert difference_interval(swapped, measure) == (-high, -low)
    assert low <= high
    assert 0 < paired_test(pairs, measure).p <= 1


@given(some_shares)
def test_interval_does_not_depend_on_the_order_of_cases(pairs: list[Pair]) -> None:
    before = [before for before, _ in pairs]
    assert interval(before, RIGHT) == interval(before[::-1], RIGHT)
    assert difference_interval(pairs, RIGHT) == difference_interval(pairs[::-1], RIGHT)


def test_difference_interval_agrees_with_scipy() -> None:
    from scipy.stats import bootstrap

    random = np.random.default_rng(11)
    before, after = random.random(80), random.random(80) + 0.2
    theirs = bootstrap(
        (before, after),
        lambda one, other, axis=-1: other.mean(axis=axis) - one.mean(axis=axis),
        paired=True,
        n_resamples=5_000,
        method="percentile",
        rng=random,
    ).confidence_interval
    pairs = [((float(a), 1.0), (float(b), 1.0)) for a, b in zip(before, after, strict=True)]
    assert difference_interval(pairs, RIGHT) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_difference_interval_of_one_pair_is_the_difference() -> None:
    assert difference_interval([(NO, YES)], RIGHT) == (1, 1)


def test_holm_of_four_tests_worked_by_hand() -> None:
    # .005·4, .01·3, .03·2, then .04·1 raised to the one before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_thirty_measures_of_a_thousand_cases_in_a_slice_take_no_time() -> None:
    random = np.random.default_rng(2)
    answers: list[Sums] = [(float(right), 3.0) for right in random.integers(0, 4, 1000)]
    graded: list[Sums] = [(float(grade), 1.0) for grade in random.random(1000)]
    started = time.perf_counter()
    for _ in range(25):
        interval(answers, RIGHT)
    for _ in range(5):
        interval(graded, RIGHT)
    assert time.perf_counter() - started < 5
