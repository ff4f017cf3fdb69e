"""Who says what, expected beside found: the same words of a text, coloured by the part they play."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.evaluation.cases import Case, Parts, Place

ROLES = ("source", "cue", "content")
# How much of the text is shown around an attribution, in characters.
_AROUND = 40


@dataclass(frozen=True, slots=True)
class Span:
    """Some words and the parts that they play, which may be several or none."""

    text: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttributionView:
    """An attribution as it was expected and as it was found; empty where it was not."""

    expected: tuple[Span, ...]
    found: tuple[Span, ...]


def attribution_views(case: Case, found: Iterable[Mapping[str, Any]]) -> tuple[AttributionView, ...]:
    """Set each attribution of a text beside the one found that shares most with it, in the text's order."""
    text = case.text or ""
    parts = [Parts(**{role: tuple(map(tuple, item.get(role, ()))) for role in ROLES}) for item in found]
    pairs = sorted(paired(case.attributions, parts), key=lambda pair: _whole([p for p in pair if p]))
    views = []
    for expected, given in pairs:
        start, end = _whole([one for one in (expected, given) if one])
        window = _at_words(text, start, end)
        views.append(AttributionView(
            *(tuple(coloured(text, one, window)) if one else () for one in (expected, given))))  # fmt: skip
    return tuple(views)


def paired(expected: Sequence[Parts], found: Sequence[Parts]) -> list[tuple[Parts | None, Parts | None]]:
    """Pair what was expected with what was found, the most shared characters first; each counts once."""
    shared = sorted(
        ((_shared(one, other), -place, -number) for place, one in enumerate(expected)
         for number, other in enumerate(found)),
        reverse=True,
    )  # fmt: skip
    partner: dict[int, int] = {}
    for amount, place, number in shared:
        if amount and -place not in partner and -number not in partner.values():
            partner[-place] = -number
    taken = set(partner.values())
    both: list[tuple[Parts | None, Parts | None]] = [
        (one, found[partner[place]] if place in partner else None) for place, one in enumerate(expected)
    ]
    return [*both, *((None, other) for number, other in enumerate(found) if number not in taken)]


def coloured(text: str, parts: Parts, window: Place) -> list[Span]:
    """Cut a piece of a text where the parts of an attribution begin and end."""
    start, end = window
    placed = [(role, place) for role in ROLES for place in getattr(parts, role)]
    edges = sorted({start, end} | {edge for _, place in placed for edge in place if start < edge < end})
    spans = []
    for begin, finish in pairwise(edges):
        played = {role for role, (first, last) in placed if first <= begin and finish <= last}
        roles = tuple(role for role in ROLES if role in played)
        before = "… " if begin == start and start else ""
        after = " …" if finish == end and end < len(text) else ""
        spans.append(
            Span(before + text[begin:finish] + after, tuple(role for role in ROLES if role in roles))
        )
    return spans


def _at_words(text: str, start: int, end: int) -> Place:
    """Widen a place so that no word is cut."""
    before = text.rfind(" ", 0, max(0, start - _AROUND)) + 1
    after = text.find(" ", min(len(text), end + _AROUND))
    return before, len(text) if after < 0 else after


def _whole(some: Sequence[Parts]) -> Place:
    places = [place for parts in some for role in ROLES for place in getattr(parts, role)]
    return min((start for start, _ in places), default=0), max((end for _, end in places), default=0)


def _shared(one: Parts, other: Parts) -> int:
    return sum(len(_letters(getattr(one, role)) & _letters(getattr(other, role))) for role in ROLES)


def _letters(places: Sequence[Place]) -> set[int]:
    return {letter for start, end in places for letter in range(start, end)}
