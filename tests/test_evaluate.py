"""`footnote evaluate`: a run folder that is whole, goes on, and says clearly what it cannot use."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.evaluation.cases import read_cases
from bot.evaluation.run_folder import ANSWERS, MEASURES, REPORT, RunFolder
from retrieval.errors import RunError
from tests.conftest import Footnote
from tests.fake_chat_server import FakeChatServer, says
from tests.fakes import FakeEmbedder, RecordingEmbedder

LINES = [
    {"id": "riga", "kind": "said", "language": "en", "turns": [
        {"question": "what did Rutte say in Latvia?", "facts": ["direct threat to Europe"],
         "articles": ["riga"], "evidence": ["the missiles are a direct threat to Europe and Japan"]},
        {"question": "and what did he say about Saturn?", "answerable": False}]},
    {"id": "bakery", "kind": "when", "language": "en", "turns": [
        {"question": "When did the bakery on Mill Street open?", "answers": ["1921"],
         "articles": ["bakery"]}]},
    {"id": "rewrite", "kind": "rewriting", "language": "en", "turns": [
        {"question": "Who is Anna Lind?", "answer": "The owner of the bakery."},
        {"question": "What did she say?", "rewrite": "What did Anna Lind say?"}]},
    {"id": "attributed", "kind": "attribution", "language": "en", "text": "It is cold, said Anna Lind.",
     "attributions": [{"source": [[17, 26]], "cue": [[12, 16]], "content": [[0, 10]]}]},
]  # fmt: skip


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in LINES) + "\n", "utf-8")
    return path


def records(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / ANSWERS).read_text("utf-8").splitlines()]


def test_evaluate_when_run_writes_answers_measures_and_a_report(
    footnote: Footnote, index: Path, cases: Path, tmp_path: Path
) -> None:
    outcome = footnote("evaluate", str(cases))
    assert outcome.code == 0, outcome.err
    folder = tmp_path / "runs" / "mine-footnote"
    assert f"Report: {Path('runs') / 'mine-footnote' / REPORT}" in outcome.out
    assert "right" in outcome.out
    assert [(line["case"], line["turn"]) for line in records(folder)] == [
        ("riga", 0), ("riga", 1), ("bakery", 0), ("rewrite", 0), ("rewrite", 1),
        ("attributed", 0)]  # fmt: skip
    content = json.loads((folder / MEASURES).read_text("utf-8"))
    assert content["run"]["complete"] is True
    assert content["run"]["cases"]["turns"] == 5
    assert content["run"]["index"]["articles"] == 3
    assert content["run"]["settings"]["passage_tokens"] == 256
    assert "python" in content["run"]["versions"]
    assert content["measures"]["all"]["right"]["turns"] == 3
    assert content["measures"]["kind: when"]["right"]["value"] == 1.0
    assert {"MRR@10", "quote fidelity", "BLEU", "cue exact F1", "refusal recall"} <= content["measures"][
        "all"
    ].keys()
    assert set(content["macro"]) == {"kind", "language"}
    assert content["cost"]["seconds"]["total"]["median"] > 0
    assert content["cost"]["crashed"] == 0
    assert "<html" in (folder / REPORT).read_text("utf-8")


def test_evaluate_when_run_leaves_receipts_that_stand(footnote: Footnote, index: Path, cases: Path) -> None:
    assert footnote("evaluate", str(cases)).code == 0
    outcome = footnote("verify", "runs/mine-footnote/answers.jsonl")
    assert outcome.code == 0, outcome.out
    assert "all stand" in outcome.out


def test_evaluate_when_articles_are_named_needs_no_index(footnote: Footnote, news: Path, cases: Path) -> None:
    outcome = footnote("evaluate", str(cases), "--articles", str(news), "--output", "run")
    assert outcome.code == 0, outcome.err
    assert not Path(".footnote").exists()
    assert json.loads(Path("run", MEASURES).read_text("utf-8"))["run"]["index"]["articles"] == 3


def test_evaluate_when_interrupted_keeps_what_is_done_and_goes_on(
    footnote: Footnote, index: Path, cases: Path
) -> None:
    assert footnote("evaluate", str(cases), "--output", "whole").code == 0
    assert footnote("evaluate", str(cases), "--output", "torn").code == 0
    torn = Path("torn", ANSWERS)
    lines = torn.read_text("utf-8").splitlines(keepends=True)
    # The second of the first case's two turns was being written; nothing of it is kept.
    torn.write_text("".join(lines[:1]) + lines[1][:40], "utf-8")
    content = json.loads(Path("torn", MEASURES).read_text("utf-8"))
    content["run"]["complete"] = False
    Path("torn", MEASURES).write_text(json.dumps(content), "utf-8")
    Path("torn", REPORT).unlink()
    assert footnote("evaluate", str(cases), "--output", "torn").code == 0
    torn_again, whole = (json.loads(Path(run, MEASURES).read_text("utf-8")) for run in ("torn", "whole"))
    assert torn_again["measures"] == whole["measures"]
    assert torn_again["run"]["complete"] is True
    assert Path("torn", REPORT).exists()


class Interrupted(RecordingEmbedder):
    """An embedder during whose work on the second case the person presses Ctrl-C."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if "When did the bakery on Mill Street open?" in texts:
            raise KeyboardInterrupt
        return super().embed(texts)


