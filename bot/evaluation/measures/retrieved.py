"""Measure a search: is what holds the answer found, and how far up.

All but the share of facts comes from ir_measures (MacAvaney et al. 2022, https://ir-measur.es), which asks
trec_eval. What holds at least one expected fact is relevant.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from bot.evaluation.measures.measure import Measure, Scores

if TYPE_CHECKING:
    import ir_measures

_MOST = {"Hits@4 share": 4, "Hits@10 share": 10}

MEASURES = tuple(
    Measure(name=name, group="retrieval", meaning=meaning)
    for name, meaning in (
        ("recall@5", "Share of all that is relevant among the first 5."),
        ("recall@10", "Share of all that is relevant among the first 10."),
        ("recall@20", "Share of all that is relevant among the first 20."),
        ("MRR@10", "1 / place of the first relevant one, 0 beyond 10 (reciprocal rank, Voorhees 1999)."),
        ("nDCG@5", "Discounted gain of the first 5 over the best possible (Järvelin & Kekäläinen 2002)."),
        ("nDCG@10", "Discounted gain of the first 10 over the best possible (Järvelin & Kekäläinen 2002)."),
        ("MAP@10", "Mean of the precision at each relevant one of the first 10 (average precision, TREC)."),
        ("Hits@4 any", "1 if any fact stands in the first 4 (the script of MultiHop-RAG, Tang & Yang 2024)."),
        ("Hits@10 any", "1 if any fact stands in the first 10 (the script of MultiHop-RAG)."),
        ("Hits@4 share", "Share of the facts that stand in the first 4 (the paper of MultiHop-RAG)."),
        ("Hits@10 share", "Share of the facts that stand in the first 10 (the paper of MultiHop-RAG)."),
    )
)


def retrieval_scores(ranking: Sequence[str], wanted: Sequence[frozenset[str]]) -> Scores:
    """Score what was found for one question; nothing found, or nothing there to be found, is worth zero.

    Args:
        ranking: Ids of what was found, passages or articles, best first, none twice.
        wanted: For each expected fact the ids that hold it; none where it stands nowhere.
    """
    if not wanted:
        return {}
    relevant = frozenset().union(*wanted)
    figures = _figures(ranking, relevant) if ranking and relevant else dict.fromkeys(_named(), 0.0)
    for name, most in _MOST.items():
        first = set(ranking[:most])
        figures[name] = sum(not first.isdisjoint(holders) for holders in wanted) / len(wanted)
    return {measure.name: (figures[measure.name], 1.0) for measure in MEASURES}


def _figures(ranking: Sequence[str], relevant: frozenset[str]) -> dict[str, float]:
    import ir_measures

    names = {measure: name for name, measure in _named().items()}
    expected = [ir_measures.Qrel("turn", unit, 1) for unit in sorted(relevant)]
    # trec_eval sorts by score, and ties by id: falling scores keep our order.
    found = [ir_measures.ScoredDoc("turn", unit, float(-place)) for place, unit in enumerate(ranking)]
    return {
        names[figure.measure]: float(figure.value)
        for figure in ir_measures.iter_calc(list(names), expected, found)
    }


@cache
def _named() -> Mapping[str, "ir_measures.Measure"]:
    """Give the measures of ir_measures our names."""
    from ir_measures import AP, RR, R, Success, nDCG

    return {
        "recall@5": R @ 5,
        "recall@10": R @ 10,
        "recall@20": R @ 20,
        "MRR@10": RR @ 10,
        "nDCG@5": nDCG @ 5,
        "nDCG@10": nDCG @ 10,
        "MAP@10": AP @ 10,
        "Hits@4 any": Success @ 4,
        "Hits@10 any": Success @ 10,
    }
