"""What is evaluated: Footnote itself, and the baselines that stand beside it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.assembly import build_assistant, build_chat_model
from bot.assistant import Assistant, Found
from bot.datatypes import Answer, Conversation
from bot.evaluation.baselines import NearestSentence, split_by_characters
from bot.evaluation.options import SystemName
from bot.settings import Settings
from bot.writing import make_stand_alone
from retrieval.datatypes import Passage
from retrieval.embedding import Embedder
from retrieval.index import VectorIndex
from retrieval.library import Library
from retrieval.settling import Progress
from retrieval.wording import detect_language, guess_language

Rewrite = Callable[[str, Conversation, str | None], str]


class System(Protocol):
    """Anything that answers questions from a library."""

    @property
    def passages(self) -> Sequence[Passage]:
        """All passages that it can find."""

    def find(self, question: str, conversation: Conversation = ()) -> Found:
        """Find the passages that an answer would be drawn from."""

    def answer(self, question: str, conversation: Conversation = ()) -> Answer:
        """Answer a question in a conversation."""


@dataclass(frozen=True, slots=True)
class FootnoteSystem:
    """The assistant as people use it."""

    assistant: Assistant
    library: Library

    @property
    def passages(self) -> Sequence[Passage]:
        """All passages of the library."""
        return all_passages(self.library)

    def find(self, question: str, conversation: Conversation = ()) -> Found:
        """Find the passages that an answer would be drawn from."""
        return self.assistant.find(question, conversation)

    def answer(self, question: str, conversation: Conversation = ()) -> Answer:
        """Answer a question in a conversation."""
        return self.assistant.answer(question, conversation)


def build_system(
    name: SystemName,
    settings: Settings,
    library: Library,
    embedder: Embedder,
    place: Path,
    progress: Progress,
    files: ExitStack,
) -> System:
    """Make a system that answers from a library.

    Args:
        name: Which one.
        settings: Those of the run.
        library: What it answers from.
        embedder: The model that all systems share.
        place: A folder for what a baseline derives from the articles, kept between runs.
        progress: Is told how far that has come.
        files: Is given what has to be closed.
    """
    match name:
        case SystemName.FOOTNOTE:
            assistant = files.enter_context(closing(build_assistant(settings, library.folder, embedder)))
            return FootnoteSystem(assistant, library)
        case SystemName.NAIVE:
            articles = library.articles()
            passages = [passage for article in articles.values() for passage in split_by_characters(article)]
            vectors = files.enter_context(VectorIndex(place, embedder.name))
            return NearestSentence.by_vectors(library, embedder, passages, vectors, progress)
        case SystemName.KEYWORD:
            return NearestSentence.by_keywords(library, embedder, all_passages(library))


def rewriter(name: SystemName, settings: Settings) -> Rewrite:
    """Give the system's way to make a question stand alone, which needs no articles."""
    if name is not SystemName.FOOTNOTE:
        return lambda question, conversation, language: question
    chat_model = build_chat_model(settings)

    def rewrite(question: str, conversation: Conversation, language: str | None) -> str:
        likely = [language] if language else []
        spoken = guess_language(question, likely, detect_language)
        return make_stand_alone(question, conversation, spoken, chat_model).text

    return rewrite


def all_passages(library: Library) -> list[Passage]:
    """Read every passage of a library, in the order in which they were stored."""
    return list(library.passages().values())
