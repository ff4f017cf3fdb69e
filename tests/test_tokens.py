"""The bundled encoding gives every text back and counts it offline."""

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.tokens import ENCODING_NAME, PATTERN, count_tokens, encoding


@given(st.text())
@settings(deadline=None)  # the first call loads the encoding
def test_encoding_when_decoded_gives_the_text_back(text: str) -> None:
    tokens = encoding().encode_ordinary(text)
    assert encoding().decode(tokens) == text
    assert count_tokens(text) == len(tokens)


@given(st.text())
def test_count_tokens_when_text_is_anything_is_bounded_by_its_bytes(text: str) -> None:
    assert bool(text) <= count_tokens(text) <= len(text.encode())


@given(st.lists(st.text(alphabet="abcdeéłж ,.’\n", max_size=30), max_size=8))
def test_count_tokens_when_texts_are_joined_by_lines_adds_up(lines: list[str]) -> None:
    total = sum(count_tokens(line) for line in lines)
    # A border can part or merge what stands beside it, no more.
    assert abs(count_tokens("\n".join(lines)) - total) <= 2 * len(lines)


def test_count_tokens_when_special_token_is_plain_text() -> None:
    assert count_tokens("<|endoftext|>") > 1


def test_encoding_when_compared_with_one_token_a_byte() -> None:
    bytes_only = tiktoken.Encoding(
        "bytes", pat_str=PATTERN, mergeable_ranks={bytes([b]): b for b in range(256)}, special_tokens={}
    )
    text = "The prime minister said on Thursday that the government would support the plan."
    assert encoding().name == ENCODING_NAME
    assert count_tokens(text) < 20 < len(bytes_only.encode_ordinary(text))


@pytest.mark.parametrize("blank", [" ", "\n", "\t", "\u00a0", "\u3000", "\r\n "])
def test_count_tokens_when_a_million_blanks_precede_a_word_counts_each(blank: str) -> None:
    many = blank * (1_000_000 // len(blank))
    few = blank * 100
    each = (count_tokens(f"a{few}{few}b") - count_tokens(f"a{few}b")) / 100
    assert count_tokens(f"a{many}b") == count_tokens(f"a{few}b") + each * (len(many) // len(blank) - 100)


@given(
    before=st.text(max_size=20),
    blanks=st.text(alphabet=" \n\r\t\u00a0\u2009\x0b\x1c", max_size=60),
    after=st.text(max_size=20),
)
@settings(max_examples=60, deadline=None)
def test_count_tokens_when_cut_within_blanks_counts_the_same(before: str, blanks: str, after: str) -> None:
    text = f"{before}{' ' * 12_000}{blanks}{' ' * 12_000}{after}"
    assert count_tokens(text) == len(encoding().encode_ordinary(text))
