"""Search among the articles that can tell of the days that a question asks about."""

from collections.abc import Sequence
from typing import NamedTuple

from retrieval.datatypes import Filter, ScoredPassage
from retrieval.library import Library
from retrieval.query import Query
from retrieval.relative_dates import local_day
from retrieval.search import Searcher
from retrieval.timeliness import asks_what_was_said_then, names_time_of, narrowed_by_time


class Timely(NamedTuple):
    """The passages that can answer; where there are none, those that come nearest from another time."""

    evidence: list[ScoredPassage]
    elsewhere: list[ScoredPassage]


def search_in_time(
    searcher: Searcher, library: Library, query: Query, before: Sequence[Query], where: Filter | None
) -> Timely:
    """Find the passages that fit a query and tell of the days it asks about.

    Args:
        searcher: Searches the library.
        library: Tells when articles were published.
        query: The question.
        before: What was asked before it, the last first.
        where: Which articles are looked at, where not all are.
    """
    narrowed = narrowed_by_time(query, where)
    own = searcher.search(query, before, narrowed)
    is_of_saying = asks_what_was_said_then(query)
    if narrowed == where or (own and not is_of_saying):
        return Timely(own, [])
    every = searcher.search(query, before, where)
    if not is_of_saying:
        return Timely([], every)
    known = {scored.passage.id for scored in own}
    articles = library.articles({scored.passage.article_id for scored in every})
    telling = [
        scored
        for scored in every
        if scored.passage.id not in known
        and (article := articles.get(scored.passage.article_id))
        and names_time_of(scored.passage.text, article.language, local_day(article.published), query.when)
    ]
    evidence = sorted([*own, *telling], key=lambda scored: -scored.score)[: len(every)]
    return Timely(evidence, [] if evidence else every)
