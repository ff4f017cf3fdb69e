"""Find the times that words of an article name, and the one that tells when it was said, or when it was."""

import re
from collections.abc import Sequence
from dataclasses import replace

from retrieval.datatypes import Article
from retrieval.passages import Span
from retrieval.relative_dates import Resolved, local_day, resolve
from retrieval.time_wording import knows_times, time_wording
from retrieval.wording import Language, Word, is_year, language_of, names_time, term, words

# A time so many words away from a verb of saying can tell when it was said.
_NEAR = 3
# And so many words behind one, no time of what was said.
_RIGHT_BEHIND = 2
_CLAUSE = re.compile(r"[,;:()\[\]—–“”\"«»]")


def times_told(article: Article, span: Span) -> list[Resolved]:
    """Resolve the times that words of an article name, by the lines around them; places are the article's."""
    text = article.text
    start = text.rfind("\n", 0, span[0]) + 1
    end = text.find("\n", span[1])
    lines = text[start : end if end >= 0 else len(text)]
    found = resolve(lines, article.language, local_day(article.published))
    moved = (replace(one, start=one.start + start, end=one.end + start) for one in found)
    return [one for one in moved if span[0] <= one.start and one.end <= span[1]]


def names_any_time(text: str, code: str | None) -> bool:
    """Tell whether words name a time at all, resolved or not."""
    language = language_of(code)
    return any(names_time(word, language) or is_year(word.text) for word in words(text))


def time_asked(article: Article, sentence: Span, *, is_said: bool, within: Span | None) -> Resolved | None:
    """Find the one time in a sentence that answers when; None where there is none or it is not certain.

    Args:
        article: Holds the sentence.
        sentence: Its place.
        is_said: Whether it is asked when the words were said, not when that was which they tell.
        within: The place of the words that answer, where they are known.
    """
    told = times_told(article, sentence)
    if len({(one.first_day, one.last_day) for one in told}) == 1:
        # "LIMA, Nov. 7 — It sank on Thursday".
        told = told[-1:]
    before = {one: article.text[sentence[0] : one.start] for one in told}
    after = {one: article.text[one.end : sentence[1]] for one in told}
    language = language_of(article.language)
    if within is not None:
        told = [one for one in told if one.start < within[1] and within[0] < one.end]
    elif len(told) > 1:
        told = [one for one in told if _is_of_saying(before[one], after[one], language) == is_said]
    elif is_said:
        told = [
            one
            for one in told
            if _is_past(one, article)
            and (_is_of_saying(before[one], after[one], language) or _only_saying(before[one], language))
        ]
    else:
        told = [one for one in told if not _cues(words(before[one])[-_RIGHT_BEHIND:], language)]
    return told[0] if len(told) == 1 and told[0].is_certain else None


def _is_of_saying(before: str, after: str, language: Language) -> bool:
    """Tell whether a time stands beside a verb of saying, "said on Thursday", "On Thursday, he said"."""
    near = (*words(_CLAUSE.split(before)[-1])[-_NEAR:], *words(_CLAUSE.split(after)[0])[:_NEAR])
    if _cues(near, language):
        return True
    opening, clauses = words(before), _CLAUSE.split(after)
    speaking = {term(form, language.code) for form in language.asking_words}
    is_opening = len(opening) < 2 or term(opening[0].text, language.code) in speaking
    return is_opening and not clauses[0].strip() and bool(_cues(words("".join(clauses[1:2])), language))


def _only_saying(before: str, language: Language) -> bool:
    """Tell whether no verb but one of saying stands before a time: "warned during a visit on Thursday"."""
    every = words(before)
    if not every or (len(every) == 1 and every[0].is_capitalised):
        return True
    cues = _cues(every, language)
    if not cues or not knows_times(language.code):
        return False
    verbs = time_wording(language.code).cues
    return verbs.search(before, cues[-1].end) is None


def _is_past(told: Resolved, article: Article) -> bool:
    published = local_day(article.published)
    return published is not None and told.first_day <= published


def _cues(some: Sequence[Word], language: Language) -> list[Word]:
    return [word for word in some if word.text.lower() in language.cues]
