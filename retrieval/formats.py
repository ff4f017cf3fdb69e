"""Turn the bytes of an article file into drafts: encodings, front matter, Markdown, JSON and JSON Lines."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

MAX_BYTES = 50_000_000
TEXT_SUFFIXES = frozenset({".txt", ".md", ".json", ".jsonl"})
# Those that `retrieval.documents` reads.
DOCUMENT_SUFFIXES = frozenset({".pdf", ".docx", ".eml", ".epub", ".html", ".htm", ".xhtml"})
ARTICLE_SUFFIXES = TEXT_SUFFIXES | DOCUMENT_SUFFIXES
# The first name that is filled wins; a field under any other name is kept out and counted.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "title": ("title",),
    "text": ("text", "body", "content"),
    "publisher": ("publisher", "source", "site"),
    "author": ("author", "authors"),
    "published": ("published", "published_at", "date"),
    "modified": ("modified", "updated"),
    "language": ("language", "lang"),
    "url": ("url", "link"),
    "correction": ("correction",),
}
_KNOWN = frozenset(name for names in FIELDS.values() for name in names)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_SIGN_IN_WORD = re.compile(r"[^\W\d_][¡-©«-´¶-¹¼-¾][^\W\d_]")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?P<yaml>.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_OPEN_FRONT_MATTER = re.compile(
    rf"\s*---[ \t]*\n\s*(?:{'|'.join(sorted(_KNOWN - {'text', 'body'}))})\s*:", re.IGNORECASE
)
_MARKUP = [
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        (r"<!--(?:(?!<!--|-->)[\s\S])*-->", ""),
        (r"^[ \t]*(?:```|~~~).*$", ""),
        (r"^[ \t]*(?:>[ \t]?)+", ""),
        (r"^[ \t]*\[[^\]\n]+\]:[ \t]+\S.*$", ""),
        (r"!\[[^\]\n]*\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\]\n]*\])", ""),
        (r"\[([^\[\]\n]+)\]\((?:[^()\n]|\([^()\n]*\))*\)", r"\1"),
        (r"\[([^\[\]\n]+)\]\[[^\[\]\n]*\]", r"\1"),
        (r"\[\^[^\]\n]+\]", ""),
        (r"<((?:https?://|mailto:)[^>\s]+)>", r"\1"),
        (r"</?(?:a|b|i|u|p|br|em|strong|sup|sub|span|div|small|mark|blockquote|hr)\b[^>\n]*>", ""),
        (r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", r"\1"),
        (r"^(.+)\n[ \t]*(?:={2,}|-{3,})[ \t]*$", r"\1"),
        (r"^[ \t]*\|?(?:[ \t]*:?-{3,}:?[ \t]*\|)+(?:[ \t]*:?-{3,}:?)?[ \t]*$", ""),
        (r"^([ \t]*)[*+-][ \t]+", r"\1- "),
        (r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]*(?:\n[^*\n]+)?[^\s*\\])\1(?![\w*])", r"\2"),
        (r"(?<![\w_\\])(_{1,3})(?=[^\s_])([^\n]{0,300}?[^\s_\\])\1(?![\w_])", r"\2"),
        (r"~~(?=\S)([^~\n]+)~~", r"\1"),
        (r"`+([^`\n]+)`+", r"\1"),
        (r"\\([\\`*_{}\[\]()#+.!~>|-])", r"\1"),
    )
]
_HEADING = re.compile(
    r"\s*(?:#[ \t]+(?P<marked>[^\n]+?)[ \t]*#*|(?P<underlined>[^\n#]+)\n={2,})[ \t]*(?:\n|\Z)"
)


class Unreadable(Exception):
    """Says in a few words why a file or an object in it cannot be read."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file says about one article, before it is cleaned."""

    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    place: str = ""


def read_drafts(stream: BinaryIO, suffix: str) -> Iterator[Draft | Unreadable]:
    """Read the articles of one file; what cannot be read is given back in its place."""
    if suffix == ".jsonl":
        yield from _read_json_lines(stream, b"")
        return
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1_000_000} MB; split it")
    text = decode(data)
    if suffix == ".json":
        yield from _read_json(text)
    else:
        yield _read_text(text, is_markdown=suffix == ".md")


def read_piped(stream: BinaryIO) -> Iterator[Draft | Unreadable]:
    """Read JSON Lines where the stream starts with "{", else one plain text article."""
    start = stream.read(4096)
    if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        yield from _read_json_lines(stream, start)
        return
    data = start + stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1_000_000} MB; split it")
    yield _read_text(decode(data), is_markdown=False)


