"""Whatever a person gets wrong costs one clear sentence and nothing else."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import Footnote, Outcome
from tests.small_index import ARTICLES

ROOT = Path(__file__).parents[1]
QUESTION = "what did Rutte say in Latvia?"


def is_one_clear_sentence(outcome: Outcome) -> bool:
    """Nothing but one line for people, which ends as sentences or commands do."""
    return (
        outcome.code in (1, 2)
        and outcome.out == ""
        and re.fullmatch(r"footnote: [^\n]*[\w.?/]\n", outcome.err) is not None
        and "Traceback" not in outcome.err
    )


def still_answers(footnote: Footnote) -> bool:
    outcome = footnote("ask", QUESTION)
    return outcome.code == 0 and "direct threat" in outcome.out


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("", "The question is empty"),
        ("   \n\t", "The question is empty"),
        ("?!… —", "The question is empty"),
        ("\ud800", "The question is empty"),
        ("why " * 25_000, "The question has 99,999 characters; at most 2,000 are taken"),
        ("x" * 100_000, "The question has 100,000 characters; at most 2,000 are taken"),
    ],
    ids=["empty", "blank", "punctuation", "half a character", "many words", "one long word"],
)
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_question_is_refused_when_it_cannot_be_taken(
    footnote: Footnote, index: Path, options: list[str], question: str, why: str
) -> None:
    outcome = footnote("ask", *options, "--", question)
    assert is_one_clear_sentence(outcome)
    assert why in outcome.err
    assert still_answers(footnote)


@pytest.mark.parametrize(
    "question",
    ["\x00 Rutte \x1b[2J", "' OR 1=1 --", '"', "NEAR(a b) AND * ^", "rutte \udcff", "日本", "[bold]"],
)
def test_question_is_answered_when_it_is_only_odd(footnote: Footnote, index: Path, question: str) -> None:
    outcome = footnote("ask", "--", f"{question} Latvia")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out and "\x00" not in outcome.out


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        ([], "Nothing to index. Name a file, a folder"),
        (["nowhere"], "No file or folder 'nowhere'"),
        (["nowhere/*.md"], "No folder "),
        (["news/*.pdf"], "Nothing matches "),
        ([""], "No file or folder ''"),
    ],
    ids=["nothing", "missing folder", "missing folder of a pattern", "pattern without match", "empty name"],
)
def test_sources_are_refused_when_they_name_nothing(
    footnote: Footnote, index: Path, sources: list[str], why: str
) -> None:
    outcome = footnote("index", *sources)
    assert is_one_clear_sentence(outcome)
    assert why in outcome.err
    assert still_answers(footnote)


def test_unreadable_files_are_named_and_the_rest_is_indexed(footnote: Footnote, news: Path) -> None:
    (news / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (news / "dangling.txt").symlink_to(news / "nobody")
    (news / "empty.md").write_text("")
    (news / "broken.json").write_text("{")
    (news / "folder.txt").mkdir()
    outcome = footnote("index", "news")
    assert outcome.code == 1
    assert outcome.out.startswith("3 articles: 3 added")
    lines = outcome.err.splitlines()
    assert [re.findall(r"(\w+\.\w+): ", line)[0] for line in lines] == [
        "binary.txt", "broken.json", "empty.md", "dangling.txt"
    ]  # fmt: skip
    assert all(line.startswith("footnote: Cannot read /") and line.endswith(".") for line in lines)
    assert still_answers(footnote)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up root's right to read every file for a while."""
    user = os.geteuid()
    os.seteuid(65534 if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)


def test_file_without_permission_is_named_with_the_reason(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    footnote("index", "nowhere")  # everything is loaded while all of it can be read
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        monkeypatch.chdir(folder)
        (folder / "secret.txt").write_text("Nobody may read this.", "utf-8")
        (folder / "secret.txt").chmod(0)
        with as_nobody():
            outcome = footnote("index", ".")
        monkeypatch.undo()
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("footnote: Cannot read ")
    assert "secret.txt: permission denied.\n" in outcome.err


def test_no_index_is_made_when_nothing_could_be_read(footnote: Footnote, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    outcome = footnote("index", "binary.txt")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.endswith("footnote: No article could be read, so no index was made.\n")
    assert not (tmp_path / ".footnote").exists()


def test_articles_stay_when_their_file_can_no_longer_be_read(
    footnote: Footnote, index: Path, news: Path
) -> None:
    (news / "riga.md").write_bytes(bytes(range(256)) * 40)
    assert footnote("index", "news").code == 1
    assert still_answers(footnote)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("schema", "99", "has schema 99, this version reads"),
        ("embedder", "another", "embedder 'another', now 'fake@1'"),
        ("passages", "long ones", "passages 'long ones', now 'at most 256 tokens"),
    ],
)
def test_index_of_another_version_is_refused(
    footnote: Footnote, index: Path, name: str, value: str, why: str
) -> None:
    with closing(sqlite3.connect(index / "library.sqlite3")) as library, library:
        library.execute("UPDATE manifest SET value = ? WHERE name = ?", (value, name))
    before = (index / "library.sqlite3").read_bytes()
    for command in (["ask", QUESTION], ["index", "news"], ["chat"]):
        outcome = footnote(*command)
        assert is_one_clear_sentence(outcome)
        assert why in outcome.err
    assert (index / "library.sqlite3").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"this is no database", b"SQLite format 3\x00" + b"\xff" * 5000])
