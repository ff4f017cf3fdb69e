"""What there is on a subject is told when that is asked; questions that look alike search the articles."""

from pathlib import Path

import pytest

from bot.assembly import build_assistant, build_indexer
from bot.assistant import Assistant
from bot.citations import stands
from bot.datatypes import Answer, AnswerStatus
from bot.settings import Settings
from retrieval.articles import Reading
from retrieval.datatypes import Article, Filter
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
        ("Che cosa c'è sulla Lettonia?", "Articoli che nominano Lettonia: 1", ["riga"]),
        ("which articles mention the bakery", "Articles that name the bakery: 1; outlets: 0;", ["bakery"]),
    ],
    ids=["person", "place", "it", "sv", "es", "article", "word"],
)
def test_answer_when_asked_what_there_is_counts_it_and_cites_the_newest(
    assistant: Assistant, question: str, opening: str, cited: list[str]
) -> None:
    answer = assistant.answer(question)
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.text.startswith(opening)
    assert [citation.article.id for citation in answer.citations] == cited
    assert all(stands(citation) for citation in answer.citations)


def told_of(folder: Path, question: str, *articles: Article) -> Answer:
    """Ask what there is in some articles."""
    indexer = build_indexer(Settings(), folder, FakeEmbedder())
    indexer.update(Reading(articles=articles), lambda *_: None)
    return build_assistant(Settings(), folder, FakeEmbedder()).answer(question)


LONG = (
    "Di ritorno da un viaggio nelle capitali dell'Asia, dove aveva firmato due accordi di cui nessuno"
    " sa ancora molto e che i governi terranno per sé, il ministro ha parlato per un'ora dell'invio di"
    " truppe nordcoreane, che teme."
)


@pytest.mark.parametrize("question", ["Cosa avete sulla Corea del Nord?", "What is there on North Korea?"])
def test_answer_when_a_long_sentence_names_it_late_quotes_the_part_that_does(
    tmp_path: Path, question: str
) -> None:
    answer = told_of(tmp_path, question, Article(id="a", title="Asia", text=LONG, language="it"))
    assert "nordcoreane" in answer.citations[0].quote
    assert len(answer.citations[0].quote) <= 180 and all(map(stands, answer.citations))


def test_answer_when_articles_tell_one_story_quotes_it_once_and_names_the_others(tmp_path: Path) -> None:
    text = " ".join(f"Rutte said in hall {number} that ship {number * 7} has left." for number in range(30))
    answer = told_of(
        tmp_path,
        "What do you have on Rutte?",
        *(
            Article(id=id_, title=id_, text=text, language="en", publisher=id_)
            for id_ in ("one", "two", "three")
        ),
        Article(id="other", title="Oslo", text="Rutte was in Oslo, where it snowed.", language="en"),
    )
    assert answer.text.startswith("Articles that name Rutte: 4;")
    leads = [one.article.id for one in answer.citations if one.same_story_as is None]
    assert len(leads) == 2 and "other" in leads
    assert len(answer.citations) == 4


def test_answer_when_a_name_is_a_common_word_too_quotes_who_writes_it_as_a_name(tmp_path: Path) -> None:
    answer = told_of(
        tmp_path,
        "What do you have on Apple?",
        Article(id="car", title="A car", text="The seats are made of apple juice.", published="2024-11-02"),
        Article(id="cook", title="Cook", text="Tim Cook spoke of Apple in Oslo.", published="2024-11-01"),
    )
    assert answer.citations[0].article.id == "cook"


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
