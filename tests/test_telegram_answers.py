"""What a person who asks in a private chat gets to see, and the buttons below it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.datatypes import Answer, Conversation
from tests.conftest import Footnote
from tests.fake_telegram import Asked, Message
from tests.small_index import make_index
from tests.telegram_world import Guest, ScriptedAnswers, World, echo

QUESTION = "what did Rutte say in Latvia?"
QUOTE = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."
UNANSWERED = "what did Stoltenberg say about Brazil?"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that answers from three articles; each test brings its own people."""
    with World(make_index(tmp_path_factory.mktemp("index"))) as world, world.running():
        yield world
        assert not world.refused()


@pytest.fixture
def guest(world: World) -> Guest:
    return world.guest("Alice")


@pytest.fixture
def answer(guest: Guest) -> Message:
    return guest.ask(QUESTION)


def test_answer_quotes_the_article_word_for_word_with_a_footnote(answer: Message) -> None:
    assert f"“{QUOTE}” [1]" in answer.text


def test_source_is_folded_with_the_quoted_words_in_bold(answer: Message) -> None:
    [source] = answer.parts("expandable_blockquote")
    assert source.startswith("[1] Rutte in Riga: a direct threat\nBaltic Courier, 2024-11-14\n")
    assert "nobody contradicted him" in source
    assert QUOTE in answer.parts("bold")


def test_title_opens_the_article_at_the_quotation(answer: Message) -> None:
    assert answer.parts("text_link") == ["Rutte in Riga: a direct threat"]
    [link] = answer.links
    assert link.startswith("https://example.org/riga#:~:text=Rutte%20said%20in%20Latvia,")


def test_previews_of_links_are_off(world: World, answer: Message) -> None:
    sent = world.telegram.requested("sendMessage")
    assert sent and all("is_disabled" in str(request.parameters["link_preview_options"]) for request in sent)


def test_answer_in_a_private_chat_is_no_reply(answer: Message) -> None:
    assert answer.reply_to is None


def test_buttons_of_an_answer_are_its_numbers_more_and_thumbs(answer: Message) -> None:
    assert [[button.text for button in row] for row in answer.keyboard] == [["1"], ["More", "👍", "👎"]]


def test_number_shows_the_whole_passage_below_the_answer(guest: Guest, answer: Message) -> None:
    shown = guest.shown_by(answer, "1")
    assert shown.reply_to == answer.message_id
    assert "Mark Rutte met the Latvian president" in shown.text and "12,000 soldiers" in shown.text
    assert QUOTE in shown.parts("bold")


def test_more_shows_what_else_was_considered(guest: Guest, answer: Message) -> None:
    shown = guest.shown_by(answer, "More")
    assert shown.text.startswith("Also considered, not an answer:\n\n1. ")
    assert "Rutte a Roma" in shown.text and QUOTE not in shown.text


def test_refusal_says_what_was_looked_for_and_offers_the_nearest(guest: Guest) -> None:
    refusal = guest.ask(UNANSWERED)
    assert refusal.text.startswith("The articles do not answer this. Looked for:")
    shown = guest.shown_by(refusal, "Nearest passages")
    assert shown.text.startswith("Nearest, not an answer:\n\n1. ")


def test_thumb_is_kept_and_taken_back_when_pressed_again(guest: Guest, answer: Message) -> None:
    assert guest.presses(answer, "👍") == "Thank you, it is kept."
    assert guest.presses(answer, "👍") == "Taken back."
    assert guest.presses(answer, "👎") == "Thank you, it is kept."
    assert guest.presses(answer, "👍") == "Thank you, it is kept."


def test_thumbs_become_cases_of_each_chat(world: World, guest: Guest, footnote: Footnote) -> None:
    question = "what did Rutte say about Japan in Latvia?"
    guest.presses(guest.ask(question), "👍")
    guest.presses(guest.ask(UNANSWERED), "👎")
    listed = footnote("feedback", "--index", str(world.index))
    assert question in listed.out and UNANSWERED in listed.out
    cases = footnote("feedback", "--cases", "--index", str(world.index)).out.splitlines()
    [case] = [case for case in map(json.loads, cases) if case["turns"][0]["question"] == question]
    assert case["turns"][0]["evidence"] and case["turns"][1]["answerable"] is True
    assert str(guest.person.id) not in json.dumps(case)


def test_thumb_of_another_person_in_a_group_counts_apart(world: World, guest: Guest) -> None:
    group = world.group(guest)
    alice, bob = Guest(guest.person, group), Guest(world.alice.person, group)
    answer = alice.ask(f"@footnote_bot {QUESTION}")
    assert alice.presses(answer, "👍") == "Thank you, it is kept."
    assert bob.presses(answer, "👍") == "Thank you, it is kept."


