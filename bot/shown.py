"""What of an answer and its articles a person is shown, on a terminal and in Telegram alike."""

import re
from collections.abc import Callable
from datetime import datetime

from bot.console import printable_line
from bot.datatypes import Answer, Citation
from bot.told_dates import dates_note
from prompts.phrases import phrase
from retrieval.datatypes import Article
from retrieval.passages import Span

BULLET = "– "
# The numbers of footnotes that end a statement.
MARKS = re.compile(r"(?:\[\d+\])+$")
# How much is shown of a passage that does not answer, in characters.
NEAREST = 200
# How much is shown of a title that stands for its publisher, in characters.
_SHORT_TITLE = 60
# How much is shown of a correction, in characters.
_CORRECTION = 200
# Each language by its own name.
_LANGUAGES = {"en": "English", "it": "italiano", "sv": "svenska", "de": "Deutsch", "fr": "français",
              "es": "español"}  # fmt: skip


def statements(text: str) -> list[str]:
    """Cut an answer into its lines; a quotation that runs over several lines of its article is one."""
    lines: list[str] = []
    for line in text.splitlines():
        is_open = lines and lines[-1].startswith(BULLET) and not MARKS.search(lines[-1])
        if is_open and not line.startswith(BULLET):
            lines[-1] = f"{lines[-1].rstrip()} {line.lstrip()}"
        else:
            lines.append(line)
    return lines


def facts(article: Article, language: str) -> str:
    """Name the publisher, the day, and the language where it is not the answer's; empty if none is known."""
    other = article.language if article.language != language else None
    known = [article.publisher, (article.published or "")[:10], _LANGUAGES.get(other or "", other)]
    return printable_line(", ".join(fact for fact in known if fact))


def source(citation: Citation, language: str) -> str:
    """Name what `facts` names of the article, and what the times in the quotation mean."""
    known = (facts(citation.article, language), dates_note(citation, language))
    return " · ".join(filter(None, known))


def shown_time(stamp: str) -> str:
    """Write a moment by the clock of this place, to the minute."""
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}"


def footnotes(answer: Answer) -> list[Citation]:
    """Find the citations that are shown with their words: one of each story, the fullest."""
    return [citation for citation in answer.citations if citation.same_story_as is None]


def also_in(citation: Citation, answer: Answer) -> str:
    """Name the other articles of its story that are cited for the same; empty where none are."""
    others = [one for one in answer.citations if one.same_story_as == citation.number]
    if not others:
        return ""
    named = "; ".join(f"{_named(one.article, answer.language)} [{one.number}]" for one in others)
    if citation.more_copies:
        return phrase("also_in_more", answer.language, others=named, count=str(citation.more_copies))
    return phrase("also_in", answer.language, others=named)


def _named(article: Article, language: str) -> str:
    """Name an article by its publisher, else by its title, with what else is known."""
    title = "" if article.publisher else cut(printable_line(article.title), _SHORT_TITLE)
    return ", ".join(filter(None, (title, facts(article, language)))) or article.id


def correction(article: Article, language: str) -> str:
    """Say what its publisher says was corrected; empty where nothing was."""
    if not article.correction:
        return ""
    said = cut(printable_line(article.correction), _CORRECTION)
    return phrase("corrected", language, correction=said)


def surroundings(citation: Citation, characters: int) -> tuple[str, str]:
    """Take what stands before and after a quotation, each cut at a word and with the space between."""
    text = citation.article.text
    before = text[max(0, citation.start - 4 * characters) : citation.start]
    after = text[citation.end : citation.end + 4 * characters]
    return (
        _cut_before(printable_line(before), characters) + _space(before[-1:]),
        _space(after[:1]) + cut(printable_line(after), characters),
    )


def marked_place(shown: str, citation: Citation, clean: Callable[[str], str]) -> Span | None:
    """Find the words that answer where a quotation is shown; None where none are marked.

    Args:
        shown: What a person sees; its white space may differ from the article's.
        citation: The quotation.
        clean: What was done to the quotation before it was shown.
    """
    if citation.marked is None:
        return None
    low, high = (place - citation.start for place in citation.marked)
    parts = (citation.quote[:low], citation.quote[low:high], citation.quote[high:])
    found = re.search(r"\s*".join(f"({_in_any_space(clean(part))})" for part in parts), shown)
    return found.span(2) if found and found[2] else None


def marked_in_statement(line: str, answer: Answer, clean: Callable[[str], str]) -> Span | None:
    """Find the words that answer in a line of an answer, which quotes the first of its footnotes."""
    marks = MARKS.search(line)
    if marks is None:
        return None
    first = (one for one in answer.citations if marks[0].startswith(f"[{one.number}]"))
    return next((marked_place(line, citation, clean) for citation in first), None)


def find_citation(answer: Answer, number: int) -> Citation | None:
    """Find a footnote of an answer, or of the nearest passages where it has none."""
    shown = answer.citations or answer.nearest
    return next((citation for citation in shown if citation.number == number), None)


def whole_passage(citation: Citation, answer: Answer) -> tuple[int, int]:
    """Find the passage that holds the quotation; where it was found otherwise, the lines that hold it."""
    for passage in (scored.passage for scored in answer.evidence):
        if (
            passage.article_id == citation.article.id
            and passage.start <= citation.start
            and citation.end <= passage.end
        ):
            return passage.start, passage.end
    text = citation.article.text
    end = text.find("\n", citation.end)
    return text.rfind("\n", 0, citation.start) + 1, len(text) if end < 0 else end


def cut(text: str, limit: int) -> str:
    """Cut what is longer at a word, and say so with "…"."""
    if len(text) <= limit:
        return text
    return (text[:limit].rpartition(" ")[0] or text[:limit]).rstrip(" ,;:–—-") + " …"


def _cut_before(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return "… " + (text[-limit:].partition(" ")[2] or text[-limit:])


def _in_any_space(text: str) -> str:
    return r"\s+".join(map(re.escape, text.split()))


def _space(letter: str) -> str:
    return " " if letter.isspace() else ""
