"""Who is let in, how fast and how late one may ask, and what others notice of it."""

import time
from pathlib import Path
from threading import Event

from tests.telegram_world import Guest, ScriptedAnswers, World

QUESTION = "what did Rutte say in Latvia?"


def test_stranger_is_told_their_number_once(index: Path) -> None:
    with World(index) as world:
        stranger = world.guest("Stranger")
        with world.running(ScriptedAnswers(), telegram_users=(world.alice.person.id,)):
            told = stranger.ask("hello?")
            stranger.says("hello??")
            stranger.says("/start")
            world.alice.ask("one?")
        assert str(stranger.person.id) in told.text and told.text.startswith("I only talk with people")
        assert len(stranger.chat.replies) == 1


def test_button_and_inline_query_of_a_stranger_get_nothing(index: Path) -> None:
    answers = ScriptedAnswers()
    with World(index) as world:
        stranger, group = world.guest("Stranger"), world.group()
        with world.running(answers, telegram_users=(world.alice.person.id,)):
            answer = Guest(world.alice.person, group).ask("/language")
            pressed = group.presses(stranger.person, answer, "Italiano")
            asked = world.telegram.asks_inline(stranger.person, "a question of a stranger?")
            world.telegram.asks_inline(world.alice.person, "a question of Alice?").wait()
        assert pressed.answer is None and asked.answer is None
        assert answers.asked == ["a question of Alice?"]


def test_everybody_may_ask_in_a_chat_that_is_let_in(index: Path) -> None:
    with World(index) as world:
        group, other, stranger = world.group(), world.group(), world.guest("Stranger")
        with world.running(ScriptedAnswers(), telegram_chats=(group.id,)):
            Guest(stranger.person, other).says("/ask not here?")
            assert Guest(stranger.person, group).ask("/ask here?").text == "1: here?"
        assert not other.replies


def test_person_who_asks_too_fast_is_told_when_to_ask_again(index: Path) -> None:
    with World(index) as world, world.running(ScriptedAnswers(), telegram_questions_a_minute=2):
        *_, told = world.alice.asks("one?"), world.alice.asks("two?"), world.alice.asks("three?")
        bob = world.guest("Bob")
        assert bob.ask("one?").text == "1: one?"
    assert told[0].text.startswith("You ask faster than I may answer one person. Please ask again in ")
    assert told[0].reply_to


def test_too_many_waiting_questions_are_asked_to_come_back(index: Path) -> None:
    gate = Event()
    with World(index) as world:
        settings = {"telegram_answers_at_once": 1, "telegram_waiting": 1}
        with world.running(ScriptedAnswers(gate=gate), **settings):
            first, second, third = world.alice, world.guest("Bob"), world.guest("Carol")
            first.says("one?")
            second.says("two?")
            world.telegram.wait_for(lambda telegram: len(first.chat.actions) + len(second.chat.actions) == 2)
            told = third.ask("three?")
            gate.set()
            assert [guest.chat.wait_for_replies()[0].text for guest in (first, second)] == [
                "1: one?",
                "1: two?",
            ]
    assert told.text.startswith("Too many questions are waiting")


def test_question_that_is_too_old_is_told_so_once(index: Path) -> None:
    with World(index) as world:
        for text in ("one?", "two?"):
            world.alice.says(text, date=time.time() - 90_000)
        world.alice.says("three?")
        with world.running(ScriptedAnswers()):
            told, answer = world.alice.chat.wait_for_replies(2)
    assert told.text.startswith("I was away, and your question is from 20") and told.reply_to == 1
    assert answer.text == "1: three?"


def test_person_who_blocks_the_bot_disturbs_nobody(index: Path) -> None:
    gate = Event()
    with World(index) as world, world.running(ScriptedAnswers(gate=gate)):
        bob = world.guest("Bob")
        bob.says("one?")
        world.telegram.wait_for(lambda telegram: bool(bob.chat.actions))
        bob.chat.blocks()
        gate.set()
        assert world.alice.ask("one?").text == "1: one?"
        bob.chat.blocks(is_blocked=False)
        assert bob.ask("two?").text == "2: two?"
