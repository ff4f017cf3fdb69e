"""What the report shows of each case: what was asked, expected and given, side by side."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from bot.datatypes import Answer, AnswerStatus, Citation
from bot.evaluation import report_words as words
from bot.evaluation.answer_measures import answer_scores
from bot.evaluation.cases import Case, CaseTurn
from bot.evaluation.citation_measures import cited_claims
from bot.evaluation.measures import Measure
from bot.evaluation.places_of_evidence import holders
from bot.evaluation.report_attributions import AttributionView, attribution_views
from retrieval.datatypes import Article, Passage

Record = Mapping[str, Any]

# How much is shown around a quote, and of a passage that was found, in characters.
_AROUND, _SHOWN = 240, 260
# A cut passage reads better without empty lines.
_BREAKS = re.compile(r"[ \t]*\n\s*")
_QUOTED = ("facts found", "answer found", "patterns matched")
_MARK = re.compile(r"(\[\d+\])")
_CRASHED, _WRONG, _PARTLY, _RIGHT, _UNSCORED = "crashed", "wrong", "partly right", "right", "not scored"
OUTCOMES = (_CRASHED, _WRONG, _PARTLY, _RIGHT, _UNSCORED)
FAILED = {_CRASHED, _WRONG}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, marked or not."""

    text: str
    is_marked: bool = False


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


def case_view(number: int, case: Case, records: Sequence[Record], measures: Mapping[str, Measure]) -> CaseView:
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
        title=culprit.question or _shortened(case.text or case.id, 120),
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
    return TurnView(
        question=question,
        understood_as=understood if understood != question else None,
        outcome=outcome_of([record], measures)[0],
        status=_status(record),
        answer=tuple(marked_answer(record.get("answer", ""))),
        error=record.get("error"),
        rewrite=differences(rewrite, understood) if rewrite and understood is not None else None,
        expected=tuple(expectations(turn, record)) if turn else (),
        quotes=tuple(_quote_view(citation, record["evidence"]) for citation in record.get("citations", ())),
        passages=tuple(_passage_views(turn, record)),
        basis=basis_of(turn),
        scores=tuple(score_views(record["scores"], measures)),
        seconds=tuple(words.Fact(step, words.seconds(taken)) for step, taken in seconds.items()),
    )


def expectations(turn: CaseTurn, record: Record) -> list[Expected]:
    """Say what was expected, and of each part whether it was met, as the measures judge it."""
    status, answer = record.get("status"), _answer(record)
    cited = {citation.article.id for citation in answer.citations}
    found = {item["article_id"] for item in record.get("evidence", ())}
    have, articles = ("cites", cited) if status or "error" in record else ("finds", found)

    def judged(text: str, is_met: bool) -> Expectation:
        # What was only searched for cannot have been quoted.
        return Expectation(text, is_met if status or "error" in record else None)

    def quoted(**expected: tuple[Any, ...]) -> bool:
        scores = answer_scores(CaseTurn(question=turn.question, **expected), answer, None)
        return any(scores[name][0] for name in _QUOTED if name in scores)

    def is_said(text: str) -> bool:
        claims = [claim.text.casefold() for claim in cited_claims(answer)]
        return quoted(facts=((text,),)) or any(text.casefold() in claim for claim in claims)

    sorts = {
        "quotes each of these facts": [
            judged(_alternatives(fact), quoted(facts=(fact,))) for fact in turn.facts
        ],
        "quotes one of these answers": [judged(text, quoted(answers=(text,))) for text in turn.answers],
        "quotes words that fit": [judged(pattern, quoted(patterns=(pattern,))) for pattern in turn.patterns],
        f"{have} these articles": [
            Expectation(_alternatives(group), not articles.isdisjoint(group)) for group in turn.articles
        ],
        "finds this evidence": [
            Expectation(_shortened(item.text or f"{item.article}, {item.start} to {item.end}", _SHOWN),
                        bool(holders(item, _by_article(record)))) for item in turn.evidence
        ],
        "does not say": [judged(text, not is_said(text)) for text in turn.forbidden],
        "refuses, as the articles do not answer this": (
            [judged("", status == "not_covered")] if turn.is_answerable is False else []
        ),
    }  # fmt: skip
    return [Expected(label, tuple(items)) for label, items in sorts.items() if items]


