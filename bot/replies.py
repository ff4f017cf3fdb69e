"""Write an answer for a person to read: on a terminal with styles, into a pipe without."""

import os
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.console import Block, printable, printable_line, show
from bot.datatypes import Answer, Citation, Turn
from bot.extractive import quoted
from bot.shown import (
    BULLET,
    MARKS,
    NEAREST,
    also_in,
    correction,
    cut,
    facts,
    find_citation,
    footnotes,
    marked_in_statement,
    marked_place,
    source,
    statements,
    surroundings,
    whole_passage,
)
from prompts.phrases import phrase
from retrieval.datatypes import Article

# How much is shown around a quotation, in characters.
_AROUND = 70
_MARK, _TITLE, _QUOTE, _ASIDE, _CORRECTION = "bold cyan", "cyan", "bold", "dim", "yellow"
# The words that answer: in a statement, and in a quotation, which is bold itself.
_WORDS, _WORDS_IN_QUOTE = "bold", "underline"


def show_answer(answer: Answer, console: Console) -> None:
    """Write the answer, and its footnotes or what is nearest."""
    show(_answer_blocks(answer, has_styles=_has_styles(console)), console)


def show_turns(turns: Iterable[Turn], console: Console) -> None:
    """Write turns of before dimly: the questions, and the answers without their footnotes."""
    for turn in turns:
        lines = [f"› {printable_line(turn.question)}", *statements(printable(turn.answer.text))]
        show([Block(), *(Block(Text(line, _ASIDE)) for line in lines)], console)


def show_source(answer: Answer, number: int, console: Console) -> bool:
    """Write the whole passage of a citation with the quotation marked; false where it has no such number."""
    citation = find_citation(answer, number)
    if citation is None:
        return False
    start, end = whole_passage(citation, answer)
    article = citation.article
    before, after = article.text[start : citation.start], article.text[citation.end : end]
    quote = _marked(citation, printable(citation.quote), has_styles=_has_styles(console))
    text = Text.assemble(printable(before), quote, printable(after))
    heading = _heading(citation, f"[{number}] ")
    blocks = [heading, *_details(citation, answer.language, Text(" " * heading.lead.cell_len))]
    blocks += [Block(), *(Block(line) for line in text.split("\n")), Block()]
    show([*blocks, _place(article, Text())], console)
    return True


def _answer_blocks(answer: Answer, *, has_styles: bool) -> list[Block]:
    blocks: list[Block] = []
    if answer.understood_as != answer.question:
        understood = phrase("follows", answer.language, question=printable_line(answer.understood_as))
        blocks += [Block(Text(understood, _ASIDE)), Block()]
    blocks += [_statement(line, answer) for line in statements(printable(answer.text))]
    if answer.citations:
        for citation in footnotes(answer):
            blocks += [Block(), *_footnote(citation, answer, has_styles=has_styles)]
    elif answer.nearest:
        blocks += [Block(), Block(Text(phrase("nearest", answer.language)))]
        for citation in answer.nearest:
            blocks += [Block(), *_near(citation, answer.language)]
    if answer.notices:
        blocks += [Block(), *(Block(Text(printable_line(notice), _ASIDE)) for notice in answer.notices)]
    return blocks


def _statement(line: str, answer: Answer) -> Block:
    lead = BULLET if line.startswith(BULLET) else ""
    text = Text(line.removeprefix(lead))
    if place := marked_in_statement(text.plain, answer, printable):
        text.stylize(_WORDS, *place)
    if marks := MARKS.search(text.plain):
        text.stylize(_MARK, marks.start(), marks.end())
    return Block(text, Text(lead))


def _footnote(citation: Citation, answer: Answer, *, has_styles: bool) -> list[Block]:
    heading = _heading(citation, f"[{citation.number}] ")
    indent = Text(" " * heading.lead.cell_len)
    article = citation.article
    before, after = surroundings(citation, _AROUND)
    quote = _marked(citation, printable_line(citation.quote), has_styles=has_styles)
    marked = Text.assemble((before, _ASIDE), quote, (after, _ASIDE))
    details = _details(citation, answer.language, indent)
    others = also_in(citation, answer)
    more = [Block(Text(others, _ASIDE), indent)] if others else []
    return [heading, *details, Block(marked, indent), _place(article, indent), *more]


def _near(citation: Citation, language: str) -> list[Block]:
    lead = Text(f"{citation.number}. ")
    indent = Text(" " * lead.cell_len)
    words = cut(printable_line(citation.quote), NEAREST)
    title = Text(printable_line(citation.article.title), _TITLE)
    details = _lines((facts(citation.article, language), correction(citation.article, language)), indent)
    return [Block(Text(words), lead), Block(title, indent), *details]


def _heading(citation: Citation, lead: str) -> Block:
    return Block(Text(printable_line(citation.article.title), _TITLE), Text(lead, _MARK))


def _details(citation: Citation, language: str, indent: Text) -> list[Block]:
    return _lines((source(citation, language), correction(citation.article, language)), indent)


def _lines(details: tuple[str, str], indent: Text) -> list[Block]:
    lines = (Text(text, style) for text, style in zip(details, (_ASIDE, _CORRECTION), strict=True))
    return [Block(line, indent) for line in lines if line]


def _place(article: Article, indent: Text) -> Block:
    """Say where the article can be opened: its address, else its file as seen from the current folder."""
    if article.url:
        return Block(Text(printable_line(article.url), _ASIDE), indent, unbroken=True)
    path = Path(article.path) if article.path else None
    if path and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return Block(Text(printable_line(os.fspath(path or article.id)), _ASIDE), indent, unbroken=True)


def _marked(citation: Citation, quote: str, *, has_styles: bool) -> Text:
    """Mark a quotation, and in it the words that answer; without styles, put it between quotation marks."""
    if not has_styles:
        return Text(quoted(quote))
    text = Text(quote, _QUOTE)
    if place := marked_place(quote, citation, printable):
        text.stylize(_WORDS_IN_QUOTE, *place)
    return text


def _has_styles(console: Console) -> bool:
    return console.is_terminal and console.color_system is not None
