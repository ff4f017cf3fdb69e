"""Find, when an article is stored, which others are one source with it: copies, and the same story retold.

What is looked up is bounded, so that words which stand in every article of an outlet cost no more than
others: an article is compared with the `COMPARED` most like it, of equals with the first stored.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from zlib import crc32

import numpy as np

from retrieval.database import Database
from retrieval.datatypes import Article
from retrieval.duplicates import (
    SHARED_KEYS,
    Shingles,
    compare,
    is_copy,
    keys,
    may_be_copy,
    signature,
)
from retrieval.passages import Span
from retrieval.stories import COMPARED, DAYS, Relation, Telling, group, read_telling, retelling

_STORED = np.dtype("<u4")
# So many are looked at of the articles that have one key, or one figure.
_HOLDERS = 100
# By so many of its figures an article is found.
_MOST_FIGURES = 64
# So many articles are grouped anew at a time; where more are related, what is new joins those it is like.
_REGROUPED = 200
_UNDATED = 0


def relate_article(database: Database, number: int, article: Article, sentences: Sequence[Span]) -> None:
    """Note by what an article is recognised, and group it with its copies and retellings."""
    before = _forget(database, number)
    telling = read_telling(article.id, article.text, article.language, article.published, sentences)
    own, day = signature(article.text), _day(article.published)
    related = _retellings(database, telling, day) | _copies(database, article.text, own)
    database.rows(
        "INSERT INTO telling (article, size, day, signature, figures, names) VALUES (?, ?, ?, ?, ?, ?)",
        (number, telling.size, day, own.astype(_STORED).tobytes(),
         "\n".join(sorted(telling.figures)), "\n".join(sorted(telling.names))),
    )  # fmt: skip
    database.run_many("INSERT INTO shared_key VALUES (?, ?)", [(key, number) for key in keys(own)])
    database.run_many(
        "INSERT INTO shared_figure VALUES (?, ?, ?)",
        [(figure, day, number) for figure in _looked_up(telling.figures)],
    )
    pairs = [(number, other, strength) for other, strength in related.items()]
    pairs += [(other, one, strength) for one, other, strength in pairs]
    database.run_many("INSERT INTO relation VALUES (?, ?, ?)", pairs)
    _regroup(database, [*before, *([number] if related else [])])


def remove_relations(database: Database, number: int) -> None:
    """Take an article out of its group, and group anew what is left of that."""
    _regroup(database, _forget(database, number))


def _copies(database: Database, text: str, own: Shingles) -> dict[int, float]:
    """Find the articles of which a text is a copy, with how much of the shorter one both have."""
    holders = Counter(
        number
        for key in keys(own)
        for (number,) in database.rows(
            "SELECT article FROM shared_key WHERE key = ? LIMIT ?", (key, _HOLDERS)
        )
    )
    found: dict[int, float] = {}
    for number, shared in _most_alike(holders):
        if shared >= SHARED_KEYS:
            ((blob, theirs),) = database.rows(
                "SELECT signature, text FROM telling JOIN article ON number = article WHERE article = ?",
                (number,),
            )
            if may_be_copy(own, np.frombuffer(blob, _STORED)):
                likeness = compare(text, theirs)
                if is_copy(likeness):
                    found[number] = likeness.containment
    return found


def _retellings(database: Database, own: Telling, day: int) -> dict[int, float]:
    """Find the articles that tell the story of another in other words, with how surely they do."""
    days = [_UNDATED, *range(day - DAYS, day + DAYS + 1)]
    when = "" if day == _UNDATED else f" AND day IN ({', '.join(map(str, days))})"
    statement = f"SELECT article FROM shared_figure WHERE figure = ?{when} LIMIT ?"
    holders = Counter(
        number
        for figure in _looked_up(own.figures)
        for (number,) in database.rows(statement, (figure, _HOLDERS))
    )
    found: dict[int, float] = {}
    for number, _ in _most_alike(holders):
        ((id_, names, figures, published, size),) = database.rows(
            "SELECT id, names, figures, published, size FROM telling JOIN article ON number = article"
            " WHERE article = ?",
            (number,),
        )
        other = Telling(
            id=id_,
            names=frozenset(names.splitlines()),
            figures=frozenset(figures.splitlines()),
            published=published,
            size=size,
        )
        if strength := retelling(own, other):
            found[number] = strength
    return found


def _most_alike(holders: Counter[int]) -> list[tuple[int, int]]:
    """Take those that share most, with how much; of equals the first stored, to which others are compared."""
    return sorted(holders.items(), key=lambda item: (-item[1], item[0]))[:COMPARED]


def _looked_up(figures: Iterable[str]) -> list[int]:
    """Give the numbers of figures by which an article is found, the same ones of two that share most."""
    return sorted({crc32(figure.encode()) for figure in figures})[:_MOST_FIGURES]


def _day(published: str | None) -> int:
    """Number the day on which an article was published."""
    try:
        return date.fromisoformat((published or "")[:10]).toordinal()
    except ValueError:
        return _UNDATED


def _forget(database: Database, number: int) -> list[int]:
    """Drop what an article was recognised by and related to, and give back to what it was."""
    for blob, day, figures in database.rows(
        "SELECT signature, day, figures FROM telling WHERE article = ?", (number,)
    ):
        own = np.frombuffer(blob, _STORED)
        database.run_many(
            "DELETE FROM shared_key WHERE key = ? AND article = ?", [(key, number) for key in keys(own)]
        )
        database.run_many(
            "DELETE FROM shared_figure WHERE figure = ? AND day = ? AND article = ?",
            [(figure, day, number) for figure in _looked_up(figures.splitlines())],
        )
    others = [other for (other,) in database.rows("SELECT other FROM relation WHERE one = ?", (number,))]
    database.run_many("DELETE FROM relation WHERE one = ? AND other = ?", [(one, number) for one in others])
    database.rows("DELETE FROM relation WHERE one = ?", (number,))
    database.rows("DELETE FROM telling WHERE article = ?", (number,))
    database.rows("DELETE FROM same_story WHERE article = ?", (number,))
    return others[:_REGROUPED]


def _regroup(database: Database, touched: Iterable[int]) -> None:
    """Group the articles anew that are related to some, directly or by others."""
    done: set[int] = set()
    for start in sorted(touched):
        if start not in done:
            members = _related_to(database, start)
            done |= members
            _write_groups(database, members)


def _related_to(database: Database, start: int) -> set[int]:
    members, waiting = {start}, [start]
    while waiting and len(members) < _REGROUPED:
        rows = database.rows(
            "SELECT other FROM relation WHERE one = ? ORDER BY other LIMIT ?", (waiting.pop(0), _REGROUPED)
        )
        fresh = [other for (other,) in rows if other not in members][: _REGROUPED - len(members)]
        members.update(fresh)
        waiting += fresh
    return members


def _write_groups(database: Database, members: set[int]) -> None:
    """Write which stories some articles tell; a story has the number of the first stored of its articles."""
    listed = ", ".join(map(str, sorted(members)))
    ids = dict(database.rows(f"SELECT number, id FROM article WHERE number IN ({listed})"))
    numbers = {id_: number for number, id_ in ids.items()}
    relations = [
        Relation(ids[one], ids[other], strength)
        for one, other, strength in database.rows(
            f"SELECT one, other, strength FROM relation WHERE one IN ({listed}) AND other IN ({listed})"
        )
    ]
    grouped = [sorted(numbers[id_] for id_ in each) for each in group(relations)]
    database.rows(f"DELETE FROM same_story WHERE article IN ({listed})")
    database.run_many(
        "INSERT INTO same_story VALUES (?, ?)", [(number, each[0]) for each in grouped for number in each]
    )
