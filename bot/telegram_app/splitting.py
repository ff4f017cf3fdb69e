"""Split a styled text into messages that Telegram takes, at the best place before each limit."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from bot.telegram_app.styled import Style, StyledText, without_end
from retrieval.passages import split_sentences

# Spaces and ends of lines at the end of a message are taken off by Telegram: they need no room.
_BLANK = " \n"
_WORD_END = re.compile(r"[ \n]+|(?<=[。！？；，、])")
_LINE_END = re.compile(r"\n\s*")
# How much of a message has to be used for a cut at the end of a paragraph or sentence, or of a word.
_PARAGRAPH_USES, _WORD_USES = 0.5, 0.25
_BEYOND = 100


def split(styled: StyledText, *, max_units: int = 4096, max_entities: int = 100) -> list[StyledText]:
    """Split a text into messages: at an end of a paragraph, else of a sentence, else of a word.

    Their texts join to the whole text, but for what shows nothing at its end. A style that is cut goes on in
    the next message. What looks like one character is cut only where it alone is longer than a message.

    Args:
        styled: The text; nothing is left of one that shows nothing.
        max_units: How long a message may be, in units of UTF-16.
        max_entities: How many styles a message may have, cut ones included.
    """
    end = len(without_end(styled.text))
    whole = styled.part(0, end)
    if 2 * end <= max_units and len(whole.spans) <= max_entities:
        return [whole] if end else []
    pieces: list[StyledText] = []
    start = 0
    while start < end:
        # A little more than a message, so that it can be seen what follows it.
        window = whole.part(start, min(start + max_units + _BEYOND, end))
        reach = _reach(window, max_units, max_entities)
        stop = reach if start + reach == end else _best_end(window, reach)
        pieces.append(window.part(0, stop))
        start += stop
    return pieces


def _reach(window: StyledText, max_units: int, max_entities: int) -> int:
    """Find how far a message can go, with the white space behind it; it takes one character at least."""
    units = accumulate(2 if ord(letter) > 0xFFFF else 1 for letter in window.text)
    reach = bisect_right(list(units), max_units)
    starts = sorted(span.start for span in window.spans)
    if len(starts) > max_entities:
        reach = min(reach, starts[max_entities])
    reach = max(reach, 1)
    while reach < len(window.text) and window.text[reach] in _BLANK:
        reach += 1
    return reach


def _best_end(window: StyledText, reach: int) -> int:
    """Find where a message ends best, not beyond what it can hold."""
    characters = _ends_of_characters(window.text, reach)

    def last(ends: Iterable[int], uses: float) -> int | None:
        return max((end for end in ends if uses * reach < end <= reach and end in characters), default=None)

    ways: tuple[tuple[Callable[[StyledText], Iterable[int]], float], ...] = (
        (_ends_of_blocks, _PARAGRAPH_USES),
        (_ends_of_lines, _PARAGRAPH_USES),
        (_ends_of_sentences, _PARAGRAPH_USES),
        (_ends_of_words, _WORD_USES),
    )
    for ends_of, uses in ways:
        if end := last(ends_of(window), uses):
            return end
    return max(characters, default=reach)


def _ends_of_blocks(window: StyledText) -> Iterator[int]:
    """Find blank lines, and ends of lines where no quotation is torn."""
    quotations = [span for span in window.spans if span.style is Style.QUOTATION]
    for end in _LINE_END.finditer(window.text):
        is_inside = any(span.start < end.end() < span.end for span in quotations)
        if not is_inside or end[0].count("\n") > 1:
            yield end.end()


def _ends_of_lines(window: StyledText) -> Iterator[int]:
    return (end.end() for end in _LINE_END.finditer(window.text))


def _ends_of_sentences(window: StyledText) -> Iterator[int]:
    """Find where sentences begin behind another; the last of the window may go on behind it."""
    return (start for start, _ in split_sentences(window.text)[1:])


def _ends_of_words(window: StyledText) -> Iterator[int]:
    return (end.end() for end in _WORD_END.finditer(window.text))


def _ends_of_characters(text: str, reach: int) -> set[int]:
    """Find where what looks like one character ends: a family of emoji, a letter with its accent."""
    from wcwidth import iter_graphemes

    ends = accumulate(map(len, iter_graphemes(text)))
    return {end for end in ends if end <= reach}
