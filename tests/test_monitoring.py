import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from telegram import Bot
from telegram.error import NetworkError

from bot.datatypes import Answer, AnswerStatus
from bot.telegram_app.monitoring import Monitor, PolledRequest
from retrieval.errors import SettingError

SECRET = "what did my neighbour do?"


class SetClock:
    """A clock that somebody sets."""

    def __init__(self, time: float) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


def answer_of(status: AnswerStatus) -> Answer:
    return Answer(
        question=SECRET,
        understood_as=SECRET,
        status=status,
        text=SECRET,
        language="en",
        seconds={"search": 0.02, "write": 1.5, "total": 1.6},
    )


def fetch(monitor: Monitor, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"{monitor.url}{path}", timeout=10) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def figures(monitor: Monitor) -> dict[str, float]:
    """Read what `/metrics` tells, by name and labels."""
    code, text = fetch(monitor, "/metrics")
    assert code == 200
    return {
        sample.name + "".join(f" {label}={value}" for label, value in sample.labels.items()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_tell_what_became_of_questions_and_never_what_was_asked() -> None:
    with Monitor("127.0.0.1", 0) as monitor:
        monitor.answered(answer_of(AnswerStatus.ANSWERED), 2.0)
        monitor.answered(answer_of(AnswerStatus.ANSWERED), 4.0)
        monitor.answered(answer_of(AnswerStatus.NOT_COVERED), 1.0)
        monitor.answered(answer_of(AnswerStatus.CONVERSATION), 0.1)
        monitor.failed()
        monitor.refused("fast")
        monitor.refused("long")
        monitor.in_hand(7)
        told = figures(monitor)
        assert told["footnote_questions_total outcome=answered"] == 2
        assert told["footnote_questions_total outcome=not_covered"] == 1
        assert told["footnote_questions_total outcome=conversation"] == 1
        assert told["footnote_questions_total outcome=failed"] == 1
        assert told["footnote_questions_total outcome=refused"] == 2
        assert told["footnote_questions_refused_total guard=fast"] == 1
        assert told["footnote_questions_in_hand"] == 7
        assert told["footnote_question_seconds_count"] == 4
        assert told["footnote_question_seconds_sum"] == pytest.approx(7.1)
        assert told["footnote_step_seconds_sum step=search"] == pytest.approx(0.08)
        assert "neighbour" not in fetch(monitor, "/metrics")[1]


def test_metrics_tell_what_telegram_took() -> None:
    clock = SetClock(1000)
    with Monitor("127.0.0.1", 0, now=clock) as monitor:
        monitor.message_sent()
        monitor.told_to_wait()
        monitor.network_error()
        monitor.polled()
        with monitor.request_waiting(), monitor.request_waiting():
            assert figures(monitor)["footnote_telegram_requests_waiting"] == 2
        told = figures(monitor)
        assert told["footnote_telegram_requests_waiting"] == 0
        assert told["footnote_telegram_messages_sent_total"] == 1
        assert told["footnote_telegram_retry_after_total"] == 1
        assert told["footnote_telegram_network_errors_total"] == 1
        assert told["footnote_telegram_last_poll_timestamp_seconds"] == 1000


def test_bot_is_well_while_it_polled_within_two_minutes() -> None:
    clock = SetClock(1000)
    with Monitor("127.0.0.1", 0, now=clock) as monitor:
        code, text = fetch(monitor, "/health")
        assert (code, json.loads(text)) == (503, {"status": "unreachable", "last_poll_seconds_ago": None})
        monitor.polled()
        clock.time += 120
        code, text = fetch(monitor, "/health")
        assert (code, json.loads(text)) == (200, {"status": "ok", "last_poll_seconds_ago": 120})
        clock.time += 1
        assert fetch(monitor, "/health")[0] == 503
        monitor.polled()
        assert fetch(monitor, "/health?from=probe")[0] == 200


def test_bot_to_which_telegram_delivers_is_well_without_polling() -> None:
    with Monitor("127.0.0.1", 0, polls=False) as monitor:
        assert fetch(monitor, "/health")[0] == 200


def test_other_paths_are_not_there() -> None:
    with Monitor("127.0.0.1", 0) as monitor:
        assert fetch(monitor, "/")[0] == 404


def test_monitor_without_a_port_has_no_server_and_still_counts() -> None:
    with Monitor("127.0.0.1", None) as monitor:
        monitor.failed()
        assert monitor.url is None
        assert monitor.registry.get_sample_value("footnote_questions_total", {"outcome": "failed"}) == 1


def test_monitors_share_nothing() -> None:
    with Monitor("127.0.0.1", 0) as one, Monitor("127.0.0.1", 0) as other:
        one.message_sent()
        assert figures(one)["footnote_telegram_messages_sent_total"] == 1
        assert figures(other)["footnote_telegram_messages_sent_total"] == 0


def test_closed_monitor_leaves_its_port_and_no_thread() -> None:
    with Monitor("127.0.0.1", 0) as monitor:
        assert monitor.url is not None
        url, port = monitor.url, int(monitor.url.rpartition(":")[2])
    with pytest.raises(URLError, match="refused"):
        urlopen(f"{url}/health", timeout=10)
    assert not [thread for thread in threading.enumerate() if thread.name == "monitor"]
    with Monitor("127.0.0.1", port) as again:
        assert again.url == url


def test_port_that_is_taken_is_named() -> None:
    with Monitor("127.0.0.1", 0) as monitor:
        assert monitor.url is not None
        port = int(monitor.url.rpartition(":")[2])
        with (
            pytest.raises(SettingError, match=rf"127\.0\.0\.1:{port} .* FOOTNOTE_TELEGRAM_MONITOR_PORT"),
            Monitor("127.0.0.1", port),
        ):
            pass


class Updates(BaseHTTPRequestHandler):
    """Answers requests for updates: there are none, or with a token that ends in F the server fails."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        body = b'{"ok": true, "result": []}'
        self.send_response(500 if "F/" in self.path else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture(name="updates_url")
def give_updates_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Updates) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/bot"
        server.shutdown()
        thread.join()


def poll(url: str, token: str, monitor: Monitor) -> None:
    async def work() -> None:
        request = PolledRequest(monitor)
        try:
            await Bot(token, base_url=url, get_updates_request=request).get_updates()
        finally:
            await request.shutdown()

    asyncio.run(work())


def test_request_for_updates_that_is_answered_is_noted(updates_url: str) -> None:
    monitor = Monitor("127.0.0.1", None)
    poll(updates_url, "1:T", monitor)
    assert monitor.health()["status"] == "ok"


def test_request_for_updates_that_fails_is_not_noted(updates_url: str) -> None:
    monitor = Monitor("127.0.0.1", None)
    with pytest.raises(NetworkError, match="Internal Server Error"):
        poll(updates_url, "1:F", monitor)
    assert monitor.health()["status"] == "unreachable"
