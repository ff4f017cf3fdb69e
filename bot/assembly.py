"""Build the parts from the settings: the only file that chooses classes."""

from pathlib import Path

from bot.assistant import Assistant
from bot.settings import Settings
from retrieval.articles import detect_language
from retrieval.embedding import Embedder, SentenceTransformerEmbedder
from retrieval.index import VectorIndex
from retrieval.indexing import Indexer, vectors_folder
from retrieval.library import Library
from retrieval.reading import SentenceReader
from retrieval.search import Searcher
from retrieval.wording import guess_language


def build_embedder(settings: Settings) -> Embedder:
    """Make the embedder that the settings name."""
    return SentenceTransformerEmbedder(settings.embedder)


def build_indexer(settings: Settings, folder: Path, embedder: Embedder | None = None) -> Indexer:
    """Make what writes an index."""
    return Indexer(folder, embedder or build_embedder(settings), passage_tokens=settings.passage_tokens)


def build_assistant(settings: Settings, folder: Path, embedder: Embedder | None = None) -> Assistant:
    """Open the index of a folder and make what answers from it.

    Raises:
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings.
    """
    embedder = embedder or build_embedder(settings)
    library = Library.open(folder, build_indexer(settings, folder, embedder).manifest)
    vectors = VectorIndex(vectors_folder(library), embedder.name)
    searcher = Searcher(library, vectors, embedder, limit=settings.evidence)
    reader = SentenceReader(embedder, library.rarity)
    return Assistant(
        library,
        searcher,
        reader,
        lambda question: guess_language(question, library.languages(), detect_language),
        question_characters=settings.question_characters,
        quotes=settings.quotes,
        quoted_characters=settings.quoted_characters,
    )
