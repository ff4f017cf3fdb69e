"""Read the content of an HTTP reply, decompressed, up to a limit and not a byte beyond."""

import zlib
from collections.abc import Iterable

from retrieval.addresses import Unfetchable

CODINGS = "gzip, deflate"
"""What is asked for: Brotli's and Zstandard's usual libraries cannot be held to a limit."""
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


class TooLarge(Unfetchable):
    """Says that there is more content than may be read; `start` is what was read."""

    def __init__(self, limit_bytes: int, start: bytes = b"") -> None:
        size = f"{limit_bytes / 1_000_000:g} MB" if limit_bytes >= 100_000 else f"{limit_bytes} bytes"
        super().__init__(f"holds more than {size}, the limit; name a smaller one", is_lasting=True)
        self.start = start


def read_content(pieces: Iterable[bytes], coding: str, limit_bytes: int) -> bytes:
    """Read and decompress the content of a reply.

    Args:
        pieces: The bytes as they come.
        coding: The reply's Content-Encoding.
        limit_bytes: How many bytes may come, and how many they may hold.

    Raises:
        Unfetchable: The coding was not asked for, or the content is damaged.
        TooLarge: There is more.
    """
    inflater = _inflater(coding.strip().lower())
    content = bytearray()
    came = 0
    for piece in pieces:
        came += len(piece)
        content += inflater.add(piece, limit_bytes + 1 - len(content)) if inflater else piece
        if max(came, len(content)) > limit_bytes:
            raise TooLarge(limit_bytes, bytes(content[:limit_bytes]))
    if inflater and came and not inflater.is_complete:
        raise Unfetchable(f"broke off within its {coding} content; try again later")
    return bytes(content)


def _inflater(coding: str) -> "_Inflater | None":
    if coding in ("", "identity"):
        return None
    if coding in ("gzip", "x-gzip", "deflate"):
        return _Inflater(is_gzip=coding != "deflate")
    raise Unfetchable(f"sends its content as {coding[:40]!r}, which was not asked for; try again later")


class _Inflater:
    """Decompresses gzip, of one part or several, and deflate, which some servers send without its header."""

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._inflate: zlib._Decompress | None = None
        self._waiting = b""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing at the end."""
        return self._inflate is None or self._inflate.eof

    def add(self, piece: bytes, room: int) -> bytes:
        """Decompress a piece into at most `room` bytes, which is more than none."""
        data = self._waiting + piece
        self._waiting = b""
        content = bytearray()
        while data and len(content) < room:
            if self._inflate is None or self._inflate.eof:
                if len(data) < 2:
                    self._waiting = data
                    break
                if self._inflate and not (self._is_gzip and data.startswith(b"\x1f\x8b")):
                    break  # what follows the end is padding
                self._inflate = zlib.decompressobj(self._window(data))
            try:
                content += self._inflate.decompress(data, room - len(content))
            except zlib.error as error:
                raise Unfetchable(f"sends damaged content ({error}); try again later") from error
            data = self._inflate.unused_data
        return bytes(content)

    def _window(self, data: bytes) -> int:
        if self._is_gzip:
            return _GZIP
        has_header = data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
        return _ZLIB if has_header else _RAW
