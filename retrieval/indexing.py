"""Bring a library and its indexes up to what was read."""

from collections.abc import Iterator, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree, rmtree
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.articles import Reading, distinct_ids
from retrieval.datatypes import Article, Passage
from retrieval.embedding import Embedder
from retrieval.errors import LibraryMismatch, LibraryMissing
from retrieval.index import VectorIndex
from retrieval.library import Library, SplitArticle, fingerprint, passage_key, writer_lock
from retrieval.passages import Limit, split_passages, split_sentences
from retrieval.tokens import ENCODING_NAME, count_tokens
from retrieval.translation import gloss

# Title, publisher and date may take this share of the embedder's window before the passage does.
_PREFIX_SHARE = 0.25


class Progress(Protocol):
    """Is told how far a long step has come."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take note that `done` of `total` are done in the step."""


@dataclass(slots=True)
class IndexReport:
    """What an update of the library did."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0


class Indexer:
    """Writes a library, its keyword index and its vectors; one writer at a time."""

    def __init__(self, folder: Path, embedder: Embedder, *, passage_tokens: int) -> None:
        self._folder = folder
        self._embedder = embedder
        self._passage_tokens = passage_tokens

    @property
    def manifest(self) -> dict[str, str]:
        """How a library is built by this indexer; another one cannot be searched with it."""
        return {
            "embedder": self._embedder.name,
            "passages": f"at most {self._passage_tokens} tokens of {ENCODING_NAME}",
            "terms": "2",
        }

    def update(self, reading: Reading, progress: Progress) -> IndexReport:
        """Add what is new, replace what changed, remove what left the folders that were read."""
        with writer_lock(self._folder), self._open_or_create() as library:
            known = library.fingerprints()
            paths = {id_: path or "" for id_, (path, _) in known.items()}
            articles = distinct_ids(reading.articles, paths)
            report = IndexReport()
            for article in articles:
                _, before = known.get(article.id, (None, None))
                if before == fingerprint(article):
                    report.unchanged += 1
                else:
                    (report.changed if before else report.added).append(article.id)
            present = {article.id for article in articles}
            report.removed = [
                id_
                for id_, path in paths.items()
                if id_ not in present and reading.covers(path) and path not in reading.failed_paths
            ]
            fresh = {*report.added, *report.changed}
            todo = [article for article in articles if article.id in fresh]
            if todo or report.removed:
                library.update(self._split(todo, progress), report.removed)
            report.embedded = self._derive_vectors(library, progress)
            return report

    def rebuild(self, progress: Progress) -> int:
        """Derive passages, keywords and vectors anew from the stored articles; count the passages.

        The new vectors are made beside the old ones, which serve until the new ones are complete.
        """
        with writer_lock(self._folder), closing(Library.open_any(self._folder)) as library:
            splits = list(self._split(list(library.articles().values()), progress))
            passages = [(split.article, passage) for split in splits for passage in split.passages]
            served = vectors_folder(library)
            folder = _following(served)
            unfinished = folder.with_name(f"{folder.name}.rebuilt")
            rmtree(unfinished, ignore_errors=True)
            with VectorIndex(unfinished, self._embedder.name) as index:
                self._embed(index, passages, progress)
            rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
            library.replace_all(splits, {**self.manifest, "vectors": folder.name})
            _remove_vectors(self._folder, {served, folder})
            return len(passages)

    @contextmanager
    def _open_or_create(self) -> Iterator[Library]:
        try:
            library = Library.open(self._folder, self.manifest)
        except LibraryMissing:
            library = Library.create(self._folder, {**self.manifest, "vectors": "vectors-0"})
        with closing(library):
            yield library

    def _split(self, articles: Sequence[Article], progress: Progress) -> Iterator[SplitArticle]:
        for done, article in enumerate(articles, start=1):
            sentences = split_sentences(article.text)
            passages = split_passages(article, sentences, self._limits(article))
            yield SplitArticle(article=article, sentences=sentences, passages=passages)
            progress("splitting", done, len(articles))

    def _limits(self, article: Article) -> list[Limit]:
        """Keep a passage within its own tokens and, with its prefix, within the embedder's window."""
        count, prefix = self._embedder.count, self._prefix(article)
        limits = [
            Limit(count_tokens, self._passage_tokens),
            Limit(count, self._embedder.window - count(prefix)),
        ]
        if not self._embedder.reads(article.language):
            room = self._embedder.window - count(gloss(prefix, article.language))
            limits.append(Limit(lambda text: count(gloss(text, article.language)), room))
        return limits

    def _derive_vectors(self, library: Library, progress: Progress) -> int:
        """Give every passage its vector and drop the vectors of passages that are gone.

        The vectors that are served stay as they are; a copy is brought up to date and takes their
        place once it is whole. One that an interrupted run began is gone on with.
        """
        wanted = library.passage_keys()
        served = vectors_folder(library)
        stored = self._stored_keys(served)
        if stored == wanted:
            return 0
        with self._open_successor(served, is_copy=bool(stored)) as index:
            present = index.keys()
            index.delete(sorted(present - wanted))
            numbers = library.passage_numbers(sorted(wanted - present))
            passages = library.passages(sorted(numbers.values()))
            articles = library.articles(passage.article_id for passage in passages.values())
            todo = [(articles[passage.article_id], passage) for passage in passages.values()]
            self._embed(index, todo, progress)
            library.serve_vectors(index.folder.name)
        _remove_vectors(self._folder, {served, index.folder})
        return len(todo)

    def _stored_keys(self, folder: Path) -> set[str] | None:
        """Read the keys of vectors; None where they cannot be read and have to be made anew."""
        if not folder.exists():
            return set()
        try:
            with VectorIndex(folder, self._embedder.name) as index:
                return index.keys()
        except LibraryMismatch:
            return None

    def _open_successor(self, served: Path, *, is_copy: bool) -> VectorIndex:
        folder = _following(served)
        if folder.exists() and self._stored_keys(folder) is None:
            rmtree(folder)
        if is_copy and not folder.exists():
            # It gets its own name only when it is whole.
            unfinished = folder.with_name(f"{folder.name}.copy")
            rmtree(unfinished, ignore_errors=True)
            copytree(served, unfinished)
            unfinished.rename(folder)
        return VectorIndex(folder, self._embedder.name)

    def _embed(self, index: VectorIndex, todo: Sequence[tuple[Article, Passage]], progress: Progress) -> None:
        def embed(places: Sequence[int]) -> NDArray[np.float32]:
            pairs = [todo[place] for place in places]
            return self._embedder.embed([self._embedded(article, passage) for article, passage in pairs])

        done = 0

        def note(count: int) -> None:
            nonlocal done
            done += count
            progress("embedding", done, len(todo))

        index.add([passage_key(article, passage) for article, passage in todo], embed, note)

    def _embedded(self, article: Article, passage: Passage) -> str:
        """Write what is embedded: in a language the embedder does not read, word by word in English."""
        text = self._prefix(article) + passage.text
        return text if self._embedder.reads(article.language) else gloss(text, article.language)

    def _prefix(self, article: Article) -> str:
        """Write what is embedded before each passage, never what is cited: title, publisher, date."""
        longest = int(self._embedder.window * _PREFIX_SHARE)
        known = [article.publisher or "", (article.published or "")[:10]]
        facts = self._shortened(", ".join(fact for fact in known if fact), longest // 2)
        title = self._shortened(article.title, longest - self._embedder.count(f". {facts}\n"))
        return f"{title}. {facts}\n"

    def _shortened(self, text: str, longest: int) -> str:
        while text and self._embedder.count(text) > longest:
            text = text[: len(text) * 3 // 4].rstrip()
        return text


def vectors_folder(library: Library) -> Path:
    """Find the folder of the vectors that the library serves now."""
    return library.folder / library.manifest()["vectors"]


def _following(folder: Path) -> Path:
    """Name the folder in which the next vectors are made: "vectors-3" after "vectors-2"."""
    return folder.with_name(f"vectors-{int(folder.name.rpartition('-')[2]) + 1}")


def _remove_vectors(folder: Path, kept: Set[Path]) -> None:
    """Remove the vectors that nothing serves; those served until now stay for whoever reads them still."""
    for found in folder.glob("vectors-*"):
        if found not in kept:
            rmtree(found, ignore_errors=True)
