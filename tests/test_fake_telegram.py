"""What the fake Bot API server enforces, asked by the library's own bot."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    MessageEntity,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, EndPointNotFound, Forbidden, InvalidToken, TelegramError

from tests.fake_telegram import NO_LIMITS, Chat, FakeTelegram, Person

Result = TypeVar("Result")
Work = Callable[[Bot], Awaitable[Result]]


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram(limits=NO_LIMITS) as telegram:
        yield telegram


@pytest.fixture
def alice(telegram: FakeTelegram) -> Person:
    return telegram.person("Alice", language="it", username="alice")


@pytest.fixture
def chat(telegram: FakeTelegram, alice: Person) -> Chat:
    return telegram.private(alice)


def ask(telegram: FakeTelegram, work: Work[Result], token: str | None = None) -> Result:
    """Let a bot do something, and give what comes of it."""

    async def run() -> Result:
        bot = Bot(token or telegram.token, base_url=telegram.base_url, base_file_url=telegram.base_file_url)
        async with bot:
            return await work(bot)

    return asyncio.run(run())


def updates(telegram: FakeTelegram, offset: int = 0) -> list[Update]:
    return list(ask(telegram, lambda bot: bot.get_updates(offset=offset, timeout=0)))


def bold(offset: int, length: int) -> list[MessageEntity]:
    return [MessageEntity(MessageEntity.BOLD, offset, length)]


def test_a_message_when_it_is_sent_is_shown_and_told_back(telegram: FakeTelegram, chat: Chat) -> None:
    sent = ask(telegram, lambda bot: bot.send_message(chat.id, "👍 Riga", entities=bold(3, 4)))
    [shown] = chat.replies
    assert (sent.message_id, sent.text, sent.chat.id) == (shown.message_id, "👍 Riga", chat.id)
    assert shown.parts("bold") == ["Riga"] and sent.parse_entity(sent.entities[0]) == "Riga"
    assert telegram.mended == []


@pytest.mark.parametrize(
    ("text", "entities", "error"),
    [
        ("", [], "Message text is empty"),
        (" \n\u200b", [], "Message text is empty"),
        ("x" * 4097, [], "Message is too long"),
        ("👍" * 2049, [], "Message is too long"),
        ("Riga", bold(3, 6), "Entity beginning at utf-16 offset 3 ends after the end"),
        ("Riga", bold(9, 1), "Entity begins after the end of the text at utf-16 offset 9"),
        ("👍 Riga", bold(1, 3), "Entity begins in a middle of a utf-16 symbol at byte offset 4"),
        ("👍 Riga", bold(0, 1), "Entity beginning at utf-16 offset 0 ends in a middle"),
        ("Riga", bold(-1, 2), "incorrect offset -1"),
        ("Riga", [MessageEntity("text_link", 0, 4, url="ftp://example.org")], "Unsupported URL protocol"),
        ("Riga", [MessageEntity("text_link", 0, 4, url="https://riga")], "Wrong HTTP URL"),
        (
            "Riga",
            [MessageEntity("text_link", 0, 4, url=f"https://example.org/{'a' * 9500}")],
            "Entities_too_long",
        ),
    ],
    ids=range(12),
)
def test_a_text_when_telegram_would_not_take_it_is_refused(
    telegram: FakeTelegram, chat: Chat, text: str, entities: list[MessageEntity], error: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){error}"):
        ask(telegram, lambda bot: bot.send_message(chat.id, text, entities=entities))
    assert chat.replies == []


@pytest.mark.parametrize(
    ("text", "entities", "shown", "parts", "mended"),
    [
        ("  Riga \n", bold(2, 4), "Riga", ["Riga"], 0),
        ("  Riga \n", bold(0, 8), "  Riga", ["  Riga"], 1),
        ("Ri\rga\tA\u030a", bold(0, 5), "Riga A", ["Riga"], 0),
        ("x" * 4096 + "\n", [], "x" * 4096, [], 0),
        ("ab" * 120, [one for n in range(110) for one in bold(2 * n, 1)], "ab" * 120, ["a"] * 100, 1),
        ("Riga", [MessageEntity("code", 0, 4), *bold(1, 2)], "Riga", [], 1),
        ("Riga", [MessageEntity("blockquote", 0, 3), MessageEntity("blockquote", 2, 2)], "Riga", [], 1),
        ("Riga", [*bold(0, 3), MessageEntity("italic", 2, 2)], "Riga", ["Rig"], 0),
    ],
    ids=range(8),
)
def test_a_text_when_telegram_mends_it_is_shown_as_telegram_shows_it(
    telegram: FakeTelegram,
    chat: Chat,
    text: str,
    entities: list[MessageEntity],
    shown: str,
    parts: list[str],
    mended: int,
) -> None:
    ask(telegram, lambda bot: bot.send_message(chat.id, text, entities=entities))
    [message] = chat.replies
    assert (message.text, message.parts("bold")) == (shown, parts)
    assert len(telegram.mended) == mended


def keyboard(*rows: list[str], data: str = "x") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label in row] for row in rows]
    )


@pytest.mark.parametrize(
    ("markup", "error"),
    [
        (keyboard(["a"], data="à" * 33), "Button_data_invalid"),
        (keyboard(["a"], data=""), "Button_data_invalid"),
        (keyboard(*[["a"]] * 101), "Reply markup is too long"),
        (keyboard(*[["a" * 200]] * 50), "Reply markup is too long"),
        (InlineKeyboardMarkup([[InlineKeyboardButton("a")]]), "text buttons are unallowed"),
        (InlineKeyboardMarkup([[InlineKeyboardButton("a", url="riga")]]), "wrong http url"),
    ],
    ids=range(6),
)
def test_a_keyboard_when_telegram_would_not_take_it_is_refused(
    telegram: FakeTelegram, chat: Chat, markup: InlineKeyboardMarkup, error: str
) -> None:
    with pytest.raises(BadRequest, match=error):
        ask(telegram, lambda bot: bot.send_message(chat.id, "Riga", reply_markup=markup))


def test_a_row_when_it_has_more_than_eight_buttons_shows_eight(telegram: FakeTelegram, chat: Chat) -> None:
    ask(telegram, lambda bot: bot.send_message(chat.id, "Riga", reply_markup=keyboard(list("123456789"))))
    assert len(chat.replies[0].buttons) == 8
    assert telegram.mended == ["only 8 of 9 buttons of a row are shown"]


def test_a_reply_when_its_message_is_gone_is_refused_unless_it_may_stand_alone(
    telegram: FakeTelegram, alice: Person, chat: Chat
) -> None:
    question = chat.says(alice, "Riga?")
    ask(telegram, lambda bot: bot.send_message(chat.id, "1", reply_parameters=ReplyParameters(1)))
    chat.deletes(question)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        ask(telegram, lambda bot: bot.send_message(chat.id, "2", reply_parameters=ReplyParameters(1)))
    alone = ReplyParameters(1, allow_sending_without_reply=True)
    ask(telegram, lambda bot: bot.send_message(chat.id, "3", reply_parameters=alone))
    assert [(message.text, message.reply_to) for message in chat.replies] == [("1", 1), ("3", None)]


def test_an_edit_when_nothing_changes_or_nothing_can_is_refused(
    telegram: FakeTelegram, alice: Person, chat: Chat
) -> None:
    question = chat.says(alice, "Riga?")
    sent = ask(telegram, lambda bot: bot.send_message(chat.id, "Riga", reply_markup=keyboard(["a"])))
    number = sent.message_id
    with pytest.raises(BadRequest, match="Message is not modified"):
        ask(
            telegram, lambda bot: bot.edit_message_text("Riga", chat.id, number, reply_markup=keyboard(["a"]))
        )
    with pytest.raises(BadRequest, match="Message can't be edited"):
        ask(telegram, lambda bot: bot.edit_message_text("Riga", chat.id, question.message_id))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        ask(telegram, lambda bot: bot.edit_message_text("Riga", chat.id, 99))
    ask(telegram, lambda bot: bot.edit_message_reply_markup(chat.id, number, reply_markup=keyboard(["b"])))
    assert [button.text for button in chat.replies[0].buttons] == ["b"]
    ask(telegram, lambda bot: bot.edit_message_text("Rīga", chat.id, number))
    assert (chat.replies[0].text, chat.replies[0].buttons) == ("Rīga", [])


def test_a_message_when_it_is_deleted_is_shown_no_longer(
    telegram: FakeTelegram, alice: Person, chat: Chat
) -> None:
    sent = ask(telegram, lambda bot: bot.send_message(chat.id, "Riga"))
    ask(telegram, lambda bot: bot.delete_message(chat.id, sent.message_id))
    assert chat.messages == [] and [message.text for message in chat.deleted] == ["Riga"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        ask(telegram, lambda bot: bot.delete_message(chat.id, sent.message_id))
    desk = telegram.group("News desk", [alice])
    theirs = desk.says(alice, "Riga?")
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        ask(telegram, lambda bot: bot.delete_message(desk.id, theirs.message_id))


def test_a_draft_when_it_is_sent_is_shown_until_the_message(
    telegram: FakeTelegram, alice: Person, chat: Chat
) -> None:
    async def write(bot: Bot) -> None:
        await bot.send_message_draft(chat.id, 7, "Ri")
        await bot.send_message_draft(chat.id, 7, "Riga")
        assert chat.draft is not None and chat.draft.text == "Riga"
        await bot.send_message(chat.id, "Riga.")

    ask(telegram, write)
    assert chat.draft is None and [draft.text for draft in chat.drafts] == ["Ri", "Riga"]
    with pytest.raises(BadRequest, match="must be non-zero"):
        ask(telegram, lambda bot: bot.send_message_draft(chat.id, 0, "Riga"))
    group = telegram.group("News desk", [alice])
    with pytest.raises(BadRequest, match="private chats only"):
        ask(telegram, lambda bot: bot.send_message_draft(group.id, 7, "Riga"))


def test_typing_when_it_is_told_is_noted(telegram: FakeTelegram, chat: Chat) -> None:
    ask(telegram, lambda bot: bot.send_chat_action(chat.id, "typing"))
    assert chat.actions == ["typing"]
    with pytest.raises(BadRequest, match="Wrong parameter action"):
        ask(telegram, lambda bot: bot.send_chat_action(chat.id, "thinking"))


def test_a_topic_when_it_is_not_there_is_refused(telegram: FakeTelegram, alice: Person, chat: Chat) -> None:
    desk = telegram.group("News desk", [alice], is_forum=True)
    asia = desk.opens_topic(alice, "Asia")
    sent = ask(telegram, lambda bot: bot.send_message(desk.id, "Japan", message_thread_id=asia))
    assert (sent.message_thread_id, sent.is_topic_message, desk.replies[0].topic) == (asia, True, asia)
    desk.closes_topic(asia)
    with pytest.raises(BadRequest, match="Message thread not found"):
        ask(telegram, lambda bot: bot.send_message(desk.id, "Japan", message_thread_id=asia))
    with pytest.raises(BadRequest, match="Message thread not found"):
        ask(telegram, lambda bot: bot.send_message(chat.id, "Japan", message_thread_id=asia))


def test_a_chat_when_it_is_unknown_or_has_blocked_the_bot_is_refused(
    telegram: FakeTelegram, alice: Person, chat: Chat
) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        ask(telegram, lambda bot: bot.send_message(42, "Riga"))
    chat.blocks()
    with pytest.raises(Forbidden, match="blocked by the user"):
        ask(telegram, lambda bot: bot.send_message(chat.id, "Riga"))
    chat.blocks(is_blocked=False)
    ask(telegram, lambda bot: bot.send_message(chat.id, "Riga"))
    assert [request.status for request in telegram.requested("sendMessage")] == [400, 403, 200]


def test_a_press_when_it_is_answered_shows_the_notice_once(
    telegram: FakeTelegram, alice: Person, chat: Chat
) -> None:
    ask(telegram, lambda bot: bot.send_message(chat.id, "Riga", reply_markup=keyboard(["👍"], data="up:1")))
    press = chat.presses(alice, chat.replies[0], "👍")
    [update] = updates(telegram)
    query = update.callback_query
    assert query and (query.data, query.from_user.id, query.message and query.message.chat.id) == (
        "up:1",
        alice.id,
        chat.id,
    )
    with pytest.raises(BadRequest, match="Message_too_long"):
        ask(telegram, lambda bot: bot.answer_callback_query(query.id, "x" * 201))
    ask(telegram, lambda bot: bot.answer_callback_query(query.id, "Grazie", show_alert=True))
    assert press.wait() == {"text": "Grazie", "show_alert": True}
    with pytest.raises(BadRequest, match="Query is too old"):
        ask(telegram, lambda bot: bot.answer_callback_query(query.id))


def article(number: str, text: str = "Riga") -> InlineQueryResultArticle:
    return InlineQueryResultArticle(number, "Riga", InputTextMessageContent(text, entities=bold(0, 2)))


def test_an_inline_query_when_it_is_answered_can_be_sent_to_a_chat(
    telegram: FakeTelegram, alice: Person, chat: Chat
) -> None:
    asked = telegram.asks_inline(alice, "Riga")
    [update] = updates(telegram)
    query = update.inline_query
    assert query and query.query == "Riga"
    results = [article(str(number)) for number in range(51)]
    with pytest.raises(TelegramError, match="Results_too_much"):
        ask(telegram, lambda bot: bot.answer_inline_query(query.id, results, current_offset=None))
    with pytest.raises(BadRequest, match="Result_id_duplicate"):
        ask(telegram, lambda bot: bot.answer_inline_query(query.id, [article("1"), article("1")]))
    with pytest.raises(BadRequest, match="Message text is empty"):
        ask(telegram, lambda bot: bot.answer_inline_query(query.id, [article("1", "   ")]))
    ask(telegram, lambda bot: bot.answer_inline_query(query.id, [article("1")], cache_time=3))
    sent = chat.chooses(alice, asked)
    assert (sent.text, sent.parts("bold"), sent.is_bots) == ("Riga", ["Ri"], False)
    with pytest.raises(BadRequest, match="Query is too old"):
        ask(telegram, lambda bot: bot.answer_inline_query(query.id, [article("1")]))


def test_a_query_when_it_has_waited_too_long_is_refused(alice: Person) -> None:
    with FakeTelegram(speed=1000) as telegram:
        asked = telegram.asks_inline(alice, "Riga")
        time.sleep(0.02)
        with pytest.raises(BadRequest, match="Query is too old"):
            ask(telegram, lambda bot: bot.answer_inline_query(asked.id, [article("1")]))


def test_a_menu_when_it_is_set_is_kept_by_language(telegram: FakeTelegram) -> None:
    menu = [BotCommand("ask", "Chiedi")]
    ask(telegram, lambda bot: bot.set_my_commands(menu, language_code="it"))
    assert ask(telegram, lambda bot: bot.get_my_commands(language_code="it")) == tuple(menu)
    assert ask(telegram, lambda bot: bot.get_my_commands()) == ()
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        ask(telegram, lambda bot: bot.set_my_commands([BotCommand("Ask", "Ask")]))


def test_a_bot_when_its_token_is_wrong_is_refused(telegram: FakeTelegram) -> None:
    with pytest.raises(InvalidToken, match="rejected by the server"):
        ask(telegram, lambda bot: bot.get_me(), "1:WRONG")
    assert telegram.requests[-1].status == 401


def test_a_method_when_nobody_knows_it_is_not_found(telegram: FakeTelegram) -> None:
    with pytest.raises(EndPointNotFound, match="'sendSmell' not found"):
        ask(telegram, lambda bot: bot.do_api_request("sendSmell"))
