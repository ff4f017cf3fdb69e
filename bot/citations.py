"""Check that a quotation stands in its article; nothing unchecked leaves the bot."""

from collections.abc import Iterable

from bot.datatypes import Citation
from retrieval.datatypes import Article


class MisquoteError(RuntimeError):
    """A quotation does not stand at its place: a bug in Footnote itself, never the person's fault."""


def cite(article: Article, start: int, end: int, number: int) -> Citation:
    """Make the citation of a place in an article."""
    return Citation(number=number, article=article, quote=article.text[start:end], start=start, end=end)


def stands(citation: Citation) -> bool:
    """Tell whether the quote stands word for word at its place."""
    return bool(citation.quote.strip()) and (
        citation.article.text[citation.start : citation.end] == citation.quote
    )


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
