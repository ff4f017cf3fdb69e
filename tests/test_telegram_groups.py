"""Groups: what is meant for the bot is answered where it was asked, and nothing else is."""

from collections.abc import Iterator

import pytest

from tests.fake_telegram import Chat
from tests.small_index import make_index
from tests.telegram_world import Guest, World

QUESTION = "what did Rutte say in Latvia?"
QUOTE = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that reads all messages of groups, as its keeper can let it; each test brings its own group."""
    with World(make_index(tmp_path_factory.mktemp("index"))) as world:
        world.telegram.world.privacy = False
        with world.running():
            yield world
        assert not [refusal for refusal in world.refused() if "message thread not found" not in refusal]


@pytest.fixture
def group(world: World) -> Chat:
    return world.group()


@pytest.fixture
def alice(world: World, group: Chat) -> Guest:
    return Guest(world.alice.person, group)


@pytest.mark.parametrize(
    "text",
    [f"@footnote_bot {QUESTION}", f"{QUESTION} @Footnote_Bot", f"/ask {QUESTION}",
     f"/ask@footnote_bot {QUESTION}"],
    ids=["mention", "mention-behind", "ask", "ask-by-name"],
)  # fmt: skip
def test_question_to_the_bot_is_answered_as_a_reply(alice: Guest, text: str) -> None:
    asked = alice.says(text)
    [answer] = alice.chat.wait_for_replies()
    assert QUOTE in answer.text and answer.reply_to == asked.message_id


def test_reply_to_the_bot_is_a_question(alice: Guest) -> None:
    first = alice.ask(f"/ask {QUESTION}")
    followed = alice.ask("and what did he say about Brazil?", reply_to=first)
    assert "(understood as: what did Rutte say about Brazil?)" in followed.text


@pytest.mark.parametrize(
    "text", [QUESTION, f"@other_bot {QUESTION}", f"/ask@other_bot {QUESTION}",
             "/weather", "@footnote_bot", "😀"],
    ids=["talk", "other-mention", "other-bot", "unknown-command", "bare-mention", "emoji"],
)  # fmt: skip
def test_what_is_not_meant_for_the_bot_gets_no_reply(alice: Guest, text: str) -> None:
    alice.says(text)
    asked = alice.says(f"/ask {QUESTION}")
    [answer] = alice.chat.wait_for_replies()
    assert answer.reply_to == asked.message_id


def test_ask_in_reply_to_a_message_takes_that_message(world: World, group: Chat, alice: Guest) -> None:
    bob = Guest(world.guest("Bob").person, group)
    question = bob.says(QUESTION)
    assert QUOTE in alice.ask("/ask", reply_to=question).text


def test_answer_stands_in_the_topic_where_it_was_asked(world: World) -> None:
    forum = world.group(is_forum=True)
    alice = Guest(world.alice.person, forum)
    asia, europe = (forum.opens_topic(alice.person, name) for name in ("Asia", "Europe"))
    for topic in (asia, europe, None):
        answer = alice.ask(f"@footnote_bot {QUESTION}", topic=topic)
        assert QUOTE in answer.text and answer.topic == topic


def test_topics_of_a_group_are_conversations_of_their_own(world: World) -> None:
    forum = world.group(is_forum=True)
    alice = Guest(world.alice.person, forum)
    asia, europe = (forum.opens_topic(alice.person, name) for name in ("Asia", "Europe"))
    alice.ask(f"/ask {QUESTION}", topic=asia)
    assert "Rutte" not in alice.ask("/ask and what did he say about Brazil?", topic=europe).text
    assert "Rutte" in alice.ask("/ask and what did he say about Brazil?", topic=asia).text


def test_passage_stands_in_the_topic_of_its_answer(world: World) -> None:
    forum = world.group(is_forum=True)
    alice = Guest(world.alice.person, forum)
    topic = forum.opens_topic(alice.person, "Asia")
    answer = alice.ask(f"/ask {QUESTION}", topic=topic)
    shown = alice.shown_by(answer, "1")
    assert shown.topic == topic and shown.reply_to == answer.message_id


def test_answer_in_a_topic_that_was_deleted_disturbs_nobody(world: World) -> None:
    forum = world.group(is_forum=True)
    alice = Guest(world.alice.person, forum)
    topic = forum.opens_topic(alice.person, "Asia")
    with world.telegram.world.changed:
        alice.says(f"/ask {QUESTION}", topic=topic)
        forum.closes_topic(topic)
    assert QUOTE in alice.ask(f"/ask {QUESTION}").text


def test_command_in_a_group_is_answered_as_a_reply(alice: Guest) -> None:
    asked = alice.says("/articles@footnote_bot")
    [told] = alice.chat.wait_for_replies()
    assert told.reply_to == asked.message_id


def test_people_of_a_group_share_a_conversation(world: World, group: Chat, alice: Guest) -> None:
    bob = Guest(world.guest("Bob", "it").person, group)
    alice.ask(f"/ask {QUESTION}")
    answer = bob.ask("/ask and what did he say about Brazil?")
    assert "Rutte" in answer.text


def test_edited_question_to_the_bot_is_answered_anew(alice: Guest) -> None:
    asked = alice.says("/ask what did Stoltenberg say about Brazil?")
    alice.chat.wait_for_replies()
    [answer] = alice.replies_to(lambda: alice.chat.edits(asked, f"/ask {QUESTION}"))
    assert QUOTE in answer.text and answer.reply_to == asked.message_id


def test_anonymous_admin_is_answered(world: World, group: Chat) -> None:
    anonymous = world.telegram.person("Group")
    message = group.add(anonymous, f"@footnote_bot {QUESTION}", more={"sender_chat": group.to_json()})
    told = group.message_json(message)
    told["entities"] = [{"type": "mention", "offset": 0, "length": 13}]
    del told["from"]
    world.telegram.world.publish("message", told)
    [answer] = group.wait_for_replies()
    assert QUOTE in answer.text


def test_nothing_is_streamed_into_a_group(group: Chat, alice: Guest) -> None:
    alice.ask(f"/ask {QUESTION}")
    assert not group.drafts and len(group.replies) == 1
