"""Vectors are kept by key, found by nearness, and never of another model."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import DiskError, LibraryMismatch
from retrieval.index import VectorIndex, graph_digest


def directions(count: int) -> NDArray[np.float32]:
    """Unit vectors at equal steps along a quarter of a circle."""
    angles = np.linspace(0, np.pi / 2, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def filled(folder: Path, count: int, prefix: str = "k") -> VectorIndex:
    index = VectorIndex(folder, "model")
    rows = directions(count)
    index.add([f"{prefix}{place}" for place in range(count)], rows)
    return index


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
        assert (len(index), index.held()) == (0, set())


def test_keys_when_there_are_more_than_a_page(tmp_path: Path) -> None:
    with filled(tmp_path, 4500) as index:
        assert index.held() == {f"k{place}" for place in range(4500)}
        index.delete([*(f"k{place}" for place in range(4400)), "never there"])
        assert index.held() == {f"k{place}" for place in range(4400, 4500)}
        assert len(index.nearest(directions(1)[0], 200)) == 100


def test_add_when_key_is_there_replaces_its_vector(tmp_path: Path) -> None:
    with filled(tmp_path, 2) as index:
        index.add(["k0"], directions(2)[1:])
        assert [similarity for _, similarity in index.nearest(directions(2)[1], 2)] == pytest.approx([1, 1])


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
    with pytest.raises(DiskError, match=r"cannot be kept in .*vectors \(file exists\)\. Name another"):
        VectorIndex(tmp_path / "vectors", "model")


def test_nearest_when_asked_among_some_finds_no_other(tmp_path: Path) -> None:
    with filled(tmp_path, 10) as index:
        found = index.nearest(directions(10)[3], 4, among=["k9", "k1"])
    assert [key for key, _ in found] == ["k1", "k9"]


def test_folder_when_opened_with_the_client_of_chroma_is_an_ordinary_one(tmp_path: Path) -> None:
    from chromadb.api.client import Client
    from chromadb.config import Settings

    with filled(tmp_path, 10) as index:
        ours = index.nearest(directions(10)[3], 4)
    client = Client(settings=Settings(is_persistent=True, persist_directory=str(tmp_path)))
    with client:
        collection = client.get_collection("passages", embedding_function=None)
        found = collection.query(query_embeddings=directions(10)[3:4], n_results=4, include=["distances"])
        assert collection.metadata == {"embedder": "model"}
    assert found["ids"][0] == [key for key, _ in ours]
    assert found["distances"] is not None
    assert found["distances"][0] == pytest.approx([1 - cosine for _, cosine in ours], abs=1e-6)


def test_graph_digest_when_a_byte_changes_is_another(tmp_path: Path) -> None:
    filled(tmp_path, 1200).close()
    before = graph_digest(tmp_path)
    VectorIndex(tmp_path, "model").close()
    assert graph_digest(tmp_path) == before
    graph = next(tmp_path.rglob("data_level0.bin"))
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    assert graph_digest(tmp_path) != before
