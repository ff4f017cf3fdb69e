"""What an article says about time means the days that a reader on the day of publication takes it to mean."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.date_phrases import absolute
from retrieval.relative_dates import Resolved, local_day, resolve
from retrieval.time_wording import knows_times

# A Thursday.
WRITTEN = date(2024, 11, 7)
_LANGUAGES = st.sampled_from(["en", "it", "sv", "es", "de", "fr"])
# fmt: off
_PIECES = st.sampled_from([
    "on Thursday", "last", "next", "week", "weekend", "yesterday", "today", "giovedì", "scorso", "på", "el",
    "i torsdags", "lunes", "31", "30 February", "29", "November", "2024", "1 January 2023", "4–6 maj", "ago",
    "0 days ago", "999 years ago", "said", "will", "“", "”", ". ", "\n", "the", "9999", "Sept.", ",", "in",
    "mesi", "9999-12-31", "den 30 februari", "il y a", "vor", "Montag", "Tagen", "hace", "años", "fa", "two",
])
# fmt: on


def meant(text: str, language: str, written: date = WRITTEN) -> list[tuple[str, str]]:
    """The expressions that are certain, with their days."""
    return [
        (text[item.start : item.end], days(item))
        for item in resolve(text, language, written)
        if item.is_certain
    ]


def days(item: Resolved) -> str:
    first, last = item.first_day.isoformat(), item.last_day.isoformat()
    return first if first == last else f"{first}..{last}"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Rutte said on Thursday that he agreed.", "Thursday", "2024-11-07"),
        ("The court ruled Wednesday.", "Wednesday", "2024-11-06"),
        ("They will meet on Friday.", "Friday", "2024-11-08"),
        ("On Monday, ministers will meet.", "Monday", "2024-11-11"),
        ("On Monday, ministers met.", "Monday", "2024-11-04"),
        ("The vote is scheduled for Tuesday.", "Tuesday", "2024-11-12"),
        ("He said it would close on Saturday.", "Saturday", "2024-11-09"),
        ("Late on Tuesday night, police arrested him.", "Tuesday night", "2024-11-05"),
        ("She spoke in a Tuesday interview.", "a Tuesday", "2024-11-05"),
        ("He left yesterday.", "yesterday", "2024-11-06"),
        ("He said today that it failed.", "today", "2024-11-07"),
        ("During today's visit he smiled.", "today", "2024-11-07"),
        ("They meet tomorrow.", "tomorrow", "2024-11-08"),
        ("It was stormy this morning.", "this morning", "2024-11-07"),
        ("Last week, Rutte spoke.", "Last week", "2024-10-28..2024-11-03"),
        ("It ended last month.", "last month", "2024-10-01..2024-10-31"),
        ("It ended last year.", "last year", "2023-01-01..2023-12-31"),
        ("It ended last Friday.", "last Friday", "2024-11-01"),
        ("It starts next week.", "next week", "2024-11-11..2024-11-17"),
        ("It happened two days ago.", "two days ago", "2024-11-05"),
        ("They met earlier this week.", "earlier this week", "2024-11-04..2024-11-07"),
        ("They spoke over the weekend.", "the weekend", "2024-11-02..2024-11-03"),
        ("He died on 20 December.", "20 December", "2023-12-20"),
        ("He spoke on 4 November.", "4 November", "2024-11-04"),
        ("It will open on Nov. 20.", "Nov. 20", "2024-11-20"),
        ("They met on Monday 4.", "Monday 4", "2024-11-04"),
        ("They met on Monday, Nov. 4.", "Monday, Nov. 4", "2024-11-04"),
        ("They met from 4 to 6 November.", "4 to 6 November", "2024-11-04..2024-11-06"),
        ("Prices rose in October.", "October", "2024-10-01..2024-10-31"),
        ("It opened in March last year.", "March last year", "2023-03-01..2023-03-31"),
        ("It sank on 4 March 2021.", "4 March 2021", "2021-03-04"),
        ("Updated 2024-11-05 at noon.", "2024-11-05", "2024-11-05"),
    ],
)
def test_resolve_when_text_is_english(text: str, words: str, expected: str) -> None:
    assert (words, expected) in [(each.removeprefix("Late on "), when) for each, when in meant(text, "en")]


@pytest.mark.parametrize(
    ("language", "text", "words", "expected"),
    [
        ("it", "Rutte ha parlato giovedì a Riga.", "giovedì", "2024-11-07"),
        ("it", "Il vertice sarà lunedì a Roma.", "lunedì", "2024-11-11"),
        ("it", "È arrivato giovedì scorso.", "giovedì scorso", "2024-10-31"),
        ("it", "Ieri ha parlato.", "Ieri", "2024-11-06"),
        ("it", "Ne ha parlato oggi a Roma.", "oggi", "2024-11-07"),
        ("it", "Partirà domani.", "domani", "2024-11-08"),
        ("it", "La settimana scorsa ha parlato.", "La settimana scorsa", "2024-10-28..2024-11-03"),
        ("it", "È arrivato il 7 novembre.", "7 novembre", "2024-11-07"),
        ("it", "I prezzi sono saliti a ottobre.", "ottobre", "2024-10-01..2024-10-31"),
        ("it", "È successo due giorni fa.", "due giorni fa", "2024-11-05"),
        ("it", "Si vedranno fra tre giorni.", "fra tre giorni", "2024-11-10"),
        ("sv", "Han talade i torsdags.", "i torsdags", "2024-10-31"),
        ("sv", "De träffas på måndag.", "måndag", "2024-11-11"),
        ("sv", "På tisdagen sade han nej.", "tisdagen", "2024-11-05"),
        ("sv", "Han kom igår.", "igår", "2024-11-06"),
        ("sv", "Han sade i dag att det räcker.", "i dag", "2024-11-07"),
        ("sv", "De åker imorgon.", "imorgon", "2024-11-08"),
        ("sv", "Förra veckan talade han.", "Förra veckan", "2024-10-28..2024-11-03"),
        ("sv", "Han kom den 7 november.", "den 7 november", "2024-11-07"),
        ("sv", "Det hände för två dagar sedan.", "för två dagar sedan", "2024-11-05"),
        ("sv", "Det hände i fjol.", "i fjol", "2023-01-01..2023-12-31"),
        ("es", "Rutte habló el jueves en Riga.", "jueves", "2024-11-07"),
        ("es", "Los ministros se reunirán el lunes.", "lunes", "2024-11-11"),
        ("es", "Ayer habló.", "Ayer", "2024-11-06"),
        ("es", "Hoy, Rutte habló en Riga.", "Hoy", "2024-11-07"),
        ("es", "Llegará mañana.", "mañana", "2024-11-08"),
        ("es", "Habló la semana pasada.", "la semana pasada", "2024-10-28..2024-11-03"),
        ("es", "Llegó el 7 de noviembre de 2023.", "7 de noviembre de 2023", "2023-11-07"),
        ("es", "Llegó hace dos días.", "hace dos días", "2024-11-05"),
        ("de", "Rutte sagte am Mittwoch nein.", "Mittwoch", "2024-11-06"),
        ("de", "Sie kamen vor zwei Tagen.", "vor zwei Tagen", "2024-11-05"),
        ("de", "Das war letzte Woche.", "letzte Woche", "2024-10-28..2024-11-03"),
        ("fr", "Il a parlé mercredi.", "mercredi", "2024-11-06"),
        ("fr", "Il a parlé la semaine dernière.", "la semaine dernière", "2024-10-28..2024-11-03"),
    ],
)
def test_resolve_when_text_is_in_another_language(
    language: str, text: str, words: str, expected: str
) -> None:
    assert meant(text, language) == [(words, expected)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Black Friday deals are here."),
        ("en", "Cyber Monday was wild."),
        ("en", "The Sunday Times reported it."),
        ("en", "Robinson met Man Friday."),
        ("en", "It opened every Thursday."),
        ("en", "It opened on Thursdays."),
        ("en", "Theresa May said so."),
        ("en", "They may march on."),
        ("en", "He told USA Today."),
        ("en", "The economy today is strong."),
        ("en", "In today's world this was new."),
        ("en", "It was the last week of talks."),
        ("it", "Lo ha detto Domenica Rossi."),
        ("it", "Domenica Rossi ha parlato."),
        ("it", "Apriva ogni lunedì."),
        ("sv", "Han kom varje torsdag."),
        ("es", "Habló Plácido Domingo."),
        ("es", "Llegó por la mañana."),
        ("fr", "Il a lu le Petit Vendredi."),
    ],
)
def test_resolve_when_words_only_look_like_a_time_is_not_certain(language: str, text: str) -> None:
    assert meant(text, language) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The mood on Monday is calm.", WRITTEN),
        ("“I left on Monday,” he said.", WRITTEN),
        ("They will meet on Thursday.", WRITTEN),
        ("They agreed to meet on Monday.", WRITTEN),
        ("It was due to open on Monday.", WRITTEN),
        ("It ended last Tuesday.", WRITTEN),
        ("It starts next Friday.", WRITTEN),
        ("He spoke last week.", date(2024, 11, 10)),
        ("In 1917, he fled and on 7 March he died.", WRITTEN),
        ("They met on Tuesday, Nov. 4.", WRITTEN),
        ("It happened three months ago.", WRITTEN),
        ("He died on 9 November.", WRITTEN),
    ],
)
def test_resolve_when_two_days_can_be_meant_is_not_certain(text: str, written: date) -> None:
    found = [item for item in resolve(text, "en", written) if not item.is_absolute]
    assert found
    assert not any(item.is_certain for item in found)


@pytest.mark.parametrize(("text", "language"), [("on 5 auguſt 2024", "en"), ("il 5 luglıo 2024", "it")])
def test_resolve_when_letters_are_of_another_alphabet_does_not_stumble(text: str, language: str) -> None:
    assert [found[1][:4] for found in meant(text, language)] in ([], ["2024"])


def test_resolve_when_year_is_named_is_absolute() -> None:
    absolute_, relative = resolve("It sank on 4 March 2021, he said yesterday.", "en", WRITTEN)
    assert (absolute_.is_absolute, relative.is_absolute) == (True, False)


@pytest.mark.parametrize(("language", "written"), [(None, WRITTEN), ("xx", WRITTEN), ("en", None)])
def test_resolve_when_language_or_day_is_unknown_finds_nothing(
    language: str | None, written: date | None
) -> None:
    assert resolve("He left yesterday.", language, written) == []


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2024-11-07T23:30:00-05:00", WRITTEN),
        ("2024-11-07", WRITTEN),
        ("2024-11", None),
        ("2024", None),
        ("soon", None),
        (None, None),
    ],
)
def test_local_day_is_the_one_of_the_articles_own_clock(published: str | None, expected: date | None) -> None:
    assert local_day(published) == expected


@pytest.mark.parametrize("written", [date.min, date.max], ids=["year 1", "year 9999"])
def test_resolve_when_day_would_lie_outside_the_calendar_leaves_it_out(written: date) -> None:
    for item in resolve("He left last year, yesterday; next week, tomorrow. In May he died.", "en", written):
        assert item.first_day <= item.last_day


@settings(deadline=None)
@given(st.lists(_PIECES | st.text(max_size=5), max_size=20).map(" ".join), _LANGUAGES, st.dates())
def test_resolve_when_text_is_anything_keeps_places_apart_and_days_in_order(
    text: str, language: str, written: date
) -> None:
    reached = 0
    found = resolve(text, language, written)
    for item in found:
        assert reached <= item.start < item.end <= len(text)
        assert item.first_day <= item.last_day
        assert absolute(item, language)
        reached = item.end
    # Nothing but the arguments counts, so asking again gives the same.
    assert resolve(text, language, written) == found


@settings(deadline=None)
@given(st.integers(-3000, 3000))
def test_resolve_when_published_on_another_day_moves_with_it(away: int) -> None:
    written = date.fromordinal(WRITTEN.toordinal() + away)
    (item,) = resolve("He left yesterday.", "en", written)
    assert item.first_day.toordinal() == written.toordinal() - 1


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (WRITTEN, WRITTEN, "7 November 2024|7 novembre 2024|den 7 november 2024|7 de noviembre de 2024"),
        (
            date(2024, 11, 4),
            date(2024, 11, 10),
            "4–10 November 2024|4–10 novembre 2024|den 4–10 november 2024|4–10 de noviembre de 2024",
        ),
        (
            date(2024, 11, 1),
            date(2024, 11, 30),
            "November 2024|novembre 2024|november 2024|noviembre de 2024",
        ),
        (date(2023, 1, 1), date(2023, 12, 31), "2023|2023|2023|2023"),
        (
            date(2024, 10, 28),
            date(2024, 11, 3),
            "28 October – 3 November 2024|28 ottobre – 3 novembre 2024|den 28 oktober – den 3 november 2024"
            "|28 de octubre – 3 de noviembre de 2024",
        ),
        (
            date(2024, 12, 30),
            date(2025, 1, 5),
            "30 December 2024 – 5 January 2025|30 dicembre 2024 – 5 gennaio 2025"
            "|den 30 december 2024 – den 5 januari 2025|30 de diciembre de 2024 – 5 de enero de 2025",
        ),
    ],
)
def test_absolute_is_written_as_in_the_language(first: date, last: date, expected: str) -> None:
    item = Resolved(start=0, end=1, first_day=first, last_day=last, is_certain=True)
    assert "|".join(absolute(item, language) for language in ("en", "it", "sv", "es")) == expected


def test_absolute_when_language_is_unknown_is_iso() -> None:
    item = Resolved(start=0, end=1, first_day=WRITTEN, last_day=WRITTEN, is_certain=True)
    assert not knows_times("xx")
    assert (absolute(item, "xx"), absolute(item, "de")) == ("2024-11-07", "7. November 2024")
