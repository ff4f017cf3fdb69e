"""The bundled encoding gives every text back and counts it offline."""

import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from retrieval.tokens import ENCODING_NAME, PATTERN, count_tokens, encoding


@given(st.text())
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
