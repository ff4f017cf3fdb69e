"""A chat model is talked to over HTTP; whatever its server does ends in a reply or in one sentence."""

import logging
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.chat_connection import ChatConnection
from retrieval.errors import ChatModelError, SettingError
from tests.fake_chat_server import (
    MALFORMED,
    Behaviour,
    FakeChatServer,
    fails,
    rejects_temperature,
    says,
)

pytest.importorskip("langchain_openai", reason="needs pip install 'footnote-bot[openai]'")

ROOT = Path(__file__).parents[1]
KEY = "sk-very-secret-0123456789"
TEXT = "Rutte said that the missiles are a direct threat. [1] Nobody contradicted him. [1]"


def connect(url: str | None, *, model: str = "openai:fake", seconds: float = 5) -> ChatConnection:
    return ChatConnection(model, key=SecretStr(KEY), url=url, timeout_seconds=seconds, max_tokens=4000)


def reply_of(server: FakeChatServer, *, seconds: float = 5) -> str:
    return "".join(connect(server.url, seconds=seconds).stream("Be brief.", "What is new?"))


def test_stream_when_all_is_well_gives_the_reply_piece_by_piece() -> None:
    with FakeChatServer(says(TEXT)) as server:
        pieces = list(connect(server.url).stream("Be brief.", "What is new?"))
    assert "".join(pieces) == TEXT
    assert len(pieces) > 2
    asked = server.asked[0]
    assert asked.body["temperature"] == 0
    assert [message["role"] for message in asked.body["messages"]] == ["system", "user"]
    assert asked.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("model", ["openai:fake", "anthropic:fake", "ollama:fake"])
def test_stream_when_the_provider_is_another_gives_the_same(model: str) -> None:
    provider = model.partition(":")[0]
    pytest.importorskip(f"langchain_{provider}")
    with FakeChatServer(says(TEXT), says(TEXT, cut_after=40), fails(401, KEY)) as server:
        url = server.url if provider == "openai" else server.url.removesuffix("/v1")
        connection = connect(url, model=model)
        assert "".join(connection.stream("Be brief.", "What is new?")) == TEXT
        assert "Be brief." in server.asked[0].told
        assert KEY in str(server.asked[0].headers)
        with pytest.raises(ChatModelError, match=f"{model} (cannot be reached|broke off)"):
            list(connection.stream("Be brief.", "What is new?"))
        with pytest.raises(ChatModelError, match=r"refused the key \(401\)"):
            list(connection.stream("Be brief.", "What is new?"))
    if provider == "ollama":
        options = server.asked[0].body["options"]
        assert (options["num_ctx"], options["num_predict"]) == (6000, 2000)


@pytest.mark.parametrize(
    ("first", "attempts"),
    [
        (fails(429, Retry_After="0.1"), 2),
        (fails(429, Retry_After="soon"), 2),
        (fails(500), 2),
        (fails(503), 2),
        (rejects_temperature, 2),
    ],
)
def test_stream_when_the_first_attempt_fails_for_the_moment_tries_again(
    first: Behaviour, attempts: int
) -> None:
    with FakeChatServer(first, says(TEXT)) as server:
        assert reply_of(server) == TEXT
    assert len(server.asked) == attempts
    assert ("temperature" in server.asked[-1].body) == (first is not rejects_temperature)


