"""Search over a real library: numbers, phrases, names, places, outlets and dates that a question names."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.assembly import build_searcher
from bot.settings import Settings
from retrieval.articles import Reading
from retrieval.datatypes import Article
from retrieval.indexing import Indexer
from retrieval.library import Library
from retrieval.query import understand
from retrieval.search import Searcher
from retrieval.vectors import Vectors
from tests.fakes import FakeEmbedder

NEWS = [
    Article(id="storm", title="Birds", publisher="The Harbour Post", published="2021-03-04", language="en",
            text="Some 12,000 birds were counted by Amara Peña, the teachers said."),
    Article(id="birds", title="Birds", publisher="Tramline", published="2021-06-20", language="en",
            text="Some 1,200 birds were counted by the schools, the teachers said."),
    Article(id="porto", title="Traghetti", publisher="Porto Oggi", published="2021-05-02", language="it",
            text="I traghetti per Atene sono fermi. Lo sciopero è durato tre giorni."),
    Article(id="hamn", title="Färjor", publisher="Hamnbladet", published="2021-05-03", language="sv",
            text="Färjorna till Chile är försenade. Maja Lindqvist sade att strejken är över."),
    Article(id="fees-post", title="Fees", publisher="The Harbour Post", published="2021-03-04", language="en",
            text="Harbour fees will rise this year, the harbour master wrote."),
    Article(id="fees-tram", title="Fees", publisher="Tramline", published="2021-06-20", language="en",
            text="Harbour fees will rise this year, the harbour master wrote."),
    Article(id="houses", title="Posters", publisher="Tramline", published="2020-01-01", language="en",
            text="Ferries need houses, safe by the sea, an old poster reads."),
    Article(id="safe", title="Posters", publisher="Tramline", published="2020-01-01", language="en",
            text="Ferries need safe houses by the sea, an old poster reads."),
]  # fmt: skip


def index(folder: Path, articles: list[Article]) -> Library:
    indexer = Indexer(folder, FakeEmbedder(), passage_tokens=64)
    indexer.update(Reading(articles=tuple(articles)), lambda *_: None)
    return Library.open_any(folder)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    with closing(index(tmp_path_factory.mktemp("library"), NEWS)) as library:
        yield build_searcher(Settings(), library, FakeEmbedder())


def found(searcher: Searcher, question: str, language: str = "en") -> list[str]:
    return [scored.passage.article_id for scored in searcher.search(understand(question, language))]


@pytest.mark.parametrize(
    ("question", "language", "best"),
    [
        ("Who counted 12.000 birds?", "en", "storm"),
        ("Who counted 12,000 birds?", "en", "storm"),
        ("Who counted 1200 birds?", "en", "birds"),
        ('Which poster reads "safe houses"?', "en", "safe"),
        ("What did Pena count?", "en", "storm"),
        ("Which ships go to Greece?", "en", "porto"),
        ("Vad går till Grekland?", "sv", "porto"),
        ("Quanti uccelli hanno contato le scuole?", "it", "birds"),
        ("How long was the strike?", "en", "porto"),
        ("What did Tramline write about harbour fees?", "en", "fees-tram"),
        ("What did The Harbour Post write about harbour fees?", "en", "fees-post"),
        ("Which harbour fees were in the news on 4 March 2021?", "en", "fees-post"),
        ("Which harbour fees were in the news on 20 June 2021?", "en", "fees-tram"),
    ],
)
def test_search_when_a_question_names_something_puts_it_first(
    searcher: Searcher, question: str, language: str, best: str
) -> None:
    assert found(searcher, question, language)[0] == best


def test_search_when_two_outlets_are_named_gives_both_before_others(searcher: Searcher) -> None:
    best = found(searcher, "Do Tramline and The Harbour Post agree on harbour fees?")[:2]
    assert set(best) == {"fees-post", "fees-tram"}


def test_search_when_articles_fit_scores_never_rise_and_no_passage_comes_twice(searcher: Searcher) -> None:
    results = searcher.search(understand("Who counted birds after the storm?", "en"))
    scores = [scored.score for scored in results]
    assert scores == sorted(scores, reverse=True)
    assert len({scored.passage.id for scored in results}) == len(results) == len(NEWS) - 1


def test_search_when_a_passage_stands_in_two_articles_of_one_story_gives_the_first_published(
    searcher: Searcher,
) -> None:
    assert not {"fees-post", "fees-tram"} <= {*found(searcher, "Which harbour fees rose?")}
    assert found(searcher, "Which harbour fees rose?")[0] == "fees-post"


def test_search_when_asked_again_gives_the_same(searcher: Searcher) -> None:
    query = understand("Who counted birds?", "en")
    assert searcher.search(query) == searcher.search(query)


def test_search_when_one_article_repeats_itself_spreads_over_articles(tmp_path: Path) -> None:
    line = "The old ferry sank. " + "It went down with all the freight that it held on board. " * 3
    loud = Article(id="loud", title="Sunk", text="\n\n".join([line] * 6), language="en")
    quiet = Article(id="quiet", title="Port", text="The ferry was insured by Lindqvist.", language="en")
    with closing(index(tmp_path, [loud, quiet])) as library:
        searcher = build_searcher(Settings(), library, FakeEmbedder())
        results = found(searcher, "Which old ferry sank, and who insured it?")
    assert results.count("loud") > 2
    assert "quiet" in results[:2]


def test_search_when_library_is_empty_finds_nothing(tmp_path: Path) -> None:
    with closing(index(tmp_path, [])) as library:
        searcher = build_searcher(Settings(), library, FakeEmbedder())
        assert searcher.search(understand("Who counted birds?", "en")) == []


def test_search_when_limited_gives_no_more(tmp_path: Path) -> None:
    with closing(index(tmp_path, NEWS)) as library:
        searcher = build_searcher(Settings(), library, FakeEmbedder())
        assert len(found(searcher, "Who counted birds?")) == len(NEWS) - 1
        with closing(Vectors(library, FakeEmbedder().name)) as vectors:
            few = Searcher(library, vectors, FakeEmbedder(), limit=3)
            assert len(found(few, "Who counted birds?")) == 3