def decode(data: bytes) -> str:
    """Decode text in any encoding: byte order mark, UTF-8, UTF-16 by its pattern, then by its letters."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, encoding)
    if wide := _wide_encoding(data[:4096]):
        return _decode_as(data, wide)
    if b"\0" in data or len(data[:4096].translate(None, _CONTROL)) < 0.98 * len(data[:4096]):
        raise Unreadable("it is binary, not text")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _decode_narrow(data)


def plain_text(markdown: str) -> str:
    """Take the markup out of Markdown so that its sentences read, and can be found, as they were written."""
    text = markdown
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return text


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not valid {encoding.removesuffix('-sig').upper()}") from error


def _wide_encoding(start: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark shows as NUL bytes that keep to the same places."""
    if b"\0" not in start:
        return None
    share = [start[place::4].count(0) / max(1, len(start[place::4])) for place in range(4)]
    for encoding, filled in (("utf-32-le", (1, 2, 3)), ("utf-32-be", (0, 1, 2))):
        if len(start) % 4 == 0 and sum(share[place] for place in filled[1:]) > 1.9 and sum(share) < 3.01:
            return encoding
    even, odd = share[0] + share[2], share[1] + share[3]
    if len(start) % 2 == 0 and max(even, odd) > 0.1 and min(even, odd) < 0.05 * max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _decode_narrow(data: bytes) -> str:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    letters = [letter for letter in text[:200_000] if letter.isalpha()]
    foreign = sum(letter > "\x7f" for letter in letters)
    # Western accents are rare and stand in words; another alphabet read as cp1252 is mostly accents.
    is_western = foreign < 0.4 * len(letters) and not _SIGN_IN_WORD.search(text)
    if text and is_western:
        return text
    from charset_normalizer import from_bytes

    best = from_bytes(data[:500_000]).best()
    if best is None:
        raise Unreadable("it is binary, or text in an unknown encoding")
    return data.decode(best.encoding, errors="replace")


def _read_text(text: str, *, is_markdown: bool) -> Draft:
    text = re.sub(r"\r\n?", "\n", text)
    front, body = _split_front_matter(text)
    fields, unknown = _known_fields(front)
    if is_markdown:
        heading = _HEADING.match(body)
        if heading and not fields.get("title"):
            fields["title"] = plain_text(heading["marked"] or heading["underlined"])
            body = body[heading.end() :]
        body = plain_text(body)
    return Draft(body, fields, unknown)


def _split_front_matter(text: str) -> tuple[Mapping[Any, Any], str]:
    match = _FRONT_MATTER.match(text, 0, 100_000)
    if match is None:
        if _OPEN_FRONT_MATTER.match(text):
            raise Unreadable("its front matter has no closing ---")
        return {}, text
    import yaml

    try:
        front = yaml.safe_load(match["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if not re.search(r"^\w+\s*:", match["yaml"], re.MULTILINE):
            return {}, text
        raise Unreadable(f"its front matter is broken ({_yaml_reason(error)})") from error
    if front is None:
        front = {}
    # Two rules with prose between them are no front matter.
    return (front, text[match.end() :]) if isinstance(front, dict) else ({}, text)


def _yaml_reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return f"line {mark.line + 2}: {reason}" if mark else reason


def _known_fields(given: Mapping[Any, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    lowered = {str(name).strip().casefold(): value for name, value in given.items()}
    fields = {
        name: next((lowered[alias] for alias in aliases if lowered.get(alias) not in (None, "")), None)
        for name, aliases in FIELDS.items()
    }
    return fields, tuple(name for name in lowered if name not in _KNOWN)


def _from_object(value: object, place: str) -> Draft | Unreadable:
    if not isinstance(value, dict):
        return Unreadable(f"{place} is not an object with a text")
    fields, unknown = _known_fields(value)
    text = fields.pop("text")
    if not isinstance(text, str) or not text.strip():
        return Unreadable(f'{place} has no text (give it "text", "body" or "content")')
    return Draft(text, fields, unknown, place)


def _read_json(text: str) -> Iterator[Draft | Unreadable]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno} is not JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is not JSON that can be read") from error
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield _from_object(item, f"object {number}")


def _read_json_lines(stream: BinaryIO, start: bytes) -> Iterator[Draft | Unreadable]:
    for number, line in enumerate(_lines(stream, start), 1):
        if isinstance(line, Unreadable):
            yield Unreadable(f"line {number} {line}")
        elif line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Unreadable(f"line {number} is not JSON ({getattr(error, 'msg', 'it cannot be read')})")
                continue
            yield _from_object(value, f"line {number}")


def _lines(stream: BinaryIO, start: bytes) -> Iterator[str | Unreadable]:
    """The lines of a stream, decoded one at a time so that a long file never stands in memory."""
    start = start or stream.read(4096)
    if start.startswith(tuple(bom for bom, _ in _BOMS[1:])) or _wide_encoding(start[: len(start) // 4 * 4]):
        yield from decode(start + stream.read(MAX_BYTES)).splitlines()
        return
    if b"\0" in start:
        raise Unreadable("it is binary, not text")
    rest = start.removeprefix(codecs.BOM_UTF8)
    while rest:
        line, newline, rest = rest.partition(b"\n")
        if not newline:
            line += stream.readline(max(1, MAX_BYTES - len(line)))
            if len(line) >= MAX_BYTES and not line.endswith(b"\n"):
                while (skipped := stream.readline(MAX_BYTES)) and not skipped.endswith(b"\n"):
                    pass
                yield Unreadable(f"is larger than {MAX_BYTES // 1_000_000} MB")
                rest = stream.read(65536)
                continue
            rest = stream.read(65536)
        try:
            yield decode(line)
        except Unreadable as error:
            yield Unreadable(f"cannot be read: {error}")
