"""Look for an answer with the trained reader where the rules find none."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answer_types import fits, holds_answer
from retrieval.coverage import Coverage, Rarity
from retrieval.datatypes import Passage
from retrieval.errors import ReaderError
from retrieval.passages import Span
from retrieval.query import Kind, Query
from retrieval.reader_model import Reader, Reading
from retrieval.reading import (
    Finding,
    SentenceReader,
    candidates_in,
    is_same_form,
    says_of_counted,
)
from retrieval.sentences import Sentence
from retrieval.signals import grade_names, grade_setting, grade_speaker
from retrieval.windows import StoryWindow, windows_around

_LOG = logging.getLogger("footnote.reading")
# How many sentences are chosen by their words for windows to be cut around them.
_READ = 16
_TYPED = {Kind.QUANTITY, Kind.DURATION, Kind.TIME, Kind.PLACE, Kind.PERSON}
# The weight of each signal: a logistic regression over the sentences that were read for the questions of two
# fixtures, those of `real_cases.jsonl` that are tagged "half: tune" and `news_cases.jsonl`, as
# `bot/evaluation/judging.py` prints it; the threshold is theirs too.
SIGNALS = {
    "margin": 0.18,
    "gap": 1.32,
    "covered": 1.69,
    "weakest": 0.78,
    "names": 0.46,
    "setting": 0.39,
    "kind": 1.58,
    "fits": 0.99,
    "fits_kind": 0.43,
    "is_typed": -0.78,
    "is_statement": 1.14,
}
_BIAS = -3.78
# Logits are of another size than the rest, and say no more beyond these.
_LOGITS, _MARGIN, _GAP = 5.0, (-12.0, 12.0), (-15.0, 0.0)
# Less likely than this, the best sentence is no answer: so the reader adds answers, and hardly any wrong one.
# Beside it stand those half as likely.
_SURE, _KEEP = 0.5, 0.5
# What no likelihood makes up for.
_SETTING, _NAMES = 0.6, 0.4
# What a number counts for in a sentence that says something else of what is counted.
_OTHER = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSignals:
    """What speaks for a sentence once it was read closely.

    `margin` is the reader's for the sentence's best span, in five logits; `gap` what it lacks to the best of
    all sentences, 0 or less; `is_typed` tells whether the question asks for a kind of thing, `fits` whether
    the span is one; `is_statement` whether it asks for somebody's words. The others are as in `Signals`.
    """

    speaker: float
    setting: float
    names: float
    covered: float
    weakest: float
    kind: float
    margin: float
    gap: float
    fits: float
    is_typed: float
    is_statement: float

    @property
    def fits_kind(self) -> float:
        """Whether both the span and its sentence hold the kind of answer."""
        return self.fits * self.kind

    @property
    def score(self) -> float:
        """How likely the sentence answers, from 0 to 1."""
        logit = _BIAS + sum(weight * float(getattr(self, name)) for name, weight in SIGNALS.items())
        return 1.0 / (1.0 + math.exp(-logit))

    @property
    def may_answer(self) -> bool:
        """Whether it is about whom and where the question asks."""
        return self.speaker == 1.0 and self.setting >= _SETTING and self.names >= _NAMES


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence by its place in the story, the span in it that answers best, and what speaks for it."""

    place: int
    span: Span
    signals: CloseSignals


class CloseReader:
    """Goes by the rules; where they find no answer, reads the likeliest sentences and judges which answer."""

    def __init__(self, reader: Reader, by_rules: SentenceReader, rarity: Rarity) -> None:
        """Take the trained reader, what is asked before it, and what tells how rare words are."""
        self._reader: Reader | None = reader
        self._by_rules = by_rules
        self._rarity = rarity

    def read(
        self, query: Query, stories: Sequence[Sequence[Sentence]], evidence: Sequence[Passage]
    ) -> list[Finding]:
        """Find the sentences in the evidence that answer, best first; none when nothing does."""
        findings = self._by_rules.read(query, stories, evidence)
        if findings or self._reader is None or not (query.topic or query.speaker or query.setting):
            return findings
        story = [sentence for sentences in stories for sentence in sentences]
        try:
            judged = self.judge(query, story, candidates_in(story, evidence))
        except ReaderError as error:
            _LOG.warning("%s Until then, answers are chosen by rules alone.", error)
            self._reader = None
            return []
        scored = [(one.signals.score, one) for one in judged if one.signals.may_answer]
        scored.sort(key=lambda pair: -pair[0])
        best = scored[0][0] if scored else 0.0
        if best < _SURE:
            return []
        return [Finding(story[one.place], score, one.span) for score, one in scored if score >= _KEEP * best]

    def judge(self, query: Query, story: Sequence[Sentence], candidates: Sequence[int]) -> list[Judged]:
        """Read the candidates that hold most of the question's words, and their neighbours.

        Raises:
            ReaderError: The trained reader cannot be run.
        """
        assert self._reader is not None
        coverage = Coverage(query, self._rarity)
        rough = [
            (-grade_speaker(query, story[place]), -coverage.grade(story, place)[0], place)
            for place in candidates
        ]
        windows = windows_around(story, [place for *_, place in sorted(rough)[:_READ]])
        read = self._reader.read(query.text, [window.window for window in windows])
        best = _best_by_place(windows, read)
        top = max((reading.margin for _, reading in best.values()), default=0.0)
        is_typed = query.kind in _TYPED
        judged: list[Judged] = []
        for place in sorted(best.keys() & set(candidates)):
            offset, reading = best[place]
            sentence = story[place]
            covered, weakest = coverage.grade(story, place)
            span = offset + reading.start, offset + reading.end
            signals = CloseSignals(
                speaker=grade_speaker(query, sentence),
                setting=grade_setting(query, story, place),
                names=grade_names(query, story, place, coverage.forms),
                covered=covered,
                weakest=weakest,
                kind=_kind(query, sentence),
                margin=_scaled(reading.margin, _MARGIN),
                gap=_scaled(reading.margin - top, _GAP),
                fits=float(
                    is_typed and fits(query, sentence.article.text[slice(*span)], sentence.article.language)
                ),
                is_typed=float(is_typed),
                is_statement=float(bool(query.speaker) and query.kind is Kind.STATEMENT),
            )
            judged.append(Judged(place, span, signals))
        return judged


def _kind(query: Query, sentence: Sentence) -> float:
    """Grade whether a sentence holds the kind of answer, by the forms of its words."""
    grade = holds_answer(query, sentence, is_same_form)
    is_other = query.kind is Kind.QUANTITY and not says_of_counted(query, sentence)
    return _OTHER * grade if is_other else grade


def _best_by_place(
    windows: Sequence[StoryWindow], read: Sequence[Sequence[Reading]]
) -> dict[int, tuple[int, Reading]]:
    """Take the best reading of each sentence over the windows it stands in, and where its window starts."""
    best: dict[int, tuple[int, Reading]] = {}
    for window, readings in zip(windows, read, strict=True):
        for place, reading in zip(window.places, readings, strict=True):
            if math.isfinite(reading.margin) and (
                place not in best or reading.margin > best[place][1].margin
            ):
                best[place] = window.start, reading
    return best


def _scaled(logits: float, limits: tuple[float, float]) -> float:
    return min(max(logits, limits[0]), limits[1]) / _LOGITS
