"""Run the bundled model with ONNX Runtime, as it is or with weights of one's own: ready at once."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import bundled_folder, check_bundled_weights
from retrieval.onnx_model import Graph, prepared_graph

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Weights: TypeAlias = Mapping[str, NDArray[np.float32]]

# What frames each text.
FIRST, LAST = 101, 102
# Tokens of a batch, filling included. What is computed of more does not stay in a core's own memory; with
# fewer, calling takes its share. Between the two, each core gets some batches, so that none waits long.
_MOST_TOKENS, _LEAST_TOKENS = 768, 256
_BATCHES_PER_CORE = 4


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """The bundled model as one graph has it run; threads may share one."""

    tokenizer: "Tokenizer"
    _session: "InferenceSession"
    # ONNX Runtime reads them where they are.
    _own: Weights

    def run(
        self, texts: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None = None
    ) -> list[NDArray[np.float32]]:
        """Run texts, given as numbers of framed tokens; those of similar length go through together.

        Args:
            texts: The tokens of each.
            types: The type of each token, where the graph takes pairs of texts.

        Returns:
            What comes out for each text; where it is by token, the filling at the end too.
        """
        found: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(texts)

        def run(batch: Sequence[int]) -> None:
            inputs = {
                "input_ids": _filled([texts[place] for place in batch]),
                "attention_mask": _filled([[1] * len(texts[place]) for place in batch]),
            }
            if types is not None:
                inputs["token_types"] = _filled([types[place] for place in batch])
            (rows,) = self._session.run(None, inputs)
            for place, row in zip(batch, rows, strict=True):
                found[place] = row

        cores = _cores()
        batches = list(_batches([len(tokens) for tokens in texts], cores))
        if len(batches) <= 1:
            for batch in batches:
                run(batch)
        else:
            with ThreadPoolExecutor(min(cores, len(batches))) as pool:
                list(pool.map(run, batches))
        return found


def load(graph: Graph, cache: Path | None, own: Callable[[Path], Weights] | None = None) -> OnnxModel:
    """Load the model, and check its weights while its libraries are imported.

    Args:
        graph: What it shall do.
        cache: Where prepared graphs are kept; None is the platform's folder for such things.
        own: Computes weights that stand in for those of the same names, from the bundled model's folder.

    Raises:
        EmbedderError: The bundled weights are missing or altered.
        Exception: ONNX Runtime cannot run the model; what the libraries raise has no class in common.
    """
    folder = bundled_folder()
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(_check_once, folder)
        import onnxruntime

        tokenizer = _tokenizer(folder)
        check.result()
    options = onnxruntime.SessionOptions()
    # Batches run beside one another, each on one core.
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    # The graph is as it should be run.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    weights = own(folder) if own else {}
    if weights:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(weight) for weight in weights.values()]
        options.add_external_initializers(list(weights), values)
    session = onnxruntime.InferenceSession(
        prepared_graph(graph, folder, cache), options, providers=["CPUExecutionProvider"]
    )
    return OnnxModel(tokenizer, session, weights)


@cache
def _check_once(folder: Path) -> None:
    check_bundled_weights(folder)


@cache
def _tokenizer(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _filled(rows: Sequence[Sequence[int]]) -> NDArray[np.int32]:
    """Put rows of numbers into one matrix, the shorter ones filled up with noughts."""
    filled = np.zeros((len(rows), max(map(len, rows))), np.int32)
    for place, row in enumerate(rows):
        filled[place, : len(row)] = row
    return filled


def _batches(lengths: Sequence[int], cores: int) -> Iterator[list[int]]:
    """Put places of similar length together, the longest first, so that no core waits long for the last."""
    most = min(max(sum(lengths) // (_BATCHES_PER_CORE * cores), _LEAST_TOKENS), _MOST_TOKENS)
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _cores() -> int:
    """Count the cores that may be used: what numeric libraries are told by OMP_NUM_THREADS holds here too."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(told), given) if told.isdecimal() and int(told) else given
