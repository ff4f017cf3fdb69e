"""Answer with sentences taken from the articles, without a chat model."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.agreement import Statement, belongs_to, disagreement, sentences_differ
from bot.citations import cite
from bot.datatypes import AnswerStatus, Citation
from bot.marked_words import Difference
from bot.shown import facts
from prompts.phrases import phrase
from retrieval.passages import Span
from retrieval.query import Kind, Query
from retrieval.reading import Finding

_DIFFER = {Difference.FIGURES: "differ", Difference.DATES: "differ_in_dates"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answer says, before it is checked."""

    status: AnswerStatus
    text: str
    citations: tuple[Citation, ...] = ()


def write_answer(query: Query, findings: Sequence[Finding], *, quotes: int, quoted_characters: int) -> Draft:
    """Quote the findings, best first, the same statement once with all the articles that carry it."""
    statements = [Statement.from_finding(finding, query) for finding in findings]
    kept = _within(_group(statements, query.kind), quotes, quoted_characters)
    if not kept:
        return refuse(query)
    for group in kept:
        # What the person can read comes first.
        group.sort(key=lambda statement: statement.sentence.article.language != query.language)
    told = [group[0] for group in kept]
    difference = disagreement(told, query.kind)
    citations: list[Citation] = []
    lines = [_opening(query, told, difference)]
    for group in kept:
        first = len(citations)
        for statement in group:
            citations.append(_cite(statement, quoted_characters, len(citations) + 1))
        marks = "".join(f"[{citation.number}]" for citation in citations[first:])
        # Who says so, and when, is told at once where others say otherwise; what is cited stands on its line.
        source = facts(citations[first].article, query.language) if difference else ""
        lead = f"– {source}:\n" if source else "– "
        lines.append(f"{lead}{quoted(citations[first].quote)} {marks}")
    return Draft(AnswerStatus.ANSWERED, "\n".join(lines), tuple(citations))


def refuse(query: Query) -> Draft:
    """Say that the articles do not answer, and what was looked for."""
    text = phrase("not_covered", query.language, focus=query.focus or query.text)
    return Draft(AnswerStatus.NOT_COVERED, text)


def quoted(text: str) -> str:
    """Put a quotation between marks that it does not hold itself."""
    return f"«{text}»" if any(mark in text for mark in '“”"„') else f"“{text}”"


def _opening(query: Query, told: Sequence[Statement], difference: Difference | None) -> str:
    if difference is None and query.kind is Kind.QUANTITY and sentences_differ(told):
        difference = Difference.FIGURES
    if difference in _DIFFER:
        return phrase(_DIFFER[difference], query.language)
    if query.speaker:
        names = " ".join(word.text for word in query.speaker)
        return phrase("said", query.language, speaker=names[0].upper() + names[1:])
    return phrase("found", query.language)


def _within(groups: Sequence[list[Statement]], quotes: int, characters: int) -> list[list[Statement]]:
    """Keep what fits the limits: the first of every group before the second of any."""
    kept: list[list[Statement]] = [[] for _ in groups]
    longest = characters
    for rank in range(max(map(len, groups), default=0)):
        for group, taken in zip(groups, kept, strict=True):
            # A group is cited by its first sentence, or not at all.
            if rank >= len(group) or len(taken) < min(rank, 1):
                continue
            start, end = _place(group[rank], longest)
            length = end - start
            if quotes and length <= characters:
                taken.append(group[rank])
                quotes -= 1
                characters -= length
    return [taken for taken in kept if taken]


def _cite(statement: Statement, longest: int, number: int) -> Citation:
    start, end = _place(statement, longest)
    marked = statement.span and (max(start, statement.span[0]), min(end, statement.span[1]))
    return cite(statement.sentence.article, start, end, number, marked)


def _place(statement: Statement, longest: int) -> Span:
    """Find what is quoted of a sentence: one that is too long is cut between words, around what answers."""
    sentence, span = statement.sentence, statement.span
    start, end = sentence.start, sentence.end
    if end - start <= longest:
        return start, end
    text = sentence.article.text
    if span and span[1] > start + longest:
        start = min(span[0], max(start, (sum(span) - longest) // 2))
        # A word that is cut is left out, unless it answers.
        start = min(span[0], text.find(" ", start - 1, span[0] + 1) + 1 or span[0])
    if start + longest >= end:
        return start, end
    cut = text.rfind(" ", start, start + longest + 1)
    return start, cut if cut > start and (not span or cut >= span[1]) else start + longest


def _group(statements: Sequence[Statement], kind: Kind) -> list[list[Statement]]:
    """Put what different articles say alike together, in order of the best.

    What an article says twice, in a list and in the text, is taken once.
    """
    groups: list[list[Statement]] = []
    for one in statements:
        same = next((group for group in groups if belongs_to(group, one, kind)), None)
        if same is None:
            groups.append([one])
        elif all(one.sentence.article.id != other.sentence.article.id for other in same):
            same.append(one)
    return groups
