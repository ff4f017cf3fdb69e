"""Tell whether a question that a chat model made to stand alone is still the one that was asked."""

from bot.datatypes import Conversation
from prompts.parse import is_refusal, without_marks
from retrieval.passages import split_sentences
from retrieval.query import Kind, understand
from retrieval.wording import content_words, language_of, term, words

# People who did this by hand pass in 89 % (CANARD, the half that these were not found on).
_LONGER_BY, _LONGER_TIMES = 200, 2
# The most words that only an answer holds, and the most that nobody said, such as "besides".
_FROM_ANSWERS, _FROM_NOWHERE = 3, 2


def is_usable_rewrite(rewritten: str, question: str, conversation: Conversation, language: str) -> bool:
    """Tell whether it asks the same, with nothing put in but what the conversation holds.

    Answers hold words of articles, which nobody vouches for: names and numbers are taken from there, other
    words only as long as the question keeps words of its own.
    """
    if "\n" in rewritten or len(rewritten) > _LONGER_BY + _LONGER_TIMES * len(question):
        return False
    if is_refusal(rewritten) or without_marks(rewritten) != rewritten:
        return False
    if "?" in question and "?" not in rewritten:
        return False
    if _has_label(rewritten, question, conversation):
        return False
    if len(split_sentences(rewritten)) > max(len(split_sentences(question)), 1):
        return False
    kind = understand(question, language).kind
    if kind is not Kind.OTHER and understand(rewritten, language).kind is not kind:
        return False
    return _keeps_to_what_was_said(rewritten, question, conversation, language)


def _has_label(rewritten: str, question: str, conversation: Conversation) -> bool:
    """Tell whether it begins with what it is, "The question is: …", not with a name such as "Alien: 3"."""
    lead, colon, _ = rewritten.partition(":")
    said = " ".join([question, *(f"{turn.question} {turn.answer.text}" for turn in conversation)])
    return bool(colon) and f"{lead.split(' ')[-1]}:" not in said


def _keeps_to_what_was_said(rewritten: str, question: str, conversation: Conversation, language: str) -> bool:
    own, new = _own_terms(question, language), _own_terms(rewritten, language)
    if not new or 2 * len(own - new) > len(own):
        return False
    asked = " ".join(f"{turn.question} {turn.answer.understood_as}" for turn in conversation)
    answered = " ".join(turn.answer.text for turn in conversation)
    put_in = new - own - _own_terms(asked, language) - _names(answered, language)
    from_answers = put_in & _own_terms(answered, language)
    from_nowhere = put_in - from_answers
    return (
        len(from_answers) <= (_FROM_ANSWERS if own else 0)
        and len(from_nowhere) <= _FROM_NOWHERE
        and not from_nowhere & _names(rewritten.partition(" ")[2], language)
    )


def _own_terms(text: str, code: str) -> set[str]:
    """Find the terms of a text that are about something: no pronouns."""
    pronouns = language_of(code).every_pronoun
    return {term(word.text, code) for word in content_words(text, code) if word.text.lower() not in pronouns}


def _names(text: str, code: str) -> set[str]:
    """Find the terms of names and numbers: what begins with a capital or a figure."""
    return {term(word.text, code) for word in words(text) if not word.text[0].islower()}
