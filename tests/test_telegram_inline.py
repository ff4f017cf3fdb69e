"""`@bot question` in any chat: a short answer, once the person has stopped typing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_telegram import Asked
from tests.small_index import make_index
from tests.telegram_world import Guest, ScriptedAnswers, World

QUESTION = "what did Rutte say in Latvia?"
QUOTE = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that answers from three articles."""
    with World(make_index(tmp_path_factory.mktemp("index"))) as world, world.running():
        yield world
        assert not world.refused()


def results(asked: Asked) -> list[Any]:
    found = asked.wait()["results"]
    assert isinstance(found, list)
    return found


def test_result_is_a_short_answer_with_a_link(world: World) -> None:
    person, chat = world.guest("Bob"), world.guest("Carol").chat
    asked = world.telegram.asks_inline(person.person, QUESTION)
    [result] = results(asked)
    assert result["title"] == QUESTION and QUOTE in result["description"]
    sent = chat.chooses(person.person, asked)
    assert QUOTE in sent.text and sent.text.startswith(QUESTION)
    assert sent.links[0].startswith("https://example.org/riga#:~:text=")


def test_refusal_says_that_the_articles_do_not_answer(world: World) -> None:
    [result] = results(
        world.telegram.asks_inline(world.guest("Bob").person, "what did Stoltenberg say in Seoul?")
    )
    assert "The articles do not answer this." in result["input_message_content"]["message_text"]


@pytest.mark.parametrize("query", ["", "Rutte", "??????????????"])
def test_too_little_gets_no_result(world: World, query: str) -> None:
    assert results(world.telegram.asks_inline(world.guest("Bob").person, query)) == []


def test_question_carries_nothing_over_and_leaves_nothing(world: World) -> None:
    bob = world.guest("Bob")
    bob.ask(QUESTION)
    [result] = results(world.telegram.asks_inline(bob.person, "and what did he say about Brazil?"))
    assert "Rutte" not in result["input_message_content"]["message_text"]
    assert (
        "understood as: what did Rutte say about Japan?" in bob.ask("and what did he say about Japan?").text
    )


def test_result_is_kept_by_telegram_for_this_person_alone(world: World) -> None:
    told = world.telegram.asks_inline(world.guest("Bob").person, QUESTION).wait()
    assert told["is_personal"] is True


def test_only_the_last_of_what_is_typed_is_answered(index: Path) -> None:
    answers = ScriptedAnswers()
    with World(index) as world, world.running(answers):
        typed = [world.telegram.asks_inline(world.alice.person, QUESTION[:end]) for end in range(10, 30, 3)]
        other = world.telegram.asks_inline(world.guest("Bob").person, "another question?")
        other.wait()
        [result] = results(typed[-1])
    assert sorted(answers.asked) == sorted(["another question?", QUESTION[:28]])
    assert result["description"] == f"1: {QUESTION[:28]}"
    assert not any(one.answer for one in typed[:-1])


def test_person_who_asks_too_fast_gets_no_result(index: Path) -> None:
    with World(index) as world, world.running(ScriptedAnswers(), telegram_questions_a_minute=1):
        assert results(world.telegram.asks_inline(world.alice.person, "one question?"))
        assert results(world.telegram.asks_inline(world.alice.person, "two questions?")) == []


def test_answer_can_be_sent_by_a_guest_in_a_group(world: World) -> None:
    group = world.group()
    bob = Guest(world.guest("Bob").person, group)
    asked = world.telegram.asks_inline(bob.person, QUESTION)
    assert group.chooses(bob.person, asked).text.startswith(QUESTION)
