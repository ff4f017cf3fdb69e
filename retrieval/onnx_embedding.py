"""Run the bundled model with ONNX Runtime: the same vectors as with torch, but ready at once."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.bulk_embedding import BulkEmbedding, Embed, has_amx
from retrieval.embedding import (
    BUNDLED_NAME,
    SentenceTransformerEmbedder,
    bundled_folder,
    check_bundled_weights,
)
from retrieval.errors import EmbedderError
from retrieval.onnx_model import prepared_graph

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_DIMENSION = 384
_WINDOW = 254
# What frames each text.
_FIRST, _LAST = 101, 102
# Tokens of a batch, filling included: what is computed of more does not stay in a core's own memory.
_BATCH_TOKENS = 768
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
        self._loaded: _Model | None = None

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
        """Embed texts with ONNX Runtime; those of similar length go through the model together."""
        vectors = np.zeros((len(texts), _DIMENSION), np.float32)
        if not texts:
            return vectors
        model = self._model
        # A text that stands there twice is embedded once.
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        tokens = model.cut(list(places))
        found = np.zeros((len(tokens), _DIMENSION), np.float32)

        def run(batch: Sequence[int]) -> None:
            found[batch] = model.run([tokens[place] for place in batch])

        batches = list(_batches([len(ids) for ids in tokens]))
        if len(batches) == 1:
            run(batches[0])
        else:
            with ThreadPoolExecutor(min(_cores(), len(batches))) as pool:
                list(pool.map(run, batches))
        return np.take(found, [places[text] for text in texts], axis=0, out=vectors)

    @property
    def _model(self) -> "_Model":
        if self._loaded is None:
            with self._lock:
                self._loaded = self._loaded or _load(self._cache)
        return self._loaded


@dataclass(frozen=True, slots=True)
class _Model:
    session: "InferenceSession"
    tokenizer: "Tokenizer"

    def cut(self, texts: list[str]) -> list[list[int]]:
        """Cut texts into the numbers of their tokens, framed, as far as the window reaches."""
        cut = self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [[_FIRST, *tokens.ids[:_WINDOW], _LAST] for tokens in cut]

    def run(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Run one batch, the shorter ones filled up."""
        shape = len(tokens), max(map(len, tokens))
        numbers, kept = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        for row, ids in enumerate(tokens):
            numbers[row, : len(ids)], kept[row, : len(ids)] = ids, 1
        (vectors,) = self.session.run(None, {"input_ids": numbers, "attention_mask": kept})
        return np.asarray(vectors, np.float32)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Put places of similar length together, the longest first, so that no core waits long for the last."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batch and (len(batch) + 1) * lengths[batch[0]] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    yield batch


def _cores() -> int:
    """Count the cores that may be used: what numeric libraries are told by OMP_NUM_THREADS holds here too."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(told), given) if told.isdecimal() and int(told) else given


def _load(cache: Path | None) -> _Model:
    """Load the model, and check its weights while its libraries are imported.

    Raises:
        EmbedderError: The weights are missing or altered, or ONNX Runtime cannot run the model.
    """
    folder = bundled_folder()
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(check_bundled_weights, folder)
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.no_padding()
            tokenizer.no_truncation()
            check.result()
            options = onnxruntime.SessionOptions()
            # Batches run beside one another, each on one core.
            options.intra_op_num_threads = 1
            options.log_severity_level = 4
            # The graph is as it should be run.
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.add_session_config_entry(
                "session.model_external_initializers_file_folder_path", str(folder)
            )
            session = onnxruntime.InferenceSession(
                prepared_graph(folder, cache), options, providers=["CPUExecutionProvider"]
            )
        except EmbedderError:
            raise
        except Exception as error:  # What the two libraries raise has no class in common.
            raise EmbedderError(
                f"ONNX Runtime cannot run the bundled model ({error}). "
                "Run it with torch instead: FOOTNOTE_RUNTIME=torch"
            ) from error
    return _Model(session, tokenizer)
