"""A library as the first version of its tables held it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from retrieval.datatypes import Article
from retrieval.schema import article_fields
from retrieval.stored import fingerprint

_TABLES = """
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
CREATE VIRTUAL TABLE keyword USING fts5(title, publisher, body);
CREATE VIRTUAL TABLE keyword_terms USING fts5vocab(keyword, row);
INSERT INTO manifest VALUES ('schema', '1'), ('embedder', 'fake@1'), ('vectors', 'vectors-0');
"""


def write_first_form(folder: Path, *articles: Article) -> None:
    """Write articles into a folder as schema 1 had them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vectors-0").mkdir()
    with closing(sqlite3.connect(folder / "library.sqlite3")) as connection, connection:
        connection.executescript(_TABLES)
        for article in articles:
            fields = article_fields("1")
            values = [getattr(article, field) for field in fields.split(", ")]
            connection.execute(
                f"INSERT INTO article ({fields}, fingerprint) VALUES ({'?, ' * len(values)}?)",
                [*values, fingerprint(article)],
            )
