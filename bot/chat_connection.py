"""Talk to a chat model over the network; this module alone knows LangChain's chat models.

A reply comes piece by piece. It has one deadline, second attempts included, and one longest length; whatever
goes wrong becomes one sentence, in which no key can stand.
"""

import re
from collections.abc import Iterator
from contextvars import copy_context
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from prompts.parse import MAX_CHARACTERS
from retrieval.errors import ChatModelError, SettingError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

_ATTEMPTS = 3
# The wait before a second attempt, which doubles, and the longest that a server may ask for, in seconds.
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 20.0
# A silence of this share of the deadline is an attempt that failed.
_SILENCE = 0.5
# What Ollama keeps free for a reply, in tokens.
_REPLY_TOKENS = 2000
_EXTRAS = ("openai", "anthropic", "ollama")
# How providers say why a reply ended, and which of the reasons mean that it is not whole.
_REASONS = ("finish_reason", "stop_reason", "done_reason", "status")
_CUT_SHORT = {"length", "max_tokens", "incomplete"}
_NOT_WHOLE = {"content_filter", "failed"}
# How servers say that they were told more than their window holds, where LangChain does not know it.
_OVERFLOW = re.compile(
    r"context (?:length|size|window)|model length|prompt is too long|tokens.{0,40} must be <=", re.IGNORECASE
)


class _Unfinished(Exception):
    """The reply ended before its end."""


class _CutShort(Exception):
    """The reply had no room to end."""


class _TooLong(Exception):
    """The reply is longer than any answer."""


class _TooSlow(Exception):
    """The reply did not end before its deadline."""


class ChatConnection:
    """A chat model that can be told something, and replies."""

    def __init__(
        self, model: str, *, key: SecretStr | None, url: str | None, timeout_seconds: float, max_tokens: int
    ) -> None:
        """Prepare to talk to a model; nothing is sent yet.

        Args:
            model: Its provider and name, such as `openai:gpt-5`.
            key: What its provider knows us by; None leaves it to LangChain.
            url: A server to use in place of the provider's own.
            timeout_seconds: The longest wait for a whole reply.
            max_tokens: The most tokens that it will be told.

        Raises:
            SettingError: A package is missing, or there is no such provider or address.
        """
        self.name = model
        self._key = key
        self._url = _checked(url)
        self._timeout_seconds = timeout_seconds
        self._max_tokens = max_tokens
        self._model = self._build(temperature=0)

    def stream(self, system: str, user: str) -> Iterator[str]:
        """Give a reply piece by piece, as it is written.

        What failed for the moment is tried again, unless a piece of the reply was given already.

        Raises:
            ChatModelError: There is no reply, or not a whole one.
        """
        deadline = monotonic() + self._timeout_seconds
        for attempt in range(1, _ATTEMPTS + 1):
            has_begun = False
            failure: Exception | None = None
            for piece in self._attempt(system, user, deadline):
                if isinstance(piece, Exception):
                    failure = piece
                    break
                has_begun = True
                yield piece
            if failure is None:
                return
            wait = None if has_begun else self._wait_after(failure, attempt)
            if wait is None or attempt == _ATTEMPTS or monotonic() + wait >= deadline:
                raise ChatModelError(self._explain(failure))
            sleep(wait)

    def _attempt(self, system: str, user: str, deadline: float) -> Iterator[str | Exception]:
        """Read a reply in a thread of its own, for no library keeps a deadline; what it raises comes last."""
        pieces: Queue[str | Exception | None] = Queue()
        stopped = Event()
        # The context carries the callbacks of whoever runs this as part of a chain.
        arguments = (self._read, system, user, pieces, stopped)
        Thread(target=copy_context().run, args=arguments, daemon=True).start()
        try:
            while (piece := pieces.get(timeout=max(deadline - monotonic(), 0.001))) is not None:
                yield piece
        except Empty:
            yield _TooSlow()
        finally:
            stopped.set()

    def _read(self, system: str, user: str, pieces: "Queue[str | Exception | None]", stopped: Event) -> None:
        length, reason = 0, None
        try:
            for chunk in self._model.stream([("system", system), ("user", user)]):
                if stopped.is_set():
                    return
                length += len(chunk.text)
                if length > MAX_CHARACTERS:
                    raise _TooLong
                if chunk.text:
                    pieces.put(str(chunk.text))
                reason = _reason(chunk) or reason
            if reason in _CUT_SHORT:
                raise _CutShort
            if reason is None or reason in _NOT_WHOLE:
                raise _Unfinished
        except Exception as error:
            pieces.put(error)
        else:
            pieces.put(None)

    def _wait_after(self, failure: Exception, attempt: int) -> float | None:
        """Say how long to wait before the next attempt, in seconds; None where it would fail again."""
        status = _status(failure)
        if status == 400 and "temperature" in str(failure) and attempt == 1:
            # Models that reason take no temperature, and no list of them stays complete.
            self._model = self._build(temperature=None)
            return 0
        if _is_overflow(failure):
            return None
        if status == 429 and "insufficient_quota" not in str(failure):
            wait = _retry_after(failure)
            wait = _FIRST_WAIT * 2.0 ** (attempt - 1) if wait is None else wait
            return wait if wait <= _LONGEST_WAIT else None
        if (status is not None and status >= 500) or _is_timeout(failure) or _is_unreachable(failure):
            return _FIRST_WAIT * 2.0 ** (attempt - 1)
        return None

    def _explain(self, failure: Exception) -> str:
        """Say in one sentence what went wrong; what a server says is left out, for it may repeat the key."""
        status, name = _status(failure), f"The chat model {self.name}"
        place = f" at {self._url}" if self._url else ""
        if isinstance(failure, _TooSlow) or _is_timeout(failure):
            limit = f"{self._timeout_seconds:g} seconds"
            return f"{name} did not finish within {limit}. Try again, or raise FOOTNOTE_CHAT_TIMEOUT_SECONDS."
        if isinstance(failure, _TooLong):
            return f"{name} wrote more than {MAX_CHARACTERS:,} characters and was stopped. Try another model."
        if isinstance(failure, _CutShort):
            return f"{name} had no room for its reply. Lower FOOTNOTE_CHAT_MAX_TOKENS, or try another model."
        if isinstance(failure, _Unfinished):
            return f"{name} broke off in the middle of its reply. Ask again."
        if type(failure) is ValueError:
            # Some servers end a stream before it begins where they are told more than their window holds.
            return f"{name} replied nothing. Lower FOOTNOTE_CHAT_MAX_TOKENS, or check FOOTNOTE_CHAT_URL."
        if _is_overflow(failure):
            return f"{name} takes less than it was told. Lower FOOTNOTE_CHAT_MAX_TOKENS."
        if status in (401, 403):
            return f"{name} refused the key ({status}). Put a valid one into FOOTNOTE_CHAT_KEY."
        if status == 404:
            return f"There is no chat model {self.name}{place} (404). Change FOOTNOTE_CHAT_MODEL or _URL."
        if status == 429:
            return f"{name} takes no more for now, or its quota is used up (429). Try again later."
        if status is not None and status >= 500:
            return f"{name} failed on its server ({status}). Try again later."
        if status is not None:
            return f"{name} refused what it was told ({status}). Try another model."
        if _is_unreachable(failure):
            return (
                f"{name} cannot be reached{place}, or the connection broke. Check the network and the server."
            )
        return f"{name} sent what cannot be read ({type(failure).__name__}). Check FOOTNOTE_CHAT_URL."

    def _build(self, temperature: float | None) -> "BaseChatModel":
        from langchain.chat_models import init_chat_model

        provider, _, name = self.name.partition(":")
        silence = self._timeout_seconds * _SILENCE
        options: dict[str, Any] = {"timeout": silence, "max_retries": 0, "api_key": self._key}
        if provider == "ollama":
            options = _ollama_options(self._key, silence, self._max_tokens)
        given = {**options, "base_url": self._url, "temperature": temperature}
        try:
            model: BaseChatModel = init_chat_model(
                name,
                model_provider=provider,
                **{key: value for key, value in given.items() if value is not None},
            )
            return model
        except (ImportError, AttributeError):
            why = f"needs a package that is not installed. Install it with: {_installing(provider)}"
        except Exception as error:
            # The library's own words may hold what it was given.
            why = f"cannot be used ({type(error).__name__}). Name one as openai:…, anthropic:… or ollama:…"
        raise SettingError(f"FOOTNOTE_CHAT_MODEL is {self.name!r}: it {why}")


