"""What Telegram does with a text and its entities before anybody sees them.

Offsets are in UTF-16 units. Most faults are refused; some are mended in silence, and those are told to
`mended`, because a bot should not rely on it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tests.fake_telegram.errors import Json, bad

MOST_UNITS, MOST_ENTITIES = 4096, 100
# Not published; the maker of the Bot API server calls 9500 "a good approximation".
_MOST_ENTITY_BYTES = 9500
_REMOVED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_NOTHING = re.compile(
    "[ \n\u00a0\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufeff\ufffc\U000e0000-\U000e007f]*"
)
_SPLIT = {"bold", "italic", "underline", "strikethrough", "spoiler"}
_QUOTES = {"blockquote", "expandable_blockquote"}
_CODE = {"code", "pre"}
_LINKS = {"text_link", "text_mention", "url", "mention", "bot_command", "custom_emoji"}
_KINDS = _SPLIT | _QUOTES | _CODE | _LINKS | {"hashtag", "cashtag", "email", "phone_number"}
_SCHEMES = {"http", "https", "tg", "ton", "tonsite"}
Mended = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Entity:
    """A part of a text that is more than text; places are in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user: Mapping[str, object] | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length

    def to_json(self) -> Json:
        fields: Json = {"type": self.type, "offset": self.offset, "length": self.length}
        return (
            fields
            | ({"url": self.url} if self.url else {})
            | ({"user": dict(self.user)} if self.user else {})
        )


def units(text: str) -> int:
    """Count the UTF-16 units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def part(text: str, start: int, end: int) -> str:
    """Cut a text at places in UTF-16 units."""
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "replace")


def read_entities(given: object) -> list[Entity]:
    """Read the entities of a request; some have no length, and are nothing."""
    if not isinstance(given, list):
        raise bad("can't parse entities JSON object")
    entities = []
    for one in given:
        kind, offset, length = one.get("type"), one.get("offset"), one.get("length")
        if kind not in _KINDS:
            raise bad("can't parse MessageEntity: unsupported type specified")
        if not isinstance(offset, int) or offset < 0:
            raise bad(f"receive an entity with incorrect offset {offset}")
        if not isinstance(length, int) or length < 0:
            raise bad(f"receive an entity with incorrect length {length}")
        if kind == "text_link":
            check_url(one.get("url") or "", "entity")
        entities.append(Entity(kind, offset, length, one.get("url"), one.get("user")))
    return [entity for entity in entities if entity.length]


def check_url(url: str, whose: str) -> None:
    """Refuse an address that Telegram does not take in links and buttons."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme.lower() not in _SCHEMES:
        raise bad(f"{whose} URL '{url}' is invalid: Unsupported URL protocol")
    host = parts.hostname or ""
    is_web = parts.scheme.lower().startswith("http")
    if not host or re.search(r"\s", url) or (is_web and "." not in host and ":" not in host):
        raise bad(f"{whose} URL '{url}' is invalid: Wrong HTTP URL")


def clean(
    text: str, entities: Iterable[Entity], mended: Mended, *, may_be_empty: bool = False
) -> tuple[str, tuple[Entity, ...]]:
    """Clean a text as Telegram does, trim it and check its entities.

    Raises:
        Refused: It is empty or too long, or an entity stands where none can.
    """
    try:
        encoded = text.encode("utf-16-le")
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    ordered = sorted(entities, key=lambda entity: (entity.offset, -entity.length))
    for entity in ordered:
        _check_borders(entity, encoded)
    text = _CONTROL.sub(" ", text)
    if _REMOVED.search(text):
        text, ordered = _without_removed(text, ordered)
    text, ordered = _trimmed(text, ordered, mended)
    if not may_be_empty and _NOTHING.fullmatch(text):
        raise bad("message text is empty")
    if units(text) > MOST_UNITS:
        raise bad("message is too long")
    if sum(12 + len((entity.url or "").encode()) for entity in ordered) > _MOST_ENTITY_BYTES:
        raise bad("ENTITIES_TOO_LONG")
    return text, tuple(_fewer(_nested(ordered, mended), mended))


