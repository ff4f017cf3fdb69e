"""What goes wrong with Telegram, the database and the machine: nothing is lost, and nobody waits for others.

Each test lets people ask numbered questions in private chats and groups, and looks at what the chats show.
tests/benchmarks/telegram_faults.py does the same at length.
"""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import pytest

from bot.datatypes import Answer
from tests.fake_telegram import FakeTelegram
from tests.scripted_bot import TimedAnswers, timed_answers
from tests.telegram_crowd import Crowd, bot_process
from tests.telegram_world import SPEED, ScriptedAnswers, launched, running


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram(speed=SPEED) as telegram:
        yield telegram


@pytest.fixture
def crowd(telegram: FakeTelegram) -> Crowd:
    return Crowd(telegram, private=6, groups=2)


def test_all_is_answered_once_when_telegram_was_gone_for_a_minute(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    with running(telegram, index, timed_answers(index, 0.01)):
        crowd.ask_in_turn(24, "long")
        crowd.wait(20, lambda: crowd.waiting < 20)
        with telegram.gone():
            crowd.ask_in_turn(8)
            time.sleep(60 / SPEED)
        assert crowd.wait(20)
    verdict = crowd.verdict()
    # A connection can be cut between what was done and its answer.
    assert not (verdict.lost or verdict.out_of_order or verdict.mixed_up or verdict.apologies), verdict
    assert len(verdict.twice) <= len(crowd.members)


def test_only_the_chat_that_is_told_to_wait_waits(telegram: FakeTelegram, crowd: Crowd, index: Path) -> None:
    with running(telegram, index, timed_answers(index)):
        telegram.faults.storm(retry_after=60, method="sendMessage", times=3)
        told_to_wait = [crowd.ask(number) for number in range(3)]
        telegram.wait_for(lambda now: sum(one.status == 429 for one in now.requests) == 3)
        others = [crowd.ask(number) for number in (3, 4, 5)]
        assert crowd.wait(20)
    first = min(crowd.asked[token].answered_at or 0 for token in told_to_wait)
    last = max(crowd.asked[token].answered_at or 0 for token in others)
    assert last < first
    assert crowd.verdict().is_perfect


def test_all_is_answered_once_when_every_third_request_fails(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    telegram.faults.fail(500, every=3, method="sendMessage")
    telegram.faults.fail(502, every=5, method="sendChatAction")
    with running(telegram, index, timed_answers(index)):
        crowd.ask_in_turn(24, "long")
        assert crowd.wait(20)
    assert crowd.verdict().is_perfect


def test_a_message_comes_twice_when_telegram_took_it_and_its_reply_was_lost(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    telegram.faults.lose_replies(every=4, times=3, method="sendMessage")
    with running(telegram, index, timed_answers(index)):
        crowd.ask_in_turn(24)
        assert crowd.wait(20)
    verdict = crowd.verdict()
    assert not (verdict.lost or verdict.out_of_order or verdict.apologies), verdict
    assert len(verdict.twice) == 3


def test_all_is_answered_once_when_telegram_is_slow(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    telegram.faults.slow(seconds=0.2 * SPEED)
    with running(telegram, index, timed_answers(index)):
        crowd.ask_in_turn(24)
        assert crowd.wait(20)
    assert crowd.verdict().is_perfect


def test_nothing_is_lost_when_the_process_is_killed(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    kills = 2
    for kill in range(kills):
        crowd.ask_in_turn(12, "long")
        with bot_process(telegram, index, seconds=0.02) as bot:
            # The moment is another each time: after some answers, in the middle of others.
            crowd.wait_for_some(2 + 3 * kill, 20)
            bot.kill()
    with running(telegram, index, timed_answers(index)):
        assert crowd.wait(20)
    verdict = crowd.verdict()
    assert not (verdict.lost or verdict.out_of_order or verdict.mixed_up or verdict.apologies), verdict
    # Of each chat one message can be on its way.
    assert len(verdict.twice) <= kills * len(crowd.members)


def test_answers_in_hand_are_finished_and_others_wait_for_the_next_start_when_it_is_told_to_stop(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    gate = Event()
    timed = timed_answers(index)
    answers = ScriptedAnswers(gate=gate, answer=lambda question, _: last(timed, question))
    with running(telegram, index, answers) as bot:
        in_hand, waiting = crowd.ask(0), [crowd.ask(0), crowd.ask(0)]
        while not answers.asked:
            time.sleep(0.01)
        bot.begin_to_stop()
        time.sleep(0.2)
        gate.set()
        bot.wait()
    crowd.news(0.1)
    assert crowd.asked[in_hand].answered_at
    assert crowd.waiting == len(waiting)
    with running(telegram, index, timed):
        assert crowd.wait(20)
    assert crowd.verdict().is_perfect


def test_all_is_answered_once_when_the_database_was_locked(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    gate = Event()
    timed = timed_answers(index)
    answers = ScriptedAnswers(gate=gate, answer=lambda question, _: last(timed, question))
    with running(telegram, index, answers):
        crowd.ask_in_turn(8)
        telegram.wait_for(lambda _: len(answers.asked) == 2)
        with closing(sqlite3.connect(index / "conversations.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            crowd.ask_in_turn(8)
            gate.set()
            # SQLite itself waits for five seconds.
            time.sleep(6)
            assert crowd.waiting == 16
        assert crowd.wait(20)
    assert crowd.verdict().is_perfect


def test_an_assistant_that_fails_costs_its_question_alone(
    telegram: FakeTelegram, crowd: Crowd, index: Path
) -> None:
    with running(telegram, index, timed_answers(index)):
        for number in range(24):
            crowd.ask(number % 8, "fails" if number % 3 == 0 else "is fine")
        assert crowd.wait(20, lambda: crowd.waiting == 8)
    verdict = crowd.verdict()
    assert (verdict.apologies, len(verdict.lost), verdict.twice) == (8, 8, [])


def test_a_flood_of_one_person_does_not_delay_another_chat(telegram: FakeTelegram, index: Path) -> None:
    crowd = Crowd(telegram, private=2)
    with running(telegram, index, timed_answers(index, 0.01)):
        flood = [crowd.ask(0) for _ in range(300)]
        crowd.wait(20, lambda: crowd.waiting < 295)
        other = crowd.ask(1)
        crowd.wait_for_one(other, 20)
        left = crowd.waiting
    asked = crowd.asked[other]
    assert asked.answered_at and (asked.answered_at - asked.at) / SPEED < 2
    assert left > len(flood) / 2


def test_a_process_whose_token_another_uses_ends_with_a_sentence(telegram: FakeTelegram, index: Path) -> None:
    with launched(telegram, index) as bot:
        telegram.wait_for(lambda now: now.requested("setMyCommands") != [], timeout_seconds=40)
        while bot.poll() is None:
            with urlopen(f"{telegram.base_url}{telegram.token}/getUpdates"):
                time.sleep(0.1)
        _, errors = bot.communicate()
    assert bot.returncode == 2
    assert "Another process asks Telegram for the messages of this bot." in errors
    assert "Traceback" not in errors


def test_a_signal_ends_the_process_well(telegram: FakeTelegram, index: Path) -> None:
    crowd = Crowd(telegram, private=4)
    crowd.ask_in_turn(8)
    with bot_process(telegram, index, seconds=0.05) as bot:
        crowd.wait(20, lambda: crowd.waiting < 7)
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(20) == 0
    with running(telegram, index, timed_answers(index)):
        assert crowd.wait(20)
    assert crowd.verdict().is_perfect


def last(answers: TimedAnswers, question: str) -> Answer:
    *_, answer = answers.stream(question)
    assert isinstance(answer, Answer)
    return answer