def _checked(url: str | None) -> str | None:
    """Take an address that can be shown to anybody."""
    try:
        parts = urlsplit(url or "")
        is_usable = url is None or bool(parts.scheme in ("http", "https") and parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable or "@" in parts.netloc or parts.query:
        raise SettingError(
            "FOOTNOTE_CHAT_URL is no address such as http://localhost:8000/v1, or holds a password or more. "
            "Change it; a key belongs into FOOTNOTE_CHAT_KEY."
        )
    return url


def _installing(provider: str) -> str:
    if provider in _EXTRAS:
        return f"pip install 'footnote-bot[{provider}]'"
    return f"pip install langchain-{provider.replace('_', '-')}"


def _ollama_options(key: SecretStr | None, silence: float, max_tokens: int) -> dict[str, Any]:
    """Ollama cuts what it is told to its window in silence, and takes time-outs and keys in its own way.

    A reply without a limit it goes on writing for ever, where a weak model does not come to an end.
    """
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    client = {"timeout": silence, "headers": headers}
    return {"client_kwargs": client, "num_ctx": max_tokens + _REPLY_TOKENS, "num_predict": _REPLY_TOKENS}


def _reason(chunk: "AIMessageChunk") -> str | None:
    found = (chunk.response_metadata.get(name) for name in _REASONS)
    return next((str(reason) for reason in found if reason and reason != "in_progress"), None)


def _status(failure: Exception) -> int | None:
    status = getattr(failure, "status_code", None)
    return status if isinstance(status, int) and status >= 400 else None


def _retry_after(failure: Exception) -> float | None:
    """Read how long the server asks to wait, in seconds."""
    headers = getattr(getattr(failure, "response", None), "headers", {})
    try:
        return max(float(str(headers.get("retry-after"))), 0.0)
    except ValueError:
        return None


def _is_timeout(failure: Exception) -> bool:
    return bool(_kinds(failure) & {"ModelTimeoutError", "TimeoutException", "TimeoutError"})


def _is_unreachable(failure: Exception) -> bool:
    return bool(_kinds(failure) & {"ModelConnectionError", "TransportError", "ConnectionError"})


def _is_overflow(failure: Exception) -> bool:
    is_refused = _status(failure) in (400, 413, 422, 500)
    return "ContextOverflowError" in _kinds(failure) or (is_refused and bool(_OVERFLOW.search(str(failure))))


def _kinds(failure: Exception) -> set[str]:
    """Name the classes of an error: LangChain's own, or those of the HTTP library that a provider uses."""
    return {kind.__name__ for kind in type(failure).__mro__}
