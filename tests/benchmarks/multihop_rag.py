"""Measure retrieval on MultiHop-RAG: python -m tests.benchmarks.multihop_rag FOLDER [--half report].

Null queries are left out. A passage counts for a fact when it contains it once spaces and newlines are
removed (arXiv 2401.15391). Hits@K is given by both definitions in use: any fact found, and the mean share
of facts found. Queries are split by a hash of their id: constants were chosen on "tune". The baseline, in
the same run, is FTS5's own BM25 over the same passages with title and publisher.
"""

import argparse
import gzip
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bot.assembly import build_embedder, build_indexer
from bot.settings import Settings
from retrieval.articles import Reading
from retrieval.datatypes import Article, Passage
from retrieval.index import VectorIndex
from retrieval.indexing import vectors_folder
from retrieval.library import Library
from retrieval.query import understand
from retrieval.search import Searcher
from retrieval.wording import terms

DEPTH = 10
MEASURES = ("MRR@10", "Hits@10 any", "Hits@10 fraction", "Hits@4 any", "Hits@4 fraction")
_SPACE = re.compile(r"\s+")
Ranker = Callable[[str], Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class Question:
    """A query with the facts that its answer needs."""

    id: str
    text: str
    facts: tuple[str, ...]

    @property
    def half(self) -> str:
        """The half that the question belongs to."""
        return "tune" if int(sha1(self.id.encode()).hexdigest()[0], 16) % 2 == 0 else "report"


def read_lines(path: Path) -> Iterable[dict[str, Any]]:
    """Read a file of gzipped JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_articles(folder: Path) -> list[Article]:
    """Read the articles of the set."""
    return [
        Article(
            id=row["id"],
            title=row["title"],
            text=row["body"],
            publisher=row["source"],
            author=row["author"],
            published=str(row["published_at"])[:10],
            language="en",
            url=row["url"],
        )
        for row in read_lines(folder / "corpus.jsonl.gz")
    ]


def read_questions(folder: Path) -> list[Question]:
    """Read the development queries that have an answer."""
    return [
        Question(row["id"], row["query"], tuple(_SPACE.sub("", part["fact"]) for part in row["evidence"]))
        for row in read_lines(folder / "queries.dev.jsonl.gz")
        if row["type"] != "null_query"
    ]


def measure(questions: Sequence[Question], rank: Ranker) -> dict[str, float]:
    """Average the measures over questions."""
    totals = dict.fromkeys(MEASURES, 0.0)
    for question in questions:
        found = [
            {fact for fact in question.facts if fact in _SPACE.sub("", passage.text)}
            for passage in rank(question.text)[:DEPTH]
        ]
        first = next((place for place, facts in enumerate(found, start=1) if facts), None)
        totals["MRR@10"] += 1 / first if first else 0.0
        for depth in (10, 4):
            held = set().union(*found[:depth])
            totals[f"Hits@{depth} any"] += bool(held)
            totals[f"Hits@{depth} fraction"] += len(held) / len(question.facts)
    return {name: total / len(questions) for name, total in totals.items()}


def keyword_baseline(library: Library) -> Ranker:
    """Rank by FTS5's own BM25 alone."""

    def rank(text: str) -> list[Passage]:
        numbers = [hit.number for hit in library.keyword.find(terms(text, "en"), DEPTH)]
        passages = library.passages(numbers)
        return [passages[number] for number in numbers]

    return rank


def show_progress(step: str, done: int, total: int) -> None:
    """Write how far a step has come over the line before."""
    print(f"\r{step} {done}/{total} ", end="", file=sys.stderr)


def main() -> None:
    """Index the set where that is not done yet, and print both rankings beside each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--half", choices=["tune", "report", "all"], default="all")
    arguments = parser.parse_args()
    settings, embedder = Settings(), build_embedder(Settings())
    with TemporaryDirectory() as temporary:
        folder = arguments.index or Path(temporary)
        indexer = build_indexer(settings, folder, embedder)
        reading = Reading(articles=tuple(read_articles(arguments.folder)))
        indexer.update(reading, show_progress)
        library = Library.open(folder, indexer.manifest)
        vectors = VectorIndex(vectors_folder(library), embedder.name)
        searcher = Searcher(library, vectors, embedder, limit=DEPTH)
        chosen = [q for q in read_questions(arguments.folder) if arguments.half in ("all", q.half)]
        print(f"{len(chosen)} questions, {library.passage_count()} passages")
        baseline = measure(chosen, keyword_baseline(library))
        start = perf_counter()
        ours = measure(chosen, lambda text: [s.passage for s in searcher.search(understand(text, "en"))])
        seconds = (perf_counter() - start) / len(chosen)
        for name in MEASURES:
            ratio = ours[name] / baseline[name]
            print(f"{name:<17} {ours[name]:.3f}   FTS5 BM25 {baseline[name]:.3f}   ratio {ratio:.2f}")
        print(f"{1000 * seconds:.0f} ms a question, embedding it included")


if __name__ == "__main__":
    main()
