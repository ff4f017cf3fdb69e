"""Measure near-copies: python -m tests.benchmarks.duplicates DATA_FOLDER [--scale] [--look] [--store].

DATA_FOLDER holds bbc_2004 (2,225 articles; 183 pairs, computed with shingles of six words, so that to agree
with them is not yet to be right: --look prints where the two differ) and multihop_rag (49 outlets; none was
seen to copy another). Articles are halved by their ids; a pair belongs to a half when both do. The limit of
a half was tried on all pairs before they were halved, so neither half is unseen. --scale looks articles up
among the made-up keys of 100,000 others; --store stores articles of at most 500 words in a library that has
the made-up keys and figures of 100,000 others, and then copies of one and pages with much in common.
Times are of the processor, so that what else runs does not count.
"""

import gzip
import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from zlib import crc32

from retrieval.datatypes import Article
from retrieval.duplicates import (
    SHARED_KEYS,
    Likeness,
    compare,
    containment,
    digest,
    is_copy,
    keys,
    may_be_copy,
    shingles,
    signature,
    similarity,
)
from retrieval.library import FILE, Library
from retrieval.passages import split_sentences
from retrieval.stored import SplitArticle

Pair = tuple[str, str]
_ROWS = "CREATE TABLE keys (key INTEGER, article TEXT, PRIMARY KEY (key, article)) WITHOUT ROWID"
_OTHERS, _LOOKED_UP, _FIRST_OTHER = 100_000, 300, 1_000_000
# Small figures are frequent, large ones rare.
_FIGURES = [crc32(f"{round(10 ** (1 + 5 * place / 20_000))}".encode()) for place in range(20_000)]


def half_of(article_id: str) -> str:
    """Tell which half an article belongs to."""
    return ("tune", "report")[int(sha256(article_id.encode()).hexdigest(), 16) % 2]


