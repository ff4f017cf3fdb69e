"""Tensors are written and read as the safetensors package does it."""

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from retrieval.tensors import Tensor, read_tensors, write_tensors

TENSORS: dict[str, Tensor] = {
    "odd": np.arange(3, dtype=np.float16),
    "a matrix": np.linspace(0, 1, 15, dtype=np.float32).reshape(3, 5),
    "turned": np.arange(6, dtype=np.float16).reshape(2, 3).T,
    "empty": np.zeros((0, 4), np.float32),
}


def same(left: dict[str, Tensor], right: dict[str, Tensor]) -> bool:
    return left.keys() == right.keys() and all(
        left[name].dtype == right[name].dtype and np.array_equal(left[name], right[name]) for name in left
    )


def test_write_tensors_when_read_by_the_package_is_what_was_written(tmp_path: Path) -> None:
    write_tensors(tmp_path / "own", TENSORS)
    assert same(load_file(tmp_path / "own"), TENSORS)
    write_tensors(tmp_path / "again", dict(reversed(TENSORS.items())))
    assert (tmp_path / "again").read_bytes() == (tmp_path / "own").read_bytes()


def test_read_tensors_when_written_by_the_package_is_what_was_written(tmp_path: Path) -> None:
    whole = {name: np.ascontiguousarray(tensor) for name, tensor in TENSORS.items()}
    save_file(whole | {"of whole numbers": np.arange(3)}, tmp_path / "theirs", {"of": "no interest"})
    assert same(read_tensors(tmp_path / "theirs"), TENSORS)
