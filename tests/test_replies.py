"""An answer reads well at any width, and nothing in an article steers the terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bot.citations import cite
from bot.console import printable, printable_line
from bot.datatypes import Answer, AnswerStatus
from bot.replies import show_answer, show_source
from retrieval.datatypes import Article, Passage, ScoredPassage

TEXT = (
    "Mark Rutte visited Riga on Thursday.\n\n"
    "He called the transfers a direct threat to everybody, and asked the allies for more. "
    "Nobody in the room contradicted him, and the ministers went home.\n\n"
    "The next meeting is in March."
)
ARTICLE = Article(
    id="riga",
    title="Rutte in Riga [bold]warns[/bold]",
    text=TEXT,
    publisher="Baltic Courier",
    published="2024-11-14T16:20:00+02:00",
    language="en",
    url="https://example.org/a/rather/long/address/of/an/article",
)
QUOTE = "He called the transfers a direct threat to everybody, and asked the allies for more."
START = TEXT.index(QUOTE)
ANSWERED = Answer(
    question="what did he say?",
    understood_as="what did Rutte say in Riga?",
    status=AnswerStatus.ANSWERED,
    text=f"What Rutte said:\n– “{QUOTE}” [1]",
    language="en",
    citations=(cite(ARTICLE, START, START + len(QUOTE), 1),),
    evidence=(ScoredPassage(Passage(article_id="riga", start=0, end=len(TEXT) - 31, text=TEXT[:-31]), 1.0),),
)
WORDS = TEXT.index("a direct threat")
MARKED = replace(
    ANSWERED,
    citations=(cite(ARTICLE, START, START + len(QUOTE), 1, (WORDS, WORDS + len("a direct threat"))),),
)
NOT_COVERED = Answer(
    question="who won?",
    understood_as="who won?",
    status=AnswerStatus.NOT_COVERED,
    text="The articles do not answer this. Looked for: won.",
    language="en",
    nearest=(cite(replace(ARTICLE, text=TEXT * 3), 0, len(TEXT) * 3, 1),),
)


def terminal(width: int, *, styles: bool = False, **environment: str) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=True, markup=False, highlight=False,
        color_system="standard" if styles else None, _environ=environment,
    )  # fmt: skip


def pipe() -> Console:
    return Console(file=io.StringIO(), markup=False, highlight=False, _environ={})


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_answer_reads_as_a_picture_on_a_terminal_of_60_columns() -> None:
    console = terminal(60)
    show_answer(ANSWERED, console)
    assert written(console) == (
        "(understood as: what did Rutte say in Riga?)\n"
        "\n"
        "What Rutte said:\n"
        "– “He called the transfers a direct threat to everybody, and\n"
        "  asked the allies for more.” [1]\n"
        "\n"
        "[1] Rutte in Riga [bold]warns[/bold]\n"
        "    Baltic Courier, 2024-11-14\n"
        "    Mark Rutte visited Riga on Thursday. “He called the\n"
        "    transfers a direct threat to everybody, and asked the\n"
        "    allies for more.” Nobody in the room contradicted him,\n"
        "    and the ministers went home. The …\n"
        "    https://example.org/a/rather/long/address/of/an/article\n"
    )


def test_answer_is_one_line_a_statement_without_escape_codes_when_piped() -> None:
    console = pipe()
    show_answer(ANSWERED, console)
    assert f"– “{QUOTE}” [1]\n" in written(console)
    assert "\x1b" not in written(console)
    assert not any(line.endswith(" ") for line in written(console).splitlines())


def test_quote_is_bold_and_without_marks_in_its_footnote_when_there_are_styles() -> None:
    console = terminal(200, styles=True)
    show_answer(ANSWERED, console)
    assert "\x1b[1mHe called the transfers" in written(console)
    assert "“He called" not in written(console).partition("Baltic Courier")[2]


def test_quote_keeps_its_bold_when_no_color_is_set() -> None:
    console = terminal(80, styles=True, NO_COLOR="1")
    show_answer(ANSWERED, console)
    assert "\x1b[1mHe called" in written(console)
    assert "\x1b[36m" not in written(console)


def test_words_that_answer_are_bold_in_the_statement_and_underlined_in_the_footnote() -> None:
    console = terminal(200, styles=True)
    show_answer(MARKED, console)
    statement, _, footnote = written(console).partition("Baltic Courier")
    assert "He called the transfers \x1b[1ma direct threat\x1b[0m to everybody" in statement
    assert "\x1b[1mHe called the transfers \x1b[0m\x1b[1;4ma direct threat\x1b[0m\x1b[1m to every" in footnote


def test_words_that_answer_are_underlined_in_the_whole_passage() -> None:
    console = terminal(200, styles=True)
    assert show_source(MARKED, 1, console)
    assert "\x1b[1;4ma direct threat\x1b[0m" in written(console)


def test_words_that_answer_change_nothing_without_styles() -> None:
    for make in (pipe, lambda: terminal(60)):
        marked, unmarked = make(), make()
        for console, answer in ((marked, MARKED), (unmarked, ANSWERED)):
            show_answer(answer, console)
            assert show_source(answer, 1, console)
        assert written(marked) == written(unmarked)


def test_words_that_answer_are_found_when_white_space_and_control_characters_are_not_shown() -> None:
    text = "He called\n\nit  \x1b[31ma \tdirect\nthreat\x07 again."
    start = text.index("a \t")
    article = replace(ARTICLE, text=text)
    citation = cite(article, 0, len(text), 1, (start, start + len("a \tdirect\nthreat")))
    console = terminal(200, styles=True)
    show_answer(replace(ANSWERED, text=f"The articles say:\n– “{text}” [1]", citations=(citation,)), console)
    assert written(console).count("\x1b[1ma  direct threat\x1b[0m") == 1
    assert written(console).count("\x1b[1;4ma direct threat\x1b[0m") == 1


def test_source_of_a_statement_stands_on_its_line_when_articles_differ() -> None:
    text = f"The articles give different figures:\n– Baltic Courier, 2024-11-14:\n“{QUOTE}” [1]"
    console = terminal(300, styles=True)
    show_answer(replace(MARKED, text=text), console)
    assert "– Baltic Courier, 2024-11-14: “He called the transfers \x1b[1ma direct threat" in written(console)


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_line_is_wider_than_the_terminal_when_it_is_narrow(width: int) -> None:
    console = terminal(width)
    show_answer(replace(ANSWERED, citations=(cite(replace(ARTICLE, url=None), 0, 36, 1),)), console)
    assert max(map(len, written(console).splitlines())) <= width


def test_language_is_named_when_it_differs_from_the_answer_s() -> None:
    console = pipe()
    show_answer(replace(ANSWERED, language="it"), console)
    assert "Baltic Courier, 2024-11-14, English\n" in written(console)
    assert "(intesa come: what did Rutte say in Riga?)" in written(console)


def test_nearest_passages_are_cut_when_nothing_answers() -> None:
    console = pipe()
    show_answer(NOT_COVERED, console)
    lines = written(console).splitlines()
    assert lines[:3] == ["The articles do not answer this. Looked for: won.", "", "Nearest, not an answer:"]
    assert lines[4].startswith("1. Mark Rutte visited Riga") and lines[4].endswith(" …")
    assert len(lines[4]) <= 205


def test_facts_that_are_unknown_leave_no_line_behind() -> None:
    article = Article(id="bare", title="Bare", text="Nobody knows who wrote this.")
    console = pipe()
    show_answer(
        replace(ANSWERED, understood_as=ANSWERED.question, text="– “Nobody” [1]",
                citations=(cite(article, 0, 6, 1),)), console
    )  # fmt: skip
    assert written(console) == "– “Nobody” [1]\n\n[1] Bare\n    “Nobody” knows who wrote this.\n    bare\n"


def test_quote_over_two_lines_is_one_statement() -> None:
    console = pipe()
    show_answer(replace(ANSWERED, text="The articles say:\n– “one\ntwo” [1]\n– “three” [2]"), console)
    assert "– “one two” [1]\n– “three” [2]\n" in written(console)


def test_article_cannot_steer_the_terminal_when_it_holds_escape_codes() -> None:
    hostile = "\x1b]0;title\x07\x1b[31mred\x9b2J\x08\x00 \u202eback"
    article = replace(ARTICLE, title=hostile, publisher=hostile, url=hostile, text=hostile * 2)
    answer = replace(ANSWERED, citations=(cite(article, 0, len(hostile), 1),), text=hostile,
                     understood_as=hostile)  # fmt: skip
    console = terminal(80)
    show_answer(answer, console)
    assert show_source(answer, 1, console)
    assert all(letter == "\n" or letter.isprintable() for letter in written(console))
    assert "red back" in written(console)


def test_source_shows_the_whole_passage_with_the_quote_marked() -> None:
    console = pipe()
    assert show_source(ANSWERED, 1, console)
    assert f"“{QUOTE}” Nobody in the room" in written(console)
    assert "Mark Rutte visited Riga on Thursday.\n" in written(console)


def test_source_shows_the_line_when_no_passage_of_the_evidence_holds_the_quote() -> None:
    console = pipe()
    assert show_source(replace(ANSWERED, evidence=()), 1, console)
    assert f"\n“{QUOTE}” Nobody in the room contradicted him, and the ministers went home.\n" in written(
        console
    )


def test_source_is_refused_when_no_citation_has_the_number() -> None:
    console = pipe()
    assert not show_source(ANSWERED, 7, console)
    assert written(console) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("two\nlines\tand a tab", "two\nlines and a tab"),
        ("a\x1b[1;31mred\x1b[0m b", "ared b"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("half \ud800 a letter", "half \N{REPLACEMENT CHARACTER} a letter"),
        ("soft\u00adhyphen 日本 é", "soft\u00adhyphen 日本 é"),
    ],
)
def test_printable_keeps_what_can_be_read(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_printable_line_is_one_line() -> None:
    assert printable_line(" one\n\n two\r\nthree ") == "one two three"


def test_footnote_says_what_the_publisher_corrected() -> None:
    long = replace(ARTICLE, correction="2024-11-15 It was Wednesday.\n" + "It was longer. " * 40)
    answer = replace(ANSWERED, citations=(cite(long, START, START + len(QUOTE), 1),), language="it")
    console = pipe()
    show_answer(answer, console)
    (line,) = [line for line in written(console).splitlines() if "Rettifica" in line]
    assert line.startswith("    Rettifica: 2024-11-15 It was Wednesday. It was longer.")
    assert line.endswith("…") and len(line) < 230
