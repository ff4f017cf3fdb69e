"""Hold what came back for one turn against what was expected of it, by every measure that applies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.datatypes import Answer
from bot.evaluation.cases import CaseTurn, Parts
from bot.evaluation.measures import answers, attributions, citations, retrieved, rewriting
from bot.evaluation.measures.attributions import attribution_scores
from bot.evaluation.measures.measure import Measure, Scores, Sums
from bot.evaluation.measures.places_of_evidence import holders
from retrieval.datatypes import Article, Passage, ScoredPassage

MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for module in (
        answers,
        citations,
        retrieved,
        rewriting,
        attributions,
    )
    for measure in module.MEASURES
}
HEADLINE = "right"
# SQuAD counts a right refusal as a match: that says nothing of cases which expect no short answers.
_OF_SHORT_ANSWERS = ("exact match", "token F1")


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows the articles, all passages that could have been found in them, and what sort the cases are."""

    articles: Mapping[str, Article]
    passages: Mapping[str, Sequence[Passage]]
    expects_short_answers: bool = False

    def answer(self, turn: CaseTurn, answer: Answer, language: str | None) -> Scores:
        """Score an answer and its citations."""
        scores = {
            **answers.answer_scores(turn, answer, language),
            **citations.citation_scores(turn, answer, self.articles),
        }
        left_out = () if self.expects_short_answers else _OF_SHORT_ANSWERS
        return {name: sums for name, sums in scores.items() if name not in left_out}

    def retrieval(self, turn: CaseTurn, evidence: Sequence[ScoredPassage]) -> Scores:
        """Score a search: by passages where exact evidence is expected, else by articles."""
        if not turn.names_places:
            return {}
        if turn.evidence:
            wanted = [holders(item, self.passages) for item in turn.evidence]
            ranking = [scored.passage.id for scored in evidence]
        else:
            wanted = [frozenset(group) for group in turn.articles]
            ranking = [scored.passage.article_id for scored in evidence]
        return retrieved.retrieval_scores(list(dict.fromkeys(ranking)), wanted)

    def rewriting(self, turn: CaseTurn, understood: str, language: str | None) -> Scores:
        """Score a question that was made to stand alone."""
        if turn.rewrite is None:
            return {}
        return rewriting.rewriting_scores(turn.question, turn.rewrite, understood, language)


def score_attributions(expected: Sequence[Parts], found: Sequence[Parts], text: str) -> Scores:
    """Score who is said to say what."""
    return attribution_scores(expected, found, text)


def worst(scores: Scores) -> Scores:
    """Give the same measures the worst that they can be, for a turn that crashed."""
    return {name: _worst(MEASURES[name], sums) for name, sums in scores.items()}


def _worst(measure: Measure, sums: Sums) -> Sums:
    # What the sums of a measure of many parts count as possible, no worse value changes.
    if len(sums) != 2:
        return sums
    return (0.0, sums[1]) if measure.higher_is_better else (sums[1], sums[1])
