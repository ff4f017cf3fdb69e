"""Build the parts from the settings: the only file that chooses classes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assistant import Assistant
from bot.settings import Settings
from retrieval.articles import detect_language
from retrieval.embedding import Embedder, SentenceTransformerEmbedder
from retrieval.errors import LibraryMismatch
from retrieval.index import ServedVectors
from retrieval.indexing import Indexer, vectors_folder
from retrieval.library import Library
from retrieval.reading import SentenceReader
from retrieval.search import Searcher
from retrieval.wording import guess_language

if TYPE_CHECKING:
    from bot.chain import PassageRetriever


def build_embedder(settings: Settings) -> Embedder:
    """Make the embedder that the settings name."""
    return SentenceTransformerEmbedder(settings.embedder)


def build_indexer(settings: Settings, folder: Path, embedder: Embedder | None = None) -> Indexer:
    """Make what writes an index."""
    return Indexer(folder, embedder or build_embedder(settings), passage_tokens=settings.passage_tokens)


def open_library(settings: Settings, folder: Path, embedder: Embedder) -> Library:
    """Open the index of a folder for reading.

    Raises:
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings.
    """
    return Library.open(folder, build_indexer(settings, folder, embedder).manifest)


def build_searcher(settings: Settings, library: Library, embedder: Embedder) -> Searcher:
    """Make what finds passages in a library.

    Raises:
        LibraryMismatch: The vectors are missing, or another model's.
    """
    vectors = ServedVectors(lambda: vectors_folder(library), embedder.name)
    if not len(vectors) and library.passage_count():
        raise LibraryMismatch(
            f"The index at {library.folder} has no vectors. Make them anew with: footnote index --rebuild"
        )
    return Searcher(library, vectors, embedder, limit=settings.evidence)


def build_language_guess(library: Library) -> Callable[[str], str]:
    """Make what tells the language of a question; the languages of the articles are the likeliest."""
    return lambda question: guess_language(question, library.languages(), detect_language)


def build_assistant(settings: Settings, folder: Path, embedder: Embedder | None = None) -> Assistant:
    """Open the index of a folder and make what answers from it.

    Raises:
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings, or its vectors are missing.
    """
    embedder = embedder or build_embedder(settings)
    library = open_library(settings, folder, embedder)
    return Assistant(
        library,
        build_searcher(settings, library, embedder),
        SentenceReader(embedder, library.rarity),
        build_language_guess(library),
        question_characters=settings.question_characters,
        quotes=settings.quotes,
        quoted_characters=settings.quoted_characters,
    )


def build_retriever(settings: Settings, folder: Path, embedder: Embedder | None = None) -> "PassageRetriever":
    """Open the index of a folder and make a LangChain retriever of its passages.

    Raises:
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings, or its vectors are missing.
    """
    from bot.chain import PassageRetriever

    embedder = embedder or build_embedder(settings)
    library = open_library(settings, folder, embedder)
    return PassageRetriever(
        searcher=build_searcher(settings, library, embedder),
        library=library,
        language_of_question=build_language_guess(library),
    )
