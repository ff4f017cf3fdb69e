"""The commands do what they say, end as they should, and print what can be read or piped."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.embedding import Embedder
from tests.conftest import Footnote
from tests.fakes import FakeEmbedder
from tests.small_index import ARTICLES, BAKERY, RIGA

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("footnote")
QUESTION = "what did Rutte say in Latvia?"
HEAVY = ("torch", "transformers", "sentence_transformers", "chromadb", "telegram", "langchain")


def test_index_says_what_changed_when_run_again(footnote: Footnote, news: Path) -> None:
    assert footnote("index", "news").out == (
        "3 articles: 3 added, 0 changed, 0 removed, 0 unchanged, 3 passages\n"
    )
    assert footnote("index", "news").out == (
        "3 articles: 0 added, 0 changed, 0 removed, 3 unchanged, 3 passages\n"
    )
    (news / "roma.md").unlink()
    (news / "bakery.txt").write_text(BAKERY.replace("forty", "fifty"), "utf-8")
    outcome = footnote("index", "news")
    assert outcome.out == "2 articles: 0 added, 1 changed, 1 removed, 1 unchanged, 2 passages\n"
    assert (outcome.code, outcome.err) == (0, "")


def test_index_takes_patterns_files_and_standard_input_together(footnote: Footnote, news: Path) -> None:
    stdin = json.dumps({"title": "From a pipe", "text": "This came through a pipe, word by word."}).encode()
    outcome = footnote("index", "news/*.md", "news/bakery.txt", "-", stdin=stdin)
    assert outcome.out == "4 articles: 4 added, 0 changed, 0 removed, 0 unchanged, 4 passages\n"


def test_index_counts_fields_that_are_not_known(footnote: Footnote, tmp_path: Path) -> None:
    rows = [{"text": f"Article number {number} is here.", "tags": [], "mood": 1} for number in range(2)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"text": "A third.", "tags": 1}])))
    outcome = footnote("index", "a.jsonl")
    assert outcome.err == "footnote: Fields that are not known were left out: tags (3), mood (2).\n"
    assert outcome.code == 0


def test_rebuild_makes_the_index_anew_without_the_files(footnote: Footnote, index: Path, news: Path) -> None:
    shutil.rmtree(news)
    outcome = footnote("index", "--rebuild")
    assert outcome.out == "3 articles: 0 added, 0 changed, 0 removed, 3 rebuilt, 3 passages\n"
    assert "direct threat" in footnote("ask", QUESTION).out


def test_rebuild_lets_another_embedder_in(footnote: Footnote, index: Path) -> None:
    other: Embedder = FakeEmbedder(name="fake@2")
    outcome = footnote("ask", QUESTION, embedder=other)
    assert outcome.code == 2
    assert "embedder 'fake@1', now 'fake@2'" in outcome.err
    assert outcome.err.endswith("Rebuild it with: footnote index --rebuild\n")
    assert footnote("index", "news", embedder=other).code == 2
    assert footnote("index", "--rebuild", "news", embedder=other).code == 0
    assert footnote("ask", QUESTION, embedder=other).code == 0


def test_ask_gives_a_receipt_that_verifies(footnote: Footnote, index: Path) -> None:
    outcome = footnote("ask", "--json", QUESTION)
    receipt = json.loads(outcome.out)
    assert outcome.out.count("\n") == 1
    assert receipt["index"]["embedder"] == "fake@1"
    assert len(receipt["evidence"]) == len(ARTICLES)
    assert footnote("verify", "-", stdin=outcome.out.encode()).code == 0


def test_ask_ends_well_when_the_articles_do_not_answer(footnote: Footnote, index: Path) -> None:
    outcome = footnote("ask", "who won the chess tournament in Brazil?")
    assert (outcome.code, outcome.err) == (0, "")
    assert "Nearest, not an answer:" in outcome.out


def test_ask_takes_a_question_without_quotation_marks(footnote: Footnote, index: Path) -> None:
    assert json.loads(footnote("ask", "--json", *QUESTION.split()).out)["question"] == QUESTION


def test_articles_lists_what_is_indexed(footnote: Footnote, index: Path) -> None:
    outcome = footnote("articles")
    assert outcome.code == 0
    for line in ("Articles    3 in 3 passages", "Publishers  2", "Languages   en (2), it (1)",
                 "Dates       2024-11-14 to 2024-11-15, 1 without", "Model       fake@1",
                 "2024-11-15  Rutte a Roma: una minaccia diretta", "            Il Meridiano · it · roma",
                 "no date     The bakery on Mill Street"):  # fmt: skip
        assert f"{line}\n" in outcome.out


@pytest.mark.parametrize("command", ["index", "ask", "chat", "articles", "verify"])
def test_every_command_takes_the_folder_of_the_index(footnote: Footnote, index: Path, command: str) -> None:
    elsewhere = index.rename(index.with_name("elsewhere"))
    words = {"index": ["news"], "ask": [QUESTION], "verify": ["-"]}.get(command, [])
    receipt = footnote("ask", "--json", "--index", str(elsewhere), QUESTION).out.encode()
    stdin = receipt if command == "verify" else b""
    assert footnote(command, *words, "--index", str(elsewhere), stdin=stdin).code == 0
    assert not index.exists()


@pytest.mark.parametrize("command", [["ask", QUESTION], ["chat"], ["articles"], ["index", "--rebuild"]])
def test_missing_index_names_the_command_that_builds_one(footnote: Footnote, command: list[str]) -> None:
    outcome = footnote(*command)
    assert outcome.code == 2
    assert outcome.err == "footnote: No index at .footnote. Build it with: footnote index FOLDER\n"
    assert outcome.out == ""


def clone(folder: Path) -> None:
    (folder / "seeds").mkdir()
    (folder / "seeds" / "riga.md").write_text(RIGA, "utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "footnote-bot"\n', "utf-8")


@pytest.mark.parametrize("command", [["ask", QUESTION], ["chat"]])
def test_samples_are_indexed_and_named_as_samples_in_a_fresh_clone(
    footnote: Footnote, tmp_path: Path, command: list[str]
) -> None:
    clone(tmp_path)
    outcome = footnote(*command, stdin=QUESTION.encode())
    assert outcome.err == (
        "There is no index yet, so one is built from the sample articles in seeds/. "
        "For your own articles: footnote index FOLDER\n"
    )
    assert "a direct threat to Europe and Japan" in outcome.out
    assert footnote("ask", QUESTION).err == ""


def test_samples_are_left_alone_when_an_index_is_named(footnote: Footnote, tmp_path: Path) -> None:
    clone(tmp_path)
    outcome = footnote("ask", "--index", "other", QUESTION)
    assert (outcome.code, outcome.out) == (2, "")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    "project", ["", '[project]\nname = "garden"\n', "project = 3", "[[broken", None], ids=str
)
def test_seeds_of_another_project_are_left_alone(
    footnote: Footnote, tmp_path: Path, project: str | None
) -> None:
    clone(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    if project is not None:
        (tmp_path / "pyproject.toml").write_text(project)
    assert footnote("ask", QUESTION).code == 2


def test_bug_is_one_sentence_with_a_number_and_its_details_in_a_log(footnote: Footnote, index: Path) -> None:
    class Broken(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise RuntimeError("the model broke")

    outcome = footnote("ask", QUESTION, embedder=Broken())
    log = Path(".footnote") / "footnote-errors.log"
    assert outcome.code == 70
    assert outcome.err.startswith("footnote: Something went wrong inside Footnote: error ")
    assert outcome.err.endswith(f"Its details are in {log}.\n")
    assert "the model broke" not in outcome.err
    assert "RuntimeError: the model broke" in log.read_text("utf-8")


def test_interruption_is_quiet(footnote: Footnote, index: Path) -> None:
    class Interrupted(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise KeyboardInterrupt

    outcome = footnote("ask", QUESTION, embedder=Interrupted())
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


def test_help_and_version_are_shown(footnote: Footnote) -> None:
    assert footnote().out == footnote("--help").out
    assert all(name in footnote().out for name in ("index", "ask", "chat", "articles", "verify"))
    assert footnote("--version").out.startswith("footnote ")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["articles"], ["verify", "r.jsonl"]], ids=str
)
def test_nothing_heavy_is_loaded_when_no_model_is_needed(
    footnote: Footnote, index: Path, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "r.jsonl").write_text(footnote("ask", "--json", QUESTION).out, "utf-8")
    shutil.move(tmp_path / "news" / "roma.md", tmp_path)  # one citation is looked up in a file
    program = (
        "import sys; from bot.__main__ import run; code = run(sys.argv[1:]);"
        f"print([name for name in {HEAVY} if name in sys.modules], code, file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True
    )
    assert done.stderr == "[] 0\n"


def test_completion_is_offered_to_the_shell(tmp_path: Path) -> None:
    environment = {**os.environ, "_FOOTNOTE_COMPLETE": "complete_bash", "COMP_WORDS": "footnote a",
                   "COMP_CWORD": "1"}  # fmt: skip
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["ask", "articles"]


def test_pipe_that_closes_early_is_no_error(index: Path) -> None:
    command = f"{PROGRAM} articles | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.slow
def test_samples_answer_with_the_bundled_model_in_a_fresh_clone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    done = subprocess.run([PROGRAM, "ask", QUESTION], capture_output=True, text=True)
    assert done.returncode == 0
    assert "direct threat" in done.stdout
    assert done.stderr.splitlines() == [
        "There is no index yet, so one is built from the sample articles in seeds/. "
        "For your own articles: footnote index FOLDER"
    ]
    again = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "--json", QUESTION], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert again.stderr == ""
    receipt = json.loads(again.stdout)
    assert len(receipt["evidence"]) >= 10
    for citation in receipt["citations"]:
        assert citation["quote"] in done.stdout.replace("\n", " ")
    verified = subprocess.run([PROGRAM, "verify", "-"], input=again.stdout, capture_output=True, text=True)
    assert verified.returncode == 0
