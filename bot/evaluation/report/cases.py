"""What the report shows of each case: what was asked, expected and given, side by side."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from bot.evaluation.cases import Case, CaseTurn
from bot.evaluation.measures.measure import Measure
from bot.evaluation.measures.places_of_evidence import holders
from bot.evaluation.report import words
from bot.evaluation.report.attributions import AttributionView, attribution_views
from bot.evaluation.report.expectations import (
    SHOWN,
    Expected,
    basis_of,
    expectations,
    passage_of,
    passages_by_article,
    place_of_words,
    shortened,
)
from retrieval.datatypes import Passage

Record = Mapping[str, Any]

# How much is shown around a quote, in characters.
_AROUND = 240
# A cut passage reads better without empty lines.
_BREAKS = re.compile(r"[ \t]*\n\s*")
_MARK = re.compile(r"(\[\d+\])")
_CRASHED, _WRONG, _PARTLY, _RIGHT, _UNSCORED = "crashed", "wrong", "partly right", "right", "not scored"
OUTCOMES = (_CRASHED, _WRONG, _PARTLY, _RIGHT, _UNSCORED)
FAILED = {_CRASHED, _WRONG}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, marked or not; `is_answering` those within an answer or a quote that answer."""

    text: str
    is_marked: bool = False
    is_answering: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """A quote in the passage that it was taken from, and the article that this is from."""

    number: int
    title: str
    source: str
    url: str | None
    pieces: tuple[Piece, ...]
    stands: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageView:
    """A passage that was found, and whether the expected evidence is in it."""

    rank: int
    article: str
    score: str
    pieces: tuple[Piece, ...]
    is_expected: bool
    is_quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """What a turn is worth by one measure."""

    name: str
    meaning: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """A question with what was expected of its answer, and what was given."""

    question: str
    understood_as: str | None
    outcome: str
    status: str
    answer: tuple[Piece, ...] = ()
    error: str | None = None
    rewrite: tuple[tuple[Piece, ...], tuple[Piece, ...]] | None = None
    expected: tuple[Expected, ...] = ()
    quotes: tuple[QuoteView, ...] = ()
    passages: tuple[PassageView, ...] = ()
    basis: str = ""
    recorded: str | None = None
    is_judged: bool = True
    scores: tuple[ScoreView, ...] = ()
    seconds: tuple[words.Fact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as the page shows it; `value` orders those of the same outcome, the worst first."""

    number: int
    id: str
    title: str
    outcome: str
    value: float
    slices: tuple[str, ...]
    turns: tuple[TurnView, ...]
    attributions: tuple[AttributionView, ...] = ()
    statuses: tuple[str, ...] = field(default=())

    @property
    def is_failed(self) -> bool:
        """Whether it belongs to those that a reader wants to see first."""
        return self.outcome in FAILED


def outcome_of(records: Sequence[Record], measures: Mapping[str, Measure]) -> tuple[str, float]:
    """Judge turns together by the measure that a run is told by: the worst decides."""
    judged = []
    for record in records:
        scores = record["scores"]
        if "error" in record:
            judged.append((_CRASHED, 0.0))
        elif scores:
            name = words.lead(scores)
            value = measures[name].value(tuple(scores[name]))
            value = value if measures[name].higher_is_better else 1 - value
            judged.append((_WRONG if value <= 0 else _RIGHT if value >= 1 else _PARTLY, value))
    return min(judged, key=lambda found: (OUTCOMES.index(found[0]), found[1]), default=(_UNSCORED, 1.0))


def case_view(
    number: int, case: Case, records: Sequence[Record], measures: Mapping[str, Measure]
) -> CaseView:
    """Put together what is shown of a case that was answered."""
    outcome, value = outcome_of(records, measures)
    turns = tuple(
        turn_view(case.turns[record["turn"]] if case.turns else None, record, measures) for record in records
    )
    culprit = next((turn for turn in turns if turn.outcome == outcome), turns[-1])
    slices = [name for record in records for name in case.slices(record["turn"])]
    return CaseView(
        number=number,
        id=case.id,
        title=culprit.question or shortened(case.text or case.id, 120),
        outcome=outcome,
        value=value,
        slices=tuple(dict.fromkeys(slices)),
        turns=turns,
        attributions=attribution_views(case, records[0].get("found", ())) if case.text is not None else (),
        statuses=tuple(dict.fromkeys(turn.status for turn in turns if turn.status)),
    )


def turn_view(turn: CaseTurn | None, record: Record, measures: Mapping[str, Measure]) -> TurnView:
    """Put together what is shown of one turn."""
    question, understood = record["question"], record.get("understood_as")
    rewrite = turn.rewrite if turn else None
    seconds = record.get("seconds", {})
    is_judged = bool(record["scores"]) or "error" in record
    return TurnView(
        question=question,
        understood_as=understood if understood != question else None,
        outcome=outcome_of([record], measures)[0],
        status=_status(record),
        answer=tuple(marked_answer(record.get("answer", ""), record.get("citations", ()))),
        error=record.get("error"),
        rewrite=differences(rewrite, understood or "") if rewrite else None,
        expected=tuple(expectations(turn, record)) if turn else (),
        quotes=tuple(_quote_view(citation, record["evidence"]) for citation in record.get("citations", ())),
        # What was found for a question that only leads up to others tells nothing.
        passages=tuple(_passage_views(turn, record)) if is_judged else (),
        basis=basis_of(turn),
        recorded=turn.answer if turn else None,
        is_judged=is_judged,
        scores=tuple(score_views(record["scores"], measures)),
        seconds=tuple(words.Fact(step, words.seconds(taken)) for step, taken in seconds.items()),
    )


def score_views(
    scores: Mapping[str, Sequence[float]], measures: Mapping[str, Measure]
) -> Iterable[ScoreView]:
    """Read off what a turn is worth by each measure, in the measures' order."""
    for name, measure in measures.items():
        if name in scores:
            value = words.figure(measure.value(tuple(scores[name])), measure)
            yield ScoreView(name=name, meaning=measure.meaning, value=value)


def marked_answer(answer: str, citations: Iterable[Record] = ()) -> list[Piece]:
    """Cut an answer at its footnote marks and at the words that answer in what it quotes."""
    pieces: list[Piece] = []
    reached = 0
    for start, end in sorted(_answering_places(answer, citations)):
        if start >= reached:
            pieces += [*_at_marks(answer[reached:start]), Piece(answer[start:end], is_answering=True)]
            reached = end
    return [*pieces, *_at_marks(answer[reached:])]


def marked(
    text: str, start: int, end: int, around: int, place: Sequence[Piece] | None = None
) -> tuple[Piece, ...]:
    """Mark a place in a text, or show it in pieces, with so many characters around it, cut at words."""
    begin, finish = max(0, start - around), min(len(text), end + around)
    before, after = text[begin:start], text[end:finish]
    if begin:
        before = "… " + before.partition(" ")[2]
    if finish < len(text):
        after = after.rpartition(" ")[0] + " …"
    pieces = (Piece(before), *(place or [Piece(text[start:end], True)]), Piece(after))
    return tuple(replace(piece, text=_BREAKS.sub("\n", piece.text)) for piece in pieces if piece.text)


def differences(expected: str, given: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Mark the words of two texts that the other lacks."""
    theirs, ours = expected.split(), given.split()
    blocks = SequenceMatcher(None, [word.casefold() for word in theirs], [word.casefold() for word in ours],
                             autojunk=False).get_opcodes()  # fmt: skip
    sides = ([Piece(" ".join(theirs[a:b]), tag != "equal") for tag, a, b, _, _ in blocks if b > a],
             [Piece(" ".join(ours[c:d]), tag != "equal") for tag, _, _, c, d in blocks if d > c])  # fmt: skip
    return tuple(sides[0]), tuple(sides[1])


def safe_url(url: str | None) -> str | None:
    """Let an address be a link only where it leads to a web page."""
    return url if url and re.match(r"https?://", url, re.IGNORECASE) else None


def _at_marks(text: str) -> list[Piece]:
    return [Piece(part, bool(_MARK.fullmatch(part))) for part in _MARK.split(text) if part]


def _answering_places(answer: str, citations: Iterable[Record]) -> Iterable[tuple[int, int]]:
    for cited in citations:
        at = answer.find(cited["quote"])
        if at >= 0 and (place := cited.get("marked")):
            yield at + place[0] - cited["start"], at + place[1] - cited["start"]


def _quote_pieces(quote: str, citation: Record) -> tuple[Piece, ...]:
    """Mark a quote, and in it the words that answer."""
    if not citation.get("marked"):
        return (Piece(quote, True),)
    low, high = (place - citation["start"] for place in citation["marked"])
    pieces = Piece(quote[:low], True), Piece(quote[low:high], True, True), Piece(quote[high:], True)
    return tuple(piece for piece in pieces if piece.text)


def _status(record: Record) -> str:
    if "error" in record:
        return "crashed"
    shown = {"answered": "answered", "not_covered": "refused", "conversation": "small talk"}
    return shown.get(record.get("status") or "", "")


def _quote_view(citation: Record, evidence: Sequence[Record]) -> QuoteView:
    start, end, quote = citation["start"], citation["end"], citation["quote"]
    holding = next((item for item in evidence if _quote_in(passage_of(item), [citation])), None)
    pieces = _quote_pieces(quote, citation)
    stands = None
    if holding is not None:
        within = start - holding["start"], end - holding["start"]
        stands = holding["text"][slice(*within)] == quote
        pieces = marked(holding["text"], *within, _AROUND, pieces) if stands else pieces
    about = (citation.get("publisher"), (citation.get("published") or "")[:10], citation.get("language"))
    return QuoteView(
        number=citation["number"],
        title=citation["title"] or citation["article_id"],
        source=" · ".join(part for part in about if part),
        url=safe_url(citation.get("url")),
        pieces=pieces,
        stands=stands,
    )


def _passage_views(turn: CaseTurn | None, record: Record) -> Iterable[PassageView]:
    """Show the passages that were found, best first, and which of them hold what was expected."""
    by_article = passages_by_article(record)
    holding = {passage for item in (turn.evidence if turn else ()) for passage in holders(item, by_article)}
    named = {article for group in (turn.articles if turn else ()) for article in group}
    basis = basis_of(turn)
    for rank, item in enumerate(record.get("evidence", ()), start=1):
        passage = passage_of(item)
        place = place_of_words(turn, passage.text) if turn else None
        is_expected = {
            "evidence": passage.id in holding,
            "words": place is not None,
            "article": passage.article_id in named,
        }.get(basis, False)
        quoted = _quote_in(passage, record.get("citations", ()))
        if place is None and quoted is not None:
            place = quoted["start"] - passage.start, quoted["end"] - passage.start
        yield PassageView(
            rank=rank,
            article=passage.article_id,
            score=f"{item['score']:.2f}",
            pieces=marked(passage.text, *place, SHOWN // 2)
            if place
            else (Piece(shortened(passage.text, SHOWN)),),
            is_expected=is_expected,
            is_quoted=quoted is not None,
        )


def _quote_in(passage: Passage, citations: Sequence[Record]) -> Record | None:
    """Find the first citation whose place lies in a passage."""
    for cited in citations:
        within = passage.start <= cited["start"] and cited["end"] <= passage.end
        if within and cited["article_id"] == passage.article_id:
            return cited
    return None
