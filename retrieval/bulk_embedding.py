"""Embed many texts the faster of two ways, found out by doing both."""

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Embed: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]

_LOG = logging.getLogger("footnote.embedding")
# Loading torch takes about six seconds. Where so many were spent, about as many are likely to follow,
# and what is twice as fast then makes up for its loading.
_TRIED_AFTER_SECONDS = 10.0
# A smaller gain may be chance, and is not worth another library's memory.
_WORTH_SHARE = 0.8
_WARMING_TEXTS = 16


def has_amx(cpuinfo: str) -> bool:
    """Tell from the text of /proc/cpuinfo whether the CPU itself multiplies matrices in bfloat16."""
    return any(line.startswith("flags") and "amx_bf16" in line.split() for line in cpuinfo.splitlines())


def is_worth_it(own_seconds: float, other_seconds: float) -> bool:
    """Tell whether the other way is enough faster than one's own."""
    return other_seconds < _WORTH_SHARE * own_seconds


class BulkEmbedding:
    """Embeds one's own way, until so much came that another is worth a trial; the faster one stays."""

    def __init__(
        self, own: Embed, load_other: Callable[[], Embed], *, tried_after: float = _TRIED_AFTER_SECONDS
    ) -> None:
        """Take both ways, which have to give the same vectors, and the seconds of work before the trial."""
        self._own = own
        self._load_other = load_other
        self._left = tried_after
        self._lock = Lock()
        self._chosen: Embed | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; in the trial each way embeds every other text, so nothing is computed for nothing."""
        if self._chosen is None:
            with self._lock:
                if self._chosen is None:
                    return self._try(texts) if self._left <= 0 else self._embed_own(texts)
        return self._chosen(texts)

    def _embed_own(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors, seconds = _timed(self._own, texts)
        self._left -= seconds
        return vectors

    def _try(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._chosen = self._own
        try:
            other = self._load_other()
            other(texts[:_WARMING_TEXTS])
            others, other_seconds = _timed(other, texts[1::2])
        except Exception as error:  # It would only have been faster.
            _LOG.warning("Embedding goes on with ONNX Runtime, as torch cannot be used: %s", error)
            return self._own(texts)
        owns, own_seconds = _timed(self._own, texts[::2])
        _LOG.info("%d texts: ONNX Runtime %.2f s, torch %.2f s", len(owns), own_seconds, other_seconds)
        if is_worth_it(own_seconds, other_seconds):
            self._chosen = other
        vectors = np.empty((len(texts), owns.shape[1]), np.float32)
        vectors[::2], vectors[1::2] = owns, others
        return vectors


def _timed(embed: Embed, texts: Sequence[str]) -> tuple[NDArray[np.float32], float]:
    begun = perf_counter()
    vectors = embed(texts)
    return vectors, perf_counter() - begun
