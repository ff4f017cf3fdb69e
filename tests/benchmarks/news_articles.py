"""Gather the articles of news_cases.jsonl: python -m tests.benchmarks.news_articles DATA OUT.jsonl.

The articles remain their publishers' and are not part of the project; the questions are ours.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

CHOSEN = Path(__file__).parents[1] / "fixtures" / "news_articles.json"
FILES = {"bbc_2004": "articles.jsonl.gz", "multihop_rag": "corpus.jsonl.gz"}


def gather(folder: Path) -> Iterator[dict[str, str]]:
    """Read the chosen articles from the sets in a folder."""
    chosen: dict[str, list[str]] = json.loads(CHOSEN.read_text("utf-8"))
    for name, ids in chosen.items():
        with gzip.open(folder / name / FILES[name], "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row["id"] in ids:
                    yield {
                        "id": row["id"],
                        "title": row["title"],
                        "text": row.get("text") or row["body"],
                        "publisher": row.get("source", "BBC News"),
                        "published": row.get("published_at", ""),
                        "language": "en",
                    }


def main() -> None:
    """Write the articles, one a line."""
    lines = [json.dumps(row, ensure_ascii=False) for row in gather(Path(sys.argv[1]))]
    Path(sys.argv[2]).write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines)} articles written to {sys.argv[2]}")


if __name__ == "__main__":
    main()
