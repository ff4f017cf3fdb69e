"""The assistant as a LangChain Runnable, the searcher as a LangChain retriever: both thin."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import NotRequired, TypedDict, cast

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor

from bot.assistant import Assistant
from bot.datatypes import Answer, Conversation
from retrieval.datatypes import Article, ScoredPassage
from retrieval.library import Library
from retrieval.query import understand
from retrieval.search import Searcher


class Asked(TypedDict):
    """A question, and what was said before it."""

    question: str
    conversation: NotRequired[Conversation]


class AssistantRunnable(Runnable[str | Asked, Answer]):
    """The assistant as a Runnable; it takes a question, alone or with its conversation.

    Callbacks, tags and metadata of a configuration reach the chat model too. A stream gives what the chat
    model writes piece by piece, unchecked, and last the answer.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.name = "footnote"
        self._assistant = assistant

    def invoke(self, input: str | Asked, config: RunnableConfig | None = None, **kwargs: object) -> Answer:
        """Answer a question.

        Raises:
            QuestionError: The question is empty or too long.
        """
        return self._call_with_config(lambda asked: self._assistant.answer(*_taken(asked)), input, config)

    # LangChain has one type for what is invoked and what is streamed.
    def stream(  # type: ignore[override]
        self, input: str | Asked, config: RunnableConfig | None = None, **kwargs: object
    ) -> Iterator[str | Answer]:
        """Give what a chat model writes as it is written, and last the answer."""

        def answer(asked: Iterator[str | Asked]) -> Iterator[Answer]:
            for one in asked:
                yield from cast(Iterator[Answer], self._assistant.stream(*_taken(one)))

        yield from self._transform_stream_with_config(iter([input]), answer, config)

    async def astream(  # type: ignore[override]
        self, input: str | Asked, config: RunnableConfig | None = None, **kwargs: object
    ) -> AsyncIterator[str | Answer]:
        """Give what a chat model writes as it is written, and last the answer."""
        parts = self.stream(input, config)
        while (part := await run_in_executor(config, next, parts, None)) is not None:
            yield part


def assistant_runnable(assistant: Assistant) -> AssistantRunnable:
    """Make the assistant a Runnable."""
    return AssistantRunnable(assistant)


def _taken(asked: str | Asked) -> tuple[str, Conversation]:
    return (asked, ()) if isinstance(asked, str) else (asked["question"], asked.get("conversation", ()))


class PassageRetriever(BaseRetriever):
    """Gives the passages that a search finds, best first, as LangChain documents."""

    searcher: Searcher
    library: Library
    language_of_question: Callable[[str], str]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        with self.library.snapshot():
            found = self.searcher.search(understand(query, self.language_of_question(query)))
            articles = self.library.articles(scored.passage.article_id for scored in found)
        return [_document(scored, articles[scored.passage.article_id]) for scored in found]


def _document(scored: ScoredPassage, article: Article) -> Document:
    passage = scored.passage
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "article_id": article.id,
            "title": article.title,
            "publisher": article.publisher,
            "published": article.published,
            "url": article.url,
            "language": article.language,
            "start": passage.start,
            "end": passage.end,
            "score": scored.score,
        },
    )
