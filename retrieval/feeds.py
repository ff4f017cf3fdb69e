"""Turn the bytes of a feed into its entries: RSS, Atom and JSON Feed. Nothing is fetched."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from retrieval.addresses import Unfetchable, parse_address
from retrieval.feed_markup import DAMAGED, mended
from retrieval.formats import Unreadable
from retrieval.page_data import Object, objects_of, one_line
from retrieval.page_dates import Clock, pick_date
from retrieval.page_tree import decode_page, parse

if TYPE_CHECKING:
    from httpx import URL

MAX_BYTES = 20_000_000
MAX_ENTRIES = 1_000
_MAX_PAUSE_SECONDS = 7 * 86_400
_PERIOD_SECONDS = {
    "hourly": 3_600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400,
}  # fmt: skip
_PROLOGUE = re.compile(
    r"(?:\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*+", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(r"<(?:[\w-]+:)?(?P<name>rss|feed|rdf|html|head|body)\b(?![\w-]*:)", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """What a feed says of one article.

    `address` is that of the article's page, http or https; `published` and `modified` are ISO 8601 as precise
    as stated; `summary_html` and `content_html` are as the feed has them, not made safe to show.
    """

    address: str | None
    title: str | None
    published: str | None
    modified: str | None
    author: str | None
    summary_html: str | None
    content_html: str | None
    guid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed; `pause_seconds` is how long it asks to be left alone, a week at most."""

    title: str | None
    address: str
    entries: tuple[FeedEntry, ...]
    pause_seconds: int | None


