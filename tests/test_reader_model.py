"""The trained reader finds the span that torch finds with the same weights, and loads only when it must."""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from math import inf
from pathlib import Path

import pytest

from retrieval.embedding import bundled_folder
from retrieval.errors import ReaderError
from retrieval.onnx_embedding import OnnxEmbedder
from retrieval.reader_model import Reader, Reading, TrainedReader, Window
from retrieval.reader_weights import merged_weights, read_card

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
QUESTIONS = ["Where did Rutte speak?", "How many soldiers? " * 30, "", "Чому Ż? 北京 🙂"]
SENTENCES = (
    "Mark Rutte, the NATO chief, spoke in Riga of 40,000 soldiers (up 12%) on Tuesday. "
    "“Ministrarna träffades”, sade Łukasz Żółć, när mötet i Åbo var slut. 🇱🇻 "
    "北京の天気は良い; the naïve café cost €3.5bn, and the fair in Oslo drew few people. "
)
WINDOWS = [SENTENCES[19 * n : 19 * n + 40 + 30 * n] for n in range(9)] + [SENTENCES * 9, "\u3000Riga \n"]


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    return TrainedReader()


@pytest.fixture(scope="module")
def torch_margin() -> Callable[[str, str], tuple[float, str]]:
    """Load the bundled model with the reader's weights in torch; it gives the best margin and its span."""
    import torch
    from transformers import AutoTokenizer, BertModel

    folder = bundled_folder()
    model = BertModel.from_pretrained(folder, add_pooling_layer=False)
    merged = {name: torch.from_numpy(weight) for name, weight in merged_weights(read_card(), folder).items()}
    head = merged.pop("head.weight"), merged.pop("head.bias")
    assert model.load_state_dict(merged, strict=False).unexpected_keys == []
    cut = AutoTokenizer.from_pretrained(folder)

    def margin(question: str, window: str) -> tuple[float, str]:
        asked = cut(question, add_special_tokens=False)["input_ids"][:64]
        pieces = cut(window, add_special_tokens=False, return_offsets_mapping=True)
        ids = [*[101, *asked, 102, *pieces["input_ids"]][:255], 102]
        first = len(asked) + 2
        last = len(ids) - 1
        with torch.inference_mode():
            types = torch.tensor([[int(first <= place < last) for place in range(len(ids))]])
            hidden = model(input_ids=torch.tensor([ids]), token_type_ids=types).last_hidden_state[0]
            logits = torch.nn.functional.linear(hidden, *head).numpy()
        best, start, end = max(
            (float(logits[start, 0] + logits[end, 1]), start, end)
            for start in range(first, last)
            for end in range(start, min(start + 30, last))
        )
        places = pieces["offset_mapping"]
        return best - logits[0].sum(), window[places[start - first][0] : places[end - first][1]]

    return margin


def spans(reader: Reader, question: str, texts: Sequence[str]) -> list[Reading]:
    return [found for (found,) in reader.read(question, [Window.from_text(text) for text in texts])]


@pytest.mark.parametrize("question", QUESTIONS, ids=["plain", "long", "empty", "odd"])
def test_read_when_texts_are_of_all_kinds_agrees_with_torch(
    reader: TrainedReader, torch_margin: Callable[[str, str], tuple[float, str]], question: str
) -> None:
    for window, found in zip(WINDOWS, spans(reader, question, WINDOWS), strict=True):
        margin, span = torch_margin(question, window)
        assert found.margin == pytest.approx(margin, abs=1e-3)
        own = window[found.start : found.end]
        assert span in own and own == own.strip()
        assert re.fullmatch(r"\w*", own.removesuffix(span)) or re.fullmatch(r"\w*", own.removeprefix(span))


def test_read_when_a_window_answers_puts_it_above_one_that_does_not(reader: TrainedReader) -> None:
    windows = ["The fair drew few people, the town said.", "Mark Rutte spoke in Riga of 40,000 soldiers."]
    other, answering = spans(reader, "Where did Mark Rutte speak of soldiers?", windows)
    assert windows[1][answering.start : answering.end] == "Riga"
    assert answering.margin > other.margin


