"""Answer with sentences taken from the articles, without a chat model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.agreement import Statement, belongs_to, disagreement, is_copied, sentences_differ
from bot.asked_period import period
from bot.citations import cite
from bot.datatypes import AnswerStatus, Citation
from bot.marked_words import Difference
from bot.same_story import one_a_source
from bot.shown import facts
from bot.told_dates import when_told
from prompts.phrases import phrase
from retrieval.groups import Member
from retrieval.matching import is_name, match
from retrieval.passages import Span
from retrieval.query import Kind, Query
from retrieval.reading import Finding
from retrieval.timeliness import narrowed_by_time

_DIFFER = {Difference.FIGURES: "differ", Difference.DATES: "differ_in_dates"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answer says, before it is checked."""

    status: AnswerStatus
    text: str
    citations: tuple[Citation, ...] = ()


def write_answer(
    query: Query,
    findings: Sequence[Finding],
    *,
    quotes: int,
    quoted_characters: int,
    members: Mapping[str, Member] | None = None,
) -> Draft:
    """Quote the findings, best first, the same statement once with all the sources that carry it.

    Args:
        query: The question.
        findings: The sentences that answer it.
        quotes: The most quotations, but for what other articles of a story say alike.
        quoted_characters: The most characters of all these quotations.
        members: The stories of those articles that others tell too, by their ids.
    """
    members = members or {}
    statements = [Statement.from_finding(finding, query, members) for finding in findings]
    groups = (one_a_source(group, members, query.language) for group in _group(statements, query.kind))
    kept = _within(list(groups), quotes, quoted_characters)
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
        lead += _when(group[0], citations[first], query)
        lines.append(f"{lead}{quoted(citations[first].quote)} {marks}")
    leads = [statement for group in kept for statement in group]
    for number, copy in ((number, copy) for number, lead in enumerate(leads, 1) for copy in lead.copies):
        again = _cite(copy, quoted_characters, len(citations) + 1)
        citations.append(replace(again, same_story_as=number))
    return Draft(AnswerStatus.ANSWERED, "\n".join(lines), tuple(citations))


def refuse(query: Query) -> Draft:
    """Say that the articles, or those of the time asked about, do not answer, and what was looked for."""
    focus = query.focus or query.text
    if query.when and narrowed_by_time(query, None):
        text = phrase(
            "not_covered_then", query.language, focus=focus, period=period(query.when, query.language)
        )
    else:
        text = phrase("not_covered", query.language, focus=focus)
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


def _when(statement: Statement, citation: Citation, query: Query) -> str:
    """Say when it was, where that is asked and the sentence tells of what is asked about."""
    if query.kind is not Kind.TIME:
        return ""
    if not (statement.span or query.asks_for_words or _tells_of_what_was(query, statement)):
        return ""
    return when_told(citation, query.language, is_said=query.asks_for_words, within=statement.span)


def _tells_of_what_was(query: Query, statement: Statement) -> bool:
    """Tell whether a sentence holds what was, not only whom it was: "when was he there" can be of any day."""
    named = {word for _, word in query.named_places}
    asked = [word for word in query.topic if not (is_name(word) or word in named)]
    held = [word for word in asked if match(word, query, statement.sentence)]
    return bool(held) and 2 * len(held) >= len(asked)


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
        same = next(
            (group for group in groups if belongs_to(group, one, kind) or is_copied(group, one)), None
        )
        if same is None:
            groups.append([one])
        elif all(one.sentence.article.id != other.sentence.article.id for other in same):
            same.append(one)
    return groups
