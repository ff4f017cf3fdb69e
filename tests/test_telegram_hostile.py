"""Odd text, forged buttons and updates that make no sense: the bot answers the next person."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.datatypes import Answer, Conversation
from tests.small_index import make_index
from tests.telegram_world import Guest, ScriptedAnswers, World, echo

QUESTION = "what did Rutte say in Latvia?"
QUOTE = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."
RIGHT_TO_LEFT, ZERO_WIDTH = "\u202e\u2067\u200f", "\u200b\u200d\u2060\ufeff"
GONE = "I no longer have that answer."
TEXTS = {
    "emoji": "😀" * 2048,
    "families": "👨‍👩‍👧‍👦" * 372,
    "flags": "🇱🇻" * 1000,
    "right-to-left": f"{RIGHT_TO_LEFT}{QUESTION}{RIGHT_TO_LEFT}",
    "zero-width": ZERO_WIDTH.join(QUESTION),
    "only-zero-width": ZERO_WIDTH * 100,
    "combining": "a" + "\u0301" * 1900,
    "arabic": "ماذا قال روته في لاتفيا؟",
    "controls": "what\x00did\x08Rutte\x1bsay?",
    "half-character": "what \ud83d?",
    "markup": "<b>*_[what](did)~`Rutte</b> say || in | Latvia?",
    "sql": "'; DROP TABLE turn; --",
    "braces": "$articles ${question} {0} %s",
    "one-word": "x" * 1900,
    "lines": "\n" * 1000 + "?",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that answers from three articles; each test brings its own people."""
    with World(make_index(tmp_path_factory.mktemp("index"))) as world, world.running():
        yield world
        assert not [refusal for refusal in world.refused() if "message is not modified" not in refusal]


@pytest.fixture
def guest(world: World) -> Guest:
    return world.guest("Alice")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_odd_text_gets_one_reply_and_the_next_question_its_answer(guest: Guest, text: str) -> None:
    told = guest.ask(text)
    assert told.text and "error" not in told.text
    assert QUOTE in guest.ask(QUESTION).text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_odd_answer_is_shown_whole(index: Path, text: str) -> None:
    said = f"What was said: {text} and no more."

    def odd(question: str, conversation: Conversation = ()) -> Answer:
        return replace(echo(question), text=said)

    with World(index) as world, world.running(ScriptedAnswers(odd)):
        world.alice.says("one?")
        shown = world.alice.chat.wait_for(lambda messages: messages[-1].text.endswith("no more."))
        assert not world.refused()
    assert "".join(message.text for message in shown[1:]).startswith("What was said:")


def test_huge_and_odd_names_are_no_trouble(world: World) -> None:
    for name in ("N" * 4000, f"{RIGHT_TO_LEFT}ecilA", "😀" * 64, "<b>", "\u200b"):
        assert QUOTE in world.guest(name).ask(QUESTION).text


def test_button_of_another_chat_shows_nothing_of_it(world: World, guest: Guest) -> None:
    other = world.guest("Mallory")
    secret = guest.ask(QUESTION)
    mine = other.ask("/help")
    for button in secret.buttons:
        assert other.presses(mine, data=button.data) == GONE
    assert len(other.chat.replies) == 1


@pytest.mark.parametrize(
    "data",
    ["s", "s:", "s:1", "s:1:1", "s:1:1:0", "s:1:1:9999", "s:-1:1:1", "s:١:١:١", "s:999999999:999999999:1",
     "n:1:1:1:1", "m:1:1", "n:1:1", "l", "l:xx", "f:", "f:yes ", "x:1:1", "\x00", "🙂" * 16, "s:1:1:1\n"],
    ids=[f"data-{number}" for number in range(20)],
)  # fmt: skip
def test_forged_button_is_answered_and_does_no_harm(world: World, guest: Guest, data: str) -> None:
    answer = guest.ask(QUESTION)
    guest.presses(answer, data=data)
    assert QUOTE in guest.shown_by(answer, "1").text


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.one_of(
    st.text(min_size=1, max_size=16),
    st.from_regex(r"[smngblf]:[0-9]{0,12}(:[0-9]{0,12}){0,3}", fullmatch=True),
))  # fmt: skip
def test_any_button_data_is_answered(world: World, data: str) -> None:
    guest = Guest(world.alice.person, world.alice.chat)
    if not guest.chat.replies:
        guest.ask("/help")
    guest.presses(guest.chat.replies[0], data=data.encode("utf-8", "replace").decode()[:64])


def test_update_without_anything_to_do_is_left(world: World, guest: Guest) -> None:
    channel = {"id": -100, "type": "channel", "title": "News"}
    post = {"message_id": 1, "date": 1, "chat": channel, "text": QUESTION}
    poll = {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False}
    poll |= {"is_anonymous": True, "type": "regular", "allows_multiple_answers": False}
    contents: tuple[dict[str, object], ...] = (
        {"channel_post": post},
        {"edited_channel_post": post},
        {"poll": poll},
        {},
        {"tomorrow": {"a": 1}},
    )
    for number, content in enumerate(contents, start=5):
        world.telegram.deliver({"update_id": number, **content})
    assert QUOTE in guest.ask(QUESTION).text


def test_message_of_a_channel_in_its_group_is_read_as_any_other(world: World) -> None:
    group = world.group()
    channel = {"id": -100_777, "type": "channel", "title": "News"}
    service = world.telegram.person("Telegram")
    message = group.add(
        service, f"/ask {QUESTION}", more={"sender_chat": channel, "is_automatic_forward": True}
    )
    told = group.message_json(message) | {"entities": [{"type": "bot_command", "offset": 0, "length": 4}]}
    world.telegram.world.publish("message", told)
    [answer] = group.wait_for_replies()
    assert QUOTE in answer.text


@pytest.mark.parametrize("entity", [{"type": "bot_command", "offset": 0, "length": 400},
                                    {"type": "mention", "offset": 3000, "length": 13},
                                    {"type": "text_link", "offset": 0, "length": 4, "url": "javascript:x"},
                                    {"type": "of_tomorrow", "offset": 0, "length": 4}],
                         ids=["long-command", "mention-outside", "script", "unknown"])  # fmt: skip
def test_odd_entities_are_no_trouble(world: World, guest: Guest, entity: dict[str, object]) -> None:
    message = guest.chat.add(guest.person, f"/ask {QUESTION}")
    world.telegram.world.publish("message", guest.chat.message_json(message) | {"entities": [entity]})
    assert guest.chat.wait_for_replies()
    assert QUOTE in guest.ask(QUESTION).text
