"""The article store: the truth, from which the keyword and vector indexes are derived."""

import math
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from retrieval.database import Database
from retrieval.datatypes import Article, Passage
from retrieval.errors import LibraryBusy, LibraryMismatch, LibraryMissing, SettingError
from retrieval.keyword import KeywordIndex
from retrieval.passages import Span
from retrieval.wording import term

SCHEMA_VERSION = "1"
_FILE = "library.sqlite3"
_ARTICLE_FIELDS = "id, title, text, publisher, author, published, modified, language, url, path"
_SCHEMA = """
BEGIN;
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE article (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, publisher TEXT, author TEXT,
    published TEXT, modified TEXT, language TEXT, url TEXT, path TEXT, fingerprint TEXT NOT NULL
);
CREATE TABLE sentence (
    article_id TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, PRIMARY KEY (article_id, start)
) WITHOUT ROWID;
CREATE TABLE passage (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL
);
CREATE INDEX passage_of_article ON passage (article_id);
"""
# SQLite allows at least this many parameters in every build.
_PARAMETERS = 900


@dataclass(frozen=True, slots=True)
class SplitArticle:
    """An article with its sentences and passages, ready to be stored."""

    article: Article
    sentences: Sequence[Span]
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Byline:
    """Who published an article, and when, as far as it states that."""

    publisher: str | None
    published: str | None


def fingerprint(article: Article) -> str:
    """Name what an article says and what is known of it, so that any change shows."""
    fields = (article.title, article.text, article.publisher, article.author, article.published,
              article.modified, article.language, article.url, article.path)  # fmt: skip
    return sha256(repr(fields).encode()).hexdigest()


def passage_key(article: Article, passage: Passage) -> str:
    """Name a passage by its content and what is embedded with it: same key, same vector."""
    content = (article.id, article.title, article.publisher, article.published, passage.start, passage.text)
    return sha256(repr(content).encode()).hexdigest()[:32]