def score_views(scores: Mapping[str, Sequence[float]], measures: Mapping[str, Measure]) -> Iterable[ScoreView]:
    """Read off what a turn is worth by each measure, in the measures' order."""
    for name, measure in measures.items():
        if name in scores:
            value = words.figure(measure.value(tuple(scores[name])), measure)
            yield ScoreView(name=name, meaning=measure.meaning, value=value)


def marked_answer(answer: str) -> list[Piece]:
    """Cut an answer at its footnote marks."""
    return [Piece(part, bool(_MARK.fullmatch(part))) for part in _MARK.split(answer) if part]


def marked(text: str, start: int, end: int, around: int) -> tuple[Piece, ...]:
    """Mark a place in a text, with so many characters around it, cut at words."""
    begin, finish = max(0, start - around), min(len(text), end + around)
    before, after = text[begin:start], text[end:finish]
    if begin:
        before = "… " + before.partition(" ")[2]
    if finish < len(text):
        after = after.rpartition(" ")[0] + " …"
    pieces = (Piece(before), Piece(text[start:end], True), Piece(after))
    return tuple(Piece(_BREAKS.sub("\n", piece.text), piece.is_marked) for piece in pieces if piece.text)


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


def _status(record: Record) -> str:
    if "error" in record:
        return "crashed"
    return {"answered": "answered", "not_covered": "refused"}.get(record.get("status") or "", "")


def _quote_view(citation: Record, evidence: Sequence[Record]) -> QuoteView:
    start, end, quote = citation["start"], citation["end"], citation["quote"]
    holding = next((item for item in evidence if item["article_id"] == citation["article_id"]
                    and item["start"] <= start and end <= item["end"]), None)  # fmt: skip
    pieces, stands = (Piece(quote, True),), None
    if holding is not None:
        within = start - holding["start"], end - holding["start"]
        stands = holding["text"][slice(*within)] == quote
        pieces = marked(holding["text"], *within, _AROUND) if stands else pieces
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
    by_article = _by_article(record)
    holding = {passage for item in (turn.evidence if turn else ()) for passage in holders(item, by_article)}
    named = {article for group in (turn.articles if turn else ()) for article in group}
    quotes = record.get("citations", ())
    for rank, item in enumerate(record.get("evidence", ()), start=1):
        passage = _passage(item)
        place = _place_of_words(turn, passage.text) if turn else None
        is_expected = {
            "evidence": passage.id in holding, "words": place is not None, "article": passage.article_id in named
        }.get(basis_of(turn), False)  # fmt: skip
        quoted = next((quote for quote in quotes if quote["article_id"] == passage.article_id
                       and passage.start <= quote["start"] and quote["end"] <= passage.end), None)  # fmt: skip
        if place is None and quoted is not None:
            place = quoted["start"] - passage.start, quoted["end"] - passage.start
        yield PassageView(
            rank=rank,
            article=passage.article_id,
            score=f"{item['score']:.2f}",
            pieces=marked(passage.text, *place, _SHOWN // 2) if place else (Piece(_shortened(passage.text, _SHOWN)),),
            is_expected=is_expected,
            is_quoted=quoted is not None,
        )


def basis_of(turn: CaseTurn | None) -> str:
    """Tell by what a passage is known to hold what was expected: the narrowest that the turn names."""
    if turn is None or turn.is_answerable is False:
        return ""
    if turn.evidence:
        return "evidence"
    return "words" if turn.facts or turn.answers else "article" if turn.articles else ""


def _place_of_words(turn: CaseTurn, text: str) -> tuple[int, int] | None:
    """Find the first words of a text that were expected to be quoted."""
    for wording in (*(wording for fact in turn.facts for wording in fact), *turn.answers):
        found = re.search(r"\s+".join(map(re.escape, wording.split())), text, re.IGNORECASE)
        if found and found.end() > found.start():
            return found.span()
    return None


def _by_article(record: Record) -> dict[str, list[Passage]]:
    found: dict[str, list[Passage]] = {}
    for item in record.get("evidence", ()):
        found.setdefault(item["article_id"], []).append(_passage(item))
    return found


def _passage(item: Record) -> Passage:
    return Passage(article_id=item["article_id"], start=item["start"], end=item["end"], text=item["text"])


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return (text[:limit].rpartition(" ")[0] or text[:limit]) + " …"
