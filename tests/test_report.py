"""The report: what its page says of a run, that nothing in a run can break out of it, and its geometry."""

import json
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.cases import Case, CaseTurn, Evidence, Parts, write_cases
from bot.evaluation.measures.measure import Measure
from bot.evaluation.measures.scoring import MEASURES
from bot.evaluation.report.page import write_report
from retrieval.errors import RunError

PASSAGE = "RIGA — Rutte used a visit to Latvia to warn. He called it a direct threat. More followed later."
QUOTE = "He called it a direct threat."
HOSTILE = (
    """</script><script>alert(1)</script><img src=x onerror=alert(2)>"' onclick='alert(3)' {{ 7*7 }} &amp;"""
)
RIGHT_MEASURE = MEASURES["right"]
SHARE = Measure(name="share", group="answers", meaning="")
PLAIN = Measure(name="plain", group="answers", meaning="", is_share=False, higher_is_better=False)


class Page(HTMLParser):
    """The elements of a page and the words in them, as a browser would read them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        found = [attributes for element, attributes in self.elements if element == tag]
        return [one for one in found if not name or name in (one.get("class") or "").split()]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def receipt(case: str, turn: int = 0, **changed: object) -> dict[str, Any]:
    start = PASSAGE.index(QUOTE)
    cited = {
        "number": 1,
        "article_id": "riga",
        "title": "Rutte in Riga",
        "publisher": "Baltic Courier",
        "published": "2024-11-14T16:20:00+02:00",
        "url": "https://example.org/riga",
        "language": "en",
        "path": None,
        "quote": QUOTE,
        "start": 100 + start,
        "end": 100 + start + len(QUOTE),
        "digest": "d",
    }
    evidence = {"article_id": "riga", "start": 100, "end": 100 + len(PASSAGE), "text": PASSAGE, "score": 3.5}
    return {
        "schema": 1,
        "question": "What did he say?",
        "understood_as": "What did Rutte say?",
        "status": "answered",
        "answer": f"What Rutte said:\n– “{QUOTE}” [1]",
        "citations": [cited],
        "evidence": [evidence],
        "seconds": {"search": 0.05, "read": 0.4, "total": 0.45},
        "index": {},
        "confidence": 0.8,
        "case": case,
        "turn": turn,
        "scores": {"right": [1.0, 1.0], "quote fidelity": [1.0, 1.0]},
        **changed,
    }


def measured(turns: int, **changed: object) -> dict[str, Any]:
    figure = {"value": 0.5, "low": 0.2, "high": 0.8, "turns": turns}
    run = {
        "command": "footnote evaluate claims.jsonl --articles seeds",
        "cases": {"path": "claims.jsonl", "digest": "abc", "cases": turns, "turns": turns},
        "system": "footnote",
        "conversation": "own",
        "only": None,
        "complete": True,
        "started": "2026-11-22T16:30:00+00:00",
        "settings": {"embedder": "all-MiniLM-L6-v2"},
        "index": {"digest": "f00", "articles": 13, "passages": 24, "manifest": {"passages": "256"}},
        "versions": {"python": "3.11.7"},
    }
    return {
        "schema": 1,
        "run": {**run, **changed},
        "measures": {
            "all": {"right": figure},
            "kind: said": {"right": figure},
            "kind: who": {"right": figure},
        },
        "macro": {"kind": {"right": 0.5}},
        "cost": {
            "seconds": {"search": {"median": 0.05, "p95": 0.06}, "total": {"median": 0.45, "p95": 0.5}},
            "peak_memory_mb": 812.0,
            "crashed": 0,
        },
        "curve": [[0.5, 1.0, 0.8], [1.0, 0.5, 0.3]],
    }


def write_run(
    folder: Path, cases: Sequence[Case], records: Sequence[Mapping[str, Any]], content: Mapping[str, Any]
) -> Page:
    """Make a run folder, write its report and read it back."""
    folder.mkdir(exist_ok=True)
    write_cases(cases, folder / "cases.jsonl")
    (folder / "answers.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    (folder / "measures.json").write_text(json.dumps(content), "utf-8")
    return Page(write_report(folder).read_text("utf-8"))


ASKED = CaseTurn(question="What did he say?", facts=(("direct threat",),))


def a_case(name: str, kind: str = "said", turn: CaseTurn = ASKED) -> Case:
    return Case(id=name, turns=(turn,), kind=kind, language="en")


def test_report_when_written_says_what_was_asked_and_how_it_came_out(tmp_path: Path) -> None:
    cases = [
        a_case("a"),
        a_case("b", "who"),
        a_case("c", turn=CaseTurn(question="And who?", answerable=False)),
    ]
    records = [
        receipt("a"),
        receipt("b", scores={"right": [0.0, 1.0]}),
        receipt("c", status="not_covered", citations=[], scores={"right": [1.0, 1.0]}),
    ]
    page = write_run(tmp_path / "run", cases, records, measured(3))
    assert "3 questions of claims.jsonl over 13 articles, answered by footnote" in page.text
    assert (
        "2 of 3 right (50 %, 95 % interval 20–80 %); 1 of 1 unanswerable question refused; every" in page.text
    )
    assert "footnote evaluate claims.jsonl --articles seeds" in page.text
    assert [path.name for path in (tmp_path / "run").glob("report*")] == ["report.html"]


def test_report_when_opened_asks_nothing_of_other_machines(tmp_path: Path) -> None:
    page = write_run(tmp_path, [a_case("a")], [receipt("a")], measured(1))
    loading = {"src", "srcset", "data", "action", "poster", "background"}
    assert not [element for element in page.elements if loading & element[1].keys()]
    assert not page.all("link")
    assert len(page.all("script")) == 1
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_report_when_cases_failed_shows_crashed_and_wrong_first_and_open(tmp_path: Path) -> None:
    cases = [a_case("fine"), a_case("false"), a_case("broken")]
    crash = {"schema": 1, "question": "q", "error": "It broke (error 4f2a).", "case": "broken", "turn": 0}
    records = [
        receipt("fine"),
        receipt("false", scores={"right": [0.0, 1.0]}),
        {**crash, "scores": {"right": [0.0, 1.0]}},
    ]
    content = measured(3)
    content["cost"]["crashed"] = 1
    page = write_run(tmp_path, cases, records, content)
    shown = [(one["data-outcome"], "open" in one) for one in page.all("details", "case")]
    assert shown == [("crashed", True), ("wrong", True), ("right", False)]
    assert "This turn crashed: It broke (error 4f2a)." in page.text
    assert "1 turn crashed and counts as wrong." in page.text


def test_report_when_everything_is_hostile_stays_one_page(tmp_path: Path) -> None:
    turn = CaseTurn(
        question=HOSTILE,
        answers=(HOSTILE,),
        facts=((HOSTILE, "x"),),
        forbidden=(HOSTILE,),
        articles=((HOSTILE,),),
        evidence=(Evidence(text=HOSTILE, article=HOSTILE),),
        rewrite=HOSTILE,
        answer=HOSTILE,
        tags=(HOSTILE,),
    )
    case = Case(id=HOSTILE, turns=(turn, turn), kind=HOSTILE, language=HOSTILE)
    text = Case(
        id="text" + HOSTILE, text=HOSTILE, attributions=(Parts(source=((0, 9),), content=((9, 40),)),)
    )
    record = receipt(HOSTILE, question=HOSTILE, understood_as=HOSTILE + "?", answer=HOSTILE)
    record["evidence"][0] |= {"article_id": HOSTILE, "text": HOSTILE, "start": 0, "end": len(HOSTILE)}
    record["citations"][0] |= dict.fromkeys(
        ("article_id", "title", "publisher", "published", "language"), HOSTILE
    )
    record["citations"][0] |= {"url": "javascript:alert(4)", "quote": HOSTILE[3:20], "start": 3, "end": 20}
    record["citations"][0]["marked"] = [5, 18]
    found = {"schema": 1, "question": "", "citations": [], "found": [{"cue": [[3, 30]]}], "case": text.id}
    crash = {"schema": 1, "question": HOSTILE, "error": HOSTILE, "case": HOSTILE, "turn": 1, "scores": {}}
    content = measured(2, system=HOSTILE, settings={HOSTILE: HOSTILE}, versions={HOSTILE: HOSTILE})
    content["run"]["cases"]["path"] = content["run"]["index"]["digest"] = content["run"]["started"] = HOSTILE
    content["measures"][HOSTILE] = content["measures"]["kind: " + HOSTILE] = content["measures"]["all"]
    content["cost"]["seconds"][HOSTILE] = {"median": 1.0, "p95": 2.0}
    page = write_run(
        tmp_path,
        [case, text],
        [record, crash, {**found, "turn": 0, "scores": {HOSTILE: [1.0, 2.0]}}],
        content,
    )
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not [one for one in page.all("a") if (one["href"] or "").startswith("javascript")]
    assert {tag for one in page.all("details", "case") for tag in json.loads(one["data-slices"] or "")} >= {
        HOSTILE
    }


def test_report_when_a_quote_stands_in_its_passage_marks_it_there(tmp_path: Path) -> None:
    write_run(tmp_path, [a_case("a")], [receipt("a")], measured(1))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert f"Latvia to warn. <mark>{QUOTE}</mark> More followed" in page
    assert '<a href="https://example.org/riga" rel="noreferrer noopener">Rutte in Riga</a>' in page
    assert "<sup>[1]</sup>" in page
    assert "What did Rutte say?" in page


def test_report_when_words_answer_marks_them_in_the_answer_and_in_the_quote(tmp_path: Path) -> None:
    record = receipt("a", answer=f"Rutte said:\n– “{QUOTE}” [1]")
    start = 100 + PASSAGE.index("a direct threat")
    record["citations"][0]["marked"] = [start, start + len("a direct threat")]
    write_run(tmp_path, [a_case("a")], [record], measured(1))
    page = (tmp_path / "report.html").read_text("utf-8")
    marked = '<mark class="answering">a direct threat</mark>'
    assert f"– “He called it {marked}.” <sup>[1]</sup>" in page
    assert f"<mark>He called it </mark>{marked}<mark>.</mark> More followed" in page


def test_report_when_a_quote_does_not_stand_says_so(tmp_path: Path) -> None:
    record = receipt("a")
    record["citations"][0] |= {"start": 101, "end": 105, "quote": "made up"}
    page = write_run(tmp_path, [a_case("a")], [record], measured(1))
    assert "These words do not stand at their place in the passage." in page.text


def test_report_when_the_run_was_interrupted_says_how_far_it_came(tmp_path: Path) -> None:
    content = {"schema": 1, "run": measured(2, complete=False)["run"]}
    page = write_run(tmp_path, [a_case("a"), a_case("b")], [receipt("a")], content)
    assert "This run is not complete: 1 of 2 cases are answered." in page.text
    assert "Nothing has been measured yet." in page.text


def test_report_when_there_are_many_cases_keeps_the_failed_and_counts_the_rest(
    tmp_path: Path,
) -> None:
    cases = [a_case(f"case {number}") for number in range(620)]
    scores: list[dict[str, Any]] = [{"right": [float(number >= 30), 1.0]} for number in range(620)]
    records = [receipt(case.id, scores=score) for case, score in zip(cases, scores, strict=True)]
    page = write_run(tmp_path, cases, records, measured(620))
    shown = page.all("details", "case")
    assert len(shown) == 500
    assert sum(one["data-outcome"] == "wrong" for one in shown) == 30
    assert "120\N{NO-BREAK SPACE}other cases are left out" in "".join(page.words)
    assert (tmp_path / "report.html").stat().st_size < 15_000_000


def test_report_when_questions_are_rewritten_marks_the_differences(tmp_path: Path) -> None:
    case = Case(
        id="r", turns=(CaseTurn(question="When did they part?", rewrite="When did the Beatles part?"),)
    )
    record = receipt(
        "r", question="When did they part?", understood_as="When did they part?", status=None, answer="",
        citations=[], evidence=[], scores={"entities filled in": [0.0, 1.0]},
    )  # fmt: skip
    content = {**measured(1, index=None), "measures": {}, "curve": []}
    write_run(tmp_path, [case], [record], content)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<mark>the Beatles</mark>" in page
    assert "<mark>they</mark>" in page
    assert "1\N{NO-BREAK SPACE}question of claims.jsonl, made to stand alone by footnote" in page


def test_report_when_there_is_no_run_tells_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"There is no run at .* footnote evaluate CASES\.jsonl"):
        write_report(tmp_path / "none")


def test_report_when_a_line_is_torn_in_the_middle_refuses(tmp_path: Path) -> None:
    write_run(tmp_path, [a_case("a")], [receipt("a")], measured(1))
    (tmp_path / "answers.jsonl").write_text('{"case"\n{}\n', "utf-8")
    with pytest.raises(RunError, match=r"answers.jsonl, line 1 is not JSON .* Make the run anew"):
        write_report(tmp_path)
