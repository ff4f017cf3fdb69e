"""The receipt: an answer as one JSON object that anybody can check later."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.datatypes import Answer, Citation
from bot.settings import Settings
from bot.told_dates import dates_in
from retrieval.errors import ReceiptError
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
    return line if is_writable(line) else json.dumps(receipt)


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


def _citation(citation: Citation) -> dict[str, object]:
    article = citation.article
    return {
        "number": citation.number,
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.published,
        "modified": article.modified,
        "read": article.read,
        "correction": article.correction,
        "url": article.url,
        "language": article.language,
        "path": article.path,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "marked": None if citation.marked is None else list(citation.marked),
        "same_story_as": citation.same_story_as,
        "more_copies": citation.more_copies,
        "digest": citation.digest,
        "dates": [
            {
                "text": article.text[told.start : told.end],
                "start": told.start,
                "end": told.end,
                "from": told.first_day.isoformat(),
                "to": told.last_day.isoformat(),
            }
            for told in dates_in(citation)
        ],
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


def is_writable(text: str) -> bool:
    """Tell whether a text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
