"""The tables of the article store."""

from collections.abc import Mapping
from pathlib import Path

from retrieval.database import Database
from retrieval.datatypes import Filter
from retrieval.errors import LibraryMismatch

SCHEMA_VERSION = "3"
ARTICLE_FIELDS = (
    "id, title, text, publisher, author, published, modified, language, url, path, correction, read"
)
_OLDER_FIELDS = ARTICLE_FIELDS.removesuffix(", correction, read")
# The text stands last, so that what is known of an article is read without it. A passage has no row
# before it has its vector, and no number stands for two passages, ever.
_TABLES = {
    "manifest": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "article": "number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, publisher TEXT,"
    " author TEXT, published TEXT, modified TEXT, language TEXT, url TEXT, path TEXT, correction TEXT,"
    " read TEXT, fingerprint TEXT NOT NULL, text TEXT NOT NULL",
    "passage": "number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, article INTEGER NOT NULL,"
    " start INTEGER NOT NULL, end INTEGER NOT NULL, vector BLOB NOT NULL",
    "sentence": "article INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,"
    " PRIMARY KEY (article, start)",
    # By what copies and retellings are recognised, which articles are, and what story each of them tells.
    "telling": "article INTEGER PRIMARY KEY, size INTEGER NOT NULL, day INTEGER NOT NULL,"
    " signature BLOB NOT NULL, figures TEXT NOT NULL, names TEXT NOT NULL",
    "shared_key": "key INTEGER NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (key, article)",
    "shared_figure": "figure INTEGER NOT NULL, day INTEGER NOT NULL, article INTEGER NOT NULL,"
    " PRIMARY KEY (figure, day, article)",
    "relation": "one INTEGER NOT NULL, other INTEGER NOT NULL, strength REAL NOT NULL,"
    " PRIMARY KEY (one, other)",
    "same_story": "article INTEGER PRIMARY KEY, story INTEGER NOT NULL",
    "named": "name TEXT NOT NULL, kind TEXT NOT NULL, article INTEGER NOT NULL, shown TEXT NOT NULL,"
    " PRIMARY KEY (name, kind, article)",
}
# What no article brings back: earlier versions of articles, and where articles come from.
_LASTING_TABLES = {
    "version": "article TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL, publisher TEXT,"
    " published TEXT, modified TEXT, read TEXT, until TEXT NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (article, digest, title)",
    "source": "name TEXT PRIMARY KEY, kind TEXT NOT NULL, feed TEXT, etag TEXT, last_modified TEXT,"
    " checked TEXT, succeeded TEXT, failures INTEGER NOT NULL, problem TEXT, due TEXT, pause INTEGER",
}
_WITHOUT_ROWID = {"sentence", "shared_key", "shared_figure", "relation", "named"}
_INDEXES = {
    "article_facts": "article (published, publisher, language)",
    "source_due": "source (due)",
    "source_feed": "source (feed)",
    "passage_of_article": "passage (article)",
    "article_of_story": "same_story (story)",
    "named_in_article": "named (article)",
}
# The terms are stemmed and without accents already; the tokenizer only finds the spaces, and leaves
# "12.5" whole.
_KEYWORD = "fts5(title, publisher, body, tokenize = 'unicode61 remove_diacritics 0 tokenchars ''.''')"
_OLDER = {"1", "2"}
# What a person can be asked for by.
KINDS_OF_PEOPLE = "'person', 'surname', 'role'"


def create_tables(database: Database) -> None:
    """Make the tables, within a transaction."""
    for name, columns in (_TABLES | _LASTING_TABLES).items():
        suffix = " WITHOUT ROWID" if name in _WITHOUT_ROWID else ""
        database.rows(f"CREATE TABLE IF NOT EXISTS {name} ({columns}){suffix}")
    for name, columns in _INDEXES.items():
        database.rows(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")
    database.rows(f"CREATE VIRTUAL TABLE keyword USING {_KEYWORD}")
    database.rows("CREATE VIRTUAL TABLE keyword_terms USING fts5vocab(keyword, row)")


def check_schema(folder: Path, found: str | None, *, may_be_older: bool = False) -> None:
    """Make sure that this version reads the tables.

    Raises:
        LibraryMismatch: It does not.
    """
    if found == SCHEMA_VERSION or (may_be_older and found in _OLDER):
        return
    way = (
        "Bring it up to date with: footnote index --rebuild"
        if found in _OLDER
        else "Move it away and build it again with: footnote index FOLDER"
    )
    raise LibraryMismatch(
        f"The index at {folder} has schema {found}, this version reads {SCHEMA_VERSION}. {way}"
    )


def different_settings(found: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Say in what the manifest of a library differs from the one that is wanted; empty where in nothing."""
    return "; ".join(
        f"{name} {found.get(name, 'unknown')!r}, now {value!r}"
        for name, value in wanted.items()
        if found.get(name) != value
    )


def article_fields(schema: str | None) -> str:
    """Name the columns that hold an article in a schema."""
    return _OLDER_FIELDS if schema in _OLDER else ARTICLE_FIELDS


def take_over(database: Database, other: Path) -> None:
    """Put what another database holds of articles in place of everything of that, all or nothing."""
    database.rows("ATTACH ? AS other", (str(other),))
    try:
        with database.transaction():
            for name in ("keyword_terms", "keyword", *_TABLES):
                database.rows(f"DROP TABLE IF EXISTS main.{name}")
            create_tables(database)
            for name in _TABLES:
                database.rows(f"INSERT INTO main.{name} SELECT * FROM other.{name}")
            database.rows(
                "INSERT INTO main.keyword (rowid, title, publisher, body)"
                " SELECT rowid, title, publisher, body FROM other.keyword"
            )
    finally:
        database.rows("DETACH other")


def is_blank(database: Database) -> bool:
    """Tell whether a database holds nothing, as when its making was interrupted."""
    return not database.rows("SELECT 1 FROM sqlite_master LIMIT 1")


def conditions(where: Filter) -> tuple[str, list[str]]:
    """Write a filter as a condition on rows of `article`, with its values."""
    parts, values = ["TRUE"], list[str]()
    if where.since:
        parts, values = [*parts, "published >= ?"], [*values, where.since]
    if where.until:
        # A time of that day stands behind the day, and before what "~" begins.
        parts, values = [*parts, "published < ?"], [*values, f"{where.until}~"]
    for column, wanted in (("publisher", where.publishers), ("language", where.languages)):
        if wanted:
            parts.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += sorted(wanted)
    if where.people:
        places = ", ".join("?" * len(where.people))
        named = f"SELECT article FROM named WHERE name IN ({places}) AND kind IN ({KINDS_OF_PEOPLE})"
        parts, values = [*parts, f"article.number IN ({named})"], [*values, *sorted(where.people)]
    return " AND ".join(parts), values
