"""How well the article of a real news page is read: python -m tests.benchmarks.pages DATA_FOLDER.

DATA_FOLDER holds gold.jsonl (`file`, `url`, `text`) and gzipped pages, as shared/data/html_zyte181 does. The
measure is that of Zyte's article-extraction-benchmark: shingles of four words are counted in both texts;
precision and recall are averaged over pages, and F1 is taken of the averages. What `retrieval.pages` asks of
trafilatura was chosen on the pages of half A (by a hash of the page's name). The baseline is trafilatura's
`extract` without comments, as that benchmark calls it.
"""

import gzip
import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TypeVar

from retrieval.formats import Unreadable
from retrieval.pages import Page, read_page
from retrieval.residue import clean_text

_Read = TypeVar("_Read")
_WORD = re.compile(r"\w+")
_STATED = ("title", "author", "publisher", "published", "modified", "language")


@dataclass(frozen=True, slots=True)
class Sample:
    """A page with the text that people marked as its article."""

    half: str
    address: str
    data: bytes
    gold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one page's text shares with the gold text, in shingles."""

    half: str
    shared: int
    extra: int
    missed: int


def read_samples(folder: Path) -> list[Sample]:
    """Read the pages and their gold texts."""
    samples: list[Sample] = []
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = Path(row["file"]).name.partition(".")[0]
        half = "B" if hashlib.sha256(name.encode()).digest()[0] % 2 else "A"
        data = gzip.decompress((folder / row["file"]).read_bytes())
        samples.append(Sample(half, row["url"], data, row["text"]))
    return samples


def score(sample: Sample, text: str) -> Score:
    """Compare a text with the gold text."""
    gold, found = _shingles(sample.gold), _shingles(text)
    shared = (gold & found).total()
    return Score(half=sample.half, shared=shared, extra=found.total() - shared, missed=gold.total() - shared)


def summary(scores: Sequence[Score]) -> tuple[float, float, float]:
    """F1, precision and recall."""
    precision = mean(item.shared / (item.shared + item.extra) for item in scores if item.shared + item.extra)
    recall = mean(item.shared / (item.shared + item.missed) for item in scores if item.shared + item.missed)
    return 2 * precision * recall / (precision + recall), precision, recall


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[place : place + 4]) for place in range(max(1, len(words) - 3)) if words)


def _read(sample: Sample) -> Page | None:
    try:
        return read_page(sample.data, address=sample.address)
    except Unreadable as error:
        print(f"Cannot read {sample.address}: {error}.")
        return None


def _plain(sample: Sample) -> str:
    from trafilatura import extract

    return extract(sample.data.decode(errors="replace"), include_comments=False) or ""


def _timed(read: Callable[[Sample], _Read], samples: Sequence[Sample]) -> tuple[list[_Read], float]:
    read(samples[0])  # loads what is imported when it is needed
    began = time.process_time()
    found = [read(sample) for sample in samples]
    return found, (time.process_time() - began) / len(samples)


def _table(rows: Mapping[str, Sequence[Score]]) -> str:
    lines = ["| | half | pages | F1 | precision | recall |", "|---|---|---|---|---|---|"]
    for name, scores in rows.items():
        for half in ("A", "B", "all"):
            some = [item for item in scores if half in (item.half, "all")]
            figures = " | ".join(f"{figure:.4f}" for figure in summary(some))
            lines.append(f"| {name} | {half} | {len(some)} | {figures} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, the time, and how often the page's statements are found."""
    samples = read_samples(Path(sys.argv[1]))
    pages, seconds = _timed(_read, samples)
    texts, plain_seconds = _timed(_plain, samples)
    ours = [page.draft.text if page else "" for page in pages]
    rows = {"ours": ours, "ours, as indexed": [clean_text(text) for text in ours], "plain trafilatura": texts}
    print(_table({
        name: [score(sample, text) for sample, text in zip(samples, some, strict=True)]
        for name, some in rows.items()
    }))  # fmt: skip
    print(f"\nCPU seconds a page: ours {seconds:.3f}, plain trafilatura {plain_seconds:.3f}.")
    read = [page.draft.fields for page in pages if page]
    found = [f"{name} {sum(bool(fields[name]) for fields in read)}" for name in _STATED]
    to_the_minute = sum(len(fields["published"] or "") > 10 for fields in read)
    print(f"Of {len(samples)} pages: {', '.join(found)}; published with its time {to_the_minute}.")


if __name__ == "__main__":
    main()
