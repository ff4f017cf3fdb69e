"""The article store: the truth, from which the keyword and vector indexes are derived."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.database import Database, State, damaged
from retrieval.datatypes import Article, Filter, Passage
from retrieval.errors import LibraryDamaged, LibraryMismatch, LibraryMissing
from retrieval.groups import Groups
from retrieval.keyword import KeywordIndex
from retrieval.named import Named
from retrieval.passages import Span
from retrieval.schema import (
    SCHEMA_VERSION,
    article_fields,
    check_schema,
    conditions,
    create_tables,
    different_settings,
    is_blank,
    take_over,
)
from retrieval.sources import Sources
from retrieval.stored import STORED, Byline, Facts, Served, SplitArticle, Story, fingerprint
from retrieval.storing import remove_article, store_article
from retrieval.versions import Versions

FILE = "library.sqlite3"
# SQLite allows at least this many parameters in every build.
_PARAMETERS = 900
# Fewer passages than this are looked at one by one where a filter lets in no more.
_FEW = 2_000
# So many filters are remembered: questions make them.
_FILTERS = 256
# What the manifest holds that says nothing of what is found in a library.
_OF_ITS_STATE = {"vectors", "made", "schema"}


class Library:
    """Articles, sentences, passages and their vectors in one SQLite file, with the keyword index beside them.

    Threads may share one.
    """

    def __init__(self, place: Path, database: Database) -> None:
        self.folder = place.parent
        self._place = place
        self._database = database
        self._facts: tuple[State, Facts] | None = None
        self.keyword = KeywordIndex(database)
        self.sources = Sources(database)
        self.groups = Groups(database)
        self.named = Named(database)
        self.versions = Versions(database)

    @classmethod
    def open_any(cls, folder: Path, *, may_be_older: bool = False) -> "Library":
        """Open the library of a folder, whatever settings it was built with.

        Args:
            folder: Holds it.
            may_be_older: Whether its articles are wanted alone, which earlier versions stored alike.

        Raises:
            LibraryMissing: There is none.
            LibraryMismatch: It cannot be read by this version.
            LibraryDamaged: It cannot be read at all.
        """
        if not (folder / FILE).is_file():
            raise _missing(folder)
        library = cls(folder / FILE, Database(folder / FILE))
        try:
            if is_blank(library._database):
                raise _missing(folder)
            check_schema(folder, library.facts().manifest.get("schema"), may_be_older=may_be_older)
        except BaseException:
            library.close()
            raise
        return library

    @classmethod
    def open(cls, folder: Path, manifest: Mapping[str, str]) -> "Library":
        """Open the library of a folder and check how it was built.

        Raises:
            LibraryMissing: There is none.
            LibraryMismatch: It was built with other settings; `footnote index --rebuild` mends that.
            LibraryDamaged: It cannot be read at all.
        """
        library = cls.open_any(folder)
        differences = different_settings(library.manifest(), manifest)
        if differences:
            library.close()
            raise LibraryMismatch(
                f"The index at {folder} was built with other settings: {differences}. "
                "Rebuild it with: footnote index --rebuild"
            )
        return library

    @classmethod
    def create(cls, folder: Path, manifest: Mapping[str, str], *, file: str = FILE) -> "Library":
        """Make an empty library in a folder, or go on with the one of that name which was begun alike."""
        folder.mkdir(parents=True, exist_ok=True)
        library = cls(folder / file, Database(folder / file))
        try:
            # Readers go on while a writer writes; the file keeps this.
            library._database.rows("PRAGMA journal_mode = WAL")
            if is_blank(library._database):
                with library._database.transaction():
                    create_tables(library._database)
                    # Numbers of passages of one making say nothing in another.
                    library._write_manifest({**manifest, "schema": SCHEMA_VERSION, "made": token_hex(8)})
        except BaseException:
            library.close()
            raise
        return library

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def take_over(self, other: str) -> None:
        """Put the content of another file of the folder in place of this one's, all or nothing."""
        take_over(self._database, self.folder / other)

    def snapshot(self) -> AbstractContextManager[None]:
        """Read one and the same state in this thread, whatever another one or a writer does meanwhile."""
        return self._database.snapshot()

    def facts(self) -> Facts:
        """Know all articles together, as they are now."""
        state = self._database.state()
        if self._facts is None or self._facts[0] != state:
            self._facts = state, Facts(self._database)
        return self._facts[1]

    def manifest(self) -> dict[str, str]:
        """Read how the library was built."""
        return {name: value for name, value in self.facts().manifest.items() if name not in _OF_ITS_STATE}

    def served(self) -> Served | None:
        """Read which vectors are derived; none where none are yet."""
        found = self.facts().manifest.get("vectors")
        return Served(**json.loads(found)) if found else None

    def serve(self, served: Served | None) -> None:
        """Record which vectors are served from now on."""
        with self._database.transaction():
            if served:
                self._write_manifest({"vectors": json.dumps(asdict(served))})
            else:
                self._database.rows("DELETE FROM manifest WHERE name = 'vectors'")

    def articles(self, ids: Iterable[str] | None = None) -> dict[str, Article]:
        """Read articles by id, or all of them; ids that are not there are left out.

        Raises:
            LibraryDamaged: An article is not what was stored.
        """
        fields = article_fields(self.facts().manifest.get("schema"))
        statement = f"SELECT fingerprint, {fields} FROM article"
        if ids is None:
            rows: Iterable[tuple[Any, ...]] = self._database.rows(f"{statement} ORDER BY id")
        else:
            rows = self._select(f"{statement} WHERE id IN", list(dict.fromkeys(ids)))
        return {row[1]: self._article(fields, row) for row in rows}

    def ids(self, where: Filter | None = None) -> list[str]:
        """Read the ids of all articles, or of those that a filter lets in."""
        condition, values = conditions(where or Filter())
        return [id_ for (id_,) in self._database.rows(f"SELECT id FROM article WHERE {condition}", values)]

    def fingerprints(self) -> dict[str, tuple[str | None, str]]:
        """Read the path and the fingerprint of every article, by id."""
        rows = self._database.rows("SELECT id, path, fingerprint FROM article")
        return {id_: (path, print_) for id_, path, print_ in rows}

    def publishers(self) -> list[str]:
        """Read the publishers of all articles."""
        return self.facts().publishers

    def languages(self) -> list[str]:
        """Read the languages of the articles, the most frequent first."""
        return self.facts().languages

    def published_dates(self, where: Filter | None = None) -> list[str]:
        """Read the dates on which articles were published, all or those a filter lets in, without times."""
        if where is None:
            return self.facts().published_dates
        condition, values = conditions(where)
        statement = "SELECT DISTINCT substr(published, 1, 10) FROM article WHERE published IS NOT NULL"
        return [day for (day,) in self._database.rows(f"{statement} AND {condition}", values)]

    def newest(self, where: Filter | None, until: str) -> str | None:
        """Read the latest date of publication, up to a day, of all articles or of those a filter lets in."""
        condition, values = conditions(where or Filter())
        statement = f"SELECT max(published) FROM article WHERE {condition} AND published < ?"
        (found,) = self._database.rows(statement, [*values, f"{until}~"])[0]
        return None if found is None else str(found)

    def passage_count(self) -> int:
        """Count the passages."""
        return self.facts().passages

    def passages(self, numbers: Sequence[int] | None = None) -> dict[int, Passage]:
        """Read passages by number, text and all, or all of them."""
        statement = (
            "SELECT passage.number, id, start, end, substr(text, start + 1, end - start)"
            " FROM passage JOIN article ON article.number = article"
        )
        rows: Iterable[tuple[Any, ...]] = (
            self._database.rows(f"{statement} ORDER BY passage.number")
            if numbers is None
            else self._select(f"{statement} WHERE passage.number IN", numbers)
        )
        return {
            number: Passage(article_id=id_, start=start, end=end, text=text)
            for number, id_, start, end, text in rows
        }

    def passage_keys(self, ids: Sequence[str]) -> dict[str, set[str]]:
        """Read the keys of the passages of articles, by the articles' ids."""
        found: dict[str, set[str]] = {id_: set() for id_ in ids}
        statement = "SELECT id, key FROM passage JOIN article ON article.number = article WHERE id IN"
        for id_, key in self._select(statement, ids):
            found[id_].add(key)
        return found

    def share(self, where: Filter) -> float:
        """Tell which part of all articles a filter lets in."""
        condition, values = conditions(where)
        (found,) = self._database.rows(f"SELECT count(*) FROM article WHERE {condition}", values)[0]
        return int(found) / max(1, self.facts().articles)

    def admitted_of(self, numbers: Sequence[int], where: Filter) -> set[int]:
        """Tell which of some passages a filter lets in."""
        condition, values = conditions(where)
        statement = (
            "SELECT passage.number FROM passage JOIN article ON article.number = article"
            f" WHERE {condition} AND passage.number IN"
        )
        return {number for (number,) in self._select(statement, numbers, values)}

    def bylines(self, numbers: Sequence[int]) -> dict[int, Byline]:
        """Read who published the articles of passages, and when."""
        statement = (
            "SELECT passage.number, publisher, published"
            " FROM passage JOIN article ON article.number = article WHERE passage.number IN"
        )
        rows = self._select(statement, numbers)
        return {number: Byline(publisher, published) for number, publisher, published in rows}

    def numbers(self, *, above: int = 0) -> list[int]:
        """Read the numbers of all passages in order, or of those above one."""
        if above:
            rows = self._database.rows("SELECT number FROM passage WHERE number > ?", (above,))
        else:
            # The index over articles is much smaller than the rows, which hold the vectors.
            rows = self._database.rows("SELECT number FROM passage INDEXED BY passage_of_article")
        return sorted(number for (number,) in rows)

    def admitted(self, where: Filter) -> list[int]:
        """Read the numbers of the passages that a filter lets in, in order."""
        condition, values = conditions(where)
        # In this order, which SQLite does not always find.
        statement = (
            "SELECT passage.number FROM article CROSS JOIN passage ON article = article.number"
            f" WHERE {condition}"
        )
        return sorted(number for (number,) in self._database.rows(statement, values))

    def few_admitted(self, where: Filter | None) -> list[int] | None:
        """Read those numbers where they are so few that each passage can be looked at; none where not."""
        if not where:
            return None
        known = self.facts().few_admitted
        if where not in known:
            if len(known) >= _FILTERS:
                known.clear()
            passages = self.share(where) * self.passage_count()
            known[where] = self.admitted(where) if passages < _FEW else None
        return known[where]

    def vectors(self, numbers: Sequence[int]) -> tuple[list[int], NDArray[np.float32]]:
        """Read vectors by the numbers of passages; of a number that is not stored there is none.

        Returns:
            The numbers that were found, and a row of unit length for each.
        """
        rows = list(self._select("SELECT number, vector FROM passage WHERE number IN", numbers))
        if not rows:
            return [], np.zeros((0, 1), np.float32)
        joined = b"".join(vector for _, vector in rows)
        matrix = np.frombuffer(joined, STORED).reshape(len(rows), -1).astype(np.float32)
        return [number for number, _ in rows], matrix

    def stories(self, ids: Iterable[str]) -> dict[str, Story]:
        """Read articles with their sentences by id; ids that are not there are left out."""
        return {
            id_: Story(article, self.sentences(id_)) for id_, article in self.articles(sorted(ids)).items()
        }

    def sentences(self, article_id: str) -> list[Span]:
        """Read the places of the sentences of an article, in order."""
        rows = self._database.rows(
            "SELECT start, end FROM sentence WHERE article = (SELECT number FROM article WHERE id = ?)"
            " ORDER BY start",
            (article_id,),
        )
        return [(start, end) for start, end in rows]

    def update(self, changed: Iterable[SplitArticle], removed: Iterable[str] = ()) -> None:
        """Store articles in place of their earlier versions and drop others, all or nothing.

        A passage that stays as it was keeps its number, its vector and its terms.
        """
        with self._database.transaction():
            for article_id in removed:
                remove_article(self._database, self.keyword, article_id)
            for split in changed:
                store_article(self._database, self.keyword, split)

    def _write_manifest(self, values: Mapping[str, str]) -> None:
        self._database.run_many("INSERT OR REPLACE INTO manifest VALUES (?, ?)", values.items())

    def _select(
        self, statement: str, values: Sequence[int] | Sequence[str], first: Sequence[str] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Run a statement that ends in IN for any number of values, behind those that come first."""
        for start in range(0, len(values), _PARAMETERS):
            some = values[start : start + _PARAMETERS]
            yield from self._database.rows(f"{statement} ({', '.join('?' * len(some))})", [*first, *some])

    def _article(self, fields: str, row: tuple[Any, ...]) -> Article:
        """Make an article of its row, which no fault of the disk may have changed."""
        article = Article(**dict(zip(fields.split(", "), row[1:], strict=True)))
        if fingerprint(article) != row[0]:
            raise LibraryDamaged(damaged(self.folder, f"the article {article.id} is not what was stored"))
        return article


def _missing(folder: Path) -> LibraryMissing:
    return LibraryMissing(f"No index at {folder}. Build it with: footnote index FOLDER")
