"""Where people talk: a chat, or one topic of it."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from telegram import Message, Update

# What the buttons carry that delete a conversation, or do not.
FORGET_ALL, FORGET_NOTHING = "f:yes", "f:no"


class Room(NamedTuple):
    """A chat, or a topic of a group that has topics; groups have negative numbers."""

    chat_id: int
    topic: int | None = None

    @property
    def is_private(self) -> bool:
        """Whether only one person is there."""
        return self.chat_id > 0


def room_of(message: "Message") -> Room:
    """Find where a message stands; the number of a thread of replies is no topic."""
    return Room(message.chat_id, message.message_thread_id if message.is_topic_message else None)


def order_of(update: "Update") -> Hashable:
    """Find what an update keeps its order with: messages with their room, buttons with who presses them.

    A button does not wait for the answer to a question, unless it deletes what was said; nothing else waits.
    """
    from telegram import Message

    query = update.callback_query
    if query and query.data == FORGET_ALL and isinstance(query.message, Message):
        return room_of(query.message)
    if message := update.message or update.edited_message:
        return room_of(message)
    if query:
        return "buttons", query.from_user.id
    return "update", update.update_id
