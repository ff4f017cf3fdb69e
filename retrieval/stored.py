"""What the library stores of an article, how it names that, and what it knows of all articles together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from retrieval.database import Database
from retrieval.datatypes import Article, Filter, Passage
from retrieval.passages import Span

# A vector takes half the room that the embedder gives it; the cosine of two changes in its seventh digit.
STORED = np.dtype("<f2")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitArticle:
    """An article with its sentences and passages, ready to be stored.

    `vectors` has one of unit length for the key of each passage that is not stored yet.
    """

    article: Article
    sentences: Sequence[Span]
    passages: Sequence[Passage]
    vectors: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Story:
    """An article with the places of its sentences, in order."""

    article: Article
    sentences: list[Span]


@dataclass(frozen=True, slots=True)
class Byline:
    """Who published an article, and when, as far as it states that."""

    publisher: str | None
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Which derived vectors are served: the folder, and the last passage that was there when it was made.

    `count` is how many passages that were; `digest` that of the folder's files which never change again.
    """

    folder: str
    until: int
    count: int
    digest: str


class Facts:
    """What is known of all articles together, in one state of the library; read when it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # The passages of filters that let in few, once somebody has asked.
        self.few_admitted: dict[Filter, list[int] | None] = {}

    @cached_property
    def manifest(self) -> dict[str, str]:
        """How the library was built."""
        return dict(self._database.rows("SELECT name, value FROM manifest"))

    @cached_property
    def publishers(self) -> list[str]:
        """The publishers of all articles."""
        rows = self._database.rows("SELECT DISTINCT publisher FROM article WHERE publisher IS NOT NULL")
        return sorted(name for (name,) in rows)

    @cached_property
    def languages(self) -> list[str]:
        """The languages of the articles, the most frequent first."""
        rows = self._database.rows(
            "SELECT language FROM article WHERE language IS NOT NULL"
            " GROUP BY language ORDER BY count(*) DESC, language"
        )
        return [language for (language,) in rows]

    @cached_property
    def published_dates(self) -> list[str]:
        """The days on which articles were published."""
        rows = self._database.rows(
            "SELECT DISTINCT substr(published, 1, 10) FROM article WHERE published IS NOT NULL"
        )
        return [day for (day,) in rows]

    @cached_property
    def articles(self) -> int:
        """How many articles there are."""
        return int(self._database.rows("SELECT count(*) FROM article")[0][0])

    @cached_property
    def passages(self) -> int:
        """How many passages there are."""
        return int(self._database.rows("SELECT count(*) FROM passage")[0][0])


def fingerprint(article: Article) -> str:
    """Name what an article says and what is known of it, so that any change shows."""
    fields = (article.title, article.text, article.publisher, article.author, article.published,
              article.modified, article.language, article.url, article.path)  # fmt: skip
    # Earlier forms of a library knew of no corrections.
    every = (*fields, article.correction) if article.correction else fields
    return sha256(repr(every).encode()).hexdigest()


def passage_key(article: Article, passage: Passage) -> str:
    """Name a passage by its content and what is derived from it: same key, same vector and terms."""
    content = (article.title, article.publisher, article.published, article.language,
               passage.start, passage.text)  # fmt: skip
    return sha256(repr(content).encode()).hexdigest()[:32]
