"""Write what was trained in the form that the package carries: halves in a safetensors file, and its card."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from retrieval.embedding import BUNDLED_SHA256
from retrieval.errors import ReaderError
from retrieval.onnx_model import HEAD
from retrieval.reader_weights import CARD, DOWN, READER_WEIGHTS, UP

# What peft puts around the name of a matrix, and what is written instead.
_BODY = "body.base_model.model."
_ENDS = {".lora_A.default.weight": DOWN, ".lora_B.default.weight": UP}


def export(weights: Mapping[str, NDArray[np.float32]], card: Mapping[str, object], folder: Path) -> None:
    """Write the trained weights and their card into a folder, whose reader they replace.

    Args:
        weights: What was trained, by peft's names: adapters, and the head.
        card: Facts for people, as JSON has them; one of them, `scale`, is needed to run it.
        folder: Where `TrainedReader` finds them.
    """
    path = folder / READER_WEIGHTS
    save_file({_plain(name): weight.astype(np.float16) for name, weight in weights.items()}, path)
    facts = {**card, "checksum": sha256(path.read_bytes()).hexdigest(), "base": BUNDLED_SHA256}
    (folder / CARD).write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")


def read_exported(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Read trained weights of a folder, by peft's names again.

    Raises:
        ReaderError: They are missing.
    """
    path = folder / READER_WEIGHTS
    try:
        own = load_file(path)
    except OSError as error:
        raise ReaderError(f"There is no trained reader {path}. Name the folder of another one.") from error
    return {_long(name): weight.astype(np.float32) for name, weight in own.items()}


def _long(name: str) -> str:
    """Name a matrix as peft does."""
    for end, plain in _ENDS.items():
        if name.endswith(plain):
            return _BODY + name.removesuffix(plain) + end
    return name


def _plain(name: str) -> str:
    """Name a matrix as the bundled model does."""
    if name in HEAD:
        return name
    for end, plain in _ENDS.items():
        if name.startswith(_BODY) and name.endswith(end):
            return name.removeprefix(_BODY).removesuffix(end) + plain
    raise ValueError(f"{name} is neither an adapter nor the head: train with peft's LoRA.")
