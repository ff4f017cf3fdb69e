"""Training the reader goes on after an interruption as if there was none, and says what is of no use."""

import gzip
import json
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, rmtree

import numpy as np
import pytest
from safetensors.numpy import load_file

from retrieval.reader_model import TrainedReader, Window
from retrieval.training.progress import Progress
from retrieval.training.reading import run
from retrieval.training.reading_examples import SETS
from retrieval.training.reading_run import uninterrupted
from tests.small_sets import titles, write_set

TEXTS = {
    "When was the castle of Riga built?": "The castle of Riga was built in 1330. It has six doors.",
    "When was the tower of Oslo raised?": "The tower of Oslo was raised in 1899. It is red.",
    "Who owns the bridge of Bari?": "The bridge of Bari was closed in 1954. It is made of wood.",
}
ANSWERS = dict(zip(TEXTS, ("1330", "1899", None), strict=True))
TINY = (
    "--languages", "en=1,sv=0.5", "--epochs", "10", "--tokens", "128", "--rank", "16",
    "--learning-rate", "3e-3", "--questions", "2", "--curve-every", "20", "--curve-questions", "1",
    "--parts", "report", "teach",
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All sets, small: in each part a page about each town; only English titles tell the part."""
    folder = tmp_path_factory.mktemp("data")
    for name, language in SETS.items():
        paragraphs, questions = [], []
        for part in ("teach", "threshold", "report"):
            for number, (question, text) in enumerate(TEXTS.items()):
                page = f"{part}-{number}"
                own = titles(part, 3)[number] if language == "en" else f"{page} ({language})"
                answers = [answer] if (answer := ANSWERS[question]) else []
                paragraphs.append({"id": page, "title": own, "text": text})
                questions.append({"id": page, "para": page, "question": question, "answers": answers})
        write_set(folder / name, paragraphs, questions)
    return folder


@dataclass(frozen=True, slots=True)
class CtrlC:
    """Presses Ctrl-C when so much of a step is done."""

    step: str
    after: int

    def __call__(self, step: str, done: int, total: int, note: str = "") -> None:
        if (step, done) == (self.step, self.after):
            signal.raise_signal(signal.SIGINT)


def unheard(step: str, done: int, total: int, note: str = "") -> None:
    """Show no progress."""


def train(data: Path, folder: Path, *more: str, progress: Progress = unheard) -> int:
    kept = ("--output", str(folder / "reader"), "--checkpoint", str(folder / "kept" / "checkpoint"))
    return run([str(data), *TINY, *kept, "--curve", str(folder / "curve.json"), *more], progress)


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    assert train(data, folder, "--refusals", str(folder / "refusals.json")) == 0
    return folder


@pytest.fixture(scope="module")
def kept(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was interrupted after its third batch."""
    folder = tmp_path_factory.mktemp("kept")
    assert train(data, folder, progress=CtrlC("training", 3)) == 130
    return folder


def only_line(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.slow
def test_training_when_it_is_through_finds_what_it_learned(trained: Path) -> None:
    reader = TrainedReader(folder=trained / "reader")
    for question, text in TEXTS.items():
        ((found,),) = reader.read(question, [Window.from_text(text)])
        answer = ANSWERS[question]
        assert (found.margin > 0) is (answer is not None), question
        assert answer is None or text[found.start : found.end] == answer


@pytest.mark.slow
def test_training_when_it_is_through_tells_what_it_learned_from_and_what_it_reaches(trained: Path) -> None:
    card = json.loads((trained / "reader" / "reader.json").read_text())
    assert [(one["set"], one["licence"]) for one in card["data"]] == [
        ("squad_v20_dev", "CC BY-SA 4.0"),
        ("squad_v11_dev", "CC BY-SA 4.0"),
        ("squad_sv_dev", "Apache-2.0"),
    ]
    assert (card["rank"], card["scale"], card["examples"]) == (16, 2.0, 45)
    assert "--languages en=1,sv=0.5 --epochs 10.0 " in card["command"]
    (english, *_) = card["figures"]["teach"]
    assert (english["set"], english["questions"], english["f1_unrefused"]) == ("squad_v20_dev", 2, 100.0)
    curve = json.loads((trained / "curve.json").read_text())
    assert len(curve) == 2 and 20 <= curve[0]["examples"] < 40 <= curve[1]["examples"] <= 45
    assert curve[0]["figures"][0].keys() == english.keys()
    refusals = json.loads((trained / "refusals.json").read_text())
    assert refusals["report"].keys() <= SETS.keys() and refusals.keys() == {"report", "teach"}
    assert not (trained / "kept" / "checkpoint").exists()


@pytest.mark.slow
def test_training_when_interrupted_twice_and_resumed_ends_as_if_it_had_not_been(
    data: Path, trained: Path, kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copytree(kept, tmp_path / "run")
    assert train(data, tmp_path / "run", "--resume", progress=CtrlC("measuring", 2)) == 130
    assert only_line(capsys) == (
        f"reading: Interrupted. 5 of 10 batches are kept in {tmp_path}/run/kept/checkpoint; "
        "the same command with --resume goes on."
    )
    assert not (tmp_path / "run" / "reader").exists()
    assert train(data, tmp_path / "run", "--resume") == 0
    for name in ("reader/reader.safetensors", "curve.json"):
        assert (tmp_path / "run" / name).read_bytes() == (trained / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--rank", "8"], "is of a run with --rank 16 instead of 8. Go on with"),
        (["--languages", "en=1"], "is of a run with --languages en=1,sv=0.5 instead of en=1. Go on with"),
    ],
    ids=["rank", "languages"],
)
def test_training_when_checkpoint_is_of_other_options_says_which(
    data: Path, kept: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    before = (kept / "kept" / "checkpoint").read_bytes()
    assert train(data, kept, "--resume", *more) == 2
    assert told in only_line(capsys)
    assert (kept / "kept" / "checkpoint").read_bytes() == before


@pytest.mark.slow
def test_training_when_examples_changed_since_the_checkpoint_says_so(
    data: Path, kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed"
    copytree(data, changed)
    path = changed / "squad_v20_dev" / "questions.jsonl.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"castle", b"fort")))
    assert train(changed, kept, "--resume") == 2
    assert "is of a run with other examples. Go on with the same options and data" in only_line(capsys)


@pytest.mark.slow
def test_training_when_it_begins_with_a_reader_tells_of_both(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = trained / "reader", tmp_path / "reader"
    same_rate = ("--limit", "1", "--learning-rate", "1e-9", "--curve-every", "0", "--languages", "it=1")
    assert train(data, tmp_path, "--begin", str(before), *same_rate) == 0
    cards = [json.loads((folder / "reader.json").read_text()) for folder in (before, after)]
    assert cards[1]["begun_with"] == {
        name: cards[0][name] for name in ("checksum", "data", "command", "examples")
    }
    assert [one["set"] for one in cards[1]["data"]] == ["squad_it_test"]
    ours, theirs = (load_file(folder / "reader.safetensors") for folder in (after, before))
    for name, weight in ours.items():
        np.testing.assert_allclose(weight, theirs[name], atol=1e-3)
    capsys.readouterr()
    assert train(data, tmp_path, "--begin", str(before), "--rank", "8") == 2
    assert only_line(capsys).endswith(
        "The reader to begin with is of another rank. Give the same one as --rank."
    )


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more"], ids=["empty", "cut"])
def test_training_when_checkpoint_is_damaged_says_so(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "kept" / "checkpoint"
    path.parent.mkdir()
    path.write_bytes(content)
    assert train(data, tmp_path, "--resume") == 2
    assert re.fullmatch(
        r"reading: The checkpoint \S+ cannot be read \(.+\)\. Remove it and begin anew\.", only_line(capsys)
    )


@pytest.mark.slow
def test_measuring_when_a_reader_is_named_prints_what_it_reaches(
    data: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(data), "--measure", str(trained / "reader"), "--parts", "teach"], unheard) == 0
    first, *_, swedish, _ = capsys.readouterr().out.splitlines()
    assert first.startswith("reader@")
    assert swedish.split() == ["squad_sv_dev", "sv", "3", "100.0", "100.0", "100.0", "100.0"]


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("nowhere", "There is no folder {}. Name the one that holds squad_v20_dev, squad_v11_dev, "),
        ("without", "The set squad_it_test cannot be read ([Errno 2] No such file or directory: "),
        ("damaged", "The set squad_sv_dev cannot be read (Compressed file ended before "),
        ("altered", "The set squad_es_v20_dev cannot be read ('text'). Name the folder that holds "),
    ],
)
def test_training_when_data_cannot_be_read_says_which(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str, told: str
) -> None:
    own = tmp_path / folder
    if folder != "nowhere":
        copytree(data, own)
    if folder == "without":
        rmtree(own / "squad_it_test")
    elif folder == "damaged":
        path = own / "squad_sv_dev" / "questions.jsonl.gz"
        path.write_bytes(path.read_bytes()[:-30])
    elif folder == "altered":
        rmtree(own / "squad_es_v20_dev")
        write_set(own / "squad_es_v20_dev", [{"id": "a", "title": "A"}], [{"id": "b", "para": "a"}])
    assert train(own, tmp_path) == 2
    assert only_line(capsys).startswith("reading: " + told.format(own))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            ["--languages", "en=1,xx=1"],
            "No question teaches the language 'xx'. Name some of: en, es, it, sv.",
        ),
        (["--epochs", "0.01"], "The shares are so small that no example is left. Give greater ones."),
        (["--resume"], "There is no checkpoint {} to go on from. Begin without --resume."),
        (["--measure", "nowhere"], "The card of the trained reader, nowhere/reader.json, is missing."),
        (["--begin", "nowhere"], "The card of the trained reader, nowhere/reader.json, is missing."),
    ],
    ids=["language", "share", "resume", "measure", "begin"],
)
def test_training_when_told_what_cannot_be_done_says_so(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert train(data, tmp_path, *more) == 2
    assert only_line(capsys).startswith("reading: " + told.format(tmp_path / "kept" / "checkpoint"))


def test_training_when_there_is_a_checkpoint_leaves_it_alone(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = tmp_path / "kept" / "checkpoint"
    checkpoint.parent.mkdir()
    checkpoint.write_bytes(b"an hour of work")
    assert train(data, tmp_path) == 2
    assert only_line(capsys) == (
        f"reading: A run is kept in {checkpoint}. Go on with --resume, or remove it and begin anew."
    )
    assert checkpoint.read_bytes() == b"an hour of work"


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--languages", "en", "'en' does not name each language once with its share, as en=1,it=0.5"),
        ("--languages", "en=1,en=2", "'en=1,en=2' does not name each language once"),
        ("--languages", "en=-1", "'en=-1' does not name each language once"),
        ("--learning-rate", "inf", "'inf' is no number above 0"),
        ("--rank", "0", "'0' is no number above 0"),
        ("--limit", "some", "'some' is no whole number from 0 up"),
        ("--parts", "none", "invalid choice: 'none'"),
    ],
)
def test_training_when_an_option_is_wrong_says_how_it_should_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, told: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run([str(tmp_path), option, value])
    assert f"argument {option}: {told}" in capsys.readouterr().err


def test_uninterrupted_when_ctrl_c_is_pressed_ends_what_is_in_hand_first() -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt, match=r"^$"), uninterrupted():
        signal.raise_signal(signal.SIGINT)
        done.append(1)
    assert done == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
