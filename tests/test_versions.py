"""What became of quoted words is told: they stand, were changed, withdrawn or corrected since."""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from retrieval.datatypes import Article
from retrieval.library import Library
from retrieval.passages import split_sentences
from retrieval.stored import SplitArticle
from retrieval.versions import Version, around, find_words, gone_since, nearest_sentences
from tests.conftest import Footnote
from tests.small_index import RIGA

QUESTION = "what did Rutte say in Latvia?"
QUOTED = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."
SEEN = r"\(seen \d{4}-\d\d-\d\d \d\d:\d\d\)"
SAYS = "line 1, citation 1, riga: "
TITLE = "Rutte in Riga: a direct threat"
FIRST, SECOND, THIRD = "One stands here. Two stands here.", "Two stands here.", "Three stands here."


@pytest.fixture
def receipt(footnote: Footnote, index: Path) -> dict[str, Any]:
    """The receipt of an answer from the article that is changed then."""
    found = json.loads(footnote("ask", "--json", QUESTION).out)
    assert found["citations"][0]["quote"] == QUOTED
    assert isinstance(found, dict)
    return found


@pytest.fixture
def verified(footnote: Footnote, news: Path, receipt: dict[str, Any]) -> Callable[[str], tuple[int, str]]:
    """Index the article as it reads now, and verify the receipt of before."""

    def change_and_verify(article: str) -> tuple[int, str]:
        (news / "riga.md").write_text(article, "utf-8")
        assert footnote("index", "news").code == 0
        outcome = footnote("verify", "-", stdin=json.dumps(receipt).encode())
        return outcome.code, " ".join(outcome.out.split())

    return change_and_verify


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library.create(tmp_path / "index", {"embedder": "fake"})) as made:
        yield made


def store(library: Library, text: str, read: str, **facts: str) -> Article:
    article = Article(id="a", title="A title", text=text, read=read, **facts)
    library.update([SplitArticle(article=article, sentences=[], passages=[], vectors={})])
    return article


def day(number: int) -> str:
    return f"2024-11-{number:02}T10:00:00+00:00"


def test_versions_are_kept_in_order_when_an_article_changes(library: Library) -> None:
    first = store(library, FIRST, day(1), publisher="A paper", published="2024-11-01")
    second = store(library, SECOND, day(2))
    third = store(library, THIRD, day(3))
    kept = library.versions.of("a")
    assert [(one.article.text, one.article.read, one.until) for one in kept] == [
        (FIRST, day(1), day(2)),
        (SECOND, day(2), day(3)),
    ]
    assert (kept[0].article.publisher, kept[0].article.published) == ("A paper", "2024-11-01")
    assert [one.article.text for one in library.versions.since("a", second.digest)] == [SECOND]
    assert library.versions.since("a", first.digest) == kept
    assert library.versions.since("a", third.digest) == []
    assert library.versions.of("b") == []


def test_version_is_kept_when_its_article_leaves(library: Library) -> None:
    article = store(library, FIRST, day(1))
    library.update([], ["a"])
    (version,) = library.versions.since("a", article.digest)
    assert version.article.text == FIRST


def test_version_is_not_found_when_it_is_no_longer_what_was_stored(library: Library) -> None:
    article = store(library, FIRST, day(1))
    store(library, SECOND, day(2))
    with closing(sqlite3.connect(library.folder / "library.sqlite3")) as connection:
        connection.execute("UPDATE version SET text = 'One stood here.'")
        connection.commit()
    assert library.versions.since("a", article.digest) == []


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("Yes. Two words. Two words.", 16, (16, 26)),
        ("Yes. Two words. Two words.", 3, (5, 15)),
        ("Yes. Two\n\n words.", 5, (5, 17)),
        ("Yes. Twowords.", 5, None),
    ],
)
def test_words_are_found_at_their_place_or_elsewhere(
    text: str, start: int, expected: tuple[int, int] | None
) -> None:
    assert find_words("Two words.", text, start) == expected


def test_words_are_gone_since_the_first_version_without_them() -> None:
    article = Article(id="a", title="", text=FIRST)
    versions = [
        Version(article, day(2)),
        Version(replace(article, text=SECOND), day(3)),
        Version(replace(article, text=THIRD), day(4)),
    ]
    now = replace(article, text="Four stands here.")
    assert gone_since("One stands here.", 0, versions, now) == day(2)
    assert gone_since("Two stands here.", 17, versions, now) == day(3)
    assert gone_since("Two stands here.", 17, versions[:2], None) == day(3)
    assert gone_since("Two stands here.", 17, versions[:1], versions[1].article) == day(2)


