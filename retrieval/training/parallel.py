"""Read the open parallel sentences that the word lexicon is learnt from."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.passages import split_sentences

_NAMES_IN_TATOEBA = ("tatoeba/pairs.jsonl.gz", "tatoeba_sv/pairs.jsonl.gz")
# The English SQuAD whose paragraphs each translation has.
_SQUADS = {
    "it": ("squad_it_test", "squad_v11_dev"),
    "sv": ("squad_sv_dev", "squad_v20_dev"),
    "es": ("squad_es_v20_dev", "squad_v20_dev"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A foreign text and its English translation; pairs of one item are held out together."""

    item: str
    foreign: str
    english: str

    @property
    def is_held_out(self) -> bool:
        """Whether the item is among the tenth that is kept for measuring."""
        return zlib.crc32(self.item.encode()) % 10 == 0


def read_pairs(folder: Path, code: str) -> list[Pair]:
    """Read all sentence pairs of a language."""
    return [*_short_pairs(folder, code), *_paragraph_pairs(folder, code)]


def _short_pairs(folder: Path, code: str) -> Iterator[Pair]:
    titles = _titles(folder)
    for row in _rows(folder / "squad_parallel_questions/questions.jsonl.gz"):
        if code in row:
            yield Pair(titles.get(row["id"], row["id"]), row[code], row["en"])
    for row in _rows(folder / "mkqa_mia/questions.jsonl.gz"):
        if code in row:
            yield Pair(row["id"], row[code], row["en"])
    for row in _rows(folder / "stsb_multi/stsb.jsonl.gz"):
        for foreign, english in zip(row.get(code, ()), row["en"], strict=False):
            yield Pair(english, foreign, english)
    for name in _NAMES_IN_TATOEBA:
        for row in _rows(folder / name):
            foreign = row["text"] if row.get("lang") == code else row.get(code)
            if foreign:
                yield Pair(row["en"], foreign, row["en"])


def _paragraph_pairs(folder: Path, code: str) -> Iterator[Pair]:
    """Pair the sentences of paragraphs that share a question, where their counts agree."""
    if code not in _SQUADS:
        return
    foreign_name, english_name = _SQUADS[code]
    places = {row["id"]: row["para"] for row in _rows(folder / english_name / "questions.jsonl.gz")}
    english = {row["id"]: row for row in _rows(folder / english_name / "paragraphs.jsonl.gz")}
    texts = {row["id"]: row["text"] for row in _rows(folder / foreign_name / "paragraphs.jsonl.gz")}
    pairs = {
        row["para"]: english[places[row["id"]]]
        for row in _rows(folder / foreign_name / "questions.jsonl.gz")
        if row["id"] in places
    }
    for place, original in pairs.items():
        theirs, ours = _sentences(texts[place]), _sentences(original["text"])
        if len(theirs) == len(ours):
            for foreign_text, english_text in zip(theirs, ours, strict=True):
                yield Pair(original["title"], foreign_text, english_text)


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def _titles(folder: Path) -> dict[str, str]:
    """Name the SQuAD article of each question."""
    return {
        row["id"]: row["para"].rpartition("#")[0]
        for name in ("squad_v11_dev", "squad_v20_dev")
        for row in _rows(folder / name / "questions.jsonl.gz")
    }


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
