"""The nouns of a conversation: what was asked, what is answered, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from retrieval.datatypes import Article, ScoredPassage
from retrieval.passages import Span


class AnswerStatus(StrEnum):
    """Whether the articles answer the question; small talk and talk about the talk is no question to them."""

    ANSWERED = "answered"
    NOT_COVERED = "not_covered"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A place in an article and the words that stand there: `article.text[start:end] == quote`.

    `marked` is the place in the article of the words among them that answer, where these are known.
    `same_story_as` is the number of the citation behind which it stands, of the fullest article of a story:
    the articles of a story are one source. `more_copies` counts those with the same words that are not cited.
    """

    number: int
    article: Article
    quote: str
    start: int
    end: int
    marked: Span | None = None
    same_story_as: int | None = None
    more_copies: int = 0

    @property
    def digest(self) -> str:
        """The digest of the text that was quoted."""
        return self.article.digest


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a chat model wrote and no person is shown as an answer, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that a person, a receipt or an evaluation needs.

    An answered question has at least one citation; one that is not covered has none; small talk needs none,
    and can cite again what was cited before. Of two answers the one with more `confidence` is likelier
    right; it is no probability, and 0 where nothing is answered.
    `written_by` names the chat model whose words these are, `dropped` holds what of them did not pass the
    checks, and `notices` what the person is told of that, a line each.
    """

    question: str
    understood_as: str
    status: AnswerStatus
    text: str
    language: str
    citations: tuple[Citation, ...] = ()
    evidence: tuple[ScoredPassage, ...] = ()
    nearest: tuple[Citation, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    written_by: str | None = None
    dropped: tuple[Dropped, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer."""

    question: str
    answer: Answer


# Oldest first; a longer conversation is a new tuple.
Conversation = tuple[Turn, ...]
