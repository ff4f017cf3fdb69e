"""Answer with sentences taken from the articles, without a chat model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from bot.citations import cite
from bot.datatypes import AnswerStatus, Citation
from prompts.phrases import phrase
from retrieval.answer_types import figures
from retrieval.query import Kind, Query
from retrieval.reading import Finding
from retrieval.sentences import Sentence
from retrieval.wording import term

# Two sentences say the same when they share this much of their words; in two languages, of what both
# write alike, or of their words in English; and never when they share fewer words than the last.
_SAME_WORDS = 0.5
_SAME_ACROSS_LANGUAGES, _SAME_IN_ENGLISH = 0.5, 0.45
_LEAST_SHARED = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answer says, before it is checked."""

    status: AnswerStatus
    text: str
    citations: tuple[Citation, ...] = ()


def write_answer(query: Query, findings: Sequence[Finding], *, quotes: int, quoted_characters: int) -> Draft:
    """Quote the findings, best first, the same statement once with all the articles that carry it."""
    groups = _group([finding.sentence for finding in findings])
    kept = _within(groups, quotes, quoted_characters)
    if not kept:
        return refuse(query)
    citations: list[Citation] = []
    lines: list[str] = []
    for group in kept:
        # What the person can read comes first.
        group.sort(key=lambda sentence: sentence.article.language != query.language)
        first = len(citations)
        for sentence in group:
            end = _end(sentence, quoted_characters)
            citations.append(cite(sentence.article, sentence.start, end, len(citations) + 1))
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
    return f"«{text}»" if any(mark in text for mark in '“”"„') else f"“{text}”"


def _opening(query: Query, groups: Sequence[Sequence[Sentence]]) -> str:
    if query.kind is Kind.QUANTITY and _differ([_figures(group[0]) for group in groups]):
        return phrase("differ", query.language)
    if query.speaker:
        names = " ".join(word.text for word in query.speaker)
        return phrase("said", query.language, speaker=names[0].upper() + names[1:])
    return phrase("found", query.language)


def _differ(sets: Sequence[frozenset[str]]) -> bool:
    """Tell whether two sentences each hold a figure that the other does not."""
    return any(one - other and other - one for one, other in combinations(sets, 2))


def _figures(sentence: Sentence) -> frozenset[str]:
    code = sentence.article.language
    return frozenset(term(word.text, code) for word in figures(sentence.text, code))


def _within(groups: Sequence[list[Sentence]], quotes: int, characters: int) -> list[list[Sentence]]:
    """Keep what fits the limits: the first of every group before the second of any."""
    kept: list[list[Sentence]] = [[] for _ in groups]
    longest = characters
    for rank in range(max(map(len, groups), default=0)):
        for group, taken in zip(groups, kept, strict=True):
            # A group is cited by its first sentence, or not at all.
            if rank >= len(group) or len(taken) < min(rank, 1):
                continue
            length = _end(group[rank], longest) - group[rank].start
            if quotes and length <= characters:
                taken.append(group[rank])
                quotes -= 1
                characters -= length
    return [taken for taken in kept if taken]


def _end(sentence: Sentence, longest: int) -> int:
    """Find where the quotation of a sentence ends: one that is too long is cut between two words."""
    if sentence.end - sentence.start <= longest:
        return sentence.end
    cut = sentence.text.rfind(" ", 0, longest + 1)
    return sentence.start + (cut if cut > 0 else longest)


def _group(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    """Put sentences of different articles that say the same together, in order of the best.

    What an article says twice, in a list and in the text, is taken once.
    """
    groups: list[list[Sentence]] = []
    for sentence in sentences:
        same = next((group for group in groups if _says_the_same(sentence, group[0])), None)
        if same is None:
            groups.append([sentence])
        elif all(sentence.article.id != other.article.id for other in same):
            same.append(sentence)
    return groups


def _says_the_same(one: Sentence, other: Sentence) -> bool:
    if _differ([_figures(one), _figures(other)]):
        return False
    if one.article.language == other.article.language:
        return _overlap(one.terms, other.terms) >= _SAME_WORDS
    return (
        _overlap(_shared_forms(one), _shared_forms(other)) >= _SAME_ACROSS_LANGUAGES
        or _overlap(_english(one), _english(other)) >= _SAME_IN_ENGLISH
    )


def _english(sentence: Sentence) -> frozenset[str]:
    return frozenset(term(word, "en") for word in sentence.english_words)


def _shared_forms(sentence: Sentence) -> frozenset[str]:
    """Take what is written alike in any language: places by code, numbers, names."""
    places = {mention.code for mention in sentence.places}
    numbers = {word for word in sentence.terms if word[0].isdigit()}
    return frozenset(places | numbers | sentence.names)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the smaller set that both hold (Szymkiewicz–Simpson)."""
    shared = len(one & other)
    return shared / min(len(one), len(other)) if shared >= _LEAST_SHARED else 0.0
