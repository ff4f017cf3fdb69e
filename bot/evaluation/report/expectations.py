"""What was expected of an answer, part by part, and whether each part was met, as the measures judge it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.datatypes import Answer, AnswerStatus, Citation
from bot.evaluation.cases import CaseTurn, Evidence
from bot.evaluation.measures.answers import answer_scores
from bot.evaluation.measures.citations import cited_claims
from bot.evaluation.measures.places_of_evidence import holders
from retrieval.datatypes import Article, Passage

Record = Mapping[str, Any]

# How much of a passage or of expected evidence is shown, in characters.
SHOWN = 260
_QUOTED = ("facts found", "answer found", "patterns matched")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that was expected, and whether it was met; None where nobody can say."""

    text: str
    is_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Things of one sort that were expected."""

    label: str
    items: tuple[Expectation, ...]


def expectations(turn: CaseTurn, record: Record) -> list[Expected]:
    """Say what was expected, and of each part whether it was met, as the measures judge it."""
    status, answer = record.get("status"), _answer(record)
    was_answered = bool(status) or "error" in record
    cited = {citation.article.id for citation in answer.citations}
    found = {item["article_id"] for item in record.get("evidence", ())}
    have, articles = ("cites", cited) if was_answered else ("finds", found)

    def quotes(part: CaseTurn) -> bool | None:
        # What was only searched for cannot have been quoted.
        scores = answer_scores(part, answer, None)
        return any(scores[name][0] for name in _QUOTED if name in scores) if was_answered else None

    sorts = {
        "refuses, as the articles do not answer this": (
            [Expectation("", status == "not_covered")] if turn.is_answerable is False else []
        ),
        "quotes each of these facts": [
            Expectation(_alternatives(fact), quotes(CaseTurn(question="", facts=(fact,))))
            for fact in turn.facts
        ],
        "quotes one of these answers": [
            Expectation(text, quotes(CaseTurn(question="", answers=(text,)))) for text in turn.answers
        ],
        "quotes words that fit": [
            Expectation(text, quotes(CaseTurn(question="", patterns=(text,)))) for text in turn.patterns
        ],
        f"{have} these articles": [
            Expectation(_alternatives(group), not articles.isdisjoint(group)) for group in turn.articles
        ],
        "finds this evidence": [
            Expectation(_described(item), bool(holders(item, passages_by_article(record))))
            for item in turn.evidence
        ],
        "does not say": [
            Expectation(text, not _is_said(text, answer) if was_answered else None) for text in turn.forbidden
        ],
    }
    return [Expected(label, tuple(items)) for label, items in sorts.items() if items]


def basis_of(turn: CaseTurn | None) -> str:
    """Tell by what a passage is known to hold what was expected: the narrowest that the turn names."""
    if turn is None or turn.is_answerable is False:
        return ""
    if turn.evidence:
        return "evidence"
    return "words" if turn.facts or turn.answers else "article" if turn.articles else ""


def place_of_words(turn: CaseTurn, text: str) -> tuple[int, int] | None:
    """Find the first words of a text that were expected to be quoted."""
    for wording in (*(wording for fact in turn.facts for wording in fact), *turn.answers):
        found = re.search(r"\s+".join(map(re.escape, wording.split())), text, re.IGNORECASE)
        if found and found.end() > found.start():
            return found.span()
    return None


def passages_by_article(record: Record) -> dict[str, list[Passage]]:
    """Sort the passages that were found for a turn by their articles."""
    found: dict[str, list[Passage]] = {}
    for item in record.get("evidence", ()):
        found.setdefault(item["article_id"], []).append(passage_of(item))
    return found


def passage_of(item: Record) -> Passage:
    """Read a passage off a receipt."""
    return Passage(article_id=item["article_id"], start=item["start"], end=item["end"], text=item["text"])


def shortened(text: str, limit: int) -> str:
    """Cut a text at a word."""
    if len(text) <= limit:
        return text
    return (text[:limit].rpartition(" ")[0] or text[:limit]) + " …"


def _answer(record: Record) -> Answer:
    """Make a receipt an answer again, as far as what it quotes can be judged."""
    citations = tuple(
        Citation(
            number=cited["number"],
            article=Article(id=cited["article_id"], title=cited["title"], text=""),
            quote=cited["quote"],
            start=cited["start"],
            end=cited["end"],
        )
        for cited in record.get("citations", ())
    )
    return Answer(
        question=record["question"],
        understood_as=record.get("understood_as") or "",
        status=AnswerStatus.ANSWERED if citations else AnswerStatus.NOT_COVERED,
        text=record.get("answer") or "",
        language="",
        citations=citations,
    )


def _alternatives(wordings: Sequence[str]) -> str:
    return " – or – ".join(wordings)


def _is_said(text: str, answer: Answer) -> bool:
    """Tell whether words stand in a quote or in what the answer claims."""
    claims = [claim.text.casefold() for claim in cited_claims(answer)]
    scores = answer_scores(CaseTurn(question="", facts=((text,),)), answer, None)
    return scores["facts found"][0] > 0 or any(text.casefold() in claim for claim in claims)


def _described(evidence: Evidence) -> str:
    return shortened(evidence.text or f"{evidence.article}, {evidence.start} to {evidence.end}", SHOWN)
