"""Cut the windows that are read closely: sentences that may answer, with those beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.reader_model import Window
from retrieval.sentences import Sentence

# Characters: of one window, and of all that are read for a question.
_WINDOW, _ALL = 600, 6500
# A pronoun points back more often than forward, so what stands before comes first.
_BESIDE = (-1, 1, -2, 2)


@dataclass(frozen=True, slots=True)
class StoryWindow:
    """A window, where it starts in its article, and the places of its parts among all sentences."""

    window: Window
    start: int
    places: range


def windows_around(story: Sequence[Sentence], places: Sequence[int]) -> list[StoryWindow]:
    """Cut windows around the sentences at some places, the likeliest first, as far as there is time to read.

    A sentence that stands in the window of one before it gets none of its own.
    """
    windows: list[StoryWindow] = []
    inside: set[int] = set()
    left = _ALL
    for place in places:
        if place in inside:
            continue
        around = _grow(story, place)
        length = story[around[-1]].end - story[around[0]].start
        if length > left and windows:
            break
        left -= length
        inside.update(around)
        inner = story[around[0] : around[-1] + 1]
        windows.append(StoryWindow(_window(inner), inner[0].start, around))
    return windows


def _grow(story: Sequence[Sentence], place: int) -> range:
    first = last = place
    for step in _BESIDE:
        low, high = min(first, place + step), max(last, place + step)
        if (
            low >= 0
            and high < len(story)
            and story[low].article is story[high].article
            and story[high].end - story[low].start <= _WINDOW
        ):
            first, last = low, high
    return range(first, last + 1)


def _window(sentences: Sequence[Sentence]) -> Window:
    start = sentences[0].start
    text = sentences[0].article.text[start : sentences[-1].end]
    return Window(text, tuple((sentence.start - start, sentence.end - start) for sentence in sentences))
