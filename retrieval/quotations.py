"""Find a quotation in a text that may write its signs and spaces otherwise, and keep the place."""

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval.passages import Span

_QUOTES = "'’‘‚‛′\"“”„‟″«»‹›「」＂＇`´"
_DASHES = r"\-‐‑‒–—―−﹣－"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": "'"}
# What is written in more than one way, or is no part of the words; all else stands for itself.
# The first line is what most characters fail at once.
_SPECIAL = re.compile(
    rf"(?=[^\S ]|[ ][\s,.;:!?%)\]\[…{_DASHES}]|\.[ \u00a0]?\.|\[\d|&[lgaq]"
    rf"|[…ﬀ-ﬆ{_QUOTES}{_DASHES}{_INVISIBLE}]|[^\W\d_][\u0300-\u036f])(?:"
    r"(?P<mark>\s*\[\d{1,3}\])"
    rf"|(?P<dash>\s*[{_DASHES}]+\s*)"
    r"|(?P<dots>\s*(?:…|\.(?:[ \u00a0]?\.){2,}))"
    rf"|(?P<quote>(?:[{_QUOTES}])+)"
    rf"|(?P<nothing>[{_INVISIBLE}]+)"
    r"|(?P<tight>\s+(?=[,.;:!?%)\]]))"
    r"|(?P<space>\s+)"
    r"|(?P<escaped>&(?:lt|gt|amp|quot);)"
    r"|(?P<ligature>[ﬀ-ﬆ])"
    r"|(?P<letter>[^\W\d_][\u0300-\u036f]+))"
)
_OMISSION = re.compile(r"[\[(]\s?(?:…|\.\s?\.\s?\.)\s?[\])]|…|\.\s?\.\s?\.+")
# A part of a word that stands in so many others is no quotation.
_MOST_TRIES = 1000
_LAST = ".,;:-'…"


class Grade(StrEnum):
    """How surely a quotation stands in a text: letter by letter, or but for signs, spaces and omissions."""

    EXACT = "exact"
    NORMALISED = "normalised"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a quotation stands in a text, half-open.

    `parts` are the places of what was quoted, more than one where something between was left out.
    """

    start: int
    end: int
    grade: Grade
    parts: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Normal:
    """A text written one way; each of its characters keeps where it began and ended."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def find_quotation(quotation: str, text: str) -> Found | None:
    """Find where a quotation stands in a text; None where its words differ.

    Quotation marks, dashes, spaces, the case of the first letter and the punctuation at the end may differ.
    What "[...]" or "…" parts has to stand in this order. A word put in brackets is another word.
    """
    quotation = quotation.strip()
    if not any(letter.isalnum() for letter in quotation):
        return None
    place = _find_whole(text, quotation, 0)
    if place is not None:
        span = (place, place + len(quotation))
        return Found(*span, Grade.EXACT, (span,))
    normal = _normalise(text)
    for parts in ([quotation], _OMISSION.split(quotation)):
        wanted = [form for part in parts if (form := normalised(part).strip(_LAST + " "))]
        if wanted and (spans := _find_in_order(normal, wanted)):
            return Found(spans[0][0], spans[-1][1], Grade.NORMALISED, tuple(spans))
    return None


def normalised(text: str) -> str:
    """Write a text one way: one sign for all quotation marks, one for all dashes, single spaces."""
    return _normalise(text).text


def _normalise(text: str) -> _Normal:
    pieces: list[str] = []
    starts, ends = array("Q"), array("Q")
    reached = 0
    for match in _SPECIAL.finditer(text):
        pieces.append(text[reached : match.start()])
        starts.extend(range(reached, match.start()))
        ends.extend(range(reached + 1, match.start() + 1))
        written = _written(match)
        pieces.append(written)
        starts.extend([match.start()] * len(written))
        ends.extend([match.end()] * len(written))
        reached = match.end()
    pieces.append(text[reached:])
    starts.extend(range(reached, len(text)))
    ends.extend(range(reached + 1, len(text) + 1))
    return _Normal("".join(pieces), starts, ends)


def _written(match: re.Match[str]) -> str:
    match match.lastgroup:
        case "dash":
            return "-"
        case "dots":
            return "…"
        case "quote":
            return "'"
        case "space":
            return " "
        case "escaped":
            return _ESCAPED[match.group()]
        case "ligature":
            return _LIGATURES[match.group()]
        case "letter":
            return unicodedata.normalize("NFC", match.group())
        case _:
            return ""


def _find_in_order(normal: _Normal, wanted: Sequence[str]) -> list[Span] | None:
    """Find parts one behind the other, as near to each other as they stand."""
    places: list[int] = []
    reached = 0
    for at, part in enumerate(wanted):
        place = _find_either(normal.text, part, reached, is_first=at == 0)
        if place is None:
            return None
        places.append(place)
        reached = place + len(part)
    # From the last part back, each takes the latest place before the next.
    for at in range(len(wanted) - 2, -1, -1):
        for later in _places(normal.text, wanted[at], places[at], places[at + 1]):
            places[at] = later
    return [
        (normal.starts[place], normal.ends[place + len(part) - 1])
        for place, part in zip(places, wanted, strict=True)
    ]


def _find_either(text: str, part: str, start: int, *, is_first: bool) -> int | None:
    """Find a part; the first letter of the first may have another case."""
    other = part[0].swapcase() + part[1:]
    forms = [part, other] if is_first and len(other) == len(part) else [part]
    found = [place for form in forms if (place := _find_whole(text, form, start)) is not None]
    return min(found, default=None)


def _find_whole(text: str, part: str, start: int) -> int | None:
    return next(_places(text, part, start, len(text)), None)


def _places(text: str, part: str, start: int, end: int) -> Iterator[int]:
    """Find where a part stands with no letter or figure right before or behind it."""
    place = text.find(part, start, end)
    for _ in range(_MOST_TRIES):
        if place < 0:
            return
        stop = place + len(part)
        cuts_before = part[0].isalnum() and text[place - 1 : place].isalnum() if place else False
        if not cuts_before and not (part[-1].isalnum() and text[stop : stop + 1].isalnum()):
            yield place
        place = text.find(part, place + 1, end)
