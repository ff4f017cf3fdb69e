"""Measure who is said to say what: the places of sources, cues and contents in a text.

Each part is judged by itself, as labelled spans are in the work on PolNeAR (Newell et al. 2018,
https://aclanthology.org/L18-1524): a span that several attributions share counts once. Spans are compared by
the words they touch, so that punctuation at their ends does not matter.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from bot.evaluation.cases import Parts, Place
from bot.evaluation.measures.measure import Measure, Scores, Sums
from retrieval.wording import words

_PARTS = ("source", "cue", "content")

MEASURES = tuple(
    Measure(name=f"{part} {kind} F1", group="attribution", meaning=meaning.format(part=part))
    for kind, meaning in (
        ("exact", "F1 of {part}s found with exactly the expected words (PolNeAR, Newell et al. 2018)."),
        ("overlap", "F1 of the words found to be of a {part} (Dice 1945, over all words)."),
    )
    for part in _PARTS
)

Span = frozenset[int]


def attribution_scores(expected: Sequence[Parts], found: Sequence[Parts], text: str) -> Scores:
    """Score the attributions found in a text; a part that is neither expected nor found is left out.

    Sums are (twice what agrees, all found and all expected), which add up to a micro F1.
    """
    placed = words(text)
    starts, ends = [word.start for word in placed], [word.end for word in placed]

    def spans(some: Sequence[Parts], part: str) -> set[Span]:
        touched = {_touched(getattr(parts, part), starts, ends) for parts in some}
        return touched - {frozenset()}

    scores: dict[str, Sums] = {}
    for part in _PARTS:
        wanted, given = spans(expected, part), spans(found, part)
        if wanted or given:
            scores[f"{part} exact F1"] = _agreement(wanted, given)
            scores[f"{part} overlap F1"] = _agreement(set[int]().union(*wanted), set[int]().union(*given))
    return scores


def _touched(places: Sequence[Place], starts: Sequence[int], ends: Sequence[int]) -> Span:
    """Give the words, by number, that places touch."""
    return frozenset(
        number
        for start, end in places
        for number in range(bisect_right(ends, start), bisect_left(starts, end))
    )


def _agreement(wanted: set[Span] | set[int], given: set[Span] | set[int]) -> Sums:
    return (2.0 * len(wanted & given), float(len(wanted) + len(given)))
