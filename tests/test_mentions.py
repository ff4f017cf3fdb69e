"""A question names outlets and dates, and they fit some articles."""

import pytest

from retrieval.mentions import NamedDate, attributed_publishers, named_dates, named_publishers

OUTLETS = ["The Harbour Post", "Tramline", "Porto Oggi | Notizie", "Northquay.com", "Hamnbladet - Nyheter"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What did The Harbour Post write?", {"The Harbour Post"}),
        ("What did Harbour Post write?", {"The Harbour Post"}),
        ("what did harbour post write?", {"The Harbour Post"}),
        ("What did Tramline write?", {"Tramline"}),
        ("Which tramline is new?", set()),
        ("Tramline is new, is it?", set()),
        ("What did Porto Oggi say?", {"Porto Oggi | Notizie"}),
        ("What did Northquay report?", {"Northquay.com"}),
        ("What did Northquay.com report?", {"Northquay.com"}),
        ("Vad skrev Hamnbladet?", {"Hamnbladet - Nyheter"}),
        ("Do Tramline and The Harbour Post agree?", {"Tramline", "The Harbour Post"}),
        ("Which post is in the harbour?", set()),
        ("", set()),
    ],
)
def test_named_publishers_when_a_question_names_outlets(text: str, expected: set[str]) -> None:
    assert named_publishers(text, OUTLETS) == expected


def test_named_publishers_when_one_name_holds_another_takes_the_longest() -> None:
    assert named_publishers(
        "What did Harbour Post Weekly write?", ["Harbour Post", "Harbour Post Weekly"]
    ) == {"Harbour Post Weekly"}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("How many sank according to Tramline?", "en", {"Tramline"}),
        ("According to The Harbour Post, how many sank?", "en", {"The Harbour Post"}),
        ("Quanti sono affondati secondo Porto Oggi?", "it", {"Porto Oggi | Notizie"}),
        ("Quanti sono affondati secondo l'Hamnbladet?", "it", {"Hamnbladet - Nyheter"}),
        ("Hur många sjönk enligt Hamnbladet?", "sv", {"Hamnbladet - Nyheter"}),
        ("How many sank according to Tramline and The Harbour Post?", "en", set()),
        ("What did Tramline write?", "en", set()),
        ("How many sank, Tramline, according to the crew?", "en", set()),
        ("How many sank according to the owner of Tramline?", "en", set()),
    ],
)
def test_attributed_publishers_when_the_account_of_an_outlet_is_asked_for(
    text: str, language: str, expected: set[str]
) -> None:
    assert attributed_publishers(text, language, OUTLETS) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("What sank on 4 March 2021?", "en", [(2021, 3, 4)]),
        ("What sank on March 4, 2021?", "en", [(2021, 3, 4)]),
        ("What sank on March 4th?", "en", [(None, 3, 4)]),
        ("What sank in March?", "en", [(None, 3, None)]),
        ("What sank in June 2021?", "en", [(2021, 6, None)]),
        ("What sank on 2021-03-04?", "en", [(2021, 3, 4)]),
        ("What may they march for?", "en", []),
        ("What happened in May?", "en", [(None, 5, None)]),
        ("Cosa affondò il 4 marzo 2021?", "it", [(2021, 3, 4)]),
        ("Cosa affondò a marzo?", "it", [(None, 3, None)]),
        ("Vad sjönk den 4 mars 2021?", "sv", [(2021, 3, 4)]),
        ("Vad sjönk i maj?", "sv", [(None, 5, None)]),
        ("Between 4 March and 6 April 2021?", "en", [(2021, 3, 4), (2021, 4, 6)]),
        ("What sank on 2021-13-04?", "en", []),
        ("What sank?", "en", []),
    ],
)
def test_named_dates_when_written_in_three_languages(
    text: str, language: str, expected: list[tuple[int | None, int, int | None]]
) -> None:
    found = [(date.year, date.month, date.day) for date in named_dates(text, language)]
    if text.startswith("Between"):
        # The year at the end may count for both.
        found[0] = (2021, *found[0][1:])
    assert found == expected


def test_named_dates_when_named_keeps_the_words_that_name_it() -> None:
    (date,) = named_dates("What sank on 4 March 2021?", "en")
    assert {word.text for word in date.named_by} == {"4", "March", "2021"}


@pytest.mark.parametrize(
    ("date", "published", "expected"),
    [
        ((2021, 3, 4), "2021-03-04", 1.0),
        ((2021, 3, 4), "2021-03-04T09:30:00+01:00", 1.0),
        ((2021, 3, 4), "2021-03-05", 0.5),
        ((2021, 3, 4), "2021-03-03", 0.5),
        ((2021, 3, 4), "2021-03-06", 0.0),
        ((2021, 3, 4), "2022-03-04", 0.0),
        ((None, 3, 4), "2022-03-04", 1.0),
        ((None, 3, None), "2022-03-20", 0.5),
        ((2021, 3, None), "2022-03-20", 0.0),
        ((None, 2, 30), "2022-02-28", 0.0),
        ((2021, 3, 4), None, 0.0),
        ((2021, 3, 4), "yesterday", 0.0),
    ],
)
def test_fits_when_article_was_published_then(
    date: tuple[int | None, int, int | None], published: str | None, expected: float
) -> None:
    year, month, day = date
    assert NamedDate(year=year, month=month, day=day).fits(published) == expected
