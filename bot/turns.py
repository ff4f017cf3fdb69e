"""Make a turn again from the receipt of its answer."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.citations import stands
from bot.datatypes import Answer, AnswerStatus, Citation, Dropped, Turn
from bot.receipts import SCHEMA
from retrieval.datatypes import Article, Passage, ScoredPassage
from retrieval.errors import HistoryError
from retrieval.passages import Span

FindArticles = Callable[[Iterable[str]], Mapping[str, Article]]
# Far beyond any article: a place beyond it is not one that Footnote wrote.
_LONGEST_ARTICLE = 50_000_000


def turn_of(question: str, receipt: str, articles: FindArticles, name: str) -> Turn:
    """Make a turn again: what was asked and answered, with the articles that were quoted.

    An article comes from the library if it still has the text that was quoted. Otherwise it is made of what
    the receipt holds of it, at its place, with blank lines for the rest; it keeps the digest of the text
    that was quoted, so that whoever checks the citation learns that the article has changed since.

    Args:
        question: What the person wrote.
        receipt: The receipt of the answer, as JSON.
        articles: Finds articles of the library by id.
        name: What to call the turn where it cannot be read.

    Raises:
        HistoryError: This is no receipt of an answer, or not one that this version reads.
    """
    try:
        written = json.loads(receipt)
        if written["schema"] != SCHEMA:
            raise ValueError(f"schema {written['schema']!r}, this version reads {SCHEMA}")
        turn = Turn(question, _answer(written, articles))
        if not all(map(stands, (*turn.answer.citations, *turn.answer.nearest))):
            raise ValueError("a quotation does not stand at its place")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise HistoryError(
            f"{name} cannot be read ({why}). Begin a new conversation, or forget this one with: "
            "footnote conversations --forget NAME"
        ) from error
    return turn


def _answer(written: Mapping[str, Any], articles: FindArticles) -> Answer:
    evidence = tuple(
        ScoredPassage(
            Passage(
                article_id=item["article_id"], start=item["start"], end=item["end"], text=item["text"]
            ),
            item["score"],
        )
        for item in written["evidence"]
    )  # fmt: skip
    cited = [*written["citations"], *written["nearest"]]
    found = _articles(cited, [scored.passage for scored in evidence], articles)
    return Answer(
        question=written["question"],
        understood_as=written["understood_as"],
        status=AnswerStatus(written["status"]),
        text=written["answer"],
        language=written["language"],
        citations=tuple(_citation(item, found) for item in written["citations"]),
        evidence=evidence,
        nearest=tuple(_citation(item, found) for item in written["nearest"]),
        seconds=written["seconds"],
        confidence=written["confidence"],
        written_by=written["written_by"],
        dropped=tuple(Dropped(item["text"], item["why"]) for item in written["dropped"]),
        notices=tuple(written["notices"]),
    )


def _citation(item: Mapping[str, Any], articles: Mapping[str, Article]) -> Citation:
    return Citation(
        number=item["number"],
        article=articles[item["article_id"]],
        quote=item["quote"],
        start=item["start"],
        end=item["end"],
        marked=_marked(item.get("marked")),
        same_story_as=item.get("same_story_as"),
        more_copies=item.get("more_copies", 0),
    )


def _marked(place: Sequence[int] | None) -> Span | None:
    """Read which words were marked: none in a receipt of before any were."""
    if place is None:
        return None
    start, end = place
    return start, end


def _articles(
    cited: Sequence[Mapping[str, Any]], evidence: Sequence[Passage], articles: FindArticles
) -> dict[str, Article]:
    """Find the articles that were cited in the version that was cited, or make what is left of them."""
    first = {item["article_id"]: item for item in reversed(cited)}
    known = articles(first)
    return {
        article_id: known[article_id]
        if article_id in known and known[article_id].digest == item["digest"]
        else _remains(item, cited, evidence)
        for article_id, item in first.items()
    }


def _remains(
    item: Mapping[str, Any], cited: Sequence[Mapping[str, Any]], evidence: Sequence[Passage]
) -> Article:
    """Lay what a receipt holds of an article at its place."""
    article_id = item["article_id"]
    pieces = [
        *((piece.start, piece.end, piece.text) for piece in evidence if piece.article_id == article_id),
        *(
            (other["start"], other["end"], other["quote"])
            for other in cited
            if other["article_id"] == article_id
        ),
    ]
    length = max(end for _, end, _ in pieces)
    if min(pieces)[0] < 0 or length > _LONGEST_ARTICLE:
        raise ValueError("a quotation stands outside of any article")
    letters = ["\n"] * length
    for start, _, piece in pieces:
        letters[start : start + len(piece)] = piece
    article = Article(
        id=article_id,
        title=item["title"],
        text="".join(letters),
        publisher=item["publisher"],
        published=item["published"],
        modified=item.get("modified"),
        correction=item.get("correction"),
        read=item.get("read"),
        language=item["language"],
        url=item["url"],
        path=item["path"],
    )
    # What names the version that was quoted is not the digest of what is left of it.
    vars(article)["digest"] = item["digest"]
    return article
