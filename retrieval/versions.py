"""Earlier versions of articles, and what became of words that were quoted of one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.database import Database
from retrieval.datatypes import Article
from retrieval.passages import Span, split_sentences

# Sentences are near each other when this much of their words is the same, in the same order: of sentences
# of the BBC, 3 in 100 have another that near in their article, which is no change of it.
_NEAR = 0.4


@dataclass(frozen=True, slots=True)
class Version:
    """An article as it was, as far as that was kept, and when it was seen that it no longer is."""

    article: Article
    until: str


class Versions:
    """The earlier versions of the articles of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, article_id: str) -> list[Version]:
        """Read those of an article, the oldest first."""
        rows = self._database.rows(
            "SELECT title, text, publisher, published, modified, read, until FROM version"
            " WHERE article = ? ORDER BY until, rowid",
            (article_id,),
        )
        return [
            Version(
                Article(
                    id=article_id, title=title, text=text, publisher=publisher, published=published,
                    modified=modified, read=read,
                ),
                until,
            )
            for title, text, publisher, published, modified, read, until in rows
        ]  # fmt: skip

    def since(self, article_id: str, digest: str) -> list[Version]:
        """Read the one that a digest names, and those after it; none where it was not kept as it was."""
        versions = self.of(article_id)
        named = (place for place, one in enumerate(versions) if one.article.digest == digest)
        return versions[next(named, len(versions)) :]


def find_words(quote: str, text: str, start: int) -> Span | None:
    """Find where words stand in a text, at their place before all others; white space may differ."""
    if text.startswith(quote, start):
        return start, start + len(quote)
    found = re.search(r"\s+".join(map(re.escape, quote.split())), text) if quote.strip() else None
    return found.span() if found else None


def gone_since(quote: str, start: int, versions: Sequence[Version], now: Article | None) -> str:
    """Tell when words were seen to be gone; where they still stand, when the first version was.

    Args:
        quote: The words.
        start: Where they stood in the first version.
        versions: That version and all that came after it.
        now: The article as it is; None where it is gone.
    """
    following = [*(version.article for version in versions[1:]), now]
    for version, after in zip(versions, following, strict=True):
        if after is None or find_words(quote, after.text, start) is None:
            return version.until
    return versions[0].until


def around(place: Span, text: str, sentences: Sequence[Span]) -> str:
    """Take the whole sentences in which a place lies."""
    inside = [span for span in sentences if span[0] < place[1] and place[0] < span[1]]
    return text[min(place[0], inside[0][0]) : max(place[1], inside[-1][1])] if inside else text[slice(*place)]


def nearest_sentences(quote: str, before: str, now: str, sentences: Sequence[Span]) -> str | None:
    """Find the sentences of a text that a quotation was changed into; None where none come near it.

    Args:
        quote: What was quoted.
        before: The text that it was quoted from; what else stood there already is no change of it.
        now: The text.
        sentences: Their places in it.
    """
    count = len(split_sentences(quote)) or 1
    matcher = SequenceMatcher[str](b=_words(quote))
    best, nearest = _NEAR, None
    for first in range(max(1, len(sentences) - count + 1)):
        window = [now[start:end] for start, end in sentences[first : first + count]]
        matcher.set_seq1(_words(" ".join(window)))
        # Each is dearer than the one before, and never more than it.
        if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best or matcher.ratio() < best:
            continue
        if any(one in quote or one not in before for one in window):
            best, nearest = matcher.ratio(), " ".join(window)
    return nearest


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
