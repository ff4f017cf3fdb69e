"""A library of any size: real articles, and others made of their sentences, with vectors as real ones lie.

Real are articles of multihop_rag and bbc_2004, with the bundled model's vectors. The others are sentences
drawn from them, with other names and years, so that words are as frequent as they are; the vector of such a
passage is that of a real one, drawn by its article, and noise. Dates, publishers and languages are spread as
in the real articles, of which none states another language than English: one in fifty is given one.
"""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.assembly import build_embedder
from bot.settings import Settings
from retrieval.articles import Reading
from retrieval.datatypes import Article
from retrieval.embedding import Embedder
from retrieval.indexing import Indexer
from retrieval.library import Library
from retrieval.passages import split_sentences
from tests.benchmarks.ferries import NAMES

DATA = Path(__file__).parents[3] / "shared" / "data"
PASSAGE_TOKENS = 256
REAL_PASSAGES = 5_000
_SEED = 7
# At a noise of this length a passage's cosine with the one it is drawn from is 0.8.
_NOISE = 0.75
_SENTENCES, _FOREIGN, _LANGUAGES = 30, 0.02, ("it", "sv")
_NAME, _YEAR = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}"), re.compile(r"\b20[012]\d\b")
_TITLE = re.compile(r"Made up (\d+): ")


class ScaleEmbedder:
    """The bundled model for questions and real passages, which are kept; made-up passages cost nothing."""

    name = "scale@1"
    window = 400

    def __init__(self, folder: Path) -> None:
        self._path = folder / "vectors.npz"
        self._kept: dict[str, NDArray[np.float32]] = {}
        if self._path.exists():
            self._kept = dict(np.load(self._path))

    @cached_property
    def bundled(self) -> Embedder:
        return build_embedder(Settings())

    @cached_property
    def _real(self) -> NDArray[np.float32]:
        return np.stack([self._kept[key] for key in sorted(self._kept)])

    def reads(self, language: str | None) -> bool:
        return True

    def count(self, text: str) -> int:
        return text.count(" ") + 1

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        made_up = [_TITLE.match(text) for text in texts]
        if not any(made_up):
            return self._embed_real(texts)
        return np.stack([
            self._near(int(found[1]), text) if found else self._embed_real([text])[0]
            for found, text in zip(made_up, texts, strict=True)
        ])  # fmt: skip

    def keep(self) -> None:
        """Keep the vectors of real passages for another run."""
        np.savez(self._path, **self._kept)  # type: ignore[arg-type]

    def _embed_real(self, texts: Sequence[str]) -> NDArray[np.float32]:
        keys = [sha256(text.encode()).hexdigest() for text in texts]
        missing = [place for place, key in enumerate(keys) if key not in self._kept]
        if missing:
            rows = self.bundled.embed([texts[place] for place in missing])
            if "\n" not in texts[0]:  # a question
                return rows
            self._kept |= {keys[place]: row for place, row in zip(missing, rows, strict=True)}
        return np.stack([self._kept[key] for key in keys])

    def _near(self, number: int, text: str) -> NDArray[np.float32]:
        row = self._real[crc32(b"%d" % number) % len(self._real)]
        noise = np.random.default_rng(crc32(text.encode())).standard_normal(len(row), np.float32)
        found = row + noise * np.float32(_NOISE / np.sqrt(len(row)))
        return np.asarray(found / np.linalg.norm(found), np.float32)


