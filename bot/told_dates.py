"""What the times in a quotation mean: "Thursday" is a date, counted from the day of its article."""

from bot.console import printable_line
from bot.datatypes import Citation
from prompts.phrases import phrase
from retrieval.date_phrases import absolute, days_in_words, with_weekday
from retrieval.passages import Span
from retrieval.relative_dates import Resolved, local_day
from retrieval.told_time import names_any_time, time_asked, times_told
from retrieval.wording import words

# So many are told beside a quotation.
_MOST = 2


def dates_in(citation: Citation) -> list[Resolved]:
    """Find the times in a quotation whose days are certain and not told in full, with their places."""
    told = times_told(citation.article, (citation.start, citation.end))
    return [one for one in told if one.is_certain and not one.is_absolute]


def dates_note(citation: Citation, language: str) -> str:
    """Say what the times in a quotation mean; empty where there are none to tell of."""
    meant = {
        printable_line(citation.article.text[told.start : told.end]): absolute(told, language)
        for told in dates_in(citation)
    }
    notes = (phrase("is_day", language, words=text, day=day) for text, day in list(meant.items())[:_MOST])
    return ", ".join(notes)


def when_told(citation: Citation, language: str, *, is_said: bool, within: Span | None = None) -> str:
    """Say before a quotation when it puts what it tells; where it names no time, only when published.

    Args:
        citation: The quotation.
        language: The language of the answer.
        is_said: Whether it is asked when the words were said, not when that was which they tell.
        within: The place in the article of the words that answer, where they are known.

    Returns:
        Nothing where it names times of which none is certain to be the one, or the one in full.
    """
    article = citation.article
    asked = time_asked(article, (citation.start, citation.end), is_said=is_said, within=within)
    if asked:
        if asked.is_absolute and article.language == language:
            return ""
        is_day = asked.first_day == asked.last_day
        return f"{with_weekday(asked.first_day, language) if is_day else absolute(asked, language)}: "
    published = local_day(article.published)
    if published is None:
        has_figures = any(word.text[0].isdigit() for word in words(citation.quote))
        return "" if has_figures else f"({phrase('undated', language)}) "
    if names_any_time(citation.quote, article.language):
        return ""
    return f"({phrase('no_day', language, day=days_in_words(published, published, language))}) "
