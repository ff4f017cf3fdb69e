"""However long a text is, its messages are legal and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from bot.telegram_app.splitting import split
from bot.telegram_app.styled import Style, StyledText, joined, message_entities, plain, styled, without_end
from tests.invariants import telegram_takes
from tests.test_styled import styled_texts

SENTENCE = "The ministers met in Riga, and nobody in the room contradicted them at all. "
FAMILY = "👨‍👩‍👧‍👦"


def styles_of_letters(text: StyledText) -> list[tuple[str, frozenset[tuple[Style, str | None]]]]:
    """Give each letter with the styles on it."""
    return [
        (letter, frozenset((span.style, span.url) for span in text.spans if span.start <= place < span.end))
        for place, letter in enumerate(text.text)
    ]


def nothing_is_lost(whole: StyledText, pieces: list[StyledText]) -> None:
    letters = [letter for piece in pieces for letter in styles_of_letters(piece)]
    assert letters == styles_of_letters(whole)[: len(letters)]
    assert len(letters) == len(without_end(whole.text))


def units(text: str) -> int:
    return len(text.strip(" \n").encode("utf-16-le")) // 2


def texts(pieces: list[StyledText]) -> list[str]:
    return [piece.text for piece in pieces]


def test_short_text_is_one_message() -> None:
    text = plain("Riga. ") + styled("Bold.", Style.BOLD)
    assert split(text) == [text]


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u2800", "\U000e0067"], ids=["0", "space", "zero", "tag"])
def test_text_that_shows_nothing_is_no_message(text: str) -> None:
    assert split(StyledText(text)) == []


def test_white_space_at_the_limit_needs_no_room() -> None:
    assert texts(split(plain("a" * 4096 + "\n\nb"))) == ["a" * 4096 + "\n\n", "b"]


def test_emoji_count_twice_when_they_are_4096() -> None:
    pieces = split(plain("😀" * 4096))
    assert texts(pieces) == ["😀" * 2048, "😀" * 2048]


def test_cut_is_between_paragraphs_when_there_are_some() -> None:
    paragraph = (SENTENCE * 8).strip()
    pieces = split(plain("\n\n".join([paragraph] * 20)))
    assert len(pieces) == 4
    assert all(piece.text.startswith("The ministers") for piece in pieces)
    assert all(piece.text.endswith("at all.\n\n") for piece in pieces[:-1])


def test_cut_is_between_quotations_when_their_lines_would_fit() -> None:
    quotation = styled("Title\n" + (SENTENCE * 20).strip(), Style.QUOTATION)
    pieces = split(joined([quotation] * 4, "\n"))
    assert [len(piece.spans) for piece in pieces] == [2, 2]
    assert all(piece.text.startswith("Title\n") for piece in pieces)


def test_quotation_goes_on_in_the_next_message_when_it_is_too_long() -> None:
    quotation = styled("Title\n" + SENTENCE * 100, Style.QUOTATION)
    first, second = split(quotation)
    assert first.text.rstrip().endswith("at all.") and second.text.startswith("The ministers")
    assert [(span.style, span.start, span.end) for span in second.spans] == [
        (Style.QUOTATION, 0, len(second.text))
    ]


def test_link_leads_to_the_same_place_when_it_is_cut() -> None:
    pieces = split(styled("word " * 1500, Style.LINK, url="https://example.org"))
    assert [piece.spans[0].url for piece in pieces] == ["https://example.org"] * 2
    assert [entity.length for piece in pieces for entity in message_entities(piece)] == [4094, 3404]


def test_cut_is_between_words_when_a_sentence_is_too_long() -> None:
    pieces = split(plain("abcdefg " * 1000))
    assert len(pieces) == 2
    assert set(" ".join(texts(pieces)).split()) == {"abcdefg"}


def test_cut_is_within_a_word_when_it_is_longer_than_a_message() -> None:
    assert [len(piece.text) for piece in split(plain("a" * 10_000))] == [4096, 4096, 1808]


def test_what_looks_like_one_character_stays_whole() -> None:
    pieces = split(plain(FAMILY * 1000))
    assert all(set(iter_graphemes(piece.text)) == {FAMILY} for piece in pieces)
    assert all(units(piece.text) > 4080 for piece in pieces[:-1])


def test_one_character_is_cut_when_it_is_longer_than_a_message() -> None:
    pieces = split(plain("a" + "\u0338" * 5000))
    assert [len(piece.text) for piece in pieces] == [4096, 905]


def test_styles_are_at_most_100_when_there_are_more() -> None:
    text = joined([styled(f"word{number}", Style.BOLD) for number in range(250)], " ")
    pieces = split(text)
    assert [len(message_entities(piece)) for piece in pieces] == [100, 100, 50]
    nothing_is_lost(text, pieces)


@given(st.lists(styled_texts(), max_size=8), st.integers(64, 300))
def test_pieces_are_legal_and_join_to_the_whole(parts: list[StyledText], max_units: int) -> None:
    whole = joined(parts, "\n")
    pieces = split(whole, max_units=max_units)
    nothing_is_lost(whole, pieces)
    for piece in pieces:
        telegram_takes(piece.text, message_entities(piece))
        assert units(piece.text) <= max_units


@given(st.lists(st.text("ab", min_size=1, max_size=5), min_size=1), st.integers(1, 9))
def test_pieces_keep_the_number_of_styles(words: list[str], max_entities: int) -> None:
    whole = joined([styled(word, Style.BOLD) for word in words], " ")
    pieces = split(whole, max_units=64, max_entities=max_entities)
    nothing_is_lost(whole, pieces)
    assert max(len(message_entities(piece)) for piece in pieces) <= max_entities


@given(st.text("ab .\n😀", min_size=1, max_size=500))
def test_messages_are_not_many_more_than_the_text_needs(text: str) -> None:
    whole = plain(text)
    assert len(split(whole, max_units=64)) <= units(whole.text) // 16 + 1
