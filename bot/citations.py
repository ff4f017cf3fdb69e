"""Check that a quotation stands in its article; nothing unchecked leaves the bot."""

from collections.abc import Iterable

from bot.datatypes import Citation
from retrieval.datatypes import Article
from retrieval.passages import Span


class MisquoteError(RuntimeError):
    """A quotation does not stand at its place: a bug in Footnote itself, never the person's fault."""


def cite(article: Article, start: int, end: int, number: int, marked: Span | None = None) -> Citation:
    """Make the citation of a place in an article, with the place of the words that answer."""
    quote = article.text[start:end]
    return Citation(number=number, article=article, quote=quote, start=start, end=end, marked=marked)


def stands(citation: Citation) -> bool:
    """Tell whether the quote stands word for word at its place, and what is marked of it within it."""
    text, start, end = citation.article.text, citation.start, citation.end
    is_quoted = bool(citation.quote.strip()) and text[start:end] == citation.quote
    if not is_quoted or citation.marked is None:
        return is_quoted
    low, high = citation.marked
    return start <= low < high <= end and bool(text[low:high].strip())


def require_all_stand(citations: Iterable[Citation]) -> None:
    """Stop an answer with a quotation that does not stand.

    Raises:
        MisquoteError: One does not.
    """
    for citation in citations:
        if not stands(citation):
            raise MisquoteError(
                f"Quotation {citation.number} does not stand in {citation.article.id} "
                f"at {citation.start} to {citation.end}"
            )
