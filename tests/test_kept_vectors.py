"""A text is embedded once while there is room, and its vector is the embedder's own."""

import numpy as np

from retrieval.kept_vectors import KeptVectors
from tests.fakes import FakeEmbedder, RecordingEmbedder


def test_embed_when_texts_come_again_embeds_only_the_new_ones() -> None:
    recording = RecordingEmbedder(FakeEmbedder())
    kept = KeptVectors(recording, limit=3)
    for texts in (["one", "two", "one"], ["two", "three"], ["one", "three", "two"]):
        assert np.array_equal(kept.embed(texts), FakeEmbedder().embed(texts))
    assert recording.batches == [["one", "two"], ["three"]]


def test_embed_when_there_is_no_more_room_begins_anew() -> None:
    recording = RecordingEmbedder(FakeEmbedder())
    kept = KeptVectors(recording, limit=2)
    for texts in (["one", "two"], ["three"], ["three"], ["one"]):
        assert np.array_equal(kept.embed(texts), FakeEmbedder().embed(texts))
    assert recording.batches == [["one", "two"], ["three"], ["one"]]
