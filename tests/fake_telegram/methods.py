"""The methods of the Bot API, as far as a bot that writes texts needs them."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from tests.fake_telegram.errors import Json, Refused, bad
from tests.fake_telegram.keyboards import read_keyboard
from tests.fake_telegram.rooms import Message, Room
from tests.fake_telegram.texts import Entity, clean, read_entities, units
from tests.fake_telegram.world import Asked, World

Parameters = Mapping[str, object]
_Kind = TypeVar("_Kind", int, str)
_ACTIONS = {"typing", "upload_document", "upload_photo", "record_video", "upload_video", "record_voice",
            "upload_voice", "choose_sticker", "find_location", "record_video_note",
            "upload_video_note"}  # fmt: skip
_MOST_RESULTS, _LONGEST_NOTICE, _MOST_COMMANDS, _LARGEST_FILE = 50, 200, 100, 20_000_000
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


def get_me(world: World, given: Parameters) -> Json:
    return world.bot.to_json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def send_message(world: World, given: Parameters) -> Json:
    room = _room(world, given)
    topic = room.topic(given.get("message_thread_id"))
    text, entities = _text(world, given)
    keyboard = read_keyboard(given["reply_markup"], world.mended.append) if "reply_markup" in given else ()
    reply_to = _reply_to(room, given)
    world.rates.take("message", room.id)
    if room.draft:
        room.draft = None
    message = room.add(world.bot, text, entities=entities, keyboard=keyboard, topic=topic, reply_to=reply_to)
    return room.message_json(message)


def edit_message_text(world: World, given: Parameters) -> Json:
    room = _room(world, given)
    message = _own(room, given)
    text, entities = _text(world, given)
    return _change(world, room, given, replace(message, text=text, entities=entities))


def edit_message_reply_markup(world: World, given: Parameters) -> Json:
    room = _room(world, given)
    return _change(world, room, given, _own(room, given))


def delete_message(world: World, given: Parameters) -> bool:
    room = _room(world, given)
    message = room.shown.get(_value(given, "message_id", int))
    if message is None:
        raise bad("message to delete not found")
    if not message.is_bots and room.kind != "private":
        raise bad("message can't be deleted")
    room.remove(message.message_id)
    return True


def send_message_draft(world: World, given: Parameters) -> bool:
    room = _room(world, given)
    # How Telegram words these two is not published.
    if room.kind != "private":
        raise bad("drafts can be sent to private chats only")
    number = _value(given, "draft_id", int)
    if number == 0:
        raise bad("draft_id must be non-zero")
    topic = room.topic(given.get("message_thread_id"))
    text, entities = _text(world, given, may_be_empty=True)
    world.rates.take("draft", room.id)
    room.draft = Message(
        chat_id=room.id, message_id=number, sender=world.bot, text=text, entities=entities, topic=topic,
        date=int(time.time()),
    )  # fmt: skip
    room.drafts.append(room.draft)
    return True


def send_chat_action(world: World, given: Parameters) -> bool:
    room = _room(world, given)
    room.topic(given.get("message_thread_id"))
    action = _value(given, "action", str)
    if action not in _ACTIONS:
        raise bad("wrong parameter action in request")
    room.actions.append(action)
    return True


def answer_callback_query(world: World, given: Parameters) -> bool:
    text = given.get("text", "")
    asked = _asked(world, world.presses, given, "callback_query_id", world.limits.callback_seconds)
    if isinstance(text, str) and units(text) > _LONGEST_NOTICE:
        raise bad("MESSAGE_TOO_LONG")
    asked.take({name: value for name, value in given.items() if name != "callback_query_id"})
    return True


def answer_inline_query(world: World, given: Parameters) -> bool:
    asked = _asked(world, world.inline, given, "inline_query_id", world.limits.inline_seconds)
    results = given.get("results")
    if not isinstance(results, list):
        raise bad("can't parse inline query results JSON object")
    if len(results) > _MOST_RESULTS:
        raise bad("RESULTS_TOO_MUCH")
    numbers = [str(result.get("id", "")) for result in results]
    if any(not 1 <= len(number.encode()) <= 64 for number in numbers):
        raise bad("RESULT_ID_INVALID")
    if len(set(numbers)) < len(numbers):
        raise bad("RESULT_ID_DUPLICATE")
    shown = [result | {"input_message_content": _content(world, result)} for result in results]
    asked.take(dict(given) | {"results": shown})
    return True


def set_my_commands(world: World, given: Parameters) -> bool:
    commands = given.get("commands")
    if not isinstance(commands, list):
        raise bad("can't parse commands JSON object")
    if len(commands) > _MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch("[a-z0-9_]{1,32}", str(command.get("command"))):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", "")).strip()) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_commands_key(given)] = commands
    return True


def get_my_commands(world: World, given: Parameters) -> list[Json]:
    return world.commands.get(_commands_key(given), [])


def delete_my_commands(world: World, given: Parameters) -> bool:
    world.commands.pop(_commands_key(given), None)
    return True


def get_file(world: World, given: Parameters) -> Json:
    number = _value(given, "file_id", str)
    if number not in world.files:
        raise bad("wrong file_id or the file is temporarily unavailable")
    path, content = world.files[number]
    if len(content) > _LARGEST_FILE:
        raise bad("file is too big")
    return {"file_id": number, "file_unique_id": f"u{number}", "file_size": len(content), "file_path": path}


Method = Callable[[World, Parameters], object]
METHODS: Mapping[str, Method] = {
    method.__name__.replace("_", ""): method
    for method in (
        get_me, send_message, edit_message_text, edit_message_reply_markup, delete_message,
        send_message_draft, send_chat_action, answer_callback_query, answer_inline_query,
        set_my_commands, get_my_commands, delete_my_commands, get_file,
    )
}  # fmt: skip


def _value(given: Parameters, name: str, kind: type[_Kind]) -> _Kind:
    value = given.get(name)
    if kind is str and isinstance(value, int):
        value = str(value)
    if not isinstance(value, kind):
        raise bad(f"parameter '{name}' is required" if value is None else f"invalid {name} specified")
    return value


def _room(world: World, given: Parameters) -> Room:
    chat = given.get("chat_id")
    if chat is None or chat == "":
        raise bad("chat_id is empty")
    room = world.rooms.get(chat) if isinstance(chat, int) else None
    if room is None:
        raise bad("chat not found")
    if room.refusal:
        raise room.refusal
    return room


def _text(world: World, given: Parameters, *, may_be_empty: bool = False) -> tuple[str, tuple[Entity, ...]]:
    if given.get("parse_mode"):
        raise Refused(501, "Not Implemented: this fake takes entities, no parse_mode")
    entities = read_entities(given.get("entities") or [])
    return clean(str(given.get("text", "")), entities, world.mended.append, may_be_empty=may_be_empty)


def _reply_to(room: Room, given: Parameters) -> int | None:
    reply = given.get("reply_parameters")
    if not isinstance(reply, dict):
        return None
    number = reply.get("message_id")
    if isinstance(number, int) and number in room.shown:
        return number
    if reply.get("allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")


def _own(room: Room, given: Parameters) -> Message:
    message = room.shown.get(_value(given, "message_id", int))
    if message is None:
        raise bad("message to edit not found")
    if not message.is_bots:
        raise bad("message can't be edited")
    return message


def _change(world: World, room: Room, given: Parameters, message: Message) -> Json:
    """Show a message as it is asked for; without a keyboard in the request it loses the one that it has."""
    markup = given.get("reply_markup")
    message = replace(message, keyboard=read_keyboard(markup, world.mended.append) if markup else ())
    if message == room.shown[message.message_id]:
        raise bad(_UNCHANGED)
    world.rates.take("edit", room.id)
    return room.message_json(room.change(replace(message, edited=int(time.time()))))


def _asked(world: World, known: Mapping[str, Asked], given: Parameters, name: str, seconds: float) -> Asked:
    asked = known.get(_value(given, name, str))
    if asked is None or asked.answer is not None or world.clock.now() - asked.at > seconds:
        raise bad(_TOO_OLD)
    return asked


def _content(world: World, result: Json) -> Json:
    content = result.get("input_message_content")
    if not str(result.get("title", "")).strip():
        raise bad("ARTICLE_TITLE_EMPTY")
    if not isinstance(content, dict):
        raise bad("MESSAGE_EMPTY")
    entities = read_entities(content.get("entities") or [])
    text, kept = clean(str(content.get("message_text", "")), entities, world.mended.append)
    return content | {"message_text": text, "entities": [entity.to_json() for entity in kept]}


def _commands_key(given: Parameters) -> tuple[str, str]:
    scope = given.get("scope")
    kind = scope.get("type", "default") if isinstance(scope, dict) else "default"
    return str(kind), str(given.get("language_code") or "")
