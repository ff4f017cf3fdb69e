"""Measure the check of claims on WiCE: python -m tests.benchmarks.wice FOLDER_OF_WICE tune|report.

Claims of Wikipedia with the pages they cite (Kamoi et al., 2023; https://arxiv.org/abs/2303.01432). A claim
is kept when one passage of its page supports it. The halves are split by the article that makes the claim.
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from retrieval.datatypes import Article
from retrieval.passages import Span
from retrieval.sentences import Sentence, read_article
from retrieval.support import find_support, read_statement

LABELS = ("supported", "partially_supported", "not_supported")
_PASSAGE_CHARACTERS = 1100
_HEADING = 40
_META = "(meta data) "


def half_of(title: str) -> str:
    """Tell which half an article belongs to."""
    return ("tune", "report")[int(sha256(title.encode()).hexdigest(), 16) % 2]


def passages(lines: list[str], claim_id: str) -> Iterator[list[Sentence]]:
    """Write a page as an article and cut it into passages."""
    facts = dict(line.removeprefix(_META).split(": ", 1) for line in lines if line.startswith(_META))
    told = [" ".join(line.strip("# ").split()) for line in lines if not line.startswith(_META)]
    text = ""
    spans: list[Span] = []
    for line in filter(None, told):
        text += ("\n" if len(line) < _HEADING else " ") if text else ""
        spans.append((len(text), len(text) + len(line)))
        text += line
    published = facts.get("PUBLISHED DATETIME", "")[:10] or None
    title = facts.get("TITLE", claim_id)
    article = Article(id=claim_id, title=title, text=text, language="en", published=published)
    passage: list[Sentence] = []
    for sentence in read_article(article, spans):
        if passage and sentence.end - passage[0].start > _PASSAGE_CHARACTERS:
            yield passage
            passage = []
        passage.append(sentence)
    if passage:
        yield passage


def is_kept(row: Mapping[str, object]) -> bool:
    """Tell whether any passage of its page supports a claim."""
    statement = read_statement(str(row["claim"]), "en")
    evidence = row["evidence"]
    lines = [str(line) for line in evidence] if isinstance(evidence, list) else []
    return any(find_support(statement, passage).stands for passage in passages(lines, str(row["id"])))


def main() -> None:
    """Print how many claims of each label are kept."""
    folder, half = Path(sys.argv[1]), sys.argv[2]
    kept: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with gzip.open(folder / "claims.dev.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if half_of(row["title"]) == half:
                total[row["label"]] += 1
                kept[row["label"]] += is_kept(row)
    for label in LABELS:
        share = kept[label] / total[label]
        print(f"{label}: {kept[label]} of {total[label]} kept, {share:.0%}; dropped {1 - share:.0%}")


if __name__ == "__main__":
    main()
