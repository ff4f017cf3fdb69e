"""Write an answer, its passages and what comes near for Telegram, as text with styles."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from bot.console import printable_line
from bot.datatypes import Answer, Citation
from bot.shown import (
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
from bot.telegram_app.splitting import split
from bot.telegram_app.styled import Style, StyledText, joined, plain, styled, with_style
from prompts.phrases import IN_TELEGRAM, phrase
from retrieval.datatypes import Article, ScoredPassage

# How much is shown around a quotation, and of a title, in characters.
_AROUND, _TITLE = 200, 200
# How many further passages are shown, and of how many lines of an answer inline mode makes a message.
_FURTHER, _SHORT = 5, 4
_MARK = re.compile(r"\[(\d+)\]")
# By how many words a browser finds where a quotation begins and ends; by how many characters in a language
# without spaces, which is what words longer than that are taken for.
_FEWEST_WORDS, _MOST_WORDS, _CHARACTERS = 4, 12, 40
# What an article and its page may write differently around a quotation.
_SIGNS = " .,;:!?…\"“”„«»'‘’()[]–—-"
_LONGEST_ADDRESS = 2048


def answer_text(answer: Answer) -> StyledText:
    """Write the answer with its footnotes below it; of a refusal, what was looked for."""
    blocks = [joined(_lines(answer), "\n")]
    if answer.understood_as != answer.question:
        blocks.insert(0, _understood(answer))
    if answer.citations:
        blocks.append(sources_text(answer))
    if answer.notices:
        notices = (styled(printable_line(notice), Style.ITALIC) for notice in answer.notices)
        blocks.append(joined(notices, "\n"))
    return joined(blocks, "\n\n")


def sources_text(answer: Answer) -> StyledText:
    """Write the footnotes of an answer."""
    return joined((_source(citation, answer) for citation in footnotes(answer)), "\n")


def passage_text(answer: Answer, number: int) -> StyledText | None:
    """Write the whole passage of a footnote with the quotation in bold; None where there is no such one."""
    citation = find_citation(answer, number)
    if citation is None:
        return None
    text = citation.article.text
    start, end = whole_passage(citation, answer)
    passage = joined(
        (
            plain(text[start : citation.start].lstrip()),
            _quotation(citation, citation.quote),
            plain(text[citation.end : end].rstrip()),
        ),
        "",
    )
    return joined((_heading(f"[{number}] ", citation, answer.language), passage), "\n\n")


def nearest_text(answer: Answer) -> StyledText | None:
    """Write the passages that come nearest where nothing answers; None where there are none."""
    passages = (
        _cut_passage(f"{citation.number}. ", citation.article, citation.quote, answer.language)
        for citation in answer.nearest
    )
    return _list(phrase("nearest", answer.language), passages) if answer.nearest else None


def further_passages(answer: Answer) -> tuple[ScoredPassage, ...]:
    """Find the best passages that were considered and of which nothing is shown."""
    shown = (*answer.citations, *answer.nearest)
    further = (
        scored for scored in answer.evidence if not any(_overlap(scored, citation) for citation in shown)
    )
    return tuple(further)[:_FURTHER]


def more_text(answer: Answer, articles: Mapping[str, Article] | None = None) -> StyledText | None:
    """Write the passages that were considered and not cited; None where there are none.

    Args:
        answer: The answer that they were considered for.
        articles: The articles of `further_passages` by id; without one, its id stands for its title.
    """
    known = {citation.article.id: citation.article for citation in (*answer.citations, *answer.nearest)}
    known |= articles or {}
    further = further_passages(answer)
    passages = (
        _cut_passage(
            f"{number}. ",
            known.get(passage.article_id) or Article(id=passage.article_id, title="", text=""),
            passage.text,
            answer.language,
        )
        for number, passage in enumerate((scored.passage for scored in further), start=1)
    )
    return _list(phrase("more_title", answer.language, IN_TELEGRAM), passages) if further else None


def short_text(answer: Answer) -> StyledText:
    """Write the question and the best of its answer with its sources, in one message."""
    lines = _lines(answer)[:_SHORT]
    cited = {int(number) for line in lines for number in _MARK.findall(line.text)}
    sources = [
        _heading(f"[{citation.number}] ", citation, answer.language)
        for citation in answer.citations
        if citation.number in cited
    ]
    asked = styled(printable_line(answer.understood_as), Style.BOLD)
    blocks = [asked, joined(lines, "\n"), joined(sources, "\n")]
    whole = joined((block for block in blocks if block.text), "\n\n")
    return next(iter(split(whole)), whole)


def article_link(article: Article, quote: str) -> str | None:
    """Make the address at which a browser opens an article at a quotation; None where it has none on the web.

    Source: https://wicg.github.io/scroll-to-text-fragment/
    """
    address = (article.url or "").strip()
    try:
        parts = urlsplit(address)
        is_on_the_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    if not is_on_the_web or not address.isprintable() or " " in address or len(address) > _LONGEST_ADDRESS:
        return None
    page, _, place = address.partition("#")
    fragment = _text_fragment(article.text, quote)
    link = f"{page}#{place.partition(':~:')[0]}:~:text={fragment}"
    return link if fragment and len(link) <= _LONGEST_ADDRESS else address


def _text_fragment(text: str, quote: str) -> str:
    """Name a quotation by its first and last words, or by all where they are few; empty where it has none.

    Neither may lie in two paragraphs of the page. The first are as many as it takes to stand nowhere else in
    the article.
    """
    lines = [line for line in (line.strip(_SIGNS) for line in quote.splitlines()) if line]
    if not lines:
        return ""
    first, last = lines[0], lines[-1]
    words = first.split()
    has_spaces = max(map(len, quote.split())) <= _CHARACTERS
    if len(lines) == 1 and (len(words) <= 2 * _FEWEST_WORDS if has_spaces else len(first) <= 2 * _CHARACTERS):
        return _encoded(first)
    if not has_spaces:
        return f"{_encoded(first[:_CHARACTERS])},{_encoded(last[-_CHARACTERS:])}"
    most = min(_MOST_WORDS, len(words) - _FEWEST_WORDS if len(lines) == 1 else len(words))
    counts = range(_FEWEST_WORDS, most + 1)
    begins = (" ".join(words[:count]) for count in counts)
    begin = next((begin for begin in begins if text.count(begin) == 1), " ".join(words[:_FEWEST_WORDS]))
    return f"{_encoded(begin)},{_encoded(' '.join(last.split()[-_FEWEST_WORDS:]))}"


def _encoded(words: str) -> str:
    # A hyphen has a meaning of its own there, and half a character cannot be encoded.
    return percent_encoded(words, safe="", errors="replace").replace("-", "%2D")


def _lines(answer: Answer) -> list[StyledText]:
    """Write the lines of an answer, with the words that answer in bold."""
    return [
        with_style(StyledText(line), Style.BOLD, marked_in_statement(line, answer, _clean))
        for line in statements(_clean(answer.text))
    ]


def _quotation(citation: Citation, quote: str) -> StyledText:
    """Write a quotation in bold, with the words that answer underlined."""
    text = plain(quote)
    place = marked_place(text.text, citation, _clean)
    return styled(with_style(text, Style.UNDERLINE, place), Style.BOLD)


def _clean(text: str) -> str:
    return plain(text).text


def _understood(answer: Answer) -> StyledText:
    words = phrase("follows", answer.language, question=printable_line(answer.understood_as))
    return styled(words, Style.ITALIC)


def _source(citation: Citation, answer: Answer) -> StyledText:
    """Write a footnote: whose words, where they can be read, and the words among those around them."""
    before, after = surroundings(citation, _AROUND)
    words = joined((plain(before), _quotation(citation, printable_line(citation.quote)), plain(after)), "")
    heading = _heading(f"[{citation.number}] ", citation, answer.language)
    others = also_in(citation, answer)
    parts = (heading, words, styled(others, Style.ITALIC)) if others else (heading, words)
    return styled(joined(parts, "\n"), Style.QUOTATION)


def _heading(lead: str, citation: Citation, language: str) -> StyledText:
    return _headed(lead, citation.article, citation.quote, source(citation, language), language)


def _headed(lead: str, article: Article, quote: str, known: str, language: str) -> StyledText:
    """Write the title of an article, which leads to the quotation where it can, and what is known of it."""
    title = styled(cut(printable_line(article.title or article.id), _TITLE), Style.BOLD)
    link = article_link(article, quote)
    heading = plain(lead) + (styled(title, Style.LINK, url=link) if link else title)
    lines = (cut(known, _TITLE), correction(article, language))
    return joined((heading, *map(plain, filter(None, lines))), "\n")


def _cut_passage(lead: str, article: Article, text: str, language: str) -> StyledText:
    words = plain(cut(printable_line(text), NEAREST))
    heading = _headed(lead, article, text, facts(article, language), language)
    return styled(joined((heading, words), "\n"), Style.QUOTATION)


def _list(title: str, passages: Iterator[StyledText]) -> StyledText:
    return joined((plain(title), joined(passages, "\n")), "\n\n")


def _overlap(scored: ScoredPassage, citation: Citation) -> bool:
    passage = scored.passage
    return (
        passage.article_id == citation.article.id
        and passage.start < citation.end
        and citation.start < passage.end
    )
