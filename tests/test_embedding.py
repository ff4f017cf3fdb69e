"""The bundled model is the known one, and puts like beside like."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from retrieval.articles import read_articles
from retrieval.embedding import (
    BUNDLED_SHA256,
    Embedder,
    SentenceTransformerEmbedder,
    bundled_model_path,
    check_bundled_weights,
)
from retrieval.errors import EmbedderError
from retrieval.indexing import Indexer
from retrieval.library import Library
from retrieval.onnx_embedding import OnnxEmbedder
from tests.fakes import RecordingEmbedder
from tests.invariants import keyword_matches_library, library_stands, vectors_match_library
from tests.test_indexing import ignore

pytestmark = pytest.mark.slow
SEEDS = Path(__file__).parents[1] / "seeds"


TALK = (
    "Rutte, the NATO chief, met Łukasz Żółć in Riga: €3.5bn (up 12%) for 40,000 soldiers. Чому? "
    "Das Straßenfest fällt aus. ¿Qué pasó? 北京の天気は良い 🇱🇻👩‍👩‍👧 naïve café İstanbul ﬁne don't "
)
ODD = [
    "",
    " \n\t",
    "\x00\x07",
    "🙂",
    "👩‍👩‍👧‍👦 🇺🇦" * 40,
    "x" * 5000,
    "[CLS] [SEP] [MASK] [PAD] [UNK]",
    "e\u0301 é ﬀ \u200b\ufeff",
    "0" * 99,
    "北京" * 400,
    "word " * 253,
    "word " * 254,
    "word " * 255,
    "Ryska missiler " * 3000,
]
TEXTS = ODD + [(TALK * 9)[13 * n :][: 1 + n * n // 2] for n in range(46)]


@pytest.fixture(scope="module")
def embedder() -> OnnxEmbedder:
    return OnnxEmbedder()


@pytest.fixture(scope="module")
def reference() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


def test_embed_when_texts_are_of_all_kinds_agrees_with_torch(
    embedder: Embedder, reference: SentenceTransformerEmbedder
) -> None:
    assert (embedder.name, embedder.window) == (reference.name, reference.window)
    agreement = np.sum(embedder.embed(TEXTS) * reference.embed(TEXTS), axis=1)
    assert agreement.min() >= 0.9999
    assert list(map(embedder.count, TEXTS)) == list(map(reference.count, TEXTS))
    for language in ("en", None, "de", "xx"):
        assert embedder.reads(language) == reference.reads(language)


def test_name_when_model_is_bundled_carries_its_checksum(embedder: Embedder) -> None:
    assert bundled_model_path().is_dir()
    assert embedder.name == f"all-MiniLM-L6-v2@{BUNDLED_SHA256[:12]}"


def test_embed_when_texts_are_given_makes_rows_of_unit_length(embedder: Embedder) -> None:
    vectors = embedder.embed(["One.", "Two words.", "", "Ryska missiler " * 300])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_embed_when_done_in_another_batch_gives_the_same(embedder: Embedder) -> None:
    texts = ["Rutte spoke in Riga.", "The museum opened a new wing.", "Short."]
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.sum(together * alone, axis=1) == pytest.approx(1, abs=1e-5)


def test_embed_when_text_ends_within_the_window_reads_its_last_word(
    embedder: Embedder,
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
    embedder: Embedder, one: str, paraphrase: str, unrelated: str
) -> None:
    first, near, far = embedder.embed([one, paraphrase, unrelated])
    assert first @ near > first @ far + 0.2


def test_indexer_when_articles_are_real_cuts_nothing_that_is_embedded(
    embedder: Embedder, tmp_path: Path
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


def test_weights_when_missing_or_altered_say_how_to_get_them_back(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"has the checksum nothing, not 53aa51172d14\. Install it again"):
        check_bundled_weights(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(EmbedderError, match=r"has the checksum [0-9a-f]{12}, not 53aa51172d14"):
        check_bundled_weights(tmp_path)
