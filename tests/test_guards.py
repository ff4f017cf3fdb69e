from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram_app.guards import Guards, PersonLimit

ALICE, BOB, GROUP = 11, 12, -100
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def guards_of(
    *,
    users: tuple[int, ...] = (),
    chats: tuple[int, ...] = (),
    a_minute: int = 10,
    age_hours: float = 24,
    now: datetime = NOON,
) -> Guards:
    return Guards(
        users=users, chats=chats, questions_a_minute=a_minute, age_hours=age_hours, now=now.timestamp
    )


@pytest.mark.parametrize(
    ("users", "chats", "person", "chat", "is_let_in"),
    [
        ((), (), ALICE, GROUP, True),
        ((), (), None, None, True),
        ((ALICE,), (), ALICE, GROUP, True),
        ((ALICE,), (), BOB, GROUP, False),
        ((), (GROUP,), BOB, GROUP, True),
        ((), (GROUP,), BOB, BOB, False),
        ((ALICE,), (GROUP,), BOB, GROUP, True),
        ((ALICE,), (GROUP,), ALICE, None, True),
        ((ALICE,), (GROUP,), None, None, False),
    ],
)
def test_person_or_chat_is_let_in_when_one_of_them_is_listed(
    users: tuple[int, ...], chats: tuple[int, ...], person: int | None, chat: int | None, is_let_in: bool
) -> None:
    assert guards_of(users=users, chats=chats).allows(person, chat) is is_let_in


@pytest.mark.parametrize(("hours", "is_too_old"), [(0, False), (23.9, False), (24.1, True), (-1, False)])
def test_message_is_too_old_when_it_waited_longer_than_the_limit(hours: float, is_too_old: bool) -> None:
    assert guards_of().is_too_old(NOON - timedelta(hours=hours)) is is_too_old


def test_person_who_asks_too_fast_is_told_when_the_next_question_is_taken() -> None:
    guards = guards_of(a_minute=4)
    assert [guards.wait_seconds(ALICE, NOON) for _ in range(6)] == [0, 0, 0, 0, 15, 15]
    assert guards.wait_seconds(BOB, NOON) == 0
    assert guards.wait_seconds(ALICE, NOON + timedelta(seconds=14)) == 1
    assert guards.wait_seconds(ALICE, NOON + timedelta(seconds=15)) == 0


def test_questions_from_before_a_stop_are_judged_as_they_were_sent() -> None:
    guards = guards_of(a_minute=2, now=NOON + timedelta(hours=8))
    slowly = [NOON + timedelta(minutes=minute) for minute in range(20)]
    fast = [NOON + timedelta(seconds=second) for second in range(20)]
    assert [guards.wait_seconds(ALICE, sent) for sent in slowly] == [0] * 20
    assert [guards.wait_seconds(BOB, sent) for sent in fast][:5] == [0, 0, 28, 27, 26]


def test_question_without_a_time_is_judged_as_of_now() -> None:
    guards = guards_of(a_minute=1)
    assert guards.wait_seconds(ALICE, None) == 0
    assert guards.wait_seconds(ALICE, NOON + timedelta(seconds=20)) == 40


def test_question_that_comes_after_a_later_one_counts_at_the_later_time() -> None:
    limit = PersonLimit(2)
    assert limit.wait_seconds(ALICE, 1000) == 0
    assert limit.wait_seconds(ALICE, 100) == 0
    assert limit.wait_seconds(ALICE, 100) == 30


def test_only_the_person_who_asked_longest_ago_is_forgotten() -> None:
    limit = PersonLimit(1)
    for person in range(10_001):
        assert limit.wait_seconds(person, 1000) == 0
    assert limit.wait_seconds(10_000, 1000) == 60
    assert limit.wait_seconds(1, 1000) == 60
    assert limit.wait_seconds(0, 1000) == 0


@given(
    a_minute=st.integers(1, 60), gaps=st.lists(st.integers(0, 90), max_size=150), start=st.integers(0, 2**31)
)
def test_whoever_waits_as_told_is_taken_and_nobody_gets_more_than_twice_a_minutes_worth(
    a_minute: int, gaps: list[int], start: int
) -> None:
    limit, sent, taken = PersonLimit(a_minute), float(start), list[float]()
    for gap in gaps:
        sent += gap
        if wait := limit.wait_seconds(ALICE, sent):
            sent += wait
            assert limit.wait_seconds(ALICE, sent) == 0
        taken.append(sent)
    assert all(sooner <= later for sooner, later in pairwise(taken))
    for first in taken:
        assert sum(first <= time < first + 60 for time in taken) <= 2 * a_minute
