"""Passages are picked one by one, each for what those before it have not covered."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.ranking import Candidate, Slot, WordScores, inverse_frequency, pick


def candidate(
    *sentences: str,
    number: int = 1,
    title: str = "",
    outlet: str | None = None,
    is_named: bool = False,
    dated: float = 0.0,
    quoted: float = 0.0,
    cosine: float = 0.0,
) -> Candidate:
    return Candidate(
        number=number,
        title=title,
        publisher_terms=(outlet or "").lower(),
        body="\n".join(sentences),
        publisher=outlet,
        is_named=is_named,
        dated=dated,
        quoted=quoted,
        cosine=cosine,
    )


def equally_rare(word: str) -> float:
    return 1.0


def totals(
    candidates: list[Candidate], slots: list[Slot], idf: Callable[[str], float] = equally_rare
) -> list[float]:
    units = WordScores(candidates, slots, idf).units(range(len(candidates)))
    return [float(total) for total in units.sum(axis=1)]


@pytest.mark.parametrize(
    ("better", "worse", "question"),
    [
        (candidate("ferry sank"), candidate("tram stopped"), "ferry"),
        (candidate("ferry sank harbour"), candidate("ferry sank", "harbour"), "ferry harbour"),
        (candidate("ferry harbour sank"), candidate("ferry sank harbour"), "ferry harbour"),
        (candidate("tram", title="ferry"), candidate("tram"), "ferry"),
        (candidate("tram", outlet="Ferry Post"), candidate("tram"), "ferry"),
        (candidate("ferry"), candidate("ferry and much else that nobody asked for"), "ferry"),
    ],
    ids=["word", "one sentence", "side by side", "title", "outlet", "short"],
)
def test_word_scores_when_one_passage_fits_better(better: Candidate, worse: Candidate, question: str) -> None:
    first, second = totals([better, worse], [Slot((word,)) for word in question.split()])
    assert first > second


def test_word_scores_when_a_slot_has_many_terms_takes_the_best_alone() -> None:
    slots = [Slot(("ferry", "traghetto"))]
    weights = {"ferry": 1.0, "traghetto": 3.0}
    passages = [candidate("ferry"), candidate("traghetto"), candidate("tram")]
    one, other, none = totals(passages, slots, weights.__getitem__)
    assert other > one > none == 0.0


def test_word_scores_when_a_slot_weighs_less_counts_less() -> None:
    (full,) = totals([candidate("ferry")], [Slot(("ferry",))])
    (half,) = totals([candidate("ferry")], [Slot(("ferry",), 0.5)])
    assert half == pytest.approx(full / 2)


def test_inverse_frequency_when_fewer_passages_hold_a_term_is_higher() -> None:
    weights = [inverse_frequency(10, held) for held in range(11)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def picked(candidates: list[Candidate], units: list[list[float]], limit: int = 10) -> list[int]:
    return [place for place, _ in pick(candidates, np.array(units), limit)]


def test_pick_when_a_word_is_covered_takes_another_next() -> None:
    units = [[10.0, 0.0], [9.9, 0.0], [0.0, 9.5]]
    assert picked([candidate("a")] * 3, units) == [0, 2, 1]


def test_pick_when_scores_are_equal_keeps_the_order() -> None:
    assert picked([candidate("a")] * 3, [[0.0, 0.0]] * 3) == [0, 1, 2]


def test_pick_when_an_outlet_or_date_is_named_takes_it_first() -> None:
    plain = candidate("a")
    assert picked([plain, candidate("a", outlet="Post", is_named=True)], [[1.0], [0.9]]) == [1, 0]
    assert picked([plain, candidate("a", dated=1.0)], [[1.0], [0.9]]) == [1, 0]
    assert picked([plain, candidate("a", dated=0.0)], [[1.0], [0.9]]) == [0, 1]


def test_pick_when_two_outlets_are_named_gives_each_its_share() -> None:
    posts = [candidate("a", outlet="Post", is_named=True) for _ in range(3)]
    line = candidate("a", outlet="Tramline", is_named=True)
    order = picked([*posts, line], [[0.0, 1.0]] * 3 + [[0.0, 0.97]])
    assert order.index(3) == 1


def test_pick_when_meaning_is_nearer_takes_it_first() -> None:
    passages = [candidate("a", cosine=0.1), candidate("a", cosine=0.9)]
    assert picked(passages, [[1.0], [1.0]]) == [1, 0]


def test_pick_when_limited_gives_no_more() -> None:
    assert len(picked([candidate("a")] * 5, [[1.0]] * 5, limit=2)) == 2
    assert pick([], np.zeros((0, 2)), 5) == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(0, 20), min_size=3, max_size=3),
            st.sampled_from([None, "Post", "Tramline"]),
            st.booleans(),
            st.sampled_from([0.0, 0.5, 1.0]),
            st.floats(0, 1),
        ),
        max_size=12,
    ),
    st.integers(0, 15),
)
def test_pick_when_anything_is_ranked_scores_never_rise_and_none_comes_twice(
    rows: list[tuple[list[float], str | None, bool, float, float]], limit: int
) -> None:
    passages = [
        candidate("a", outlet=outlet, is_named=is_named, dated=dated, cosine=cosine)
        for _, outlet, is_named, dated, cosine in rows
    ]
    chosen = pick(passages, np.array([row for row, *_ in rows]).reshape(len(rows), 3), limit)
    scores = [score for _, score in chosen]
    assert scores == sorted(scores, reverse=True)
    assert len({place for place, _ in chosen}) == len(chosen) == min(limit, len(rows))
