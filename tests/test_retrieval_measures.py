"""Measures of a search, with figures worked by hand in the comments."""

from math import log2
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.measures.retrieved import MEASURES, retrieval_scores

IDS = st.lists(st.integers(0, 30).map("p{}".format), unique=True, max_size=25)
WANTED = st.lists(st.frozensets(st.integers(0, 40).map("p{}".format), max_size=4), min_size=1, max_size=4)


def values(ranking: list[str], wanted: list[frozenset[str]]) -> dict[str, float]:
    scores = retrieval_scores(ranking, wanted)
    assert all(possible == 1.0 for _, possible in scores.values())
    return {name: reached for name, (reached, _) in scores.items()}


def test_retrieval_when_three_of_four_relevant_are_found() -> None:
    # Relevant: b, f, g, z. b stands at place 2, f at 6, g at 7; z is never found.
    found = values(list("abcdefghij"), [frozenset("b"), frozenset("fg"), frozenset("z")])
    assert found["recall@5"] == pytest.approx(1 / 4)
    assert found["recall@10"] == found["recall@20"] == pytest.approx(3 / 4)
    assert found["MRR@10"] == pytest.approx(1 / 2)
    # Gain 1 / log2(place + 1); at best the four stand at 1 to 4.
    best = 1 / log2(2) + 1 / log2(3) + 1 / log2(4) + 1 / log2(5)
    assert found["nDCG@5"] == pytest.approx((1 / log2(3)) / best)
    assert found["nDCG@10"] == pytest.approx((1 / log2(3) + 1 / log2(7) + 1 / log2(8)) / best)
    # Precision is 1/2 at place 2, 2/6 at 6 and 3/7 at 7, over four relevant.
    assert found["MAP@10"] == pytest.approx((1 / 2 + 2 / 6 + 3 / 7) / 4)
    # In the first 4 only the first of three facts, in the first 10 two of them.
    assert found["Hits@4 any"] == found["Hits@10 any"] == 1
    assert found["Hits@4 share"] == pytest.approx(1 / 3)
    assert found["Hits@10 share"] == pytest.approx(2 / 3)


def test_retrieval_counts_only_the_first_ten_when_the_relevant_one_stands_eleventh() -> None:
    found = values([f"p{place}" for place in range(1, 13)], [frozenset({"p11"})])
    reached = {name for name, value in found.items() if value}
    assert reached == {"recall@20"}


def test_retrieval_keeps_the_given_order_when_ids_would_sort_otherwise() -> None:
    # trec_eval breaks ties by id: the best stands first although its id sorts last or first.
    assert values(["a", "b", "c"], [frozenset("a")])["MRR@10"] == 1
    assert values(["c", "b", "a"], [frozenset("c")])["MRR@10"] == 1


@pytest.mark.parametrize(
    ("ranking", "wanted"),
    [([], [frozenset("a")]), (["a"], [frozenset[str]()]), ([], [frozenset[str](), frozenset[str]()])],
)
def test_retrieval_is_zero_when_nothing_is_found_or_there_is_nothing_to_find(
    ranking: list[str], wanted: list[frozenset[str]]
) -> None:
    found = values(ranking, wanted)
    assert set(found) == {measure.name for measure in MEASURES}
    assert set(found.values()) == {0.0}


def test_share_of_facts_counts_a_fact_that_stands_nowhere_as_not_found() -> None:
    found = values(["a"], [frozenset("a"), frozenset()])
    assert found["Hits@4 share"] == pytest.approx(1 / 2)
    assert found["recall@5"] == 1


def test_retrieval_is_not_scored_when_no_fact_is_expected() -> None:
    assert retrieval_scores(["a"], []) == {}


def test_retrieval_takes_ids_with_spaces_and_letters_of_any_script() -> None:
    assert values(["Riga möte 1:0-10", "b"], [frozenset({"Riga möte 1:0-10"})])["MRR@10"] == 1


def test_retrieval_takes_less_than_five_milliseconds_a_turn() -> None:
    ranking, wanted = [f"p{place}" for place in range(20)], [frozenset({"p3", "p9"})]
    retrieval_scores(ranking, wanted)
    start = perf_counter()
    for _ in range(20):
        retrieval_scores(ranking, wanted)
    # Ten times the time it takes alone on a machine, since the gate shares its cores.
    assert (perf_counter() - start) / 20 < 0.05


@given(IDS, WANTED)
def test_retrieval_always_lies_between_zero_and_one_and_grows_with_depth(
    ranking: list[str], wanted: list[frozenset[str]]
) -> None:
    found = values(ranking, wanted)
    assert all(0 <= value <= 1 + 1e-9 for value in found.values())
    assert found["recall@5"] <= found["recall@10"] <= found["recall@20"]
    assert found["Hits@4 share"] <= found["Hits@10 share"] <= found["Hits@10 any"]
    assert found["Hits@4 share"] <= found["Hits@4 any"] <= found["Hits@10 any"]


@given(IDS, WANTED)
def test_retrieval_is_never_worse_when_a_relevant_one_is_put_first(
    ranking: list[str], wanted: list[frozenset[str]]
) -> None:
    relevant = sorted(frozenset().union(*wanted))
    if not relevant:
        return
    moved = [relevant[0], *(unit for unit in ranking if unit != relevant[0])]
    before, after = values(ranking, wanted), values(moved, wanted)
    for name in ("MRR@10", "Hits@4 any", "Hits@10 any"):
        assert after[name] >= before[name]
