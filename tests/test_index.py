"""Vectors are kept by key, found by nearness, and never of another model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import LibraryMismatch
from retrieval.index import ServedVectors, VectorIndex


def directions(count: int) -> NDArray[np.float32]:
    """Unit vectors at equal steps along a quarter of a circle."""
    angles = np.linspace(0, np.pi / 2, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def filled(folder: Path, count: int, prefix: str = "k") -> VectorIndex:
    index = VectorIndex(folder, "model")
    rows = directions(count)
    index.add([f"{prefix}{place}" for place in range(count)], lambda places: rows[list(places)], ignore)
    return index


def ignore(count: int) -> None:
    del count


def test_nearest_when_asked_gives_cosine_best_first(tmp_path: Path) -> None:
    with filled(tmp_path, 10) as index:
        found = index.nearest(directions(10)[3], 4)
    assert found[0][0] == "k3"
    assert {key for key, _ in found[1:3]} == {"k2", "k4"}
    similarities = [similarity for _, similarity in found]
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[0] == pytest.approx(1, abs=1e-5)
    assert similarities[1] == pytest.approx(np.cos(np.pi / 18), abs=1e-5)


def test_nearest_when_fewer_are_there_gives_all(tmp_path: Path) -> None:
    with filled(tmp_path, 3) as index:
        assert len(index.nearest(directions(3)[0], 50)) == 3


def test_nearest_when_empty_gives_none(tmp_path: Path) -> None:
    with VectorIndex(tmp_path, "model") as index:
        assert index.nearest(directions(1)[0], 5) == []
        assert (len(index), index.keys()) == (0, set())


def test_keys_when_there_are_more_than_a_page(tmp_path: Path) -> None:
    with filled(tmp_path, 4500) as index:
        assert index.keys() == {f"k{place}" for place in range(4500)}
        index.delete([*(f"k{place}" for place in range(4400)), "never there"])
        assert index.keys() == {f"k{place}" for place in range(4400, 4500)}
        assert len(index.nearest(directions(1)[0], 200)) == 100


def test_add_when_key_is_there_replaces_its_vector(tmp_path: Path) -> None:
    with filled(tmp_path, 2) as index:
        index.add(["k0"], lambda places: directions(2)[1:], ignore)
        assert [similarity for _, similarity in index.nearest(directions(2)[1], 2)] == pytest.approx([1, 1])


def test_add_when_interrupted_keeps_whole_batches_and_tells_of_them(tmp_path: Path) -> None:
    rows = directions(10)
    stored: list[int] = []

    def embed(places: Sequence[int]) -> NDArray[np.float32]:
        if 6 in places:
            raise RuntimeError("no power")
        return rows[list(places)]

    with VectorIndex(tmp_path, "model") as index:
        with pytest.raises(RuntimeError, match=r"no power"):
            index.add([f"k{place}" for place in range(10)], embed, stored.append, batch=3)
        assert index.keys() == {f"k{place}" for place in range(6)}
        assert stored == [3, 3]


def test_open_when_closed_before_finds_what_was_stored(tmp_path: Path) -> None:
    filled(tmp_path / "new folder", 5).close()
    with VectorIndex(tmp_path / "new folder", "model") as index:
        assert len(index) == 5
        assert index.nearest(directions(5)[4], 1)[0][0] == "k4"


def test_open_when_model_is_another_names_both_and_the_way_out(tmp_path: Path) -> None:
    filled(tmp_path, 2).close()
    with pytest.raises(LibraryMismatch, match=r"are of 'model', now 'other'.*footnote index --rebuild"):
        VectorIndex(tmp_path, "other")
    with VectorIndex(tmp_path, "model") as index:
        assert len(index) == 2


def test_open_when_files_are_damaged_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"no database " * 100)
    with pytest.raises(LibraryMismatch, match=r"cannot be read .*footnote index --rebuild"):
        VectorIndex(tmp_path, "model")


def test_open_when_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("x")
    with pytest.raises(LibraryMismatch, match=r"cannot be read"):
        VectorIndex(tmp_path / "vectors", "model")


def test_vectors_when_asked_by_key_leaves_out_what_is_not_there(tmp_path: Path) -> None:
    with filled(tmp_path, 5) as index:
        found = index.vectors(["k4", "never there", "k1"])
        assert found.keys() == {"k1", "k4"}
        assert found["k4"] == pytest.approx(directions(5)[4], abs=1e-6)
        assert index.vectors([]) == index.vectors(["never there"]) == {}


def test_served_vectors_when_others_take_their_place_are_the_others(tmp_path: Path) -> None:
    filled(tmp_path / "1", 3, "old").close()
    filled(tmp_path / "2", 3, "new").close()
    current = tmp_path / "1"
    served = ServedVectors(lambda: current, "model")
    assert served.nearest(directions(3)[0], 1)[0][0] == "old0"
    current = tmp_path / "2"
    assert served.nearest(directions(3)[0], 1)[0][0] == "new0"
    assert served.vectors(["new1", "old1"]).keys() == {"new1"}


def test_served_vectors_when_others_are_of_another_model_refuse_each_time(tmp_path: Path) -> None:
    filled(tmp_path / "1", 3).close()
    VectorIndex(tmp_path / "2", "other").close()
    current = tmp_path / "1"
    served = ServedVectors(lambda: current, "model")
    current = tmp_path / "2"
    for _ in range(2):
        with pytest.raises(LibraryMismatch, match=r"are of 'other', now 'model'"):
            served.nearest(directions(3)[0], 1)
