"""Measure citations: do the quotes stand, are they the evidence, do they hold what is claimed.

The idea is ALCE's (Gao et al. 2023, https://arxiv.org/abs/2305.14627), but no model judges: a citation is
right by its place.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.datatypes import Answer, AnswerStatus, Citation
from bot.evaluation.cases import CaseTurn
from bot.evaluation.measures.measure import Measure, Scores, Sums
from bot.evaluation.measures.places_of_evidence import covers, without_space
from retrieval.datatypes import Article
from retrieval.wording import terms

# One claim of a line and the numbers behind it.
_CLAIM = re.compile(r"([^\n]*?)((?:\[\d+\]\s?)+)")
_MARKS_AROUND = " \t–-«»“”\"'„‘’"

MEASURES = (
    Measure(
        name="quote fidelity",
        group="citations",
        meaning="Share of quotes that stand word for word at their place in the article.",
    ),
    Measure(
        name="citation precision",
        group="citations",
        meaning="Share of citations that overlap expected evidence (the idea of ALCE, Gao et al. 2023).",
    ),
    Measure(
        name="citation recall",
        group="citations",
        meaning="Share of the expected evidence that is cited (the idea of ALCE, Gao et al. 2023).",
    ),
    Measure(
        name="support",
        group="citations",
        meaning="Share of a claim's content words that stand in the quotes it cites, a mean over claims.",
    ),
    Measure(
        name="independent articles a claim",
        group="citations",
        meaning="Different publishers that a claim is cited to, a mean over claims.",
        is_share=False,
    ),
)


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """What an answer says before a run of marks such as [1][2], and what these cite."""

    text: str
    citations: tuple[Citation, ...]


def cited_claims(answer: Answer) -> list[CitedClaim]:
    """Cut an answer into what it claims: the words of a line up to each run of marks."""
    by_number = {citation.number: citation for citation in answer.citations}
    claims: list[CitedClaim] = []
    for text, marks in _CLAIM.findall(answer.text):
        numbers = dict.fromkeys(int(number) for number in re.findall(r"\d+", marks))
        cited = tuple(by_number[number] for number in numbers if number in by_number)
        if cited:
            claims.append(CitedClaim(text, cited))
    return claims


def citation_scores(turn: CaseTurn, answer: Answer, articles: Mapping[str, Article]) -> Scores:
    """Score the citations of one answer.

    Precision and recall are defined where the turn is answerable and names evidence or else articles; an
    answer that refuses has a recall of zero, and no precision.

    Args:
        turn: What was asked and is expected.
        answer: What was answered.
        articles: What is indexed, by id: a quote from anything else does not stand.
    """
    cited = answer.citations if answer.status is AnswerStatus.ANSWERED else ()
    scores: dict[str, Sums] = {}
    if cited:
        standing = sum(_stands(citation, articles) for citation in cited)
        scores["quote fidelity"] = (float(standing), float(len(cited)))
        scores.update(_scores_of_claims(cited_claims(answer), answer.language))
    if turn.is_answerable and turn.names_places:
        fitting, covered, expected = _agreement(turn, cited)
        scores["citation recall"] = (float(covered), float(expected))
        if cited:
            scores["citation precision"] = (float(fitting), float(len(cited)))
    return scores


def _stands(citation: Citation, articles: Mapping[str, Article]) -> bool:
    article = articles.get(citation.article.id)
    return article is not None and article.text[citation.start : citation.end] == citation.quote != ""


def _agreement(turn: CaseTurn, cited: Sequence[Citation]) -> tuple[int, int, int]:
    """Count the citations that fit what is expected, what is expected and cited, and what is expected."""
    if turn.evidence:
        table = [[covers(citation, evidence) for evidence in turn.evidence] for citation in cited]
    else:
        table = [[citation.article.id in group for group in turn.articles] for citation in cited]
    covered = sum(any(column) for column in zip(*table, strict=True))
    return sum(map(any, table)), covered, len(turn.evidence or turn.articles)


def _scores_of_claims(claims: Sequence[CitedClaim], language: str) -> Scores:
    if not claims:
        return {}
    shares = [share for claim in claims if (share := _support(claim, language)) is not None]
    outlets = [
        len({citation.article.publisher or citation.article.id for citation in claim.citations})
        for claim in claims
    ]
    scores = {"independent articles a claim": (float(sum(outlets)), float(len(claims)))}
    return {**scores, "support": (sum(shares), float(len(shares)))} if shares else scores


def _support(claim: CitedClaim, language: str) -> float | None:
    """Give the share of a claim's words that its quotes hold; None where it is in another language."""
    wanted = terms(claim.text, language)
    is_readable = any(citation.article.language in (None, language) for citation in claim.citations)
    said = without_space(claim.text.strip(_MARKS_AROUND))
    is_verbatim = any(said in without_space(citation.quote) for citation in claim.citations)
    if not wanted or not (is_readable or is_verbatim):
        return None
    held = {term for citation in claim.citations for term in terms(citation.quote, language)}
    return sum(term in held for term in wanted) / len(wanted)
