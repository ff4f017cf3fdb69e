"""Choose the sentences that answer a question: the one seam where a trained reader can stand in.

What counts: whose words they are, where they were said, the question's words and names, the kind of
answer that is asked for (a number of the right thing, a time, a place, a person), and similarity.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.answer_types import holds_answer
from retrieval.attribution import Attribution, attribute
from retrieval.datatypes import Article, Passage
from retrieval.matching import Embed, WordMeaning, exact, same_place, spells
from retrieval.passages import Span
from retrieval.places import PlaceMention, contains, find_places
from retrieval.query import Kind, Query, is_setting
from retrieval.wording import Word, content_words, fold, language_of, term, words


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article with what reading it found; `[start:end]` is its place there."""

    article: Article
    start: int
    end: int
    line: int
    attribution: Attribution | None
    places: tuple[PlaceMention, ...]
    settings: tuple[str, ...]
    terms: frozenset[str]
    folded: frozenset[str]
    lowered: frozenset[str]

    @property
    def text(self) -> str:
        """The words of the sentence."""
        return self.article.text[self.start : self.end]

    @property
    def names(self) -> frozenset[str]:
        """The capitalised words behind the first, folded."""
        return frozenset(
            fold(word.text) for word in words(self.text) if word.is_capitalised and word.start > 0
        )

    @property
    def is_whole(self) -> bool:
        """Whether it ends as a sentence ends; a heading does not."""
        return self.text.rstrip("”\"’»)]")[-1:] in {".", "!", "?", "…", ":", ";"} or self.text.startswith("- ")


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that answers, and how sure that is: from 0 to 1, higher is better."""

    sentence: Sentence
    score: float
    signals: "Signals"


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a sentence, each from 0 to 1."""

    names: float
    covered: float
    covered_alone: float
    kind: float
    similarity: float
    speaker: float
    setting: float

    def row(self) -> list[float]:
        """Write the signals as a row of features."""
        return [self.names, self.covered, self.covered_alone, self.kind, self.similarity]


def read_article(article: Article, spans: Sequence[Span]) -> list[Sentence]:
    """Read all sentences of an article: who speaks, where, in which words."""
    language = language_of(article.language)
    read: list[Sentence] = []
    line = 0
    previous_end = 0
    for (start, end), attribution in zip(spans, attribute(article.text, spans, article.language), strict=True):
        line += "\n" in article.text[previous_end:start]
        previous_end = end
        text = article.text[start:end]
        every = words(text)
        places = find_places(text)
        settings: list[str] = []
        named: list[tuple[str, Word]] = []
        for mention in places:
            in_frame = attribution is None or any(
                low <= start + mention.start < high for low, high in attribution.frame
            )
            named += [(mention.code, word) for word in every if mention.start <= word.start < mention.end]
            if in_frame and not mention.demonym:
                if is_setting(every, mention.start, language, settings, named):
                    settings.append(mention.code)
        read.append(
            Sentence(
                article=article,
                start=start,
                end=end,
                line=line,
                attribution=attribution,
                places=places,
                settings=tuple(settings),
                terms=frozenset(term(word.text, article.language) for word in content_words(text, article.language)),
                folded=frozenset(fold(word.text) for word in every),
                lowered=frozenset(word.text.lower() for word in content_words(text, article.language)),
            )
        )
    return read


# How many sentences are read closely for a question.
_READ = 32
# What is kept beside the best sentence must be nearly as good.
_KEEP = 0.85
_ENOUGH_COVERED = 0.6
_ENOUGH_KIND = {Kind.QUANTITY: 0.4, Kind.DURATION: 1.0, Kind.TIME: 1.0, Kind.PLACE: 0.8, Kind.PERSON: 0.7}


def answers(query: Query, signals: Signals) -> bool:
    """Decide whether a sentence answers the question."""
    return (
        signals.speaker == 1.0
        and signals.setting >= 0.6
        and signals.names >= 0.99
        and signals.kind >= _ENOUGH_KIND.get(query.kind, 0.0)
        and signals.covered >= _ENOUGH_COVERED
        and signals.covered_alone >= 0.3
    )


def score(signals: Signals) -> float:
    """Weigh what speaks for a sentence into one number from 0 to 1."""
    return (
        0.35 * signals.covered
        + 0.2 * signals.covered_alone
        + 0.15 * signals.kind
        + 0.15 * signals.setting
        + 0.15 * signals.similarity
    )


