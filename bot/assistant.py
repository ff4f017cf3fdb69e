"""A question in, an answer with footnotes out: the whole story on one screen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

from bot.citations import cite, require_all_stand
from bot.datatypes import Answer, AnswerStatus, Citation, Conversation
from bot.extractive import refuse, write_answer
from bot.followup import stand_alone
from retrieval.datatypes import ScoredPassage
from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.query import Query, understand
from retrieval.reading import SentenceReader
from retrieval.search import Searcher
from retrieval.sentences import read_article

# How many passages are shown when nothing answers.
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A question as it was understood, and the passages that were found for it."""

    query: Query
    evidence: list[ScoredPassage]
    seconds: Mapping[str, float]


class Assistant:
    """Answers questions from a library; it holds no state between questions."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        reader: SentenceReader,
        language_of_question: Callable[[str], str],
        *,
        question_characters: int,
        quotes: int,
        quoted_characters: int,
    ) -> None:
        self._library = library
        self._searcher = searcher
        self._reader = reader
        self._language_of_question = language_of_question
        self._question_characters = question_characters
        self._quotes = quotes
        self._quoted_characters = quoted_characters

    def answer(self, question: str, conversation: Conversation = ()) -> Answer:
        """Answer a question in a conversation with quotations that stand in the articles.

        Raises:
            QuestionError: The question is empty or too long.
        """
        clock = _Clock()
        question = self._checked(question)
        query, evidence = self._find(question, conversation, clock)
        articles = self._library.articles(scored.passage.article_id for scored in evidence)
        stories = [
            read_article(article, self._library.sentences(article.id)) for article in articles.values()
        ]
        findings = self._reader.read(query, stories, [scored.passage for scored in evidence])
        clock.lap("read")
        draft = (
            write_answer(query, findings, quotes=self._quotes, quoted_characters=self._quoted_characters)
            if findings
            else refuse(query)
        )
        require_all_stand(draft.citations)
        answered = draft.status is AnswerStatus.ANSWERED
        clock.lap("write")
        return Answer(
            question=question,
            understood_as=query.text,
            status=draft.status,
            text=draft.text,
            language=query.language,
            citations=draft.citations,
            evidence=tuple(evidence),
            nearest=() if answered else self._nearest(evidence),
            seconds=clock.seconds(),
            confidence=findings[0].score if answered else 0.0,
        )

    def find(self, question: str, conversation: Conversation = ()) -> Found:
        """Find the passages that an answer would be drawn from.

        Raises:
            QuestionError: The question is empty or too long.
        """
        clock = _Clock()
        query, evidence = self._find(self._checked(question), conversation, clock)
        return Found(query, evidence, clock.seconds())

    def _find(
        self, question: str, conversation: Conversation, clock: "_Clock"
    ) -> tuple[Query, list[ScoredPassage]]:
        language = self._language_of_question(question)
        query = understand(stand_alone(question, conversation, language), language)
        clock.lap("understand")
        evidence = self._searcher.search(query)
        clock.lap("search")
        return query, evidence

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

    def _nearest(self, evidence: list[ScoredPassage]) -> tuple[Citation, ...]:
        articles = self._library.articles(scored.passage.article_id for scored in evidence[:_NEAREST])
        return tuple(
            cite(articles[scored.passage.article_id], scored.passage.start, scored.passage.end, number)
            for number, scored in enumerate(evidence[:_NEAREST], start=1)
        )


class _Clock:
    """Measures the steps of an answer."""

    def __init__(self) -> None:
        self._start = self._last = perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        now = perf_counter()
        self._laps[step] = round(now - self._last, 4)
        self._last = now

    def seconds(self) -> dict[str, float]:
        return {**self._laps, "total": round(perf_counter() - self._start, 4)}
