"""Many texts are embedded the faster of two ways, which is tried only where it can pay."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.bulk_embedding import BulkEmbedding, Embed, has_amx, is_worth_it
from retrieval.embedding import SentenceTransformerEmbedder
from retrieval.errors import EmbedderError
from retrieval.onnx_embedding import OnnxEmbedder

ROOT = Path(__file__).parents[1]
TEXTS = [f"text {number}" for number in range(301)]
SENTENCES = [
    "Rutte spoke in Riga of 40,000 soldiers.",
    "The museum opened a new wing on Friday.",
    "Prices rose by 3.5% in May, the central bank said.",
    "Who won the by-election in Wakefield?",
    "Seoul and Tokyo agreed to share radar data on missiles.",
    "“We will not wait,” the minister told reporters, “and nobody should ask us to.”",
    "Il segretario generale ha incontrato il presidente della Lettonia.",
    "Why?",
    "2024-10-15",
    "The striker, 31, signed for two years; the fee was not disclosed by either club.",
]


class Way:
    """Embeds a text as its number, in so many seconds a call, and notes how many it was given."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self.given: list[int] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.given.append(len(texts))
        time.sleep(self._seconds)
        return np.array([[float(text.split()[1]), 1.0] for text in texts], np.float32)


def unusable() -> Embed:
    raise EmbedderError("The bundled model is not installed.")


def assert_embedded(vectors: NDArray[np.float32]) -> None:
    assert vectors.dtype == np.float32
    assert vectors[:, 0].tolist() == list(range(301))


@pytest.mark.parametrize(
    ("cpuinfo", "told"),
    [
        pytest.param("flags\t\t: fpu avx2 amx_bf16 avx512f amx_tile\n", True, id="with"),
        pytest.param("model name\t: amx_bf16\nflags\t\t: fpu avx2 amx_tile amx_int8\n", False, id="without"),
        pytest.param("processor\t: 0\nFeatures\t: fp asimd bf16\n", False, id="other architecture"),
        pytest.param("", False, id="empty"),
    ],
)
def test_has_amx_when_cpu_is_described_finds_its_flag(cpuinfo: str, told: bool) -> None:
    assert has_amx(cpuinfo) is told


@pytest.mark.parametrize(
    ("own", "other", "told"), [(3.0, 1.0, True), (3.0, 2.9, False), (3.0, 3.0, False), (1.0, 3.0, False)]
)
def test_is_worth_it_when_both_were_timed_wants_a_clear_gain(own: float, other: float, told: bool) -> None:
    assert is_worth_it(own, other) is told


@pytest.mark.parametrize(
    ("own_seconds", "other_seconds", "owns", "others"),
    [
        pytest.param(0.2, 0.0, [151], [16, 150, 301], id="other is faster"),
        pytest.param(0.0, 0.2, [151, 301], [16, 150], id="own is faster"),
    ],
)
def test_embed_when_trial_is_due_keeps_the_faster_way(
    own_seconds: float, other_seconds: float, owns: list[int], others: list[int]
) -> None:
    own, other = Way(own_seconds), Way(other_seconds)
    bulk = BulkEmbedding(own.embed, lambda: other.embed, tried_after=0)
    assert_embedded(bulk.embed(TEXTS))
    assert_embedded(bulk.embed(TEXTS))
    assert (own.given, other.given) == (owns, others)


def test_embed_when_little_came_loads_nothing_else() -> None:
    own = Way()
    bulk = BulkEmbedding(own.embed, unusable)
    for _ in range(3):
        assert_embedded(bulk.embed(TEXTS))
    assert own.given == [301] * 3


def test_embed_when_other_way_cannot_be_loaded_goes_on_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = Way()
    bulk = BulkEmbedding(own.embed, unusable, tried_after=0)
    for _ in range(2):
        assert_embedded(bulk.embed(TEXTS))
    assert own.given == [301, 301]
    assert caplog.messages == [
        "Embedding goes on with ONNX Runtime, as torch cannot be used: The bundled model is not installed."
    ]


@pytest.mark.slow
def test_embed_when_torch_computes_in_halves_agrees() -> None:
    halves = SentenceTransformerEmbedder(half=True).embed(SENTENCES)
    assert np.linalg.norm(halves, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.sum(halves * OnnxEmbedder().embed(SENTENCES), axis=1).min() >= 0.9995


@pytest.mark.slow
def test_embed_when_bulk_is_small_never_imports_torch() -> None:
    program = (
        "import sys; from retrieval.onnx_embedding import OnnxEmbedder; "
        "OnnxEmbedder().embed([f'text {n}' for n in range(300)]); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("False\n", "")
