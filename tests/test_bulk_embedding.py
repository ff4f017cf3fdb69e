"""Many texts go the faster of two ways, and their vectors are those of the texts, whichever way they went."""

import logging
from collections.abc import Sequence
from time import sleep

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.bulk_embedding import BulkEmbedding, Embed, has_amx, is_worth_it
from retrieval.embedding import SentenceTransformerEmbedder
from retrieval.onnx_embedding import OnnxEmbedder
from tests.fakes import FakeEmbedder

TEXTS = [f"Ferry {number} left the harbour." for number in range(40)]


class Way:
    """The fake embedder, slower by some seconds a call, which counts the texts that it is given."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.given = 0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        sleep(self.seconds)
        self.given += len(texts)
        return FakeEmbedder().embed(texts)


@pytest.mark.parametrize(("own", "other", "chosen"), [(0.2, 0.0, "other"), (0.0, 0.2, "own")])
def test_embed_when_both_ways_were_tried_goes_on_with_the_faster(
    own: float, other: float, chosen: str
) -> None:
    ways = {"own": Way(own), "other": Way(other)}
    bulk = BulkEmbedding(ways["own"], lambda: ways["other"], tried_after=0)
    for _ in range(2):
        assert np.array_equal(bulk.embed(TEXTS), FakeEmbedder().embed(TEXTS))
    before = ways[chosen].given
    assert np.array_equal(bulk.embed(TEXTS[:3]), FakeEmbedder().embed(TEXTS[:3]))
    assert ways[chosen].given == before + 3


def test_embed_when_there_is_little_to_do_never_loads_the_other_way() -> None:
    def load() -> Embed:
        raise AssertionError("loaded")

    bulk = BulkEmbedding(Way(0), load, tried_after=60)
    for _ in range(3):
        assert np.array_equal(bulk.embed(TEXTS), FakeEmbedder().embed(TEXTS))


def test_embed_when_the_other_way_cannot_be_loaded_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def load() -> Embed:
        raise OSError("no torch here")

    bulk = BulkEmbedding(Way(0), load, tried_after=0)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert np.array_equal(bulk.embed(TEXTS), FakeEmbedder().embed(TEXTS))
    assert caplog.messages == ["Embedding goes on with ONNX Runtime, as torch cannot be used: no torch here"]


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("processor : 0\nflags\t\t: fpu avx2 amx_bf16 amx_int8\n", True),
        ("processor : 0\nflags\t\t: fpu avx2 avx512_bf16\n", False),
        ("model name : amx_bf16\nflags : fpu\n", False),
        ("", False),
    ],
)
def test_has_amx_when_flags_are_given(cpuinfo: str, expected: bool) -> None:
    assert has_amx(cpuinfo) is expected


def test_is_worth_it_when_gain_is_small_is_not() -> None:
    assert is_worth_it(1.0, 0.5)
    assert not is_worth_it(1.0, 0.9)


@pytest.mark.slow
def test_embed_when_precision_is_half_agrees_with_the_whole() -> None:
    texts = ["Rutte spoke in Riga.", "Oslo", "La minaccia riguarda anche il Giappone.", *TEXTS[:5]]
    half = SentenceTransformerEmbedder(half=True).embed(texts)
    assert half.dtype == np.float32
    assert np.sum(half * OnnxEmbedder().embed(texts), axis=1).min() > 0.999
