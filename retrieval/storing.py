"""Write articles into the tables of the store, and out of them again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from retrieval.database import Database
from retrieval.datatypes import Article
from retrieval.grouping import relate_article, remove_relations
from retrieval.keyword import KeywordIndex
from retrieval.named import forget_names, note_names
from retrieval.schema import ARTICLE_FIELDS
from retrieval.stored import STORED, SplitArticle, fingerprint, passage_key


def store_article(database: Database, keyword: KeywordIndex, split: SplitArticle) -> None:
    """Store an article in place of its earlier version, which is kept apart, within a transaction.

    A passage that stays as it was keeps its number, its vector and its terms.
    """
    article = split.article
    _keep_version(database, article.id, until=article.read or now(), unless=article)
    fields = [*ARTICLE_FIELDS.split(", "), "fingerprint"]
    values = [getattr(article, field) for field in fields[:-1]]
    database.rows(
        f"INSERT INTO article ({', '.join(fields)}) VALUES ({'?, ' * len(values)}?)"
        f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in fields)}",
        [*values, fingerprint(article)],
    )
    number = int(database.rows("SELECT number FROM article WHERE id = ?", (article.id,))[0][0])
    relate_article(database, number, article, split.sentences)
    note_names(database, number, article)
    database.rows("DELETE FROM sentence WHERE article = ?", (number,))
    database.run_many("INSERT INTO sentence VALUES (?, ?, ?)", [(number, *span) for span in split.sentences])
    stored = dict(database.rows("SELECT key, number FROM passage WHERE article = ?", (number,)))
    passages = {passage_key(article, passage): passage for passage in split.passages}
    _remove_passages(database, keyword, [stored[key] for key in stored.keys() - passages.keys()])
    for key, passage in passages.items():
        if key not in stored:
            vector = split.vectors[key].astype(STORED).tobytes()
            place = database.insert(
                "INSERT INTO passage (key, article, start, end, vector) VALUES (?, ?, ?, ?, ?)",
                (key, number, passage.start, passage.end, vector),
            )
            keyword.add(place, article, passage, split.sentences)


def remove_article(database: Database, keyword: KeywordIndex, article_id: str) -> None:
    """Remove an article with all that was stored of it but for its words, within a transaction."""
    _keep_version(database, article_id, until=now())
    for (number,) in database.rows("SELECT number FROM article WHERE id = ?", (article_id,)):
        rows = database.rows("SELECT number FROM passage WHERE article = ?", (number,))
        _remove_passages(database, keyword, [place for (place,) in rows])
        forget_names(database, number)
        remove_relations(database, number)
        database.rows("DELETE FROM sentence WHERE article = ?", (number,))
        database.rows("DELETE FROM article WHERE number = ?", (number,))


def now() -> str:
    """Tell the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _keep_version(database: Database, article_id: str, *, until: str, unless: Article | None = None) -> None:
    """Keep what stands in the place of an article, so that what was quoted of it can be found again."""
    rows = database.rows(
        "SELECT title, publisher, published, modified, read, text FROM article WHERE id = ?", (article_id,)
    )
    for *facts, text in rows:
        title, publisher, *_ = facts
        if unless is None or (text, title, publisher) != (unless.text, unless.title, unless.publisher):
            digest = sha256(text.encode()).hexdigest()
            database.rows(
                "INSERT OR REPLACE INTO version"
                " (article, digest, title, publisher, published, modified, read, until, text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (article_id, digest, *facts, until, text),
            )


def _remove_passages(database: Database, keyword: KeywordIndex, numbers: Sequence[int]) -> None:
    keyword.delete(numbers)
    database.run_many("DELETE FROM passage WHERE number = ?", [(number,) for number in numbers])