def test_sentences_around_a_place_are_whole() -> None:
    text = "One stands here. Two stands here. Three stands here."
    spans = split_sentences(text)
    assert around((21, 27), text, spans) == "Two stands here."
    assert around((10, 20), text, spans) == "One stands here. Two stands here."
    assert around((3, 9), text, []) == text[3:9]


@pytest.mark.parametrize(
    ("quote", "now", "expected"),
    [
        ("Up to 12,000 soldiers came.", "Yes. Up to 9 soldiers came. It rained.", "Up to 9 soldiers came."),
        ("Up to 12,000 soldiers came.", "He spoke. It rained all day long.", None),
        # What stood there before is no change of what was withdrawn, however like it.
        ("Up to 12,000 soldiers came.", "He spoke. Up to 12,000 workers came.", None),
        ("One is here. Two is here.", "He spoke. One is here. Two was here.", "One is here. Two was here."),
        ("One is here. Two is here.", "He spoke. One is here. It rained.", "One is here. It rained."),
        ("Up to 12,000 soldiers came.", "", None),
    ],
    ids=["changed", "gone", "stood before", "second of two changed", "second of two gone", "nothing left"],
)  # fmt: skip
def test_nearest_sentences_are_those_that_a_quotation_was_changed_into(
    quote: str, now: str, expected: str | None
) -> None:
    before = f"He spoke. {quote} Up to 12,000 workers came. It rained."
    assert nearest_sentences(quote, before, now, split_sentences(now)) == expected


def test_nearest_sentence_is_found_soon_when_the_article_is_long() -> None:
    before = " ".join(f"Soldier number {number} came to Kursk by train." for number in range(3_000))
    now = before.replace("number 7 came", "number 7 went")
    began = time.monotonic()
    quote = "Soldier number 7 came to Kursk by train."
    assert nearest_sentences(quote, before, now, split_sentences(now)) == quote.replace("came", "went")
    assert nearest_sentences(before, before, now, split_sentences(now))
    assert time.monotonic() - began < 20


def test_citation_stands_when_the_rest_of_the_article_changed(
    verified: Callable[[str], tuple[int, str]],
) -> None:
    code, out = verified(RIGA.replace("Up to 12,000", "Up to 11,000"))
    assert code == 0
    assert re.fullmatch(
        rf"{SAYS}the article has changed since, and still has these words {SEEN}"
        " 1 receipt, 1 citation: all stand",
        out,
    )


def test_citation_stands_when_it_stands_elsewhere_now(verified: Callable[[str], tuple[int, str]]) -> None:
    code, out = verified(RIGA.replace("on Thursday morning.", "on Thursday."))
    assert code == 0
    assert re.search(rf"still has these words at 59 to 138 {SEEN} 1 receipt, 1 citation: all stand", out)


def test_citation_stands_when_its_words_are_in_another_sentence_now(
    verified: Callable[[str], tuple[int, str]],
) -> None:
    code, out = verified(RIGA.replace("Rutte said in Latvia", "Nobody heard it when Rutte said in Latvia"))
    assert code == 0
    assert re.search(rf"still has these words in “Nobody heard it when {re.escape(QUOTED)}” {SEEN}", out)


def test_citation_stands_when_only_the_headline_or_the_outlet_changed(
    verified: Callable[[str], tuple[int, str]], receipt: dict[str, Any]
) -> None:
    named = RIGA.replace(TITLE, "Rutte in Riga: what we know")
    changed = f"{SAYS}the article's title has changed since, and is now 'Rutte in Riga: what we know'"
    assert verified(named) == (0, f"{changed} 1 receipt, 1 citation: all stand")
    assert verified(named.replace("Baltic Courier", "Courier"))[0] == 0
    code, out = verified(named.replace("Up to 12,000", "Up to 11,000"))
    assert code == 0 and "still has these words" in out
    receipt["citations"][0]["title"] = "Another title"
    assert "the article's title is" in verified(named)[1]


def test_receipt_is_read_to_its_end_when_a_path_in_it_cannot_be_looked_at(
    footnote: Footnote, receipt: dict[str, Any]
) -> None:
    other = json.loads(json.dumps(receipt))
    other["citations"][0] |= {"article_id": "gone", "path": f"/{'x' * 5_000}", "digest": "0" * 64}
    lines = "".join(f"{json.dumps(one)}\n" for one in (other, receipt))
    outcome = footnote("verify", "-", stdin=lines.encode())
    assert outcome.code == 1
    assert outcome.out.endswith("2 receipts, 2 citations: 1 stand, 1 failed\n")


