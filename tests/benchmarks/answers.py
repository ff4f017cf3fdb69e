"""Score answers to question fixtures: python -m tests.benchmarks.answers FIXTURE ARTICLES [--half report].

A question that the articles answer is right when its answer quotes every expected group of words, cites the
expected articles, quotes nothing forbidden, and keeps to five quotations and 900 characters. One that they do
not answer is right when the status is not_covered. The baseline is an assistant that never refuses and quotes
the sentence whose vector is nearest to the question's.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.assembly import build_assistant, build_embedder, build_indexer
from bot.datatypes import Conversation, Turn
from bot.settings import Settings
from retrieval.articles import read_articles
from retrieval.embedding import Embedder
from retrieval.passages import split_sentences

MOST_QUOTES, MOST_CHARACTERS = 5, 900
Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What an assistant gave for a case: quotations with their articles; none when it refused."""

    quotes: tuple[tuple[str, str], ...]


def is_right(case: Case, given: Given) -> bool:
    """Judge one answer by the rule at the top of this file."""
    quotes = [quote.lower() for _, quote in given.quotes]
    if not case["answerable"]:
        return not quotes
    expected = all(
        any(text.lower() in quote for quote in quotes for text in group) for group in case["expected"]
    )
    cited = all(any(article in group for article, _ in given.quotes) for group in case["articles"])
    clean = not any(text.lower() in quote for quote in quotes for text in case["forbidden"])
    short = len(quotes) <= MOST_QUOTES and sum(map(len, quotes)) <= MOST_CHARACTERS
    return bool(quotes) and expected and cited and clean and short


def nearest_sentence(embedder: Embedder, articles: Path) -> Callable[[Case], Given]:
    """Make the baseline: the sentence nearest to the question, always."""
    sentences = [
        (article.id, article.text[start:end])
        for article in read_articles([articles]).articles
        for start, end in split_sentences(article.text)
    ]
    vectors = embedder.embed([text for _, text in sentences])

    def answer(case: Case) -> Given:
        question = " ".join([*case.get("conversation", []), case["question"]])
        return Given((sentences[int((vectors @ embedder.embed([question])[0]).argmax())],))

    return answer


def footnote(embedder: Embedder, articles: Path, folder: Path) -> Callable[[Case], Given]:
    """Index the articles and answer as a user would be answered."""
    settings = Settings()
    build_indexer(settings, folder, embedder).update(read_articles([articles]), lambda *_: None)
    assistant = build_assistant(settings, folder, embedder)

    def answer(case: Case) -> Given:
        conversation: Conversation = ()
        for question in case.get("conversation", []):
            conversation = (*conversation, Turn(question, assistant.answer(question, conversation)))
        citations = assistant.answer(case["question"], conversation).citations
        return Given(tuple((citation.article.id, citation.quote) for citation in citations))

    return answer


def show(name: str, cases: Iterable[Case], answer: Callable[[Case], Given]) -> float:
    """Print the share of right answers, by kind and in all."""
    rights: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        rights[case["kind"]].append(is_right(case, answer(case)))
    every = [right for some in rights.values() for right in some]
    share = sum(every) / len(every)
    print(f"{name}: {sum(every)} of {len(every)} right ({share:.0%})")
    for kind, some in rights.items():
        print(f"  {kind:<15} {sum(some):>3} of {len(some)}")
    return share


def main() -> None:
    """Score the fixture named on the command line against the baseline, in one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fixture", type=Path)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--half", choices=["tune", "report", "all"], default="all")
    arguments = parser.parse_args()
    lines = arguments.fixture.read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if arguments.half in ("all", case["half"])]
    embedder = build_embedder(Settings())
    with TemporaryDirectory() as folder:
        ours = show("footnote", cases, footnote(embedder, arguments.articles, Path(folder)))
    baseline = show("nearest sentence", cases, nearest_sentence(embedder, arguments.articles))
    print(f"ratio {ours / baseline:.2f}")


if __name__ == "__main__":
    main()