def read_feed(
    data: bytes, *, address: str, media_type: str | None = None, today: Clock | None = None
) -> Feed:
    """Read a feed; of one that is cut off, the entries that are whole.

    Args:
        data: The feed as it came.
        address: Where it came from, after redirects.
        media_type: What the HTTP header states, with its charset.
        today: What counts as the future; now, in UTC, where it is not given.

    Raises:
        Unreadable: It is no feed, or none that can be read; the message says why.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"the feed is larger than {MAX_BYTES // 1_000_000} MB")
    charset = re.search(r"charset\s*=\s*[\"']?([\w:.-]+)", media_type or "", re.IGNORECASE)
    text = decode_page(data, charset[1] if charset else None) if data.strip(b"\0\t\n\r ") else ""
    if not (text := text.strip("\ufeff \t\r\n")):
        raise Unreadable("the feed is empty")
    clock = today or datetime.now(UTC).date()
    if text.startswith("{"):
        return _json_feed(text, address, clock)
    start = _PROLOGUE.match(text)
    root = _ROOT.search(text, start.end() if start else 0)
    if root is None or root["name"].lower() in ("html", "head", "body"):
        raise Unreadable(_no_feed(data, address, is_page=root is not None))
    # What stands before the root element can only declare entities.
    return _xml_feed(text[root.start() :], address, clock)


def _no_feed(data: bytes, address: str, *, is_page: bool) -> str:
    """Say what it is instead, and where the page says that its feed is."""
    try:
        links = list(parse(data).iter("link"))
    except Unreadable:
        links, kind = [], "a page" if is_page else "something else"
    else:
        kind = "a page"
    for link in links:
        is_feed = "alternate" in (link.get("rel") or "").lower() and _FEED_TYPE.match(link.get("type") or "")
        if is_feed and (found := _absolute(link.get("href"), _base(address))):
            return f"it is a page, not a feed; the page names its feed: {found}"
    return f"it is {kind}, not a feed; name the address of the feed itself"


def _base(address: str) -> "URL | None":
    try:
        return parse_address(address)
    except Unfetchable:
        return None


def _absolute(link: object, base: "URL | None") -> str | None:
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        return str(parse_address(link[:2000], base))
    except Unfetchable:
        return None


def _xml_feed(text: str, address: str, clock: Clock) -> Feed:
    import feedparser

    data, is_damaged = mended(text, MAX_ENTRIES)
    headers = {"content-location": address, "content-type": "application/xml; charset=utf-8"}
    try:
        # Not the bytes themselves: feedparser tries those as the name of a file first.
        found = feedparser.parse(
            BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser lets out whatever its parsers stumble over
        raise Unreadable(DAMAGED) from error
    about: Object = dict(found["feed"])
    items: list[Object] = [dict(item) for item in found["entries"]]
    if not items and (is_damaged or not found["version"]):
        raise Unreadable(DAMAGED)
    language = str(about.get("language") or "")[:2].lower() or None
    # RFC 4287, section 4.2.1: an entry that names no author has the feed's.
    author = _names(about) if str(found["version"]).startswith("atom") else None
    base = _base(address)
    return Feed(
        title=one_line(about.get("title")),
        address=address,
        entries=_kept(_xml_entry(item, base, language, author, clock) for item in items),
        pause_seconds=_pause(about),
    )


def _xml_entry(
    item: Object, base: "URL | None", language: str | None, author: str | None, clock: Clock
) -> FeedEntry:
    guid = one_line(item.get("id"))
    summary = _html(item.get("summary"), item.get("summary_detail"))
    content = (
        max(
            (_html(part.get("value"), part) or "" for part in objects_of(item.get("content"))),
            key=len,
            default="",
        )
        or None
    )
    return _entry(
        address=_absolute(item.get("link"), base),
        title=item.get("title"),
        dates=(item.get("published"), item.get("updated")),
        author=_names(item) or author,
        texts=(None if summary == content else summary, content),
        guid=guid,
        language=language,
        clock=clock,
    )


def _json_feed(text: str, address: str, clock: Clock) -> Feed:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it looks like a JSON Feed, but is damaged or cut off") from error
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise Unreadable("it is JSON, but no JSON Feed: it has no items")
    language = str(found.get("language") or "")[:2].lower() or None
    base, author = _base(address), _names(found)
    items = objects_of(found["items"])
    return Feed(
        title=one_line(found.get("title")),
        address=address,
        entries=_kept(_json_entry(item, base, language, author, clock) for item in items),
        pause_seconds=None,
    )


def _json_entry(
    item: Object, base: "URL | None", language: str | None, author: str | None, clock: Clock
) -> FeedEntry:
    guid = item.get("id")
    written = item.get("content_html")
    content = (
        written if isinstance(written, str) and written.strip() else _from_plain(item.get("content_text"))
    )
    return _entry(
        address=_absolute(item.get("url"), base) or _absolute(item.get("external_url"), base),
        title=item.get("title"),
        dates=(item.get("date_published"), item.get("date_modified")),
        author=_names(item) or author,
        texts=(_from_plain(item.get("summary")), content),
        guid=one_line(str(guid)) if isinstance(guid, str | int | float) else None,
        language=language,
        clock=clock,
    )


def _entry(
    *,
    address: str | None,
    title: object,
    dates: tuple[object, object],
    author: str | None,
    texts: tuple[str | None, str | None],
    guid: str | None,
    language: str | None,
    clock: Clock,
) -> FeedEntry:
    published, modified = (pick_date([date], language, clock) for date in dates)
    is_before = published is not None and modified is not None and modified[:10] < published[:10]
    return FeedEntry(
        address=address,
        title=one_line(title),
        published=published,
        modified=None if is_before else modified,
        author=author,
        summary_html=texts[0],
        content_html=texts[1],
        guid=guid[:1000] if guid else None,
    )


def _kept(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    """The first entries that say anything, each article once: its page or its guid was not named before."""
    seen: set[tuple[str, str]] = set()
    kept: list[FeedEntry] = []
    for entry in entries:
        names = {(kind, name) for kind, name in (("page", entry.address), ("guid", entry.guid)) if name}
        if len(kept) == MAX_ENTRIES:
            break
        if not names & seen and (entry.address or entry.title or entry.summary_html or entry.content_html):
            kept.append(entry)
        seen |= names
    return tuple(kept)


def _names(item: Object) -> str | None:
    """The names of the authors; an address for mail is none."""
    named = [
        *objects_of(item.get("authors")),
        *objects_of(item.get("author")),
        *objects_of(item.get("author_detail")),
    ]
    names = [name for one in named if (name := one_line(one.get("name"))) and "@" not in name]
    return ", ".join(dict.fromkeys(names)) or None


def _html(value: object, details: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    kind = details.get("type") if isinstance(details, Mapping) else None
    return _from_plain(value) if kind == "text/plain" else value


def _from_plain(value: object) -> str | None:
    """Plain text as HTML, a paragraph for each line."""
    lines = value.split("\n") if isinstance(value, str) else []
    return "".join(f"<p>{html.escape(line.strip())}</p>" for line in lines if line.strip()) or None


def _pause(about: Object) -> int | None:
    """How many seconds the feed asks to be left alone: RSS's ttl in minutes, or the syndication module's."""
    minutes = _number(about.get("ttl"))
    period = _PERIOD_SECONDS.get(str(about.get("sy_updateperiod") or "").strip().lower())
    if minutes:
        return min(minutes * 60, _MAX_PAUSE_SECONDS)
    if period:
        return min(period // (_number(about.get("sy_updatefrequency")) or 1), _MAX_PAUSE_SECONDS) or None
    return None


def _number(value: object) -> int | None:
    text = str(value).strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