def real_articles() -> list[Article]:
    """Read the real articles, those of the two sets in turns; BBC's get dates, which they do not state."""
    random = Random(_SEED)
    news = [
        Article(
            id=f"multihop/{row['id']}", title=row["title"], text=row["body"], publisher=row["source"],
            published=row["published_at"][:10], language="en",
        )
        for row in _rows("multihop_rag/corpus.jsonl.gz")
    ]  # fmt: skip
    days = [article.published for article in news]
    older = [
        Article(
            id=f"bbc/{row['id']}", title=row["title"], text=row["text"], publisher="BBC News",
            published=random.choice(days), language="en",
        )
        for row in _rows("bbc_2004/articles.jsonl.gz")
    ]  # fmt: skip
    # BBC's articles are a quarter as long: three of them to two make a third of the passages.
    random.shuffle(older)
    return [
        article
        for place, one in enumerate(news)
        for article in (one, *older[3 * place // 2 :][: 1 + place % 2])
    ]


def made_up_articles(real: Sequence[Article]) -> Iterator[Article]:
    """Make articles of the sentences of real ones, without an end."""
    random = Random(_SEED)
    sentences = [
        article.text[start:end] for article in real for start, end in split_sentences(article.text)
        if end - start > 40
    ]  # fmt: skip
    number = 0
    while True:
        number += 1
        like = random.choice(real)
        drawn = [_varied(sentence, random) for sentence in random.choices(sentences, k=_SENTENCES)]
        foreign = random.random() < _FOREIGN
        yield replace(
            like,
            id=f"made-up/{number}",
            title=f"Made up {number}: {_varied(like.title, random)}",
            text="\n\n".join(" ".join(drawn[start : start + 5]) for start in range(0, _SENTENCES, 5)),
            language=random.choice(_LANGUAGES) if foreign else "en",
        )


def _varied(text: str, random: Random) -> str:
    """Put other names and years in, in some places."""
    text = _NAME.sub(lambda found: random.choice(NAMES) if random.random() < 0.3 else found[0], text)
    return _YEAR.sub(lambda found: str(random.randrange(2000, 2024)), text)


def build(folder: Path, passages: int) -> None:
    """Build a library of about so many passages in a folder, through the ordinary indexer."""
    embedder = ScaleEmbedder(folder.parent)
    indexer = Indexer(folder, embedder, passage_tokens=PASSAGE_TOKENS)
    real = real_articles()
    step, taken, count = 40, 0, 0
    while count < min(passages, REAL_PASSAGES):
        indexer.update(Reading(articles=tuple(real[taken : taken + step])), _say_nothing)
        taken += step
        count = _count(folder)
    embedder.keep()
    makes = made_up_articles(real[:taken])
    if count < passages:
        some = [next(makes) for _ in range(20)]
        indexer.update(Reading(articles=tuple(some)), _say_nothing)
        each = (_count(folder) - count) / len(some)
        more = [next(makes) for _ in range(round((passages - _count(folder)) / each))]
        indexer.update(Reading(articles=tuple(more)), _say)
    print(f"\n{_count(folder):,} passages", flush=True)


def change(folder: Path, count: int) -> Reading:
    """Add a sentence to so many articles of a library."""
    library = Library.open_any(folder)
    try:
        ids = sorted(library.fingerprints())
        chosen = library.articles(Random(_SEED).sample(ids, min(count, len(ids))))
    finally:
        library.close()
    end = f" {len(chosen)} articles say so, and one more sentence is new."
    return Reading(articles=tuple(replace(one, text=one.text + end) for one in chosen.values()))


def questions(count: int) -> list[str]:
    """Read real questions: those of MultiHop-RAG, and titles of BBC's articles as people ask for them."""
    random = Random(_SEED)
    asked = [row["query"] for row in _rows("multihop_rag/queries.dev.jsonl.gz")]
    titles = [f"What happened: {row['title']}?" for row in _rows("bbc_2004/articles.jsonl.gz")]
    some = random.sample(asked, count * 3 // 5)
    return random.sample([*some, *random.sample(titles, count - len(some))], count)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _count(folder: Path) -> int:
    library = Library.open_any(folder)
    try:
        return library.passage_count()
    finally:
        library.close()


def _say(step: str, done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        print(f"\r{step} {done:,} of {total:,} articles ", end="", flush=True)


def _say_nothing(step: str, done: int, total: int) -> None:
    """Say nothing of a short step."""
