"""Find what a reply tells as a fact though an article only quotes it: somebody's word, or an order."""

from collections.abc import Iterable, Sequence

from bot.datatypes import Dropped
from prompts.parse import Claim, find_quotations, parse_reply
from retrieval.attribution import attribute
from retrieval.datatypes import Article
from retrieval.passages import split_sentences
from retrieval.wording import terms

_WHY = "the passage quotes this, it does not say so itself"
# A claim is taken from where this share of its words stands.
_TAKEN = 0.8
# A mark that is never closed seems to quote all that follows, in characters.
_LONGEST = 400

Told = tuple[Article, str]


def without_quoted_facts(reply: str, told: Iterable[Told]) -> tuple[str, tuple[Dropped, ...]]:
    """Blank out the claims whose words only stand between quotation marks in what was told.

    A claim that says who said it, or quotes it, is left to the other checks.

    Args:
        reply: What a chat model wrote.
        told: The texts that it was given, each with its article.
    """
    texts = list(told)
    dropped: list[Dropped] = []
    for claim in parse_reply(reply):
        if not claim.quotations and _is_only_quoted(claim, texts):
            dropped.append(Dropped(claim.text, _WHY))
            blank = " " * (claim.end - claim.start)
            reply = reply[: claim.start] + blank + reply[claim.end :]
    return reply, tuple(dropped)


def _is_only_quoted(claim: Claim, texts: Sequence[Told]) -> bool:
    is_quoted = False
    for article, text in texts:
        own = set(terms(claim.text, article.language))
        says_who = attribute(claim.text, [(0, len(claim.text))], article.language or "en")[0]
        if not own or says_who:
            return False
        quotations = [(start, end) for start, end in find_quotations(text) if end - start <= _LONGEST]
        outside = _blanked(text, quotations)
        if any(_holds(own, outside[start:end], article) for start, end in split_sentences(outside)):
            return False
        is_quoted = is_quoted or any(_holds(own, text[start:end], article) for start, end in quotations)
    return is_quoted


def _holds(own: set[str], text: str, article: Article) -> bool:
    return len(own & set(terms(text, article.language))) >= _TAKEN * len(own)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
