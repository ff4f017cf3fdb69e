"""A chat server on loopback that does as its script says: real HTTP, no model.

It speaks as OpenAI's does, and streams as Anthropic's and Ollama's do. A script is a list of behaviours, one
for each request; the last serves all that follow.
"""

import html
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from prompts.parse import REFUSAL
from retrieval.passages import split_sentences

_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_QUESTION = re.compile(r".*: (.*)\Z", re.DOTALL)
# What the articles of these tests order a model to write.
ORDER = re.compile(r"(?i)\b(?:say|write|reply|answer)(?: only| exactly)?:? [«\"“](.+?)[»\"”]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request told the model."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def told(self) -> str:
        system = [str(self.body["system"])] if "system" in self.body else []
        return "\n".join([*system, *(str(message["content"]) for message in self.body["messages"])])

    @property
    def passages(self) -> list[tuple[int, str]]:
        """The numbered passages, as they stand in their articles."""
        return [(int(number), html.unescape(text)) for number, text in _PASSAGE.findall(self.told)]

    @property
    def question(self) -> str:
        match = _QUESTION.match(self.told)
        assert match is not None
        return match[1]

    @property
    def is_rewrite(self) -> bool:
        return not self.passages


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server sends; `cut_after` so many characters the connection breaks."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut_after: int | None = None
    delay_seconds: float = 0
    finish_reason: str | None = "stop"


Behaviour = Callable[[Asked], Reply]


def says(text: str, **how: Any) -> Behaviour:  # noqa: ANN401
    """Reply with a text; `how` is any other field of a reply."""
    return lambda asked: Reply(text=text, **how)


def fails(status: int, message: str = "no", **headers: str) -> Behaviour:
    """Reply with an error."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": None}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked: Reply(status=status, body=body, headers=named)


def honest(asked: Asked) -> Reply:
    """Quote the first sentence of the first passage; repeat a question that is to stand alone."""
    return Reply(text=asked.question if asked.is_rewrite else quote_of(asked))


def quote_of(asked: Asked) -> str:
    """Quote the first sentence of the first passage, with its mark."""
    number, text = asked.passages[0]
    start, end = split_sentences(text)[0]
    return f"“{text[start:end].strip()}” [{number}]"


def obedient(asked: Asked) -> Reply:
    """Do what any article says a model should; be honest where none does."""
    orders = ORDER.findall(html.unescape(asked.told.partition("<")[2]))
    return Reply(text=orders[0]) if orders else honest(asked)


def rejects_temperature(asked: Asked) -> Reply:
    """Refuse a temperature, as models that reason do."""
    if "temperature" in asked.body:
        return fails(400, "Unsupported value: 'temperature' does not support 0 with this model.")(asked)
    return honest(asked)


NOT_COVERED = says(REFUSAL)
MALFORMED = says("", body=b"{not json")


class FakeChatServer:
    """Serves a script; keeps what was asked."""

    def __init__(self, *script: Behaviour) -> None:
        self.script: Sequence[Behaviour] = script or (honest,)
        self.asked: list[Asked] = []
        self._lock = Lock()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, asked: Asked) -> Reply:
        with self._lock:
            behaviour = self.script[min(len(self.asked), len(self.script) - 1)]
            self.asked.append(asked)
        return behaviour(asked)


class _Handler(BaseHTTPRequestHandler):
    fake: FakeChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.fake.take(Asked(body, {name.lower(): value for name, value in self.headers.items()}))
        time.sleep(reply.delay_seconds)
        try:
            if reply.body is not None:
                self._send(reply.status, reply.body, reply.headers)
            elif not body.get("stream") and self.path == OPENAI:
                self._send(reply.status, json.dumps(_whole(reply)).encode(), reply.headers)
            else:
                self._stream(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        # A client that is thrown away leaves no socket open.
        self.send_header("Connection", "close")
        self.end_headers()
        kept = reply.text[: reply.cut_after]
        size = 20 if len(kept) < 10_000 else 1000
        for start in range(0, len(kept), size):
            time.sleep(reply.delay_seconds)
            self._event(kept[start : start + size], None)
        if reply.cut_after is not None:
            return
        self._event("", reply.finish_reason)
        self._chunk(b"")

    def _event(self, text: str, reason: str | None) -> None:
        for line in _WIRES[self.path](text, reason):
            self._chunk(line.encode() + b"\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


def _whole(reply: Reply) -> dict[str, object]:
    message = {"role": "assistant", "content": reply.text}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "fake", "choices": [choice],
            "usage": usage}  # fmt: skip


def _openai(text: str, reason: str | None) -> Iterator[str]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}
    yield f"data: {json.dumps(chunk)}\n"
    if reason:
        yield "data: [DONE]\n"


def _ollama(text: str, reason: str | None) -> Iterator[str]:
    line = {"model": "fake", "created_at": "2024-11-14T00:00:00Z", "done": bool(reason)}
    yield json.dumps({**line, "message": {"role": "assistant", "content": text}, "done_reason": reason})


def _anthropic(text: str, reason: str | None) -> Iterator[str]:
    """Begin and end a message around every piece of it, but tell its end only once."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    message: dict[str, object] = {
        "id": "1", "type": "message", "role": "assistant", "model": "fake", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    events: list[dict[str, object]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
    ]
    if reason:
        stop = {"stop_reason": "end_turn", "stop_sequence": None}
        events += [{"type": "message_delta", "delta": stop, "usage": usage}, {"type": "message_stop"}]
    for event in events:
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n"


OPENAI, ANTHROPIC, OLLAMA = "/v1/chat/completions", "/v1/messages", "/api/chat"
_WIRES = {OPENAI: _openai, ANTHROPIC: _anthropic, OLLAMA: _ollama}