def test_follow_up_is_understood_from_what_went_before(guest: Guest, answer: Message) -> None:
    followed = guest.ask("and what did he say about Brazil?")
    assert followed.parts("italic") == ["(understood as: what did Rutte say about Brazil?)"]


def test_thanks_get_a_line_without_buttons(guest: Guest, answer: Message) -> None:
    thanked = guest.ask("thanks!")
    assert thanked.text == "You are welcome." and not thanked.buttons


def test_edited_question_is_answered_anew_as_a_reply(guest: Guest) -> None:
    question = guest.says(UNANSWERED)
    guest.chat.wait_for_replies()
    [answer] = guest.replies_to(lambda: guest.chat.edits(question, QUESTION))
    assert QUOTE in answer.text and answer.reply_to == question.message_id


def test_question_is_answered_in_its_own_language(guest: Guest) -> None:
    answer = guest.ask("che cosa ha detto Rutte del Giappone?")
    assert answer.text.startswith("Che cosa ha detto Rutte:\n– “La minaccia riguarda anche il Giappone")


@pytest.mark.parametrize(
    ("language", "asked", "last"),
    [
        ("it", "che cosa ha detto Stoltenberg del Brasile?", "Passi più vicini"),
        ("sv-SE", "vad sade Stoltenberg om Brasilien?", "Närmaste stycken"),
        ("fr", UNANSWERED, "Nearest passages"),
        (None, UNANSWERED, "Nearest passages"),
    ],
)
def test_buttons_are_in_the_language_of_the_person(
    world: World, language: str | None, asked: str, last: str
) -> None:
    assert world.guest("Gast", language).ask(asked).keyboard[-1][0].text == last


def test_photo_without_words_is_told_once_that_only_text_is_read(world: World, guest: Guest) -> None:
    photo = {"photo": [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]}
    for _ in range(3):
        send_raw(world, guest, photo)
    [told] = guest.chat.wait_for_replies()
    assert told.text == "I read only text so far. Please write your question."
    assert len(guest.asks(QUESTION)) == 1
    [again] = guest.replies_to(lambda: send_raw(world, guest, photo))
    assert again.text == told.text


def test_change_of_the_chat_gets_no_reply(world: World, guest: Guest) -> None:
    pinned = {"message_id": 1, "date": 0, "chat": {"id": guest.chat.id, "type": "private"}}
    send_raw(world, guest, {"pinned_message": pinned})
    guest.ask(QUESTION)
    assert len(guest.chat.replies) == 1


def test_button_of_a_message_that_telegram_no_longer_shows_is_told_so(world: World, guest: Guest) -> None:
    old = Asked("old-press", world.telegram.world.clock.now(), guest.person)
    world.telegram.world.presses[old.id] = old
    message = {"message_id": 1, "date": 0, "chat": guest.chat.to_json()}
    told: dict[str, object] = {
        "id": old.id,
        "from": guest.person.to_json(),
        "chat_instance": "1",
        "data": "s:1:1:1",
        "message": message,
    }
    world.telegram.world.publish("callback_query", told)
    assert old.wait()["text"] == "I no longer have that answer."


def test_answer_of_inline_mode_that_is_sent_here_is_no_question(world: World, guest: Guest) -> None:
    send_raw(world, guest, {"text": QUESTION, "via_bot": world.telegram.bot.to_json()})
    guest.ask("who owns the bakery?")
    assert len(guest.chat.replies) == 1


def test_question_without_words_is_asked_for_some(guest: Guest) -> None:
    assert guest.ask("🙂🙂 ???").text == "I find no words in that. Please write your question."


def test_too_long_question_is_told_the_limit(guest: Guest) -> None:
    told = guest.ask("why " * 600)
    assert told.text.startswith("Your question has 2,399 characters, I take at most 2,000.")


def test_long_answer_comes_whole_in_several_messages_with_buttons_below_the_last(index: Path) -> None:
    sentence = "The ministry said on Thursday that 12,000 soldiers had 😀 arrived in Kursk. "
    text = (sentence * 150).strip()

    def long(question: str, conversation: Conversation = ()) -> Answer:
        return replace(echo(question), text=text)

    with World(index) as world, world.running(ScriptedAnswers(long)):
        pieces = world.alice.asks("a long one?", 3)
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text.replace(" ", "")
    assert all(piece.text.endswith("Kursk.") for piece in pieces)
    assert all(len(piece.text.encode("utf-16-le")) <= 2 * 4096 for piece in pieces)


def send_raw(world: World, guest: Guest, content: Mapping[str, object]) -> None:
    """Let a guest send what is no text."""
    message = guest.chat.add(guest.person, "", more=dict(content))
    world.telegram.world.publish("message", guest.chat.message_json(message))
