"""What there is on a subject is told when that is asked; questions that look alike search the articles."""

from pathlib import Path

import pytest

from bot.assembly import build_assistant
from bot.assistant import Assistant
from bot.citations import stands
from bot.datatypes import AnswerStatus
from bot.settings import Settings
from retrieval.datatypes import Filter
from tests.fakes import FakeEmbedder
from tests.small_index import make_index


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    return build_assistant(Settings(), make_index(tmp_path), FakeEmbedder())


@pytest.mark.parametrize(
    ("question", "opening", "cited"),
    [
        (
            "What do you have on Rutte?",
            "Articles that name Rutte: 2; outlets: 2; languages: en, it; published: 2024-11-14 – 2024-11-15.",
            ["roma", "riga"],
        ),
        ("do you have anything about Latvia?", "Articles that name Latvia: 1; outlets: 1;", ["riga"]),
        ("che cosa avete su Rutte?", "Articoli che nominano Rutte: 2; testate: 2;", ["roma", "riga"]),
        ("Vad har ni om Rutte?", "Artiklar som nämner Rutte: 2; källor: 2;", ["roma", "riga"]),
        ("¿Qué tienen sobre Rutte?", "Artículos que nombran Rutte: 2; medios: 2;", ["roma", "riga"]),
        ("which articles mention the bakery", "Articles that name the bakery: 1; outlets: 0;", ["bakery"]),
    ],
    ids=["person", "place", "it", "sv", "es", "word"],
)
def test_answer_when_asked_what_there_is_counts_it_and_cites_the_newest(
    assistant: Assistant, question: str, opening: str, cited: list[str]
) -> None:
    answer = assistant.answer(question)
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.text.startswith(opening)
    assert [citation.article.id for citation in answer.citations] == cited
    assert all(stands(citation) for citation in answer.citations)


def test_answer_when_there_is_nothing_says_so(assistant: Assistant) -> None:
    answer = assistant.answer("What do you have on the Pope?")
    assert (answer.status, answer.text) == (AnswerStatus.NOT_COVERED, "No article names the Pope.")
    assert not answer.citations


def test_answer_when_articles_are_filtered_counts_those_alone(assistant: Assistant) -> None:
    answer = assistant.answer("What do you have on Rutte?", where=Filter(languages=frozenset({"it"})))
    assert answer.text.startswith("Articles that name Rutte: 1; outlets: 1; languages: it;")


@pytest.mark.parametrize(
    "question",
    [
        "What do you have to pay for bread?",
        "What did Rutte say about Latvia?",
        "What is there to see in Riga?",
        "how many soldiers do they have?",
        "what have you on?",
    ],
)
def test_answer_when_a_question_only_looks_alike_searches_the_articles(
    assistant: Assistant, question: str
) -> None:
    assert not assistant.answer(question).text.startswith("Articles that name")
