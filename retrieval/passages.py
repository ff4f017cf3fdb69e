"""Split an article into sentences, and sentences into passages that keep their place."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from retrieval.datatypes import Article, Passage

Span = tuple[int, int]
_LIST_MARK = re.compile(r"^\s*(?:[-–—•*·]\s+)?")
_CLOSING = "”’»\"')]"
_FIRST_STEP = 512  # characters
# What syntok takes for the end of a sentence: titles before a name, abbreviations before a number.
_BEFORE_NAME = re.compile(
    r"(?<!\w)(?:Adm|Amb|Brig|Capt|Cmdr|Cpl|Det|Fr|Ft|Gov|Hon|Insp|Lt|Maj|Messrs|Msgr|Pres|Reps?|Rev|Sec|Sens?"
    r"|Sgt|Supt|Hr|Kungl|Mme|Mlle|Dña|[Ss]ig|[Ss]ig\.ra|[Dd]ott|[Dd]ott\.ssa|[Aa]vv|[Ii]ng|[Mm]ons|[Cc]av"
    r"|[Oo]n\.le|On|[Pp]rof|[Dd]r|sen)\.\s*$"
)
_BEFORE_NUMBER = re.compile(r"(?<!\w)(?:Nos?|[Nn]r|kl|ca|[Aa]rt|[Pp]ag)\.\s*$")
_LONGEST_ABBREVIATION = 12


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `maximum` of what `count` counts in a passage."""

    count: Callable[[str], int]
    maximum: int


def split_sentences(text: str) -> list[Span]:
    """Find the sentences of a text, line by line.

    Returns:
        Half-open places in order, without blank ones and without white space at their ends.
    """
    spans: list[Span] = []
    start = 0
    for line in text.split("\n"):
        if line.strip():
            spans.extend(_sentences_of_line(line, start))
        start += len(line) + 1
    return spans


def split_passages(article: Article, sentences: Sequence[Span], limits: Sequence[Limit]) -> list[Passage]:
    """Pack whole sentences into passages within every limit; only an overlong sentence is cut.

    The passages cover the sentences in order and do not overlap.
    """
    pieces = [piece for span in sentences for piece in _cut_to_limits(article.text, span, limits)]
    passages: list[Passage] = []
    first = 0
    while first < len(pieces):
        last = _last_that_fits(article.text, pieces, first, limits)
        start, end = pieces[first][0], pieces[last][1]
        passages.append(Passage(article_id=article.id, start=start, end=end, text=article.text[start:end]))
        first = last + 1
    return passages


def _last_that_fits(text: str, pieces: Sequence[Span], first: int, limits: Sequence[Limit]) -> int:
    """Find the last piece of the longest run from `first` that keeps within the limits."""
    totals = [0] * len(limits)
    last = first
    for place in range(first, len(pieces)):
        # Counted with the white space before it, so that the counts add up to the whole's.
        begin = pieces[place - 1][1] if place > first else pieces[place][0]
        totals = [
            total + limit.count(text[begin : pieces[place][1]])
            for total, limit in zip(totals, limits, strict=True)
        ]
        if any(total > limit.maximum for total, limit in zip(totals, limits, strict=True)):
            break
        last = place
    # Tokens can merge across a border, so the sum is checked against the whole.
    while last > first and not _fits(text[pieces[first][0] : pieces[last][1]], limits):
        last -= 1
    return last


def _cut_to_limits(text: str, span: Span, limits: Sequence[Limit]) -> list[Span]:
    """Cut a sentence that is longer than a passage may be, at a space where there is one."""
    start, end = span
    pieces: list[Span] = []
    while (stop := _longest_that_fits(text, (start, end), limits)) < end:
        cut = text.rfind(" ", start + 1, stop + 1)
        cut = stop if cut <= start else cut
        pieces.append((start, cut))
        start = cut
        while text[start].isspace():
            start += 1
    return [*pieces, (start, end)]


def _longest_that_fits(text: str, span: Span, limits: Sequence[Limit]) -> int:
    """Find where the longest beginning of a span ends that keeps within the limits.

    It grows in steps, so that the rest of a very long sentence is not counted again for each piece.
    """
    start, end = span
    low, step = start + 1, _FIRST_STEP
    while (reach := min(start + step, end)) > low and _fits(text[start:reach], limits):
        if reach == end:
            return end
        low, step = reach, step * 2
    high = reach - 1
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(text[start:middle], limits):
            low = middle
        else:
            high = middle - 1
    return low


def _fits(text: str, limits: Sequence[Limit]) -> bool:
    return all(limit.count(text) <= limit.maximum for limit in limits)


def _sentences_of_line(line: str, offset: int) -> list[Span]:
    """Segment one line; syntok keeps each token's place, white space between sentences is left out."""
    starts = [sentence[0].offset for sentence in _segment(line)]
    starts = starts[:1] + [start for start in starts[1:] if not _follows_abbreviation(line, start)]
    for place, start in enumerate(starts):
        # A mark that closes a quotation belongs to the sentence before it when it touches it.
        if place and line[start] in _CLOSING and not line[start - 1].isspace():
            starts[place] = start + 1
    stops = [*starts[1:], len(line)]
    spans: list[Span] = []
    for start, stop in zip([0, *starts[1:]], stops, strict=True):
        piece = line[start:stop]
        # The mark before an item of a list is no part of its sentence.
        text = _LIST_MARK.sub("", piece, count=1) if start == 0 else piece.lstrip()
        if text.strip():
            begin = start + len(piece) - len(text)
            spans.append((offset + begin, offset + start + len(piece.rstrip())))
    return spans


def _follows_abbreviation(line: str, start: int) -> bool:
    """Tell whether what stands before a place goes on there with a name or a number."""
    before = line[max(0, start - _LONGEST_ABBREVIATION) : start]
    return bool(
        (line[start].isupper() and _BEFORE_NAME.search(before))
        or (line[start].isdigit() and _BEFORE_NUMBER.search(before))
    )


def _segment(line: str) -> list[list[Any]]:
    from syntok import segmenter

    sentences = [list(sentence) for sentence in segmenter.segment(_tokenizer().tokenize(line))]
    return [sentence for sentence in sentences if sentence]


@cache
def _tokenizer() -> Any:  # noqa: ANN401 - syntok publishes no types
    from syntok.tokenizer import Tokenizer

    return Tokenizer(emit_hyphen_or_underscore_sep=True, replace_not_contraction=False)
