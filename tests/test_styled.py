"""Texts with styles are what Telegram takes, whatever they were made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram_app.styled import (
    Span,
    Style,
    StyledText,
    joined,
    message_entities,
    plain,
    styled,
    without_end,
)
from tests.invariants import telegram_takes

WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
NASTY = [
    "\u202e", "\u200f", "\u200b", "\ud800", "\x00", "\x1b[31m", "\r\n", "\n\n\n", "  ", "\u00a0", "\u2028",
    "\ufe0f", "e\u0301", "a\u030a", "👨‍👩‍👧‍👦", "🇱🇻", "👍🏽", WALES, "日本語", "שלום", "العربية", "/forget",
    "@all", "<b>", "*",
]  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=30)), max_size=12).map("".join)
STYLES = st.sampled_from(list(Style))


@st.composite
def styled_texts(draw: st.DrawFn) -> StyledText:
    """Texts of parts without style, with one, or with one in another."""
    parts: list[StyledText] = []
    for text in draw(st.lists(HOSTILE, max_size=6)):
        part = plain(text)
        for style in draw(st.lists(STYLES, max_size=2, unique=True)):
            part = styled(part + plain(draw(HOSTILE)), style, url="https://example.org/")
        parts.append(part)
    return joined(parts, draw(st.sampled_from(["", "\n", "\n\n"])))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("one\n \n\n\ntwo", "one\n\ntwo"),
        ("much  \t space", "much space"),
        ("\u202eback\u202c \x1b[31mred\x00", "back red"),
        ("half \ud800 a letter", "half \N{REPLACEMENT CHARACTER} a letter"),
        ("Ska\u030ane", "Skåne"),
        ("zero" + "\u200b" * 5000 + "width", "zero" + "\u200b" * 6 + "width"),
        ("👨‍👩‍👧‍👦 🇱🇻 👍🏽 שלום العربية", "👨‍👩‍👧‍👦 🇱🇻 👍🏽 שלום العربية"),
        (WALES, WALES),
    ],
    ids=["line ends", "blank lines", "spaces", "steering", "half", "ring", "zero width", "signs", "flag"],
)  # fmt: skip
def test_plain_keeps_what_can_be_read(text: str, kept: str) -> None:
    assert plain(text).text == kept


def test_styles_move_along_when_texts_are_joined() -> None:
    text = plain("a ") + styled("b", Style.BOLD) + plain(" ") + styled("c", Style.LINK, url="https://c.org")
    assert text.text == "a b c"
    assert text.spans == (
        Span(style=Style.BOLD, start=2, end=3),
        Span(style=Style.LINK, start=4, end=5, url="https://c.org"),
    )


def test_outer_style_comes_first_when_styles_are_nested() -> None:
    text = styled(plain("in ") + styled("bold", Style.BOLD), Style.QUOTATION)
    assert [(span.style, span.start, span.end) for span in text.spans] == [
        (Style.QUOTATION, 0, 7),
        (Style.BOLD, 3, 7),
    ]


def test_part_keeps_of_a_style_what_is_inside() -> None:
    text = plain("one ") + styled("two three", Style.BOLD) + plain(" four")
    assert text.part(2, 7) == StyledText("e two"[:5], (Span(style=Style.BOLD, start=2, end=5),))
    assert text.part(0, 4).spans == ()


def test_entities_are_counted_in_utf_16_when_there_are_emoji() -> None:
    text = (
        plain("👍 ")
        + styled("Riga", Style.BOLD)
        + plain(" 🇱🇻 ")
        + styled("x", Style.LINK, url="https://x.org")
    )
    first, second = message_entities(text)
    assert (first.type, first.offset, first.length) == ("bold", 3, 4)
    assert (second.type, second.offset, second.length, second.url) == ("text_link", 13, 1, "https://x.org")


def test_entities_leave_white_space_out_when_a_style_begins_or_ends_in_it() -> None:
    (entity,) = message_entities(plain("a") + styled(" b \n", Style.BOLD) + plain("c"))
    assert (entity.offset, entity.length) == (2, 1)


def test_entities_are_none_when_nothing_can_be_seen() -> None:
    assert message_entities(plain("a") + styled("  ", Style.BOLD) + styled("", Style.ITALIC)) == []


def test_end_that_shows_nothing_is_dropped() -> None:
    assert without_end("end \n\u200b\u2800") == "end"
    assert without_end(" \u200b\ufe0f\U000e0067 \n") == ""


@given(styled_texts())
def test_entities_are_what_telegram_takes_whatever_the_text(text: StyledText) -> None:
    if without_end(text.text):
        telegram_takes(text.text, message_entities(text))


@given(HOSTILE)
def test_plain_changes_nothing_when_it_is_used_again(text: str) -> None:
    assert plain(plain(text).text) == plain(text)