def read(path: Path) -> list[dict[str, str]]:
    """Read a set."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def pair_of(one: str, other: str) -> Pair:
    """Order a pair."""
    return min(one, other), max(one, other)


def together(holders: Iterable[Iterable[str]]) -> dict[Pair, int]:
    """Count how often two articles stand in one list."""
    counts: dict[Pair, int] = defaultdict(int)
    for articles in holders:
        for pair in combinations(sorted(articles), 2):
            counts[pair] += 1
    return counts


def same_texts(texts: Mapping[str, str]) -> set[Pair]:
    """Find the texts that are equal, character by character: the first baseline."""
    holders: dict[str, list[str]] = defaultdict(list)
    for name, text in texts.items():
        holders[text].append(name)
    return set(together(holders.values()))


def same_words(texts: Mapping[str, str]) -> set[Pair]:
    """Find the texts of one digest."""
    holders: dict[bytes, list[str]] = defaultdict(list)
    for name, text in texts.items():
        holders[digest(text)].append(name)
    return set(together(holders.values()))


def brute_force(texts: Mapping[str, str], least: float) -> set[Pair]:
    """Find the pairs whose shingles are alike enough, by all shingles of all pairs: the second baseline."""
    every = {name: shingles(text) for name, text in texts.items()}
    holders: dict[int, list[str]] = defaultdict(list)
    for name, numbers in every.items():
        for number in numbers.tolist():
            holders[number].append(name)
    counts = together(articles for articles in holders.values() if len(articles) > 1)
    return {
        pair
        for pair, shared in counts.items()
        if shared >= least * (len(every[pair[0]]) + len(every[pair[1]]) - shared)
    }


class Lookup:
    """Keys of articles in SQLite, as a library would store them."""

    def __init__(self) -> None:
        self.rows = sqlite3.connect(":memory:")
        self.rows.execute(_ROWS)

    def add(self, article_id: str, of: Iterable[int]) -> None:
        """Store the keys of an article."""
        self.rows.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", ((key, article_id) for key in of))

    def candidates(self, of: list[int]) -> list[str]:
        """Find the articles with enough keys in common."""
        marks = ",".join("?" * len(of))
        found = self.rows.execute(
            f"SELECT article FROM keys WHERE key IN ({marks}) GROUP BY article HAVING count(*) >= ?",
            (*of, SHARED_KEYS),
        )
        return [str(name) for (name,) in found]


def candidates(texts: Mapping[str, str]) -> set[Pair]:
    """Look each article up among those before it, and say what it took."""
    began = process_time()
    signatures = {name: signature(text) for name, text in texts.items()}
    took = process_time() - began
    words = sum(len(text.split()) for text in texts.values())
    lookup, found, stored = Lookup(), set(), 0
    for name, numbers in signatures.items():
        of = keys(numbers)
        found |= {pair_of(name, other) for other in lookup.candidates(of)}
        lookup.add(name, of)
        stored += len(of)
    likely = {pair for pair in found if may_be_copy(*(signatures[name] for name in pair))}
    print(
        f"  {len(texts) / took:,.0f} signatures a second ({took / words * 1e6:.2f} ms for 1,000 words); an "
        f"article has {stored / len(texts):.1f} keys, {2 * len(found) / len(texts):.2f} candidates by keys, "
        f"{2 * len(likely) / len(texts):.2f} by signatures"
    )
    return likely


def score(name: str, found: set[Pair], gold: set[Pair]) -> None:
    """Print precision, recall and F1 in each half and in all."""
    row = f"  {name:42}"
    for half in ("tune", "report", "all"):
        ours, theirs = (
            {pair for pair in pairs if half == "all" or {*map(half_of, pair)} == {half}}
            for pairs in (found, gold)
        )
        right = len(ours & theirs)
        precision, recall = right / len(ours) if ours else 0.0, right / len(theirs)
        f1 = 2 * right / (len(ours) + len(theirs))
        row += f"  {half} {precision:.3f} {recall:.3f} {f1:.3f} ({len(theirs)})"
    print(row)


def estimates(texts: Mapping[str, str], pairs: Iterable[Pair]) -> None:
    """Print how far signatures are from the truth, and what they say of 300 words within 900."""
    errors: list[tuple[float, float]] = []
    for pair in sorted(pairs):
        part, whole = sorted((shingles(texts[name]) for name in pair), key=len)
        short, long = (signature(texts[name]) for name in sorted(pair, key=lambda n: len(shingles(texts[n]))))
        errors.append(
            (
                abs(similarity(short, long) - similarity(part, whole)),
                abs(containment(short, long) - containment(part, whole)),
            )
        )
    for place, name in enumerate(("similarity", "containment")):
        every = [error[place] for error in errors]
        print(f"  {name} by signatures: off by {sum(every) / len(every):.3f}, at most {max(every):.3f}")
    chance, long_enough = Random(7), sorted(name for name, text in texts.items() if len(text.split()) > 300)
    told, found, alike = [], 0, []
    for _ in range(300):
        parts = [" ".join(texts[name].split()[:300]) for name in chance.sample(long_enough, 3)]
        short, long = signature(parts[1]), signature("\n".join(parts))
        told.append(containment(short, long))
        alike.append(similarity(short, long))
        found += len({*keys(short)} & {*keys(long)}) >= SHARED_KEYS
    print(
        f"  300 words within 900: found {found} of 300, containment {min(told):.2f} to {max(told):.2f}, "
        f"similarity {min(alike):.2f} to {max(alike):.2f}"
    )


def scale(texts: Mapping[str, str]) -> None:
    """Print how long a look-up takes among the keys of 100,000 made-up articles of 600 words."""
    lookup, chance = Lookup(), Random(7)
    for number in range(_OTHERS):
        lookup.add(f"made-up/{number}", (chance.randrange(2**28) for _ in range(38)))
    of = {name: keys(signature(text)) for name, text in texts.items()}
    for name, numbers in of.items():
        lookup.add(name, numbers)
    began, looked_up = process_time(), list(of.values())[:_LOOKED_UP]
    found = sum(len(lookup.candidates(numbers)) - 1 for numbers in looked_up)
    took = (process_time() - began) / len(looked_up)
    size = sum(int(row[0]) for row in lookup.rows.execute("PRAGMA page_count")) * 4096
    print(
        f"among {_OTHERS:,} more articles: {took * 1000:.2f} ms and {found / len(looked_up):.2f} candidates "
        f"a look-up, {size / 1e6:.0f} MB of keys"
    )


def split(article: Article) -> SplitArticle:
    """Split an article into sentences; what passages cost is no part of this."""
    return SplitArticle(article=article, sentences=split_sentences(article.text), passages=(), vectors={})


def store(news: Iterable[Mapping[str, str]]) -> None:
    """Print what it takes to relate articles as they are stored."""
    chance = Random(7)
    bodies = [(" ".join(row["body"].split()[:500]), row["published_at"][:10]) for row in news]
    with TemporaryDirectory() as folder, closing(Library.create(Path(folder), {})) as library:
        rows = sqlite3.connect(Path(folder) / FILE)
        days = [date.fromisoformat(day).toordinal() for _, day in bodies]
        with rows:
            for number in range(_FIRST_OTHER, _FIRST_OTHER + _OTHERS):
                made_up = ((chance.randrange(2**28), number) for _ in range(32))
                rows.executemany("INSERT OR IGNORE INTO shared_key VALUES (?, ?)", made_up)
                figures = ((chance.choice(_FIGURES), chance.choice(days), number) for _ in range(11))
                rows.executemany("INSERT OR IGNORE INTO shared_figure VALUES (?, ?, ?)", figures)
                told = (number, 500, 0, b"", "0", "")
                rows.execute("INSERT INTO telling VALUES (?, ?, ?, ?, ?, ?)", told)
                made_up_article = (number, f"made-up/{number}")
                rows.execute(
                    "INSERT INTO article (number, id, title, fingerprint, text) VALUES (?, ?, '', '', '')",
                    made_up_article,
                )
        rows.close()
        articles = [
            Article(id=str(at), title="", text=body, language="en", published=day)
            for at, (body, day) in enumerate(bodies)
        ]
        timed("articles of at most 500 words", library, articles)
        found = {member.story for member in library.groups.members(one.id for one in articles).values()}
        print(f"  stories that more than one of them tells: {len(found)}")
        first, base = articles[0], articles[0].text
        copies = [replace(first, id=f"copy-{at}", text=f"By {at}.\n{base}") for at in range(300)]
        timed("copies of one", library, copies)
        half = " ".join(base.split()[:250])
        pages = [
            replace(one, id=f"page-{at}", text=f"{' '.join(one.text.split()[:250])}\n{half}")
            for at, one in enumerate(articles[1:301])
        ]
        timed("pages with half of their words in common", library, pages)


def timed(what: str, library: Library, articles: list[Article]) -> None:
    """Print what it takes to store articles without passages, and how much of it is for relating them."""
    splits = [split(article) for article in articles]
    slowest = 0.0
    began = process_time()
    for one in splits:
        before = process_time()
        library.update([one])
        slowest = max(slowest, process_time() - before)
    took = (process_time() - began) / len(splits)
    print(f"  {len(splits)} {what}: {took * 1000:.1f} ms each, at most {slowest * 1000:.0f} ms")


def look(texts: Mapping[str, str], likenesses: Mapping[Pair, Likeness], gold: set[Pair]) -> None:
    """Print the pairs about which the rule and the set differ, then the nearest to its limit."""
    differing = {pair for pair, likeness in likenesses.items() if is_copy(likeness) != (pair in gold)}
    near = sorted(
        likenesses, key=lambda pair: (pair not in differing, abs(likenesses[pair].containment - 0.5))
    )
    for pair in near[:20]:
        likeness = likenesses[pair]
        print(f"\n{pair} ours {is_copy(likeness)}, theirs {pair in gold}, {likeness}")
        for name in pair:
            print(f"   {' '.join(texts[name].split()[:40])}")


def main(folder: Path, options: set[str]) -> None:
    """Measure and print."""
    texts = {row["id"]: row["text"] for row in read(folder / "bbc_2004" / "articles.jsonl.gz")}
    gold = {
        pair_of(row["a"], row["b"]) for row in read(folder / "bbc_2004" / "near_duplicate_pairs.jsonl.gz")
    }
    print("bbc_2004: precision, recall, F1 (pairs)")
    found = candidates(texts)
    likenesses = {pair: compare(texts[pair[0]], texts[pair[1]]) for pair in sorted(found)}
    score("baseline: equal texts", same_texts(texts), gold)
    score("baseline: brute force, Jaccard at least .5", brute_force(texts, 0.5), gold)
    score("equal words (digest)", same_words(texts), gold)
    score("candidates by keys and signatures", found, gold)
    score("near-copies", {pair for pair in found if is_copy(likenesses[pair])}, gold)
    estimates(texts, gold)
    news = {row["id"]: row for row in read(folder / "multihop_rag" / "corpus.jsonl.gz")}
    print("multihop_rag, where no outlet was seen to copy another:")
    bodies = {name: row["body"] for name, row in news.items()}
    for one, other in sorted(candidates(bodies)):
        if is_copy(compare(bodies[one], bodies[other])):
            print(
                "  near-copies:",
                *(f"{news[name]['source']}, {news[name]['title']};" for name in (one, other)),
            )
    if "--scale" in options:
        scale(texts)
    if "--store" in options:
        store(news.values())
    if "--look" in options:
        look(texts, likenesses, gold)


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
