"""Put the lines of printed pages together again: running heads out, words and paragraphs rejoined."""

import re
from collections import Counter
from collections.abc import Sequence

from retrieval.characters import mend

_EDGE_LINES = 2
_REPEATED = 0.4  # of the pages; left and right pages often have different heads
_SHORT = 0.8  # of the usual width; a shorter line may end its paragraph
_END = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_ITEM = re.compile(r"[•·▪●‣◦]\s|\(?\d{1,2}(?:\.\d{1,2})*[.)]\s+[A-ZÀ-Þ]")
_DIVIDED = re.compile(r"\b[^\W\d_]+-\n[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def join_pages(pages: Sequence[str]) -> str:
    """Give the text of pages as paragraphs.

    Args:
        pages: The text of each page, a line for each printed line.
    """
    lines = [_lines(page) for page in pages]
    kept = [line for page in _without_running_heads(lines) for line in page]
    return "\n".join(_paragraphs(kept))


def _lines(page: str) -> list[str]:
    # A soft hyphen says that the word goes on; mending would drop it.
    return mend(re.sub(r"[\xad\u2010]\n", "-\n", page)).split("\n")


def _without_running_heads(pages: list[list[str]]) -> list[list[str]]:
    """The pages without the first and last lines that many of them share but for numbers."""
    counts = Counter(key for page in pages for key in {_pattern(page[place]) for place in _edges(page)})
    enough = max(2, _REPEATED * len(pages))
    return [
        [line for place, line in enumerate(page)
         if place not in _edges(page) or counts[_pattern(line)] < enough]
        for page in pages
    ]  # fmt: skip


def _edges(page: list[str]) -> set[int]:
    filled = [place for place, line in enumerate(page) if line]
    return {*filled[:_EDGE_LINES], *filled[-_EDGE_LINES:]} if len(filled) > _EDGE_LINES else set(filled[-1:])


def _pattern(line: str) -> str:
    return re.sub(r"\d+", "#", line.casefold())


def _paragraphs(lines: list[str]) -> list[str]:
    widths = sorted(len(line) for line in lines if line)
    width = widths[int(0.9 * len(widths))] if widths else 0
    known = Counter(word.casefold() for word in _WORD.findall(_DIVIDED.sub(" ", "\n".join(lines))))
    paragraphs: list[list[str]] = []
    before = ""
    for line in lines:
        if line and before and not _ITEM.match(line) and not _starts(line, before, width):
            # Only a line's end is ever looked at, however long the paragraph grows.
            paragraphs[-1][-1:] = _joined(paragraphs[-1][-1], line, known)
        elif line:
            paragraphs.append([line])
        before = line
    return ["".join(pieces) for pieces in paragraphs]


def _starts(line: str, before: str, width: int) -> bool:
    """Whether the line begins a paragraph: the one before stops short, and this one does not go on."""
    if len(before) >= _SHORT * width:
        return False
    return _END.search(before[-10:]) is not None or not line[0].islower()


def _joined(before: str, line: str, known: Counter[str]) -> tuple[str, str]:
    """The end of a paragraph and the line that goes on with it, with what stands between them."""
    first, last = re.match(r"[^\W\d_]+", line), re.search(r"([^\W\d_]{2,})-$", before[-60:])
    if first is None or last is None or not line[0].islower():
        return before if re.search(r"\w-$", before[-2:]) else f"{before} ", line
    halves = last[1].casefold(), first[0].casefold()
    # The text itself tells "govern-ment" from "long-term" when it has either elsewhere.
    is_compound = known["-".join(halves)] > known["".join(halves)] or (
        not known["".join(halves)] and all(known[half] for half in halves)
    )
    return before if is_compound else before[:-1], line
