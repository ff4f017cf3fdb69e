"""Who is named in which article: people by name, surname and office, and organisations."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.database import Database
from retrieval.datatypes import Article, Filter
from retrieval.keyword import place_terms
from retrieval.places import find_places
from retrieval.schema import KINDS_OF_PEOPLE, conditions
from retrieval.wording import fold, terms

if TYPE_CHECKING:
    from retrieval.entities import Entity

# So many of the newest articles are named, of which some tell the same story.
_NEWEST = 20
# So many other words may stand among those of a name, "the Commission of the European Union".
_BETWEEN = 2
# A name that was mistyped begins right for so many letters; so many that begin so are looked at.
_SAME_START, _LOOKED_AT = 2, 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """How many articles name something, from how many outlets, in which languages, from when to when.

    `newest` are the ids of the newest of them, a few.
    """

    articles: int
    publishers: int
    languages: tuple[str, ...]
    first: str | None
    last: str | None
    newest: tuple[str, ...]


def key_of(name: str) -> str:
    """Write a name as it is looked up: without case and accents."""
    return " ".join(fold(name).split())


def note_names(database: Database, number: int, article: Article) -> None:
    """Store who is named in an article in place of what was stored of it, within a transaction."""
    from retrieval.entities import entities_of

    forget_names(database, number)
    rows = {row for entity in entities_of(article) for row in _rows(entity, number)}
    database.run_many("INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?)", sorted(rows))


def forget_names(database: Database, number: int) -> None:
    """Forget who is named in an article, within a transaction."""
    database.rows("DELETE FROM named WHERE article = ?", (number,))


class Named:
    """The names of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has_person(self, name: str) -> bool:
        """Tell whether an article names a person so: by name, surname or office."""
        statement = f"SELECT 1 FROM named WHERE name = ? AND kind IN ({KINDS_OF_PEOPLE}) LIMIT 1"
        return bool(self._database.rows(statement, (key_of(name),)))

    def forms_of(self, name: str) -> frozenset[str]:
        """Give the names under which articles name a person whom one of them names so.

        "Rutte" alone is Mark Rutte where nobody else of that name is named.
        """
        key = key_of(name)
        own, last = set(key.split()), key.rpartition(" ")[2]
        rows = self._database.rows(
            "SELECT DISTINCT shown FROM named WHERE name = ? AND kind IN ('person', 'surname')", (last,)
        )
        holders = {key_of(shown) for (shown,) in rows}
        same = {holder for holder in holders if own <= set(holder.split())}
        is_only_one = bool(same) and all(own & set(holder.split()) - {last} for holder in holders - {last})
        return frozenset({key, *same, *([last] if is_only_one else [])})

    def near(self, name: str) -> dict[str, str]:
        """Read names of people that begin as the first or the last word of a name does, some of many.

        Returns whom each name is of, written in full.
        """
        parts = key_of(name).split()
        starts = {part[:_SAME_START] for part in (*parts[:1], *parts[-1:])}
        statement = (
            "SELECT DISTINCT name, shown FROM named WHERE name >= ? AND name < ?"
            " AND kind IN ('person', 'surname') LIMIT ?"
        )
        return {
            near: shown
            for start in sorted(starts)
            for near, shown in self._database.rows(statement, (start, f"{start}~", _LOOKED_AT))
        }

    def people(self) -> list[str]:
        """Read the full names of all people."""
        rows = self._database.rows("SELECT DISTINCT shown FROM named WHERE kind = 'person'")
        return sorted(shown for (shown,) in rows)

    def holdings(self, subject: str, language: str, where: Filter | None = None) -> Holdings:
        """Tell of the articles that name a person, a place, an organisation or whatever else it is.

        A place is known in all languages; what is none of these has to stand there in its words.
        """
        numbers = self._naming(subject, language)
        condition, values = conditions(where or Filter())
        among = f"FROM article WHERE number IN (SELECT value FROM json_each(?)) AND {condition}"
        given = (json.dumps(numbers), *values)
        count, publishers, languages, first, last = self._database.rows(
            "SELECT count(*), count(DISTINCT publisher), group_concat(DISTINCT language), min(published),"
            f" max(published) {among}",
            given,
        )[0]
        newest = self._database.rows(
            f"SELECT id {among} ORDER BY published IS NULL, published DESC, id LIMIT ?", (*given, _NEWEST)
        )
        return Holdings(
            articles=count,
            publishers=publishers,
            languages=tuple(sorted((languages or "").split(","))) if languages else (),
            first=first,
            last=last,
            newest=tuple(id_ for (id_,) in newest),
        )

    def _naming(self, subject: str, language: str) -> list[int]:
        code = place_meant(subject)
        wanted = [place_terms(code)[0]] if code else terms(subject, language)
        if not wanted:
            return []
        # The words of a name stand together, in another order in another language.
        together = " ".join(f'"{word}"' for word in wanted)
        rows = self._database.rows(
            # The index over articles is much smaller than the rows, which hold the vectors.
            "SELECT article FROM passage INDEXED BY passage_of_article"
            " WHERE number IN (SELECT rowid FROM keyword WHERE keyword MATCH ?)"
            " UNION SELECT article FROM named WHERE name = ?",
            (f"{{title body}} : NEAR({together}, {len(wanted) + _BETWEEN})", key_of(subject)),
        )
        return [number for (number,) in rows]


def place_meant(subject: str) -> str | None:
    """Give the code of the place that a phrase is, "the Baltic" or "Corea del Nord"; none for any other."""
    found = find_places(subject)
    is_whole = (
        len(found) == 1 and found[0].end == len(subject) and len(subject[: found[0].start].split()) <= 1
    )
    return found[0].code if is_whole and not found[0].demonym else None


def _rows(entity: "Entity", number: int) -> Iterator[tuple[str, str, int, str]]:
    if entity.kind == "place":
        return  # the keyword index has their codes
    for name in (entity.name, *entity.aliases):
        yield key_of(name), entity.kind.value, number, entity.name
    if entity.kind == "person":
        words = entity.name.split()
        if len(words) > 1:
            yield key_of(words[-1]), "surname", number, entity.name
        for role in entity.roles:
            yield key_of(role), "role", number, entity.name
