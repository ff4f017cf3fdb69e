"""The Telegram bot from its start to its stop."""

import asyncio
import logging
import os
import signal
import time
from collections import deque
from contextlib import suppress
from secrets import token_urlsafe
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import Application, ApplicationBuilder, CallbackContext, ExtBot, TypeHandler

from bot.settings import Settings
from bot.telegram_app.commands import set_menu
from bot.telegram_app.handlers import Reception, Unsent
from bot.telegram_app.inbox import Inbox
from bot.telegram_app.monitoring import Monitor, PolledRequest
from bot.telegram_app.order import RoomOrder
from bot.telegram_app.pacing import Pacing, Time
from retrieval.errors import SettingError

_LOG = logging.getLogger("footnote.telegram")
_KINDS = (Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY)
# How long a stop waits for answers in hand, then for apologies; how long a request for updates may wait.
_GRACE_SECONDS, _APOLOGY_SECONDS, _POLL_SECONDS = 30, 5, 25
# Of two requests for updates Telegram ends the older: two live processes never stop ending each other's.
_CONFLICTS, _CONFLICT_SECONDS = 3, 60
_LONGEST_PAUSE = 30.0
_Context: TypeAlias = CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]
_Application: TypeAlias = Application[
    ExtBot[str], _Context, dict[Any, Any], dict[Any, Any], dict[Any, Any], Any
]


class TelegramBot:
    """Polls Telegram or lets it deliver, hands updates on, and ends with nothing half done."""

    def __init__(
        self,
        settings: Settings,
        reception: Reception,
        inbox: Inbox,
        monitor: Monitor,
        clock: Time | None = None,
    ) -> None:
        self._settings = settings
        self._reception = reception
        self._inbox = inbox
        self._monitor = monitor
        self._clock = clock
        self._order = RoomOrder(inbox.done)
        self._application = self._build()
        self._stop = asyncio.Event()
        self._fatal: SettingError | None = None
        self._conflicts: deque[float] = deque(maxlen=_CONFLICTS)

    async def run(self) -> None:
        """Answer until the process is told to stop.

        Raises:
            SettingError: Telegram does not know the token, or another process asks with it too.
        """
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            # Only the main thread hears signals; elsewhere somebody calls `stop`.
            with suppress(RuntimeError, ValueError):
                loop.add_signal_handler(sign, self.stop)
        with self._monitor:
            if await self._reached():
                try:
                    await self._serve()
                finally:
                    await self._application.shutdown()
        if self._fatal:
            raise self._fatal

    def stop(self) -> None:
        """Begin to stop: nothing new is begun, what is in hand is finished."""
        self._stop.set()

    async def _reached(self) -> bool:
        """Reach Telegram for the first time, however long it takes; false where it is stopped before."""
        pause = 1.0
        while not self._stop.is_set():
            try:
                await self._application.initialize()
                return True
            except InvalidToken:
                # What was not reached is not shut down with the rest.
                await self._application.bot.request.shutdown()
                # The library's own sentence shows the token.
                raise SettingError(
                    "Telegram does not know the token in FOOTNOTE_TELEGRAM_TOKEN. "
                    "Copy it again from BotFather."
                ) from None
            except NetworkError as error:
                _LOG.warning("Telegram cannot be reached (%s); trying again in %.0f s", error, pause)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        return False

    async def _serve(self) -> None:
        application, bot = self._application, self._application.bot
        with suppress(TelegramError):
            await set_menu(bot)
        waiting = await self._inbox.restore(bot)
        await application.start()
        await self._listen()
        _LOG.info("@%s answers; updates from before: %d", bot.username, waiting)
        await self._stop.wait()
        _LOG.info("stopping: answers in hand are finished, the others wait for the next start")
        self._order.stop()
        assert application.updater is not None
        await application.updater.stop()
        try:
            await asyncio.wait_for(application.stop(), _GRACE_SECONDS)
        except TimeoutError:
            with suppress(TimeoutError, TelegramError):
                await asyncio.wait_for(self._reception.asking.apologise(bot), _APOLOGY_SECONDS)

    async def _listen(self) -> None:
        settings, updater = self._settings, self._application.updater
        assert updater is not None
        if settings.telegram_webhook_url is None:
            await updater.start_polling(
                timeout=_POLL_SECONDS,
                allowed_updates=_KINDS,
                error_callback=self._trouble,
                bootstrap_retries=-1,
            )
            return
        secret = settings.telegram_webhook_secret
        await updater.start_webhook(
            listen=settings.telegram_webhook_host,
            port=settings.telegram_webhook_port,
            url_path=urlsplit(settings.telegram_webhook_url).path.lstrip("/"),
            webhook_url=settings.telegram_webhook_url,
            secret_token=secret.get_secret_value() if secret else token_urlsafe(),
            allowed_updates=_KINDS,
            bootstrap_retries=-1,
        )

    def _trouble(self, error: TelegramError) -> None:
        """Note that asking for updates failed; it is tried again, unless somebody else has the token."""
        self._monitor.network_error()
        if not isinstance(error, Conflict):
            _LOG.warning("no updates from Telegram: %s", error)
            return
        self._conflicts.append(time.monotonic())
        if (
            len(self._conflicts) == _CONFLICTS
            and self._conflicts[-1] - self._conflicts[0] < _CONFLICT_SECONDS
        ):
            self._fatal = SettingError(
                "Another process asks Telegram for the messages of this bot. "
                "Stop that one, or give each its own token."
            )
            self.stop()

    def _build(self) -> _Application:
        settings = self._settings
        assert settings.telegram_token is not None
        # Else the library warns whenever it reads how long Telegram tells it to wait.
        os.environ.setdefault("PTB_TIMEDELTA", "1")
        url = settings.telegram_url.rstrip("/")
        application = (
            ApplicationBuilder()
            .token(settings.telegram_token.get_secret_value())
            .base_url(f"{url}/bot")
            .base_file_url(f"{url}/file/bot")
            .get_updates_request(PolledRequest(self._monitor))
            .rate_limiter(Pacing(self._monitor, self._clock))
            .concurrent_updates(self._order)
            .update_queue(self._inbox)
            .build()
        )
        application.add_handler(TypeHandler(Update, self._take))
        return application

    async def _take(self, update: Update, _context: _Context) -> None:
        try:
            await self._reception.take(update, self._application.bot)
        except Unsent:
            self._order.postpone(update.update_id)
