"""Measure how well a follow-up question was made to stand alone, beside the rewrite of a person."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from bot.evaluation.measures.measure import Measure, Scores, Sums
from retrieval.wording import terms, words

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU

_ORDERS = 4


def corpus_bleu(total: Sums) -> float:
    """Read the BLEU of a corpus off its sums, from 0 to 1.

    Args:
        total: Matching n-grams by length, all n-grams by length, words, words of the reference.
    """
    from sacrebleu.metrics.bleu import BLEU

    matched, possible = list(map(int, total[:_ORDERS])), list(map(int, total[_ORDERS:-2]))
    score = BLEU.compute_bleu(matched, possible, int(total[-2]), int(total[-1]), smooth_method="exp").score
    # Rounding can leave a hair above 100.
    return min(score / 100, 1.0)


MEASURES = (
    Measure(
        name="BLEU",
        group="rewriting",
        meaning="n-grams shared with a person's rewrite, over all turns (sacrebleu: 13a, cased; Post 2018).",
        value=corpus_bleu,
    ),
    Measure(
        name="ROUGE-L",
        group="rewriting",
        meaning="F1 of the longest common run of words, gaps allowed (Lin 2004).",
    ),
    Measure(
        name="rewrite exact match",
        group="rewriting",
        meaning="Share of questions that read word for word as a person's rewrite.",
    ),
    Measure(
        name="entities filled in",
        group="rewriting",
        meaning="Of the content words that the person's rewrite adds to the question, the share added.",
    ),
    Measure(
        name="stand-alone changed",
        group="rewriting",
        meaning="Share of the questions that a person left alone that were changed.",
        higher_is_better=False,
    ),
)


def rewriting_scores(question: str, rewrite: str, understood_as: str, language: str | None = "en") -> Scores:
    """Score how a question was understood.

    BLEU keeps sacrebleu's default, case-sensitive with the tokens of mteval-v13a. Entities are the content
    words, since names in CANARD may be in lower case: stems of what is no function word and stands in the
    rewrite, but not in the question.

    Args:
        question: The question as asked.
        rewrite: A person's rewrite that stands alone.
        understood_as: The system's rewrite.
        language: The language of all three, for stems and function words.
    """
    asked, expected, given = _lowered(question), _lowered(rewrite), _lowered(understood_as)
    scores: dict[str, Sums] = {
        "BLEU": _bleu_sums(understood_as, rewrite),
        "ROUGE-L": (rouge_l(given, expected), 1.0),
        "rewrite exact match": (float(given == expected), 1.0),
    }
    wanted = set(terms(rewrite, language)) - set(terms(question, language))
    if wanted:
        found = wanted & set(terms(understood_as, language))
        scores["entities filled in"] = (float(len(found)), float(len(wanted)))
    if asked == expected:
        scores["stand-alone changed"] = (float(given != asked), 1.0)
    return scores


def rouge_l(given: Sequence[str], expected: Sequence[str]) -> float:
    """Give the F1 of the longest common subsequence (Lin 2004, https://aclanthology.org/W04-1013, beta 1)."""
    if not given or not expected:
        return float(list(given) == list(expected))
    lengths = [0] * (len(expected) + 1)
    for word in given:
        diagonal = 0
        for place, other in enumerate(expected, start=1):
            above = lengths[place]
            lengths[place] = diagonal + 1 if word == other else max(above, lengths[place - 1])
            diagonal = above
    return 2 * lengths[-1] / (len(given) + len(expected))


def _lowered(text: str) -> list[str]:
    return [word.text.lower() for word in words(text)]


def _bleu_sums(given: str, expected: str) -> Sums:
    score = _bleu().corpus_score([given], [[expected]])
    return (*map(float, (*score.counts, *score.totals, score.sys_len, score.ref_len)),)


@cache
def _bleu() -> "BLEU":
    from sacrebleu.metrics.bleu import BLEU

    return BLEU()
