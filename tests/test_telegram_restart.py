"""What was said before a stop, and while the bot was away, is not lost and not said twice."""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event

from bot.history import FILE_NAME
from tests.telegram_world import Guest, ScriptedAnswers, World

QUESTION = "what did Rutte say in Latvia?"


def test_conversation_goes_on_after_a_restart(index: Path) -> None:
    with World(index) as world:
        with world.running():
            answer = world.alice.ask(QUESTION)
        with world.running():
            followed = world.alice.ask("and what did he say about Brazil?")
            shown = world.alice.shown_by(answer, "1")
    assert "(understood as: what did Rutte say about Brazil?)" in followed.text
    assert "12,000 soldiers" in shown.text


def test_conversation_that_another_version_wrote_does_not_keep_the_bot_from_answering(index: Path) -> None:
    with World(index) as world:
        with world.running():
            world.alice.ask(QUESTION)
        with closing(sqlite3.connect(index / FILE_NAME)) as database, database:
            assert database.execute("""UPDATE turn SET receipt = '{"schema": 99}'""").rowcount == 1
        with world.running():
            answer = world.alice.ask(QUESTION)
    assert "a direct threat" in answer.text


def test_messages_of_the_downtime_are_answered_in_order(index: Path) -> None:
    with World(index) as world:
        with world.running(ScriptedAnswers()):
            world.alice.ask("one?")
        for text in ("two?", "three?", "four?"):
            world.alice.says(text)
        with world.running(ScriptedAnswers()):
            replies = world.alice.chat.wait_for_replies(4)
    assert [reply.text for reply in replies] == ["1: one?", "2: two?", "3: three?", "4: four?"]


def test_update_that_is_delivered_twice_is_answered_once(index: Path) -> None:
    with World(index) as world:
        with world.running(ScriptedAnswers()):
            world.alice.ask("one?")
            [update] = world.telegram.world.updates
            world.telegram.deliver(update)
            world.alice.ask("two?")
        world.telegram.deliver(update)
        with world.running(ScriptedAnswers()):
            world.alice.ask("three?")
    assert [reply.text for reply in world.alice.chat.replies] == ["1: one?", "2: two?", "3: three?"]


def test_updates_of_older_numbers_are_answered(index: Path) -> None:
    with World(index) as world, world.running(ScriptedAnswers()):
        world.alice.ask("one?")
        message = world.alice.chat.add(world.alice.person, "late?")
        [late] = world.alice.replies_to(
            lambda: world.telegram.deliver(
                {"update_id": 5, "message": world.alice.chat.message_json(message)}
            )
        )
    assert late.text == "2: late?"


def test_answer_in_hand_is_finished_before_the_stop(index: Path) -> None:
    gate = Event()
    with World(index) as world:
        with world.running(ScriptedAnswers(gate=gate)) as bot:
            world.alice.says("one?")
            world.telegram.wait_for(lambda telegram: bool(world.alice.chat.actions))
            world.alice.says("two?")
            world.telegram.wait_for(lambda telegram: telegram.pending == 0)
            bot.begin_to_stop()
            gate.set()
        assert [reply.text for reply in world.alice.chat.replies] == ["1: one?"]
        with world.running(ScriptedAnswers()):
            assert [one.text for one in world.alice.chat.wait_for_replies(2)] == ["1: one?", "2: two?"]


def test_chats_wait_for_none_of_each_other(index: Path) -> None:
    gate = Event()
    with World(index) as world, world.running(ScriptedAnswers(gate=gate)):
        world.alice.says("slow?")
        world.telegram.wait_for(lambda telegram: bool(world.alice.chat.actions))
        bob = world.guest("Bob")
        assert bob.ask("/new").text.startswith("A new conversation")
        gate.set()
        world.alice.chat.wait_for_replies()


def test_forgetting_waits_for_the_answer_before_it(index: Path) -> None:
    gate = Event()
    with World(index) as world, world.running(ScriptedAnswers(gate=gate)):
        alice = world.alice
        asked = alice.ask("/forget")
        alice.says("a secret?")
        world.telegram.wait_for(lambda telegram: bool(alice.chat.actions))
        alice.chat.presses(alice.person, asked, "Delete")
        gate.set()
        alice.chat.wait_for(
            lambda messages: messages[1].text.startswith("Deleted, questions with their answers: 1")
        )
        assert alice.ask("and?").text == "1: and?"


def test_language_that_was_chosen_stays_after_a_restart(index: Path) -> None:
    with World(index) as world:
        with world.running(ScriptedAnswers()):
            world.alice.presses(world.alice.ask("/language"), "Svenska")
        with world.running(ScriptedAnswers()):
            assert world.alice.ask("/new").text.startswith("Ett nytt samtal")


def test_group_and_private_chat_of_one_person_are_apart(index: Path) -> None:
    with World(index) as world, world.running(ScriptedAnswers()):
        world.alice.ask("one?")
        assert Guest(world.alice.person, world.group()).ask("/ask two?").text == "1: two?"
