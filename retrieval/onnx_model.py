"""Prepare the bundled model for ONNX Runtime: graphs of a few kilobytes that read the bundled weights."""

import logging
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from math import prod
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time
from typing import TYPE_CHECKING

from retrieval.embedding import BUNDLED_MODEL, BUNDLED_SHA256, WEIGHTS
from retrieval.tensors import Place, tensor_places

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

_LOG = logging.getLogger("footnote.embedding")
# Written into the names of the prepared files: count on when a graph changes.
_VERSION = 1
_LAYERS, _HEADS, _HEAD, _WIDTH = 6, 12, 32, 384
_EPSILON = 1e-12
_DIGEST = 32
_ABANDONED_SECONDS = 3600
_OURS = "com.microsoft"
_E = "embeddings."
# What the reader adds to the bundled model; its weights are given to whoever runs the graph.
HEAD = {"head.weight": (2, _WIDTH), "head.bias": (2,)}


class Graph(StrEnum):
    """What the bundled model can be made to do; the name of the prepared file begins with it."""

    # Texts in, vectors out.
    EMBEDDER = BUNDLED_MODEL
    # Pairs of texts in, logits out: for each token, whether an answer starts there, and whether it ends.
    READER = "reader"


def prepared_graph(graph: Graph, folder: Path, cache: Path | None) -> bytes:
    """Read a graph of the bundled model, prepared at the first time and whenever the cache is not sound.

    Args:
        graph: Which one.
        folder: Where the bundled model is, known to be sound.
        cache: Where the graph is kept; None is the platform's folder for such things.
    """
    place = (cache or _platform_cache()) / f"{graph}-{BUNDLED_SHA256[:12]}-{_VERSION}.onnx"
    try:
        kept = place.read_bytes()
        if sha256(kept[_DIGEST:]).digest() == kept[:_DIGEST]:
            return kept[_DIGEST:]
        _LOG.warning("The prepared model %s was damaged; it has been prepared again.", place)
    except FileNotFoundError:
        pass
    except OSError as error:
        _LOG.debug("%s cannot be read: %s", place, error)
    built = build_graph(graph, folder / WEIGHTS)
    try:
        _keep(place, f"{graph}-*.onnx*", sha256(built).digest() + built)
    except OSError as error:
        _LOG.warning(
            "The prepared model cannot be kept in %s (%s), so it is prepared at every start: "
            "give FOOTNOTE_CACHE a folder that can be written.",
            place.parent,
            error.strerror or error,
        )
    return built


def build_graph(graph: Graph, weights: Path) -> bytes:
    """Write the model as an ONNX graph that finds its weights in a safetensors file, by place and length."""
    writer = _Writer(tensor_places(weights))
    hidden = writer.embed_tokens(paired=graph is Graph.READER)
    for number in range(_LAYERS):
        hidden = writer.add_layer(hidden, f"encoder.layer.{number}.")
    if graph is Graph.READER:
        writer.add_head(hidden)
    else:
        writer.add_mean(hidden)
    return bytes(writer.model().SerializeToString())


def _platform_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("footnote", appauthor=False)


def _keep(place: Path, versions: str, content: bytes) -> None:
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
    for other in place.parent.glob(versions):
        # What another process is writing just now is left alone.
        if other != place and (
            other.suffix == ".onnx" or other.stat().st_mtime < time() - _ABANDONED_SECONDS
        ):
            other.unlink(missing_ok=True)


class _Writer:
    """A BERT encoder in the words of ONNX, node by node.

    Tokens of all texts are rows of one matrix, (texts * tokens, width), but for attention.
    """

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places
        self._inputs = ["input_ids", "attention_mask"]
        self._nodes: list[NodeProto] = []
        self._tensors: dict[str, TensorProto] = {}

    def embed_tokens(self, *, paired: bool) -> str:
        """Add words, places and kinds of text: the one there is, or where they are paired, each token's."""
        self._shape = self._add("Shape", "input_ids")
        length = self._add("Gather", self._shape, self._whole("second", [1]))
        start = self._whole("start", [0])
        places = self._add("Slice", self._weight(_E + "position_embeddings.weight"), start, length, start)
        if paired:
            self._inputs.append("token_types")
        kinds = self._weight(_E + "token_type_embeddings.weight")
        kind = self._add("Gather", kinds, "token_types" if paired else start)
        words = self._add("Gather", self._weight(_E + "word_embeddings.weight"), "input_ids")
        self._rows = self._whole("rows", [-1, _WIDTH])
        self._texts = self._add("Concat", self._shape, self._whole("width", [_WIDTH]), axis=0)
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
        self._output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", _WIDTH])

    def add_head(self, hidden: str) -> None:
        """Give each token two logits, out of a head that the bundled weights have not."""
        from onnx import TensorProto, helper

        # The place is never read, as whoever runs the graph gives the weights.
        head = [self._external(name, shape, first=0, size=4 * prod(shape)) for name, shape in HEAD.items()]
        ends = self._add("Gemm", hidden, *head, transB=1)
        shape = self._add("Concat", self._shape, self._whole("ends", [2]), axis=0)
        self._nodes.append(helper.make_node("Reshape", [ends, shape], ["logits"]))
        self._output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", "tokens", 2])

    def model(self) -> "ModelProto":
        """Finish it: matrices of numbers in, (texts, tokens); what was added last comes out."""
        from onnx import TensorProto, helper

        return helper.make_model(
            helper.make_graph(
                self._nodes,
                BUNDLED_MODEL,
                [
                    helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"])
                    for name in self._inputs
                ],
                [self._output],
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
        place = self._places[name]
        return self._external(name, place.shape, first=place.first, size=place.size)

    def _external(self, name: str, shape: Sequence[int], *, first: int, size: int) -> str:
        from onnx import TensorProto

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
