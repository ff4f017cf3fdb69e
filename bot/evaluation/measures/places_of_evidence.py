"""Find where expected evidence stands: its places in articles, and the passages that hold it.

Words are found with white space ignored, MultiHop-RAG's rule (https://arxiv.org/abs/2401.15391): a passage
holds a fact when it contains the fact once white space is removed from both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from bot.datatypes import Citation
from bot.evaluation.cases import Evidence
from retrieval.datatypes import Article, Passage

_SPACE = re.compile(r"\s+")

# The id of an article, and a half-open place in its text.
PlaceInArticle = tuple[str, int, int]

Some = TypeVar("Some")


def evidence_places(evidence: Evidence, articles: Mapping[str, Article]) -> list[PlaceInArticle]:
    """Find every place where evidence stands.

    A stated place is meant where it holds the stated words, or where no words are stated; otherwise the
    words are looked for, in the stated article or in all.
    """
    if evidence.article is not None and evidence.article in articles:
        text = articles[evidence.article].text
        place = _stated_place(evidence, text, 0)
        if place is not None:
            return [(evidence.article, *place)]
    return [
        (article.id, start, end)
        for article in _of(evidence, articles)
        for start, end in _standing(evidence.text or "", article.text)
    ]


def holders(evidence: Evidence, passages: Mapping[str, Sequence[Passage]]) -> frozenset[str]:
    """Name the passages that hold evidence whole.

    Args:
        evidence: What has to be found.
        passages: All passages, by the id of their article.
    """
    possible = [passage for some in _of(evidence, passages) for passage in some]
    by_place = frozenset(
        passage.id for passage in possible if _stated_place(evidence, passage.text, passage.start)
    )
    wanted = without_space(evidence.text or "")
    if by_place or not wanted:
        return by_place
    return frozenset(passage.id for passage in possible if wanted in without_space(passage.text))


def covers(citation: Citation, evidence: Evidence) -> bool:
    """Tell whether a citation overlaps evidence in its article, or quotes a part of the evidence's words.

    The second is for an article whose cleaned text lacks a line that the evidence still has.
    """
    article = citation.article
    if evidence.article not in (None, article.id):
        return False
    places = evidence_places(evidence, {article.id: article})
    if any(start < citation.end and citation.start < end for _, start, end in places):
        return True
    quoted = without_space(citation.quote)
    return not places and bool(quoted) and quoted in without_space(evidence.text or "")


@lru_cache(maxsize=100_000)
def without_space(text: str) -> str:
    """Remove all white space."""
    return _SPACE.sub("", text)


def _of(evidence: Evidence, by_article: Mapping[str, Some]) -> Iterable[Some]:
    """Give what belongs to the stated article, or everything where none is stated."""
    if evidence.article is None:
        return by_article.values()
    return [by_article[evidence.article]] if evidence.article in by_article else []


def _stated_place(evidence: Evidence, text: str, offset: int) -> tuple[int, int] | None:
    """Give the stated place if it lies in a text and holds the stated words; places count from the article.

    Args:
        evidence: What is stated.
        text: An article's text, or a passage of it.
        offset: Where in the article the text begins.
    """
    start, end = evidence.start, evidence.end
    if evidence.article is None or start is None or end is None:
        return None
    if not offset <= start < end <= offset + len(text):
        return None
    stands = without_space(text[start - offset : end - offset])
    return (start, end) if evidence.text is None or stands == without_space(evidence.text) else None


def _standing(words: str, text: str) -> Iterator[tuple[int, int]]:
    """Find words in a text, white space ignored."""
    wanted, within = without_space(words), without_space(text)
    found = within.find(wanted) if wanted else -1
    if found < 0:
        return
    kept = [place for place, letter in enumerate(text) if not letter.isspace()]
    while found >= 0:
        yield kept[found], kept[found + len(wanted) - 1] + 1
        found = within.find(wanted, found + len(wanted))
