"""A reply is cut into what it claims, with the marks and quotations of each, whatever it looks like."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.parse import MAX_CHARACTERS, Claim, find_quotations, is_refusal, parse_reply, without_marks


def told(reply: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(claim.text, claim.numbers) for claim in parse_reply(reply)]


def quoted(claim: Claim) -> list[str]:
    return [claim.text[start:end] for start, end in claim.quotations]


@pytest.mark.parametrize(
    ("mark", "numbers"),
    [
        ("[1]", (1,)),
        ("[1][2]", (1, 2)),
        ("[1] [2]", (1, 2)),
        ("[1, 2]", (1, 2)),
        ("[1;2]", (1, 2)),
        ("[1-3]", (1, 2, 3)),
        ("[1–3]", (1, 2, 3)),
        ("［１］", (1,)),
        ("【1】", (1,)),
        ("【1†source】", (1,)),
        ("[^1]", (1,)),
        ("[passage 1]", (1,)),
        ("[Passages 1, 3]", (1, 3)),
        ("[1](https://example.org/a)", (1,)),
        ("[1][1]", (1,)),
        ("[1-900]", (1, 900)),
    ],
)
def test_parse_reply_when_a_mark_is_written_in_any_way_reads_it(mark: str, numbers: tuple[int, ...]) -> None:
    assert told(f"Rutte met the ministers {mark}.") == [("Rutte met the ministers.", numbers)]
    assert told(f"Rutte met the ministers. {mark} They left. [7]") == [
        ("Rutte met the ministers.", numbers),
        ("They left.", (7,)),
    ]


@pytest.mark.parametrize("word", ["[he]", "[2024]", "[sic]", "[…]", "(1)"])
def test_parse_reply_when_brackets_hold_no_mark_leaves_them(word: str) -> None:
    assert told(f"Rutte said {word} it rains [1].") == [(f"Rutte said {word} it rains.", (1,))]


def test_parse_reply_when_it_is_markdown_reads_the_words() -> None:
    reply = (
        "## Answer\n\n**Rutte** called it *a threat* [1].\n\n---\n- **12,000** `men` came [2]\n"
        "* They left [3]\n1. [Rutte](https://example.org) stayed [4]\n> He slept [5]\n"
    )
    claims = parse_reply(reply)
    assert [(claim.text, claim.numbers, claim.is_listed) for claim in claims] == [
        ("Rutte called it a threat.", (1,), False),
        ("12,000 men came", (2,), True),
        ("They left", (3,), True),
        ("Rutte stayed", (4,), True),
        ("He slept", (5,), False),
    ]
    assert len({claim.line for claim in claims}) == 5


@pytest.mark.parametrize(
    "heading", ["Sources:", "**Sources**", "## References", "Fonti:", "Källor: [1], [2]"]
)
def test_parse_reply_when_sources_are_listed_drops_them(heading: str) -> None:
    assert told(f"It rained [1].\n\n{heading}\n[1] Baltic Courier, 2024\n") == [("It rained.", (1,))]


def test_parse_reply_when_marks_are_defined_drops_the_definitions() -> None:
    assert told("It rained [1].\n\n[1]: Baltic Courier\n[^2]: Il Meridiano") == [("It rained.", (1,))]


@pytest.mark.parametrize(
    "reply",
    [
        "<think>Is it [2]? “No”.</think>It rained [1].",
        "<THINKING>\nNo\n</THINKING>\n\nIt rained [1].",
        "It was in the passages.</think>\nIt rained [1].",
        "It rained [1].<think>and then",
    ],
)
def test_parse_reply_when_it_holds_reasoning_leaves_it_out(reply: str) -> None:
    (claim,) = parse_reply(reply)
    assert (claim.text, claim.numbers) == ("It rained.", (1,))
    assert reply[claim.start : claim.end].startswith("It rained [1].")


def test_parse_reply_when_a_mark_has_no_words_gives_it_to_the_claim_before() -> None:
    assert told("It rained.\n[1]\n[2] It snowed.") == [("It rained.", (1,)), ("It snowed.", (2,))]
    assert told("[1]") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “it rains. It snows.” twice", ["it rains. It snows."]),
        ("Ha detto « piove » e «nevica»", ["piove", "nevica"]),
        ("Er sagte „es regnet“ heute", ["es regnet"]),
        ("Hon sade ”det regnar” i dag", ["det regnar"]),
        ("Han sagde »det regner« i dag", ["det regner"]),
        ('He said "it rains" and "it snows"', ["it rains", "it snows"]),
        ("He called it 'a day's rain', he said", ["a day's rain"]),
        ("It’s the ministers’ fault, he says", []),
        ("He said “she said ‘no’ to us” today", ["she said ‘no’ to us"]),
        ("He said “it rains", ["it rains"]),
        ('A 5" screen and a 7" one', []),
        ("He said “” and «»", []),
        ("L'altro 'ieri' c'era", ["ieri"]),
    ],
)
def test_find_quotations_when_signs_are_of_any_kind_finds_the_outermost(
    text: str, expected: list[str]
) -> None:
    assert [text[start:end] for start, end in find_quotations(text)] == expected


def test_parse_reply_when_a_quotation_holds_full_stops_is_one_claim() -> None:
    (claim, other) = parse_reply("He said: “It rains [1]. It snows.” [2] They left [3].")
    assert claim.numbers == (1, 2)
    assert quoted(claim) == ["It rains. It snows."]
    assert other.text == "They left."


@pytest.mark.parametrize(
    "reply",
    [
        "NOT_COVERED",
        "not_covered.",
        " **Not_Covered**! ",
        "`NOT COVERED`",
        "Not covered.",
        "NOT_COVERED [1]",
        "<think>Hm.</think>\nNOT_COVERED",
        "NOT_COVERED: the passages do not say when.",
        "__NOT_COVERED__",
        "NOT\\_COVERED",
    ],
)
def test_is_refusal_when_the_marker_is_written_in_any_way_is_true(reply: str) -> None:
    assert is_refusal(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "It rained [1].",
        "Not covered parking costs more [1].",
        "The report says NOT_COVERED is a code [1].",
    ],
)
def test_is_refusal_when_something_is_claimed_is_false(reply: str) -> None:
    assert not is_refusal(reply)


@pytest.mark.parametrize(
    "reply",
    ["a b. " * 200_000, "[1]" * 333_333, "“" * 10**6, "'a " * 333_333, "<think>" * 150_000, "\n" * 10**6,
     " " * 10**6, "[ " * 500_000, "*" * 10**6],
)  # fmt: skip
def test_parse_reply_when_it_is_a_megabyte_reads_the_first_part_in_seconds(reply: str) -> None:
    start = time.process_time()
    claims = parse_reply(reply)
    is_refusal(reply)
    assert time.process_time() - start < 20
    assert all(claim.end <= MAX_CHARACTERS for claim in claims)


REPLY = st.text(alphabet=st.sampled_from("ab C.!\n[]1,-“”«»\"'*_#>` <think/é"), max_size=200)


@given(reply=REPLY)
@settings(max_examples=300, deadline=None)
def test_parse_reply_when_anything_is_replied_keeps_places_and_holds_no_marks(reply: str) -> None:
    reached = 0
    for claim in parse_reply(reply):
        assert reached <= claim.start < claim.end <= len(reply)
        reached = claim.end
        assert any(letter.isalnum() for letter in claim.text)
        assert "\n" not in claim.text
        for start, end in claim.quotations:
            assert 0 < start < end <= len(claim.text)
            assert claim.text[start:end].strip() == claim.text[start:end] != ""


@given(text=REPLY.filter(lambda text: "1" not in text))
@settings(max_examples=100, deadline=None)
def test_without_marks_when_there_is_no_number_changes_nothing(text: str) -> None:
    assert without_marks(text) == text
