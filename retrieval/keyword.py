"""Keyword search over passages with SQLite's FTS5, in the same file as the articles."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.database import Database, State
from retrieval.datatypes import Article, Filter, Passage
from retrieval.passages import Span
from retrieval.places import find_places
from retrieval.schema import conditions
from retrieval.translation import gloss, is_glossed
from retrieval.wording import terms

# SQLite allows at least this many parameters in every build.
_PARAMETERS = 900
# So many passages are gone through at the most, but for a term that stands alone; more where few may be
# found among them.
_GONE_THROUGH, _GONE_THROUGH_FOR_FEW = 2_000, 10_000


@dataclass(frozen=True, slots=True)
class KeywordHit:
    """A passage that holds terms of a query: the terms of its fields, the body's a sentence a line."""

    number: int
    title: str
    publisher: str
    body: str


class KeywordIndex:
    """Terms of passages: stems, codes of places, and English words of languages that are glossed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # What was counted in the state that the database was in; a question repeats words of others.
        self._counted: tuple[State, dict[str, int]] = ((0, 0), {})

    def add(self, number: int, article: Article, passage: Passage, sentences: Iterable[Span]) -> None:
        """Store the terms of a passage under its number.

        Args:
            number: The passage's, in the library.
            article: What it is a passage of.
            passage: What is stored.
            sentences: The places of the article's sentences, of which those in the passage count.
        """
        inside = [(max(start, passage.start), min(end, passage.end)) for start, end in sentences]
        lines = [
            " ".join(all_terms(article.text[start:end], article.language))
            for start, end in inside
            if start < end
        ]
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

    def counts(self, wanted: Iterable[str]) -> dict[str, int]:
        """Count the passages that hold each term in any field."""
        state = self._database.state()
        if self._counted[0] != state:
            self._counted = state, {}
        counted = self._counted[1]
        missing = [word for word in dict.fromkeys(wanted) if word not in counted]
        for start in range(0, len(missing), _PARAMETERS):
            some = missing[start : start + _PARAMETERS]
            places = ", ".join("?" * len(some))
            rows = self._database.rows(f"SELECT term, doc FROM keyword_terms WHERE term IN ({places})", some)
            counted |= {word: 0 for word in some} | {str(word): int(held) for word, held in rows}
        return {word: counted[word] for word in wanted}

    def find(
        self,
        wanted: Iterable[str],
        limit: int,
        where: Filter | None = None,
        among: Sequence[int] | None = None,
    ) -> list[KeywordHit]:
        """Find the passages that hold any of the terms, the likeliest first by FTS5's own BM25.

        Args:
            wanted: The terms.
            limit: The most that are wanted.
            where: Lets in some articles only.
            among: The passages of these, where they are few.

        Terms that stand in very many passages are left out where rarer ones find enough: they cost the
        most and tell the least.
        """
        most = _GONE_THROUGH if among is None else _GONE_THROUGH_FOR_FEW
        expression = " OR ".join(f'"{word}"' for word in self._telling(wanted, most))
        if not expression:
            return []
        inside, values = "", list[str]()
        if among is not None:
            inside, values = " AND +rowid IN (SELECT value FROM json_each(?))", [json.dumps(among)]
        elif where:
            condition, values = conditions(where)
            inside = (
                " AND EXISTS (SELECT 1 FROM passage JOIN article ON article = article.number"
                f" WHERE passage.number = keyword.rowid AND {condition})"
            )
        statement = f"SELECT rowid FROM keyword WHERE keyword MATCH ?{inside} ORDER BY rank LIMIT ?"
        # What is read of a hit is read of those alone that are kept.
        return self.read(
            [number for (number,) in self._database.rows(statement, (expression, *values, limit))]
        )

    def _telling(self, wanted: Iterable[str], most: int) -> list[str]:
        """Take the rarest of some terms, until they stand in as many passages as are gone through."""
        counts = self.counts(list(wanted))
        taken: list[str] = []
        passages = 0
        # One that is counted nowhere may still be found: SQLite cuts and folds a few terms further.
        for word in sorted(counts, key=counts.__getitem__):
            passages += counts[word]
            if taken and passages > most:
                break
            taken.append(word)
        return taken

    def read(self, numbers: Sequence[int]) -> list[KeywordHit]:
        """Read the terms of passages by number, in that order; one that is not stored is left out."""
        found: dict[int, KeywordHit] = {}
        for start in range(0, len(numbers), _PARAMETERS):
            some = numbers[start : start + _PARAMETERS]
            places = ", ".join("?" * len(some))
            statement = f"SELECT rowid, title, publisher, body FROM keyword WHERE rowid IN ({places})"
            found |= {row[0]: KeywordHit(*row) for row in self._database.rows(statement, some)}
        return [found[number] for number in numbers if number in found]


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
