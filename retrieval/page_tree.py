"""Turn the bytes of a web page into a tree of elements: encodings, damage, nesting without end."""

import codecs
import re
from collections.abc import Iterator
from typing import Protocol

from retrieval.feed_markup import starts_feed
from retrieval.formats import Unreadable, decode

MAX_BYTES = 10_000_000
_MAX_TAGS = 40_000
# The parser drops what lies deeper than 256 elements.
_MAX_DEPTH = 150
# Browsers read these names as the wider encoding; servers state the first ones without looking.
_WIDER = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "cp1252": "cp1252", "iso8859-9": "cp1254", "gbk": "gb18030",
    "gb2312": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874", "iso8859-11": "cp874",
}  # fmt: skip
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(
    rb"""<(?:meta\b[^>]{0,300}?\bcharset\s*=|\?xml\b[^>]{0,100}?\bencoding\s*=)\s*["']?\s*([\w:.-]{2,40})""",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|div|p|article|main|section|span|h[1-6]|a|br|table)\b", re.I
)
_HTML = re.compile(r"<(?:html|body|frameset)\b", re.IGNORECASE)
_NESTING = re.compile(r"<(/?)([a-z][\w:-]*+)[^<>]*+>", re.IGNORECASE)
# These hold nothing, or end by themselves where the next one begins.
_NOT_NESTED = frozenset(
    (
        "a", "area", "base", "br", "col", "colgroup", "dd", "dt", "embed", "hr", "img", "input", "li", "link",
        "meta", "option", "p", "param", "path", "rect", "rp", "rt", "source", "tbody", "td", "tfoot", "th",
        "thead", "tr", "track", "wbr",
    )
)  # fmt: skip


class Element(Protocol):
    """What is used of an element of lxml, which publishes no types."""

    text: str | None

    def get(self, name: str, /) -> str | None:
        """Give an attribute."""

    def iter(self, *tags: str) -> Iterator["Element"]:
        """Walk through the elements of these names, in the order of the page."""

    def xpath(self, path: str, /) -> list["Element"]:
        """Find elements."""

    def text_content(self) -> str:
        """Give all text inside."""

    def drop_tree(self) -> None:
        """Take the element out, but not the text that follows it."""


def parse(data: bytes, charset: str | None = None) -> Element:
    """Parse a page; `charset` is what the HTTP header states.

    Raises:
        Unreadable: It is empty, too large, binary, a feed or no HTML.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"the page is larger than {MAX_BYTES // 1_000_000} MB")
    text = _UNSEEN.sub("", decode_page(data, charset)) if data.strip(b"\0\t\n\r ") else ""
    if not text.strip():
        raise Unreadable("the page is empty")
    if starts_feed(text):
        raise Unreadable("it is a feed, not a page; name it with feed: in front")
    if not _TAG.search(text):
        raise Unreadable("it is not a web page: it holds no HTML")
    if text.count("<") > _MAX_TAGS:
        raise Unreadable(f"the page has more than {_MAX_TAGS:,} tags")
    text = _flattened(text)
    if not _HTML.search(text):
        text = f"<html><body>{text}</body></html>"
    from trafilatura import load_html

    tree: Element | None = load_html(text)
    if tree is None:
        raise Unreadable("it is not a web page that can be read")
    return tree


def decode_page(data: bytes, charset: str | None = None) -> str:
    """Decode a page: by its mark, as UTF-8 where it is, then by what is declared, then by its letters."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, errors="replace")
    declared = _META_CHARSET.search(data[:4096])
    names = [_codec(charset), _codec(declared[1].decode("ascii", "replace") if declared else None)]
    if names[0] == "cp1252" and names[1]:
        names.reverse()
    if b"\0" in data[:1000]:
        # Stray NUL bytes are dropped; UTF-16 shows by their pattern, other files are binary.
        return decode(data if data.count(0) > 0.02 * len(data) else data.replace(b"\0", b""))
    shift = next((name for name in names if name and name.startswith(("iso2022", "hz"))), None)
    if shift:
        return data.decode(shift, errors="replace")
    text = data.decode(errors="replace")
    broken = text.count("\ufffd")
    if not broken or sum(letter > "\x7f" for letter in text) > 5 * broken:
        return text
    for name in names:
        if name and name != "utf-8":
            return data.decode(name, errors="replace")
    return decode(data.replace(b"\0", b""))


def _codec(name: str | None) -> str | None:
    """The encoding that a browser takes for a declared name; None for an unknown one."""
    try:
        known = codecs.lookup((name or "").strip(" \"'")).name
        # Some refuse to replace what they cannot read.
        bytes(range(256)).decode(known, errors="replace")
    except (LookupError, ValueError):
        return None
    # What could be searched for its charset is no UTF-16, whatever it says.
    return "utf-8" if known.startswith(("utf-16", "utf-32")) else _WIDER.get(known, known)


def _flattened(text: str) -> str:
    """Drop the tags that are nested deeper than the parser follows, so that no text is lost."""
    depth = 0
    verbatim = ""

    def keep(tag: re.Match[str]) -> str:
        nonlocal depth, verbatim
        name = tag[2].lower()
        if verbatim or name in ("script", "style"):
            if name == (verbatim or name):
                verbatim = "" if tag[1] else name
            return tag[0]
        if name in _NOT_NESTED or tag[0].endswith("/>"):
            return tag[0]
        if not tag[1]:
            depth += 1
            return tag[0] if depth <= _MAX_DEPTH else " "
        depth = max(0, depth - 1)
        return tag[0] if depth < _MAX_DEPTH else " "

    return _NESTING.sub(keep, text)
