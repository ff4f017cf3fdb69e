"""Fetch what stands at an address that a person or a feed named: safely, politely, within limits."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal, Self

from retrieval.addresses import Resolver, Unfetchable, parse_address, resolve, shown_address
from retrieval.errors import FetchError
from retrieval.inflating import CODINGS, TooLarge, read_content
from retrieval.robots import CONTENT_BYTES, Pace, Robots, RobotsReply

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpcore import NetworkBackend, Response
    from httpx import URL, Headers, Request

TOKEN = "footnote-bot"
"""What a robots.txt calls this program."""
_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json,"
    " application/pdf, */*;q=0.5"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"\s*([\w.+-]{1,60}/[\w.+-]{1,100})\s*(?:;|$)")
_SECONDS = re.compile(r"\s*(\d{1,9})\s*")
# Statuses of the four hundreds that may be another tomorrow.
_PASSING = frozenset({403, 408, 421, 425, 429})
_VALIDATOR = re.compile(r"[!-~](?:[ -~]{0,1000}[!-~])?")
_COOKIE = re.compile(r"\s*([!-:<>-~]{1,200})=([!-:<-~]{0,4000})\s*(?:;|$)")
_LONGEST_WAIT_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Validators:
    """What the server said of a version that is kept, to be sent it only if there is a newer one."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What stood at an address.

    `url` is where it stood in the end and `redirects` what led there, in order; `content` is decompressed,
    and empty unless `kind` is "fresh"; `media_type` and `charset` are what the server says, in lower case;
    `delay_seconds` is what the site's robots.txt asks to leave between two requests.
    """

    url: str
    redirects: tuple[str, ...]
    kind: Literal["fresh", "not modified", "gone"]
    content: bytes
    media_type: str | None
    charset: str | None
    validators: Validators
    read_at: datetime
    retry_after_seconds: float | None
    delay_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one address may take.

    `seconds` is for all of it, but for the pauses: names, robots.txt, redirects and the content.
    `content_bytes` holds for what comes over the network and for what that is when decompressed.
    """

    seconds: float = 30.0
    connect_seconds: float = 10.0
    content_bytes: int = 32_000_000
    redirects: int = 5


