"""The bundled model is the known one, and puts like beside like."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from retrieval.articles import read_articles
from retrieval.embedding import BUNDLED_SHA256, SentenceTransformerEmbedder, bundled_model_path
from retrieval.errors import EmbedderError
from retrieval.indexing import Indexer
from retrieval.library import Library
from tests.fakes import RecordingEmbedder
from tests.invariants import keyword_matches_library, library_stands, vectors_match_library
from tests.test_indexing import ignore

pytestmark = pytest.mark.slow
SEEDS = Path(__file__).parents[1] / "seeds"


@pytest.fixture(scope="module")
def embedder() -> Iterator[SentenceTransformerEmbedder]:
    yield SentenceTransformerEmbedder()


def test_name_when_model_is_bundled_carries_its_checksum(embedder: SentenceTransformerEmbedder) -> None:
    assert bundled_model_path().is_dir()
    assert embedder.name == f"all-MiniLM-L6-v2@{BUNDLED_SHA256[:12]}"


def test_embed_when_texts_are_given_makes_rows_of_unit_length(embedder: SentenceTransformerEmbedder) -> None:
    vectors = embedder.embed(["One.", "Two words.", "", "Ryska missiler " * 300])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_embed_when_done_in_another_batch_gives_the_same(embedder: SentenceTransformerEmbedder) -> None:
    texts = ["Rutte spoke in Riga.", "The museum opened a new wing.", "Short."]
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.sum(together * alone, axis=1) == pytest.approx(1, abs=1e-5)


def test_embed_when_text_ends_within_the_window_reads_its_last_word(
    embedder: SentenceTransformerEmbedder,
) -> None:
    assert embedder.window == 254
    within = "word " * (embedder.window - 1)
    assert embedder.count(within + "zebra") > embedder.window - 1
    assert embedder.count(within) == embedder.window - 1
    inside, outside = (embedder.embed([f"{text}cat", f"{text}war"]) for text in (within, within + "word "))
    assert not np.allclose(inside[0], inside[1])
    assert np.allclose(outside[0], outside[1])


@pytest.mark.parametrize(
    ("one", "paraphrase", "unrelated"),
    [
        (
            "Rutte called the deployment of North Korean troops a direct threat.",
            "The arrival of soldiers from Pyongyang endangers us, the NATO chief warned.",
            "The museum of modern art opened a new wing on Sunday.",
        ),
        (
            "The central bank raised interest rates by half a point.",
            "Borrowing became dearer after the monetary authority's decision.",
            "The striker scored twice in the second half.",
        ),
    ],
)
def test_embed_when_sentence_is_a_paraphrase_is_nearer_than_another(
    embedder: SentenceTransformerEmbedder, one: str, paraphrase: str, unrelated: str
) -> None:
    first, near, far = embedder.embed([one, paraphrase, unrelated])
    assert first @ near > first @ far + 0.2


def test_indexer_when_articles_are_real_cuts_nothing_that_is_embedded(
    embedder: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    recording = RecordingEmbedder(embedder)
    indexer = Indexer(tmp_path / "index", recording, passage_tokens=2048)
    indexer.update(read_articles([SEEDS]), ignore)
    counts = [embedder.count(text) for batch in recording.batches for text in batch]
    assert embedder.window // 2 < max(counts) <= embedder.window
    with closing(Library.open(tmp_path / "index", indexer.manifest)) as library:
        library_stands(library)
        keyword_matches_library(library)
        vectors_match_library(library, embedder)


def test_embedder_when_model_is_missing_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"could not be loaded: give FOOTNOTE_EMBEDDER a folder"):
        SentenceTransformerEmbedder(str(tmp_path / "no model")).embed(["x"])
