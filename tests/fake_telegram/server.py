"""The server itself: HTTP on loopback, in a thread of its own."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fake_telegram.delivery import Delivery
from tests.fake_telegram.errors import Json, Refused, bad
from tests.fake_telegram.faults import Faults
from tests.fake_telegram.limits import Limits, flood
from tests.fake_telegram.methods import METHODS
from tests.fake_telegram.people import Chat
from tests.fake_telegram.world import Asked, Person, Request, World

_NUMBERS = {"chat_id", "message_id", "message_thread_id", "draft_id", "offset", "limit", "timeout"}
_OBJECTS = {
    *("entities", "reply_markup", "reply_parameters", "allowed_updates", "commands", "scope", "results"),
    *("link_preview_options", "drop_pending_updates", "show_alert", "is_personal", "cache_time"),
}
_FIRST_GROUP = 1_001_000_000_000


class FakeTelegram:
    """A Bot API server with one bot; `with` starts and stops it."""

    def __init__(
        self,
        *,
        token: str = "123456:TEST",
        username: str = "footnote_bot",
        speed: float = 1.0,
        limits: Limits | None = None,
        privacy: bool = True,
    ) -> None:
        """Take the bot, how much faster than the world's the clock runs, and how much the bot may send."""
        bot = Person(id=int(token.partition(":")[0]), name="Footnote", username=username, is_bot=True)
        self.token = token
        self.world = World(bot, limits=limits or Limits(), speed=speed, privacy=privacy)
        self.faults = Faults()
        self.failures: list[BaseException] = []
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="fake-telegram", daemon=True)
        self._delivery = Delivery(self.world)
        self._runner: web.ServerRunner | None = None
        self._site: web.TCPSite | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What a bot's `base_url` is."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.url}/file/bot"

    @property
    def bot(self) -> Person:
        return self.world.bot

    @property
    def requests(self) -> list[Request]:
        """What the bot asked for, in the order of the answers."""
        return list(self.world.requests)

    def requested(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    @property
    def mended(self) -> list[str]:
        """What Telegram would have shown otherwise than the bot wanted, in silence."""
        return self.world.mended

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self.world.waiting)

    @property
    def commands(self) -> Mapping[tuple[str, str], Sequence[Json]]:
        """The menus, by scope and language."""
        return self.world.commands

    @property
    def proxies(self) -> dict[str, str]:
        """Where public addresses of webhooks lead, as a reverse proxy would have it."""
        return self._delivery.proxies

    @property
    def webhook_statuses(self) -> list[int]:
        """What the webhook answered; 0 where nobody did."""
        return self._delivery.statuses

    def person(self, name: str, *, language: str | None = None, username: str | None = None) -> Person:
        """Let somebody have an account."""
        return self.world.person(name, username, language)

    def private(self, person: Person) -> Chat:
        """Open the chat of a person with the bot."""
        return Chat(self.world, person.id, "private", person.name, [person])

    def group(
        self, title: str, members: Sequence[Person], *, is_forum: bool = False, kind: str = "supergroup"
    ) -> Chat:
        """Make a group with the bot in it."""
        number = self.world.number()
        chat = Chat(self.world, -number if kind == "group" else -_FIRST_GROUP - number, kind, title, members)
        if is_forum:
            chat.topics = {}
            # The first message of a forum is its general topic.
            chat.next_id()
        return chat

    def asks_inline(self, person: Person, query: str) -> Asked:
        """Type `@bot query` in some chat."""
        asked = Asked(f"inline{self.world.number()}", self.world.clock.now(), person)
        self.world.inline[asked.id] = asked
        self.world.publish(
            "inline_query", {"id": asked.id, "from": person.to_json(), "query": query, "offset": ""}
        )
        return asked

    def deliver(self, update: Json) -> None:
        """Deliver an update as it is, once: one that was delivered before, of an old number, or malformed."""
        self.world.deliver(update)

    def wait_for(self, wanted: Callable[["FakeTelegram"], bool], *, timeout_seconds: float = 10) -> None:
        """Wait until the server is as wanted."""
        with self.world.changed:
            if not self.world.changed.wait_for(lambda: wanted(self), timeout_seconds):
                asked = [f"{one.method} {one.status}" for one in self.world.requests[-10:]]
                raise AssertionError(f"Not within {timeout_seconds} s; requests: {asked}.")

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Refuse connections inside the block, as a machine does whose server is down."""
        self.go()
        try:
            yield
        finally:
            self.come_back()

    def go(self) -> None:
        """Close the port and every connection."""
        self._call(self._close_port())

    def come_back(self) -> None:
        """Open the same port again."""
        self._call(self._open_port())

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self.failures and error is None:
            raise self.failures[0]

    def _call(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        future: Future[None] = asyncio.run_coroutine_threadsafe(run(), self._loop)
        future.result(30)

    async def _start(self) -> None:
        self.world.wake = lambda: void(self._loop.call_soon_threadsafe(self._delivery.wake))
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await self._open_port()

    async def _open_port(self) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def _close_port(self) -> None:
        assert self._site is not None and self._runner is not None
        await self._site.stop()
        server = self._runner.server
        for connection in server.connections if server else []:
            if connection.transport:
                connection.transport.abort()

    async def _stop(self) -> None:
        assert self._runner is not None
        self.world.wake = lambda: None
        await self._delivery.stop()
        await self._runner.cleanup()
        # Requests for updates that still wait when the test is over.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._respond(request)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as failure:
            # Who hangs up while a request is read is no fault of the server's; aiohttp has no type for it.
            if not request.transport or request.transport.is_closing():
                raise ConnectionResetError from failure
            self.failures.append(failure)
            raise

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/file/bot"):
            return self._file(path.removeprefix("/file/bot"))
        token, _, name = path.removeprefix("/bot").partition("/")
        method = name.lower()
        given: Json = {}
        try:
            given = await _parameters(request)
            if token != self.token:
                raise Refused(401, "Unauthorized") if ":" in token else Refused(404, "Not Found")
            after = await self._suffer(method, request)
            result = await self._follow(method, given, request)
            status, body = 200, {"ok": True, "result": result}
            if after:
                self._cut(request)
        except Refused as refused:
            status, body = refused.code, refused.to_json()
        with self.world.changed:
            told = str(body.get("description", ""))
            self.world.requests.append(Request(name, given, status, told, self.world.clock.now()))
            self.world.changed.notify_all()
        return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")

    async def _suffer(self, method: str, request: web.BaseRequest) -> bool:
        """Let go wrong what is to go wrong first; tell whether the answer is to be lost."""
        faults = self.faults.striking(method)
        for fault in faults:
            if fault.delay_seconds:
                await asyncio.sleep(fault.delay_seconds / self.world.clock.speed)
            if fault.cut_before:
                self._cut(request)
                raise Refused(500, "Internal Server Error")
            if fault.status == 429:
                raise flood(fault.retry_after, self.world.clock.speed)
            if fault.status != 200:
                raise Refused(fault.status, "Bad Gateway" if fault.status == 502 else "Internal Server Error")
        return any(fault.cut_after for fault in faults)

    async def _follow(self, method: str, given: Mapping[str, object], request: web.BaseRequest) -> object:
        delivery = self._delivery
        match method:
            case "getupdates":
                return await delivery.get_updates(
                    given, lambda: request.transport is None or request.transport.is_closing()
                )
            case "setwebhook":
                return await delivery.set_webhook(given)
            case "deletewebhook":
                return await delivery.set_webhook({**given, "url": ""})
            case "getwebhookinfo":
                return delivery.info()
        if method not in METHODS:
            raise Refused(404, "Not Found")
        with self.world.changed:
            return METHODS[method](self.world, given)

    def _cut(self, request: web.BaseRequest) -> None:
        if request.transport:
            request.transport.abort()

    def _file(self, path: str) -> web.Response:
        token, _, name = path.partition("/")
        found = [content for known, content in self.world.files.values() if known == name]
        if token != self.token or not found:
            return web.json_response(Refused(404, "Not Found").to_json(), status=404)
        return web.Response(body=found[0])


def void(value: object) -> None:
    """Drop a value."""


async def _parameters(request: web.BaseRequest) -> Json:
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given.update(json.loads(await request.read() or b"{}"))
        return given
    if request.content_type.startswith("multipart/"):
        given.update(
            {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        )
    else:
        given.update(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    for name in given.keys() & _NUMBERS:
        with suppress(ValueError):
            given[name] = int(str(given[name]))
    for name in given.keys() & _OBJECTS:
        try:
            given[name] = json.loads(str(given[name]))
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None
    return given