def _check_borders(entity: Entity, encoded: bytes) -> None:
    total = len(encoded) // 2
    if entity.offset > total or (entity.offset == total and entity.length):
        raise bad(f"entity begins after the end of the text at UTF-16 offset {entity.offset}")
    beginning = f"entity beginning at UTF-16 offset {entity.offset} ends"
    if entity.end > total:
        raise bad(f"{beginning} after the end of the text at UTF-16 offset {entity.end}")
    for place, told in ((entity.offset, "entity begins"), (entity.end, beginning)):
        if place < total and 0xDC <= encoded[2 * place + 1] <= 0xDF:
            byte = len(encoded[: 2 * place + 2].decode("utf-16-le").encode())
            raise bad(f"{told} in a middle of a UTF-16 symbol at byte offset {byte}")


def _without_removed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Take out what Telegram takes out; all of it is one unit each."""
    moved = []
    for entity in entities:
        before = len(_REMOVED.findall(part(text, 0, entity.offset)))
        inside = len(_REMOVED.findall(part(text, entity.offset, entity.end)))
        if entity.length > inside:
            moved.append(replace(entity, offset=entity.offset - before, length=entity.length - inside))
    return _REMOVED.sub("", text), moved


def _trimmed(text: str, entities: list[Entity], mended: Mended) -> tuple[str, list[Entity]]:
    """Trim spaces and line breaks: at the end whatever is there, at the start only what no entity covers."""
    text = text.rstrip(" \n")
    end, kept = units(text), []
    for entity in entities:
        if entity.end > end:
            mended(f"{entity.type} at {entity.offset} reaches into white space at the end of the text")
        if entity.offset < end:
            kept.append(entity if entity.end <= end else replace(entity, length=end - entity.offset))
    blank = len(text) - len(text.lstrip(" \n"))
    start = min([blank, *(entity.offset for entity in kept[:1])])
    if not start:
        return text, kept
    return text[start:], [replace(entity, offset=entity.offset - start) for entity in kept]


def _nested(entities: list[Entity], mended: Mended) -> list[Entity]:
    """Drop what cannot stand where it does; bold and the like may cross each other."""
    kept: list[Entity] = []
    stack: list[Entity] = []
    for entity in entities:
        while stack and stack[-1].end <= entity.offset:
            stack.pop()
        around = [outer for outer in stack if outer.end > entity.offset]
        if any(_forbids(outer, entity) for outer in around):
            mended(f"{entity.type} at {entity.offset} cannot stand in or across {around[-1].type}")
            continue
        kept.append(entity)
        stack.append(entity)
    return kept


def _forbids(outer: Entity, inner: Entity) -> bool:
    rigid = _QUOTES | _CODE | _LINKS
    if inner.end > outer.end and (inner.type in rigid and outer.type in rigid):
        return True
    if outer.type in _CODE or (inner.type in _CODE and outer.type not in _QUOTES):
        return True
    same = outer.type in _LINKS and inner.type in _LINKS | _QUOTES
    return same or (outer.type in _QUOTES and inner.type in _QUOTES)


def _fewer(entities: list[Entity], mended: Mended) -> list[Entity]:
    if len(entities) > MOST_ENTITIES:
        mended(f"{len(entities) - MOST_ENTITIES} entities beyond the hundredth are not shown")
    return entities[:MOST_ENTITIES]


_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/@])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?!\w))"
    r"|(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)])|(?P<mention>(?<!\w)@[A-Za-z0-9_]{3,32})"
)


def found_entities(text: str) -> tuple[Entity, ...]:
    """Find the commands, addresses and mentions that Telegram marks in what people write."""
    return tuple(
        Entity(match.lastgroup or "", units(text[: match.start()]), units(match[0]))
        for match in _FOUND.finditer(text)
    )
