"""What people do in a chat with a bot."""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from tests.fake_telegram.errors import Json, Refused
from tests.fake_telegram.rooms import Message, Room
from tests.fake_telegram.texts import Entity, found_entities, units
from tests.fake_telegram.world import Asked, Person

_BLOCKED = Refused(403, "Forbidden: bot was blocked by the user")
_KICKED = Refused(403, "Forbidden: bot was kicked from the supergroup chat")


class Chat(Room):
    """A chat in which people write, press buttons and look at what the bot shows."""

    def says(
        self,
        person: Person,
        text: str,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
        date: float | None = None,
        mentions: Iterable[Person] = (),
    ) -> Message:
        """Write a message; commands, mentions and addresses in it are marked as Telegram marks them.

        Args:
            person: Who writes.
            text: What.
            reply_to: The message that it answers.
            topic: The topic of the forum where it stands.
            date: When it was sent, in seconds since 1970; now without it.
            mentions: People without a user name whose names stand in the text.
        """
        entities = [*found_entities(text), *(_mention(text, one) for one in mentions)]
        entities.sort(key=lambda entity: entity.offset)
        return self._publish(person, text, entities, reply_to=reply_to, topic=topic, date=date)

    def edits(self, message: Message, text: str) -> Message:
        """Change what somebody wrote."""
        current = self.shown[message.message_id]
        changed = replace(current, text=text, entities=found_entities(text), edited=int(time.time()))
        self.change(changed)
        if self.is_seen(changed):
            self.world.publish("edited_message", self.message_json(changed))
        return changed

    def forwards(self, person: Person, text: str, *, from_name: str, topic: int | None = None) -> Message:
        """Forward what somebody else wrote elsewhere."""
        origin: Json = {"type": "hidden_user", "sender_user_name": from_name, "date": int(time.time()) - 60}
        more: Json = {"forward_origin": origin}
        return self._publish(person, text, found_entities(text), topic=topic, more=more)

    def sends_file(
        self, person: Person, name: str, content: bytes, *, caption: str = "", topic: int | None = None
    ) -> Message:
        """Send a file, which the bot can download."""
        number = f"file{self.world.number()}"
        self.world.files[number] = (f"documents/{number}.{name.rpartition('.')[2]}", content)
        digest = hashlib.sha256(content).hexdigest()[:16]
        document: Json = {
            "file_id": number, "file_unique_id": digest, "file_name": name, "file_size": len(content)
        }  # fmt: skip
        more: Json = {"document": document}
        return self._publish(person, caption, found_entities(caption), topic=topic, more=more)

    def presses(
        self, person: Person, message: Message, button: str = "", *, data: str | None = None
    ) -> Asked:
        """Press the button whose label holds these words; dishonest clients say they pressed other `data`."""
        with self.world.changed:
            shown = self.shown.get(message.message_id, message)
            pressed = data if data is not None else shown.button(button).data
            assert pressed is not None, f"{button!r} opens an address."
            press = Asked(f"press{self.world.number()}", self.world.clock.now(), person)
            self.world.presses[press.id] = press
            told = self.message_json(shown)
        self.world.publish(
            "callback_query",
            {
                "id": press.id,
                "from": person.to_json(),
                "message": told,
                "chat_instance": str(self.id),
                "data": pressed,
            },
        )
        return press

    def chooses(self, person: Person, results: Asked, number: int = 0) -> Message:
        """Send one of the results of an inline query to this chat."""
        shown = results.wait()["results"]
        assert isinstance(shown, list)
        content = shown[number]["input_message_content"]
        entities = tuple(
            Entity(one["type"], one["offset"], one["length"], one.get("url")) for one in content["entities"]
        )
        more: Json = {"via_bot": self.world.bot.to_json()}
        message = self.add(person, content["message_text"], entities=entities, more=more)
        if self.is_seen(message):
            self.world.publish("message", self.message_json(message))
        return message

    def opens_topic(self, person: Person, name: str) -> int:
        """Open a topic of a forum; its number is that of the message which says so."""
        assert self.topics is not None, "Only a forum has topics."
        number = self._last + 1
        self.topics[number] = name
        created: Json = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        message = self.add(person, "", topic=number, more=created)
        self.world.publish("message", self.message_json(message))
        return number

    def closes_topic(self, number: int) -> None:
        """Delete a topic with all that stands in it."""
        assert self.topics is not None
        del self.topics[number]
        for message in [one for one in self.messages if one.topic == number]:
            self.remove(message.message_id)

    def deletes(self, message: Message) -> None:
        """Delete a message, of which Telegram tells no bot."""
        self.remove(message.message_id)

    def blocks(self, *, is_blocked: bool = True) -> None:
        """Block the bot, throw it out of a group, or let it in again."""
        self.refusal = (_BLOCKED if self.kind == "private" else _KICKED) if is_blocked else None

    def wait_for(
        self, wanted: Callable[[list[Message]], bool], *, timeout_seconds: float = 10
    ) -> list[Message]:
        """Wait until what the chat shows is as wanted, and give it."""
        with self.world.changed:
            if self.world.changed.wait_for(lambda: wanted(list(self.shown.values())), timeout_seconds):
                return list(self.shown.values())
        shown = "\n".join(f"  {one.sender.name}: {one.text[:200]!r}" for one in self.messages)
        raise AssertionError(f"Not within {timeout_seconds} s. {self.title or self.id} shows:\n{shown}")

    def wait_for_replies(self, count: int = 1, *, timeout_seconds: float = 10) -> list[Message]:
        """Wait until the chat shows so many messages of the bot, and give them."""
        self.wait_for(
            lambda messages: sum(message.is_bots for message in messages) >= count,
            timeout_seconds=timeout_seconds,
        )
        return self.replies

    def _publish(
        self,
        person: Person,
        text: str,
        entities: Sequence[Entity],
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
        date: float | None = None,
        more: Json | None = None,
    ) -> Message:
        message = self.add(
            person,
            text,
            entities=tuple(entities),
            reply_to=reply_to.message_id if reply_to else None,
            topic=topic or (reply_to.topic if reply_to else None),
            date=int(time.time() if date is None else date),
            more=more or {},
        )
        if self.is_seen(message) and not self.refusal:
            self.world.publish("message", self.message_json(message))
        return message


def _mention(text: str, person: Person) -> Entity:
    start = text.index(person.name)
    return Entity("text_mention", units(text[:start]), units(person.name), user=person.to_json())
