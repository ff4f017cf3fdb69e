"""A token bucket: some things at once, then one in so many seconds."""


class Bucket:
    """Holds `size` tokens when it is full, and gets one back every `seconds`; times are in seconds."""

    __slots__ = ("_full_at", "_seconds", "_size")

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._full_at = float("-inf")

    def wait(self, now: float, spare: int = 0) -> float:
        """Tell in how many seconds there will be a token beside some to spare; 0 where there is one."""
        return max(0.0, self._full_at - (self._size - 1 - spare) * self._seconds - now)

    def take(self, now: float) -> None:
        """Take a token; where there is none yet, the next one that comes."""
        self._full_at = max(self._full_at, now) + self._seconds

    def is_full(self, now: float) -> bool:
        """Tell whether no token is missing."""
        return self._full_at <= now
