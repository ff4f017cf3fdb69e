"""Bring a library and its indexes up to what was read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.datatypes import Article, Passage
from retrieval.embedding import Embedder
from retrieval.errors import LibraryMissing
from retrieval.library import FILE, Library
from retrieval.locking import writer_lock
from retrieval.passages import Limit, Span, split_passages, split_sentences
from retrieval.settling import Progress, remove_vectors, serve_chroma, settle
from retrieval.stored import SplitArticle, fingerprint, passage_key
from retrieval.storing import now
from retrieval.tokens import ENCODING_NAME, count_tokens
from retrieval.translation import gloss

if TYPE_CHECKING:
    from retrieval.articles import Reading

# Title, publisher and date may take this share of the embedder's window before the passage does.
_PREFIX_SHARE = 0.25
# So many new passages are embedded and stored at a time; an interruption loses no more.
_BATCH = 128
# Where a rebuild gathers what will take the library's place.
_REBUILT = f"rebuilt-{FILE}"


@dataclass(slots=True)
class IndexReport:
    """What an update of the library did, by ids; `articles` are those that were read, with their ids."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0
    articles: tuple[Article, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Split:
    """An article that was split, and those of its passages that are not stored yet, by key."""

    article: Article
    sentences: Sequence[Span]
    passages: Sequence[Passage]
    new: dict[str, Passage]


class Indexer:
    """Writes a library, its keyword index and its vectors; one writer at a time."""

    def __init__(self, folder: Path, embedder: Embedder, *, passage_tokens: int) -> None:
        self._folder = folder
        self._embedder = embedder
        self._passage_tokens = passage_tokens
        self._is_settled = False

    @property
    def manifest(self) -> dict[str, str]:
        """How a library is built by this indexer; another one cannot be searched with it."""
        return {
            "embedder": self._embedder.name,
            "passages": f"at most {self._passage_tokens} tokens of {ENCODING_NAME}",
            "terms": "2",
        }

    def update(self, reading: "Reading", progress: Progress) -> IndexReport:
        """Add what is new, replace what changed, remove what left the folders that were read.

        What is stored when it is interrupted stays, and the next update goes on from there.
        """
        from retrieval.articles import distinct_ids

        with writer_lock(self._folder), self._open_or_create() as library:
            known = library.fingerprints()
            paths = {id_: path or "" for id_, (path, _) in known.items()}
            read = now()
            articles = distinct_ids(
                (replace(article, read=article.read or read) for article in reading.articles), paths
            )
            articles = _dated(library, articles, known)
            report = IndexReport(articles=articles)
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
            if report.removed:
                library.update([], report.removed)
            fresh = {*report.added, *report.changed}
            todo = [article for article in articles if article.id in fresh]
            report.embedded = self._store(library, todo, progress)
            if reading.sources:
                library.sources.write(reading.sources)
            # It looks at all there is, which the first time shows what a disk has done to it, too.
            if fresh or report.removed or not self._is_settled:
                settle(library, self._embedder.name, progress)
                self._is_settled = True
            return report

    def rebuild(self, progress: Progress) -> int:
        """Derive passages, keywords and vectors anew from the stored articles; count the passages.

        They are gathered in a file beside the library, which serves until they take its place at once; an
        interrupted rebuild is gone on with.
        """
        with (
            writer_lock(self._folder),
            closing(Library.open_any(self._folder, may_be_older=True)) as library,
            closing(self._begin_rebuilt()) as rebuilt,
        ):
            articles = library.articles()
            known = rebuilt.fingerprints()
            todo = [
                article
                for article in articles.values()
                if known.get(article.id, (None, None))[1] != fingerprint(article)
            ]
            rebuilt.update([], known.keys() - articles.keys())
            self._store(rebuilt, todo, progress)
            serve_chroma(rebuilt, rebuilt.numbers(), self._embedder.name, progress)
            library.take_over(_REBUILT)
            served, count = library.served(), library.passage_count()
        self._remove_rebuilt()
        remove_vectors(self._folder, {served.folder} if served else set())
        return count

    def _begin_rebuilt(self) -> Library:
        rebuilt = Library.create(self._folder, self.manifest, file=_REBUILT)
        if {name: rebuilt.manifest().get(name) for name in self.manifest} == self.manifest:
            return rebuilt
        rebuilt.close()
        self._remove_rebuilt()
        return Library.create(self._folder, self.manifest, file=_REBUILT)

    def _remove_rebuilt(self) -> None:
        for path in self._folder.glob(f"{_REBUILT}*"):
            path.unlink()

    @contextmanager
    def _open_or_create(self) -> Iterator[Library]:
        try:
            library = Library.open(self._folder, self.manifest)
        except LibraryMissing:
            library = Library.create(self._folder, self.manifest)
        with closing(library):
            yield library

    def _store(self, library: Library, articles: Sequence[Article], progress: Progress) -> int:
        """Split, embed and store articles, some at a time; count the passages that were embedded."""
        embedded = 0
        batch: list[_Split] = []
        waiting = 0
        for done, article in enumerate(articles, start=1):
            batch.append(self._split(library, article))
            waiting += len(batch[-1].new)
            if waiting >= _BATCH or done == len(articles):
                self._store_batch(library, batch)
                embedded += waiting
                batch, waiting = [], 0
                progress("indexing", done, len(articles))
        return embedded

    def _split(self, library: Library, article: Article) -> "_Split":
        sentences = split_sentences(article.text)
        passages = split_passages(article, sentences, self._limits(article))
        known = library.passage_keys([article.id])[article.id]
        keyed = {passage_key(article, passage): passage for passage in passages}
        new = {key: passage for key, passage in keyed.items() if key not in known}
        return _Split(article, sentences, passages, new)

    def _store_batch(self, library: Library, batch: Sequence["_Split"]) -> None:
        new = [(split.article, key, passage) for split in batch for key, passage in split.new.items()]
        rows = self._embedder.embed([self._embedded(article, passage) for article, _, passage in new])
        vectors: dict[str, dict[str, NDArray[np.float32]]] = {split.article.id: {} for split in batch}
        for (article, key, _), row in zip(new, rows, strict=True):
            vectors[article.id][key] = row
        library.update(
            SplitArticle(
                article=split.article,
                sentences=split.sentences,
                passages=split.passages,
                vectors=vectors[split.article.id],
            )
            for split in batch
        )

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


def _dated(
    library: Library, articles: Sequence[Article], known: Mapping[str, tuple[str | None, str]]
) -> tuple[Article, ...]:
    """Keep the date of a page that does not state it: a feed did, when it named the page first."""
    undated = {
        article.id
        for article in articles
        if article.published is None and article.path and "://" in article.path and article.id in known
    }
    before = library.articles(undated)
    return tuple(
        replace(article, published=before[article.id].published) if article.id in undated else article
        for article in articles
    )