class _TooManyRedirects(Unfetchable):
    """The redirects of an address have no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    url: "URL"
    reply: "Response"
    headers: "Headers"
    delay_seconds: float | None


class Fetcher:
    """Fetches one address after the other; made for one thread, and kept as long as there is to fetch.

    Proxies that the environment names are not used: they would resolve names in place of the check.

    Args:
        agent: What it says it is, as `agent_name` gives it; begins with the product token that a robots.txt
            is asked about.
        private: Whether loopback, private and shared networks are allowed; link-local ones never are.
        heeds_robots: Whether a site's robots.txt is asked; a site of one's own need not be.
        limits: What one address may take.
        pause_seconds: How long a host is left alone between two requests; its robots.txt may ask for more.
        resolver: Gives the IP addresses of a name, all of which are checked.
        trust: Which certificates are believed; the usual ones where it is not given.
        network: What connects to an IP address that was checked; the operating system where it is not given.
        clock: Seconds that only grow.
        sleep: Waits that many seconds.
        now: The date and time in UTC.
    """

    def __init__(
        self,
        *,
        agent: str | None = None,
        private: bool = False,
        heeds_robots: bool = True,
        limits: FetchLimits | None = None,
        pause_seconds: float = 1.0,
        resolver: Resolver = resolve,
        trust: "SSLContext | None" = None,
        network: "NetworkBackend | None" = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        from retrieval.connecting import CheckedNetwork, Connections, Deadline

        self._agent = agent or agent_name()
        self._heeds_robots = heeds_robots
        self._limits = limits or FetchLimits()
        self._now = now
        self._deadline = Deadline(self._limits.seconds, clock)
        checked = CheckedNetwork(resolver=resolver, private=private, deadline=self._deadline, network=network)
        self._connections = Connections(
            checked, self._deadline, trust=trust, connect_seconds=self._limits.connect_seconds
        )
        self._robots = Robots(re.split(r"[/\s]", self._agent)[0], self._read_robots, clock)
        self._pace = Pace(pause_seconds, clock, sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open."""
        self._connections.close()

    def fetch(self, url: str, *, validators: Validators | None = None) -> Fetched:
        """Fetch an address, through redirects.

        Args:
            url: An http or https address.
            validators: Those of the version that is kept, if any.

        Raises:
            FetchError: It cannot or may not be fetched; the message says why, and what to do.
        """
        kept = _sendable(validators or Validators())
        asked = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
        tried = [url]
        try:
            self._deadline.restart()
            conditions = {name: value for name, value in asked.items() if value}
            with self._open(tried, conditions, heeds_robots=self._heeds_robots) as opened:
                return self._read(opened, tuple(tried[:-1]), kept)
        except Unfetchable as failure:
            raise FetchError(
                _tell(tried, failure),
                url=url,
                is_lasting=failure.is_lasting,
                retry_after_seconds=failure.retry_after_seconds,
            ) from failure

    @contextmanager
    def _open(self, tried: list[str], conditions: dict[str, str], *, heeds_robots: bool) -> Iterator[_Opened]:
        """Follow the redirects of the address in `tried`, note them there, and give the last reply."""
        from httpx import Headers, Request

        # Of this address alone, each for its host: without, some sites lead in circles.
        cookies: dict[bytes, dict[str, str]] = {}
        seen = set()
        url = parse_address(tried[0])
        while True:
            tried[-1] = str(url)
            cookie = "; ".join(f"{name}={value}" for name, value in cookies.get(url.raw_host, {}).items())
            brought = {"Cookie": cookie} if cookie else {}
            request = Request("GET", url, headers=self._request_headers | conditions | brought)
            visit = (str(url), cookie)
            if visit in seen:
                raise _TooManyRedirects("closes a loop of redirects; check the address")
            seen.add(visit)
            delay = self._wait(url, heeds_robots=heeds_robots)
            with self._send(request) as reply:
                headers = Headers(reply.headers)
                location = headers.get("location") if reply.status in _REDIRECTS else None
                if location is None:
                    yield _Opened(url=url, reply=reply, headers=headers, delay_seconds=delay)
                    return
                given = map(_COOKIE.match, headers.get_list("set-cookie"))
                cookies.setdefault(url.raw_host, {}).update((pair[1], pair[2]) for pair in given if pair)
            if len(tried) > self._limits.redirects:
                count = f"after {self._limits.redirects} redirects, the limit"
                raise _TooManyRedirects(f"redirects on, {count}; check the address")
            tried.append(location)
            url = parse_address(location, url)

    @property
    def _request_headers(self) -> dict[str, str]:
        return {
            "User-Agent": self._agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": CODINGS,
            "Connection": "close",
        }

    def _wait(self, url: "URL", *, heeds_robots: bool) -> float | None:
        """Wait until the host may be asked, and give what its robots.txt asks for."""
        delay = None
        if heeds_robots:
            delay = self._robots.check(str(url), f"{url.scheme}://{url.netloc.decode('ascii')}")
        self._deadline.extend(self._pace.wait(url.raw_host.decode("ascii"), delay))
        return delay

    @contextmanager
    def _send(self, request: "Request") -> Iterator["Response"]:
        try:
            with self._connections.send(request) as reply:
                yield reply
        finally:
            self._pace.note(request.url.raw_host.decode("ascii"))

    def _read_robots(self, url: str) -> RobotsReply:
        try:
            with self._open([url], {}, heeds_robots=False) as opened:
                status = opened.reply.status
                wait = _retry_after(opened.headers, self._now())
                content = b""
                if status == 200:
                    coding = opened.headers.get("content-encoding", "")
                    content = read_content(opened.reply.iter_stream(), coding, CONTENT_BYTES)
                return RobotsReply(status, content, wait)
        except TooLarge as failure:
            return RobotsReply(200, failure.start)
        except _TooManyRedirects:
            return RobotsReply(404)  # RFC 9309, 2.3.1.2

    def _read(self, opened: _Opened, redirects: tuple[str, ...], kept: Validators) -> Fetched:
        headers, status = opened.headers, opened.reply.status
        now = self._now()
        wait = _retry_after(headers, now)
        kind = _kind(status, wait, is_conditional=kept != Validators())
        content = self._read_content(opened) if kind == "fresh" else b""
        content_type = headers.get("content-type", "")
        charset, media_type = _CHARSET.search(content_type), _MEDIA_TYPE.match(content_type)
        found = _sendable(Validators(headers.get("etag"), headers.get("last-modified")))
        return Fetched(
            url=str(opened.url),
            redirects=redirects,
            kind=kind,
            content=content,
            media_type=media_type[1].lower() if media_type else None,
            charset=charset[1].lower() if charset else None,
            validators=kept if kind == "not modified" and found == Validators() else found,
            read_at=now,
            retry_after_seconds=wait,
            delay_seconds=opened.delay_seconds,
        )

    def _read_content(self, opened: _Opened) -> bytes:
        limit = self._limits.content_bytes
        length = opened.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise TooLarge(limit)
        return read_content(opened.reply.iter_stream(), opened.headers.get("content-encoding", ""), limit)


def _kind(
    status: int, wait: float | None, *, is_conditional: bool
) -> Literal["fresh", "not modified", "gone"]:
    if status in (200, 203):
        return "fresh"
    if status == 304 and is_conditional:
        return "not modified"
    if status == 410:
        return "gone"
    advice = "try again later"
    is_lasting = 400 <= status < 500 and status not in _PASSING
    if wait is not None:
        advice = f"try again in {wait:.0f} seconds"
    elif status in (401, 402, 403, 451):
        advice = "it may be open to people alone"
    elif is_lasting:
        advice = "check the address"
    known = {known.value: f" ({known.phrase})" for known in HTTPStatus}
    reason = f"was answered with HTTP status {status}{known.get(status, '')}; {advice}"
    raise Unfetchable(reason, is_lasting=is_lasting, retry_after_seconds=wait)


def _tell(tried: list[str], failure: Unfetchable) -> str:
    leads = f" redirects to {shown_address(tried[-1])}, which" if len(tried) > 1 else ""
    return f"{shown_address(tried[0])}{leads} {failure}"


def _retry_after(headers: "Headers", now: datetime) -> float | None:
    """Read how long a server wants to be left alone: seconds, or a date; a week at most."""
    stated = headers.get("retry-after", "")
    if seconds := _SECONDS.fullmatch(stated):
        return min(float(seconds[1]), _LONGEST_WAIT_SECONDS)
    try:
        date = parsedate_to_datetime(stated)
        wait = ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(wait, 0.0), _LONGEST_WAIT_SECONDS)


def _sendable(validators: Validators) -> Validators:
    """Drop what could not be sent back as a header."""
    stated = (validators.etag, validators.last_modified)
    return Validators(*(value if value and _VALIDATOR.fullmatch(value) else None for value in stated))


def agent_name(contact: str | None = None) -> str:
    """Say which program this is, and how to reach who runs it, as sites are told."""
    try:
        number = version("footnote-bot")
    except PackageNotFoundError:
        number = "0"
    return f"{TOKEN}/{number}" + (f" (+{contact})" if contact else "")
