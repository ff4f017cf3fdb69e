"""A small web: sites on one server on loopback, names for them, and wires that lead there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from ssl import SSLContext
from threading import Thread

import httpcore

PUBLIC = "93.184.215.14"
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
Page = Callable[["Visit"], None]


class Visit(BaseHTTPRequestHandler):
    """One request, answered by the page at its path."""

    protocol_version = "HTTP/1.1"
    server: "Sites"

    def do_GET(self) -> None:
        """Answer, and note what was asked."""
        host = str(self.headers["Host"]).partition(":")[0]
        self.server.asked.append(host + self.path)
        self.server.headers.append(dict(self.headers))
        page = self.server.pages.get(host + self.path) or self.server.pages.get(self.path)
        (page or gives(b"", status=404))(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Sites(ThreadingHTTPServer):
    """The server of all sites; a page is found by host and path, or by its path alone."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.pages = dict(pages)
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_port

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when who asked hangs up."""


@contextmanager
def serve(pages: Mapping[str, Page], trust: SSLContext | None = None) -> Iterator[Sites]:
    """Serve pages until the end of the block, over TLS with a context of a server."""
    with Sites(pages) as sites:
        if trust:
            sites.socket = trust.wrap_socket(sites.socket, server_side=True)
        thread = Thread(target=sites.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield sites
        finally:
            sites.shutdown()
            thread.join()


def gives(content: bytes, *, status: int = 200, **headers: str) -> Page:
    """A page with that content and these headers, `_` for `-`."""

    def page(visit: Visit) -> None:
        visit.send_response(status)
        visit.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            visit.send_header(name.replace("_", "-"), value)
        visit.end_headers()
        visit.wfile.write(content)

    return page


def leads_to(address: str, **headers: str) -> Page:
    """A page that redirects."""
    return gives(b"", status=302, Location=address, **headers)


def writes(pieces: Callable[[], Iterable[bytes]]) -> Page:
    """A page that writes these pieces, headers and all, and hangs up."""

    def page(visit: Visit) -> None:
        visit.close_connection = True
        for piece in pieces():
            visit.wfile.write(piece)
            visit.wfile.flush()

    return page


@dataclass
class Names:
    """A resolver that knows some names, each with what it answers the first, second, … and last time."""

    known: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str, port: int) -> Sequence[str]:
        """Give the addresses of a name; of one that is not known, a public one."""
        answers = self.known.get(name, [[PUBLIC]])
        self.asked.append(name)
        return answers[min(self.asked.count(name), len(answers)) - 1]


class Wires(httpcore.SyncBackend):
    """Leads to the server on loopback from every public address, and notes which was called."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.called: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect; a host that is a name is nothing that wires know."""
        self.called.append(host)
        if ip_address(host).is_global:
            host, port = "127.0.0.1", self._port
        return super().connect_tcp(host, port, timeout, local_address, socket_options)


@dataclass
class SimulatedTime:
    """A clock that moves only when somebody sleeps."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """Give the time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.seconds += seconds
