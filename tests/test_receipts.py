"""A receipt says all that an answer rests on, and whoever has the articles can check it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus
from bot.receipts import describe_index, json_line, read_receipts, receipt_of, receipt_of_failure
from bot.settings import Settings
from retrieval.datatypes import Article, Passage, ScoredPassage
from retrieval.errors import ReceiptError
from tests.conftest import Footnote

ARTICLE = Article(id="a", title="A title", text="One word. Another word.", publisher="A paper", path="/a.md")
ANSWER = Answer(
    question="what?",
    understood_as="what word?",
    status=AnswerStatus.ANSWERED,
    text="The articles say:\n– “Another word.” [1]",
    language="en",
    citations=(cite(ARTICLE, 10, 23, 1, (10, 17)),),
    evidence=(ScoredPassage(Passage(article_id="a", start=0, end=23, text=ARTICLE.text), 0.5),),
    seconds={"total": 0.1},
)
INDEX = {"embedder": "fake", "settings": "0123456789abcdef"}
QUESTION = "what did Rutte say in Latvia?"


def ask(footnote: Footnote, question: str = QUESTION) -> dict[str, Any]:
    receipt = json.loads(footnote("ask", "--json", question).out)
    assert isinstance(receipt, dict)
    return receipt


def verify(footnote: Footnote, receipt: dict[str, Any]) -> tuple[int, str]:
    outcome = footnote("verify", "-", stdin=json.dumps(receipt).encode())
    return outcome.code, outcome.out


def test_receipt_has_the_fixed_names() -> None:
    receipt = receipt_of(ANSWER, INDEX)
    assert list(receipt) == [
        "schema", "question", "understood_as", "status", "answer", "language", "citations", "nearest",
        "evidence", "confidence", "written_by", "dropped", "notices", "seconds", "index",
    ]  # fmt: skip
    assert receipt["schema"] == 1
    assert receipt["status"] == "answered"
    assert receipt["citations"] == [
        {
            "number": 1, "article_id": "a", "title": "A title", "publisher": "A paper", "published": None,
            "modified": None, "read": None, "correction": None, "url": None, "language": None,
            "path": "/a.md", "quote": "Another word.", "start": 10, "end": 23, "marked": [10, 17],
            "same_story_as": None, "more_copies": 0, "digest": ARTICLE.digest, "dates": [],
        }
    ]  # fmt: skip
    assert receipt["evidence"] == [
        {"article_id": "a", "start": 0, "end": 23, "text": ARTICLE.text, "score": 0.5}
    ]
    assert receipt["index"] == INDEX


def test_receipt_is_one_line_as_it_reads() -> None:
    line = json_line(receipt_of(replace(ANSWER, question="vad sade Åsa?\n"), INDEX))
    assert "vad sade Åsa?" in line and "\n" not in line


def test_receipt_is_written_when_the_question_holds_half_a_character() -> None:
    line = json_line(receipt_of_failure("half \ud800", "it is half a character"))
    assert json.loads(line.encode())["question"] == "half \ud800"


def test_digest_of_settings_changes_with_what_changes_answers() -> None:
    manifest = {"embedder": "fake", "passages": "256"}
    default = describe_index(Settings(), manifest)
    assert default["embedder"] == "fake" and len(default["settings"]) == 16
    assert describe_index(Settings(index=Path("elsewhere")), manifest) == default
    assert describe_index(Settings(quotes=3), manifest)["settings"] != default["settings"]
    assert describe_index(Settings(), {**manifest, "passages": "128"})["settings"] != default["settings"]


def test_receipts_are_read_as_they_were_written() -> None:
    lines = [json_line(receipt_of(ANSWER, INDEX)), "", json_line(receipt_of_failure("x", "no"))]
    read = list(read_receipts([line.encode() for line in lines], "r.jsonl"))
    assert [number for number, _ in read] == [1, 3]
    assert [(claim.quote, claim.marked) for claim in read[0][1]] == [("Another word.", (10, 17))]
    assert read[1][1] == []


def test_receipt_is_read_when_it_was_written_before_words_were_marked() -> None:
    receipt = json.loads(json_line(receipt_of(ANSWER, INDEX)))
    del receipt["citations"][0]["marked"]
    ((_, (claim,)),) = read_receipts([json.dumps(receipt).encode()], "r.jsonl")
    assert claim.marked is None


@pytest.mark.parametrize("marked", ["words", [10], [10, 17, 23], [10.0, 17.0], [True, 17], {}])
def test_line_is_refused_when_its_marked_words_have_no_place(marked: object) -> None:
    receipt = json.loads(json_line(receipt_of(ANSWER, INDEX)))
    receipt["citations"][0]["marked"] = marked
    with pytest.raises(ReceiptError, match="citation 1 lacks a usable 'marked'"):
        list(read_receipts([json.dumps(receipt).encode()], "r.jsonl"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"not JSON", "Line 1 of r.jsonl is not JSON"),
        (b"[" * 100_000, "Line 1 of r.jsonl is not JSON"),
        (b"\x00\xff\xfe binary", "Line 1 of r.jsonl is not JSON"),
        (b"[1, 2]", "Line 1 of r.jsonl is not a receipt"),
        (b'{"schema": 1}', "Line 1 of r.jsonl is not a receipt"),
        (b'{"schema": 9, "question": "?"}', "has schema 9, this version reads 1"),
        (b'{"schema": 1, "question": "?"}', "has no list of citations"),
        (b'{"schema": 1, "question": "?", "citations": [3]}', "citation 1 is not an object"),
        (b'{"schema": 1, "question": "?", "citations": [{"title": "t"}]}', "lacks a usable 'article_id'"),
    ],
)
def test_line_is_refused_when_it_is_no_receipt(line: bytes, why: str) -> None:
    with pytest.raises(ReceiptError, match=why):
        list(read_receipts([line], "r.jsonl"))


def test_citations_stand_when_nothing_changed(footnote: Footnote, index: Path) -> None:
    code, out = verify(footnote, ask(footnote))
    assert (code, out) == (0, "1 receipt, 1 citation: all stand\n")


def test_citations_stand_by_the_file_when_there_is_no_index(footnote: Footnote, index: Path) -> None:
    receipt = ask(footnote)
    index.rename(index.with_name("moved"))
    assert verify(footnote, receipt) == (0, "1 receipt, 1 citation: all stand\n")


def test_citations_stand_by_the_index_when_the_file_is_gone(
    footnote: Footnote, index: Path, news: Path
) -> None:
    receipt = ask(footnote)
    (news / "riga.md").unlink()
    assert verify(footnote, receipt)[0] == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quote": "Rutte said nothing."}, "the quote does not stand at 67 to 146"),
        ({"start": 66}, "the quote does not stand at 66 to 146"),
        ({"start": -9}, "it quotes nothing"),
        ({"quote": "", "end": 67}, "it quotes nothing"),
        ({"marked": [60, 80]}, "it marks words that it does not quote"),
        ({"marked": [80, 147]}, "it marks words that it does not quote"),
        ({"publisher": "Another paper"}, "the article's publisher is 'Baltic Courier', not 'Another paper'"),
        ({"title": "Another title"}, "the article's title is 'Rutte in Riga: a direct threat', not"),
        ({"digest": "0" * 64}, "the article has changed since, and still has these words"),
        (
            {"digest": "0" * 64, "quote": "x y"},
            "the article has changed since, and no longer has these words",
        ),
        ({"article_id": "nobody", "path": None}, "the article is not in the index"),
        ({"article_id": "\ud800", "path": "/nowhere"}, "not in the index and cannot be read at /nowhere"),
    ],
)
def test_citation_fails_when_it_was_tampered_with(
    footnote: Footnote, index: Path, change: dict[str, object], why: str
) -> None:
    receipt = ask(footnote)
    receipt["citations"][0].update(change)
    code, out = verify(footnote, receipt)
    assert code == 1
    assert why in out
    assert "1 receipt, 1 citation: 0 stand, 1 failed\n" in out


def test_citation_fails_when_file_and_index_have_changed(footnote: Footnote, index: Path, news: Path) -> None:
    receipt = ask(footnote)
    path = news / "riga.md"
    path.write_text(path.read_text("utf-8").replace("a direct threat to Europe", "no threat"), "utf-8")
    assert footnote("index", str(news)).code == 0
    code, out = verify(footnote, receipt)
    assert code == 1
    assert out.startswith("line 1, citation 1, riga: the article has changed since, and no longer has")


def test_every_failing_line_is_named_when_several_fail(
    footnote: Footnote, index: Path, tmp_path: Path
) -> None:
    good, bad = ask(footnote), ask(footnote)
    bad["citations"][0]["quote"] = "invented"
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, [bad, good, bad])), "utf-8")
    outcome = footnote("verify", "r.jsonl")
    assert outcome.code == 1
    assert [line.split(",")[0] for line in outcome.out.splitlines()[:2]] == ["line 1", "line 3"]
    assert outcome.out.endswith("3 receipts, 3 citations: 1 stand, 2 failed\n")


def test_receipt_tells_what_the_times_in_a_quotation_mean() -> None:
    text = "The ferry sank in 2021. It was raised on Thursday."
    article = replace(ARTICLE, text=text, language="en", published="2024-11-08")
    receipt = receipt_of(replace(ANSWER, citations=(cite(article, 0, len(text), 1),)), INDEX)
    citations = receipt["citations"]
    assert isinstance(citations, list)
    start = text.index("Thursday")
    assert citations[0]["dates"] == [
        {"text": "Thursday", "start": start, "end": len(text) - 1, "from": "2024-11-07", "to": "2024-11-07"}
    ]
