"""Keyword search over passages with SQLite's FTS5, in the same file as the articles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from retrieval.database import Database
from retrieval.datatypes import Article, Passage
from retrieval.passages import split_sentences
from retrieval.places import find_places
from retrieval.translation import gloss, is_glossed
from retrieval.wording import terms


@dataclass(frozen=True, slots=True)
class KeywordHit:
    """A passage that holds terms of a query: the terms of its fields, the body's by sentence."""

    number: int
    title: list[str]
    publisher: list[str]
    sentences: list[list[str]]


class KeywordIndex:
    """Terms of passages: stems, codes of places, and English words of languages that are glossed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self) -> None:
        """Make the tables."""
        # The terms are stemmed and without accents already; the tokenizer only finds the spaces, and
        # leaves "12.5" whole.
        tokenizer = "unicode61 remove_diacritics 0 tokenchars ''.''"
        self._database.rows(
            f"CREATE VIRTUAL TABLE keyword USING fts5(title, publisher, body, tokenize = '{tokenizer}')"
        )
        self._database.rows("CREATE VIRTUAL TABLE keyword_terms USING fts5vocab(keyword, row)")

    def clear(self) -> None:
        """Forget all passages."""
        self._database.rows("DELETE FROM keyword")

    def add(self, number: int, article: Article, passage: Passage) -> None:
        """Store the terms of a passage under its number."""
        sentences = [passage.text[start:end] for start, end in split_sentences(passage.text)]
        lines = [" ".join(all_terms(sentence, article.language)) for sentence in sentences]
        self._database.rows(
            "INSERT INTO keyword (rowid, title, publisher, body) VALUES (?, ?, ?, ?)",
            (
                number,
                " ".join(all_terms(article.title, article.language)),
                " ".join(terms(article.publisher or "", None)),
                "\n".join(lines),
            ),
        )

    def delete(self, numbers: Iterable[int]) -> None:
        """Forget passages."""
        self._database.run_many("DELETE FROM keyword WHERE rowid = ?", [(n,) for n in numbers])

    def passages_with(self, wanted: str) -> int:
        """Count the passages that hold a term in any field."""
        rows = self._database.rows("SELECT doc FROM keyword_terms WHERE term = ?", (wanted,))
        return int(rows[0][0]) if rows else 0

    def find(self, wanted: Iterable[str], limit: int) -> list[KeywordHit]:
        """Find the passages that hold any of the terms, the likeliest first by FTS5's own BM25."""
        expression = " OR ".join(f'"{word}"' for word in dict.fromkeys(wanted))
        if not expression:
            return []
        statement = (
            "SELECT rowid, title, publisher, body FROM keyword WHERE keyword MATCH ? ORDER BY rank LIMIT ?"
        )
        return [_hit(row) for row in self._database.rows(statement, (expression, limit))]

    def read(self, numbers: Sequence[int]) -> list[KeywordHit]:
        """Read the terms of passages by number; one that is not stored is left out."""
        statement = "SELECT rowid, title, publisher, body FROM keyword WHERE rowid = ?"
        return [_hit(row) for number in numbers for row in self._database.rows(statement, (number,))]


def all_terms(text: str, code: str | None) -> list[str]:
    """Reduce a text to its terms, with those of its English words where they differ, and of its places."""
    found = terms(text, code)
    if is_glossed(code):
        found += terms(gloss(text, code), "en")
    return found + [name for mention in find_places(text) for name in place_terms(mention.code)]


def place_terms(code: str) -> list[str]:
    """Write the code of a place as terms: "Latvia" and "Lettonia" are one; a city is its country too."""
    country = code.partition("/")[0]
    return [_place_term(code)] if country == code else [_place_term(code), _place_term(country)]


def _place_term(code: str) -> str:
    return "place" + "".join(letter for letter in code.lower() if letter.isalnum())


def _hit(row: tuple[Any, ...]) -> KeywordHit:
    number, title, publisher, body = row
    return KeywordHit(number, title.split(), publisher.split(), [line.split() for line in body.split("\n")])