class Library:
    """Articles, sentences and passages in one SQLite file, with the keyword index beside them.

    Threads may share one.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database
        self.keyword = KeywordIndex(database)

    @classmethod
    def open_any(cls, folder: Path) -> "Library":
        """Open the library of a folder, whatever settings it was built with.

        Raises:
            LibraryMissing: There is none.
            LibraryMismatch: It cannot be read by this version.
        """
        missing = LibraryMissing(f"No index at {folder}. Build it with: footnote index FOLDER")
        if not (folder / _FILE).is_file():
            raise missing
        library = cls(folder, Database(folder / _FILE))
        try:
            if library._is_blank():
                library.close()
                raise missing
            schema = library.manifest().get("schema")
        except sqlite3.DatabaseError as error:
            library.close()
            raise LibraryMismatch(
                f"The index at {folder} cannot be read ({error}). Move it away and build it again with: "
                "footnote index FOLDER"
            ) from error
        if schema != SCHEMA_VERSION:
            library.close()
            raise LibraryMismatch(
                f"The index at {folder} has schema {schema}, this version reads {SCHEMA_VERSION}. "
                "Move it away and build it again with: footnote index FOLDER"
            )
        return library

    @classmethod
    def open(cls, folder: Path, manifest: Mapping[str, str]) -> "Library":
        """Open the library of a folder and check how it was built.

        Raises:
            LibraryMissing: There is none.
            LibraryMismatch: It was built with other settings; `footnote index --rebuild` mends that.
        """
        library = cls.open_any(folder)
        found = library.manifest()
        differing = [
            f"{name} {found.get(name, 'unknown')!r}, now {value!r}"
            for name, value in manifest.items()
            if found.get(name) != value
        ]
        if differing:
            library.close()
            raise LibraryMismatch(
                f"The index at {folder} was built with other settings: {'; '.join(differing)}. "
                "Rebuild it with: footnote index --rebuild"
            )
        return library

    @classmethod
    def create(cls, folder: Path, manifest: Mapping[str, str]) -> "Library":
        """Make an empty library in a folder that has none."""
        folder.mkdir(parents=True, exist_ok=True)
        library = cls(folder, Database(folder / _FILE))
        # Readers go on while a writer writes; the file keeps this.
        library._database.rows("PRAGMA journal_mode = WAL")
        with library._database.transaction():
            library._database.run_script(_SCHEMA)
            library.keyword.create()
            library.write_manifest({**manifest, "schema": SCHEMA_VERSION})
        return library

    def _is_blank(self) -> bool:
        """Whether the file holds nothing, as when its making was interrupted."""
        return not self._database.rows("SELECT 1 FROM sqlite_master LIMIT 1")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def manifest(self) -> dict[str, str]:
        """Read how the library was built."""
        return dict(self._database.rows("SELECT name, value FROM manifest"))

    def write_manifest(self, values: Mapping[str, str]) -> None:
        """Record how the library was built."""
        self._database.run_many("INSERT OR REPLACE INTO manifest VALUES (?, ?)", values.items())

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """Read articles by id, or all of them; ids that are not there are left out."""
        if ids is None:
            rows = self._database.rows(f"SELECT {_ARTICLE_FIELDS} FROM article ORDER BY id")
            return {row[0]: _article(row) for row in rows}
        statement = f"SELECT {_ARTICLE_FIELDS} FROM article WHERE id IN"
        return {row[0]: _article(row) for row in self._select(statement, list(dict.fromkeys(ids)))}

    def fingerprints(self) -> dict[str, tuple[str | None, str]]:
        """Read the path and the fingerprint of every article, by id."""
        rows = self._database.rows("SELECT id, path, fingerprint FROM article")
        return {id_: (path, print_) for id_, path, print_ in rows}

    def publishers(self) -> list[str]:
        """Read the publishers of all articles."""
        rows = self._database.rows("SELECT DISTINCT publisher FROM article WHERE publisher IS NOT NULL")
        return sorted(name for (name,) in rows)

    def languages(self) -> list[str]:
        """Read the languages of the articles, the most frequent first."""
        rows = self._database.rows(
            "SELECT language FROM article WHERE language IS NOT NULL GROUP BY language ORDER BY count(*) DESC"
        )
        return [language for (language,) in rows]

    def passages(self, numbers: Sequence[int]) -> dict[int, Passage]:
        """Read passages by number, text and all."""
        statement = (
            "SELECT number, article_id, start, end, substr(text, start + 1, end - start)"
            " FROM passage JOIN article ON article.id = article_id WHERE number IN"
        )
        return {
            number: Passage(article_id=id_, start=start, end=end, text=text)
            for number, id_, start, end, text in self._select(statement, numbers)
        }

    def passage_numbers(self, keys: Sequence[str]) -> dict[str, int]:
        """Read the numbers of passages by key; a key that is no longer stored is left out."""
        return dict(self._select("SELECT key, number FROM passage WHERE key IN", keys))

    def passage_keys(self) -> set[str]:
        """Read the keys of all passages."""
        return {key for (key,) in self._database.rows("SELECT key FROM passage")}

    def serve_vectors(self, name: str) -> None:
        """Record which vectors are served from now on."""
        with self._database.transaction():
            self.write_manifest({"vectors": name})

    def passage_count(self) -> int:
        """Count the passages."""
        return int(self._database.rows("SELECT count(*) FROM passage")[0][0])

    def bylines(self, numbers: Sequence[int]) -> dict[int, Byline]:
        """Read who published the articles of passages, and when."""
        statement = (
            "SELECT number, publisher, published FROM passage JOIN article ON article.id = article_id"
            " WHERE number IN"
        )
        rows = self._select(statement, numbers)
        return {number: Byline(publisher, published) for number, publisher, published in rows}

    def published_dates(self) -> list[str]:
        """Read the dates on which articles were published, without their times."""
        rows = self._database.rows(
            "SELECT DISTINCT substr(published, 1, 10) FROM article WHERE published IS NOT NULL"
        )
        return [day for (day,) in rows]

    def keys_of(self, numbers: Sequence[int]) -> dict[int, str]:
        """Read the keys of passages by number."""
        return dict(self._select("SELECT number, key FROM passage WHERE number IN", numbers))

    def rarity(self, some: Sequence[str]) -> dict[str, float]:
        """Grade from 0 to 1 how few passages hold a word, in any language of the library.

        The grade is an inverse document frequency (Robertson and Spärck Jones, 1976), scaled so that a
        word that stands nowhere has 1.
        """
        count = self.passage_count()
        languages: list[str | None] = [*self.languages()] or [None]
        held = {
            word: max(self.keyword.passages_with(term(word, language)) for language in languages)
            for word in some
        }
        return {word: math.log(1 + count / (0.5 + held[word])) / math.log(1 + 2 * count) for word in some}

    def sentences(self, article_id: str) -> list[Span]:
        """Read the places of the sentences of an article, in order."""
        rows = self._database.rows(
            "SELECT start, end FROM sentence WHERE article_id = ? ORDER BY start", (article_id,)
        )
        return [(start, end) for start, end in rows]

    def update(self, changed: Iterable[SplitArticle], removed: Iterable[str] = ()) -> None:
        """Store articles in place of their earlier versions and drop others, all or nothing."""
        with self._database.transaction():
            for article_id in removed:
                self._delete(article_id)
            for split in changed:
                self._delete(split.article.id)
                self._insert(split)

    def replace_all(self, articles: Iterable[SplitArticle], manifest: Mapping[str, str]) -> None:
        """Store all articles anew under another manifest, all or nothing."""
        with self._database.transaction():
            for table in ("article", "sentence", "passage"):
                self._database.rows(f"DELETE FROM {table}")
            self.keyword.clear()
            for split in articles:
                self._insert(split)
            self.write_manifest({**manifest, "schema": SCHEMA_VERSION})

    def _insert(self, split: SplitArticle) -> None:
        article = split.article
        values = [getattr(article, field) for field in _ARTICLE_FIELDS.split(", ")]
        self._database.rows(
            f"INSERT INTO article ({_ARTICLE_FIELDS}, fingerprint) VALUES ({'?, ' * len(values)}?)",
            [*values, fingerprint(article)],
        )
        self._database.run_many(
            "INSERT INTO sentence VALUES (?, ?, ?)", [(article.id, *span) for span in split.sentences]
        )
        for passage in split.passages:
            number = self._database.insert(
                "INSERT INTO passage (key, article_id, start, end) VALUES (?, ?, ?, ?)",
                (passage_key(article, passage), article.id, passage.start, passage.end),
            )
            self.keyword.add(number, article, passage)

    def _delete(self, article_id: str) -> None:
        rows = self._database.rows("SELECT number FROM passage WHERE article_id = ?", (article_id,))
        self.keyword.delete([number for (number,) in rows])
        for table, column in (("passage", "article_id"), ("sentence", "article_id"), ("article", "id")):
            self._database.rows(f"DELETE FROM {table} WHERE {column} = ?", (article_id,))

    def _select(self, statement: str, values: Sequence[int] | Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Run a statement that ends in IN for any number of values."""
        for start in range(0, len(values), _PARAMETERS):
            some = values[start : start + _PARAMETERS]
            yield from self._database.rows(f"{statement} ({', '.join('?' * len(some))})", some)


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the library of a folder for writing.

    Raises:
        LibraryBusy: Another process holds it.
        SettingError: The folder cannot be written to.
    """
    holder = folder / "writer"
    lock = FileLock(folder / "writer.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        since = holder.read_text("utf-8") if holder.exists() else "unknown"
        raise LibraryBusy(
            f"The index at {folder} is being written by another footnote ({since}). Wait for it to end."
        ) from error
    except OSError as error:
        raise SettingError(
            f"The index cannot be written to {folder} ({error.strerror}). Name another folder with --index."
        ) from error
    try:
        holder.write_text(f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _article(row: tuple[object, ...]) -> Article:
    return Article(**dict(zip(_ARTICLE_FIELDS.split(", "), row, strict=True)))  # type: ignore[arg-type]
