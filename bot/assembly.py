"""Build the parts from the settings: the only file that chooses classes."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assistant import Assistant
from bot.settings import Settings, key_of_chat_model
from bot.writing import Writer
from retrieval.close_reading import CloseReader
from retrieval.embedding import BUNDLED_MODEL, Embedder, SentenceTransformerEmbedder
from retrieval.errors import LibraryMissing
from retrieval.indexing import Indexer
from retrieval.library import Library
from retrieval.onnx_embedding import OnnxEmbedder
from retrieval.rarity import rarity
from retrieval.reader_model import TrainedReader
from retrieval.reading import SentenceChooser, SentenceReader
from retrieval.search import Searcher
from retrieval.sources import Source
from retrieval.vectors import Vectors
from retrieval.wording import detect_language, guess_language

if TYPE_CHECKING:
    from bot.chain import PassageRetriever
    from bot.database import Database
    from bot.generative import ChatModel
    from bot.history import History
    from retrieval.gathering import Gatherer


def build_embedder(settings: Settings) -> Embedder:
    """Make the embedder that the settings name."""
    if settings.embedder == BUNDLED_MODEL and settings.runtime == "onnx":
        return OnnxEmbedder(settings.cache)
    return SentenceTransformerEmbedder(settings.embedder)


def build_indexer(settings: Settings, folder: Path, embedder: Embedder | None = None) -> Indexer:
    """Make what writes an index."""
    return Indexer(folder, embedder or build_embedder(settings), passage_tokens=settings.passage_tokens)


def build_gatherer(settings: Settings, folder: Path) -> "Gatherer":
    """Make what reads files, pages and feeds for the index of a folder."""
    from retrieval.fetching import Fetcher, FetchLimits, agent_name
    from retrieval.gathering import Gatherer

    def known(names: Sequence[str]) -> dict[str, Source]:
        try:
            with closing(Library.open_any(folder)) as library:
                return library.sources.named(names)
        except LibraryMissing:
            return {}

    return Gatherer(
        lambda: Fetcher(
            agent=agent_name(settings.fetch_contact),
            private=settings.fetch_private,
            limits=FetchLimits(content_bytes=settings.fetch_megabytes * 1_000_000),
            pause_seconds=settings.fetch_pause_seconds,
        ),
        known=known,
        pause_seconds=round(settings.watch_minutes * 60),
    )


def open_library(settings: Settings, folder: Path, embedder: Embedder) -> Library:
    """Open the index of a folder for reading.

    Raises:
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings.
    """
    return Library.open(folder, build_indexer(settings, folder, embedder).manifest)


def build_searcher(settings: Settings, library: Library, embedder: Embedder) -> Searcher:
    """Make what finds passages in a library."""
    return Searcher(library, Vectors(library, embedder.name), embedder, limit=settings.evidence)


def build_reader(settings: Settings, library: Library, embedder: Embedder) -> SentenceChooser:
    """Make what chooses the sentences that answer."""
    of_library = partial(rarity, library)
    by_rules = SentenceReader(embedder, of_library)
    if settings.reader == "rules":
        return by_rules
    return CloseReader(TrainedReader(settings.cache), by_rules, of_library)


def build_language_guess(library: Library) -> Callable[[str], str]:
    """Make what tells the language of a question; the languages of the articles are the likeliest."""
    return lambda question: guess_language(question, library.languages(), detect_language)


def build_chat_model(settings: Settings, embedder: Embedder | None = None) -> "ChatModel | None":
    """Make the chat model that the settings name; None where they name none.

    Args:
        settings: Name it.
        embedder: Compares sentences in the checks; not needed to rewrite questions.

    Raises:
        SettingError: Its package or its key is missing, or its name or address cannot be used.
    """
    if settings.chat_model is None:
        return None
    from bot.chat_connection import ChatConnection
    from bot.generative import ChatModel

    connection = ChatConnection(
        settings.chat_model,
        key=key_of_chat_model(settings),
        url=settings.chat_url,
        timeout_seconds=settings.chat_timeout_seconds,
        max_tokens=settings.chat_max_tokens,
    )
    similarity = partial(_similarity, embedder) if embedder else None
    return ChatModel(connection, max_tokens=settings.chat_max_tokens, similarity=similarity)


def _similarity(embedder: Embedder, one: str, other: str) -> float:
    first, second = embedder.embed([one, other])
    return float(first @ second)


def build_assistant(
    settings: Settings,
    folder: Path,
    embedder: Embedder | None = None,
    *,
    today: Callable[[], date] = date.today,
) -> Assistant:
    """Open the index of a folder and make what answers from it, until it is closed.

    Args:
        settings: Say how.
        folder: Holds the index.
        embedder: Takes the place of the one that the settings name.
        today: Tells the day on which a question is asked.

    Raises:
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings.
        SettingError: The chat model cannot be used.
    """
    embedder = embedder or build_embedder(settings)
    with ExitStack() as files:
        library = files.enter_context(closing(open_library(settings, folder, embedder)))
        vectors = files.enter_context(closing(Vectors(library, embedder.name)))
        return Assistant(
            library,
            Searcher(library, vectors, embedder, limit=settings.evidence),
            Writer(
                build_reader(settings, library, embedder),
                build_chat_model(settings, embedder),
                quotes=settings.quotes,
                quoted_characters=settings.quoted_characters,
            ),
            build_language_guess(library),
            question_characters=settings.question_characters,
            close=files.pop_all().close,
            today=today,
        )


def build_retriever(settings: Settings, folder: Path, embedder: Embedder | None = None) -> "PassageRetriever":
    """Open the index of a folder and make a LangChain retriever of its passages.

    Raises:
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings.
    """
    from bot.chain import PassageRetriever

    embedder = embedder or build_embedder(settings)
    library = open_library(settings, folder, embedder)
    return PassageRetriever(
        searcher=build_searcher(settings, library, embedder),
        library=library,
        language_of_question=build_language_guess(library),
    )


def open_database(settings: Settings, folder: Path, *, stays_open: bool = False) -> "Database":
    """Open the database that the settings name, else the one beside an index.

    Raises:
        HistoryError: It cannot be used.
    """
    from bot.database import Database
    from bot.history import FILE_NAME

    place = settings.history.get_secret_value() if settings.history else folder / FILE_NAME
    return Database.open(place, stays_open=stays_open)


def open_history(settings: Settings, folder: Path) -> "History":
    """Open the conversations of that database.

    Raises:
        HistoryError: They cannot be used.
    """
    from bot.history import History

    return History(open_database(settings, folder))
