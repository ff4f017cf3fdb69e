"""Updates of Telegram are remembered until they are answered, and chats until they are forgotten."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.database import Database
from bot.feedback import Feedback
from bot.history import History, TurnKey
from bot.receipts import receipt_of
from bot.telegram_app.chats import Begun, Chat, Chats
from tests.test_history import add, asked, place, turn_asking  # noqa: F401
from tests.test_turns import INDEX

GROUP, TOPIC = -1001234567890, 7


def opened(place: str) -> Database:  # noqa: F811
    return Database.open(place if "://" in place else Path(place), stays_open=True)


@pytest.fixture
def database(place: str) -> Iterator[Database]:  # noqa: F811
    with closing(opened(place)) as database:
        yield database


@pytest.fixture
def chats(database: Database) -> Chats:
    return Chats(database)


def test_chats_when_nothing_was_written_are_as_they_begin(chats: Chats, tmp_path: Path) -> None:
    assert chats.chat(42, None) == Chat("telegram 42 #1", 1, None)
    assert chats.chat(GROUP, TOPIC) == Chat("telegram -1001234567890/7 #1", 1, None)
    assert chats.waiting() == [] and chats.begun(1) is None
    assert list(tmp_path.iterdir()) == []


def test_update_is_taken_once_though_it_comes_again(chats: Chats) -> None:
    assert chats.receive(2**60, '{"text": "\\ud83d 🙂"}')
    assert not chats.receive(2**60, "again")
    assert chats.waiting() == ['{"text": "\\ud83d 🙂"}']
    chats.done(2**60)
    assert not chats.receive(2**60, "again")
    assert chats.waiting() == []


def test_updates_that_are_not_done_wait_in_the_order_in_which_they_came(place: str) -> None:  # noqa: F811
    with closing(opened(place)) as before:
        for update_id in (901, 902, 903, 17):  # Telegram counts anew after a week
            assert Chats(before).receive(update_id, str(update_id))
        Chats(before).done(902)
    with closing(opened(place)) as after:
        assert Chats(after).waiting() == ["901", "903", "17"]


def test_updates_of_a_week_ago_are_dropped_unless_they_wait(database: Database) -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    chats = Chats(database, lambda: moment)
    for update_id in (1, 2, 3):
        chats.receive(update_id, "old")
    chats.done(1)
    chats.done(3)
    moment += timedelta(days=6, hours=23)
    chats.receive(500, "new")
    assert not chats.receive(1, "again")
    moment += timedelta(hours=2)
    chats.receive(1000, "newer")
    moment += timedelta(seconds=1)
    assert chats.receive(1, "counted anew") and not chats.receive(2, "again")
    assert chats.waiting() == ["old", "new", "newer", "counted anew"]


def test_answer_when_it_was_begun_tells_how_far_it_came(place: str) -> None:  # noqa: F811
    turn = turn_asking("one?")
    with closing(opened(place)) as database:
        chats = Chats(database)
        chats.receive(5, "{}")
        assert chats.begun(5) is None
        key = History(database).keep(
            "telegram 42 #3", turn, receipt_of(turn.answer, INDEX), chats.answering(5, session=3)
        )
        assert key == TurnKey("telegram 42 #3", 1)
        assert chats.begun(5) == Begun(3, 1, 0)
        chats.sent(5)
        chats.sent(5, 2)
    with closing(opened(place)) as database:
        assert Chats(database).begun(5) == Begun(3, 1, 3)
        assert Chats(database).begun(6) is None


def test_turn_is_not_kept_when_what_goes_with_it_cannot_be_written(database: Database) -> None:
    turn = turn_asking("one?")

    def fail(*_: object) -> None:
        raise RuntimeError("no power")

    with pytest.raises(RuntimeError, match="no power"):
        History(database).keep("talk", turn, receipt_of(turn.answer, INDEX), fail)
    assert asked(History(database), "talk") == []


def test_turn_is_found_by_its_key_until_it_is_forgotten(database: Database) -> None:
    history = History(database)
    add(history, "talk", "one?", "two?")
    found = history.load_turn(TurnKey("talk", 2), lambda ids: {})
    assert found is not None and found.question == "two?"
    assert history.load_turn(TurnKey("talk", 3), lambda ids: {}) is None
    history.forget("talk")
    assert history.load_turn(TurnKey("talk", 2), lambda ids: {}) is None


def test_new_conversation_of_a_chat_leaves_the_other_chats_and_topics_alone(chats: Chats) -> None:
    assert chats.begin_anew(GROUP, TOPIC) == Chat("telegram -1001234567890/7 #2", 2, None)
    assert chats.begin_anew(GROUP, TOPIC).session == 3
    assert chats.chat(GROUP, TOPIC).session == 3
    assert chats.chat(GROUP, None).session == chats.chat(GROUP, 8).session == 1


def test_language_of_a_chat_stays_over_conversations_until_it_is_taken_back(chats: Chats) -> None:
    assert chats.choose_language(42, None, "it") == Chat("telegram 42 #1", 1, "it")
    assert chats.begin_anew(42, None) == Chat("telegram 42 #2", 2, "it")
    assert chats.choose_language(42, None, None).language is None


def test_chat_when_forgotten_loses_all_its_conversations_and_feedback(database: Database) -> None:
    chats, history, feedback = Chats(database), History(database), Feedback(database)
    for chat_id, topic in ((42, None), (42, None), (4, None), (GROUP, TOPIC), (GROUP, None)):
        name = chats.chat(chat_id, topic).name
        add(history, name, "one?", "two?")
        assert feedback.give(TurnKey(name, 1), "42", is_good=True)
        chats.begin_anew(chat_id, topic)
    chats.choose_language(42, None, "sv")
    assert chats.forget(42, None) == 4
    assert chats.forget(42, None) == 0
    assert {kept.name for kept in history.conversations()} == {
        "telegram 4 #1", f"telegram {GROUP}/7 #1", f"telegram {GROUP} #1",
    }  # fmt: skip
    assert len(feedback.verdicts()) == 3
    assert chats.chat(42, None).language == "sv"


def test_name_of_a_conversation_is_not_used_again_when_the_chat_was_forgotten(database: Database) -> None:
    chats = Chats(database)
    old = chats.chat(42, None).name
    add(History(database), old, "one?")
    chats.forget(42, None)
    assert chats.chat(42, None).name != old


def test_words_when_a_chat_is_forgotten_stand_in_no_file(tmp_path: Path) -> None:
    with closing(opened(str(tmp_path / "talks"))) as database:
        chats = Chats(database)
        for number in range(30):
            chats.receive(number, f'{{"text": "the word is xyzzy {number}"}}' * 20)
            add(History(database), chats.chat(42, None).name, f"the word is xyzzy {number}")
            chats.done(number)
        assert any(b"xyzzy" in path.read_bytes() for path in tmp_path.iterdir())
        chats.forget(42, None)
        assert not any(b"xyzzy" in path.read_bytes() for path in tmp_path.iterdir())
