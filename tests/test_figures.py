"""A figure is the same in words, in digits and in another language; another unit is another figure."""

import pytest

from retrieval.figures import figures_of, figures_of_date


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("12,000 soldiers", "en", {"12000"}),
        ("12.000 soldati", "it", {"12000"}),
        ("twelve thousand soldiers", "en", {"12000"}),
        ("twenty-five men", "en", {"25"}),
        ("1.5 million euros", "en", {"1500000", "1500000 euro"}),
        ("1,5 milioni di euro", "it", {"1500000", "1500000 euro"}),
        ("två miljoner kronor", "sv", {"2000000", "2000000 krona"}),
        ("$3 billion", "en", {"3000000000", "3000000000 dollar"}),
        ("5.4%", "en", {"5.4", "5.4 percent"}),
        ("5,4 procent", "sv", {"5.4", "5.4 percent"}),
        ("on 14 November 2024", "en", {"day14", "month11", "2024"}),
        ("torsdagen den 14 november", "sv", {"weekday4", "day14", "month11"}),
        ("for four days", "en", {"4", "4 day"}),
        ("one of them", "en", set()),
        ("hundreds of people may come", "en", set()),
        ("", None, set()),
    ],
)
def test_figures_of_when_written_in_any_way_are_the_same(
    text: str, code: str | None, expected: set[str]
) -> None:
    assert figures_of(text, code) == expected


def test_figures_of_date_when_iso_names_the_day() -> None:
    assert figures_of_date("2024-11-14T09:30:00+01:00") == {"2024", "month11", "day14", "weekday4"}
    assert figures_of_date(None) == figures_of_date("soon") == frozenset()
