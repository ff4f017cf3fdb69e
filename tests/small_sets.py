"""Sets of questions in the form of the SQuAD family, as small as a test needs them."""

import gzip
import json
from collections.abc import Mapping, Sequence
from itertools import count, islice
from pathlib import Path

from retrieval.training.reading_examples import part_of

Row = Mapping[str, object]


def write_set(folder: Path, paragraphs: Sequence[Row], questions: Sequence[Row]) -> None:
    """Write a set."""
    folder.mkdir(parents=True)
    for name, rows in (("paragraphs", paragraphs), ("questions", questions)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode()))


def titles(part: str, number: int) -> list[str]:
    """Find so many titles of a part."""
    return list(
        islice((name for name in (f"Page {each}" for each in count()) if part_of(name) == part), number)
    )