def test_read_when_windows_are_shuffled_and_doubled_keeps_their_order(reader: TrainedReader) -> None:
    alone = {window: spans(reader, QUESTIONS[0], [window])[0] for window in WINDOWS}
    mixed = (WINDOWS * 3)[7:]
    for window, found in zip(mixed, spans(reader, QUESTIONS[0], mixed), strict=True):
        assert (found.start, found.end) == (alone[window].start, alone[window].end)
        assert found.margin == pytest.approx(alone[window].margin, abs=1e-4)


def test_read_when_a_window_has_no_words_finds_nothing_there(reader: Reader) -> None:
    empty, blank, full = spans(reader, "Where?", ["", " \n", "In Riga."])
    assert empty == blank == Reading(0, 0, -inf)
    assert full.end > full.start


def test_read_when_threads_share_a_new_reader_agrees(reader: TrainedReader) -> None:
    shared = TrainedReader()
    expected = [found.margin for found in spans(reader, QUESTIONS[0], WINDOWS)]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: spans(shared, QUESTIONS[0], WINDOWS), range(4)):
            assert [each.margin for each in found] == pytest.approx(expected, abs=1e-4)


def test_read_when_there_are_no_windows_loads_nothing() -> None:
    program = (
        "import sys; from retrieval.reader_model import TrainedReader; r = TrainedReader(); "
        "print(r.name[:7], r.read('Who?', []), "
        "{'onnxruntime', 'tokenizers', 'onnx', 'torch'} & sys.modules.keys())"
    )
    assert run(program) == "reader@ [] set()\n"


def test_read_when_graph_is_prepared_needs_neither_torch_nor_what_prepares(reader: TrainedReader) -> None:
    spans(reader, "Who?", ["Rutte."])
    program = (
        "import sys; from retrieval.reader_model import TrainedReader, Window; "
        "TrainedReader().read('Who?', [Window.from_text('Rutte.')]); "
        "print({'onnx', 'torch', 'transformers'} & sys.modules.keys())"
    )
    assert run(program) == "set()\n"


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


def test_read_when_embedder_keeps_its_graph_there_keeps_its_own_beside(tmp_path: Path) -> None:
    for _ in range(2):
        OnnxEmbedder(tmp_path).embed(["Riga"])
        spans(TrainedReader(tmp_path), "Who?", ["Rutte."])
    assert {path.name for path in tmp_path.iterdir()} == {
        "all-MiniLM-L6-v2-53aa51172d14-1.onnx",
        "reader-53aa51172d14-1.onnx",
    }


def test_read_when_prepared_graph_is_damaged_mends_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, reader: TrainedReader
) -> None:
    (tmp_path / "reader-53aa51172d14-1.onnx").write_bytes(b"damaged")
    assert spans(TrainedReader(tmp_path), "Who?", ["Rutte."]) == spans(reader, "Who?", ["Rutte."])
    assert caplog.messages == [
        f"The prepared model {tmp_path / 'reader-53aa51172d14-1.onnx'} was damaged; "
        "it has been prepared again."
    ]


def test_read_when_onnx_runtime_cannot_run_the_graph_says_what_to_do(tmp_path: Path) -> None:
    graph = b"a graph that no version of ONNX Runtime reads"
    (tmp_path / "reader-53aa51172d14-1.onnx").write_bytes(sha256(graph).digest() + graph)
    with pytest.raises(
        ReaderError, match=r"cannot run the trained reader .*pip install --force-reinstall onnxruntime$"
    ):
        spans(TrainedReader(tmp_path), "Who?", ["Rutte."])


def test_read_when_a_window_has_parts_finds_the_best_of_each_as_whole_words(reader: TrainedReader) -> None:
    text = "The fair drew few people. Mark Rutte spoke in Riga. Oslo was quiet."
    parts = ((0, 25), (26, 51), (52, 67))
    (found,) = reader.read("Where did Mark Rutte speak?", [Window(text, parts)])
    (whole,) = spans(reader, "Where did Mark Rutte speak?", [text])
    assert max(found, key=lambda one: one.margin) == found[1]
    assert whole.margin >= found[1].margin
    for (low, high), one in zip(parts, found, strict=True):
        assert low <= one.start < one.end <= high