def test_evaluate_when_the_person_interrupts_says_how_to_go_on_and_does(
    footnote: Footnote, index: Path, cases: Path
) -> None:
    assert footnote("evaluate", str(cases), "--output", "whole").code == 0
    stopped = footnote("evaluate", str(cases), "--output", "run", embedder=Interrupted(FakeEmbedder()))
    assert stopped.code == 130
    assert "the same command goes on from there" in stopped.err
    assert [line["case"] for line in records(Path("run"))] == ["riga", "riga"]
    recording = RecordingEmbedder(FakeEmbedder())
    assert footnote("evaluate", str(cases), "--output", "run", embedder=recording).code == 0
    asked = [text for batch in recording.batches for text in batch]
    assert not any("Latvia" in text for text in asked if text.endswith("?"))
    run, whole = (json.loads(Path(name, MEASURES).read_text("utf-8")) for name in ("run", "whole"))
    assert run["measures"] == whole["measures"]


def test_evaluate_when_all_is_answered_asks_nothing_again_unless_told_to(
    footnote: Footnote, index: Path, cases: Path
) -> None:
    assert footnote("evaluate", str(cases)).code == 0
    recording = RecordingEmbedder(FakeEmbedder())
    again = footnote("evaluate", str(cases), embedder=recording)
    assert again.code == 0
    assert recording.batches == []
    assert "--fresh" in again.err
    assert footnote("evaluate", str(cases), "--fresh", embedder=recording).code == 0
    assert recording.batches


def test_evaluate_when_the_folder_holds_another_run_says_which(
    footnote: Footnote, index: Path, cases: Path
) -> None:
    assert footnote("evaluate", str(cases), "--output", "run").code == 0
    before = Path("run", ANSWERS).read_bytes()
    outcome = footnote("evaluate", str(cases), "--output", "run", "--system", "keyword")
    assert outcome.code == 2
    assert 'run holds another run: its system was "footnote", now "keyword"' in outcome.err
    outcome = footnote("evaluate", str(cases), "--output", "run", "--limit", "1")
    assert "its cases was" in outcome.err
    assert Path("run", ANSWERS).read_bytes() == before


def test_evaluate_when_the_articles_have_changed_says_so(
    footnote: Footnote, index: Path, news: Path, cases: Path
) -> None:
    assert footnote("evaluate", str(cases), "--output", "run").code == 0
    (news / "more.txt").write_text(
        "A new article\n\nIt has one sentence of some length, and no more.\n", "utf-8"
    )
    assert footnote("index", str(news)).code == 0
    outcome = footnote("evaluate", str(cases), "--output", "run")
    assert outcome.code == 2
    assert "its index was" in outcome.err
    assert '"articles": 3' in outcome.err
    assert '"articles": 4' in outcome.err


def test_evaluate_when_the_folder_is_not_of_a_run_leaves_it_alone(
    footnote: Footnote, index: Path, cases: Path, news: Path
) -> None:
    before = sorted(path.name for path in news.iterdir())
    outcome = footnote("evaluate", str(cases), "--output", str(news))
    assert outcome.code == 2
    assert "is no folder of a run" in outcome.err
    assert sorted(path.name for path in news.iterdir()) == before


def test_evaluate_when_an_expected_article_is_not_indexed_names_line_and_field(
    footnote: Footnote, index: Path, cases: Path
) -> None:
    with cases.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"id": "x", "turns": [{"question": "q", "articles": [["oslo", "riga"]]}]}))
    outcome = footnote("evaluate", str(cases))
    assert outcome.code == 2
    assert "mine.jsonl, line 5, field turns[0].articles: the article 'oslo' is not indexed" in outcome.err
    assert not Path("runs").exists()


def test_evaluate_when_only_rewriting_is_asked_needs_no_articles(footnote: Footnote, tmp_path: Path) -> None:
    path = tmp_path / "rewrites.jsonl"
    path.write_text(json.dumps(LINES[2]), "utf-8")
    outcome = footnote("evaluate", str(path))
    assert outcome.code == 0, outcome.err
    content = json.loads(Path("runs/rewrites-footnote", MEASURES).read_text("utf-8"))
    assert content["run"]["index"] is None
    assert content["run"]["conversation"] == "recorded"
    assert content["measures"]["all"]["rewrite exact match"]["value"] == 1.0


