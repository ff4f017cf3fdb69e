"""Embed with the bundled model on ONNX Runtime: the same vectors as with torch, but ready at once."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from retrieval.bulk_embedding import BulkEmbedding, Embed, has_amx
from retrieval.embedding import BUNDLED_NAME, SentenceTransformerEmbedder
from retrieval.errors import EmbedderError
from retrieval.onnx_model import Graph
from retrieval.onnx_session import FIRST, LAST, OnnxModel, load

_DIMENSION = 384
_WINDOW = 254
# From so many texts at once on, it is work in bulk, as indexing is.
_BULK_TEXTS = 128
_CPUINFO = Path("/proc/cpuinfo")


class OnnxEmbedder:
    """The bundled model, loaded when it is first needed; threads may share one."""

    name = BUNDLED_NAME
    window = _WINDOW

    def __init__(self, cache: Path | None = None) -> None:
        """Take the folder in which the prepared model is kept; None is the platform's own."""
        self._cache = cache
        self._lock = Lock()
        self._loaded: OnnxModel | None = None

    def reads(self, language: str | None) -> bool:
        """Tell whether the model was trained on a language, which is English."""
        return language in (None, "en")

    def count(self, text: str) -> int:
        """Count word pieces, as the model's own tokenizer cuts them."""
        return len(self._model.tokenizer.encode(text, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; rows have unit length. Where many are given, they may go through torch."""
        return self._bulk(texts) if len(texts) >= _BULK_TEXTS else self._embed(texts)

    @cached_property
    def _bulk(self) -> Embed:
        """The way of many texts: without AMX there is one only, and torch is never imported."""
        if not _CPUINFO.exists() or not has_amx(_CPUINFO.read_text()):
            return self._embed
        return BulkEmbedding(self._embed, lambda: SentenceTransformerEmbedder(half=True).embed).embed

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts with ONNX Runtime; one that stands there twice is embedded once."""
        if not texts:
            return np.zeros((0, _DIMENSION), np.float32)
        model = self._model
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        cut = model.tokenizer.encode_batch_fast(list(places), add_special_tokens=False)
        found = model.run([[FIRST, *tokens.ids[:_WINDOW], LAST] for tokens in cut])
        return np.stack([found[places[text]] for text in texts])

    @property
    def _model(self) -> OnnxModel:
        if self._loaded is None:
            with self._lock:
                self._loaded = self._loaded or _load(self._cache)
        return self._loaded


def _load(cache: Path | None) -> OnnxModel:
    """Load the model.

    Raises:
        EmbedderError: The weights are missing or altered, or ONNX Runtime cannot run the model.
    """
    try:
        return load(Graph.EMBEDDER, cache)
    except EmbedderError:
        raise
    except Exception as error:
        raise EmbedderError(
            f"ONNX Runtime cannot run the bundled model ({error}). "
            "Run it with torch instead: FOOTNOTE_RUNTIME=torch"
        ) from error
