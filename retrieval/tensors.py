"""Find where tensors stand in a safetensors file: a header in JSON says it, then come their bytes."""

import json
from dataclasses import dataclass
from pathlib import Path


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
