"""The receipt: an answer as one JSON object that anybody can check later, and the check itself."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.datatypes import Answer, Citation
from bot.settings import Settings
from retrieval.datatypes import Article
from retrieval.errors import ArticleError, ReceiptError
from retrieval.library import Library
from retrieval.passages import Span

SCHEMA = 1
_WRITTEN_BY = "Give a file that `footnote ask --json` or `footnote chat --json` wrote."
# Other settings do not change what is answered: where things are, and which questions are refused.
_WITHOUT_EFFECT = {
    "index",
    "history",
    "question_characters",
    "chat_key",
    "chat_timeout_seconds",
    "runtime",
    "cache",
}


def receipt_of(answer: Answer, index: Mapping[str, str]) -> dict[str, object]:
    """Write down an answer and everything that it rests on."""
    return {
        "schema": SCHEMA,
        "question": answer.question,
        "understood_as": answer.understood_as,
        "status": answer.status.value,
        "answer": answer.text,
        "language": answer.language,
        "citations": [_citation(citation) for citation in answer.citations],
        "nearest": [_citation(citation) for citation in answer.nearest],
        "evidence": [
            {
                "article_id": scored.passage.article_id,
                "start": scored.passage.start,
                "end": scored.passage.end,
                "text": scored.passage.text,
                "score": float(scored.score),
            }
            for scored in answer.evidence
        ],
        "confidence": float(answer.confidence),
        "written_by": answer.written_by,
        "dropped": [{"text": dropped.text, "why": dropped.why} for dropped in answer.dropped],
        "notices": list(answer.notices),
        "seconds": dict(answer.seconds),
        "index": dict(index),
    }


def receipt_of_failure(question: str, why: str) -> dict[str, object]:
    """Write down that a question was not taken."""
    return {"schema": SCHEMA, "question": question, "error": why}


def json_line(receipt: Mapping[str, object]) -> str:
    """Write a receipt on one line, as it reads; escaped where half a character cannot be written as UTF-8."""
    line = json.dumps(receipt, ensure_ascii=False)
    return line if _is_writable(line) else json.dumps(receipt)


def describe_index(settings: Settings, manifest: Mapping[str, str]) -> dict[str, str]:
    """Name the embedder, and by a digest all that changes answers: settings and how the index is built."""
    effective = {
        name: value
        for name, value in settings.model_dump(mode="json").items()
        if name not in _WITHOUT_EFFECT and not name.startswith("telegram_")
    }
    content = json.dumps([effective, dict(manifest)], sort_keys=True)
    return {"embedder": manifest["embedder"], "settings": sha256(content.encode()).hexdigest()[:16]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a receipt says of one citation."""

    number: int
    article_id: str
    title: str
    publisher: str | None
    path: str | None
    quote: str
    start: int
    end: int
    marked: Span | None
    digest: str


