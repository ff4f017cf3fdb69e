"""What is seen while an answer is being made: typing, and what a chat model writes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from tests.fake_chat_server import Asked, FakeChatServer, Reply, fails, honest
from tests.small_index import make_index
from tests.telegram_world import Guest, ScriptedAnswers, World

QUESTION = "what did Rutte say in Latvia?"
UNCHECKED = "Being written, not checked yet:"


def slowly(asked: Asked) -> Reply:
    return replace(honest(asked), text=f"{honest(asked).text} {'Nobody said this. ' * 9}", delay_seconds=0.03)


@pytest.fixture(scope="module")
def model() -> Iterator[FakeChatServer]:
    with FakeChatServer(slowly) as server:
        yield server


@pytest.fixture(scope="module")
def world(model: FakeChatServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot with a chat model that writes slowly."""
    index = make_index(tmp_path_factory.mktemp("index"))
    with World(index) as world, world.running(chat_model="openai:fake", chat_url=model.url):
        yield world


@pytest.fixture
def guest(world: World) -> Guest:
    return world.guest("Alice")


def test_drafts_show_what_is_written_and_the_answer_takes_their_place(world: World, guest: Guest) -> None:
    answer = guest.ask(QUESTION)
    drafts = [draft.text for draft in guest.chat.drafts]
    assert drafts and all(draft.startswith(UNCHECKED) for draft in drafts)
    assert [len(draft) for draft in drafts] == sorted(len(draft) for draft in drafts)
    assert guest.chat.draft is None and len(guest.chat.replies) == 1
    assert "[1]" in answer.text and UNCHECKED not in answer.text


def test_server_without_drafts_shows_a_message_that_is_edited_and_goes(world: World, guest: Guest) -> None:
    world.telegram.faults.fail(404, method="sendMessageDraft")
    try:
        guest.says(QUESTION)
        guest.chat.wait_for(lambda messages: bool(messages[-1].keyboard))
    finally:
        world.telegram.faults.end()
    [shown] = guest.chat.deleted
    assert shown.text.startswith(UNCHECKED) and not guest.chat.drafts
    assert len(guest.chat.replies) == 1 and "[1]" in guest.chat.replies[0].text


def test_nothing_unchecked_is_shown_in_a_group(world: World) -> None:
    group = world.group()
    answer = Guest(world.alice.person, group).ask(f"/ask {QUESTION}")
    assert "[1]" in answer.text and not group.drafts and not group.deleted


def test_about_names_the_chat_model(guest: Guest) -> None:
    assert "Answers are written by fake" in guest.ask("/about").text


def test_chat_model_that_is_down_is_told_below_an_answer_from_the_articles(
    model: FakeChatServer, guest: Guest
) -> None:
    script, model.script = model.script, [fails(401, "no such key")]
    try:
        answer = guest.ask(QUESTION)
    finally:
        model.script = script
    assert "a direct threat" in answer.text and answer.parts("italic")


def test_typing_is_kept_up_until_the_answer_is_there(index: Path) -> None:
    gate = Event()
    with World(index) as world, world.running(ScriptedAnswers(gate=gate)):
        world.alice.says("one?")
        world.telegram.wait_for(lambda telegram: len(world.alice.chat.actions) >= 2)
        gate.set()
        world.alice.chat.wait_for_replies()
    assert set(world.alice.chat.actions) == {"typing"}


def test_typing_stands_in_the_topic_of_the_question(index: Path) -> None:
    gate = Event()
    with World(index) as world, world.running(ScriptedAnswers(gate=gate)):
        forum = world.group(is_forum=True)
        topic = forum.opens_topic(world.alice.person, "Asia")
        forum.says(world.alice.person, "/ask one?", topic=topic)
        world.telegram.wait_for(lambda telegram: bool(forum.actions))
        gate.set()
        forum.wait_for_replies()
    [typing] = world.telegram.requested("sendChatAction")
    assert typing.parameters["message_thread_id"] == topic
