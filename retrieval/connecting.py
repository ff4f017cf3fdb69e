"""Connect to the machines that an address may lead to, and to no other, within a time limit.

httpcore is httpx's engine. It is used without httpx's client, which logs every address with its secrets,
has no place for a network backend, and decodes without a limit.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from ssl import SSLCertVerificationError, SSLContext, SSLError
from textwrap import shorten
from threading import Thread

import httpcore
import httpx

from retrieval.addresses import Resolver, Unfetchable, check_machines, read_number

Clock = Callable[[], float]
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Deadline:
    """The moment until which an address may take; waiting out of politeness moves it."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def restart(self) -> None:
        """Begin to count anew."""
        self._end = self._clock() + self._seconds

    def extend(self, seconds: float) -> None:
        """Leave out a wait of that long."""
        self._end += seconds

    def seconds_left(self, at_most: float | None = None) -> float:
        """Give how long the next step may take.

        Raises:
            Unfetchable: No time is left.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise self.passed()
        return left if at_most is None else min(left, at_most)

    def passed(self) -> Unfetchable:
        """Give the error that says so."""
        return Unfetchable(f"took longer than {self._seconds:g} seconds; try again later")


class CheckedNetwork(httpcore.NetworkBackend):
    """Resolves a name once, checks all that it leads to, and connects to what was checked.

    Args:
        resolver: Gives the IP addresses of a name; what is one already never reaches it.
        private: Whether loopback, private and shared networks are allowed.
        deadline: What every step keeps to.
        network: What connects; the operating system where it is not given.
    """

    def __init__(
        self,
        *,
        resolver: Resolver,
        private: bool,
        deadline: Deadline,
        network: httpcore.NetworkBackend | None,
    ) -> None:
        self._resolver = resolver
        self._private = private
        self._deadline = deadline
        self._network = network or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first machine of a name that accepts."""
        number = read_number(host)
        found = [str(number)] if number else self._resolve(host, port)
        *others, last = check_machines(host, found, private=self._private)
        for machine in others:
            try:
                return self._connect(machine, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(last, port, timeout)

    def _connect(self, machine: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        seconds = self._deadline.seconds_left(timeout)
        return _TimedStream(self._network.connect_tcp(machine, port, seconds), self._deadline)

    def _resolve(self, name: str, port: int) -> list[str]:
        # The operating system may take its time and cannot be interrupted, so a thread asks it.
        answers: Queue[list[str] | Exception] = Queue()

        def ask() -> None:
            try:
                answers.put(list(self._resolver(name, port)))
            except Exception as error:
                answers.put(error)

        Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.seconds_left())
        except Empty:
            raise self._deadline.passed() from None
        if isinstance(answer, OSError | UnicodeError):
            raise Unfetchable(f"has a host that was not found, {name}; check the spelling") from answer
        if isinstance(answer, Exception):
            raise answer
        return answer


class _TimedStream(httpcore.NetworkStream):
    """A connection each step of which ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.seconds_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.seconds_left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.seconds_left(timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class Connections:
    """Sends one request at a time, each over a connection of its own, directly: no proxy is asked.

    A proxy would resolve names in our place, so HTTP_PROXY and its like are not read.
    """

    def __init__(
        self, network: CheckedNetwork, deadline: Deadline, *, trust: SSLContext | None, connect_seconds: float
    ) -> None:
        self._deadline = deadline
        self._connect_seconds = connect_seconds
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust or httpx.create_ssl_context(trust_env=False),
            max_keepalive_connections=0,
            network_backend=network,
        )

    @contextmanager
    def send(self, request: httpx.Request) -> Iterator[httpcore.Response]:
        """Send a request and read the headers of what comes back; its body is read, or not, within.

        Raises:
            Unfetchable: Something went wrong on the network, here or within.
        """
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = httpcore.Request(
            request.method,
            target,
            headers=request.headers.raw,
            extensions={"timeout": {"connect": self._connect_seconds}},
        )
        try:
            reply = self._pool.handle_request(sent)
            try:
                yield reply
            finally:
                reply.close()
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Close what is open."""
        self._pool.close()

    def _failure(self, error: Exception) -> Unfetchable:
        cause = error.args[0] if error.args else type(error).__name__
        words = shorten(str(cause), 100, placeholder="…").rstrip(".")
        if isinstance(cause, SSLCertVerificationError):
            why = f"has a certificate that cannot be trusted ({cause.verify_message}); check the address"
        elif isinstance(cause, SSLError):
            why = f"does not speak TLS as it should ({cause.reason}); check the address"
        elif isinstance(error, httpcore.ConnectTimeout):
            why = f"accepted no connection in {self._connect_seconds:g} seconds; try again later"
        elif isinstance(error, httpcore.TimeoutException):
            return self._deadline.passed()
        elif isinstance(error, httpcore.ConnectError):
            why = f"cannot be reached ({words}); try again later"
        elif isinstance(error, httpcore.ProtocolError):
            why = f"does not speak HTTP as it should ({words}); try again later"
        else:
            why = f"broke off ({words}); try again later"
        return Unfetchable(why)