def test_evaluate_when_a_chat_model_is_set_rewrites_each_question_with_it_once(
    footnote: Footnote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("langchain_openai", reason="needs pip install 'footnote-bot[openai]'")
    path = tmp_path / "rewrites.jsonl"
    path.write_text(json.dumps(LINES[2]), "utf-8")
    with FakeChatServer(says("And what did Lind say?")) as server:
        monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "openai:fake")
        monkeypatch.setenv("FOOTNOTE_CHAT_URL", server.url)
        outcome = footnote("evaluate", str(path))
    assert outcome.code == 0, outcome.err
    assert records(Path("runs/rewrites-footnote"))[1]["understood_as"] == "And what did Lind say?"
    assert len(server.asked) == 1


def test_evaluate_when_the_rewritten_question_is_asked_is_compared_with_the_one_as_typed(
    footnote: Footnote, tmp_path: Path
) -> None:
    path = tmp_path / "rewrites.jsonl"
    path.write_text(json.dumps(LINES[2]), "utf-8")
    for replay in ("recorded", "rewritten"):
        outcome = footnote("evaluate", str(path), "--conversation", replay, "--output", replay)
        assert outcome.code == 0, outcome.err
    assert records(Path("rewritten"))[1]["question"] == "What did Anna Lind say?"
    outcome = footnote("compare", "recorded", "rewritten")
    assert outcome.code == 0, outcome.err
    assert "left out" not in outcome.out


def test_evaluate_when_there_is_no_index_says_how_to_build_one(footnote: Footnote, cases: Path) -> None:
    outcome = footnote("evaluate", str(cases))
    assert outcome.code == 2
    assert "No index at .footnote" in outcome.err
    assert not Path("runs").exists()


def test_evaluate_when_limited_to_a_slice_asks_only_that(
    footnote: Footnote, index: Path, cases: Path
) -> None:
    assert footnote("evaluate", str(cases), "--slice", "kind: when", "--output", "run").code == 0
    assert [line["case"] for line in records(Path("run"))] == ["bakery"]
    outcome = footnote("evaluate", str(cases), "--slice", "kind: why")
    assert outcome.code == 2
    assert "kind: said" in outcome.err


def test_evaluate_when_retrieval_only_answers_nothing(footnote: Footnote, index: Path, cases: Path) -> None:
    assert footnote("evaluate", str(cases), "--only", "retrieval", "--limit", "2").code == 0
    folder = Path("runs/mine-footnote-retrieval-2")
    assert [line["case"] for line in records(folder)] == ["riga", "riga", "rewrite", "rewrite"]
    measures = json.loads((folder / MEASURES).read_text("utf-8"))["measures"]["all"]
    assert measures["MRR@10"]["value"] == 1.0
    assert "right" not in measures
    assert records(folder)[-1]["citations"] == []


# No article holds a word of the question about Saturn: only then does keyword search find nothing.
@pytest.mark.parametrize(("system", "refused"), [("naive", 0.0), ("keyword", 1.0)])
def test_evaluate_when_a_baseline_answers_its_citations_stand(
    footnote: Footnote, index: Path, cases: Path, system: str, refused: float
) -> None:
    assert footnote("evaluate", str(cases), "--system", system, "--output", "run").code == 0
    content = json.loads(Path("run", MEASURES).read_text("utf-8"))
    assert content["measures"]["all"]["quote fidelity"]["value"] == 1.0
    assert content["measures"]["all"]["refusal recall"]["value"] == refused
    assert footnote("verify", "run/answers.jsonl").code == 0


def test_evaluate_when_a_turn_crashes_shows_it_and_ends_with_one(
    footnote: Footnote, index: Path, cases: Path
) -> None:
    broken = RecordingEmbedder(FakeEmbedder(), fails_after=0)
    outcome = footnote("evaluate", str(cases), embedder=broken)
    assert outcome.code == 1
    assert "crashed" in outcome.err
    folder = Path("runs/mine-footnote")
    content = json.loads((folder / MEASURES).read_text("utf-8"))
    # Three are scored; one is asked for the sake of the one after it.
    assert content["cost"]["crashed"] == 4
    assert content["measures"]["all"]["right"]["value"] == 0.0
    assert "no power" not in (folder / ANSWERS).read_text("utf-8")


def test_run_folder_when_a_case_is_kept_twice_interrupted_never_loses_the_first(
    cases: Path, tmp_path: Path
) -> None:
    chosen = [placed.case for placed in read_cases(cases)]
    run = {"system": "footnote", "versions": {}}
    begun = RunFolder.begin(tmp_path / "run", run, chosen, afresh=False)
    begun.keep([{"case": "bakery", "turn": 0, "scores": {}}])
    begun.keep([{"case": "riga", "turn": 0, "scores": {}}])
    again = RunFolder.begin(tmp_path / "run", run, chosen, afresh=False)
    assert again.done == {"bakery"}
    assert not again.is_complete


def test_run_folder_when_its_measures_are_torn_says_so(cases: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / MEASURES).write_text("{", "utf-8")
    with pytest.raises(RunError, match="is not JSON"):
        RunFolder.begin(folder, {"system": "x", "versions": {}}, [], afresh=False)