@pytest.mark.parametrize("command", [["ask", QUESTION], ["articles"], ["index", "--rebuild"]], ids=str)
def test_corrupt_library_is_refused(
    footnote: Footnote, index: Path, content: bytes, command: list[str]
) -> None:
    for file in index.glob("library.sqlite3*"):
        file.unlink()
    (index / "library.sqlite3").write_bytes(content)
    assert is_one_clear_sentence(footnote(*command))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_library_that_was_cut_short_is_refused(footnote: Footnote, index: Path, keep: float) -> None:
    path = index / "library.sqlite3"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    outcome = footnote("ask", QUESTION)
    assert is_one_clear_sentence(outcome)


def test_index_that_is_a_file_is_refused(footnote: Footnote, index: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("mine")
    for command in (["index", "news"], ["ask", QUESTION], ["articles"]):
        outcome = footnote(*command, "--index", "a file")
        assert is_one_clear_sentence(outcome)
        assert "The index a file is a file." in outcome.err
    assert (tmp_path / "a file").read_text() == "mine"


def test_index_in_a_place_that_cannot_be_made_is_refused(footnote: Footnote, news: Path) -> None:
    outcome = footnote("index", "news", "--index", "/proc/nowhere/index")
    assert is_one_clear_sentence(outcome)
    assert "/proc/nowhere" in outcome.err


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("FOOTNOTE_QUOTE", "3", "There is no setting FOOTNOTE_QUOTE. Did you mean FOOTNOTE_QUOTES?"),
        ("FOOTNOTE_XYZ", "3", "There is no setting FOOTNOTE_XYZ. "),
        ("FOOTNOTE_QUOTES", "many", "FOOTNOTE_QUOTES is 'many'"),
        ("FOOTNOTE_QUOTES", "0", "FOOTNOTE_QUOTES is '0'"),
        ("FOOTNOTE_QUOTED_CHARACTERS", "-1", "FOOTNOTE_QUOTED_CHARACTERS is '-1'"),
    ],
)
@pytest.mark.parametrize("is_file", [False, True], ids=["environment", "file"])
def test_setting_is_refused_when_its_name_or_value_is_wrong(
    footnote: Footnote, index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    is_file: bool, name: str, value: str, why: str,
) -> None:  # fmt: skip
    if is_file:
        (tmp_path / ".env").write_text(f"{name}={value}\n")
    else:
        monkeypatch.setenv(name, value)
    outcome = footnote("ask", QUESTION)
    assert is_one_clear_sentence(outcome)
    assert why in outcome.err


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"not a receipt\n", "Line 1 of r.jsonl is not JSON"),
        (bytes(range(256)), "Line 1 of r.jsonl is not JSON"),
        (b"", "There is no receipt in r.jsonl"),
        (json.dumps(ARTICLES).encode(), "Line 1 of r.jsonl is not a receipt"),
    ],
    ids=["words", "binary", "empty", "other JSON"],
)
def test_file_of_receipts_is_refused_when_it_holds_none(
    footnote: Footnote, index: Path, tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / "r.jsonl").write_bytes(content)
    outcome = footnote("verify", "r.jsonl")
    assert is_one_clear_sentence(outcome)
    assert why in outcome.err


@pytest.mark.parametrize("name", ["nowhere.jsonl", "news"])
def test_file_of_receipts_is_refused_when_it_cannot_be_read(
    footnote: Footnote, index: Path, name: str
) -> None:
    outcome = footnote("verify", name)
    assert is_one_clear_sentence(outcome)
    assert f"Cannot read {name}: " in outcome.err


def test_index_is_refused_while_another_process_writes_to_it(footnote: Footnote, index: Path) -> None:
    program = (
        "import sys, pathlib; from retrieval.locking import writer_lock\n"
        "with writer_lock(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(index)], env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout and other.stdout.readline() == "held\n"
        for command in (["index", "news"], ["index", "--rebuild"]):
            outcome = footnote(*command)
            assert is_one_clear_sentence(outcome)
            assert f"is being written by another footnote (process {other.pid}, since " in outcome.err
        assert still_answers(footnote)
        other.communicate()
    assert footnote("index", "news").code == 0


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["ask"], ["verify"], ["ask", "--nonsense", "x"]], ids=str
)
def test_command_line_is_refused_when_it_is_wrong(footnote: Footnote, arguments: list[str]) -> None:
    outcome = footnote(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1].startswith("Error: ")
