"""What was said in each room: kept as it is said, and at hand again after a restart."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, ParamSpec, TypeVar

from bot.database import Database
from bot.datatypes import Answer, Conversation, Turn
from bot.feedback import Feedback
from bot.history import History, TurnKey
from bot.receipts import receipt_of
from bot.telegram_app.chats import Chat, Chats, conversation_name
from bot.telegram_app.inbox import until_kept
from bot.telegram_app.rooms import Room
from bot.terminal_chat import REMEMBERED_TURNS
from bot.turns import FindArticles
from retrieval.errors import HistoryError

_LOG = logging.getLogger("footnote.telegram")
# Reading twenty turns again costs more than answering some questions, so those that talk now stay at hand.
_AT_HAND = 200
_ROOMS_AT_HAND = 10_000
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Kept(NamedTuple):
    """Names an answer within its room: which conversation of the room, and which turn of it."""

    session: int
    turn: int


class Remembering:
    """Keeps conversations, and what else is known of rooms; its database is used from one thread."""

    def __init__(
        self, database: Database, chats: Chats, articles: FindArticles, index: Mapping[str, str]
    ) -> None:
        """Take where all is kept, what finds articles by id, and how the index is described."""
        self._chats = chats
        self._history = History(database)
        self._feedback = Feedback(database)
        self._articles = articles
        self._index = index
        self._thread = ThreadPoolExecutor(1, "remembering")
        self._talks: OrderedDict[str, Conversation] = OrderedDict()
        self._rooms: dict[Room, Chat] = {}

    async def room(self, room: Room) -> Chat:
        """Look up what is known of a room."""
        if room not in self._rooms:
            if len(self._rooms) >= _ROOMS_AT_HAND:
                self._rooms.clear()
            self._rooms[room] = await self._until_kept(partial(self._chats.chat, *room))
        return self._rooms[room]

    async def conversation(self, room: Room) -> Conversation:
        """Give what was said in the conversation that goes on in a room."""
        chat = await self.room(room)
        if chat.name not in self._talks:
            try:
                talk = await self.run(self._history.load, chat.name, self._articles, REMEMBERED_TURNS)
            except HistoryError as error:
                # An answer that takes nothing over is better than none.
                _LOG.error("%s", error)
                return ()
            self._hold(chat.name, talk)
        self._talks.move_to_end(chat.name)
        return self._talks[chat.name]

    async def keep(self, room: Room, turn: Turn, update_id: int) -> Kept:
        """Keep a turn of the conversation that goes on in a room, as what answers an update."""
        chat = await self.room(room)
        receipt = receipt_of(turn.answer, self._index)
        also = self._chats.answering(update_id, chat.session)
        # The database may fail for a while: an answer that was worked out is worth waiting for it.
        key = await self._until_kept(partial(self._history.keep, chat.name, turn, receipt, also))
        before = self._talks.get(chat.name, ())
        self._hold(chat.name, (*before, turn)[-REMEMBERED_TURNS:])
        return Kept(chat.session, key.number)

    async def answer(self, room: Room, kept: Kept) -> Answer | None:
        """Find an answer again; None where it was forgotten."""
        turn = await self.run(self._history.load_turn, self._key(room, kept), self._articles)
        return turn.answer if turn else None

    async def begun(self, update_id: int) -> tuple[Kept, int] | None:
        """Find the answer to an update, and how many messages of it were sent; None before there is one."""
        if not self._chats.is_from_before(update_id):
            return None
        begun = await self._until_kept(partial(self._chats.begun, update_id))
        return begun and (Kept(begun.session, begun.turn), begun.parts)

    async def sent(self, update_id: int) -> None:
        """Note that Telegram has taken one more message of the answer to an update."""
        await self._until_kept(partial(self._chats.sent, update_id))

    async def judge(self, room: Room, kept: Kept, person: int, *, is_good: bool) -> bool | None:
        """Keep a person's verdict on an answer, or take it back where it is said again.

        Returns:
            Whether there is a verdict now; None where the answer was forgotten.
        """
        return await self.run(self._judge, self._key(room, kept), str(person), is_good)

    async def begin_anew(self, room: Room) -> None:
        """Begin a new conversation in a room."""
        await self._change(room, partial(self._chats.begin_anew, *room))

    async def choose_language(self, room: Room, language: str | None) -> None:
        """Note in which language to talk in a room; None is each person's own."""
        await self._change(room, partial(self._chats.choose_language, *room, language))

    async def forget(self, room: Room) -> int:
        """Delete all that was said in a room, and say how many turns that were."""
        forgotten = await self._change(room, partial(self._chats.forget, *room))
        self._talks.clear()
        return forgotten

    async def run(self, function: Callable[_P, _T], *values: _P.args, **named: _P.kwargs) -> _T:
        """Do something with the database in its thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(*values, **named))

    async def _until_kept(self, work: Callable[[], _T]) -> _T:
        return await until_kept(self._thread, work)

    async def _change(self, room: Room, work: Callable[[], _T]) -> _T:
        try:
            return await self.run(work)
        finally:
            self._rooms.pop(room, None)

    def _judge(self, key: TurnKey, person: str, is_good: bool) -> bool | None:
        if self._feedback.given(key, person) is is_good:
            self._feedback.take_back(key, person)
            return False
        return self._feedback.give(key, person, is_good=is_good) or None

    def _key(self, room: Room, kept: Kept) -> TurnKey:
        return TurnKey(conversation_name(*room, kept.session), kept.turn)

    def _hold(self, name: str, talk: Conversation) -> None:
        self._talks[name] = talk
        while len(self._talks) > _AT_HAND:
            self._talks.popitem(last=False)