def test_citation_is_changed_when_its_sentence_is(verified: Callable[[str], tuple[int, str]]) -> None:
    code, out = verified(RIGA.replace("a direct threat to Europe", "no threat to Europe"))
    assert code == 1
    assert re.fullmatch(
        rf"{SAYS}the article has changed since, and no longer has these words {SEEN}\."
        " Now: “Rutte said in Latvia that the missiles are no threat to Europe and Japan.”"
        " 1 receipt, 1 citation: 0 stand, 1 changed since",
        out,
    )


def test_citation_is_withdrawn_when_no_sentence_comes_near_it(
    verified: Callable[[str], tuple[int, str]],
) -> None:
    code, out = verified(RIGA.replace(QUOTED, ""))
    assert code == 1
    assert re.fullmatch(
        rf"{SAYS}the article has changed since, and has neither these words nor any near them {SEEN}"
        " 1 receipt, 1 citation: 0 stand, 1 withdrawn since",
        out,
    )


def test_citation_is_withdrawn_when_its_article_left_the_index(
    footnote: Footnote, news: Path, receipt: dict[str, Any]
) -> None:
    (news / "riga.md").unlink()
    assert footnote("index", "news").code == 0
    outcome = footnote("verify", "-", stdin=json.dumps(receipt).encode())
    assert outcome.code == 1
    assert re.fullmatch(
        rf"{SAYS}the article has left the index {SEEN}\n1 receipt, 1 citation: 0 stand, 1 withdrawn since\n",
        outcome.out,
    )


def test_correction_is_told_when_the_quotation_still_stands(
    verified: Callable[[str], tuple[int, str]],
) -> None:
    corrected = RIGA.replace("language: en", 'language: en\ncorrection: "It was Wednesday."')
    code, out = verified(corrected)
    assert code == 0
    assert out == (
        f"{SAYS}its publisher states a correction: “It was Wednesday.”"
        " 1 receipt, 1 citation: all stand, 1 with a correction"
    )
    code, out = verified(corrected.replace("a direct threat", "no threat"))
    assert code == 1
    assert "Now: “Rutte said in Latvia that the missiles are no threat" in out
    assert out.endswith(
        "“It was Wednesday.” 1 receipt, 1 citation: 0 stand, 1 changed since, 1 with a correction"
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quote": QUOTED.replace("direct", "mortal")}, "the quote does not stand at 67 to 146"),
        ({"start": 66}, "the quote does not stand at 66 to 146"),
        ({"title": "Another title"}, "the article's title is 'Rutte in Riga: a direct threat', not"),
        ({"publisher": "Another paper"}, "the article's publisher is 'Baltic Courier', not 'Another paper'"),
        ({"digest": "0" * 64}, "the article has changed since, and no longer has these words"),
    ],
)
def test_citation_fails_when_it_never_stood_in_the_version_that_it_names(
    verified: Callable[[str], tuple[int, str]], receipt: dict[str, Any], change: dict[str, object], why: str
) -> None:
    receipt["citations"][0].update(change)
    code, out = verified(RIGA.replace("a direct threat to Europe", "no threat to Europe"))
    assert code == 1
    assert out.startswith(f"{SAYS}{why}")
    assert out.endswith("1 receipt, 1 citation: 0 stand, 1 failed")
    assert "seen" not in out


def test_summary_counts_each_fate_apart(
    footnote: Footnote, news: Path, index: Path, receipt: dict[str, Any]
) -> None:
    (news / "riga.md").write_text(RIGA.replace("a direct threat to Europe", "no threat to Europe"), "utf-8")
    assert footnote("index", "news").code == 0
    forged = json.loads(json.dumps(receipt))
    forged["citations"][0]["quote"] = "invented"
    new = footnote("ask", "--json", QUESTION).out
    lines = [json.dumps(receipt), json.dumps(forged), new.strip()]
    outcome = footnote("verify", "-", stdin="\n".join(lines).encode())
    assert outcome.code == 1
    assert outcome.out.endswith("3 receipts, 3 citations: 1 stand, 1 changed since, 1 failed\n")


def test_receipt_names_when_it_was_read_and_what_was_corrected(
    footnote: Footnote, news: Path, index: Path
) -> None:
    corrected = RIGA.replace(
        "language: en", 'language: en\nmodified: 2024-11-15\ncorrection: "It was Friday."'
    )
    (news / "riga.md").write_text(corrected, "utf-8")
    assert footnote("index", "news").code == 0
    (cited,) = json.loads(footnote("ask", "--json", QUESTION).out)["citations"]
    assert (cited["modified"], cited["correction"]) == ("2024-11-15", "It was Friday.")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", cited["read"])
    assert "Corrected: It was Friday.\n" in footnote("ask", QUESTION).out
