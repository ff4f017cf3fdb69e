"""Write with a chat model where there is one and its words stand; in the embedded way otherwise."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.datatypes import AnswerStatus, Conversation, Dropped
from bot.extractive import Draft, refuse, write_answer
from prompts.phrases import phrase
from retrieval.datatypes import ScoredPassage
from retrieval.errors import BudgetError, ChatModelError
from retrieval.groups import Member
from retrieval.query import Query
from retrieval.reading import SentenceChooser
from retrieval.sentences import read_article
from retrieval.stored import Story
from retrieval.timeliness import findings_in_time

if TYPE_CHECKING:
    from bot.generative import ChatModel


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that stands alone, and what the person is told of how it came to."""

    text: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is answered, whose words these are, what was dropped of them, and what the person is told."""

    draft: Draft
    confidence: float
    written_by: str | None = None
    dropped: tuple[Dropped, ...] = ()
    notices: tuple[str, ...] = ()


def make_stand_alone(
    question: str, conversation: Conversation, language: str, chat_model: "ChatModel | None"
) -> Asked:
    """Write a question so that it can be understood without the conversation before it."""
    if not conversation:
        return Asked(question)
    from bot.followup import stand_alone

    rewritten, notices = None, []
    if chat_model and (spoken := _about_articles(conversation)):
        try:
            rewritten = chat_model.rewrite(question, spoken, language)
        except (ChatModelError, BudgetError) as error:
            notices.append(phrase("quoted_instead", language, why=str(error)))
    return Asked(rewritten or stand_alone(question, conversation, language), tuple(notices))


class Writer:
    """Makes questions stand alone and writes answers."""

    def __init__(
        self,
        reader: SentenceChooser,
        chat_model: "ChatModel | None",
        *,
        quotes: int,
        quoted_characters: int,
    ) -> None:
        """Write with a chat model or without.

        Args:
            reader: Chooses the sentences that are quoted.
            chat_model: Writes instead, as long as it can and its words stand.
            quotes: The most quotations of an answer that is not the chat model's.
            quoted_characters: The most characters of all these quotations.
        """
        self._reader = reader
        self._chat_model = chat_model
        self._quotes = quotes
        self._quoted_characters = quoted_characters

    def stand_alone(self, question: str, conversation: Conversation, language: str) -> Asked:
        """Write a question so that it can be understood without the conversation before it."""
        return make_stand_alone(question, conversation, language, self._chat_model)

    def write(
        self,
        query: Query,
        evidence: Sequence[ScoredPassage],
        stories: Mapping[str, Story],
        conversation: Conversation,
        clock: Clock,
        notices: Sequence[str] = (),
        members: Mapping[str, Member] | None = None,
    ) -> Generator[str, None, Written]:
        """Give what a chat model writes piece by piece, unchecked, and at the end what is answered.

        Args:
            query: The question.
            evidence: The passages that were found for it, best first.
            stories: Their articles, by id.
            conversation: What was said before.
            clock: Is told of each step.
            notices: What went wrong before; a chat model that failed already is not asked again.
            members: The stories of those articles that others tell too, by their ids.
        """
        articles = {id_: story.article for id_, story in stories.items()}
        told = list(notices)
        dropped: tuple[Dropped, ...] = ()
        if self._chat_model and evidence and not told:
            try:
                spoken = _about_articles(conversation)
                checked = yield from self._chat_model.write(query, evidence, articles, spoken)
            except (ChatModelError, BudgetError) as error:
                told.append(phrase("quoted_instead", query.language, why=str(error)))
            else:
                dropped = checked.dropped
                draft = refuse(query) if checked.is_refusal else checked.draft
                told += _tell_of(dropped, query.language, is_all=draft is None)
                if draft:
                    return Written(
                        draft=draft,
                        confidence=1 / (1 + len(dropped)),
                        written_by=self._chat_model.name,
                        dropped=dropped,
                        notices=tuple(told),
                    )
            finally:
                clock.lap("chat_model")
        draft, confidence = self._quote(query, evidence, stories, members, clock)
        return Written(draft=draft, confidence=confidence, dropped=dropped, notices=tuple(told))

    def _quote(
        self,
        query: Query,
        evidence: Sequence[ScoredPassage],
        stories: Mapping[str, Story],
        members: Mapping[str, Member] | None,
        clock: Clock,
    ) -> tuple[Draft, float]:
        articles = [read_article(story.article, story.sentences) for story in stories.values()]
        findings = self._reader.read(query, articles, [scored.passage for scored in evidence])
        clock.lap("read")
        best = max((finding.score for finding in findings), default=0.0)
        findings = findings_in_time(query, findings)
        if not findings:
            return refuse(query), 0.0
        limits = {"quotes": self._quotes, "quoted_characters": self._quoted_characters}
        return write_answer(query, findings, **limits, members=members), best


def _about_articles(conversation: Conversation) -> Conversation:
    """Leave out greetings and the like, whose examples are nobody's questions."""
    return tuple(turn for turn in conversation if turn.answer.status is not AnswerStatus.CONVERSATION)


def _tell_of(dropped: Sequence[Dropped], language: str, *, is_all: bool) -> list[str]:
    if is_all:
        return [phrase("nothing_stands", language)]
    # A number of no passage falls away without a word: what it stood behind is checked like the rest.
    sentences = sum(any(letter.isalpha() for letter in one.text) for one in dropped)
    return [phrase("left_out", language, count=str(sentences))] if sentences else []
