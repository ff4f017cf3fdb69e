"""Answer with sentences taken from the articles, without a chat model."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.citations import cite
from bot.datatypes import AnswerStatus, Citation
from prompts.phrases import phrase
from retrieval.answer_types import figures
from retrieval.query import Kind, Query
from retrieval.reading import Finding
from retrieval.sentences import Sentence
from retrieval.wording import number

# Two sentences say the same when they share this much of what any language writes alike.
_SAME_ACROSS_LANGUAGES = 0.5
_SAME_WORDS = 0.5


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answer says, before it is checked."""

    status: AnswerStatus
    text: str
    citations: tuple[Citation, ...] = ()


def write_answer(
    query: Query, findings: Sequence[Finding], *, quotes: int, quoted_characters: int
) -> Draft:
    """Quote the findings, best first, the same statement once with all the articles that carry it."""
    groups = _group([finding.sentence for finding in findings])
    kept = _within(groups, quotes, quoted_characters)
    if not kept:
        return refuse(query)
    citations: list[Citation] = []
    lines: list[str] = []
    for group in kept:
        first = len(citations)
        for sentence in group:
            citations.append(cite(sentence.article, sentence.start, sentence.end, len(citations) + 1))
        marks = "".join(f"[{citation.number}]" for citation in citations[first:])
        lines.append(f"{quoted(citations[first].quote)} {marks}")
    text = "\n".join([_opening(query, kept), *(f"– {line}" for line in lines)])
    return Draft(AnswerStatus.ANSWERED, text, tuple(citations))


def refuse(query: Query) -> Draft:
    """Say that the articles do not answer, and what was looked for."""
    text = phrase("not_covered", query.language, focus=query.focus or query.text)
    return Draft(AnswerStatus.NOT_COVERED, text)


def quoted(text: str) -> str:
    """Put a quotation between marks that it does not hold itself."""
    return f"«{text}»" if any(mark in text for mark in "“”\"„") else f"“{text}”"


def _opening(query: Query, groups: Sequence[Sequence[Sentence]]) -> str:
    if query.kind is Kind.QUANTITY and len({_figure(group[0]) for group in groups}) > 1:
        return phrase("differ", query.language)
    if query.speaker:
        names = " ".join(word.text for word in query.speaker)
        return phrase("said", query.language, speaker=names[0].upper() + names[1:])
    return phrase("found", query.language)


def _figure(sentence: Sentence) -> str | None:
    found = figures(sentence.text, sentence.article.language)
    return number(found[0].text) or found[0].text.lower() if found else None


def _within(groups: Sequence[list[Sentence]], quotes: int, characters: int) -> list[list[Sentence]]:
    """Keep what fits the limits: the first of each group before the second of any."""
    kept: list[list[Sentence]] = []
    for rank in range(max((len(group) for group in groups), default=0)):
        for place, group in enumerate(groups):
            if rank >= len(group):
                continue
            length = len(group[rank].text)
            is_first = not kept
            if quotes < 1 or (length > characters and not is_first):
                continue
            if rank == 0:
                kept.append([group[0]])
            elif any(other[0] is group[0] for other in kept):
                next(other for other in kept if other[0] is group[0]).append(group[rank])
            else:
                continue
            quotes -= 1
            characters -= length
        del place
    return kept


def _group(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    """Put sentences of different articles that say the same together, in order of the best."""
    groups: list[list[Sentence]] = []
    for sentence in sentences:
        for group in groups:
            if all(sentence.article.id != other.article.id for other in group) and _says_the_same(
                sentence, group[0]
            ):
                group.append(sentence)
                break
        else:
            groups.append([sentence])
    return groups


def _says_the_same(one: Sentence, other: Sentence) -> bool:
    if one.article.language == other.article.language:
        return _overlap(one.terms, other.terms) >= _SAME_WORDS
    return _overlap(_shared_forms(one), _shared_forms(other)) >= _SAME_ACROSS_LANGUAGES


def _shared_forms(sentence: Sentence) -> frozenset[str]:
    """Take what is written alike in any language: places by code, numbers, names."""
    places = {mention.code for mention in sentence.places}
    numbers = {word for word in sentence.terms if word[0].isdigit()}
    return frozenset(places | numbers | sentence.names)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the smaller set that both hold (Szymkiewicz–Simpson)."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller >= 2 else 0.0
