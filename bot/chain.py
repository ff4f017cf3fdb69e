"""The assistant as a LangChain Runnable, the searcher as a LangChain retriever: both thin."""

from collections.abc import Callable
from typing import NotRequired, TypedDict

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda

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


def assistant_runnable(assistant: Assistant) -> Runnable[str | Asked, Answer]:
    """Make the assistant a Runnable; it takes a question, alone or with its conversation."""

    def answer(asked: str | Asked) -> Answer:
        if isinstance(asked, str):
            return assistant.answer(asked)
        return assistant.answer(asked["question"], asked.get("conversation", ()))

    return RunnableLambda(answer, name="footnote")


class PassageRetriever(BaseRetriever):
    """Gives the passages that a search finds, best first, as LangChain documents."""

    searcher: Searcher
    library: Library
    language_of_question: Callable[[str], str]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        found = self.searcher.search(understand(query, self.language_of_question(query)))
        articles = self.library.articles(scored.passage.article_id for scored in found)
        return [
            _document(scored, articles[scored.passage.article_id])
            for scored in found
            if scored.passage.article_id in articles  # a writer may have removed it since
        ]


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
