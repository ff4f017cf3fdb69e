"""Prepare the bundled model for ONNX Runtime: a graph of a few kilobytes that reads the bundled weights."""

import json
import logging
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time
from typing import TYPE_CHECKING

from retrieval.embedding import BUNDLED_MODEL, BUNDLED_SHA256, WEIGHTS

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

_LOG = logging.getLogger("footnote.embedding")
# Written into the name of the prepared file: count on when the graph changes.
_VERSION = 1
_LAYERS, _HEADS, _HEAD, _WIDTH = 6, 12, 32, 384
_EPSILON = 1e-12
_DIGEST = 32
_ABANDONED_SECONDS = 3600
_OURS = "com.microsoft"
_E = "embeddings."


def prepared_graph(folder: Path, cache: Path | None) -> bytes:
    """Read the graph of the bundled model, prepared at the first time and whenever the cache is not sound.

    Args:
        folder: Where the bundled model is, known to be sound.
        cache: Where the graph is kept; None is the platform's folder for such things.
    """
    place = (cache or _platform_cache()) / f"{BUNDLED_MODEL}-{BUNDLED_SHA256[:12]}-{_VERSION}.onnx"
    try:
        kept = place.read_bytes()
        if sha256(kept[_DIGEST:]).digest() == kept[:_DIGEST]:
            return kept[_DIGEST:]
        _LOG.warning("The prepared model %s was damaged; it has been prepared again.", place)
    except FileNotFoundError:
        pass
    except OSError as error:
        _LOG.debug("%s cannot be read: %s", place, error)
    graph = build_graph(folder / WEIGHTS)
    try:
        _keep(place, sha256(graph).digest() + graph)
    except OSError as error:
        _LOG.warning(
            "The prepared model cannot be kept in %s (%s), so it is prepared at every start: "
            "give FOOTNOTE_CACHE a folder that can be written.",
            place.parent,
            error.strerror or error,
        )
    return graph


def build_graph(weights: Path) -> bytes:
    """Write the model as an ONNX graph that finds its weights in a safetensors file, by place and length."""
    graph = _Graph(_places(weights))
    hidden = graph.embed_tokens()
    for number in range(_LAYERS):
        hidden = graph.add_layer(hidden, f"encoder.layer.{number}.")
    graph.add_mean(hidden)
    return bytes(graph.model().SerializeToString())


def _platform_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("footnote", appauthor=False)


def _keep(place: Path, content: bytes) -> None:
    """Write a file whole or not at all, and drop the ones of other versions."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, prefix=place.name, suffix=".part", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            part.close()
            os.replace(part.name, place)
        except OSError:
            Path(part.name).unlink(missing_ok=True)
            raise
    for other in place.parent.glob(f"{BUNDLED_MODEL}-*.onnx*"):
        # What another process is writing just now is left alone.
        if other != place and (
            other.suffix == ".onnx" or other.stat().st_mtime < time() - _ABANDONED_SECONDS
        ):
            other.unlink(missing_ok=True)


def _places(weights: Path) -> dict[str, tuple[Sequence[int], int, int]]:
    """Read where each tensor of a safetensors file is: shape, first byte, count of bytes."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    return {
        name: (tensor["shape"], 8 + length + tensor["data_offsets"][0], _size(tensor["data_offsets"]))
        for name, tensor in header.items()
        if name != "__metadata__"
    }


def _size(offsets: Sequence[int]) -> int:
    return offsets[1] - offsets[0]


