"""What is remembered of Telegram: updates until they are answered, and where each chat stands.

An update is written down before Telegram is told that we have it, so nothing is lost when the process is
killed; only a message that Telegram took and that was not noted yet can be sent twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.database import Database, Transaction, written
from bot.history import IN_TELEGRAM, Also, TurnKey

# Telegram gives an update again for a day at most, and counts anew after a week without any.
_KEPT_DAYS = 7
_UPDATES_BETWEEN_CLEANINGS = 500
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a chat or topic stands: the name and number of its conversation, and its language if chosen."""

    name: str
    session: int
    language: str | None


class Begun(NamedTuple):
    """An answer that may not be sent whole: its conversation and turn, and how many messages went out."""

    session: int
    turn: int
    parts: int


class Chats:
    """Updates and chats of a database."""

    def __init__(self, database: Database, now: Now = lambda: datetime.now(UTC)) -> None:
        """Take a database that stays open, and what tells the time."""
        self._database = database
        self._now = now
        self._from_before: frozenset[int] = frozenset()

    def receive(self, update_id: int, body: str) -> bool:
        """Write down an update; false where it is known already."""
        with self._database.writing() as transaction:
            is_new = transaction.change(
                "INSERT INTO telegram_update (id, received, body, parts) VALUES (:id, :now, :body, 0) "
                "ON CONFLICT (id) DO NOTHING",
                id=update_id,
                now=written(self._now()),
                body=body,
            )
            if update_id % _UPDATES_BETWEEN_CLEANINGS == 0:
                transaction.change(
                    "DELETE FROM telegram_update WHERE body IS NULL AND received < :old",
                    old=written(self._now() - timedelta(days=_KEPT_DAYS)),
                )
        return is_new > 0

    def waiting(self) -> list[str]:
        """Read the bodies of the updates that are not done, oldest first."""
        if not self._database.has("telegram_update"):
            return []
        with self._database.transaction() as transaction:
            rows = transaction.rows(
                "SELECT id, body FROM telegram_update WHERE body IS NOT NULL ORDER BY received, id"
            )
        self._from_before = frozenset(update_id for update_id, _ in rows)
        return [body for _, body in rows]

    def is_from_before(self, update_id: int) -> bool:
        """Tell whether an update was among those that waited."""
        return update_id in self._from_before

    def answering(self, update_id: int, session: int) -> Also:
        """Make what notes which turn answers an update, when that turn is kept (`History.keep`)."""

        def note(transaction: Transaction, turn: TurnKey) -> None:
            transaction.change(
                "UPDATE telegram_update SET session = :session, number = :number WHERE id = :id",
                id=update_id,
                session=session,
                number=turn.number,
            )

        return note

    def begun(self, update_id: int) -> Begun | None:
        """Find how far the answer to an update had come; None where there is none yet."""
        if not self._database.has("telegram_update"):
            return None
        statement = "SELECT session, number, parts FROM telegram_update WHERE id = :id AND number IS NOT NULL"
        with self._database.transaction() as transaction:
            row = transaction.row(statement, id=update_id)
        return None if row is None else Begun(*row)

    def sent(self, update_id: int, count: int = 1) -> None:
        """Note that Telegram has taken further messages of an answer."""
        self._note("parts = parts + :count", update_id, count=count)

    def done(self, update_id: int) -> None:
        """Note that nothing is left to do for an update, and delete what it said."""
        self._note("body = NULL", update_id)

    def chat(self, chat_id: int, topic: int | None) -> Chat:
        """Find where a chat or topic stands."""
        row = None
        if self._database.has("telegram_chat"):
            with self._database.transaction() as transaction:
                row = transaction.row(
                    "SELECT session, language FROM telegram_chat WHERE chat = :chat AND topic = :topic",
                    chat=chat_id,
                    topic=topic or 0,
                )
        session, language = row or (1, None)
        return Chat(conversation_name(chat_id, topic, session), session, language)

    def begin_anew(self, chat_id: int, topic: int | None) -> Chat:
        """Begin a new conversation in a chat or topic."""
        self._set_chat("session = telegram_chat.session + 1", chat_id, topic, session=2)
        return self.chat(chat_id, topic)

    def choose_language(self, chat_id: int, topic: int | None, language: str | None) -> Chat:
        """Keep the language that a chat or topic wants; None takes the choice back."""
        self._set_chat("language = excluded.language", chat_id, topic, language=language)
        return self.chat(chat_id, topic)

    def forget(self, chat_id: int, topic: int | None) -> int:
        """Delete all conversations of a chat or topic, begin a new one, and count the turns that are gone."""
        # A new name, or a button below an old answer would find a turn of what is said from now on.
        last = self.begin_anew(chat_id, topic).session
        turns = 0
        with self._database.writing() as transaction:
            for session in range(1, last):
                name = conversation_name(chat_id, topic, session)
                # Turns first, for the count; what people thought of them goes with them.
                turns += transaction.change("DELETE FROM turn WHERE conversation = :name", name=name)
                transaction.change("DELETE FROM conversation WHERE name = :name", name=name)
        self._database.clean_journal()
        return turns

    def _note(self, change: str, update_id: int, **values: str | int) -> None:
        with self._database.writing() as transaction:
            transaction.change(f"UPDATE telegram_update SET {change} WHERE id = :id", id=update_id, **values)

    def _set_chat(
        self, change: str, chat_id: int, topic: int | None, session: int = 1, language: str | None = None
    ) -> None:
        with self._database.writing() as transaction:
            transaction.change(
                "INSERT INTO telegram_chat VALUES (:chat, :topic, :session, :language) "
                f"ON CONFLICT (chat, topic) DO UPDATE SET {change}",
                chat=chat_id,
                topic=topic or 0,
                session=session,
                language=language,
            )


def conversation_name(chat_id: int, topic: int | None, session: int) -> str:
    """Name a conversation of a chat or topic."""
    where = f"{chat_id}/{topic}" if topic else str(chat_id)
    return f"{IN_TELEGRAM}{where} #{session}"
