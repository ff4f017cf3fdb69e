"""A question in, an answer with footnotes out: the whole story on one screen."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from bot.asked_period import nothing_then, outside_period
from bot.citations import cite, require_all_stand
from bot.clock import Clock
from bot.datatypes import Answer, AnswerStatus, Citation, Conversation
from bot.freshness import tell_freshness
from bot.holdings import take_up, tell_holdings
from bot.same_story import cite_copies
from bot.small_talk import answer_small_talk, without_greeting
from bot.when_that_was import tell_when
from bot.writing import Writer
from retrieval.datatypes import Filter, ScoredPassage
from retrieval.errors import QuestionError
from retrieval.groups import Member
from retrieval.library import Library
from retrieval.mentions import attributed_publishers
from retrieval.query import Query, understand
from retrieval.relative_dates import local_day
from retrieval.search import Searcher
from retrieval.search_in_time import search_in_time
from retrieval.stored import Story
from retrieval.timeliness import narrowed_by_time, with_time

# So many questions before one tell what the conversation is about.
_BEFORE = 3
# How many passages are shown when nothing answers.
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A question as it was understood, the passages found for it, and what the person is told.

    `stories` are the articles of the passages by id, as they were when these were found; `elsewhere` is what
    comes near from another time, where there is nothing from the one asked about. `members` are those of
    the articles whose story others tell too.
    """

    query: Query
    evidence: list[ScoredPassage]
    seconds: Mapping[str, float]
    notices: tuple[str, ...] = ()
    stories: Mapping[str, Story] = field(default_factory=dict)
    elsewhere: list[ScoredPassage] = field(default_factory=list)
    members: Mapping[str, Member] = field(default_factory=dict)


class Assistant:
    """Answers questions from a library; it holds no state between questions, so threads may share one."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        writer: Writer,
        language_of_question: Callable[[str], str],
        *,
        question_characters: int,
        close: Callable[[], None],
        today: Callable[[], date] = date.today,
    ) -> None:
        self.library = library
        self._searcher = searcher
        self._writer = writer
        self._language_of_question = language_of_question
        self._question_characters = question_characters
        self._close = close
        self._today = today

    def close(self) -> None:
        """Close the files that answers are drawn from."""
        self._close()

    def answer(self, question: str, conversation: Conversation = (), where: Filter | None = None) -> Answer:
        """Answer a question in a conversation with words that stand in the articles, or in some of them.

        Raises:
            QuestionError: The question is empty or too long.
        """
        *_, answer = self.stream(question, conversation, where)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, conversation: Conversation = (), where: Filter | None = None
    ) -> Iterator[str | Answer]:
        """Give what a chat model writes as it is written, unchecked, and last the answer that stands.

        Raises:
            QuestionError: The question is empty or too long.
        """
        clock = Clock()
        question = self._checked(question)
        language = self._language_of_question(question)
        said = answer_small_talk(question, conversation, language)
        if said := said or tell_when(question, conversation, language):
            require_all_stand(said.citations)
            clock.lap("understand")
            yield replace(said, seconds=clock.seconds())
            return
        found = self._find(take_up(question, conversation), conversation, where, clock)
        query, evidence = found.query, found.evidence
        if held := self._held(query.text, where):
            nearest = () if held.citations else _nearest(found)
            clock.lap("search")
            yield replace(held, question=question, nearest=nearest, seconds=clock.seconds())
            return
        written = yield from self._writer.write(
            query, evidence, found.stories, conversation, clock, found.notices, found.members
        )
        citations = cite_copies(written.draft.citations, self.library, narrowed_by_time(query, where))
        require_all_stand(citations)
        clock.lap("write")
        answered = written.draft.status is AnswerStatus.ANSWERED
        yield Answer(
            question=question,
            understood_as=query.text,
            status=written.draft.status,
            text=(not answered and nothing_then(query, self.library, where)) or written.draft.text,
            language=query.language,
            citations=citations,
            evidence=tuple(evidence),
            nearest=() if answered else _nearest(found),
            seconds=clock.seconds(),
            confidence=written.confidence if answered else 0.0,
            written_by=written.written_by,
            dropped=written.dropped,
            notices=(
                *written.notices,
                *outside_period(query, written.draft.citations),
                *self._freshness(found, where),
            ),
        )

    def _held(self, question: str, where: Filter | None) -> Answer | None:
        """Answer what there is on a subject; None where another thing is asked."""
        with self.library.snapshot():
            held = tell_holdings(question, self.library, where)
        if held:
            require_all_stand(held.citations)
        return held

    def find(self, question: str, conversation: Conversation = (), where: Filter | None = None) -> Found:
        """Find the passages that an answer would be drawn from.

        Raises:
            QuestionError: The question is empty or too long.
        """
        return self._find(self._checked(question), conversation, where, Clock())

    def _find(self, question: str, conversation: Conversation, where: Filter | None, clock: Clock) -> Found:
        language = self._language_of_question(question)
        question = without_greeting(question, language)
        asked = self._writer.stand_alone(question, conversation, language)
        if asked.text != question:
            # Most of a short follow-up can come from a question in another language.
            language = self._language_of_question(asked.text)
        outlets = attributed_publishers(asked.text, language, self.library.publishers())
        query = understand(asked.text, language, is_told_by_outlet=bool(outlets))
        before = _asked_before(conversation)
        # A writer may change an article between the search and the reading.
        with self.library.snapshot():
            newest = self.library.newest(None, date.max.isoformat())
            query = with_time(query, self._today(), local_day(newest))
            clock.lap("understand")
            evidence, elsewhere = search_in_time(self._searcher, self.library, query, before, where)
            stories = self.library.stories({one.passage.article_id for one in evidence or elsewhere})
            members = self.library.groups.members(stories)
        clock.lap("search")
        return Found(
            query=query,
            evidence=evidence,
            seconds=clock.seconds(),
            notices=asked.notices,
            stories=stories,
            members=members,
            elsewhere=elsewhere,
        )

    def _freshness(self, found: Found, where: Filter | None) -> tuple[str, ...]:
        return tell_freshness(self.library, where, found.query.language)

    def _checked(self, question: str) -> str:
        stripped = " ".join(question.split())
        if not any(letter.isalnum() for letter in stripped):
            raise QuestionError("The question is empty. Ask one, such as: what did Rutte say in Latvia?")
        if len(stripped) > self._question_characters:
            raise QuestionError(
                f"The question has {len(stripped):,} characters; at most {self._question_characters:,} are "
                "taken. Ask a shorter one, or raise FOOTNOTE_QUESTION_CHARACTERS."
            )
        return stripped


def _nearest(found: Found) -> tuple[Citation, ...]:
    passages = [scored.passage for scored in (found.evidence or found.elsewhere)[:_NEAREST]]
    return tuple(
        cite(found.stories[passage.article_id].article, passage.start, passage.end, number)
        for number, passage in enumerate(passages, start=1)
    )


def _asked_before(conversation: Conversation) -> list[Query]:
    """Read the last questions about the articles, the last first."""
    said = [turn.answer for turn in conversation if turn.answer.status is not AnswerStatus.CONVERSATION]
    return [understand(answer.understood_as, answer.language) for answer in said[: -_BEFORE - 1 : -1]]
