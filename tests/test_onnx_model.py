"""The prepared model is kept whole or not at all, and made anew where what was kept cannot be used."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedding import bundled_folder
from retrieval.errors import EmbedderError
from retrieval.onnx_embedding import OnnxEmbedder
from retrieval.onnx_model import Graph, build_graph, prepared_graph

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
NAME = "all-MiniLM-L6-v2-53aa51172d14-1.onnx"
PREPARE = (
    "import sys; from pathlib import Path; from retrieval.embedding import bundled_folder; "
    "from retrieval.onnx_model import Graph, prepared_graph; "
    "prepared_graph(Graph.EMBEDDER, bundled_folder(), Path(sys.argv[1]))"
)


@pytest.fixture(scope="module")
def graph() -> bytes:
    return build_graph(Graph.EMBEDDER, bundled_folder() / "model.safetensors")


def prepare_elsewhere(cache: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PREPARE, str(cache)], cwd=ROOT, stderr=subprocess.PIPE)


def only_file(cache: Path) -> bytes:
    (kept,) = cache.iterdir()
    assert kept.name == NAME
    return kept.read_bytes()


def test_graph_when_built_twice_is_the_same(graph: bytes) -> None:
    assert build_graph(Graph.EMBEDDER, bundled_folder() / "model.safetensors") == graph
    assert len(graph) < 50_000


def test_prepared_graph_when_nothing_is_kept_is_made_and_kept(
    graph: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = tmp_path / "new" / "folder"
    assert prepared_graph(Graph.EMBEDDER, bundled_folder(), cache) == graph
    assert only_file(cache) == sha256(graph).digest() + graph
    assert prepared_graph(Graph.EMBEDDER, bundled_folder(), cache) == graph
    assert caplog.messages == []


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda kept: b"", id="empty"),
        pytest.param(lambda kept: kept[: len(kept) // 2], id="cut off"),
        pytest.param(lambda kept: kept[:9000] + b"?" + kept[9001:], id="one byte"),
        pytest.param(lambda kept: b"a foreign file" * 99, id="foreign"),
    ],
)
def test_prepared_graph_when_file_is_damaged_mends_itself_and_says_so(
    graph: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: Callable[[bytes], bytes]
) -> None:
    (tmp_path / NAME).write_bytes(harm(sha256(graph).digest() + graph))
    assert prepared_graph(Graph.EMBEDDER, bundled_folder(), tmp_path) == graph
    assert caplog.messages == [
        f"The prepared model {tmp_path / NAME} was damaged; it has been prepared again."
    ]
    assert only_file(tmp_path) == sha256(graph).digest() + graph


def test_embed_when_cache_cannot_be_written_works_and_says_what_to_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    vectors = OnnxEmbedder(tmp_path / "file" / "cache").embed(["Riga"])
    assert np.linalg.norm(vectors) == pytest.approx(1, abs=1e-5)
    assert caplog.messages == [
        f"The prepared model cannot be kept in {tmp_path / 'file' / 'cache'} (Not a directory), so it is "
        "prepared at every start: give FOOTNOTE_CACHE a folder that can be written."
    ]


def test_prepared_graph_when_place_is_a_folder_works_all_the_same(
    graph: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / NAME / "inside").mkdir(parents=True)
    assert prepared_graph(Graph.EMBEDDER, bundled_folder(), tmp_path) == graph
    assert "give FOOTNOTE_CACHE a folder that can be written" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_prepared_graph_when_versions_change_drops_the_old_ones_of_its_kind(tmp_path: Path) -> None:
    for name in ("all-MiniLM-L6-v2-53aa51172d14-0.onnx", "all-MiniLM-L6-v2-000000000000-1.onnx"):
        (tmp_path / name).write_bytes(b"old")
    kept = {"another program's.onnx", "reader-53aa51172d14-0.onnx"}
    for name in kept:
        (tmp_path / name).write_bytes(b"keep")
    for name, age in ((f"{NAME}killed.part", 7200), (f"{NAME}written.part", 0)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    prepared_graph(Graph.EMBEDDER, bundled_folder(), tmp_path)
    kept |= {NAME, f"{NAME}written.part"}
    assert {path.name for path in tmp_path.iterdir()} == kept
    prepared_graph(Graph.READER, bundled_folder(), tmp_path)
    kept ^= {"reader-53aa51172d14-0.onnx", "reader-53aa51172d14-1.onnx"}
    assert {path.name for path in tmp_path.iterdir()} == kept


def test_prepared_graph_when_processes_race_is_whole(graph: bytes, tmp_path: Path) -> None:
    racing = [prepare_elsewhere(tmp_path) for _ in range(3)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in racing] == [(b"", 0)] * 3
    assert only_file(tmp_path) == sha256(graph).digest() + graph


@pytest.mark.parametrize("seconds", [0.2, 0.35, 0.5])
def test_prepared_graph_when_preparing_was_killed_is_whole(
    graph: bytes, tmp_path: Path, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    killed = prepare_elsewhere(tmp_path)
    try:
        killed.wait(seconds)
    except subprocess.TimeoutExpired:
        killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert prepared_graph(Graph.EMBEDDER, bundled_folder(), tmp_path) == graph
    assert (tmp_path / NAME).read_bytes() == sha256(graph).digest() + graph
    assert caplog.messages == []


def test_embed_when_onnx_runtime_cannot_run_the_graph_names_the_other_way(tmp_path: Path) -> None:
    graph = b"a graph that no version of ONNX Runtime reads"
    (tmp_path / NAME).write_bytes(sha256(graph).digest() + graph)
    with pytest.raises(EmbedderError, match=r"cannot run the bundled model .*FOOTNOTE_RUNTIME=torch"):
        OnnxEmbedder(tmp_path).embed(["Riga"])