class SentenceReader:
    """Grades sentences against a question by rules; nothing in it was trained."""

    def __init__(self, embed: Embed, rarity: Callable[[Sequence[str]], dict[str, float]]) -> None:
        self._embed = embed
        self._rarity = rarity
        self._meaning = WordMeaning(embed)

    def read(
        self, query: Query, stories: Mapping[str, Sequence[Sentence]], evidence: Sequence[Passage]
    ) -> list[Finding]:
        """Find the sentences in the evidence that answer, best first; none when nothing does.

        Args:
            query: The question, read.
            stories: All sentences of the articles of the evidence, by article id.
            evidence: The passages to look in.
        """
        story = [sentence for sentences in stories.values() for sentence in sentences]
        candidates = [
            place
            for place, sentence in enumerate(story)
            if sentence.is_whole and any(_lies_in(sentence, passage) for passage in evidence)
        ]
        graded = self.grade(query, story, candidates)
        findings = [
            Finding(story[place], score(signals), signals)
            for place, signals in graded
            if answers(query, signals)
        ]
        findings.sort(key=lambda finding: -finding.score)
        return [finding for finding in findings if finding.score >= _KEEP * findings[0].score]

    def grade(
        self, query: Query, story: Sequence[Sentence], candidates: Sequence[int]
    ) -> list[tuple[int, Signals]]:
        """Gather what speaks for each of the candidates that hold most of the question's words."""
        weights = self._weights(query)
        rough = [
            (_speaker(query, story[place]), self._covered(query, story, place, weights)[0], place)
            for place in candidates
        ]
        best = [place for *_, place in sorted(rough, key=lambda row: (-row[0], -row[1], row[2]))[:_READ]]
        if not best:
            return []
        self._learn(query, [story[place] for place in best])
        vectors = self._embed([query.text, *(story[place].text for place in best)])
        similar = vectors[1:] @ vectors[0]
        return [
            (place, self._signals(query, story, place, weights, float(cosine)))
            for place, cosine in zip(best, similar, strict=True)
        ]

    def _signals(
        self,
        query: Query,
        story: Sequence[Sentence],
        place: int,
        weights: Mapping[Word, float],
        cosine: float,
    ) -> Signals:
        sentence = story[place]
        covered, alone = self._covered(query, story, place, weights)
        kind = holds_answer(
            query,
            sentence.text,
            sentence.article.language,
            lambda word: any(self._same(asked, word) for asked in query.counted[-1:]),
            speaks=sentence.attribution is not None,
        )
        return Signals(
            names=self._names(query, story, place),
            covered=covered,
            covered_alone=alone,
            kind=kind,
            similarity=max(0.0, cosine),
            speaker=_speaker(query, sentence),
            setting=_setting(query, story, place),
        )

    def _learn(self, query: Query, sentences: Sequence[Sentence]) -> None:
        asked = [word.text.lower() for word in query.topic]
        held = [word.text.lower() for sentence in sentences for word in content_words(sentence.text, sentence.article.language)]
        self._meaning.learn([*asked, *(word for word in held if word.isalpha())])

    def _same(self, asked: Word, word: Word) -> bool:
        if term(asked.text, "en") == term(word.text, "en") or fold(asked.text) == fold(word.text):
            return True
        return self._meaning.nearness(asked.text.lower(), [word.text.lower()]) >= 0.5

    def _weights(self, query: Query) -> dict[Word, float]:
        rarity = self._rarity([word.text for word in query.topic])
        return {word: rarity[word.text] for word in query.topic}

    def _covered(self, query: Query, story: Sequence[Sentence], place: int, weights: dict[Word, float]) -> tuple[float, float]:
        """Share of the question's topic that the sentence holds, with its context and alone."""
        total = sum(weights.values())
        if not total:
            return 1.0, 1.0
        context = _context(story, place)
        alone = together = 0.0
        for word, weight in weights.items():
            own = self._match(query, word, story[place])
            around = max((self._match(query, word, other, soft=False) for other in context), default=0.0)
            alone += weight * own
            together += weight * max(own, 0.6 * around)
        return together / total, alone / total

    def _match(self, query: Query, word: Word, sentence: Sentence, *, soft: bool = True) -> float:
        codes = [code for code, named in query.places if named == word]
        if codes:
            return float(any(same_place(code, sentence.places) for code in codes))
        grade = exact(word, query, sentence.article.language, sentence.terms, sentence.folded)
        if grade == 1.0 or not soft:
            return grade
        if word.text.isupper() and len(word.text) > 1:
            return float(spells(word.text, sentence.text, sentence.article.language))
        if _is_name(query, word) or not word.text.isalpha():
            return grade
        return max(grade, self._meaning.nearness(word.text.lower(), [w for w in sentence.lowered]))

    def _names(self, query: Query, story: Sequence[Sentence], place: int) -> float:
        """Share of the names of the question that the sentence or what stands before it holds."""
        names = [word for word in query.topic if _is_name(query, word) or any(named == word for _, named in query.places)]
        if not names:
            return 1.0
        near = [story[place], *_context(story, place)]
        held = sum(
            max(self._match(query, name, other) for other in near) for name in names
        )
        return held / len(names)


def _lies_in(sentence: Sentence, passage: Passage) -> bool:
    return (
        sentence.article.id == passage.article_id
        and passage.start < sentence.end
        and sentence.start < passage.end
    )


def _is_name(query: Query, word: Word) -> bool:
    return word.is_capitalised and word.start > 0


def _context(story: Sequence[Sentence], place: int) -> list[Sentence]:
    """Take the two sentences before in the same line, or the last one of the line before."""
    before = [other for other in story[max(0, place - 2) : place] if other.article.id == story[place].article.id]
    return before


def _speaker(query: Query, sentence: Sentence) -> float:
    """Tell whether the sentence reports the words of whom the question asks about."""
    if not query.speaker:
        return 1.0
    if sentence.attribution is None:
        return 0.0
    source = sentence.attribution.source
    hits = [fold(word.text) in source for word in query.speaker]
    last = query.speaker[-1]
    is_place = bool(find_places(" ".join(word.text for word in query.speaker)))
    if last.is_capitalised and not is_place:
        return float(hits[-1])
    return float(sum(hits) / len(hits) >= 0.66)


def _setting(query: Query, story: Sequence[Sentence], place: int) -> float:
    if not query.setting:
        return 1.0
    sentence = story[place]
    grades = []
    for code in query.setting:
        if any(contains(code, own) for own in sentence.settings):
            grades.append(1.0)
        elif not query.speaker and not query.moves and same_place(code, sentence.places):
            grades.append(0.9)
        elif not sentence.settings and any(contains(code, own) for other in _context(story, place) if other.line == sentence.line for own in other.settings):
            grades.append(0.6)
        else:
            grades.append(0.0)
    return min(grades)
