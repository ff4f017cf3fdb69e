"""Keyword search over passages with SQLite's FTS5, in the same file as the articles."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from retrieval.datatypes import Article, Passage
from retrieval.places import find_places
from retrieval.wording import terms

FIELDS = ("title", "publisher", "body", "places")


class KeywordIndex:
    """Stemmed terms of passages, ranked by BM25 (Robertson and Zaragoza, 2009, as FTS5 computes it)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create(self) -> None:
        """Make the table."""
        # The terms are stemmed and without accents already; the tokenizer only finds the spaces, and
        # leaves "12.5" whole.
        tokenizer = "unicode61 remove_diacritics 0 tokenchars ''.''"
        self._connection.execute(
            f"CREATE VIRTUAL TABLE keyword USING fts5({', '.join(FIELDS)}, tokenize = '{tokenizer}')"
        )
        self._connection.execute("CREATE VIRTUAL TABLE keyword_terms USING fts5vocab(keyword, row)")

    def passages_with(self, wanted: str) -> int:
        """Count the passages that hold a term."""
        row = self._connection.execute("SELECT doc FROM keyword_terms WHERE term = ?", (wanted,)).fetchone()
        return int(row[0]) if row else 0

    def clear(self) -> None:
        """Forget all passages."""
        self._connection.execute("DELETE FROM keyword")

    def add(self, number: int, article: Article, passage: Passage) -> None:
        """Store the terms of a passage under its number."""
        language = article.language
        fields = (
            terms(article.title, language),
            terms(article.publisher or "", None),
            terms(passage.text, language),
            [place_term(mention.code) for mention in find_places(passage.text)],
        )
        self._connection.execute(
            "INSERT INTO keyword (rowid, title, publisher, body, places) VALUES (?, ?, ?, ?, ?)",
            (number, *(" ".join(field) for field in fields)),
        )

    def delete(self, numbers: Iterable[int]) -> None:
        """Forget passages."""
        self._connection.executemany("DELETE FROM keyword WHERE rowid = ?", [(n,) for n in numbers])

    def search(self, wanted: Sequence[str], weights: Mapping[str, float], limit: int) -> dict[int, float]:
        """Score the passages that hold any of the terms.

        Args:
            wanted: Terms as `wording.terms` makes them.
            weights: How much a hit in each field counts; a field left out counts nothing.
            limit: How many passages to give back at most.

        Returns:
            BM25 scores by passage number, higher is better, best first.
        """
        if not wanted:
            return {}
        expression = " OR ".join(f'"{word}"' for word in dict.fromkeys(wanted))
        columns = ", ".join(str(float(weights.get(field, 0.0))) for field in FIELDS)
        rows = self._connection.execute(
            f"SELECT rowid, -bm25(keyword, {columns}) AS score FROM keyword WHERE keyword MATCH ?"
            " ORDER BY score DESC LIMIT ?",
            (expression, limit),
        )
        return dict(rows.fetchall())


def place_term(code: str) -> str:
    """Write a place's code as a term: one for "Latvia", "Lettonia" and "Lettland"."""
    return "place" + "".join(letter for letter in code.lower() if letter.isalnum())
