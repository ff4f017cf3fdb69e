"""Tell cheaply, by the nearest verb, whether a time in a sentence lies in the past or is still to come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval.time_wording import Hit, TimeWording

# Farther than this no sentence and no paragraph is looked at.
_WINDOW = 400
_PARAGRAPH = 4000
_END = re.compile(r"[.!?…][\"”’»)]*\s+(?=[\"“‘«(]*[A-ZÀ-Þ0-9])|\n")
_SHORTENED = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|St|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|No|vs|[ap]\.m))$"
)
_CLAUSE = re.compile(r"[,;:()\[\]—–“”\"«»]| - ")
_POSSESSIVE = re.compile(r"['’]s\b")
# A verb so many words away tells that "today" is a day and not our time.
_NEAR = 3


class Tense(StrEnum):
    """Where the nearest verb puts a time."""

    PAST = "past"
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int
    end: int
    tense: Tense | None


def tense_of(text: str, hit: Hit, wording: TimeWording) -> Tense | None:
    """Tell the tense of the clause that an expression of time stands in; None where it is not clear."""
    first, last = _sentence(text, hit)
    cues = [
        _Cue(match.start(), match.end(), None if match["unclear"] else Tense(str(match.lastgroup)))
        for match in wording.cues.finditer(text, first, last)
        if match.end() <= hit.start or match.start() >= hit.end
    ]
    begin, end = _clause(text, hit, first, last)
    before = [cue for cue in cues if begin <= cue.start < hit.start]
    after = [cue for cue in cues if hit.start < cue.start and cue.end <= end]
    if after and (not before or _POSSESSIVE.match(text, hit.end)):
        return after[0].tense
    if before:
        return _behind(before[-1], text, hit, wording)
    # A verb farther away than the clause beside tells of something else.
    earlier = [cue for cue in cues if cue.start < begin and not _CLAUSE.search(text, cue.end, begin - 1)]
    later = [cue for cue in cues if cue.start >= end]
    if later and (not earlier or begin == first):
        return later[0].tense
    tenses = {cue.tense for cue in (*earlier[-1:], *later[:1])}
    return tenses.pop() if len(tenses) == 1 else None


def is_told_of_the_day(text: str, hit: Hit, wording: TimeWording) -> bool:
    """Tell whether "today" names a day: an event belongs to it, or a verb of past or future stands near."""
    if _POSSESSIVE.match(text, hit.end):
        return bool(wording.events.match(text, hit.end))
    first, last = _sentence(text, hit)
    begin, end = _clause(text, hit, first, last)
    if not text[first : hit.start].strip(' "“‘«') and text[hit.end : hit.end + 1] == ",":
        end = _clause(text, hit._replace(end=hit.end + 1), first, last)[1]
    for match in wording.cues.finditer(text, begin, end):
        between = text[match.end() : hit.start] if match.end() <= hit.start else text[hit.end : match.start()]
        if not match["unclear"] and len(between.split()) <= _NEAR:
            return True
    return False


def is_quoted(text: str, place: int) -> bool:
    """Tell whether a place lies inside quotation marks that its paragraph opens."""
    low = max(0, place - _PARAGRAPH)
    paragraph = text[text.rfind("\n", low, place) + 1 or low : place]
    if any(paragraph.rfind(opens) > paragraph.rfind(closes) for opens, closes in ("“”", "«»", "„“")):
        return True
    if paragraph.count('"') % 2:
        return True
    single = paragraph.rfind("‘")
    return single >= 0 and not re.search(r"’(?!\w)", paragraph[single:])


def _behind(cue: _Cue, text: str, hit: Hit, wording: TimeWording) -> Tense | None:
    """Take the tense of the verb before, unless an infinitive stands between: "agreed to meet Thursday"."""
    between = text[cue.end : hit.start]
    if cue.tense is Tense.PAST and wording.infinitive.search(between.strip()):
        return None
    return cue.tense


def _sentence(text: str, hit: Hit) -> tuple[int, int]:
    low, high = max(0, hit.start - _WINDOW), min(len(text), hit.end + _WINDOW)
    ends = [match for match in _END.finditer(text, low, high) if not _is_shortened(text, match)]
    first = max((match.end() for match in ends if match.end() <= hit.start), default=low)
    last = min((match.start() for match in ends if match.start() >= hit.end), default=high)
    return first, last


def _is_shortened(text: str, match: re.Match[str]) -> bool:
    return match[0].startswith(".") and bool(
        _SHORTENED.search(text, max(0, match.start() - 6), match.start())
    )


def _clause(text: str, hit: Hit, first: int, last: int) -> tuple[int, int]:
    marks: Sequence[re.Match[str]] = list(_CLAUSE.finditer(text, first, last))
    begin = max((mark.end() for mark in marks if mark.end() <= hit.start), default=first)
    end = min((mark.start() for mark in marks if mark.start() >= hit.end), default=last)
    return begin, end
