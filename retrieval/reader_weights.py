"""Check the trained reader's weights against their card, and merge them into those of the bundled model.

The weights are low-rank adapters, which add `scale * B @ A` to a matrix of the bundled model, and a head.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from retrieval.embedding import BUNDLED_SHA256, WEIGHTS
from retrieval.errors import ReaderError
from retrieval.onnx_model import HEAD

MODELS = Path(__file__).parent / "models"
READER_WEIGHTS, CARD = "reader.safetensors", "reader.json"
DOWN, UP = ".lora_A", ".lora_B"
# So few rows of a matrix are computed in one go that NumPy stays on one core: for its threads it waits long
# where the other cores are busy.
_ROWS = 4
_MEND = "Install it again with: pip install --force-reinstall --no-deps footnote-bot"


@dataclass(frozen=True, slots=True)
class Card:
    """What a reader's card says that running it needs; the rest of the card is for people.

    `checksum` is that of the reader's weights, `base` that of the model they were trained on (SHA-256).
    """

    checksum: str
    base: str
    scale: float


def read_card(folder: Path = MODELS) -> Card:
    """Read the card of the reader in a folder.

    Raises:
        ReaderError: It is missing, damaged, or about another model than the bundled one.
    """
    path = folder / CARD
    try:
        told = json.loads(path.read_bytes())
        card = Card(str(told["checksum"]), str(told["base"]), float(told["scale"]))
    except FileNotFoundError as error:
        raise ReaderError(f"The card of the trained reader, {path}, is missing. {_MEND}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReaderError(
            f"The card of the trained reader, {path}, cannot be read ({error!r}). {_MEND}"
        ) from error
    if card.base != BUNDLED_SHA256:
        raise ReaderError(
            f"The trained reader in {folder} belongs to a model with the checksum {card.base[:12]}, "
            f"not to the bundled one, {BUNDLED_SHA256[:12]}. {_MEND}"
        )
    return card


def merged_weights(card: Card, base: Path, folder: Path = MODELS) -> dict[str, NDArray[np.float32]]:
    """Compute the weights of the bundled model that the reader has otherwise, and the head that it adds.

    Args:
        card: The reader's.
        base: The folder of the bundled model.
        folder: Where the reader is.

    Raises:
        ReaderError: The reader's weights are missing, not the card's, or do not fit the bundled model.
    """
    path = folder / READER_WEIGHTS
    try:
        found = sha256(path.read_bytes()).hexdigest()
    except OSError:
        found = "nothing"
    if found != card.checksum:
        raise ReaderError(
            f"The trained reader {path} has the checksum {found[:12]}, not {card.checksum[:12]}. {_MEND}"
        )
    try:
        own = load_file(path)
        head = {name: own.pop(name).astype(np.float32).reshape(shape) for name, shape in HEAD.items()}
        with safe_open(base / WEIGHTS, framework="numpy") as bundled:
            return head | _merged(own, bundled.get_tensor, card.scale)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ReaderError(
            f"The trained reader {path} does not fit the bundled model in {base} ({error!r}). {_MEND}"
        ) from error


def _merged(
    adapters: Mapping[str, NDArray[np.float16]],
    bundled: Callable[[str], NDArray[np.float32]],
    scale: float,
) -> dict[str, NDArray[np.float32]]:
    """Compute `W + scale * B @ A` of each matrix that has adapters."""
    merged = {}
    for name in {name.removesuffix(DOWN).removesuffix(UP) for name in adapters}:
        down, up = adapters[name + DOWN].astype(np.float32), adapters[name + UP].astype(np.float32)
        weight = bundled(name + ".weight")
        if (len(up), down.shape[1]) != weight.shape:
            raise ValueError(f"{name} is {weight.shape}, its adapters {up.shape} and {down.shape}")
        change = (up.reshape(-1, _ROWS, len(down)) @ down).reshape(weight.shape)
        change *= np.float32(scale)
        merged[name + ".weight"] = np.add(change, weight, out=change)
    return merged
