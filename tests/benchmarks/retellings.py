"""Measure stories told again in another language: python -m tests.benchmarks.retellings DATA_FOLDER.

DATA_FOLDER holds no translated news. Five paragraphs of SQuAD in a row are an article here, their translation
(machine-made, into Swedish, Spanish and Italian) for its retelling; the next five of the same title share
subject and names and are none. Titles are halved, but both halves and meantime_en were looked at when the
limits were chosen: nothing here is unseen. Of meantime_en, two articles of a topic are sources of their
own. No vectors are used: no model that ships reads all of these.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from retrieval.passages import split_sentences
from retrieval.stories import Telling, read_telling, retelling
from tests.benchmarks.duplicates import half_of

_SETS = {
    "sv": ("squad_v20_dev", "squad_sv_dev"),
    "es": ("squad_v20_dev", "squad_es_v20_dev"),
    "it": ("squad_v11_dev", "squad_it_test"),
}
_PARAGRAPHS, _A_TITLE, _TITLES = 5, 2, 16
_MARKS = re.compile(r"\d{2,}|[A-Z][a-z]{4,}")
Told = tuple[str, Telling, Telling]


def titles(path: Path) -> dict[str, list[str]]:
    """Read the paragraphs of each title."""
    found: dict[str, list[str]] = {}
    with gzip.open(path / "paragraphs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            found.setdefault(row["title"], []).append(row["text"])
    return found


def aligned(english: dict[str, list[str]], others: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Find the English title of each translated one, by names and figures, where no paragraph is missing."""
    marks = {title: {*_MARKS.findall(" ".join(paragraphs))} for title, paragraphs in english.items()}
    for paragraphs in others.values():
        own = {*_MARKS.findall(" ".join(paragraphs))}
        nearest = max(marks, key=lambda title: len(own & marks[title]) / len(own | marks[title]))
        if len(english[nearest]) == len(paragraphs):
            yield nearest, paragraphs


def read(name: str, text: str, code: str) -> Telling:
    """Read an article of unknown date."""
    return read_telling(name, text, code, None, split_sentences(text))


def told_twice(folder: Path, code: str) -> list[Told]:
    """Read articles of titles and their translations."""
    english, others = (titles(folder / name) for name in _SETS[code])
    told: list[Told] = []
    for title, paragraphs in list(aligned(english, others))[:_TITLES]:
        for at in range(0, min(_A_TITLE * _PARAGRAPHS, len(paragraphs) - _PARAGRAPHS + 1), _PARAGRAPHS):
            one, other = ("\n".join(each[at : at + _PARAGRAPHS]) for each in (english[title], paragraphs))
            told.append((title, read(f"{at}", one, "en"), read(f"{at}", other, code)))
    return told


def main(folder: Path) -> None:
    """Measure and print."""
    for code in _SETS:
        told = told_twice(folder, code)
        for half in ("tune", "report"):
            own = [each for each in told if half_of(each[0]) == half]
            found = sum(retelling(one, other) > 0 for _, one, other in own)
            others = [(a[1], b[2]) for a in own for b in own if a[0] == b[0] and a[1].id != b[1].id]
            wrong = sum(retelling(one, other) > 0 for one, other in others)
            print(
                f"{code} {half}: {found} of {len(own)} found; {wrong} of {len(others)} of one title wrongly"
            )
    tellings: dict[str, list[Telling]] = {}
    with gzip.open(folder / "meantime_en" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            text = re.sub(r" ([,.])", r"\1", " ".join(row["sentences"]))
            tellings.setdefault(row["topic"], []).append(read(row["title"], text, "en"))
    pairs = [pair for each in tellings.values() for pair in combinations(each, 2)]
    grouped = [f"{one.id} / {other.id}" for one, other in pairs if retelling(one, other)]
    print(f"meantime_en: {len(grouped)} of {len(pairs)} pairs of one topic grouped, dates unknown: {grouped}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
