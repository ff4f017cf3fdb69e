"""What can go wrong between a bot and Telegram, as a test scripts it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong: for a method or all, every n-th time, so many times at most."""

    status: int = 200
    retry_after: float = 0
    delay_seconds: float = 0
    cut_before: bool = False
    cut_after: bool = False
    method: str | None = None
    every: int = 1
    times: int | None = None
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def strikes(self, method: str) -> bool:
        """Tell whether this request is one that goes wrong."""
        if (
            self.times == 0
            or (self.method and self.method.lower() != method)
            or next(self._count) % self.every
        ):
            return False
        if self.times:
            self.times -= 1
        return True


class Faults:
    """The faults of the moment; several can strike one request."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def end(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults.clear()

    def striking(self, method: str) -> list[Fault]:
        """Find the faults that strike a request."""
        with self._lock:
            return [fault for fault in self._faults if fault.strikes(method)] if self._faults else []

    def fail(
        self, status: int = 500, *, method: str | None = None, every: int = 1, times: int | None = None
    ) -> None:
        """Answer with an error of the server; nothing is done."""
        self.add(Fault(status=status, method=method, every=every, times=times))

    def storm(
        self, retry_after: float, *, method: str | None = None, every: int = 1, times: int | None = None
    ) -> None:
        """Answer that too much was sent."""
        self.add(Fault(status=429, retry_after=retry_after, method=method, every=every, times=times))

    def slow(
        self, seconds: float, *, method: str | None = None, every: int = 1, times: int | None = None
    ) -> None:
        """Take so long before anything is done, by the fake's clock."""
        self.add(Fault(delay_seconds=seconds, method=method, every=every, times=times))

    def lose_replies(self, *, method: str | None = None, every: int = 1, times: int | None = None) -> None:
        """Do what is asked, and cut the connection before telling so."""
        self.add(Fault(cut_after=True, method=method, every=every, times=times))

    def cut(self, *, method: str | None = None, every: int = 1, times: int | None = None) -> None:
        """Cut the connection before anything is done."""
        self.add(Fault(cut_before=True, method=method, every=every, times=times))
