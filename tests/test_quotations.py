"""A quotation is found where its words stand, however their signs are written, and nowhere else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.quotations import Grade, find_quotation, normalised

TEXT = (
    "Rutte called it “a direct threat – not only to Europe”. It’s the ministers' fault, he said … and left. "
    "It rose [3] to 5.4 % in 2020, the “re-\u00adelection” café said."
)


@pytest.mark.parametrize(
    ("quotation", "stands"),
    [
        ("a direct threat", "a direct threat"),
        ("It’s the ministers' fault, he said … and left.", "It’s the ministers' fault, he said … and left."),
    ],
)
def test_find_quotation_when_letter_by_letter_is_exact(quotation: str, stands: str) -> None:
    found = find_quotation(quotation, TEXT)
    assert found is not None
    assert found.grade is Grade.EXACT
    assert TEXT[found.start : found.end] == stands


@pytest.mark.parametrize(
    ("quotation", "stands"),
    [
        ("a direct threat—not only to Europe.", "a direct threat – not only to Europe"),
        ("a\u00a0direct  threat - not\nonly", "a direct threat – not only"),
        ("A direct threat", "a direct threat"),
        ("it's the ministers’ fault,", "It’s the ministers' fault"),
        ("he said ... and left", "he said … and left"),
        ("…a direct threat…", "a direct threat"),
        ("It rose to 5.4% in 2020", "It rose [3] to 5.4 % in 2020"),
        ('"re-election" cafe\u0301', "“re-\u00adelection” café"),
        ("called it 'a direct threat", "called it “a direct threat"),
    ],
)
def test_find_quotation_when_signs_differ_is_normalised(quotation: str, stands: str) -> None:
    found = find_quotation(quotation, TEXT)
    assert found is not None
    assert found.grade is Grade.NORMALISED
    assert TEXT[found.start : found.end].strip("“”") == stands.strip("“”")


@pytest.mark.parametrize("omission", ["[...]", "[…]", "…", "...", "(...)", ". . ."])
def test_find_quotation_when_words_are_left_out_finds_the_parts_in_order(omission: str) -> None:
    found = find_quotation(f"a direct threat {omission} to Europe", TEXT)
    assert found is not None
    assert [TEXT[start:end] for start, end in found.parts] == ["a direct threat", "to Europe"]
    assert find_quotation(f"to Europe {omission} a direct threat", TEXT) is None


@pytest.mark.parametrize(
    "quotation",
    [
        "a terrible threat",
        "a direct threat to Europe",
        "[he] called it",
        "utte called it",
        "a direct threa",
        "called it A Direct threat",
        "5.5 %",
        "",
        "…",
        "—",
    ],
)
def test_find_quotation_when_words_differ_finds_nothing(quotation: str) -> None:
    assert find_quotation(quotation, TEXT) is None


def test_find_quotation_when_parts_stand_twice_takes_the_nearest() -> None:
    text = "the threat grew. Later the threat to us was named."
    found = find_quotation("the threat … was named", text)
    assert found is not None
    assert found.start == text.rindex("the threat")


@pytest.mark.parametrize(
    "text",
    [
        "-aa" * 333_333,
        " " * 10**6,
        "\u00ad" * 10**6,
        "[1" * 500_000,
        "“" * 10**6,
        "a… " * 333_333,
        "word e\u0301" * 100_000,
        "word – and more. " * 60_000,
    ],
)
def test_find_quotation_when_the_text_is_a_megabyte_takes_seconds_at_most(text: str) -> None:
    start = time.process_time()
    find_quotation(text[:20_000] + "x", text)
    find_quotation("x … " * 500, text)
    assert time.process_time() - start < 20


WORDS = st.text(alphabet=st.sampled_from("ab é“”’'-–—… .,\n\u00a0\u00ad[]1"), max_size=60)


@given(text=WORDS, start=st.integers(0, 60), length=st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_find_quotation_when_cut_out_of_a_text_is_found_or_cuts_a_word(
    text: str, start: int, length: int
) -> None:
    quotation = text[start : start + length].strip()
    found = find_quotation(quotation, text)
    if not any(letter.isalnum() for letter in quotation):
        assert found is None
        return
    before, after = text[:start][-1:], text[start + length : start + length + 1]
    if not (before.isalnum() or after.isalnum()):
        assert found is not None
    if found is not None and found.grade is Grade.EXACT:
        assert text[found.start : found.end] == quotation


@given(text=WORDS, quotation=WORDS)
@settings(max_examples=300, deadline=None)
def test_find_quotation_when_found_stands_as_it_is_normalised(text: str, quotation: str) -> None:
    found = find_quotation(quotation, text)
    if found is None:
        return
    assert 0 <= found.start < found.end <= len(text)
    letters = [
        "".join(letter for letter in normalised(part) if letter.isalnum()).casefold()
        for part in (quotation, "".join(text[start:end] for start, end in found.parts))
    ]
    assert letters[0] == letters[1]
