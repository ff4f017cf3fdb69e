"""A set that is missing or malformed costs one sentence, and leaves what was there before."""

import gzip
import json
from pathlib import Path

import pytest

from bot.evaluation.importing.sets import SETS, import_set
from retrieval.errors import CaseError


def squad(folder: Path, question: object = None) -> Path:
    """A set of one question, or of what stands in its place."""
    folder.mkdir(exist_ok=True)
    paragraph = {"id": "p", "title": "Riga", "text": "Rutte spoke in Riga."}
    asked = question or {"id": "q", "para": "p", "question": "Where?", "answers": ["Riga"]}
    (folder / "paragraphs.jsonl").write_text(json.dumps(paragraph))
    (folder / "questions.jsonl").write_text(f"\n{json.dumps(asked)}\n")
    return folder


def test_import_when_the_set_is_unknown_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(
        CaseError, match=r"no set 'SQuAD' to import\. There are: squad, multihop-rag, mtrag, canard"
    ):
        import_set("SQuAD", tmp_path, tmp_path / "out")


@pytest.mark.parametrize("name", SETS)
def test_import_when_the_folder_is_missing_says_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        CaseError, match=rf"nothing at .*nowhere\. Name the folder that holds the files of {name}"
    ):
        import_set(name, tmp_path / "nowhere", tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "looked_for"),
    [
        ("squad", r"paragraphs\.jsonl\.gz with questions\.jsonl\.gz, or \*\.json"),
        ("multihop-rag", r"corpus\.json with MultiHopRAG\.json"),
        ("mtrag", r"\*_questions\.jsonl of MTRAG's retrieval tasks or \*_tasks\.jsonl\.gz"),
        ("canard", r"dev\.json, test\.json, train\.json or dev\*\.jsonl\.gz"),
        ("polnear", r"\*\.ann with its \*\.txt"),
    ],
)
def test_import_when_no_file_is_known_names_what_was_looked_for(
    name: str, looked_for: str, tmp_path: Path
) -> None:
    with pytest.raises(CaseError, match=rf"There is no {looked_for}"):
        import_set(name, tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"id": "q", "para": "p", "answers": []}, r"the field 'question' is missing"),
        ({"id": "q", "para": "p", "question": "", "answers": []}, r"field 'question' is ''"),
        ({"id": "q", "para": "p", "question": "Where?", "answers": [7]}, r"field 'answers\[0\]' is 7"),
        ([], r"line 2: it is not an object with the fields of the set\.$"),
    ],
)
def test_import_when_a_line_is_malformed_names_file_line_and_field(
    question: object, why: str, tmp_path: Path
) -> None:
    folder = squad(tmp_path / "set")
    (folder / "questions.jsonl").write_text(f"\n{json.dumps(question)}\n")
    with pytest.raises(CaseError, match=why) as raised:
        import_set("squad", folder, tmp_path / "out")
    assert str(raised.value).startswith(f"{folder / 'questions.jsonl'}, line 2: ")


def test_import_when_a_line_is_not_json_says_so(tmp_path: Path) -> None:
    folder = squad(tmp_path / "set")
    (folder / "questions.jsonl").write_text('{"id": ')
    with pytest.raises(CaseError, match=r"questions\.jsonl, line 1: it is not JSON"):
        import_set("squad", folder, tmp_path / "out")


def test_import_when_a_published_file_is_malformed_names_the_field(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text('{"data": [{"title": "Riga", "paragraphs": [{"qas": []}]}]}')
    with pytest.raises(
        CaseError, match=r"dev\.json: the field 'data\[0\]\.paragraphs\[0\]\.context' is missing"
    ):
        import_set("squad", tmp_path, tmp_path / "out")


@pytest.mark.parametrize("data", [b"no gzip", gzip.compress(b"{}")[:-4]], ids=["no gzip", "cut off"])
def test_import_when_a_compressed_file_is_broken_says_so(data: bytes, tmp_path: Path) -> None:
    folder = squad(tmp_path / "set")
    (folder / "paragraphs.jsonl").rename(folder / "paragraphs.jsonl.gz")
    (folder / "paragraphs.jsonl.gz").write_bytes(data)
    with pytest.raises(CaseError, match=r"Cannot read .*paragraphs\.jsonl\.gz: "):
        import_set("squad", folder, tmp_path / "out")


def test_import_when_it_fails_leaves_what_was_imported_before(tmp_path: Path) -> None:
    imported = import_set("squad", squad(tmp_path / "set"), tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    squad(tmp_path / "set", {"id": "q"})
    with pytest.raises(CaseError, match=r"the field 'para' is missing"):
        import_set("squad", tmp_path / "set", tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert sorted(before) == ["articles.jsonl", "cases.jsonl"]
    assert imported.cases == 1


def test_import_when_the_set_has_no_articles_removes_those_of_another(tmp_path: Path) -> None:
    import_set("squad", squad(tmp_path / "set"), tmp_path / "out")
    row = {"id": "C#1", "history": [], "question": "Who?", "rewrite": "Who is Ann?"}
    (tmp_path / "set/dev.jsonl").write_text(json.dumps(row))
    import_set("canard", tmp_path / "set", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cases.jsonl"]


def test_import_when_the_output_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(
        CaseError, match=r"Cannot write the cases into .*out: file exists\. Name another folder\."
    ):
        import_set("squad", squad(tmp_path / "set"), tmp_path / "out")
