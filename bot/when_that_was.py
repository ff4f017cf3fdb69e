"""Answer "when did he say that?" from what was quoted last."""

import re
from collections.abc import Iterator

from bot.datatypes import Answer, AnswerStatus, Conversation
from bot.extractive import quoted
from bot.told_dates import when_told
from prompts.phrases import phrase
from retrieval.query import Kind, Query, understand
from retrieval.wording import content_words, fold, language_of, words

_MARKS = re.compile(r"(?:\[\d+\])+")
_NUMBER = re.compile(r"\d+")


def tell_when(question: str, conversation: Conversation, language: str) -> Answer | None:
    """Say when what was quoted last was said, or happened; None where that is not asked.

    Args:
        question: What the person wrote.
        conversation: What was said before.
        language: The language that the question seems to be in.
    """
    said = (turn.answer for turn in reversed(conversation))
    meant = next((answer for answer in said if answer.status is not AnswerStatus.CONVERSATION), None)
    query = understand(question, language)
    if meant is None or not meant.citations or not _asks_when_that_was(query, meant):
        return None
    before = understand(meant.understood_as, meant.language)
    is_said = query.asks_for_words or before.asks_for_words
    return Answer(
        question=question,
        understood_as=question,
        status=AnswerStatus.CONVERSATION,
        text="\n".join((phrase("when", language), *_lines(meant, language, is_said=is_said))),
        language=language,
        citations=meant.citations,
        evidence=meant.evidence,
    )


def _lines(meant: Answer, language: str, *, is_said: bool) -> Iterator[str]:
    """Quote each statement once, with all its footnotes."""
    known = {citation.number: citation for citation in meant.citations}
    runs = [[int(number) for number in _NUMBER.findall(run)] for run in _MARKS.findall(meant.text)]
    for numbers in [*runs, *([number] for number in list(known))]:
        # What stands in brackets in a quotation can look like the number of a footnote.
        left = [number for number in dict.fromkeys(numbers) if number in known]
        if left:
            citation = known[left[0]]
            marks = "".join(f"[{known.pop(number).number}]" for number in left)
            yield f"– {when_told(citation, language, is_said=is_said)}{quoted(citation.quote)} {marks}"


def _asks_when_that_was(query: Query, meant: Answer) -> bool:
    """Tell whether a question asks for a time and for the rest only points at what was answered."""
    language = language_of(query.language)
    every = words(query.text)
    lowered = {word.text.lower() for word in every}
    if query.kind is not Kind.TIME or lowered & language.future:
        return False
    pointing = lowered & {*language.pronouns.get("it", ()), *language.left_alone}
    # "Quando è stato?"; but "Quando?" asks the question before once more.
    points = bool(pointing) or (language.drops_subject and len(every) > len(query.asking))
    small = language.every_pronoun | language.asking_words | language.reporting | language.light
    named = {
        fold(word.text)
        for text in (meant.understood_as, *(citation.quote for citation in meant.citations))
        for word in words(text)
        if word.is_capitalised
    }
    return points and all(
        word in query.asking
        or word.text.lower() in small
        or (word.is_capitalised and fold(word.text) in named)
        for word in content_words(query.text, query.language)
    )
