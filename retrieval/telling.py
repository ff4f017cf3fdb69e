"""Leave out of sentences what their article does not tell as a fact: what somebody is told to say."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from retrieval.datatypes import Article
from retrieval.instructions import Order, find_orders, tells_what_to_reply
from retrieval.passages import Span, split_sentences
from retrieval.sentences import Sentence, read_article
from retrieval.speech_grammar import grammar_of
from retrieval.translation import gloss
from retrieval.wording import Word, language_of, terms, words

# "It", and behind so many words "that".
_NOBODY, _LEAD = {"it", "det"}, 6


def without_orders(passage: Sequence[Sentence], claim: str, language: str) -> Sequence[Sentence]:
    """Give the sentences of a passage with what they only order to say blanked out.

    What a claim tells as an order, "the minister must say that …", it may take from the order.
    """
    lines = {one.line for one in passage if tells_what_to_reply(one.text)}
    passage = [one for one in passage if one.line not in lines]
    if not passage:
        return passage
    article = passage[0].article
    blank = [
        span
        for order in _orders(article)
        if not _repeats(claim, language, order, article)
        for span in order.content
    ]
    return _blanked(passage, blank) if blank else passage


@lru_cache(maxsize=256)
def _orders(article: Article) -> tuple[Order, ...]:
    return tuple(find_orders(article.text, split_sentences(article.text), article.language))


def _blanked(passage: Sequence[Sentence], blank: Sequence[Span]) -> list[Sentence]:
    """Read the sentences again in which something is blanked out; none of their places moves."""
    article = passage[0].article
    text = article.text
    for start, end in blank:
        text = text[:start] + " " * (end - start) + text[end:]
    changed = [one for one in passage if text[one.start : one.end] != one.text]
    again = read_article(replace(article, text=text), [(one.start, one.end) for one in changed])
    told = {
        one.start: replace(new, article=article, line=one.line, attribution=one.attribution)
        for one, new in zip(changed, again, strict=True)
    }
    kept = [told.get(one.start, one) for one in passage]
    return [one for one in kept if words(one.text)]


def _repeats(claim: str, language: str, order: Order, article: Article) -> bool:
    """Tell whether a claim tells of an order too: who is to say something, and that it is to be said."""
    own = find_orders(claim, [(0, len(claim))], language)
    verb = order.verb.text.lower()
    if order.is_imperative:
        return any(one.is_imperative and one.verb.text.lower() == verb for one in own)
    if order.is_told_by_nobody:
        told = _english(" ".join(article.text[slice(*span)] for span in order.content), article.language)
        return bool(
            (_english(article.text[slice(*order.frame)], article.language) - told) & _english(claim, language)
        )
    is_same_verb = any(word.text.lower() == verb for word in words(claim))
    content = " ".join(article.text[slice(*span)] for span in order.content)
    said = _english(content, article.language)
    reporting = language_of(article.language).reporting
    frame = " ".join(
        word.text
        for word in words(article.text[slice(*order.frame)])
        if word.text.lower() not in reporting | {verb}
    )
    if who := _english(frame, article.language) - said:
        return bool(own or is_same_verb) and bool(who & _english(claim, language))
    is_nested = any(word.text.lower() == verb for word in words(content))
    return is_same_verb and bool(own) and not is_nested


def _english(text: str, code: str | None) -> set[str]:
    return set(terms(gloss(text, code), "en"))


def behind_impersonal(text: str, code: str | None) -> Sequence[Word]:
    """Give the words of a sentence but "it was reported that", whose "it" stands for nothing."""
    every, grammar = words(text), grammar_of(code)
    if grammar is None or not every or every[0].text.lower() not in _NOBODY:
        return every
    that = next((at for at in range(2, len(every[:_LEAD])) if every[at].text.lower() in {"that", "att"}), 0)
    if that == 0:
        return every
    verb = every[that - 1]
    # "Det sägs att": a passive that is one word.
    is_passive = code == "sv" and verb.text.endswith("s")
    is_passive = is_passive or any(grammar.has(word, "passive") for word in every[1 : that - 1])
    is_said = verb.text.lower() in grammar.cues | grammar.language.reporting or code == "sv"
    return every[that + 1 :] if grammar.has(verb, "seeming") or (is_passive and is_said) else every
