"""Make what the reader learns from and is measured on: questions, windows of text, and the answering span.

The SQuAD family (English 1.1 and 2.0, CC BY-SA 4.0; Italian CC BY-SA 4.0; Swedish Apache-2.0; Spanish MIT),
split by the title of the English page, which all translations share through the ids of their questions.
"""

import gzip
import json
import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from retrieval.errors import CaseError
from retrieval.passages import Span, split_sentences
from retrieval.wording import content_words, fold

# The English originals come first: their titles decide which part a translated question belongs to. What both
# English sets hold is 2.0's, so that figures on that one are comparable.
SETS = {
    "squad_v20_dev": "en",
    "squad_v11_dev": "en",
    "squad_it_test": "it",
    "squad_sv_dev": "sv",
    "squad_es_v20_dev": "es",
}
LICENCES = {
    "squad_v20_dev": "CC BY-SA 4.0",
    "squad_v11_dev": "CC BY-SA 4.0",
    "squad_it_test": "CC BY-SA 4.0",
    "squad_sv_dev": "Apache-2.0",
    "squad_es_v20_dev": "MIT",
}
# Of twelve titles, nine teach, one sets the threshold of a refusal, two are only reported on.
PARTS = ("report", "report", "threshold", *["teach"] * 9)
SPLIT = (
    "by the title of the English page, the same in all languages: of twelve titles nine teach, one sets the "
    "threshold of a refusal, two are only reported on"
)
# Characters of a window: one to eight sentences, as the reader gets them.
_LEAST, _MOST = 150, 750
_WHOLE, _BESIDE = 0.5, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about a text, with its answers, of which there are none where the text holds none.

    An answer that stands in the text only within longer words has no span: it is measured, not taught.
    """

    id: str
    set: str
    part: str
    language: str
    question: str
    text: str
    spans: tuple[Span, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a window of text, and the one span in it that answers, or None."""

    question: str
    window: str
    span: Span | None


def read_squads(folder: Path) -> list[Asked]:
    """Read all sets of the family; a question that two sets share is read once a language.

    Raises:
        CaseError: A set is missing or damaged.
    """
    titles: dict[str, str] = {}
    asked: dict[tuple[str, str], Asked] = {}
    for name in SETS:
        try:
            for one in _read_set(folder / name, titles):
                asked.setdefault((one.language, one.id), one)
        except (OSError, EOFError, ValueError, KeyError, zlib.error) as error:
            raise CaseError(
                f"The set {name} cannot be read ({error}). Name the folder that holds {', '.join(SETS)}."
            ) from error
    return list(asked.values())


def _read_set(folder: Path, titles: dict[str, str]) -> Iterator[Asked]:
    """Read a set, and take note of the title that each question stands under."""
    paragraphs = {row["id"]: row for row in _rows(folder / "paragraphs.jsonl.gz")}
    questions = list(_rows(folder / "questions.jsonl.gz"))
    # A translation asks a few questions that the English sets here do not; its others name the page.
    pages = {paragraphs[row["para"]]["title"]: titles[row["id"]] for row in questions if row["id"] in titles}
    for row in questions:
        paragraph = paragraphs[row["para"]]
        own, text = paragraph["title"], paragraph["text"]
        title = titles.setdefault(row["id"], pages.get(own, own))
        answers = tuple(dict.fromkeys(answer for answer in row.get("answers", ()) if answer.strip()))
        yield Asked(
            id=row["id"], set=folder.name, part=part_of(title), language=SETS[folder.name],
            question=row["question"], text=text, answers=answers,
            spans=tuple(span for answer in answers for span in _places(text, answer)),
        )  # fmt: skip


def part_of(title: str) -> str:
    """Tell what a title is used for."""
    return PARTS[int.from_bytes(sha256(title.encode()).digest()[:4], "big") % len(PARTS)]


def examples(asked: Sequence[Asked], seed: int) -> Iterator[Example]:
    """Cut a window for each question, another one for each seed; some hold no answer though the text does."""
    for one in asked:
        if one.spans or not one.answers:
            yield cut(one, random.Random(f"{seed} {one.language} {one.id}"))


def cut(one: Asked, chance: random.Random) -> Example:
    """Cut a window of whole sentences out of a question's text."""
    sentences = _sentences(one.text)
    span = _likeliest(one, sentences)
    if span and chance.random() < _BESIDE:
        beside = [
            place
            for place in sentences
            if not any(low < place[1] and place[0] < high for low, high in one.spans)
        ]
        if beside:
            start, end = grow(beside, _nearest(one.question, one.text, beside), chance)
            if not any(low < end and start < high for low, high in one.spans):
                return Example(one.question, one.text[start:end], None)
    if chance.random() < _WHOLE:
        return Example(one.question, one.text, span)
    around = (
        next((n for n, (low, high) in enumerate(sentences) if span and low <= span[0] < high), 0)
        if span
        else _nearest(one.question, one.text, sentences)
    )
    start, end = grow(sentences, around, chance)
    if span and not start <= span[0] < span[1] <= end:
        return Example(one.question, one.text, span)
    return Example(one.question, one.text[start:end], span and (span[0] - start, span[1] - start))


def grow(sentences: Sequence[Span], around: int, chance: random.Random) -> Span:
    """Grow a window of whole sentences to either side of one, up to a length drawn by chance."""
    limit = chance.randint(_LEAST, _MOST)
    first = last = around
    while True:
        sides = [side for side, there in ((-1, first > 0), (1, last + 1 < len(sentences))) if there]
        if not sides:
            break
        side = chance.choice(sides)
        low, high = (first - 1, last) if side < 0 else (first, last + 1)
        if sentences[high][1] - sentences[low][0] > limit:
            break
        first, last = low, high
    return sentences[first][0], sentences[last][1]


def _likeliest(one: Asked, sentences: Sequence[Span]) -> Span | None:
    """Choose, of the places where the answer stands, the one whose sentence is nearest to the question."""
    if not one.spans:
        return None
    first = one.answers[0]
    spans = [span for span in one.spans if one.text[span[0] : span[1]] == first] or list(one.spans)
    asked = _content(one.question)

    def shared(span: Span) -> int:
        return max(
            (len(asked & _content(one.text[low:high])) for low, high in sentences if low <= span[0] < high),
            default=0,
        )

    return max(spans, key=shared)


def _nearest(question: str, text: str, sentences: Sequence[Span]) -> int:
    asked = _content(question)
    return max(range(len(sentences)), key=lambda n: len(asked & _content(text[slice(*sentences[n])])))


@cache
def _content(text: str) -> frozenset[str]:
    return frozenset(fold(word.text) for word in content_words(text, None))


@cache
def _sentences(text: str) -> list[Span]:
    return split_sentences(text)


def _places(text: str, answer: str) -> Iterator[Span]:
    """Find where an answer stands as whole words."""
    start = text.find(answer)
    while start >= 0:
        end = start + len(answer)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            yield start, end
        start = text.find(answer, start + 1)


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