class _Graph:
    """A BERT encoder in the words of ONNX, node by node.

    Tokens of all texts are rows of one matrix, (texts * tokens, width), but for attention.
    """

    def __init__(self, places: dict[str, tuple[Sequence[int], int, int]]) -> None:
        self._places = places
        self._nodes: list[NodeProto] = []
        self._tensors: dict[str, TensorProto] = {}

    def embed_tokens(self) -> str:
        """Add words, places and the one kind of text there is."""
        shape = self._add("Shape", "input_ids")
        length = self._add("Gather", shape, self._whole("second", [1]))
        start = self._whole("start", [0])
        places = self._add("Slice", self._weight(_E + "position_embeddings.weight"), start, length, start)
        kind = self._add("Gather", self._weight(_E + "token_type_embeddings.weight"), start)
        words = self._add("Gather", self._weight(_E + "word_embeddings.weight"), "input_ids")
        self._rows = self._whole("rows", [-1, _WIDTH])
        self._texts = self._add("Concat", shape, self._whole("width", [_WIDTH]), axis=0)
        summed = self._add("Add", words, self._add("Add", places, kind))
        return self._normalised(self._add("Reshape", summed, self._rows), _E + "LayerNorm")

    def add_layer(self, hidden: str, layer: str) -> str:
        """Attend and think once."""
        own = layer + "attention."
        parts = [
            self._add("Reshape", self._linear(hidden, f"{own}self.{part}"), self._texts)
            for part in ("query", "key", "value")
        ]
        attended = self._add(
            "MultiHeadAttention", *parts, "", "attention_mask", domain=_OURS, num_heads=_HEADS
        )
        told = self._linear(self._add("Reshape", attended, self._rows), own + "output.dense")
        hidden = self._normalised(self._add("Add", told, hidden), own + "output.LayerNorm")
        wide = self._linear(hidden, layer + "intermediate.dense", bias=False)
        active = self._add("BiasGelu", wide, self._weight(layer + "intermediate.dense.bias"), domain=_OURS)
        thought = self._linear(active, layer + "output.dense")
        return self._normalised(self._add("Add", thought, hidden), layer + "output.LayerNorm")

    def add_mean(self, hidden: str) -> None:
        """Take the mean of a text's tokens, of unit length, which the sum of them gives as well."""
        from onnx import TensorProto, helper

        mask = self._add("Cast", "attention_mask", to=TensorProto.FLOAT)
        kept = self._add("Unsqueeze", mask, self._whole("third", [2]))
        tokens = self._add("Reshape", hidden, self._texts)
        summed = self._add("ReduceSum", self._add("Mul", tokens, kept), self._whole("over", [1]), keepdims=0)
        self._nodes.append(helper.make_node("LpNormalization", [summed], ["vectors"], axis=1, p=2))

    def model(self) -> "ModelProto":
        """Finish it: two matrices of numbers in, (texts, tokens), and one of vectors out, (texts, width)."""
        from onnx import TensorProto, helper

        return helper.make_model(
            helper.make_graph(
                self._nodes,
                BUNDLED_MODEL,
                [
                    helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"])
                    for name in ("input_ids", "attention_mask")
                ],
                [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", _WIDTH])],
                list(self._tensors.values()),
            ),
            opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(_OURS, 1)],
            ir_version=9,
        )

    def _add(self, kind: str, *inputs: str, domain: str = "", **attributes: int | float) -> str:
        from onnx import helper

        output = f"{kind}_{len(self._nodes)}"
        node = helper.make_node(kind, inputs, [output], domain=domain)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self._nodes.append(node)
        return output

    def _linear(self, rows: str, name: str, *, bias: bool = True) -> str:
        added = [self._weight(name + ".bias")] if bias else []
        return self._add("Gemm", rows, self._weight(name + ".weight"), *added, transB=1)

    def _normalised(self, rows: str, name: str) -> str:
        scale, shift = self._weight(name + ".weight"), self._weight(name + ".bias")
        return self._add("LayerNormalization", rows, scale, shift, axis=-1, epsilon=_EPSILON)

    def _weight(self, name: str) -> str:
        from onnx import TensorProto

        shape, first, size = self._places[name]
        tensor = TensorProto(
            name=name, dims=shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL
        )
        for key, value in (("location", WEIGHTS), ("offset", first), ("length", size)):
            tensor.external_data.add(key=key, value=str(value))
        self._tensors[name] = tensor
        return name

    def _whole(self, name: str, numbers: Sequence[int]) -> str:
        from onnx import TensorProto, helper

        self._tensors[name] = helper.make_tensor(name, TensorProto.INT64, [len(numbers)], numbers)
        return name
