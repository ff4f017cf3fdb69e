"""Answer "what do you have on North Korea?": how many articles there are, whose, from when to when."""

import re
import tomllib
from functools import cache
from pathlib import Path

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Citation
from bot.extractive import quoted
from prompts.phrases import phrase
from retrieval.datatypes import Filter
from retrieval.library import Library
from retrieval.named import Holdings, place_meant
from retrieval.places import find_places
from retrieval.stored import Story
from retrieval.wording import fold, words

_LONGEST_SUBJECT = 80
# Before the subject in the languages above: "about the strike", "sulla Corea".
_ARTICLE = re.compile(r"(?:the|a|an|il|lo|la|i|gli|le|l['’]|el|los|las|der|die|das|les)\s+", re.IGNORECASE)


def tell_holdings(question: str, library: Library, where: Filter | None) -> Answer | None:
    """Tell what there is on a subject, and cite the newest; None where that is not asked."""
    language, asked = _subject(question)
    if not asked:
        return None
    subject = _ARTICLE.sub("", asked, count=1) if _ARTICLE.match(asked) else asked
    held = library.named.holdings(subject, language, where)
    citations = tuple(
        _cited(story, subject, number)
        for number, story in enumerate((library.stories([id_])[id_] for id_ in held.newest), start=1)
    )
    if not citations:
        text = phrase("holds_nothing", language, subject=asked)
        return Answer(
            question=question,
            understood_as=question,
            status=AnswerStatus.NOT_COVERED,
            text=text,
            language=language,
        )
    lines = [_counted(held, asked, language)]
    lines += [f"– {quoted(citation.quote)} [{citation.number}]" for citation in citations]
    return Answer(
        question=question,
        understood_as=question,
        status=AnswerStatus.ANSWERED,
        text="\n".join(lines),
        language=language,
        citations=citations,
        confidence=1.0,
    )


def _subject(question: str) -> tuple[str, str]:
    """Find what is asked for, and the language that asks; nothing where another thing is asked."""
    bare = question.strip().rstrip("?!. ").strip("¿¡ ")
    for language, asks in _asks().items():
        match = asks.fullmatch(bare)
        if match and len(match["subject"]) <= _LONGEST_SUBJECT:
            return language, match["subject"]
    return "", ""


@cache
def _asks() -> dict[str, re.Pattern[str]]:
    known = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {
        code: re.compile(
            rf"(?:{'|'.join(language['asks'])})(?:\s+|(?<=['’]))(?P<subject>\S.*)", re.IGNORECASE
        )
        for code, language in known.items()
    }


def _counted(held: Holdings, subject: str, language: str) -> str:
    days = [(day or "")[:10] for day in (held.first, held.last)]
    span = " – ".join(dict.fromkeys(day for day in days if day)) or "?"
    return phrase(
        "holds",
        language,
        subject=subject,
        articles=str(held.articles),
        outlets=str(held.publishers),
        languages=", ".join(held.languages) or "?",
        dates=span,
    )


def _cited(story: Story, subject: str, number: int) -> Citation:
    """Cite the sentence that names the subject first, or the article's first."""
    text, code = story.article.text, place_meant(subject)
    asked = {fold(word.text) for word in words(subject)}

    def names(start: int, end: int) -> bool:
        if code:
            return any(
                place.code.partition("/")[0] == code or place.code == code
                for place in find_places(text[start:end])
            )
        return asked <= {fold(word.text) for word in words(text[start:end])}

    def names_partly(start: int, end: int) -> bool:
        return not code and bool(asked & {fold(word.text) for word in words(text[start:end])})

    for fits in (names, names_partly):
        for start, end in story.sentences:
            if fits(start, end):
                return cite(story.article, start, end, number)
    start, end = story.sentences[0]
    return cite(story.article, start, end, number)
