"""Where a tensor stands in its file is where the safetensors package put it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from retrieval.tensors import tensor_places


def test_tensor_places_when_written_by_the_package_are_where_the_bytes_are(tmp_path: Path) -> None:
    tensors: dict[str, NDArray[np.generic]] = {
        "odd": np.arange(3, dtype=np.float16),
        "a matrix": np.linspace(0, 1, 15, dtype=np.float32).reshape(3, 5),
        "empty": np.zeros((0, 4), np.float32),
    }
    save_file(tensors, tmp_path / "file", {"of": "no interest"})
    content = (tmp_path / "file").read_bytes()
    places = tensor_places(tmp_path / "file")
    assert places.keys() == tensors.keys()
    for name, place in places.items():
        assert place.shape == tensors[name].shape
        assert content[place.first : place.first + place.size] == tensors[name].tobytes()
    assert {place.dtype for place in places.values()} == {"F16", "F32"}
