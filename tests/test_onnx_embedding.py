"""ONNX Runtime runs the bundled model, loading no more than it needs."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from bot.assembly import build_embedder
from bot.settings import Settings
from retrieval.embedding import SentenceTransformerEmbedder, bundled_model_path
from retrieval.onnx_embedding import OnnxEmbedder

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
TEXTS = [" ".join(["Rutte spoke in Riga of 40,000 soldiers."] * (1 + n)) for n in range(20)]


def test_embed_when_texts_are_shuffled_and_doubled_keeps_their_order() -> None:
    embedder = OnnxEmbedder()
    alone = {text: embedder.embed([text])[0] for text in TEXTS}
    mixed = (TEXTS * 3)[7:]
    together = embedder.embed(mixed)
    assert together.shape == (53, 384)
    for text, vector in zip(mixed, together, strict=True):
        assert math.isclose(vector @ alone[text], 1, abs_tol=1e-5)


def test_embed_when_there_are_no_texts_loads_nothing() -> None:
    program = (
        "import sys; from retrieval.onnx_embedding import OnnxEmbedder; e = OnnxEmbedder(); "
        "print(e.name, e.window, e.reads('en'), e.embed([]).shape, "
        "{'onnxruntime', 'tokenizers', 'onnx', 'torch'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "all-MiniLM-L6-v2@53aa51172d14 254 True (0, 384) set()\n"


def test_embed_when_model_is_prepared_needs_neither_torch_nor_what_prepares() -> None:
    OnnxEmbedder().embed(["Prepare."])
    program = (
        "import sys; from retrieval.onnx_embedding import OnnxEmbedder; OnnxEmbedder().embed(['Riga?']); "
        "print({'onnx', 'torch', 'transformers'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_build_embedder_when_settings_say_so_runs_another(tmp_path: Path) -> None:
    assert isinstance(build_embedder(Settings()), OnnxEmbedder)
    assert isinstance(build_embedder(Settings(runtime="torch")), SentenceTransformerEmbedder)
    assert isinstance(
        build_embedder(Settings(embedder=str(bundled_model_path()))), SentenceTransformerEmbedder
    )


def test_build_embedder_when_cache_is_named_keeps_the_model_there(tmp_path: Path) -> None:
    build_embedder(Settings(cache=tmp_path / "kept")).embed(["x"])
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["all-MiniLM-L6-v2-53aa51172d14-1.onnx"]
