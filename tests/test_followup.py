"""A follow-up is understood from the questions and answers before it; other questions stay as they are."""

import pytest

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Conversation, Turn
from bot.followup import stand_alone
from retrieval.datatypes import Article


def turn(question: str, language: str, quote: str = "") -> Turn:
    article = Article(id="news", title="", text=quote, language=language)
    answer = Answer(
        question=question,
        understood_as=question,
        status=AnswerStatus.ANSWERED if quote else AnswerStatus.NOT_COVERED,
        text=quote,
        language=language,
        citations=(cite(article, 0, len(quote), 1),) if quote else (),
    )
    return Turn(question, answer)


@pytest.mark.parametrize(
    ("before", "question", "language", "expected"),
    [
        ("What did Okafor say about Peru?", "And what did she say about Chile?", "en",
         "what did Okafor say about Chile?"),
        ("What did Okafor say about Peru?", "What did she say about Chile?", "en",
         "What did Okafor say about Chile?"),
        ("What did Okafor say about Peru?", "Where did she go?", "en", "Where did Okafor go?"),
        ("What did Okafor say about Peru?", "And Lind?", "en", "What did Lind say about Peru?"),
        ("What did Okafor say about Peru?", "What about Tomas Lind?", "en",
         "What did Tomas Lind say about Peru?"),
        ("What did Amara Okafor say about Peru?", "And Lind?", "en", "What did Lind say about Peru?"),
        ("What did Okafor say in Peru?", "And in Chile?", "en", "What did Okafor say in Chile?"),
        ("Where did Okafor open the bridge?", "When?", "en", "When did Okafor open the bridge?"),
        ("What did Okafor open in Peru?", "When?", "en", "When did Okafor open in Peru?"),
        ("How many ferries sank in Peru?", "and in Chile?", "en", "How many ferries sank in Chile?"),
        ("Cosa ha detto Bianchi del Perù?", "E Rossetti?", "it", "Cosa ha detto Rossetti del Perù?"),
        ("Cosa ha detto Bianchi in Perù?", "E in Cile?", "it", "Cosa ha detto Bianchi in Cile?"),
        ("Cosa ha detto Bianchi in Perù?", "Quando?", "it", "Quando ha detto Bianchi in Perù?"),
        ("Vad sade Lindqvist i Peru?", "Och i Chile?", "sv", "Vad sade Lindqvist i Chile?"),
        ("Vad sade Lindqvist i Peru?", "Och Berg?", "sv", "Vad sade Berg i Peru?"),
        ("Vad sade Lindqvist i Peru?", "När?", "sv", "När sade Lindqvist i Peru?"),
        ("Vad sade Lindqvist i Peru?", "Och vad sade hon om Chile?", "sv",
         "vad sade Lindqvist om Chile?"),
    ],
)  # fmt: skip
def test_stand_alone_when_question_leans_on_the_one_before(
    before: str, question: str, language: str, expected: str
) -> None:
    assert stand_alone(question, (turn(before, language),), language) == expected


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many ferries sank in the storm?", "en"),
        ("Who is Tomas Lind and what does he want?", "en"),
        ("What did Tomas Lind say about Chile?", "en"),
        ("Quanti traghetti sono affondati?", "it"),
        ("Hur många färjor sjönk?", "sv"),
    ],
)
def test_stand_alone_when_question_needs_nothing_is_unchanged(question: str, language: str) -> None:
    conversation = (turn("What did Okafor say about Peru?", "en"),)
    assert stand_alone(question, conversation, language) == question


@pytest.mark.parametrize("question", ["And what did she say?", "When?", "E Rossetti?", "  why  "])
def test_stand_alone_when_nothing_was_said_before_is_unchanged(question: str) -> None:
    assert stand_alone(question, (), "en") == question


def test_stand_alone_when_somebody_was_found_means_them() -> None:
    conversation = (turn("Who opened the bridge?", "en", "Amara Okafor opened it in Lima on Monday."),)
    assert stand_alone("Where does she live?", conversation, "en") == "Where does Amara Okafor live?"
    assert stand_alone("What did she say?", conversation, "en") == "What did Amara Okafor say?"
    assert stand_alone("Which bridges are there?", conversation, "en") == "Which bridges are in Lima?"


def test_stand_alone_when_two_were_asked_about_means_the_last() -> None:
    conversation: Conversation = (
        turn("What did Okafor say about Peru?", "en"),
        turn("What did Lind say about Peru?", "en"),
    )
    assert stand_alone("Where did he go?", conversation, "en") == "Where did Lind go?"


def test_stand_alone_when_last_question_names_nobody_looks_further_back() -> None:
    conversation: Conversation = (
        turn("What did Okafor say about Peru?", "en"),
        turn("How many ferries sank?", "en"),
    )
    assert stand_alone("Where did she go?", conversation, "en") == "Where did Okafor go?"


def test_stand_alone_when_nobody_was_named_is_unchanged() -> None:
    assert (
        stand_alone("Where did she go?", (turn("How many ferries sank?", "en"),), "en") == "Where did she go?"
    )
