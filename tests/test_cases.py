"""Cases: read strictly, refused with the file, the line and the field."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.cases import Case, CaseTurn, Evidence, Parts, case_json, read_cases, write_cases
from retrieval.errors import CaseError

FULL = {
    "id": "riga",
    "kind": "who said what",
    "language": "en",
    "tags": ["place"],
    "turns": [
        {"question": "Who is Rutte?"},
        {
            "question": "What did he say in Latvia?",
            "facts": ["a direct threat", ["Europe", "Europa"]],
            "answers": ["a direct threat"],
            "patterns": ["direct .*threat"],
            "forbidden": ["in Tokyo"],
            "articles": ["riga", ["roma", "milano"]],
            "evidence": ["direct threat", {"article": "riga", "start": 3, "end": 9}],
            "rewrite": "What did Mark Rutte say in Latvia?",
            "answer": "That it is a threat.",
            "tags": ["pronoun"],
        },
    ],
}


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def test_cases_when_read_hold_what_the_lines_say(tmp_path: Path) -> None:
    placed = read_cases(write(tmp_path / "c.jsonl", "", FULL))
    assert [item.line for item in placed] == [2]
    asked = placed[0].case.turns[1]
    assert asked.facts == (("a direct threat",), ("Europe", "Europa"))
    assert asked.articles == (("riga",), ("roma", "milano"))
    assert asked.evidence == (Evidence(text="direct threat"), Evidence(article="riga", start=3, end=9))
    assert asked.is_answerable is True


def test_turn_when_nothing_is_expected_is_not_judged() -> None:
    assert CaseTurn(question="Who is Rutte?").is_answerable is None
    assert CaseTurn(question="Who?", answerable=False).is_answerable is False
    assert CaseTurn(question="Who?", rewrite="Who is Rutte?").is_answerable is None
    assert CaseTurn(question="Who?", articles=(("riga",),)).is_answerable is True


def test_slices_of_a_turn_are_its_own_and_those_of_its_case(tmp_path: Path) -> None:
    case = read_cases(write(tmp_path / "c.jsonl", FULL))[0].case
    assert case.slices(0) == ("kind: who said what", "language: en", "turn: first", "place")
    assert case.slices(1) == ("kind: who said what", "language: en", "turn: follow-up", "place", "pronoun")
    alone = Case(id="a", turns=(CaseTurn(question="q", kind="who", language="it"),), kind="x", language="en")
    assert alone.slices(0) == ("kind: who", "language: it")
    assert Case(id="a", text="He said so.", tags=("x", "x")).slices(0) == ("x",)


def test_case_when_written_and_read_again_is_the_same(tmp_path: Path) -> None:
    placed = read_cases(write(tmp_path / "c.jsonl", FULL))
    write_cases([item.case for item in placed], tmp_path / "again.jsonl")
    assert [item.case for item in read_cases(tmp_path / "again.jsonl")] == [item.case for item in placed]
    assert "forbidden" not in case_json(Case(id="a", turns=(CaseTurn(question="q"),)))


text = st.text(min_size=1, max_size=20)
place = st.integers(0, 50).flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, 60)))
turns = st.builds(
    CaseTurn,
    question=text,
    answers=st.lists(text, max_size=2).map(tuple),
    facts=st.lists(st.lists(text, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
    evidence=st.lists(st.builds(Evidence, text=text), max_size=2).map(tuple),
    rewrite=st.none() | text,
    tags=st.lists(text, max_size=2).map(tuple),
)
parts = st.builds(Parts, source=st.lists(place, max_size=2).map(tuple))


conversations = st.builds(Case, id=text, turns=st.lists(turns, min_size=1, max_size=3).map(tuple))
attributed = st.builds(
    Case, id=text, text=st.text(min_size=60), attributions=st.lists(parts, max_size=2).map(tuple)
)


@given(conversations | attributed)
def test_case_when_any_is_written_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, case: Case
) -> None:
    path = tmp_path_factory.mktemp("cases") / "c.jsonl"
    write_cases([case], path)
    assert [item.case for item in read_cases(path)] == [case]


def turn(**fields: object) -> dict[str, object]:
    return {"id": "a", "turns": [{"question": "q", **fields}]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", r"it is not JSON"),
        ([], r"line 2: a case is a JSON object, not \[\]"),
        ({"turns": [{"question": "q"}]}, r"the field 'id' is missing"),
        ({"id": "", "turns": [{"question": "q"}]}, r"field 'id' is ''"),
        ({"id": 7, "turns": [{"question": "q"}]}, r"field 'id' is 7: input should be a valid string"),
        ({"id": "a"}, r"either 'turns', or a 'text'"),
        ({"id": "a", "text": "b", "turns": [{"question": "q"}]}, r"either 'turns', or a 'text'"),
        ({"id": "a", "turns": [{}]}, r"the field 'turns\[0\].question' is missing"),
        ({"id": "a", "truns": []}, r"there is no field 'truns'"),
        (turn(fact=["x"]), r"there is no field 'turns\[0\].fact'"),
        (turn(facts=[[]]), r"field 'turns\[0\].facts\[0\]' is \[\]"),
        (turn(facts="x"), r"field 'turns\[0\].facts' is 'x'"),
        (turn(answerable="yes"), r"field 'turns\[0\].answerable' is 'yes'"),
        (turn(patterns=["("]), r"turns\[0\].patterns\[0\] is no regular expression"),
        (turn(evidence=[{"article": "a"}]), r"turns\[0\].evidence\[0\] has neither a 'text'"),
        (turn(evidence=[{"article": "a", "start": 3, "end": 3}]), r"turns\[0\].evidence\[0\] ends before"),
        (turn(answerable=False, facts=["x"]), r"turns\[0\] is not answerable, and yet expects"),
        ({"id": "a", "text": "b", "attributions": [{"source": [[3, 9]]}]}, r"attributions\[0\].source\[0\]"),
        ({"id": "first", "turns": [{"question": "q"}]}, r"the id 'first' stands in line 1 already"),
    ],
)
def test_case_when_a_line_is_wrong_is_refused_with_file_line_and_field(
    tmp_path: Path, line: object, reason: str
) -> None:
    path = write(tmp_path / "c.jsonl", {"id": "first", "turns": [{"question": "q"}]}, line)
    with pytest.raises(CaseError, match=f"c.jsonl, line 2: .*{reason}|c.jsonl, {reason}") as caught:
        read_cases(path)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_cases_when_there_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"no case in .*empty.jsonl"):
        read_cases(write(tmp_path / "empty.jsonl", ""))
    with pytest.raises(CaseError, match=r"Cannot read the cases in .*missing.jsonl: no such file"):
        read_cases(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match="it is not UTF-8"):
        read_cases(tmp_path / "latin.jsonl")
