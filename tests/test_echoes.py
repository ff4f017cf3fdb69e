"""What a weak model only echoes is no part of its answer; the replies are SmolLM2's, shortened."""

import pytest

from bot.echoes import without_echoes
from prompts.parse import parse_reply

CLAIM = "The transfers are a direct threat to Europe [1]."


def claims(reply: str) -> list[str]:
    return [claim.text for claim in parse_reply(without_echoes(reply)[0])]


@pytest.mark.parametrize(
    "reply", [CLAIM, "Rutte asked: “Who pays?” [1]", f"- {CLAIM}\n- Nobody spoke. [2]", ""]
)
def test_without_echoes_when_there_are_none_changes_nothing(reply: str) -> None:
    assert without_echoes(reply) == (reply, ())


@pytest.mark.parametrize(
    "reply", ["What did Mark Rutte say about China?", "What did Rutte say about China? [1]"]
)
def test_without_echoes_when_the_question_is_repeated_drops_it(reply: str) -> None:
    kept, dropped = without_echoes(f"{reply} {CLAIM}")
    assert [claim.text for claim in parse_reply(kept)] == ["The transfers are a direct threat to Europe."]
    assert [one.why for one in dropped] == ["it asks, and tells nothing"]


def test_without_echoes_when_a_sentence_comes_again_keeps_it_once() -> None:
    assert claims("It is cold [1].\nIt is Cold [2].\nIt is warm. It is cold. [3]") == [
        "It is cold.",
        "It is warm.",
    ]
    assert without_echoes("It is cold [1]. It is cold [1].")[1] == ()


def test_without_echoes_when_tags_of_the_passages_are_written_leaves_them_out() -> None:
    reply = '<passage number="3" title="Seoul">\nIt is cold.\n</passage>\n<passage number="4'
    assert claims(reply) == ["It is cold."]
    assert len(without_echoes(reply)[0]) == len(reply)
