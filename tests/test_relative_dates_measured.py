"""How often relative dates are resolved right, on expressions labelled by hand in real articles.

The fixture holds no text: the name of a set and an article, an expression's place, the day of publication
and the days meant (null where it means none that its article tells). "tune" is the half that forms were
written on. "multihop_rag_certain" are expressions that the resolver itself was certain of, judged once (52
of 60 right); three general changes followed a look at what it and the other half got wrong.
"""

import gzip
import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from retrieval.relative_dates import Resolved, resolve

_SHARED = Path(__file__).parents[2] / "shared"
_LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "fixtures" / "relative_dates.jsonl").read_text("utf-8").splitlines()
]
# An Italian sentence has no date; recognising its expressions needs any.
_ANY_DAY = date(2020, 6, 3)

pytestmark = pytest.mark.skipif(not _SHARED.is_dir(), reason=f"the labelled articles are not at {_SHARED}")


@cache
def _lines(name: str) -> list[Any]:
    with gzip.open(_SHARED / "data" / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@cache
def _texts() -> dict[str, str]:
    texts = {item["id"]: item["body"] for item in _lines("multihop_rag/corpus.jsonl.gz")}
    texts |= {path.stem: path.read_text("utf-8") for path in (_SHARED / "seeds").glob("*.txt")}
    sentences = _lines("kind_wikinews_it/sentences.jsonl.gz")
    return texts | {str(number): " ".join(item["tokens"]) for number, item in enumerate(sentences)}


def _found(item: dict[str, Any]) -> Resolved | None:
    language = "it" if item["set"] == "kind_wikinews_it" or item["id"].startswith("001_") else "en"
    written = date.fromisoformat(item["written"]) if "written" in item else _ANY_DAY
    text = _texts()[item["id"]]
    # Whole articles take long; the paragraphs around tell as much.
    begin = text.rfind("\n", 0, max(0, item["start"] - 600)) + 1
    found = resolve(text[begin : item["end"] + 600], language, written)
    start, end = item["start"] - begin, item["end"] - begin
    return next((each for each in found if each.start < end and start < each.end), None)


def _verdict(item: dict[str, Any]) -> str:
    found = _found(item)
    if found is None or not found.is_certain:
        return "silent" if item["days"] else "rightly silent"
    days = [found.first_day.isoformat(), found.last_day.isoformat()]
    return "right" if days == item["days"] else "wrong"


def measured(names: set[str], half: str) -> Counter[str]:
    return Counter(_verdict(item) for item in _LABELLED if item["set"] in names and item["half"] == half)


@pytest.mark.parametrize("half", ["tune", "report"])
def test_resolve_when_expressions_were_drawn_from_articles_is_seldom_wrong(half: str) -> None:
    counts = measured({"multihop_rag", "seeds"}, half)
    print(half, dict(counts))
    dated = counts["right"] + counts["wrong"] + counts["silent"]
    assert counts["right"] >= 0.8 * dated
    assert counts["wrong"] <= 0.07 * (counts["right"] + counts["wrong"])


def test_resolve_when_certain_is_mostly_right() -> None:
    counts = measured({"multihop_rag_certain"}, "report")
    print(dict(counts))
    assert counts["right"] >= 0.85 * (counts["right"] + counts["wrong"])


@pytest.mark.parametrize("half", ["tune", "report"])
def test_resolve_when_sentence_is_italian_tells_times_from_other_words(half: str) -> None:
    chosen = [item for item in _LABELLED if item["set"] == "kind_wikinews_it" and item["half"] == half]
    right = sum((_found(item) is not None) == item["is_time"] for item in chosen)
    print(half, right, len(chosen))
    assert right >= 0.9 * len(chosen)
