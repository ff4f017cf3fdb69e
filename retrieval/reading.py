"""Choose the sentences that answer a question: the one seam where a trained reader can stand in.

What counts: whose words they are, where they were said, the question's words and names, the kind of
answer that is asked for (a number of the right thing, a time, a place, a person), and similarity.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from retrieval.answer_types import holds_answer
from retrieval.coverage import Coverage, Rarity
from retrieval.datatypes import Passage
from retrieval.embedding import Embedder
from retrieval.kept_vectors import KeptVectors
from retrieval.matching import WordMeaning, in_english, is_name, match
from retrieval.passages import Span
from retrieval.query import Kind, Query
from retrieval.sentences import Sentence
from retrieval.signals import grade_names, grade_setting, grade_speaker
from retrieval.translation import gloss
from retrieval.wording import Word, fold, term

# How many sentences are read closely for a question, and of how many the vectors are kept.
_READ, _SENTENCES_KEPT = 16, 10_000
# What is kept beside the best sentence must be nearly as good.
# Beside a sentence that holds the kind of answer asked for, one that barely does is dropped.
_KEEP_KIND = 0.6
_KEEP, _KEEP_FIGURES = 0.85, 0.7
# From here on a word of the question is said by the sentence itself.
_SAID = 0.4
_ENOUGH_KIND = {Kind.QUANTITY: 0.4, Kind.DURATION: 0.8, Kind.TIME: 1.0, Kind.PLACE: 0.8, Kind.PERSON: 0.7}
# The part of a score that each signal has. The first three stand to each other as a logistic regression
# on 300 questions of SQuAD 2.0 found; in a language that the embedder does not know, similarity says nothing.
_WEIGHTS = {"covered": 0.32, "similarity": 0.45, "kind": 0.1, "weakest": 0.08, "setting": 0.05}
_WEIGHTS_WITHOUT_SIMILARITY = {"covered": 0.65, "kind": 0.1, "weakest": 0.15, "setting": 0.1}
_ENOUGH, _ENOUGH_FOR_KIND = 0.6, 0.57
# Of a description a sentence holds one fact, and not all names. What is enough was chosen on 100 development
# queries of MultiHop-RAG.
_ENOUGH_OF_A_DESCRIPTION = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What speaks for a sentence, each from 0 to 1.

    `speaker`, `setting` and `names` tell whether it is about whom and where the question asks; `covered`
    is the share of the question's words it holds, `weakest` the match of the one it holds least;
    `kind` is whether it holds the kind of answer; `similarity` the cosine of its vector with the question's.
    """

    speaker: float
    setting: float
    names: float
    covered: float
    weakest: float
    kind: float
    similarity: float
    is_comparable: bool = True

    @property
    def score(self) -> float:
        """All signals in one number."""
        weights = _WEIGHTS if self.is_comparable else _WEIGHTS_WITHOUT_SIMILARITY
        return sum(weight * float(getattr(self, name)) for name, weight in weights.items())


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that answers, and how well: higher is better.

    `span` is the place in the article, within the sentence, of the words that answer; None where only the
    whole sentence does.
    """

    sentence: Sentence
    score: float
    span: Span | None = None


class SentenceChooser(Protocol):
    """Anything that chooses the sentences that answer a question."""

    def read(
        self, query: Query, stories: Sequence[Sequence[Sentence]], evidence: Sequence[Passage]
    ) -> list[Finding]:
        """Find the sentences in the evidence that answer, best first; none when nothing does.

        Args:
            query: The question, read.
            stories: The articles of the evidence, each with all its sentences in order.
            evidence: The passages to look in.
        """


class SentenceReader:
    """Grades sentences against a question by rules; nothing in it was trained."""

    def __init__(
        self,
        embedder: Embedder,
        rarity: Rarity,
    ) -> None:
        self._vectors = KeptVectors(embedder, limit=_SENTENCES_KEPT)
        self._rarity = rarity
        self._meaning = WordMeaning(embedder)

    def read(
        self, query: Query, stories: Sequence[Sequence[Sentence]], evidence: Sequence[Passage]
    ) -> list[Finding]:
        """Find the sentences in the evidence that answer, best first; none when nothing does."""
        if not (query.topic or query.speaker or query.setting):
            return []
        story = [sentence for sentences in stories for sentence in sentences]
        candidates = candidates_in(story, evidence)
        graded = [pair for pair in self.grade(query, story, candidates) if answers(query, pair[1])]
        best_kind = max((signals.kind for _, signals in graded), default=0.0)
        findings = [
            Finding(story[place], signals.score)
            for place, signals in graded
            if signals.kind >= _KEEP_KIND * best_kind
        ]
        findings.sort(key=lambda finding: -finding.score)
        # Figures that differ have to be seen side by side.
        keep = _KEEP_FIGURES if query.kind is Kind.QUANTITY else _KEEP
        return [finding for finding in findings if finding.score >= keep * findings[0].score]

    def grade(
        self, query: Query, story: Sequence[Sentence], candidates: Sequence[int]
    ) -> list[tuple[int, Signals]]:
        """Gather what speaks for each of the candidates that hold most of the question's words."""
        coverage = Coverage(query, self._rarity)
        rough = [
            (
                -grade_speaker(query, story[place]),
                -coverage.grade(story, place)[0],
                place,
            )
            for place in candidates
        ]
        best = [place for *_, place in sorted(rough)[:_READ]]
        if not best:
            return []
        self._learn(query, [story[place] for place in best])
        asked = gloss(query.text, query.language)
        vectors = self._vectors.embed([asked, *(story[place].english for place in best)])
        similar = vectors[1:] @ vectors[0]
        return [
            (place, self._signals(query, story, place, coverage, float(cosine)))
            for place, cosine in zip(best, similar, strict=True)
        ]

    def _signals(
        self,
        query: Query,
        story: Sequence[Sentence],
        place: int,
        coverage: Coverage,
        cosine: float,
    ) -> Signals:
        sentence = story[place]
        covered, weakest = coverage.grade(story, place, self._meaning)
        kind = holds_answer(query, sentence, self._is_counted)
        if query.kind is Kind.QUANTITY and not says_of_counted(query, sentence, self._meaning):
            kind = 0.0
        return Signals(
            speaker=grade_speaker(query, sentence),
            setting=grade_setting(query, story, place),
            names=grade_names(query, story, place, coverage.forms),
            covered=covered,
            weakest=weakest,
            kind=kind,
            similarity=max(0.0, cosine),
            is_comparable=self._meaning.knows(query.language)
            and self._meaning.knows(sentence.article.language),
        )

    def _learn(self, query: Query, sentences: Sequence[Sentence]) -> None:
        """Embed the words that will be compared by meaning: those of languages the embedder knows."""
        if not self._meaning.knows(query.language):
            return
        held = {word for sentence in sentences if self._meaning.knows(sentence.article.language)
                for word in sentence.english_words if word.isalpha()}  # fmt: skip
        asked = [form for word in query.topic for form in in_english(word, query.language)]
        self._meaning.learn([*asked, *sorted(held)])

    def _is_counted(self, asked: Word, word: Word, code: str | None) -> bool:
        """Tell whether a word of a sentence is what a quantity is asked of."""
        return is_same_form(asked, word, code) or (
            self._meaning.nearness(asked.text.lower(), [word.text.lower()]) >= 0.5
        )


