"""Tell whether two statements say the same: by the words that answer, where these are known, else by all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bot.marked_words import Difference, MarkedWords, difference, read_marked, say_the_same
from retrieval.answer_types import figures
from retrieval.groups import Member
from retrieval.passages import Span
from retrieval.query import Kind, Query
from retrieval.reading import Finding
from retrieval.sentences import Sentence
from retrieval.wording import language_of, term, words

# Two sentences say the same when they share this much of their words; in two languages, of what both
# write alike, or of their words in English; and never when they share fewer words than the last.
_SAME_WORDS = 0.5
_SAME_ACROSS_LANGUAGES, _SAME_IN_ENGLISH = 0.5, 0.45
_LEAST_SHARED = 3
# A sentence of a copy may have been edited.
_COPIED = 0.8


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that answers, with the place and the meaning of those of its words that do, where known.

    `source` names the story that its article tells, which others may tell too, else the article; `copies`
    are what these say alike.
    """

    sentence: Sentence
    span: Span | None
    marked: MarkedWords | None
    source: str
    copies: tuple["Statement", ...] = ()

    @classmethod
    def from_finding(cls, finding: Finding, query: Query, members: Mapping[str, Member]) -> "Statement":
        """Read what a finding says to a question; a yes or a no is in no word, but in the whole sentence."""
        sentence, span = finding.sentence, finding.span
        first = [word.text.lower() for word in words(query.text)[:1]]
        has_words = not language_of(query.language).yes_or_no.intersection(first)
        member = members.get(sentence.article.id)
        source = f"story {member.story}" if member else f"article {sentence.article.id}"
        marked = read_marked(sentence, span, query.kind) if span and has_words else None
        return cls(sentence, span, marked, source)


def belongs_to(group: Sequence[Statement], one: Statement, kind: Kind) -> bool:
    """Tell whether a statement says what a group says, its first statement before all others."""
    verdicts = [
        say_the_same(one.marked, other.marked, kind) if one.marked and other.marked else None
        for other in group
    ]
    if False in verdicts:
        return False
    return verdicts[0] or _sentences_say_the_same(one.sentence, group[0].sentence)


def is_copied(group: Sequence[Statement], one: Statement) -> bool:
    """Tell whether a statement stands in nearly the same words in another article of its story."""
    return any(
        other.source == one.source
        and other.sentence.article.id != one.sentence.article.id
        and _share(one.sentence.terms, other.sentence.terms) >= _COPIED
        and not _differ(one.sentence, other.sentence)
        for other in group
    )


def disagreement(statements: Sequence[Statement], kind: Kind) -> Difference | None:
    """Tell in what the words that answer in two sources contradict each other, if they do."""
    found = {
        difference(one.marked, other.marked, kind)
        for one, other in combinations(statements, 2)
        if one.source != other.source and one.marked and other.marked
    }
    return next((what for what in Difference if what in found), None)


def sentences_differ(statements: Sequence[Statement]) -> bool:
    """Tell whether sentences of two sources, not both marked, each hold a figure that the other does not."""
    return any(
        _differ(one.sentence, other.sentence)
        for one, other in combinations(statements, 2)
        if one.source != other.source and not (one.marked and other.marked)
    )


def _differ(one: Sentence, other: Sentence) -> bool:
    ours, theirs = _figures(one), _figures(other)
    return bool(ours - theirs and theirs - ours)


def _figures(sentence: Sentence) -> frozenset[str]:
    code = sentence.article.language
    return frozenset(term(word.text, code) for word in figures(sentence.text, code))


def _sentences_say_the_same(one: Sentence, other: Sentence) -> bool:
    if _differ(one, other):
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


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of both sets that both hold (Jaccard)."""
    return len(one & other) / (len(one | other) or 1)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the smaller set that both hold (Szymkiewicz–Simpson)."""
    shared = len(one & other)
    return shared / min(len(one), len(other)) if shared >= _LEAST_SHARED else 0.0
