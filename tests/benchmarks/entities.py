"""Measure the people that are found in articles: python -m tests.benchmarks.entities DATA_FOLDER [--look].

DATA_FOLDER holds kind_wikinews_it, Italian sentences whose people, places and organisations are marked; they
follow one another, so twelve in a row are an article here. Of meantime_en no names are marked: --names prints
what is found of people in one half, to be judged by whoever reads it. Halves are by the hash of the first
words: the rules were looked at with "tune" alone.
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import process_time

from retrieval.entities import EntityKind, entities_in
from retrieval.passages import Span
from tests.benchmarks.duplicates import half_of

_IN_A_ROW = 12
_TAGS = {EntityKind.PERSON: "PER", EntityKind.ORGANISATION: "ORG", EntityKind.PLACE: "LOC"}
Marked = dict[str, set[Span]]


def kind(folder: Path) -> Iterator[tuple[str, str, Marked]]:
    """Give each article of KIND with its half and the places of what is marked in it."""
    with gzip.open(folder / "kind_wikinews_it" / "sentences.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for start in range(0, len(rows), _IN_A_ROW):
        text, marked = "", Marked({tag: set() for tag in _TAGS.values()})
        for row in rows[start : start + _IN_A_ROW]:
            text, spans = written(text, row["tokens"], row["tags"])
            for tag, span in spans:
                marked[tag].add(span)
        yield half_of(text[:80]), text, marked


def written(text: str, tokens: Sequence[str], tags: Sequence[str]) -> tuple[str, list[tuple[str, Span]]]:
    """Write a sentence behind a text as people do, and find where what is marked stands."""
    text += "\n" if text else ""
    spans: list[tuple[str, Span]] = []
    before = "O"
    glued = True
    for token, tag in zip(tokens, tags, strict=True):
        is_mark = token in {",", ".", ";", ":", ")", "?", "!", "%", "»"} or token.startswith(("'s", "’s"))
        text += "" if glued or is_mark else " "
        start = len(text)
        text += token
        if tag != "O":
            if tag == before:
                start = spans.pop()[1][0]
            spans.append((tag, (start, len(text))))
        before, glued = tag, token.endswith(("'", "’", "(", "«"))
    return text, spans


def score(found: Iterable[tuple[set[Span], set[Span]]]) -> str:
    """Say how much of what is found is marked, and the other way round."""
    pairs = list(found)
    right = sum(len(own & marked) for own, marked in pairs)
    every, wanted = sum(len(own) for own, _ in pairs), sum(len(marked) for _, marked in pairs)
    return (
        f"precision {right / max(1, every):.3f} of {every}, recall {right / max(1, wanted):.3f} of {wanted}"
    )


def main(folder: Path, *, look: bool) -> None:
    """Measure and print."""
    articles = list(kind(folder))
    began = process_time()
    read = [entities_in(text, "it") for _, text, _ in articles]
    seconds = process_time() - began
    words = sum(len(text.split()) for _, text, _ in articles)
    print(f"{500_000 * seconds / words:.1f} ms for 500 words")
    for half in ("tune", "report"):
        for sort, tag in _TAGS.items():
            own = [
                ({span for entity in entities if entity.kind is sort for span in entity.spans}, marked[tag])
                for entities, (name, _, marked) in zip(read, articles, strict=True)
                if name == half
            ]
            print(f"KIND {half} {sort}: {score(own)}")
    if look:
        wrong, missed = Counter[str](), Counter[str]()
        for entities, (half, text, marked) in zip(read, articles, strict=True):
            spans = {span for one in entities if one.kind is EntityKind.PERSON for span in one.spans}
            if half == "tune":
                wrong.update(_around(text, span) for span in spans - marked["PER"])
                missed.update(_around(text, span) for span in marked["PER"] - spans)
        print("wrong:", *wrong, "missed:", *missed, sep="\n")


def _around(text: str, span: Span) -> str:
    low, high = span
    return f"{text[max(0, low - 25) : low]}[{text[low:high]}]{text[high : high + 15]}".replace("\n", "|")


if __name__ == "__main__":
    main(Path(sys.argv[1]), look="--look" in sys.argv)
