"""Choose the sentences that answer a question: the one seam where a trained reader can stand in.

What counts: whose words they are, where they were said, the question's words and names, the kind of
answer that is asked for (a number of the right thing, a time, a place, a person), and similarity.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from retrieval.answer_types import holds_answer
from retrieval.datatypes import Passage
from retrieval.embedding import Embedder
from retrieval.kept_vectors import KeptVectors
from retrieval.matching import FormMatches, WordMeaning, has_to_stand, in_english, is_name, match, place_match
from retrieval.passages import Span
from retrieval.places import contains
from retrieval.query import Kind, Query
from retrieval.sentences import Sentence, read_title
from retrieval.translation import gloss
from retrieval.wording import Word, fold, language_of, term, words

# So many sentences after the one that states it, a setting still holds.
_CARRIES = 3
# A speaker described and not named, "the foreign policy chief", has to share so much of the description.
_ENOUGH_OF_A_DESCRIPTION = 0.66
# How many sentences are read closely for a question, and of how many the vectors are kept.
_READ, _SENTENCES_KEPT = 16, 10_000
# What is kept beside the best sentence must be nearly as good.
# Beside a sentence that holds the kind of answer asked for, one that barely does is dropped.
_KEEP_KIND = 0.6
_KEEP, _KEEP_FIGURES = 0.85, 0.7
# A word that stands before the sentence counts this much of one that stands in it.
_CONTEXT = 0.7
# From here on a word of the question is said by the sentence itself.
_SAID = 0.4
_ENOUGH_KIND = {Kind.QUANTITY: 0.4, Kind.DURATION: 0.8, Kind.TIME: 1.0, Kind.PLACE: 0.8, Kind.PERSON: 0.7}
# The part of a score that each signal has. The first three stand to each other as a logistic regression
# on 300 questions of SQuAD 2.0 found; in a language that the embedder does not know, similarity says nothing.
_WEIGHTS = {"covered": 0.32, "similarity": 0.45, "kind": 0.1, "weakest": 0.08, "setting": 0.05}
_WEIGHTS_WITHOUT_SIMILARITY = {"covered": 0.65, "kind": 0.1, "weakest": 0.15, "setting": 0.1}
_ENOUGH, _ENOUGH_FOR_KIND = 0.6, 0.57


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
    """A sentence that answers, and how well: higher is better."""

    sentence: Sentence
    score: float


class SentenceReader:
    """Grades sentences against a question by rules; nothing in it was trained."""

    def __init__(
        self,
        embedder: Embedder,
        rarity: Callable[[Sequence[str]], Mapping[str, float]],
    ) -> None:
        self._vectors = KeptVectors(embedder, limit=_SENTENCES_KEPT)
        self._rarity = rarity
        self._meaning = WordMeaning(embedder)

    def read(
        self, query: Query, stories: Sequence[Sequence[Sentence]], evidence: Sequence[Passage]
    ) -> list[Finding]:
        """Find the sentences in the evidence that answer, best first; none when nothing does.

        Args:
            query: The question, read.
            stories: The articles of the evidence, each with all its sentences in order.
            evidence: The passages to look in.
        """
        if not (query.topic or query.speaker or query.setting):
            return []
        story = [sentence for sentences in stories for sentence in sentences]
        held: defaultdict[str, list[Span]] = defaultdict(list)
        for passage in evidence:
            held[passage.article_id].append((passage.start, passage.end))
        candidates = [
            place
            for place, sentence in enumerate(story)
            if any(sentence.start < high and low < sentence.end for low, high in held[sentence.article.id])
            and sentence.is_whole
        ]
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
        weights, forms = self._weights(query), FormMatches(query)
        rough = [
            (-_speaker(query, story[place]), -self._covered(query, story, place, weights, forms)[0], place)
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
            (place, self._signals(query, story, place, weights, forms, float(cosine)))
            for place, cosine in zip(best, similar, strict=True)
        ]

    def _signals(
        self,
        query: Query,
        story: Sequence[Sentence],
        place: int,
        weights: Mapping[Word, float],
        forms: FormMatches,
        cosine: float,
    ) -> Signals:
        sentence = story[place]
        covered, weakest = self._covered(query, story, place, weights, forms, self._meaning)
        kind = holds_answer(query, sentence, self._is_counted)
        if query.kind is Kind.QUANTITY and not self._says_of_counted(query, sentence):
            kind = 0.0
        return Signals(
            speaker=_speaker(query, sentence),
            setting=_setting(query, story, place),
            names=_names(query, story, place, forms),
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

    def _says_of_counted(self, query: Query, sentence: Sentence) -> bool:
        """Tell whether a sentence says what the question asks of what is counted: killed, not only sent."""
        placed = {word for _, word in query.places}
        said = [
            word
            for word in query.topic
            if word not in query.counted and word not in placed and not is_name(word)
        ]
        return not said or any(match(word, query, sentence, self._meaning) >= _SAID for word in said)

    def _is_counted(self, asked: Word, word: Word, code: str | None) -> bool:
        """Tell whether a word of a sentence is what a quantity is asked of."""
        if term(asked.text, code) == term(word.text, code) or fold(asked.text) == fold(word.text):
            return True
        return self._meaning.nearness(asked.text.lower(), [word.text.lower()]) >= 0.5

    def _weights(self, query: Query) -> dict[Word, float]:
        language = language_of(query.language)
        rarity = self._rarity([word.text for word in query.topic])
        # A verb of saying or travelling carries little: any other stands for it.
        light = language.reporting | language.motion | language.light
        return {
            word: rarity[word.text] * (0.4 if word.text.lower() in light else 1.0) for word in query.topic
        }

    def _covered(
        self,
        query: Query,
        story: Sequence[Sentence],
        place: int,
        weights: Mapping[Word, float],
        forms: FormMatches,
        meaning: WordMeaning | None = None,
    ) -> tuple[float, float]:
        """Grade the share of the topic that the sentence and its context hold, and its weakest word."""
        total = sum(weights.values())
        if not total:
            return 1.0, 1.0
        context = context_of(story, place)
        grades = {
            word: max(
                match(word, query, story[place], meaning) if meaning else forms.grade(word, story[place]),
                *(_CONTEXT * forms.grade(word, other) for other in context),
                0.0,
            )
            for word in weights
        }
        share = sum(weight * grades[word] for word, weight in weights.items()) / total
        heaviest = max(weights.values())
        weakest = min(1.0 - (1.0 - grades[word]) * weight / heaviest for word, weight in weights.items())
        return share, weakest


def answers(query: Query, signals: Signals) -> bool:
    """Decide whether a sentence with these signals answers the question."""
    # "What did she say?" asks for all her words: there is nothing for them to be like.
    says_all = bool(query.speaker) and not query.topic and query.kind is Kind.STATEMENT
    return (
        signals.speaker == 1.0
        and signals.setting >= 0.6
        and signals.names >= 0.7
        and signals.kind >= _ENOUGH_KIND.get(query.kind, 0.0)
        and (says_all or signals.score >= (_ENOUGH_FOR_KIND if query.kind in _ENOUGH_KIND else _ENOUGH))
    )


def context_of(story: Sequence[Sentence], place: int) -> list[Sentence]:
    """Take the title and the two sentences before, which a pronoun can point to."""
    article = story[place].article
    before = [other for other in story[max(0, place - 2) : place] if other.article is article]
    return [read_title(article), *before]


def _names(query: Query, story: Sequence[Sentence], place: int, forms: FormMatches) -> float:
    """Grade the worst of the names and places asked about: in the sentence, or taken up from before it.

    A country that stands only before a sentence which names another one is not what that is about.
    """
    sentence, context = story[place], context_of(story, place)
    asked = {code for code, _ in query.places} | set(query.setting)
    others = [
        mention
        for mention in sentence.places
        if not (mention.code.isdigit() or mention.code == "EU")
        and not any(contains(code, mention.code) or contains(mention.code, code) for code in asked)
    ]
    text = fold(sentence.text)
    worst = float(all(fold(phrase) in text for phrase in query.phrases))
    source = sentence.attribution.source if sentence.attribution else frozenset()
    for code, word in query.places:
        own = max(place_match(code, sentence.places), float(fold(word.text) in source))
        worst = min(worst, max(own, 0.0 if others else _place_before(code, story, place)))
    placed = {word for _, word in query.places}
    for word in query.topic:
        if word not in placed and has_to_stand(word, query):
            own = forms.grade(word, sentence)
            before = max((forms.grade(word, other) for other in context), default=0.0)
            worst = min(worst, max(own, float(fold(word.text) in source), 0.8 * before))
    return worst


def _place_before(code: str, story: Sequence[Sentence], place: int) -> float:
    """Grade a place that stands before a sentence; what the title names, a sentence need not be about."""
    before = context_of(story, place)[1:]
    return 0.8 * max((place_match(code, other.places) for other in before), default=0.0)


def _speaker(query: Query, sentence: Sentence) -> float:
    """Tell whether the sentence reports the words of whom the question asks about."""
    if not query.speaker:
        return 1.0
    if sentence.attribution is None:
        return 0.0
    source = sentence.attribution.source
    hits = [fold(word.text) in source for word in query.speaker]
    asked = {code for code, word in query.named_places if word in query.speaker}
    if asked:
        only_places = all(word in {named for _, named in query.named_places} for word in query.speaker)
        return float(all(hits) or (only_places and _speaks_for(asked, sentence, source)))
    if query.speaker[-1].is_capitalised:
        return float(hits[-1])
    return float(sum(hits) / len(hits) >= _ENOUGH_OF_A_DESCRIPTION)


def _setting(query: Query, story: Sequence[Sentence], place: int) -> float:
    """Grade the worst of the settings asked about: stated, only named, or carried over from before."""
    return min((_one_setting(code, query, story, place) for code in query.setting), default=1.0)


def _one_setting(code: str, query: Query, story: Sequence[Sentence], place: int) -> float:
    sentence = story[place]
    if any(contains(code, own) for own in sentence.settings):
        return 1.0
    if not query.speaker and not query.moves:
        own = place_match(code, sentence.places)
        return 0.9 * max(own, 0.0 if sentence.places else _place_before(code, story, place))
    article = [other for other in story if other.article is sentence.article]
    named = any(mention.code == code for other in article for mention in other.places)
    if named and any(contains(own, code) for own in sentence.settings):
        return 0.7
    # What somebody goes on to say is said in the same place, until the text turns elsewhere.
    for other in reversed(story[max(0, place - _CARRIES) : place]):
        if other.article is not sentence.article or sentence.settings or sentence.has_own_time:
            return 0.0
        if any(contains(code, own) for own in other.settings):
            return 0.6 if _same_speaker(other, sentence) or other.line == sentence.line else 0.0
        if other.settings:
            return 0.0
    # An article that tells of one place only tells of that place throughout.
    dateline = [own for own in article[0].settings if article[0].text[:4].isupper()][:1]
    everywhere = dateline or [own for other in article for own in other.settings]
    return 0.6 if everywhere and all(contains(code, own) for own in everywhere) else 0.0


def _speaks_for(asked: set[str], sentence: Sentence, source: frozenset[str]) -> bool:
    """Tell whether the source is a country asked about under another name: "Moscow" is Russia."""
    countries = {code.partition("/")[0] for code in asked}
    return any(
        mention.code.partition("/")[0] in countries
        and all(fold(word.text) in source for word in words(sentence.text[mention.start : mention.end]))
        for mention in sentence.places
    )


def _same_speaker(one: Sentence, other: Sentence) -> bool:
    return bool(one.attribution and other.attribution and one.attribution.source & other.attribution.source)
