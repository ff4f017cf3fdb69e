"""What a site asks of programs that read it: its robots.txt (RFC 9309), and a pause between requests."""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.addresses import Unfetchable

if TYPE_CHECKING:
    from protego import Protego

CONTENT_BYTES = 500 * 1024  # RFC 9309, 2.5: what a reader has to read of it at least
_HOSTS = 300
_KEPT_SECONDS = 24 * 3600.0  # RFC 9309, 2.4
_KEPT_SECONDS_OF_FAILURE = 600.0
_LONGEST_PAUSE_SECONDS = 30.0
_HOSTS_PACED = 2000
_AGENT_LINE = re.compile(r"\s*user[-\s]*agent[\s:]+([^#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsReply:
    """What a site sends for its robots.txt: the HTTP status, the first 500 KiB, when to ask again."""

    status: int
    content: bytes = b""
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    rules: "Protego | str"  # or why there are none


class Robots:
    """Knows what each site asks, from its robots.txt, which is read once a day.

    Args:
        token: The product token by which sites call this program.
        read: Fetches a robots.txt.
        clock: Seconds that only grow.
    """

    def __init__(self, token: str, read: Callable[[str], RobotsReply], clock: Callable[[], float]) -> None:
        self._token = token.lower()
        self._read = read
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def check(self, url: str, site: str) -> float | None:
        """Give the seconds that the site asks to leave between two requests, if it asks.

        Args:
            url: What is to be fetched.
            site: Its scheme, host and port, as an address without a path.

        Raises:
            Unfetchable: It asks not to fetch this, or does not say what it asks.
        """
        kept = self._kept.get(site)
        if kept is None or kept.until <= self._clock():
            kept = self._kept[site] = self._fetch(site)
            if len(self._kept) > _HOSTS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(site)
        if isinstance(kept.rules, str):
            reason = f"is not fetched, as its site's robots.txt {kept.rules}"
            raise Unfetchable(reason, retry_after_seconds=kept.until - self._clock())
        if not kept.rules.can_fetch(url, self._token):
            reason = (
                f"is not fetched, as its site's robots.txt asks {self._token} not to; open it in a browser"
            )
            raise Unfetchable(reason, is_lasting=True)
        return kept.rules.crawl_delay(self._token)

    def _fetch(self, site: str) -> _Kept:
        from protego import Protego

        rules: Protego | str
        seconds = _KEPT_SECONDS_OF_FAILURE
        try:
            reply = self._read(f"{site}/robots.txt")
        except Unfetchable as failure:
            if failure.is_lasting:
                raise
            rules = str(failure)
        else:
            # Too many requests does not mean that there is none.
            if reply.status == 429 or reply.status >= 500:
                rules = f"was answered with HTTP status {reply.status}; try again later"
                seconds = reply.retry_after_seconds or seconds
            else:
                rules = Protego.parse(_for_one(self._token, reply.content.decode("utf-8-sig", "replace")))
                seconds = _KEPT_SECONDS
        return _Kept(self._clock() + seconds, rules)


def _for_one(token: str, text: str) -> str:
    """Give all other programs that a robots.txt names one name.

    Protego keeps the rules of a group once for each name: 60 kB of both make it work for a minute.
    """
    lines = []
    for line in text.splitlines():
        found = _AGENT_LINE.match(line)
        if found:
            name = found[1].partition("/")[0].strip().lower()
            is_meant = name == "*" or (name and token.startswith(name.replace("*", "")))
            line = f"user-agent: {name if is_meant else 'another-program'}"
        lines.append(line)
    return "\n".join(lines)


class Pace:
    """Leaves a pause between two requests to the same host.

    Args:
        pause_seconds: How long it is at least.
        clock: Seconds that only grow.
        sleep: Waits that many seconds.
    """

    def __init__(
        self, pause_seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._sleep = sleep
        self._last: OrderedDict[str, float] = OrderedDict()

    def wait(self, host: str, asked_seconds: float | None) -> float:
        """Wait until the host may be asked again, and give how many seconds that took.

        Args:
            host: Its name.
            asked_seconds: What its robots.txt asks for; half a minute of it is kept at most.
        """
        pause = max(self._pause_seconds, min(asked_seconds or 0.0, _LONGEST_PAUSE_SECONDS))
        seconds = max(0.0, self._last[host] + pause - self._clock()) if host in self._last else 0.0
        if seconds:
            self._sleep(seconds)
        return seconds

    def note(self, host: str) -> None:
        """Remember that the host has just been asked."""
        self._last[host] = self._clock()
        self._last.move_to_end(host)
        if len(self._last) > _HOSTS_PACED:
            self._last.popitem(last=False)
