"""LangChain users can compose the assistant and the searcher with what they have."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough

from bot.assembly import build_assistant
from bot.assistant import Assistant
from bot.chain import PassageRetriever, assistant_runnable
from bot.citations import require_all_stand
from bot.datatypes import Answer, AnswerStatus, Turn
from bot.settings import Settings
from bot.writing import Writer
from retrieval.datatypes import Passage
from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.query import Query
from retrieval.rarity import rarity
from retrieval.reading import Finding, SentenceReader
from retrieval.search import Searcher
from retrieval.sentences import Sentence
from retrieval.vectors import Vectors
from tests.fake_chat_server import FakeChatServer, says
from tests.fakes import FakeEmbedder

QUESTION = "What did Rutte say in Latvia?"


@pytest.fixture
def assistant(index: Path) -> Assistant:
    return build_assistant(Settings(), index, FakeEmbedder())


@pytest.fixture
def library(index: Path) -> Iterator[Library]:
    with closing(Library.open_any(index)) as opened:
        yield opened


@pytest.fixture
def retriever(library: Library) -> PassageRetriever:
    embedder = FakeEmbedder()
    vectors = Vectors(library, embedder.name)
    return PassageRetriever(
        searcher=Searcher(library, vectors, embedder, limit=10),
        library=library,
        language_of_question=lambda question: "en",
    )


def same(one: Answer, other: Answer) -> bool:
    return (one.text, one.status, one.citations, one.evidence) == (
        other.text,
        other.status,
        other.citations,
        other.evidence,
    )


def test_assistant_runnable_when_invoked_answers_as_the_assistant(assistant: Assistant) -> None:
    answer = assistant_runnable(assistant).invoke(QUESTION)
    assert answer.status is AnswerStatus.ANSWERED
    assert "direct threat" in answer.text
    require_all_stand(answer.citations)
    assert same(answer, assistant.answer(QUESTION))


class FirstWords:
    """Chooses as the rules do, and says that a sentence is answered by its first five letters."""

    def __init__(self, by_rules: SentenceReader) -> None:
        self._by_rules = by_rules

    def read(
        self, query: Query, stories: Sequence[Sequence[Sentence]], evidence: Sequence[Passage]
    ) -> list[Finding]:
        found = self._by_rules.read(query, stories, evidence)
        return [replace(one, span=(one.sentence.start, one.sentence.start + 5)) for one in found]


def test_assistant_runnable_when_words_answer_tells_which(library: Library) -> None:
    embedder = FakeEmbedder()
    reader = FirstWords(SentenceReader(embedder, partial(rarity, library)))
    assistant = Assistant(
        library,
        Searcher(library, Vectors(library, embedder.name), embedder, limit=10),
        Writer(reader, None, quotes=5, quoted_characters=900),
        lambda question: "en",
        question_characters=200,
        close=lambda: None,
    )
    answer = assistant_runnable(assistant).invoke(QUESTION)
    assert answer.citations
    for citation in answer.citations:
        assert citation.marked == (citation.start, citation.start + 5)
    assert f"“{answer.citations[0].quote}” [1]" in answer.text.replace("«", "“").replace("»", "”")


def test_assistant_runnable_when_given_a_conversation_passes_it_on(assistant: Assistant) -> None:
    runnable = assistant_runnable(assistant)
    conversation = (Turn(QUESTION, runnable.invoke(QUESTION)),)
    follow_up = "And what did he say in Rome?"
    answer = runnable.invoke({"question": follow_up, "conversation": conversation})
    assert same(answer, assistant.answer(follow_up, conversation))
    assert answer.understood_as == assistant.answer(follow_up, conversation).understood_as
    assert same(runnable.invoke({"question": QUESTION}), conversation[0].answer)


def test_assistant_runnable_when_batched_keeps_the_order(assistant: Assistant) -> None:
    questions = [QUESTION, "When did the bakery open?", "Who owns the bakery?"] * 4
    answers = assistant_runnable(assistant).batch([*questions])
    assert [answer.question for answer in answers] == questions
    assert all(same(one, other) for one, other in zip(answers[:3], answers[9:], strict=True))


def test_assistant_runnable_when_awaited_answers_the_same(assistant: Assistant) -> None:
    runnable = assistant_runnable(assistant)
    assert same(asyncio.run(runnable.ainvoke(QUESTION)), runnable.invoke(QUESTION))
    first, second = asyncio.run(runnable.abatch([QUESTION, "Who owns the bakery?"]))
    assert (first.question, second.question) == (QUESTION, "Who owns the bakery?")


def test_assistant_runnable_when_question_is_empty_raises(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="The question is empty"):
        assistant_runnable(assistant).invoke("  ")


def test_passage_retriever_when_invoked_gives_passages_that_stand(
    retriever: PassageRetriever, library: Library
) -> None:
    documents = retriever.invoke(QUESTION)
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True) != []
    for document in documents:
        article = library.articles()[document.metadata["article_id"]]
        place = slice(document.metadata["start"], document.metadata["end"])
        assert article.text[place] == document.page_content
    best = documents[0]
    assert "direct threat" in best.page_content
    assert best.metadata | {"start": 0, "end": 0, "score": 0} == {
        "article_id": "riga",
        "title": "Rutte in Riga: a direct threat",
        "publisher": "Baltic Courier",
        "published": "2024-11-14",
        "url": "https://example.org/riga",
        "language": "en",
        "start": 0,
        "end": 0,
        "score": 0,
    }


def test_chain_when_composed_of_both_gives_passages_and_answer(
    assistant: Assistant, retriever: PassageRetriever
) -> None:
    def list_titles(documents: list[Document]) -> str:
        return "\n".join(document.metadata["title"] for document in documents)

    chain = RunnableParallel(
        titles=retriever | RunnableLambda(list_titles),
        answer=assistant_runnable(assistant) | RunnableLambda(lambda answer: answer.text),
        question=RunnablePassthrough(),
    )
    for found in (chain.invoke(QUESTION), *chain.batch([QUESTION]), asyncio.run(chain.ainvoke(QUESTION))):
        assert found["question"] == QUESTION
        assert "Rutte in Riga" in found["titles"]
        assert "direct threat" in found["answer"]


class Noting(BaseCallbackHandler):
    """Notes which runs begin, with their tags."""

    def __init__(self) -> None:
        self.chat_models: list[list[str]] = []

    def on_chat_model_start(
        self,
        serialized: dict[str, object],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, object] | None = None,
        **kwargs: object,
    ) -> None:
        assert parent_run_id is not None, "the chat model is part of the assistant's run"
        self.chat_models.append(tags or [])


def test_assistant_runnable_when_streamed_without_a_chat_model_gives_the_answer(assistant: Assistant) -> None:
    (answer,) = assistant_runnable(assistant).stream(QUESTION)
    assert isinstance(answer, Answer)
    assert same(answer, assistant.answer(QUESTION))


def test_assistant_runnable_when_streamed_gives_text_and_then_the_answer(index: Path) -> None:
    pytest.importorskip("langchain_openai", reason="needs pip install 'footnote-bot[openai]'")
    reply = (
        "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan. The ministers "
        "listened in silence, and nobody contradicted him."
    )
    with FakeChatServer(says(reply)) as server:
        settings = Settings(chat_model="openai:fake", chat_url=server.url)
        runnable = assistant_runnable(build_assistant(settings, index, FakeEmbedder()))
        noting = Noting()
        *pieces, answer = runnable.stream(QUESTION, {"callbacks": [noting], "tags": ["news"]})
        assert "".join(str(piece) for piece in pieces) == reply
        assert isinstance(answer, Answer)
        assert answer.written_by == "openai:fake"
        assert same(runnable.invoke(QUESTION, {"callbacks": [noting], "tags": ["news"]}), answer)
        assert noting.chat_models == [["news"], ["news"]]

        async def collect() -> list[str | Answer]:
            return [part async for part in runnable.astream(QUESTION)]

        *_, last = asyncio.run(collect())
        assert isinstance(last, Answer)
        assert same(last, answer)
        chain = runnable | RunnableLambda(lambda given: given.text)
        assert list(chain.stream(QUESTION))[-1] == answer.text
