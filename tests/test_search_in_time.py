"""What a question says about time, and whose account it asks for, changes which articles come first."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date

import pytest

from bot.assembly import build_indexer, build_searcher
from bot.settings import Settings
from retrieval.articles import Reading
from retrieval.datatypes import Article, Filter
from retrieval.library import Library
from retrieval.passages import split_sentences
from retrieval.query import Query, understand
from retrieval.reading import Finding
from retrieval.search_in_time import Timely, search_in_time
from retrieval.sentences import read_article
from retrieval.timeliness import findings_in_time, narrowed_by_time, with_time
from tests.fakes import FakeEmbedder

# A Thursday.
TODAY = date(2024, 11, 7)
NEWEST = date(2024, 11, 6)


def fees(name: str, published: str | None, publisher: str = "Tramline", more: str = "") -> Article:
    # As long as each other, and different enough not to be copies.
    text = f"Okafor said that the harbour fees of {name} are too high for its ferries.{more}"
    return Article(id=name, title="Fees", text=text, language="en", publisher=publisher, published=published)


NEWS = [
    fees("Lima", "2023-05-10"),
    fees("Riga", "2024-06-20", "The Harbour Post"),
    fees("Oslo", "2024-10-15", "Porto Oggi", " It was told to The Harbour Post on 20 June."),
    fees("Rome", "2024-10-30T08:00:00+01:00", "Hamnbladet"),
    fees("Bonn", "2024-11-06", "Northquay"),
    fees("Kyiv", None, "Undated"),
    fees("Bern", "9999-01-01", "Future"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("library")
    indexer = build_indexer(Settings(), folder, FakeEmbedder())
    indexer.update(Reading(articles=tuple(NEWS)), lambda *_: None)
    with closing(Library.open_any(folder)) as library:
        yield library


def read(question: str, language: str = "en", today: date = TODAY) -> Query:
    return with_time(understand(question, language), today, NEWEST)


def searched(library: Library, query: Query, where: Filter | None = None) -> Timely:
    return search_in_time(build_searcher(Settings(), library, FakeEmbedder()), library, query, (), where)


def found(library: Library, question: str, language: str = "en", where: Filter | None = None) -> list[str]:
    evidence = searched(library, read(question, language), where).evidence
    return [scored.passage.article_id for scored in evidence]


@pytest.mark.parametrize(
    ("question", "language", "best"),
    [
        ("Which harbour fees are too high in 2023?", "en", "Lima"),
        ("Which harbour fees were too high last week?", "en", "Rome"),
        ("Which harbour fees were too high yesterday?", "en", "Bonn"),
        ("Which harbour fees are too high in June?", "en", "Riga"),
        ("Which harbour fees were too high before October 2023?", "en", "Lima"),
        ("Quali tariffe del porto erano alte ieri?", "it", "Bonn"),
        ("Vilka hamnavgifter var höga 2023 eller i juni 2024?", "sv", "Riga"),
        ("What is the latest on ferry fees?", "en", "Bonn"),
        ("Quali sono le ultime notizie sulle ferries di Okafor?", "it", "Bonn"),
        ("Vad är det senaste om Okafor?", "sv", "Bonn"),
    ],
)
def test_search_when_a_question_asks_for_a_time_puts_its_articles_first(
    library: Library, question: str, language: str, best: str
) -> None:
    first = searched(library, read(question, language)).evidence[0]
    whenever = searched(library, understand(question, language)).evidence
    assert first.passage.article_id == best
    assert first.score > next(one.score for one in whenever if one.passage.article_id == best)


def test_search_when_the_newest_is_asked_for_ranks_by_age_where_words_are_alike(library: Library) -> None:
    assert found(library, "What is the latest on ferry fees?")[:2] == ["Bonn", "Rome"]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Okafor say last week?", {"Rome"}),
        ("What did Okafor say yesterday?", {"Bonn"}),
        ("What did Okafor say in October?", {"Oslo", "Rome"}),
        # An article of another month quotes by date what was said in this one.
        ("What did Okafor say in June?", {"Riga", "Oslo"}),
        ("What did Okafor say in 2023?", {"Lima"}),
        ("What did Okafor say about fees since 1 October?", {"Oslo", "Rome", "Bonn"}),
        ("What did Okafor say before 2024?", {"Lima"}),
        ("How high were the harbour fees yesterday?", {"Bonn"}),
        ("Which harbour fees are too high in 2023?", {article.id for article in NEWS}),
        ("Which harbour fees were high on 20 June?", {article.id for article in NEWS}),
        # Of many facts that describe what is asked for, a time or an outlet belongs to one.
        (
            "Which mayor said this year, according to Tramline, that ferries, harbours, bridges, trams,"
            " roads, schools, clinics, bakeries, theatres, museums, gardens and libraries cost more in 2023?",
            {article.id for article in NEWS},
        ),
    ],
)
def test_search_when_only_some_articles_can_tell_leaves_out_the_others(
    library: Library, question: str, names: set[str]
) -> None:
    assert set(found(library, question)) == names


def test_search_when_nothing_is_from_that_time_gives_what_is_near_from_another(library: Library) -> None:
    told = searched(library, read("What did Okafor say last week?", today=date(2026, 11, 23)))
    assert not told.evidence
    assert told.elsewhere


def test_search_when_articles_are_filtered_too_keeps_to_both(library: Library) -> None:
    where = Filter(since="2024-11", publishers=frozenset({"Northquay", "Hamnbladet"}))
    assert found(library, "What did Okafor say this week?", where=where) == ["Bonn"]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How high are the fees according to The Harbour Post?", {"Riga", "Oslo"}),
        ("According to Hamnbladet, how high are the fees?", {"Rome"}),
    ],
)
def test_search_when_an_outlet_s_account_is_asked_for_keeps_to_it_and_who_names_it(
    library: Library, question: str, names: set[str]
) -> None:
    assert set(found(library, question)) == names
    asked = question.replace("ccording to", "fter reading")
    assert set(found(library, asked)) == {article.id for article in NEWS}


def test_narrowed_by_time_when_days_are_in_a_filter_takes_the_narrower_ends() -> None:
    query = read("What did Okafor say last week?")
    assert narrowed_by_time(query, Filter(since="2024-10-30", until="2024-11")) == Filter(
        since="2024-10-30", until="2024-11-05"
    )
    assert narrowed_by_time(query, Filter(since="2024", until="2024-11-01")) == Filter(
        since="2024-10-28", until="2024-11-01"
    )
    assert narrowed_by_time(understand("What did Okafor say last week?", "en"), None) is None


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What did Okafor say last week?", []),
        ("What did Okafor say about fees in November?", ["fees"]),
        ("What did Okafor say on 5 November?", []),
        ("What did Okafor say about the strike on 5 November?", ["strike", "5", "November"]),
        ("Who led the strike on 5 November?", ["led", "strike", "5", "November"]),
        ("Who led the strike last week?", ["led", "strike"]),
        ("What happened before the election?", ["happened", "election"]),
    ],
)
def test_with_time_when_words_only_tell_when_drops_them_from_the_topic(
    question: str, topic: list[str]
) -> None:
    assert [word.text for word in read(question).topic] == topic


def test_with_time_when_a_date_has_no_year_takes_it_to_lie_before_the_newest_article() -> None:
    query = read("What did Okafor say in November?", today=date(2026, 11, 23))
    assert query.when is not None and query.when.since == date(2024, 11, 1)
    assert with_time(understand("What did Okafor say in May?", "en"), TODAY, None).when is None


def test_findings_in_time_when_a_time_is_asked_for_puts_it_first_or_leaves_out_others() -> None:
    findings = [_finding(article) for article in NEWS]
    assert _names(findings_in_time(read("Who pays harbour fees in June?"), findings))[:2] == ["Riga", "Oslo"]
    assert _names(findings_in_time(read("What did Okafor say in 2023?"), findings)) == ["Lima"]
    assert _names(findings_in_time(read("What is the latest on fees?"), findings)) == [
        "Bonn", "Rome", "Oslo", "Riga", "Lima", "Kyiv", "Bern",
    ]  # fmt: skip
    assert findings_in_time(read("Who pays harbour fees?"), findings) == findings


def _finding(article: Article) -> Finding:
    sentences = read_article(article, split_sentences(article.text))
    return Finding(sentences[-1], 1.0)


def _names(findings: Sequence[Finding]) -> list[str]:
    return [finding.sentence.article.id for finding in findings]
