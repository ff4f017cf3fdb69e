"""MTRAG and CANARD become one case a conversation, from either of their forms."""

from pathlib import Path

import pytest

from bot.evaluation.cases import Case, CaseTurn
from bot.evaluation.importing.sets import import_set
from retrieval.errors import CaseError
from tests.sets import cases_of, write_json, write_lines


def mtrag(folder: Path, *, is_published: bool) -> None:
    passages = [{"title": "Cardinals", "text": f"The Cardinals play in passage {name}."} for name in "abc"]
    conversation = ["Where do they play?", "And abroad?", "Who coaches them?"]
    tasks = [(2, "Do the Cardinals play abroad?", ["p-b", "p-a"]), (3, "Who coaches them?", ["p-c"])]
    names = [f"p-{name}" for name in "abc"]
    if is_published:
        tasks_folder = folder / "mtrag-human/retrieval_tasks/clapnq"
        write_lines(folder / "corpora/passage_level/clapnq.jsonl", [
            {"_id": name, "id": name, "url": "", **row} for name, row in zip(names, passages, strict=True)
        ])  # fmt: skip
        write_lines(tasks_folder / "clapnq_questions.jsonl", [
            {"_id": f"c<::>{number}", "text": "\n".join(f"|user|: {said}" for said in conversation[:number])}
            for number in (1, 2, 3)
        ])  # fmt: skip
        write_lines(tasks_folder / "clapnq_rewrite.jsonl", [
            {"_id": f"c<::>{number}", "text": f"|user|: {rewrite}"} for number, rewrite, _ in tasks
        ])  # fmt: skip
        judged = [f"c<::>{number}\t{name}\t1\n" for number, _, relevant in tasks for name in relevant]
        (tasks_folder / "qrels").mkdir()
        table = "query-id\tcorpus-id\tscore\n" + "".join(judged) + "c<::>3\tp-a\t0\n"
        (tasks_folder / "qrels/dev.tsv").write_text(table)
    else:
        write_lines(folder / "clapnq_passages.jsonl.gz", [
            {"id": name, "domain": "clapnq", **row} for name, row in zip(names, passages, strict=True)
        ])  # fmt: skip
        write_lines(folder / "clapnq_tasks.jsonl.gz", [
            {"id": f"c<::>{number}", "domain": "clapnq", "last_turn": conversation[number - 1],
             "rewrite": rewrite, "user_questions": conversation[:number], "relevant": relevant}
            for number, rewrite, relevant in tasks
        ])  # fmt: skip


@pytest.mark.parametrize("is_published", [True, False])
def test_mtrag_when_read_is_one_case_a_conversation(is_published: bool, tmp_path: Path) -> None:
    mtrag(tmp_path / "set", is_published=is_published)
    imported = import_set("mtrag", tmp_path / "set", tmp_path / "out")
    assert (imported.cases, imported.turns, imported.articles) == (1, 3, 3)
    abroad = CaseTurn(
        question="And abroad?", articles=(("p-b",), ("p-a",)), rewrite="Do the Cardinals play abroad?",
        kind="needs the conversation", tags=("domain: clapnq",),
    )  # fmt: skip
    coach = CaseTurn(
        question="Who coaches them?", articles=(("p-c",),), rewrite="Who coaches them?",
        kind="stands alone", tags=("domain: clapnq",),
    )  # fmt: skip
    turns = (CaseTurn(question="Where do they play?"), abroad, coach)
    assert cases_of(imported) == [Case(id="c", turns=turns, language="en")]


def test_mtrag_when_a_passage_is_missing_is_refused(tmp_path: Path) -> None:
    mtrag(tmp_path / "set", is_published=False)
    write_lines(tmp_path / "set/clapnq_passages.jsonl.gz", [{"id": "p-a", "text": "Text."}])
    with pytest.raises(CaseError, match=r"The passage 'p-b' that the question c<::>2 needs is in no file"):
        import_set("mtrag", tmp_path / "set", tmp_path / "out")


def test_mtrag_when_a_judgement_is_malformed_names_its_line(tmp_path: Path) -> None:
    mtrag(tmp_path / "set", is_published=True)
    table = tmp_path / "set/mtrag-human/retrieval_tasks/clapnq/qrels/dev.tsv"
    table.write_text("query-id\tcorpus-id\tscore\nc<::>2 p-a 1\n")
    with pytest.raises(CaseError, match=r"dev\.tsv, line 2: it is not a question, a passage and a score"):
        import_set("mtrag", tmp_path / "set", tmp_path / "out")


def canard(folder: Path, *, is_published: bool) -> None:
    said = ["Who disbanded?", "Zappa's band", "When?", "In 1969", "Why did they?"]
    rewrites = ["Who disbanded?", "When did Zappa's band disband?", "Why did Zappa's band disband?"]
    asked = [
        (place + 1, said[: 2 * place], said[2 * place], rewrite) for place, rewrite in enumerate(rewrites)
    ]
    if is_published:
        write_json(folder / "dev.json", [
            {"History": ["Frank Zappa", "Disbandment", *history], "QuAC_dialog_id": "C_1_0",
             "Question": question, "Question_no": number, "Rewrite": rewrite}
            for number, history, question, rewrite in asked
        ])  # fmt: skip
    else:
        write_lines(folder / "dev_a.jsonl.gz", [
            {"id": f"C_1_0#{number}", "title": "Frank Zappa", "section": "Disbandment", "history": history,
             "question": question, "rewrite": rewrite}
            for number, history, question, rewrite in asked
        ])  # fmt: skip


@pytest.mark.parametrize("is_published", [True, False])
def test_canard_when_read_has_recorded_answers_and_no_title(is_published: bool, tmp_path: Path) -> None:
    canard(tmp_path / "set", is_published=is_published)
    imported = import_set("canard", tmp_path / "set", tmp_path / "out")
    assert (imported.cases, imported.turns, imported.articles, imported.articles_path) == (1, 3, 0, None)
    when, why = "When did Zappa's band disband?", "Why did Zappa's band disband?"
    turns = (
        CaseTurn(
            question="Who disbanded?", rewrite="Who disbanded?", answer="Zappa's band", kind="stands alone"
        ),
        CaseTurn(question="When?", rewrite=when, answer="In 1969", kind="needs the conversation"),
        CaseTurn(question="Why did they?", rewrite=why, kind="needs the conversation"),
    )
    assert cases_of(imported) == [Case(id="C_1_0", turns=turns, language="en")]
    assert "Frank" not in imported.cases_path.read_text()


def test_canard_when_histories_differ_keeps_each_as_it_was_told(tmp_path: Path) -> None:
    write_lines(tmp_path / "dev.jsonl", [
        {"id": "C#2", "history": ["Who?", "Ann"], "question": "When?", "rewrite": "When did Ann?"},
        {"id": "C#3", "history": ["Who?", "Bo", "When?", "Now"], "question": "Why?", "rewrite": "Why Bo?"},
    ])  # fmt: skip
    cases = cases_of(import_set("canard", tmp_path, tmp_path / "out"))
    assert [(case.id, [turn.answer for turn in case.turns]) for case in cases] == [
        ("C", ["Bo", "Now", None]),
        ("C#2", ["Ann", None]),
    ]
