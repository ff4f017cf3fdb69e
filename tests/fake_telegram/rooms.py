"""Chats as they stand: their messages, drafts, topics, and how the bot sees them."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tests.fake_telegram.errors import Json, Refused, bad
from tests.fake_telegram.keyboards import Button, Keyboard, keyboard_json
from tests.fake_telegram.texts import Entity, part
from tests.fake_telegram.world import Person, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it is shown now; `topic` is the topic of a forum that it stands in."""

    chat_id: int
    message_id: int
    sender: Person
    text: str
    date: int
    entities: tuple[Entity, ...] = ()
    keyboard: Keyboard = ()
    topic: int | None = None
    thread: int | None = None
    reply_to: int | None = None
    edited: int | None = None
    # What else Telegram tells of it: a file, where it was forwarded from.
    more: Json = field(default_factory=dict)

    @property
    def is_bots(self) -> bool:
        return self.sender.is_bot

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.keyboard for button in row]

    def button(self, text: str) -> Button:
        """Find the button whose label holds these words."""
        found = [button for button in self.buttons if text in button.text]
        assert found, f"No button {text!r} among {[button.text for button in self.buttons]}."
        return found[0]

    def parts(self, kind: str) -> list[str]:
        """Give the texts of its entities of a kind."""
        return [part(self.text, one.offset, one.end) for one in self.entities if one.type == kind]

    @property
    def links(self) -> list[str]:
        return [entity.url for entity in self.entities if entity.url]


class Room:
    """A chat with its messages, in the order of their numbers."""

    def __init__(self, world: World, number: int, kind: str, title: str, people: Iterable[Person]) -> None:
        self.world = world
        self.id = number
        self.kind = kind
        self.title = title
        self.people = tuple(people)
        self.topics: dict[int, str] | None = None
        self.shown: dict[int, Message] = {}
        self.deleted: list[Message] = []
        self.draft: Message | None = None
        self.drafts: list[Message] = []
        self.actions: list[str] = []
        self.refusal: Refused | None = None
        self._last = 0
        world.rooms[number] = self

    @property
    def messages(self) -> list[Message]:
        """What the chat shows now."""
        with self.world.changed:
            return list(self.shown.values())

    @property
    def replies(self) -> list[Message]:
        """What the bot wrote of it."""
        return [message for message in self.messages if message.is_bots]

    def next_id(self) -> int:
        self._last += 1
        return self._last

    def to_json(self) -> Json:
        fields: Json = {"id": self.id, "type": self.kind}
        if self.kind == "private":
            person = self.people[0]
            return (
                fields
                | {"first_name": person.name}
                | ({"username": person.username} if person.username else {})
            )
        return fields | {"title": self.title} | ({"is_forum": True} if self.topics is not None else {})

    def message_json(self, message: Message, *, with_reply: bool = True) -> Json:
        """Tell of a message as the Bot API does."""
        fields: Json = {
            "message_id": message.message_id,
            "from": message.sender.to_json(),
            "chat": self.to_json(),
            "date": message.date,
        }
        text, entities = (
            ("caption", "caption_entities") if "document" in message.more else ("text", "entities")
        )
        if message.text:
            fields[text] = message.text
        if message.entities:
            fields[entities] = [entity.to_json() for entity in message.entities]
        if message.keyboard:
            fields["reply_markup"] = keyboard_json(message.keyboard)
        if message.topic is not None:
            fields |= {"message_thread_id": message.topic, "is_topic_message": True}
        elif message.thread is not None:
            fields["message_thread_id"] = message.thread
        if message.edited:
            fields["edit_date"] = message.edited
        replied = self.shown.get(message.reply_to or message.topic or 0)
        if with_reply and replied and replied != message:
            fields["reply_to_message"] = self.message_json(replied, with_reply=False)
        return fields | message.more

    def add(self, sender: Person, text: str, **fields: object) -> Message:
        """Show a message; `fields` are any others of a message."""
        with self.world.changed:
            given = {"date": int(time.time()), **fields}
            message = Message(
                chat_id=self.id,
                message_id=self.next_id(),
                sender=sender,
                text=text,
                **given,  # type: ignore[arg-type]
            )
            replied = self.shown.get(message.reply_to or 0)
            if replied and self.kind == "supergroup" and self.topics is None:
                message = replace(message, thread=replied.thread or replied.message_id)
            self.shown[message.message_id] = message
            self.world.changed.notify_all()
            return message

    def change(self, message: Message) -> Message:
        """Show a message differently."""
        with self.world.changed:
            self.shown[message.message_id] = message
            self.world.changed.notify_all()
            return message

    def remove(self, message_id: int) -> Message | None:
        """Show a message no longer."""
        with self.world.changed:
            if message := self.shown.pop(message_id, None):
                self.deleted.append(message)
                self.world.changed.notify_all()
            return message

    def topic(self, number: object) -> int | None:
        """Check where in a forum a message of the bot goes; the general topic has no number.

        Raises:
            Refused: There is no such topic.
        """
        if number is None or (number == 1 and self.topics is not None):
            return None
        if not isinstance(number, int) or self.topics is None or number not in self.topics:
            raise bad("message thread not found")
        return number

    def is_seen(self, message: Message) -> bool:
        """Tell whether the bot is told of a message: with privacy on, only what concerns it."""
        if (
            self.kind == "private"
            or not self.world.privacy
            or not (message.text or "document" in message.more)
        ):
            return True
        replied = self.shown.get(message.reply_to or 0)
        return bool(replied and replied.is_bots) or any(self._concerns(message))

    def _concerns(self, message: Message) -> Iterator[bool]:
        name = f"@{self.world.bot.username}".casefold()
        for entity in message.entities:
            words = part(message.text, entity.offset, entity.end).casefold()
            yield entity.type == "mention" and words == name
            yield entity.type == "bot_command" and ("@" not in words or words.endswith(name))
            yield entity.type == "text_mention" and (entity.user or {}).get("id") == self.world.bot.id