def is_same_form(asked: Word, word: Word, code: str | None) -> bool:
    """Tell whether a word of a question and one of a sentence in a language are the same."""
    return term(asked.text, code) == term(word.text, code) or fold(asked.text) == fold(word.text)


def says_of_counted(query: Query, sentence: Sentence, meaning: WordMeaning | None = None) -> bool:
    """Tell whether a sentence says what the question asks of what is counted: killed, not only sent."""
    placed = {word for _, word in query.places}
    said = [
        word for word in query.topic if word not in query.counted and word not in placed and not is_name(word)
    ]
    return not said or any(match(word, query, sentence, meaning) >= _SAID for word in said)


def candidates_in(story: Sequence[Sentence], evidence: Sequence[Passage]) -> list[int]:
    """Find the places of the whole sentences that stand in the passages, or reach into one."""
    held: defaultdict[str, list[Span]] = defaultdict(list)
    for passage in evidence:
        held[passage.article_id].append((passage.start, passage.end))
    return [
        place
        for place, sentence in enumerate(story)
        if any(sentence.start < high and low < sentence.end for low, high in held[sentence.article.id])
        and sentence.is_whole
    ]


def asks_for_all(query: Query) -> bool:
    """Tell whether all words of somebody are asked for: there is nothing for them to be like."""
    return bool(query.speaker) and not query.topic and query.kind is Kind.STATEMENT


def answers(query: Query, signals: Signals) -> bool:
    """Decide whether a sentence with these signals answers the question."""
    if signals.speaker < 1.0 or signals.setting < 0.6:
        return False
    if query.is_description:
        return signals.score >= _ENOUGH_OF_A_DESCRIPTION
    return (
        signals.names >= 0.7
        and signals.kind >= _ENOUGH_KIND.get(query.kind, 0.0)
        and (
            asks_for_all(query)
            or signals.score >= (_ENOUGH_FOR_KIND if query.kind in _ENOUGH_KIND else _ENOUGH)
        )
    )
