"""The days that a question asks about, and when articles that tell of them were published."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.asked_time import Asked, asked_time

# A Thursday.
TODAY = date(2024, 11, 7)


def asked(text: str, language: str = "en") -> Asked:
    found = asked_time(text, language, TODAY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("language", "text", "since", "until"),
    [
        ("en", "What did Rutte say last week?", "2024-10-28", "2024-11-03"),
        ("en", "What happened yesterday?", "2024-11-06", "2024-11-06"),
        ("en", "What did Rutte say today?", "2024-11-07", "2024-11-07"),
        ("en", "What did he say in November?", "2024-11-01", "2024-11-30"),
        ("en", "What has changed since Monday?", "2024-11-04", None),
        ("en", "What did he say before 7 November?", None, "2024-11-06"),
        ("en", "What happened after March 2024?", "2024-04-01", None),
        ("en", "What was known by 5 November?", None, "2024-11-05"),
        ("en", "What happened between 4 and 6 November?", "2024-11-04", "2024-11-06"),
        ("en", "What happened between 30 December and 2 January 2024?", "2023-12-30", "2024-01-02"),
        ("en", "what happened between monday and wednesday", "2024-11-04", "2024-11-06"),
        ("en", "What happened in the last three days?", "2024-11-04", "2024-11-07"),
        ("en", "What happened in 2023?", "2023-01-01", "2023-12-31"),
        ("it", "Cosa ha detto Rutte la settimana scorsa?", "2024-10-28", "2024-11-03"),
        ("it", "Cosa è successo negli ultimi tre giorni?", "2024-11-04", "2024-11-07"),
        ("it", "Cosa ha detto prima del 7 novembre?", None, "2024-11-06"),
        ("it", "Cosa è successo tra il 4 e il 6 novembre?", "2024-11-04", "2024-11-06"),
        ("it", "Cosa è cambiato da lunedì?", "2024-11-04", None),
        ("sv", "Vad sade Rutte förra veckan?", "2024-10-28", "2024-11-03"),
        ("sv", "Vad hände de senaste tre dagarna?", "2024-11-04", "2024-11-07"),
        ("sv", "Vad sade han före den 7 november?", None, "2024-11-06"),
        ("sv", "Vad har hänt sedan i måndags?", "2024-11-04", None),
        ("es", "¿Qué dijo Rutte la semana pasada?", "2024-10-28", "2024-11-03"),
        ("es", "¿Qué dijo antes del 7 de noviembre?", None, "2024-11-06"),
        ("de", "Was geschah seit Montag?", "2024-11-04", None),
        ("fr", "Que s'est-il passé avant le 7 novembre?", None, "2024-11-06"),
    ],
)
def test_asked_time_when_days_are_named(
    language: str, text: str, since: str | None, until: str | None
) -> None:
    found = asked(text, language)
    assert (found.since and found.since.isoformat(), found.until and found.until.isoformat()) == (
        since,
        until,
    )
    assert not found.prefers_newest


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "What is the latest on Ukraine?"),
        ("en", "What did Rutte say recently?"),
        ("en", "Who leads NATO today?"),
        ("it", "Quali sono le ultime notizie?"),
        ("sv", "Vad är det senaste om Ukraina?"),
        ("es", "¿Cuáles son las últimas noticias?"),
    ],
)
def test_asked_time_when_what_holds_now_is_asked_prefers_the_newest(language: str, text: str) -> None:
    found = asked(text, language)
    assert found.prefers_newest
    assert not found.has_window


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "What happened before the election?"),
        ("en", "What did May say?"),
        ("en", "Which company, recently sued by Epic, lost its recent trial?"),
        ("en", "Finish at the latest what?"),
        ("en", "Who sold out on Black Friday?"),
        ("it", "Cosa ha detto prima delle elezioni?"),
        ("xx", "What happened yesterday?"),
        (None, "What happened yesterday?"),
    ],
)
def test_asked_time_when_no_day_is_named_is_none(language: str | None, text: str) -> None:
    assert asked_time(text, language, TODAY) is None


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2024-10-27", 0.0),
        ("2024-10-28", 1.0),
        ("2024-11-03T22:00:00+01:00", 1.0),
        ("2024-11-05", 0.5),
        ("2024-11-06", 0.0),
        (None, 0.0),
        ("soon", 0.0),
    ],
)
def test_fits_when_last_week_is_asked_reaches_two_days_further(
    published: str | None, expected: float
) -> None:
    assert asked("What did Rutte say last week?").fits(published) == expected


def test_asked_time_when_days_are_to_come_any_article_may_tell() -> None:
    found = asked("What will happen next week?")
    assert (found.since, found.until) == (date(2024, 11, 11), date(2024, 11, 17))
    assert not found.has_window


@pytest.mark.parametrize(
    ("language", "text", "by_clock"),
    [
        ("en", "What did Rutte say last week?", ["last week"]),
        ("en", "What did Rutte say on Thursday?", []),
        ("en", "What did Rutte say in November 2024?", []),
        ("en", "What is the latest on Ukraine?", ["latest"]),
        ("en", "What is the latest news?", ["latest"]),
        ("en", "What is the latest missile?", []),
        ("it", "Cosa ha detto Rutte ieri?", ["ieri"]),
        ("sv", "Vad är det senaste om Ukraina?", ["senaste"]),
    ],
)
def test_asked_time_tells_the_words_that_only_the_clock_explains(
    language: str, text: str, by_clock: list[str]
) -> None:
    assert [text[start:end] for start, end in asked(text, language).by_clock] == by_clock


@pytest.mark.parametrize(
    ("text", "counts", "is_period"),
    [
        ("What did Rutte say last week?", True, True),
        ("What did Rutte say yesterday?", True, True),
        ("What did Rutte say on Thursday?", False, False),
        ("What did Rutte say in May?", False, True),
        ("What did Rutte say since October?", False, True),
        ("What did Rutte say in 2023?", False, True),
        ("Who led the strike on 5 November?", False, False),
        ("What will happen next week?", True, False),
    ],
)
def test_asked_time_tells_a_period_from_the_day_of_an_event(text: str, counts: bool, is_period: bool) -> None:
    assert (asked(text).counts_from_today, asked(text).is_period) == (counts, is_period)


@pytest.mark.parametrize(
    ("language", "text", "is_of_the_articles"),
    [
        ("en", "What did Rutte say on Tuesday?", True),
        ("it", "Cosa ha detto Rutte martedì?", True),
        ("en", "What did Rutte say last Tuesday?", False),
        ("en", "What has changed since Tuesday?", False),
        ("en", "What did Rutte say last week?", False),
        ("en", "What did Rutte say on Tuesday, 5 November 2024?", False),
    ],
)
def test_asked_time_when_all_articles_are_old_takes_a_weekday_for_a_word_of_theirs(
    language: str, text: str, is_of_the_articles: bool
) -> None:
    old, new = TODAY - timedelta(60), TODAY - timedelta(2)
    assert (asked_time(text, language, TODAY, old) is None) == is_of_the_articles
    assert asked_time(text, language, TODAY, new) is not None


@settings(deadline=None)
@given(st.text(max_size=80), st.sampled_from(["en", "it", "sv", "es", "de", "fr"]), st.dates())
def test_asked_time_when_text_is_anything_keeps_days_in_order(text: str, language: str, today: date) -> None:
    found = asked_time(f"{text} since Monday before 7 May", language, today)
    if found and found.since and found.until:
        assert found.since <= found.until
