"""What an article only quotes is not told as a fact."""

import pytest

from bot.told_as_fact import without_quoted_facts
from retrieval.datatypes import Article

RIVER = Article(
    id="river",
    title="The river",
    language="en",
    text="The mayor called the flood “the worst disaster of the century”. The bridge, she said, is closed. "
    "Visitors were told: “The bridge is closed until Monday.” The river rose by two metres.",
)


def left_of(reply: str) -> str:
    return " ".join(without_quoted_facts(reply, [(RIVER, RIVER.text)])[0].split())


@pytest.mark.parametrize(
    "reply",
    [
        "The river rose by two metres [1].",
        "The mayor called the flood “the worst disaster of the century” [1].",
        "The mayor said that it was the worst disaster of the century [1].",
        "The bridge is closed [1].",
        "Nobody was hurt [1].",
    ],
)
def test_reply_when_it_tells_what_the_article_tells_is_left_alone(reply: str) -> None:
    assert left_of(reply) == reply


def test_reply_when_it_tells_somebodys_words_as_a_fact_loses_them() -> None:
    reply = "The river rose by two metres [1]. It was the worst disaster of the century [1]."
    left, (dropped,) = without_quoted_facts(reply, [(RIVER, RIVER.text)])
    assert left.strip() == "The river rose by two metres [1]."
    assert len(left) == len(reply)
    assert dropped.text == "It was the worst disaster of the century."
    assert "quotes this" in dropped.why
