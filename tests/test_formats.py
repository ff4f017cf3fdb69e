"""Bytes in any encoding, Markdown, and the dates that articles state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.dates import iso_date, read_stated
from retrieval.formats import Unreadable, decode, plain_text

HEADLINE = "Ministers agree on a new budget for the coming year"
STORY = "The ministers met in Riga on Thursday and agreed on a new budget for the coming year."
MORE = "Opponents said that the plan was too costly, and that they would vote against it in May."
SWEDISH = "Statsministern sade på torsdagen att regeringen är överens om en ny budget för nästa år."


def test_plain_text_when_signs_are_not_markup() -> None:
    text = "The [North Korea’s] plan […] costs 5*4*3 and snake_case_name [sic], he said."
    assert plain_text(text) == text
    assert plain_text("## A *b* **c** `d`\n\n1. x\n\n- y") == "A b c d\n\n1. x\n\n- y"


@given(
    st.text(st.characters(codec="cp1252", categories=["L", "N", "P", "Zs"]), max_size=60),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]),
)
def test_decode_round_trip(text: str, encoding: str) -> None:
    text = f"{STORY} {text}"
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-8", "utf-16"])
@pytest.mark.parametrize(
    "text", [SWEDISH, "L’été à Orléans, où “rien” ne va — ou presque.", "Così è perché può."]
)
def test_decode_when_text_is_western(text: str, encoding: str) -> None:
    text = text.translate(str.maketrans("’“”—", "''\"-"[:4])) if encoding == "latin-1" else text
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16-le"])
def test_decode_when_text_is_russian(encoding: str) -> None:
    text = "Министры встретились в Риге в четверг и договорились о новом бюджете на следующий год. " * 3
    assert decode(text.encode(encoding)) == text


def test_decode_when_data_is_binary() -> None:
    with pytest.raises(Unreadable, match="binary"):
        decode(bytes(range(256)) * 4)


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2024-11-07", "2024-11-07"),
        ("2024-11-07T09:30:00+01:00", "2024-11-07T09:30:00+01:00"),
        ("2023-11-27 08:45:59.000000000Z", "2023-11-27T08:45:59+00:00"),
        (1730966400, "2024-11-07T08:00:00+00:00"),
        (1730966400000, "2024-11-07T08:00:00+00:00"),
        ("Thu, 07 Nov 2024 09:30:00 GMT", "2024-11-07T09:30:00+00:00"),
        ("7 novembre 2024", "2024-11-07"),
        ("den 7 november 2024 kl 10.00", "2024-11-07T10:00:00"),
        ("Nov. 7, 2024 at 9:30 p.m. EST", "2024-11-07T21:30:00-05:00"),
        ("13/11/2024", "2024-11-13"),
        ("07/11/2024", None),
        ("yesterday", None),
        ("about 7 November 2024", None),
        ("2024-02-30", None),
        (True, None),
        (float("nan"), None),
        (10**30, None),
    ],
)
def test_iso_date(value: object, iso: str | None) -> None:
    assert iso_date(value) == iso


@pytest.mark.parametrize(
    ("line", "published", "modified", "publisher"),
    [
        ("Updated 2024-11-07 10:00", None, "2024-11-07T10:00:00", None),
        ("7 novembre 2024", "2024-11-07", None, None),
        ("RIGA, 7 November 2024 — The ministers met.", "2024-11-07", None, None),
        ("Source: Reuters", None, None, "Reuters"),
        ("Publicerad 7 november 2024 kl 10.00", "2024-11-07T10:00:00", None, None),
        ("LONDON (AP) — The ministers met.", None, None, "AP"),
        ("By Jane Doe, November 7, 2024", "2024-11-07", None, None),
        ("— UNITED24 Media (@United24media) November 7, 2024", None, None, None),
        ("The ministers met in Riga on 7 November 2024.", None, None, None),
        ("Mark Rutte (NATO): we agree", None, None, None),
    ],
)
def test_read_stated(line: str, published: str | None, modified: str | None, publisher: str | None) -> None:
    stated = read_stated([HEADLINE, line, STORY, MORE])
    assert (stated.published, stated.modified, stated.publisher) == (published, modified, publisher)


def test_read_stated_when_date_stands_in_the_middle() -> None:
    assert read_stated([STORY] * 8 + ["7 November 2024"] + [STORY] * 8).published is None
