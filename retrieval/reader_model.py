"""Read windows of text for the span that answers a question, with the model that was trained to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbedderError, ReaderError
from retrieval.onnx_model import Graph
from retrieval.onnx_session import FIRST, LAST, OnnxModel, load
from retrieval.passages import Span
from retrieval.reader_weights import MODELS, Card, merged_weights, read_card

# Tokens: of a question and a window with what frames them, of a question, and of a span.
_LONGEST, _QUESTION, _SPAN = 256, 64, 30


@dataclass(frozen=True, slots=True)
class Window:
    """A text that is read as one, and its parts, mostly sentences: half-open places, in order."""

    text: str
    parts: tuple[Span, ...]

    @classmethod
    def from_text(cls, text: str) -> "Window":
        """Take a text as its one part."""
        return cls(text, ((0, len(text)),))


@dataclass(frozen=True, slots=True)
class Reading:
    """The span of a part that answers best, and by how much it beats that nothing in the window answers.

    `start` and `end` are characters of the window, half-open; the margin is in logits, above 0 if it answers.
    """

    start: int
    end: int
    margin: float


class Reader(Protocol):
    """Anything that finds answers in windows of text."""

    @property
    def name(self) -> str:
        """Which reader this is, weights and all: margins of different names are not comparable."""

    def read(self, question: str, windows: Sequence[Window]) -> list[list[Reading]]:
        """Find the best span of each part of each window; without a word it is empty, of margin -inf."""


class TrainedReader:
    """The bundled model with what it learned of reading, loaded when first needed; threads may share one.

    Raises:
        ReaderError: From whatever is used first on: it is missing, damaged, or cannot be run.
    """

    def __init__(self, cache: Path | None = None, folder: Path = MODELS) -> None:
        """Take the folder of the prepared graph, None is the platform's own, and that of the weights."""
        self._cache, self._folder = cache, folder
        self._lock = Lock()
        self._loaded: OnnxModel | None = None

    @property
    def name(self) -> str:
        """The checksum of the weights, as the card has it."""
        return f"reader@{self._card.checksum[:12]}"

    def read(self, question: str, windows: Sequence[Window]) -> list[list[Reading]]:
        """Find the best span of each part of each window, of which as much is read as the model takes."""
        if not windows:
            return []
        model = self._model
        asked = model.tokenizer.encode(question, add_special_tokens=False).ids[:_QUESTION]
        first = len(asked) + 2
        room = _LONGEST - first - 1
        cut = model.tokenizer.encode_batch([window.text for window in windows], add_special_tokens=False)
        pieces = [tokens.ids[:room] for tokens in cut]
        logits = model.run(
            [[FIRST, *asked, LAST, *ids, LAST] for ids in pieces],
            [[0] * first + [1] * len(ids) + [0] for ids in pieces],
        )
        return [
            _best(window, tokens.offsets[: len(ids)], rows[first : first + len(ids)], float(rows[0].sum()))
            for window, tokens, ids, rows in zip(windows, cut, pieces, logits, strict=True)
        ]

    @cached_property
    def _card(self) -> Card:
        return read_card(self._folder)

    @property
    def _model(self) -> OnnxModel:
        if self._loaded is None:
            with self._lock:
                self._loaded = self._loaded or self._load()
        return self._loaded

    def _load(self) -> OnnxModel:
        try:
            card = self._card
            return load(Graph.READER, self._cache, lambda base: merged_weights(card, base, self._folder))
        except ReaderError:
            raise
        except EmbedderError as error:
            raise ReaderError(f"The trained reader cannot be run. {error}") from error
        except Exception as error:
            raise ReaderError(
                f"ONNX Runtime cannot run the trained reader ({error}). "
                "Install it again with: pip install --force-reinstall onnxruntime"
            ) from error


def _best(window: Window, offsets: Sequence[Span], logits: NDArray[np.float32], null: float) -> list[Reading]:
    """Take, in each part, the span with the highest sum of logits, of `_SPAN` tokens at most."""
    sums = logits[:, 0, None] + logits[None, :, 1]
    sums[np.tri(len(sums), k=-1, dtype=bool) | ~np.tri(len(sums), k=_SPAN - 1, dtype=bool)] = -np.inf
    starts = np.array([start for start, _ in offsets], int)
    found: list[Reading] = []
    for low, high in window.parts:
        first, last = (int(place) for place in np.searchsorted(starts, (low, high)))
        if first == last:
            found.append(Reading(low, low, -inf))
            continue
        own = sums[first:last, first:last]
        head, tail = divmod(int(own.argmax()), len(own))
        start, end = _whole_words(window.text, offsets[first + head][0], offsets[first + tail][1])
        found.append(Reading(max(start, low), min(end, high), float(own[head, tail]) - null))
    return found


def _whole_words(text: str, start: int, end: int) -> Span:
    """Widen a span to the words that its ends stand in: tokens are pieces of words."""
    while start and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    span = text[start:end]
    start += len(span) - len(span.lstrip())
    return start, start + len(span.strip())
