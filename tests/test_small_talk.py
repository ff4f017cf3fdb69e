"""Small talk and talk about the talk are answered in a line; a question to the articles never is."""

import json
from pathlib import Path

import pytest

from bot.assembly import build_assistant, build_indexer
from bot.assistant import Assistant
from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Conversation, Turn
from bot.followup import stand_alone
from bot.settings import Settings
from bot.small_talk import answer_small_talk, without_greeting
from prompts.phrases import phrase
from retrieval.articles import Reading
from retrieval.datatypes import Article
from tests.fakes import FakeEmbedder

FIXTURES = Path(__file__).parent / "fixtures"


def turn(question: str, quote: str = "", title: str = "", status: AnswerStatus | None = None) -> Turn:
    article = Article(
        id=title, title=title, text=quote, language="en", publisher="Baltic Courier", published="2024-11-14"
    )
    answer = Answer(
        question=question,
        understood_as=question,
        status=status or (AnswerStatus.ANSWERED if quote else AnswerStatus.NOT_COVERED),
        text=f"“{quote}” [1]",
        language="en",
        citations=(cite(article, 0, len(quote), 1),) if quote else (),
    )
    return Turn(question, answer)


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    article = Article(
        id="riga", title="Rutte in Riga", text="Mark Rutte said in Latvia that he was worried.", language="en"
    )
    indexer = build_indexer(Settings(), tmp_path, FakeEmbedder())
    indexer.update(Reading(articles=(article,)), lambda *_: None)
    return build_assistant(Settings(), tmp_path, FakeEmbedder())


TALK: Conversation = (
    turn("Who opened the bridge?", "Okafor opened it.", "A bridge"),
    turn("Who closed it?", "Lind closed it.", "A gate"),
    turn("thanks", status=AnswerStatus.CONVERSATION),
)


@pytest.mark.parametrize(
    ("said", "language", "kind"),
    [
        ("hello", "en", "greeting"),
        ("Hi there!", "en", "greeting"),
        ("Thanks a lot.", "en", "thanks"),
        ("great answer, thank you so much!", "en", "thanks"),
        ("bye", "en", "farewell"),
        ("ok, thanks, bye", "en", "farewell"),
        ("Who are you?", "en", "about_me"),
        ("hi, what can you do?", "en", "about_me"),
        ("What's your name?", "en", "about_me"),
        ("ciao", "it", "greeting"),
        ("Grazie mille!", "it", "thanks"),
        ("Chi sei?", "it", "about_me"),
        ("tack", "sv", "thanks"),
        ("Hej då!", "sv", "farewell"),
        ("Vem är du?", "sv", "about_me"),
        ("Vielen Dank!", "de", "thanks"),
        ("Tschüss", "de", "farewell"),
        ("Bonjour !", "fr", "greeting"),
        ("Qui êtes-vous ?", "fr", "about_me"),
        ("¡Hola!", "es", "greeting"),
        ("Muchas gracias", "es", "thanks"),
    ],
)
def test_answer_small_talk_when_nothing_is_asked_speaks_the_language(
    said: str, language: str, kind: str
) -> None:
    # The language is told by the phrase, since a detector fails on one word.
    answer = answer_small_talk(said, (), "en")
    assert answer is not None
    assert (answer.status, answer.language, answer.text) == (
        AnswerStatus.CONVERSATION,
        language,
        phrase(kind, language),
    )
    assert answer.understood_as == answer.question == said


@pytest.mark.parametrize(
    "said", ["which article was that?", "What is your source?", "thanks, where is that from"]
)
def test_answer_small_talk_when_asked_for_the_article_names_and_cites_it(said: str) -> None:
    answer = answer_small_talk(said, TALK, "en")
    assert answer is not None
    assert answer.text == "That was in:\n– A gate, Baltic Courier, 2024-11-14 [1]"
    assert answer.citations == TALK[1].answer.citations


@pytest.mark.parametrize(
    ("said", "meant"),
    [("what did you say first?", 0), ("repeat that", 1), ("Say that again, please.", 1), ("upprepa det", 1)],
)
def test_answer_small_talk_when_asked_to_repeat_gives_that_answer_with_its_citations(
    said: str, meant: int
) -> None:
    answer = answer_small_talk(said, TALK, "en")
    assert answer is not None
    assert answer.text == TALK[meant].answer.text
    assert answer.citations == TALK[meant].answer.citations


@pytest.mark.parametrize("said", ["which article was that?", "what did you say first?", "repeat that"])
def test_answer_small_talk_when_nothing_was_answered_says_so(said: str) -> None:
    answer = answer_small_talk(said, (), "en")
    assert answer is not None
    assert answer.text == phrase("nothing_said", "en")
    assert not answer.citations


def test_answer_small_talk_when_the_last_answer_cites_nothing_names_no_article() -> None:
    answer = answer_small_talk("which article was that?", (turn("Who sank?"),), "en")
    assert answer is not None
    assert answer.text == phrase("no_articles_cited", "en")


@pytest.mark.parametrize(
    "question",
    [
        "Hello Kitty sales in Japan?",
        "hi, what did Rutte say in Latvia?",
        "Thanks to whom did the bridge open?",
        "Who are you going to call, said whom?",
        "What did you say Rutte said?",
        "Where is that from, the missile?",
        "Is the Bye Act good?",
        "And Borrell?",
        "When?",
        "why",
        "Good Friday",
        "you",
        "and now",
    ],
)
def test_answer_small_talk_when_something_is_asked_is_none(question: str) -> None:
    assert answer_small_talk(question, TALK, "en") is None


def test_answer_small_talk_when_asked_all_questions_of_the_fixtures_is_none() -> None:
    paths = [*FIXTURES.glob("*cases.jsonl"), *FIXTURES.glob("*/cases.jsonl")]
    questions = [
        asked["question"]
        for path in paths
        for line in path.read_text("utf-8").splitlines()
        for asked in json.loads(line).get("turns", ())
    ]
    assert len(questions) > 500
    assert [question for question in questions if answer_small_talk(question, TALK, "en")] == []


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("hi, what did Rutte say in Latvia?", "what did Rutte say in Latvia?"),
        ("Thanks! And where did he go?", "And where did he go?"),
        ("Good morning. Who is Lind?", "Who is Lind?"),
        ("Ciao, chi è Rossetti?", "chi è Rossetti?"),
        ("Hej! Vem är Berg?", "Vem är Berg?"),
        ("Hello Kitty, who made it?", "Hello Kitty, who made it?"),
        ("Who is Lind, thanks", "Who is Lind, thanks"),
        ("hello", "hello"),
    ],
)
def test_without_greeting_when_a_question_follows_leaves_the_question(said: str, question: str) -> None:
    assert without_greeting(said, "en") == question


def test_stand_alone_when_small_talk_stands_between_looks_before_it() -> None:
    assert stand_alone("When?", TALK[1:], "en") == "When closed it?"


def test_answer_when_small_talk_is_never_searched(assistant: Assistant) -> None:
    answer = assistant.answer("Thank you!")
    assert answer.status is AnswerStatus.CONVERSATION
    assert not answer.evidence
    assert answer.seconds["total"] >= 0


def test_answer_when_a_question_begins_with_a_greeting_is_answered(assistant: Assistant) -> None:
    answer = assistant.answer("hi, what did Rutte say in Latvia?")
    assert answer.status is not AnswerStatus.CONVERSATION
    assert answer.understood_as == "what did Rutte say in Latvia?"
