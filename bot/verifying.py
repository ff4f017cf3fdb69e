"""Check what receipts say again: which citations stand, and what became of those that do not."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.receipts import Claim, is_writable
from bot.shown import cut, shown_time
from retrieval.datatypes import Article
from retrieval.errors import ArticleError
from retrieval.library import Library
from retrieval.passages import split_sentences
from retrieval.versions import Version, around, find_words, gone_since, nearest_sentences

# How much is shown of a sentence as it reads now, and of a correction, in characters.
_SHOWN = 400
_CHANGED = "the article has changed since, and"


class Standing(StrEnum):
    """Whether the quoted words stand in the article as it is; what never stood as it is cited, failed."""

    STANDS = "stand"
    CHANGED = "changed since"
    WITHDRAWN = "withdrawn since"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """How a citation fares, and what there is to say of that, a sentence each."""

    standing: Standing
    remarks: tuple[str, ...] = ()
    is_corrected: bool = False


@dataclass(slots=True)
class Verifier:
    """Checks citations against the index, or against the files where the index never had that version."""

    library: Library | None
    _files: dict[str, tuple[Article, ...]] = field(default_factory=dict)

    def check(self, claim: Claim) -> Check:
        """Say whether a citation stands, and if not, or no longer, why not."""
        with self.library.snapshot() if self.library else nullcontext():
            if self.library is None or not is_writable(claim.article_id):
                return self._in_file(claim, None)
            article = self.library.articles([claim.article_id]).get(claim.article_id)
            versions = self.library.versions.since(claim.article_id, claim.digest)
            was = _cited(claim, versions)
            if article and article.digest == claim.digest:
                check = _renamed(claim, was, article) or _compared(claim, article)
                return self._remarked(check, article)
            if was is None:
                return self._in_file(claim, article)
            fault = _difference(claim, was)
            check = Check(Standing.FAILED, (fault,)) if fault else _now(claim, versions, article)
            return self._remarked(check, article)

    def _remarked(self, check: Check, article: Article | None) -> Check:
        """Add what its publisher corrected, and that its page cannot be read any more."""
        check = _corrected(check, article)
        addresses = [address for address in (article.path, article.url) if address] if article else []
        if self.library is None or not addresses or check.standing == Standing.FAILED:
            return check
        for source in self.library.sources.named(addresses).values():
            # What is looked at again may come back.
            if source.kind == "page" and source.problem and source.checked and not source.due:
                tried, why = shown_time(source.checked), source.problem.rstrip(".")
                said = f"its page could not be read again (tried {tried}): {why}"
                return replace(check, remarks=(*check.remarks, said))
        return check

    def _in_file(self, claim: Claim, indexed: Article | None) -> Check:
        read = self._read(claim.path) if claim.path else ()
        same = [found for found in read if found.digest == claim.digest]
        if not same:
            return Check(Standing.FAILED, (_why_missing(claim, indexed, read),))
        # One file can hold an article twice: under its own title first.
        article = next((found for found in same if found.title == claim.title), same[0])
        return _corrected(_compared(claim, article), article)

    def _read(self, path: str) -> tuple[Article, ...]:
        from retrieval.articles import read_articles

        if path not in self._files:
            try:
                # A folder or a pattern is no article's path, whoever wrote the receipt.
                self._files[path] = read_articles([path]).articles if os.path.isfile(path) else ()
            except (ArticleError, OSError, ValueError):
                self._files[path] = ()
        return self._files[path]


def _cited(claim: Claim, versions: Sequence[Version]) -> Article | None:
    """Find the version that a citation names, under the headline that it had then where that was kept."""
    same = [version.article for version in versions if version.article.digest == claim.digest]
    return next((one for one in same if not _difference(claim, one)), same[0] if same else None)


def _renamed(claim: Claim, was: Article | None, article: Article) -> Check | None:
    """Tell that the same words stand under another headline now; None where that never was another."""
    if was is None or _difference(claim, was):
        return None
    new = [
        f"the article's {name} has changed since, and is now {known!r}"
        for name, before, known in (
            ("title", was.title, article.title),
            ("publisher", was.publisher, article.publisher),
        )
        if before != known
    ]
    return Check(Standing.STANDS, tuple(new)) if new else None


def _compared(claim: Claim, article: Article) -> Check:
    fault = _difference(claim, article)
    return Check(Standing.FAILED, (fault,)) if fault else Check(Standing.STANDS)


def _corrected(check: Check, article: Article | None) -> Check:
    """Add what the publisher says was corrected, whether or not the quoted words stand."""
    if article is None or not article.correction or check.standing == Standing.FAILED:
        return check
    said = f"its publisher states a correction: “{cut(article.correction, _SHOWN)}”"
    return replace(check, remarks=(*check.remarks, said), is_corrected=True)


def _now(claim: Claim, versions: Sequence[Version], article: Article | None) -> Check:
    """Tell what became of a quotation from the first of some versions in the article as it is."""
    seen = f"(seen {shown_time(gone_since(claim.quote, claim.start, versions, article))})"
    if article is None:
        return Check(Standing.WITHDRAWN, (f"the article has left the index {seen}",))
    text, before = article.text, versions[0].article.text
    sentences = split_sentences(text)
    place = find_words(claim.quote, text, claim.start)
    if place is None:
        nearest = nearest_sentences(claim.quote, before, text, sentences)
        if nearest is None:
            return Check(
                Standing.WITHDRAWN, (f"{_CHANGED} has neither these words nor any near them {seen}",)
            )
        nearest = cut(nearest, _SHOWN)
        return Check(Standing.CHANGED, (f"{_CHANGED} no longer has these words {seen}. Now: “{nearest}”",))
    now = around(place, text, sentences)
    then = around((claim.start, claim.end), before, split_sentences(before))
    remark = f"{_CHANGED} still has these words"
    if now.split() != then.split():
        remark += f" in “{cut(now, _SHOWN)}”"
    elif place[0] != claim.start:
        remark += f" at {place[0]} to {place[1]}"
    return Check(Standing.STANDS, (f"{remark} {seen}",))


def _difference(claim: Claim, article: Article) -> str | None:
    """Compare a citation with the version of the article that it names."""
    if not claim.quote.strip() or not 0 <= claim.start < claim.end:
        return "it quotes nothing"
    if article.text[claim.start : claim.end] != claim.quote:
        return f"the quote does not stand at {claim.start} to {claim.end} of the article"
    if claim.marked and not claim.start <= claim.marked[0] < claim.marked[1] <= claim.end:
        return "it marks words that it does not quote"
    for name, said, known in (
        ("title", claim.title, article.title),
        ("publisher", claim.publisher, article.publisher),
    ):
        if said != known:
            return f"the article's {name} is {known!r}, not {said!r}"
    return None


def _why_missing(claim: Claim, indexed: Article | None, read: tuple[Article, ...]) -> str:
    if indexed is None and not read:
        at = f" and cannot be read at {claim.path}" if claim.path else ""
        return f"the article is not in the index{at}"
    texts = [article.text for article in (*read, *([indexed] if indexed else []))]
    has_words = any(claim.quote in text for text in texts)
    return f"{_CHANGED} {'still has these words' if has_words else 'no longer has these words'}"
