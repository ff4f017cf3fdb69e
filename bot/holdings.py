"""Answer "what do you have on North Korea?": how many articles there are, whose, from when to when."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Citation, Conversation
from bot.extractive import quoted
from bot.same_story import cite_copies
from prompts.phrases import phrase
from retrieval.datatypes import Filter
from retrieval.keyword import all_terms, place_terms
from retrieval.library import Library
from retrieval.named import Holdings, place_meant
from retrieval.passages import Span
from retrieval.places import find_places
from retrieval.stored import Story
from retrieval.wording import fold, language_of, terms, words

_LONGEST_SUBJECT = 80
# So many articles are quoted.
_QUOTED = 5
_WORDS_OF_A_NAME = 2
_INSIDE_NAMES = {"of", "and", "di", "del", "della", "dell", "dei", "e", "och", "för", "s"}
_GOES_ON = re.compile(
    r"(?:(?:and|e|och|y|und|et)\s+)?(?:what\s+)?(?:on|about|regarding|su(?:lla|llo|lle|gli|ll['’]|l|i)?|om|sobre|über|zu|sur)"
    r"(?:\s+|(?<=['’]))(?P<subject>\S.*)",
    re.IGNORECASE,
)
# A longer sentence is cut.
_LONGEST_QUOTE = 180
# Before the subject in the languages above: "about the strike", "sulla Corea".
_ARTICLE = re.compile(
    r"\A(?:(?:the|a|an|il|lo|la|i|gli|le|el|los|las|der|die|das|les)\s+|l['’])", re.IGNORECASE
)


def tell_holdings(question: str, library: Library, where: Filter | None) -> Answer | None:
    """Tell what there is on a subject, and cite the newest; None where that is not asked."""
    language, asked = _subject(question)
    subject = _ARTICLE.sub("", asked)
    if not _is_something(subject, language):
        return None
    held = library.named.holdings(subject, language, where)
    chosen = _chosen(held.newest, subject, library)
    quotations = [_cited(story, subject, language, number) for number, story in enumerate(chosen, start=1)]
    if not quotations:
        if not _is_name(subject, language):
            return None
        text = phrase("holds_nothing", language, subject=asked)
        return Answer(
            question=question,
            understood_as=question,
            status=AnswerStatus.NOT_COVERED,
            text=text,
            language=language,
        )
    lines = [_counted(held, asked, language)]
    lines += [f"– {quoted(citation.quote)} [{citation.number}]" for citation in quotations]
    return Answer(
        question=question,
        understood_as=question,
        status=AnswerStatus.ANSWERED,
        text="\n".join(lines),
        language=language,
        citations=cite_copies(quotations, library, where),
        confidence=1.0,
    )


def take_up(question: str, conversation: Conversation) -> str:
    """Write "and on Borrell?" out, where it was asked before what there is on somebody else."""
    before = conversation[-1].answer.understood_as if conversation else ""
    subject, goes_on = _subject(before)[1], _GOES_ON.fullmatch(question.strip(" ?!.¿¡"))
    return before.replace(subject, goes_on["subject"]) if subject and goes_on else question


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


def _is_something(subject: str, language: str) -> bool:
    """Tell whether anything is named: "him" and "that" are nothing of their own."""
    known = language_of(language)
    small = known.function_words | known.every_pronoun
    return any(word.text.lower() not in small or word.text.isupper() for word in words(subject))


def _is_name(subject: str, language: str) -> bool:
    """Tell whether a subject is a name or a word or two; more is asked of what the articles say."""
    some, small = words(subject), language_of(language).function_words
    is_plain = not any(word.text in small - _INSIDE_NAMES for word in some)
    return is_plain and (subject[:1].isupper() or len(some) <= _WORDS_OF_A_NAME)


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


def _chosen(newest: Sequence[str], subject: str, library: Library) -> list[Story]:
    """Choose from the newest: the fullest of each story, and those first that write the subject so."""
    stories, members = library.stories(newest), library.groups.members(newest)
    fullest: dict[str | int, str] = {}
    for id_ in sorted(newest, key=lambda id_: members[id_].rank if id_ in members else (0, "", "")):
        fullest.setdefault(members[id_].story if id_ in members else id_, id_)
    found = [stories[id_] for id_ in newest if id_ in fullest.values()]
    written = _as_written(subject)
    return sorted(found, key=lambda story: not written.search(story.article.text))[:_QUOTED]


def _as_written(subject: str) -> re.Pattern[str]:
    """Match a subject as a word of its own: "Apple" is no juice."""
    # What other languages call a place is it, too.
    if place_meant(subject):
        return re.compile("")
    case = re.IGNORECASE if subject.islower() else re.NOFLAG
    return re.compile(rf"(?<!\w){re.escape(subject)}(?!\w)", case)


def _cited(story: Story, subject: str, language: str, number: int) -> Citation:
    """Cite the sentence that names the subject first, or most of it."""
    text, code = story.article.text, place_meant(subject)
    asked = {*(place_terms(code)[:1] if code else terms(subject, language))}
    # A place is better named than told of by its adjective or its capital.
    names, written = fold(subject), _as_written(subject)
    told = [
        (
            len(asked & {*all_terms(text[start:end], story.article.language)}),
            bool(written.search(text, start, end)),
            names in fold(text[start:end]),
        )
        for start, end in story.sentences
    ]
    sentence = story.sentences[told.index(max(told))]
    return cite(story.article, *_shortened(text, sentence, _where(text, sentence, subject)), number)


def _where(text: str, sentence: Span, subject: str) -> Span:
    """Find where a sentence names a subject; its beginning where it does so in words of its own."""
    start, end = sentence
    if code := place_meant(subject):
        named = (
            (start + place.start, start + place.end)
            for place in find_places(text[start:end])
            if code in (place.code, place.code.partition("/")[0])
        )
        return next(named, (start, start))
    found = re.compile(rf"(?<!\w){re.escape(subject)}", re.IGNORECASE).search(text, start, end)
    return found.span() if found else (start, start)


def _shortened(text: str, sentence: Span, named: Span) -> Span:
    """Cut a long sentence between words, so that the name stays in."""
    start, end = sentence
    if named[1] > start + _LONGEST_QUOTE:
        start = max(start, text.rfind(" ", start, named[1] - _LONGEST_QUOTE // 2) + 1)
    if end - start <= _LONGEST_QUOTE:
        return start, end
    cut = text.rfind(" ", named[1], start + _LONGEST_QUOTE)
    return start, cut if cut > start else start + _LONGEST_QUOTE
