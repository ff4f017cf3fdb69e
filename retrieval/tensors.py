"""Read and write safetensors files: a header in JSON that says where each tensor is, then their bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Tensor: TypeAlias = NDArray[np.float16 | np.float32]

_TYPES: dict[str, np.dtype[np.float16 | np.float32]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}
# What the format pads its header to.
_ALIGNED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a tensor is in its file: its first byte and how many they are."""

    dtype: str
    shape: tuple[int, ...]
    first: int
    size: int


def tensor_places(path: Path) -> dict[str, Place]:
    """Read where each tensor of a file is, by name."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    return {
        name: Place(
            dtype=tensor["dtype"],
            shape=tuple(tensor["shape"]),
            first=8 + length + tensor["data_offsets"][0],
            size=tensor["data_offsets"][1] - tensor["data_offsets"][0],
        )
        for name, tensor in header.items()
        if name != "__metadata__"
    }


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Map the halves and singles of a file into memory: nothing is read before it is used."""
    content = np.memmap(path, mode="r").view(np.ndarray)
    return {
        name: content[place.first : place.first + place.size].view(_TYPES[place.dtype]).reshape(place.shape)
        for name, place in tensor_places(path).items()
        if place.dtype in _TYPES
    }


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors to a file, sorted by name: the same tensors make the same bytes."""
    header: dict[str, object] = {}
    content = b""
    for name, tensor in sorted(tensors.items()):
        first, content = len(content), content + np.ascontiguousarray(tensor).tobytes()
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": tensor.shape,
            "data_offsets": [first, len(content)],
        }
    told = json.dumps(header, separators=(",", ":")).encode()
    told += b" " * (-len(told) % _ALIGNED)
    path.write_bytes(len(told).to_bytes(8, "little") + told + content)