def read_receipts(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, list[Claim]]]:
    """Read the claims of each receipt, with the number of its line.

    Raises:
        ReceiptError: A line is not a receipt.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"Line {number} of {name}"
        try:
            receipt = json.loads(line.decode("utf-8-sig", errors="replace"))
        except (ValueError, RecursionError) as error:
            raise ReceiptError(f"{where} is not JSON. {_WRITTEN_BY}") from error
        if not isinstance(receipt, dict) or not isinstance(receipt.get("question"), str):
            raise ReceiptError(f"{where} is not a receipt. {_WRITTEN_BY}")
        if receipt.get("schema") != SCHEMA:
            raise ReceiptError(
                f"{where} has schema {receipt.get('schema')!r}, this version reads {SCHEMA}. {_WRITTEN_BY}"
            )
        yield number, _claims(receipt, where)


@dataclass(slots=True)
class Verifier:
    """Checks citations against the index, or against the files where the index lacks that version."""

    library: Library | None
    _files: dict[str, tuple[Article, ...]] = field(default_factory=dict)

    def fault(self, claim: Claim) -> str | None:
        """Say what is wrong with a citation; None if it stands."""
        article = self._indexed(claim)
        if article is None or article.digest != claim.digest:
            read = self._read(claim.path) if claim.path else ()
            same = [found for found in read if found.digest == claim.digest]
            if not same:
                return _why_missing(claim, article, read)
            # One file can hold an article twice: under its own title first.
            article = next((found for found in same if found.title == claim.title), same[0])
        return _difference(claim, article)

    def _indexed(self, claim: Claim) -> Article | None:
        if self.library is None or not _is_writable(claim.article_id):
            return None
        return self.library.articles([claim.article_id]).get(claim.article_id)

    def _read(self, path: str) -> tuple[Article, ...]:
        from retrieval.articles import read_articles

        if path not in self._files:
            try:
                # A folder or a pattern is no article's path, whoever wrote the receipt.
                self._files[path] = read_articles([path]).articles if Path(path).is_file() else ()
            except (ArticleError, ValueError):
                self._files[path] = ()
        return self._files[path]


def _citation(citation: Citation) -> dict[str, object]:
    article = citation.article
    return {
        "number": citation.number,
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.published,
        "url": article.url,
        "language": article.language,
        "path": article.path,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "marked": None if citation.marked is None else list(citation.marked),
        "digest": citation.digest,
    }


def _claims(receipt: Mapping[str, Any], where: str) -> list[Claim]:
    if isinstance(receipt.get("error"), str):
        return []
    cited = receipt.get("citations")
    if not isinstance(cited, list):
        raise ReceiptError(f"{where} has no list of citations. {_WRITTEN_BY}")
    return [_claim(item, f"{where}, citation {place}") for place, item in enumerate(cited, start=1)]


def _claim(item: object, where: str) -> Claim:
    if not isinstance(item, dict):
        raise ReceiptError(f"{where} is not an object. {_WRITTEN_BY}")
    texts = ("article_id", "title", "quote", "digest")
    numbers = ("number", "start", "end")
    optional = ("publisher", "path")
    wrong = [
        *(name for name in texts if not isinstance(item.get(name), str)),
        *(name for name in numbers if type(item.get(name)) is not int),
        *(name for name in optional if not isinstance(item.get(name), str | None)),
        *(["marked"] if not _is_place(item.get("marked")) else []),
    ]
    if wrong:
        raise ReceiptError(f"{where} lacks a usable {wrong[0]!r}. {_WRITTEN_BY}")
    fields: dict[str, Any] = {name: item.get(name) for name in (*texts, *numbers, *optional)}
    marked = item.get("marked")
    return Claim(**fields, marked=marked and (marked[0], marked[1]))


def _is_place(value: object) -> bool:
    """Tell whether this is a place as a receipt has it, or none."""
    is_pair = isinstance(value, list) and len(value) == 2 and all(type(end) is int for end in value)
    return value is None or is_pair


def _difference(claim: Claim, article: Article) -> str | None:
    """Compare a citation with the version of the article that it names."""
    if not claim.quote.strip() or not 0 <= claim.start < claim.end:
        return "it quotes nothing"
    if article.text[claim.start : claim.end] != claim.quote:
        return f"the quote does not stand at {claim.start} to {claim.end} of the article"
    if claim.marked and not claim.start <= claim.marked[0] < claim.marked[1] <= claim.end:
        return "it marks words that it does not quote"
    for name, said, known in (
        ("title", claim.title, article.title),
        ("publisher", claim.publisher, article.publisher),
    ):
        if said != known:
            return f"the article's {name} is {known!r}, not {said!r}"
    return None


def _why_missing(claim: Claim, indexed: Article | None, read: tuple[Article, ...]) -> str:
    if indexed is None and not read:
        at = f" and cannot be read at {claim.path}" if claim.path else ""
        return f"the article is not in the index{at}"
    texts = [article.text for article in (*read, *([indexed] if indexed else []))]
    kept = (
        "still has these words" if any(claim.quote in text for text in texts) else "no longer has these words"
    )
    return f"the article has changed since, and {kept}"


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