@pytest.mark.parametrize(
    ("script", "attempts", "sentence"),
    [
        ([fails(401, f"Incorrect API key provided: {KEY}")], 1, r"refused the key \(401\)"),
        ([fails(403, KEY)], 1, r"refused the key \(403\)"),
        ([fails(404, "no such model")], 1, r"There is no chat model openai:fake at http.*\(404\)"),
        ([fails(429, Retry_After="0")], 3, r"takes no more for now, or its quota is used up"),
        ([fails(429, Retry_After="3600")], 1, "Try again later"),
        ([fails(429, "insufficient_quota")], 1, "quota is used up"),
        ([fails(500, KEY)], 3, r"failed on its server \(500\)"),
        ([fails(400, f"bad words {KEY}")], 1, r"refused what it was told \(400\)"),
        ([fails(400, "context_length_exceeded")], 1, "Lower FOOTNOTE_CHAT_MAX_TOKENS"),
        ([says("", body=b"data: {not json\n\n")], 1, "sent what cannot be read"),
        ([MALFORMED], 1, "replied nothing"),
        ([says("", body=b"")], 1, "replied nothing. Lower FOOTNOTE_CHAT_MAX_TOKENS, or check"),
        ([says("", body=b"<html>Hello</html>")], 1, "replied nothing"),
        ([says(TEXT, cut_after=40)], 1, "the connection broke"),
        ([says(TEXT, cut_after=0)], 3, "the connection broke"),
        ([says(TEXT, finish_reason=None)], 1, "broke off in the middle"),
        ([says(TEXT, finish_reason="content_filter")], 1, "broke off in the middle"),
        ([says(TEXT, finish_reason="length")], 1, "no room for its reply"),
        ([says("x" * 1_000_000)], 1, "wrote more than 20,000 characters and was stopped"),
    ],
)
def test_stream_when_the_server_fails_says_so_in_one_sentence(
    script: list[Behaviour], attempts: int, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeChatServer(*script) as server, pytest.raises(ChatModelError, match=sentence) as raised:
        reply_of(server)
    assert len(server.asked) == attempts
    assert KEY not in "".join(traceback.format_exception(raised.value)) + repr(raised.value.__context__)
    assert KEY not in caplog.text
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 2048 tokens. However, you requested 2304 tokens."),
        (400, "the request exceeds the available context size (2048 tokens), try increasing it"),
        (500, "Requested tokens (2304) exceed context window of 2048"),
        (400, "The decoder prompt (length 2304) is longer than the maximum model length of 2048."),
        (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 2304"),
        (400, "prompt is too long: 2304 tokens > 2048 maximum"),
    ],
)
def test_stream_when_the_window_is_too_small_names_the_setting(status: int, message: str) -> None:
    sentence = "takes less than it was told"
    with FakeChatServer(fails(status, message)) as server, pytest.raises(ChatModelError, match=sentence):
        reply_of(server)
    assert len(server.asked) == 1


@pytest.mark.parametrize("message", ["The model is overloaded.", "Unsupported size of image.", "No."])
def test_stream_when_it_is_refused_for_another_reason_does_not_name_the_window(message: str) -> None:
    sentence = "refused what it was told"
    with FakeChatServer(fails(400, message)) as server, pytest.raises(ChatModelError, match=sentence):
        reply_of(server)


@pytest.mark.parametrize(
    "script", [[says(TEXT, delay_seconds=30)], [says("on and on " * 900, delay_seconds=0.05)]]
)
def test_stream_when_the_server_is_slow_ends_in_time(script: list[Behaviour]) -> None:
    started = time.monotonic()
    with FakeChatServer(*script) as server:
        with pytest.raises(ChatModelError, match="did not finish within 1 seconds"):
            reply_of(server, seconds=1)
        assert time.monotonic() - started < 2


def test_stream_when_the_first_attempt_is_silent_tries_again() -> None:
    with FakeChatServer(says(TEXT, delay_seconds=20), says(TEXT)) as server:
        assert reply_of(server, seconds=4) == TEXT


@pytest.mark.parametrize("model", ["openai:fake", "anthropic:fake", "ollama:fake"])
def test_stream_when_no_server_is_there_says_so(model: str) -> None:
    pytest.importorskip(f"langchain_{model.partition(':')[0]}")
    connection = connect("http://127.0.0.1:9/v1", model=model, seconds=3)
    with pytest.raises(ChatModelError, match=rf"{model} cannot be reached at http://127.0.0.1:9/v1"):
        list(connection.stream("Be brief.", "What is new?"))


def test_stream_when_it_is_left_early_stops_reading() -> None:
    with FakeChatServer(says("word " * 2000, delay_seconds=0.01)) as server:
        pieces = connect(server.url).stream("Be brief.", "What is new?")
        assert next(pieces)
        del pieces


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("mistralai:small", "pip install langchain-mistralai"),
        ("google_genai:small", "pip install langchain-google-genai"),
        ("nobody:small", "openai:…, anthropic:… or ollama:…"),
    ],
)
def test_connection_when_the_provider_is_missing_says_what_to_do(model: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        connect(None, model=model)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
def test_connection_when_the_extra_is_missing_names_it(provider: str) -> None:
    lines = [
        "import sys",
        f"sys.modules['langchain_{provider}'] = sys.modules['langchain_community'] = None",
        "from bot.chat_connection import ChatConnection",
        f"ChatConnection('{provider}:x', key=None, url=None, timeout_seconds=5, max_tokens=4000)",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True)
    assert f"pip install 'footnote-bot[{provider}]'" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434",
        "ftp://host/v1",
        "http:///v1",
        "http://me:pass@host/v1",
        "http://h/v1?key=x",
        "http://[",
    ],
)
def test_connection_when_the_address_is_unusable_does_not_repeat_it(url: str) -> None:
    with pytest.raises(SettingError, match="FOOTNOTE_CHAT_URL is no address such as") as raised:
        connect(url)
    assert url not in str(raised.value)
