"""Measures of citations, with figures worked by hand in the comments."""

from dataclasses import replace

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Citation
from bot.evaluation.cases import CaseTurn, Evidence
from bot.evaluation.measures.citations import MEASURES, citation_scores, cited_claims
from retrieval.datatypes import Article

RIGA = Article(
    id="riga", title="Riga", publisher="Courier", language="en",
    text="Rutte visited Riga. Talks failed on Monday. Nobody signed.",
)  # fmt: skip
COPY = Article(id="copy", title="Copy", publisher="Courier", language="en", text="Talks failed on Monday.")
OWN = Article(id="own", title="Own", language="en", text="On Monday, talks failed.")
ROMA = Article(id="roma", title="Roma", publisher="Voce", language="it", text="I colloqui sono falliti.")
ARTICLES = {article.id: article for article in (RIGA, COPY, OWN, ROMA)}


def quoting(number: int, article: Article, words: str) -> Citation:
    start = article.text.index(words)
    return cite(article, start, start + len(words), number)


def answered(text: str, *citations: Citation) -> Answer:
    return Answer(
        question="?",
        understood_as="?",
        status=AnswerStatus.ANSWERED,
        text=text,
        language="en",
        citations=citations,
    )


REFUSED = Answer(
    question="?", understood_as="?", status=AnswerStatus.NOT_COVERED, text="No [1].", language="en"
)
FIRST = quoting(1, RIGA, "Talks failed on Monday.")
SECOND = quoting(2, RIGA, "Nobody signed.")
ANSWER = answered("Found:\n– “Talks failed on Monday.” [1]\n– “Nobody signed.” [2]", FIRST, SECOND)


def test_quotes_are_faithful_only_when_they_stand_at_their_place_in_what_is_indexed() -> None:
    # 1 stands; 2 is shifted by one; 3 is quoted from an article that is not indexed; 4 from an older version.
    shifted = replace(FIRST, number=2, start=FIRST.start + 1, end=FIRST.end + 1)
    unknown = cite(Article(id="unknown", title="", text="Made up."), 0, 8, 3)
    older = cite(replace(RIGA, text="Other words."), 0, 5, 4)
    scores = citation_scores(CaseTurn(question="?"), answered("", FIRST, shifted, unknown, older), ARTICLES)
    assert scores["quote fidelity"] == (1, 4)


def test_citations_are_held_against_evidence_by_place() -> None:
    turn = CaseTurn(
        question="?",
        evidence=(Evidence(text="failed on Monday"), Evidence(text="visited Riga", article="riga")),
    )
    # 1 of 2 citations overlaps evidence, 1 of 2 pieces of evidence is cited.
    scores = citation_scores(turn, ANSWER, ARTICLES)
    assert scores["citation precision"] == (1, 2)
    assert scores["citation recall"] == (1, 2)


def test_citations_of_two_copies_cover_the_same_evidence_once() -> None:
    turn = CaseTurn(question="?", evidence=(Evidence(text="Talks failed on Monday."),))
    scores = citation_scores(turn, answered("", FIRST, quoting(2, COPY, "Talks failed")), ARTICLES)
    assert scores["citation precision"] == (2, 2)
    assert scores["citation recall"] == (1, 1)


def test_citations_are_held_against_articles_when_no_evidence_is_expected() -> None:
    turn = CaseTurn(question="?", articles=(("copy", "riga"), ("own",), ("roma",)))
    # Both cite riga, of the first group; own and roma are not cited.
    scores = citation_scores(turn, ANSWER, ARTICLES)
    assert scores["citation precision"] == (2, 2)
    assert scores["citation recall"] == (1, 3)


def test_a_refusal_has_no_recall_and_no_other_measure() -> None:
    turn = CaseTurn(question="?", evidence=(Evidence(text="visited Riga"), Evidence(text="Monday")))
    assert citation_scores(turn, REFUSED, ARTICLES) == {"citation recall": (0, 2)}
    assert citation_scores(CaseTurn(question="?", answerable=False), REFUSED, ARTICLES) == {}


def test_agreement_is_not_scored_when_no_place_is_named() -> None:
    scores = citation_scores(CaseTurn(question="?", answers=("Monday",)), ANSWER, ARTICLES)
    assert "citation recall" not in scores
    assert "citation precision" not in scores


def test_claims_are_the_words_before_each_run_of_marks() -> None:
    claims = cited_claims(
        answered("Talks failed [1]. Nobody signed [1][2]\nAn aside.\nNo such [7]", FIRST, SECOND)
    )
    assert [claim.text.strip() for claim in claims] == ["Talks failed", ". Nobody signed"]
    assert [len(claim.citations) for claim in claims] == [1, 2]


def test_support_is_full_when_the_claim_is_the_quote() -> None:
    assert citation_scores(CaseTurn(question="?"), ANSWER, ARTICLES)["support"] == (2, 2)


def test_support_counts_the_content_words_of_a_claim_that_its_quotes_hold() -> None:
    # "talks", "failed" and "Monday" stand in the quote, "badly" does not: 3 of 4; "signed" alone: 1 of 1.
    answer = answered("On Monday the talks failed badly [1].\nThey signed [2].", FIRST, SECOND)
    assert citation_scores(CaseTurn(question="?"), answer, ARTICLES)["support"] == (1.75, 2)


def test_support_leaves_out_a_claim_whose_quote_is_in_another_language_unless_it_is_quoted() -> None:
    foreign = quoting(1, ROMA, "I colloqui sono falliti.")
    told = answered("– Talks failed. [1]", foreign)
    assert "support" not in citation_scores(CaseTurn(question="?"), told, ARTICLES)
    quoted = answered("– “I colloqui sono falliti.” [1]", foreign)
    assert citation_scores(CaseTurn(question="?"), quoted, ARTICLES)["support"] == (1, 1)


def test_articles_are_independent_when_their_publishers_differ() -> None:
    # First claim: Courier twice and an article of unknown publisher, 2. Second: Voce, 1. Mean 3/2.
    answer = answered(
        "– “Talks failed.” [1][2][3]\n– “I colloqui sono falliti.” [4]",
        FIRST, quoting(2, COPY, "Talks failed"), quoting(3, OWN, "talks failed"),
        quoting(4, ROMA, "I colloqui"),
    )  # fmt: skip
    scores = citation_scores(CaseTurn(question="?"), answer, ARTICLES)
    assert scores["independent articles a claim"] == (3, 2)
    assert not next(measure for measure in MEASURES if measure.name.startswith("independent")).is_share
