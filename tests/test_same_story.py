"""Copies of one story are one source: the fullest is quoted, the others are cited behind it."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bot.citations import cite, require_all_stand
from bot.datatypes import Answer, AnswerStatus
from bot.extractive import Draft, write_answer
from bot.receipts import receipt_of
from bot.replies import show_answer
from bot.same_story import cite_copies
from bot.telegram_app.answer_messages import answer_text
from bot.turns import turn_of
from retrieval.datatypes import Article, Filter
from retrieval.groups import Member
from retrieval.library import Library
from retrieval.passages import split_sentences
from retrieval.query import understand
from retrieval.reading import Finding
from retrieval.sentences import read_article
from tests.conftest import Footnote
from tests.test_duplicates import ITALIAN, WIRE
from tests.test_grouping import article as stored_article
from tests.test_grouping import library, store

__all__ = ["library"]
FERRY = "Amara Okafor said that the old ferry to Chile is safe."
QUOTE = '"We had every passenger off the\nship within 40 minutes," Lindqvist said.'


def finding(text: str, id_: str, marked: str = "", language: str = "en") -> Finding:
    article = Article(id=id_, title=id_, text=text, language=language, publisher=id_.title())
    start = text.find(marked)
    sentence = read_article(article, split_sentences(text))[0]
    return Finding(sentence, 1.0, (start, start + len(marked)) if marked else None)


def members(**sizes: int) -> Mapping[str, Member]:
    return {name: Member(id=name, story=1, size=size, published="2024-11-07") for name, size in sizes.items()}


def write(question: str, findings: list[Finding], told: Mapping[str, Member]) -> Draft:
    draft = write_answer(understand(question, "en"), findings, quotes=5, quoted_characters=900, members=told)
    require_all_stand(draft.citations)
    assert [one.number for one in draft.citations] == list(range(1, len(draft.citations) + 1))
    return draft


def cited(draft: Draft) -> list[tuple[str, int | None]]:
    return [(one.article.id, one.same_story_as) for one in draft.citations]


def test_fullest_of_a_story_is_quoted_and_the_others_are_cited_behind_it() -> None:
    findings = [finding(FERRY, name) for name in ("short", "other", "full", "middle")]
    draft = write("What did Okafor say?", findings, members(short=10, middle=20, full=30))
    assert cited(draft) == [("full", None), ("other", None), ("middle", 1), ("short", 1)]
    assert draft.text.splitlines()[1:] == [f"– “{FERRY}” [1][2]"]


def test_article_in_the_language_of_the_question_is_quoted_before_a_fuller_one() -> None:
    findings = [
        finding("Il traghetto ha 12.000 posti.", "full", "12.000", "it"),
        finding("The ferry has 12,000 seats.", "short", "12,000"),
    ]
    draft = write("How many seats are there?", findings, members(short=10, full=30))
    assert cited(draft) == [("short", None), ("full", 1)]


def test_sentence_that_a_copy_edited_is_no_second_quotation() -> None:
    text = "Amara Okafor and Tomas Lind said in Lima that the old ferry to Chile is safe."
    findings = [
        finding(text, "one", "Amara Okafor"),
        finding(text.replace("to Chile", "to the coast of Chile"), "two", "Tomas Lind"),
    ]
    together = write("Who called the ferry safe?", findings, members(one=10, two=20))
    assert cited(together) == [("one", None), ("two", 1)]
    assert write("Who called the ferry safe?", findings, {}).text.count("– ") == 2


def test_copies_do_not_use_up_the_quotations() -> None:
    texts = [
        f"The {topic} of {topic}ville is {topic}ly."
        for topic in ("ferry", "tram", "museum", "poster", "storm")
    ]
    findings = [finding(text, name) for text in texts for name in ("one", "two", "three")]
    draft = write("What is old?", findings, members(one=10, two=20, three=30))
    assert cited(draft)[:5] == [("three", None)] * 5
    assert len(draft.citations) == 15


def test_figures_differ_when_two_sources_say_so_not_two_copies() -> None:
    findings = [
        finding("Up to 12,000 old ferries sank.", "one", "12,000"),
        finding("In all 10,000 ferries were lost to the storm.", "two", "10,000"),
    ]
    apart, together = (
        write("How many ferries sank?", findings, told) for told in ({}, members(one=1, two=2))
    )
    assert apart.text.startswith("The articles give different figures:")
    assert together.text.startswith("The articles say:")
    assert len(together.text.splitlines()) == 3


def copies(count: int) -> list[Article]:
    """Copies of a wire story, each with a line of its own, the later ones shorter."""
    lines = WIRE.splitlines()
    return [
        stored_article(
            f"paper-{place}", "\n".join([f"Seen by paper number {place}.", *lines[: len(lines) - place]])
        )
        for place in range(count)
    ]


def test_articles_with_the_same_words_are_cited_too_and_the_rest_is_counted(library: Library) -> None:
    articles = [*copies(4), *(stored_article(f"z-{place}", WIRE) for place in range(5))]
    store(library, articles)
    first = articles[0]
    start, low = first.text.index(QUOTE), first.text.index("40 minutes")
    lead = cite(first, start, start + len(QUOTE), 1, (low, low + 10))
    found = cite_copies([lead], library, None)
    require_all_stand(found)
    assert [(one.number, one.same_story_as) for one in found] == [(1, None), *((n, 1) for n in range(2, 7))]
    assert found[0].more_copies == 3
    assert all(one.article.text[slice(*one.marked)] == "40 minutes" for one in found if one.marked)
    assert all(one.marked for one in found)
    only = cite_copies([lead], library, Filter(publishers=frozenset({"z-3"})))
    assert [one.article.id for one in only] == ["paper-0", "z-3"]


@pytest.mark.parametrize(
    ("before", "is_cited"),
    [("\n", True), (" ... ", True), ("“", True), ("It is a myth that ", False), ("Un", False)],
)
def test_words_are_cited_only_where_they_open_a_sentence(
    library: Library, before: str, is_cited: bool
) -> None:
    start = WIRE.index("Nobody")
    quote = WIRE[start : WIRE.index("hurt") + 4]
    spaced = WIRE[:start].rstrip() + before + WIRE[start:].replace(" ", "  ", 2)
    one, other = stored_article("one", WIRE), stored_article("other", spaced)
    store(library, [one, other])
    found = cite_copies([cite(one, start, start + len(quote), 1)], library, None)
    require_all_stand(found)
    assert [citation.article.id for citation in found] == ["one", *(["other"] if is_cited else [])]
    assert found[-1].quote.split() == quote.split()


def test_translation_of_a_story_is_not_cited_for_words_that_it_does_not_have(library: Library) -> None:
    one = stored_article("one", WIRE)
    store(library, [one, stored_article("two", ITALIAN, "it")])
    assert library.groups.members(["two"])
    assert len(cite_copies([cite(one, 0, 6, 1)], library, None)) == 1


def story(number: int) -> str:
    head = f"title: Ferry fire\npublisher: Paper {number}\npublished: 2024-11-0{number}\nlanguage: en"
    told = " ".join((WIRE if number == 3 else WIRE[: WIRE.index("In 2016")]).split())
    return f"---\n{head}\n---\n{told}\n\nSent to us by paper {number}.\n"


@pytest.fixture
def wires(write_articles: Callable[[Mapping[str, str]], Path], footnote: Footnote) -> None:
    news = write_articles({f"wire-{number}.md": story(number) for number in range(1, 10)})
    assert footnote("index", str(news)).code == 0


def test_answer_quotes_the_fullest_once_and_names_the_others(wires: None, footnote: Footnote) -> None:
    shown = footnote("ask", "What did Lindqvist say?").out
    assert shown.partition("\n\n[1] ")[0].count("within 40 minutes") == 1
    assert "Paper 3, 2024-11-03" in shown
    also = next(line.strip() for line in shown.splitlines() if line.strip().startswith("Also in"))
    assert also.startswith("Also in: Paper 1, 2024-11-01 [")
    assert also.endswith("; and in 3 more")


def test_receipt_holds_the_copies_and_is_verified(wires: None, footnote: Footnote, tmp_path: Path) -> None:
    written = footnote("ask", "--json", "What did Lindqvist say?").out
    receipt = json.loads(written)
    leads = [one for one in receipt["citations"] if one["same_story_as"] is None]
    behind = [one for one in receipt["citations"] if one["same_story_as"] == 1]
    assert leads[0]["publisher"] == "Paper 3" and leads[0]["more_copies"] == 3
    assert len(behind) == 5 and {one["quote"] for one in behind} == {leads[0]["quote"]}
    assert len({one["article_id"] for one in receipt["evidence"]}) == 1
    saved = tmp_path / "receipts.jsonl"
    saved.write_text(written, "utf-8")
    assert footnote("verify", str(saved)).code == 0


def test_answer_within_a_filter_names_no_article_outside_it(wires: None, footnote: Footnote) -> None:
    shown = footnote("ask", "--publisher", "Paper 5", "What did Lindqvist say?").out
    assert "Paper 5, 2024-11-05" in shown
    assert "Also in" not in shown


ONE = Article(id="one", title="One", text=FERRY, language="en", publisher="Post", published="2024-11-07")
ANSWER = Answer(
    question="q",
    understood_as="q",
    status=AnswerStatus.ANSWERED,
    text=f"The articles say:\n– “{FERRY}” [1]",
    language="en",
    citations=(
        replace(cite(ONE, 0, len(FERRY), 1), more_copies=2),
        replace(
            cite(replace(ONE, id="two", publisher=None, title="A title"), 0, len(FERRY), 2), same_story_as=1
        ),
    ),
)


def test_footnote_names_the_others_of_its_story_on_a_terminal_and_in_telegram() -> None:
    console = Console(file=io.StringIO(), markup=False, highlight=False, _environ={})
    show_answer(ANSWER, console)
    assert isinstance(console.file, io.StringIO)
    named = "Also in: A title, 2024-11-07 [2]; and in 2 more"
    for shown in (console.file.getvalue(), answer_text(ANSWER).text):
        assert shown.rstrip().endswith(named)
        assert shown.count("Post, 2024-11-07") == 1
        assert shown.count(FERRY) == 2


def test_turn_that_is_made_again_keeps_what_is_one_story() -> None:
    receipt = json.dumps(receipt_of(ANSWER, {}))
    again = turn_of("q", receipt, lambda ids: {}, "It").answer.citations
    assert [(one.same_story_as, one.more_copies) for one in again] == [(None, 2), (1, 0)]
