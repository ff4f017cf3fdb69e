"""Small talk, questions about the bot and about what was said: recognised by lists, answered in a line.

Only what consists of nothing but listed phrases is small talk: a question is never taken for it.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from bot.datatypes import Answer, AnswerStatus, Citation, Conversation
from prompts.phrases import phrase
from retrieval.wording import fold, words

# Said before a question: "hi, what did …", "thanks, and where …".
_BEFORE_QUESTIONS = ("greeting", "thanks")
_FILLERS = "fillers"
# Of several in one line, the last of these is answered: "thanks, and which article was that?".
_ASKING = ("about_me", "first", "repeat", "articles")
_LONGEST = 12
_SIGN = re.compile(r"\s*[,!.:;–—-]+\s+")


def answer_small_talk(question: str, conversation: Conversation, language: str) -> Answer | None:
    """Answer what is no question to the articles; None where it is one.

    Args:
        question: What the person wrote.
        conversation: What was said before.
        language: The language that the question seems to be in; small talk in another is known too.
    """
    last = conversation[-1].answer.language if conversation else language
    for code in dict.fromkeys((language, last, *_lists())):
        if kind := _kind(question, code):
            return _reply(kind, question, conversation, code)
    return None


def without_greeting(question: str, language: str) -> str:
    """Drop a greeting or thanks that stands before a question: "Hi, what did Rutte say?"."""
    every = words(question)
    for count in range(min(len(every) - 1, _LONGEST), 0, -1):
        said, rest = question[: every[count - 1].end], question[every[count - 1].end :]
        sign = _SIGN.match(rest)
        if sign and any(
            _kind(said, code) in _BEFORE_QUESTIONS for code in dict.fromkeys((language, *_lists()))
        ):
            return rest[sign.end() :]
    return question


def _kind(question: str, code: str) -> str | None:
    """Tell what kind of small talk a line is, if it consists of nothing else."""
    folded = [fold(word.text) for word in words(question)]
    if not folded or len(folded) > _LONGEST:
        return None
    kinds = _parted(tuple(folded), code)
    said = [kind for kind in kinds or () if kind != _FILLERS]
    if not said:
        return None
    return next((kind for kind in reversed(said) if kind in _ASKING), said[-1])


def _parted(folded: Sequence[str], code: str) -> list[str] | None:
    """Part words into listed phrases, the longest first; None where some are left over."""
    if not folded:
        return []
    known = _lists().get(code, {})
    for count in range(len(folded), 0, -1):
        kind = known.get(" ".join(folded[:count]))
        if kind and (rest := _parted(folded[count:], code)) is not None:
            return [kind, *rest]
    return None


def _reply(kind: str, question: str, conversation: Conversation, code: str) -> Answer:
    said = [turn.answer for turn in conversation if turn.answer.status is not AnswerStatus.CONVERSATION]
    text = (
        phrase(kind, code)
        if kind in ("greeting", "thanks", "farewell", "about_me")
        else phrase("nothing_said", code)
    )
    told = Answer(
        question=question, understood_as=question, status=AnswerStatus.CONVERSATION, text=text, language=code
    )
    if kind not in _ASKING or kind == "about_me" or not said:
        return told
    meant = said[0] if kind == "first" else said[-1]
    if kind == "articles":
        text = "\n".join([phrase("articles", code), *_titles(meant.citations)])
        text = text if meant.citations else phrase("no_articles_cited", code)
    else:
        text = meant.text
    return Answer(
        question=question,
        understood_as=question,
        status=AnswerStatus.CONVERSATION,
        text=text,
        language=code,
        citations=meant.citations,
        evidence=meant.evidence,
    )


def _titles(citations: Sequence[Citation]) -> Iterator[str]:
    """Name each article once, with the numbers of the footnotes that point to it."""
    for article in {citation.article.id: citation.article for citation in citations}.values():
        marks = "".join(f"[{one.number}]" for one in citations if one.article.id == article.id)
        facts = (article.title, article.publisher, (article.published or "")[:10])
        yield f"– {', '.join(fact for fact in facts if fact)} {marks}"


@cache
def _lists() -> dict[str, dict[str, str]]:
    """Read the phrases of each language, folded, with the first kind that each is listed under."""
    data: dict[str, dict[str, list[str]]] = tomllib.loads(
        Path(__file__).with_name("small_talk.toml").read_text("utf-8")
    )
    return {
        code: {
            " ".join(fold(word.text) for word in words(text)): kind
            for kind, texts in reversed(kinds.items())
            for text in texts
        }
        for code, kinds in data.items()
    }
