"""What whoever keeps the bot can see of it: figures for Prometheus, and whether it is well."""

import json
import socket
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import TYPE_CHECKING

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from telegram.request import HTTPXRequest

from bot.datatypes import Answer
from retrieval.errors import SettingError

if TYPE_CHECKING:
    from httpx import Response

_WELL_SECONDS = 120
_LONGEST_REQUEST_SECONDS = 10
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Monitor:
    """Counts what happens, and tells it at `/metrics` and `/health` while it is open.

    Labels hold no words of people: outcomes, steps and the names of guards alone.
    """

    def __init__(
        self, host: str, port: int | None, *, polls: bool = True, now: Callable[[], float] = time.time
    ) -> None:
        """Take where to tell it.

        Args:
            host: Where the server listens.
            port: Its port; 0 takes a free one, with None there is no server.
            polls: Whether the bot asks for updates; one to which Telegram delivers is well while it runs.
            now: Tells the time, in seconds since 1970.
        """
        self._host, self._port, self._polls, self._now = host, port, polls, now
        self._polled_at: float | None = None
        self._server: _Server | None = None
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._figures = _Figures(self.registry)

    def __enter__(self) -> "Monitor":
        if self._port is not None:
            try:
                self._server = _Server(self._host, self._port, self)
            except OSError as error:
                raise SettingError(
                    f"The monitor cannot listen on {self._host}:{self._port} ({error.strerror or error}). "
                    "Change FOOTNOTE_TELEGRAM_MONITOR_HOST or FOOTNOTE_TELEGRAM_MONITOR_PORT."
                ) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.stop()
            self._server = None

    @property
    def url(self) -> str | None:
        """Where the server listens, if it does."""
        return self._server.url if self._server else None

    def answered(self, answer: Answer, seconds: float) -> None:
        """Count an answer, and how long it took in all, in seconds."""
        self._figures.questions.labels(answer.status.value).inc()
        self._figures.question_seconds.observe(seconds)
        for step, taken in answer.seconds.items():
            self._figures.step_seconds.labels(step).observe(taken)

    def failed(self) -> None:
        """Count a question that went wrong."""
        self._figures.questions.labels("failed").inc()

    def refused(self, guard: str) -> None:
        """Count a question that a guard did not take."""
        self._figures.questions.labels("refused").inc()
        self._figures.refused.labels(guard).inc()

    def in_hand(self, count: int) -> None:
        """Note how many questions are being answered or wait for it."""
        self._figures.in_hand.set(count)

    def request_waiting(self) -> AbstractContextManager[object]:
        """Note a request that Telegram has to take, until the end of the block."""
        return self._figures.requests.track_inprogress()

    def message_sent(self) -> None:
        """Count a message that Telegram has taken."""
        self._figures.sent.inc()

    def told_to_wait(self) -> None:
        """Count a request that Telegram told to wait."""
        self._figures.floods.inc()

    def network_error(self) -> None:
        """Count a request that did not get through."""
        self._figures.network_errors.inc()

    def polled(self) -> None:
        """Note that Telegram has answered a request for updates."""
        self._polled_at = self._now()
        self._figures.last_poll.set(self._polled_at)

    def health(self) -> dict[str, object]:
        """Tell whether the bot is well, and how many seconds ago Telegram last answered it."""
        ago = None if self._polled_at is None else round(self._now() - self._polled_at, 1)
        is_well = not self._polls or (ago is not None and ago <= _WELL_SECONDS)
        return {"status": "ok" if is_well else "unreachable", "last_poll_seconds_ago": ago}


class _Figures:
    """What is told at `/metrics`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"footnote_{name}", meaning, labels, registry=registry)

        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"footnote_{name}", meaning, registry=registry)

        def histogram(name: str, meaning: str, *labels: str) -> Histogram:
            return Histogram(f"footnote_{name}", meaning, labels, registry=registry, buckets=_BUCKETS)

        self.questions = counter("questions", "Questions by what became of them", "outcome")
        self.refused = counter("questions_refused", "Questions that were not taken, by guard", "guard")
        self.question_seconds = histogram(
            "question_seconds", "From the taking of a question to its answer, with its wait for a worker"
        )
        self.step_seconds = histogram("step_seconds", "Steps of an answer", "step")
        self.in_hand = gauge("questions_in_hand", "Questions that are being answered or wait for it")
        self.requests = gauge("telegram_requests_waiting", "Requests that Telegram has not taken yet")
        self.sent = counter("telegram_messages_sent", "Messages that Telegram has taken")
        self.floods = counter("telegram_retry_after", "Requests that Telegram told to wait")
        self.network_errors = counter("telegram_network_errors", "Requests that did not get through")
        self.last_poll = gauge(
            "telegram_last_poll_timestamp_seconds", "When Telegram last answered a request for updates"
        )


class PolledRequest(HTTPXRequest):
    """Asks Telegram for updates, and tells a monitor when it has answered."""

    def __init__(self, monitor: Monitor) -> None:
        async def heard(reply: "Response") -> None:
            if reply.is_success:
                monitor.polled()

        super().__init__(connection_pool_size=1, httpx_kwargs={"event_hooks": {"response": [heard]}})


class _Server(ThreadingHTTPServer):
    """Tells, in a thread of its own, how a monitor finds the bot."""

    def __init__(self, host: str, port: int, monitor: Monitor) -> None:
        self.monitor = monitor
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)
        self._thread = Thread(target=self.serve_forever, args=(0.05,), name="monitor", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        host, port = self.socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def server_bind(self) -> None:
        # The library's own looks up the host's name, which can take seconds and is of no use here.
        TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:
        # Who asks may go before the reply is there.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _LONGEST_REQUEST_SECONDS

    def do_GET(self) -> None:
        monitor = self.server.monitor
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._reply(200, CONTENT_TYPE_LATEST, generate_latest(monitor.registry))
        elif path == "/health":
            health = monitor.health()
            code = 200 if health["status"] == "ok" else 503
            self._reply(code, "application/json", json.dumps(health).encode() + b"\n")
        else:
            self._reply(404, "text/plain", b"There are /health and /metrics.\n")

    def _reply(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Log nothing: who looks at the bot is nobody's business."""
