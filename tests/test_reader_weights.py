"""The reader's weights are the card's and fit the bundled model, or a sentence says what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from retrieval.embedding import bundled_folder
from retrieval.errors import ReaderError
from retrieval.reader_model import TrainedReader, Window
from retrieval.reader_weights import MODELS, merged_weights, read_card
from retrieval.training.adapters import export

pytestmark = pytest.mark.slow
MEND = r" Install it again with: pip install --force-reinstall --no-deps footnote-bot$"
LAYER = "encoder.layer.3.output.dense"
PEFT = f"body.base_model.model.{LAYER}"


def trained(**changed: NDArray[np.float32] | None) -> dict[str, NDArray[np.float32]]:
    """Make adapters of rank 2 for one matrix and a head, as peft names them."""
    chance = np.random.default_rng(7)
    shapes = {"down": (2, 1536), "up": (384, 2), "head": (2, 384), "bias": (2,)}
    names = {
        "down": f"{PEFT}.lora_A.default.weight",
        "up": f"{PEFT}.lora_B.default.weight",
        "head": "head.weight",
        "bias": "head.bias",
    }
    made = {part: chance.normal(size=shape).astype(np.float32) for part, shape in shapes.items()}
    parts = made | changed
    return {names[part]: weight for part, weight in parts.items() if weight is not None}


def test_merged_weights_when_exported_add_what_was_trained(tmp_path: Path) -> None:
    weights = trained()
    export(weights, {"scale": 3, "data": "Åland"}, tmp_path)
    card = read_card(tmp_path)
    merged = merged_weights(card, bundled_folder(), tmp_path)
    assert merged.keys() == {"head.weight", "head.bias", f"{LAYER}.weight"}
    assert np.allclose(merged["head.weight"], weights["head.weight"], atol=2e-3)
    base = load_file(bundled_folder() / "model.safetensors")[f"{LAYER}.weight"]
    change = weights[f"{PEFT}.lora_B.default.weight"] @ weights[f"{PEFT}.lora_A.default.weight"]
    assert np.allclose(merged[f"{LAYER}.weight"], base + 3 * change, atol=0.04)
    assert {weight.dtype for weight in merged.values()} == {np.dtype(np.float32)}
    assert json.loads((tmp_path / "reader.json").read_text())["data"] == "Åland"
    assert TrainedReader(folder=tmp_path).name == f"reader@{card.checksum[:12]}"


def test_export_when_a_name_is_foreign_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^pooler\.dense\.weight is neither an adapter nor the head"):
        export({"pooler.dense.weight": np.zeros((2, 2), np.float32)}, {"scale": 2}, tmp_path)


def retold(**changed: object) -> Callable[[Path], object]:
    def tell(folder: Path) -> None:
        card = json.loads((folder / "reader.json").read_text()) | changed
        (folder / "reader.json").write_text(json.dumps(card))

    return tell


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param(
            lambda folder: (folder / "reader.json").unlink(),
            r"The card of the trained reader, .*reader\.json, is missing\.",
            id="no card",
        ),
        pytest.param(
            lambda folder: (folder / "reader.json").write_bytes(b"\xff{"),
            r"reader\.json, cannot be read \(UnicodeDecodeError.*\)\.",
            id="card not text",
        ),
        pytest.param(
            lambda folder: (folder / "reader.json").write_text("[1]"),
            r"reader\.json, cannot be read \(TypeError.*\)\.",
            id="card a list",
        ),
        pytest.param(
            lambda folder: (folder / "reader.json").write_text("{}"),
            r"reader\.json, cannot be read \(KeyError\('checksum'\)\)\.",
            id="card empty",
        ),
        pytest.param(
            retold(scale="much"), r"reader\.json, cannot be read \(ValueError.*\)\.", id="scale not a number"
        ),
        pytest.param(
            retold(base="0123456789abcdef"),
            r"belongs to a model with the checksum 0123456789ab, not to the bundled one, 53aa51172d14\.",
            id="another base model",
        ),
        pytest.param(
            lambda folder: (folder / "reader.safetensors").unlink(),
            r"reader\.safetensors has the checksum nothing, not [0-9a-f]{12}\.",
            id="no weights",
        ),
        pytest.param(
            lambda folder: (folder / "reader.safetensors").write_bytes(b"other weights"),
            r"reader\.safetensors has the checksum [0-9a-f]{12}, not [0-9a-f]{12}\.",
            id="other weights",
        ),
        pytest.param(
            lambda folder: export(trained(up=None), {"scale": 2}, folder),
            r"does not fit the bundled model in .* \(KeyError\('encoder.*lora_B'\)\)\.",
            id="half an adapter",
        ),
        pytest.param(
            lambda folder: export(trained(up=np.zeros((12, 2), np.float32)), {"scale": 2}, folder),
            r"does not fit .* \(384, 1536\), its adapters \(12, 2\) and \(2, 1536\)'\)\)\.",
            id="too small",
        ),
        pytest.param(
            lambda folder: export(trained(up=np.zeros((384, 3), np.float32)), {"scale": 2}, folder),
            r"does not fit the bundled model in .* \(ValueError.*\)\.",
            id="ranks differ",
        ),
        pytest.param(
            lambda folder: export(trained(head=None), {"scale": 2}, folder),
            r"does not fit the bundled model in .* \(KeyError\('head\.weight'\)\)\.",
            id="no head",
        ),
        pytest.param(
            lambda folder: export(trained(bias=np.zeros(3, np.float32)), {"scale": 2}, folder),
            r"does not fit the bundled model in .* \(ValueError.*\)\.",
            id="head too large",
        ),
    ],
)
def test_read_when_reader_is_unsound_says_what_to_do(
    tmp_path: Path, harm: Callable[[Path], object], told: str
) -> None:
    shutil.copytree(MODELS, tmp_path / "models")
    harm(tmp_path / "models")
    with pytest.raises(ReaderError, match=told + MEND):
        TrainedReader(folder=tmp_path / "models").read("Who?", [Window.from_text("Rutte.")])
