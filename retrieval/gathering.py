"""Read articles from whatever a person names: files, folders, pages and feeds, a few at a time."""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from retrieval.addresses import shown_address
from retrieval.articles import Pile, Reading, drafts_in, faults_are_unreadable, read_articles
from retrieval.errors import ArticleError, FetchError
from retrieval.feed_markup import starts_feed
from retrieval.fetching import Fetched, Fetcher, Validators
from retrieval.files import find_files, find_scope
from retrieval.formats import ARTICLE_SUFFIXES, Draft, Unreadable
from retrieval.sources import Source, stamp

if TYPE_CHECKING:
    from retrieval.feeds import FeedEntry

# An interruption loses no more pages than these.
_BATCH = 16
# No site is left alone for longer, whatever it asks for.
_LONGEST_PAUSE_SECONDS = 7 * 86_400
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
_FILE_TYPES = {
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "message/rfc822": ".eml",
    "application/json": ".json",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})


class Progress(Protocol):
    """Is told how far the reading has come."""

    def __call__(self, done: int, total: int, /) -> None:
        """Take note of it."""


class Gatherer:
    """Reads what is named; what cannot be read is told and does not stop the rest.

    Args:
        fetchers: Makes what fetches, once there is something to fetch.
        known: Gives the sources of these names that are known already.
        pause_seconds: The shortest pause between two readings of the same feed, page or folder.
        now: The date and time in UTC.
    """

    def __init__(
        self,
        fetchers: Callable[[], Fetcher],
        *,
        known: Callable[[Sequence[str]], Mapping[str, Source]] = lambda names: {},
        pause_seconds: int = 900,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fetchers = fetchers
        self._known = known
        self._pause = pause_seconds
        self._now = now
        self._fetcher: Fetcher | None = None

    def close(self) -> None:
        """Close what fetches."""
        if self._fetcher:
            self._fetcher.close()
            self._fetcher = None

    def gather(
        self, names: Sequence[str], *, stdin: BinaryIO | None = None, progress: Progress | None = None
    ) -> Iterator[Reading]:
        """Read files, folders, patterns, "-", https:// pages and feed: addresses, a few articles at a time.

        Raises:
            ArticleError: A name is neither there nor an address that can be read.
        """
        named = [named_source(name) for name in names]
        files = [name for name, source in zip(names, named, strict=True) if source is None]
        if files or not names:
            yield self._read_files(files, stdin, progress)
        yield from self.visit([source for source in named if source], progress)

    def visit(self, sources: Sequence[Source], progress: Progress | None = None) -> Iterator[Reading]:
        """Read feeds, with the new pages that they name, pages, and files that changed."""
        for source in sources:
            if source.kind == "files":
                yield self._look_at(source)
        addresses = [source for source in sources if source.kind != "files"]
        if addresses:
            # What it knows of sites holds for later visits.
            self._fetcher = self._fetcher or self._fetchers()
            yield from _Visit(self._fetcher, self._known, self._pause, self._now).read(addresses, progress)

    def _read_files(self, names: Sequence[str], stdin: BinaryIO | None, progress: Progress | None) -> Reading:
        # What changes while they are read is read next time.
        states = {place: _digest(place) for place in (_absolute(name) for name in names if name != "-")}
        reading = read_articles(names, stdin=stdin, progress=progress)
        sources = (self._after(self._source(place), state, reading) for place, state in states.items())
        return replace(reading, sources=tuple(sources))

    def _look_at(self, source: Source) -> Reading:
        """Read files again where they changed."""
        state = _digest(source.name)
        try:
            if source.etag and source.etag == state:
                return Reading(sources=(self._after(source, state),))
            reading = read_articles([source.name])
        except ArticleError as error:
            failed = source.after_failure(self._now(), str(error), pause=self._pause)
            return Reading(problems=(str(error),), sources=(failed,))
        return replace(reading, sources=(self._after(source, state, reading),))

    def _source(self, name: str) -> Source:
        return self._known([name]).get(name) or Source(name=name, kind="files")

    def _after(self, source: Source, state: str | None, reading: Reading | None = None) -> Source:
        # What could not be read whole is read again, changed or not.
        etag = None if reading and reading.failed_paths else state
        return source.after_success(self._now(), etag=etag, last_modified=None, pause=self._pause)


class _Visit:
    """One round of fetching."""

    def __init__(
        self,
        fetcher: Fetcher,
        known: Callable[[Sequence[str]], Mapping[str, Source]],
        pause: int,
        now: Callable[[], datetime],
    ) -> None:
        self._fetcher = fetcher
        self._known = known
        self._pause = pause
        self._now = now
        self._waiting: deque[tuple[Source, FeedEntry | None]] = deque()
        self._seen: set[str] = set()
        self._paths: set[str] = set()
        self._pile = Pile()
        self._done: list[Source] = []
        self._feeds: list[Source] = []

    def read(self, sources: Sequence[Source], progress: Progress | None) -> Iterator[Reading]:
        known = self._known([source.name for source in sources])
        for source in sources:
            self._await(known.get(source.name, source), None)
        done = 0
        while self._waiting:
            visited = self._visited(*self._waiting.popleft())
            (self._feeds if visited.kind == "feed" else self._done).append(visited)
            done += 1
            if progress:
                progress(done, done + len(self._waiting))
            if len(self._pile.articles) >= _BATCH or not self._waiting:
                # Feeds are noted last: one that has not changed does not tell of its pages again.
                feeds = () if self._waiting else self._feeds
                yield self._pile.reading(sources=(*self._done, *feeds))
                self._pile, self._done = Pile(), []

    def _await(self, source: Source, entry: "FeedEntry | None") -> None:
        if source.name not in self._seen:
            self._seen.add(source.name)
            self._waiting.append((source, entry))

    def _visited(self, source: Source, entry: "FeedEntry | None") -> Source:
        address = source.name.removeprefix("feed:")
        try:
            found = self._fetcher.fetch(address, validators=Validators(source.etag, source.last_modified))
            if found.kind == "gone":
                raise FetchError(
                    f"{shown_address(address)} is gone; its articles stay.", url=address, is_lasting=True
                )
            if source.kind == "page" and not entry and _is_feed(found):
                source = replace(source, kind="feed")
            with faults_are_unreadable(shown_address(address)):
                asked = self._take(found, source, entry) if found.kind == "fresh" else None
        except (FetchError, Unreadable) as error:
            return self._failed(source, entry, address, error)
        wishes = (asked or 0, found.retry_after_seconds or 0, found.delay_seconds or 0)
        return source.after_success(
            self._now(),
            etag=found.validators.etag,
            last_modified=found.validators.last_modified,
            pause=max(self._pause, int(min(max(wishes), _LONGEST_PAUSE_SECONDS))),
        )

    def _failed(
        self, source: Source, entry: "FeedEntry | None", address: str, error: FetchError | Unreadable
    ) -> Source:
        problem = (
            str(error) if isinstance(error, FetchError) else f"Cannot read {shown_address(address)}: {error}."
        )
        if entry and entry.content_html and self._take_from_feed(entry, address):
            self._pile.warnings.append(f"{problem.rstrip('.')}; its text was taken from the feed.")
        else:
            self._pile.problems.append(problem)
            self._pile.failed_paths.add(address)
        wait = error.retry_after_seconds if isinstance(error, FetchError) else None
        is_lasting = error.is_lasting if isinstance(error, FetchError) else True
        return source.after_failure(self._now(), problem, wait=wait, is_lasting=is_lasting, pause=self._pause)

    def _take(self, found: Fetched, source: Source, entry: "FeedEntry | None") -> int | None:
        """Take what stands at an address; tell for how many seconds it asks to be left alone."""
        if source.kind == "feed":
            return self._take_feed(found, source)
        if suffix := _suffix(found):
            drafts = list(drafts_in(BytesIO(found.content), suffix))
            self._pile.add(_named(drafts, found.url), found.url, read=stamp(found.read_at))
        else:
            self._take_page(found.content, found.url, found.charset, stamp(found.read_at), entry)
        return None

    def _take_page(
        self, content: bytes, address: str, charset: str | None, read: str, entry: "FeedEntry | None"
    ) -> None:
        from retrieval.pages import read_page

        page = read_page(content, address=address, charset=charset, today=self._now().date())
        path = page.canonical or address
        if path in self._paths:
            return
        self._paths.add(path)
        fields = dict(page.draft.fields)
        corrections = [f"{note.published or ''} {note.text}".strip() for note in page.corrections]
        fields["correction"] = "\n".join(corrections) or None
        if entry:
            for name, said in (
                ("published", entry.published),
                ("title", entry.title),
                ("author", entry.author),
            ):
                fields[name] = fields.get(name) or said
        if page.is_paywalled:
            self._pile.warnings.append(
                f"{shown_address(address)} shows only its beginning without a subscription."
            )
        self._pile.add(_named([Draft(page.draft.text, fields)], path), path, read=read)

    def _take_from_feed(self, entry: "FeedEntry", address: str) -> bool:
        """Take the article as the feed itself holds it."""
        title = escape(entry.title or "")
        page = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{entry.content_html}"
        try:
            content = page.encode(errors="replace")
            self._take_page(content, address, "utf-8", stamp(self._now()), entry)
        except Unreadable:
            return False
        return True

    def _take_feed(self, found: Fetched, source: Source) -> int | None:
        from retrieval.feeds import read_feed

        feed = read_feed(found.content, address=found.url, media_type=found.media_type)
        entries = {entry.address: entry for entry in feed.entries if entry.address}
        known = self._known(list(entries))
        now = stamp(self._now())
        for address, entry in entries.items():
            page = known.get(address)
            if page is None or _is_newer(entry.modified, page.checked) or (page.due and page.due <= now):
                self._await(page or Source(name=address, kind="page", feed=source.name), entry)
        return feed.pause_seconds


def named_source(name: str) -> Source | None:
    """Read the name of a page or a feed; none where it names files.

    Raises:
        ArticleError: It is an address of another kind.
    """
    is_feed = name.lower().startswith("feed:")
    address = name[5:] if is_feed else name
    if os.path.lexists(name) or not (is_feed or _ADDRESS.match(name)):
        return None
    if not _ADDRESS.match(address):
        address = f"https://{address.lstrip('/')}"
    scheme = address.partition(":")[0].lower()
    if scheme == "file":
        raise ArticleError(f"{name!r} is not read: name the file itself, without file://.")
    if scheme not in ("http", "https"):
        raise ArticleError(
            f"{name!r} is no address that can be read. Give one with https://, or feed:https://."
        )
    return Source(name=f"feed:{address}" if is_feed else address, kind="feed" if is_feed else "page")


def _named(drafts: Sequence[Draft | Unreadable], address: str) -> list[Draft | Unreadable]:
    """Name articles by the last part of their address, where they have no name of their own."""
    parts = [part for part in unquote(urlsplit(address).path).split("/") if part]
    slug = PurePosixPath(parts[-1]).stem if parts else urlsplit(address).hostname or "page"
    if slug in ("index", "default") and len(parts) > 1:
        slug = parts[-2]
    return [
        replace(draft, fields={"url": address, **draft.fields, "id": draft.fields.get("id") or slug})
        if isinstance(draft, Draft)
        else draft
        for draft in drafts
    ]


def _is_newer(modified: str | None, checked: str | None) -> bool:
    """Tell whether a feed says that a page changed since it was looked at."""
    if not modified or not checked:
        return bool(modified)
    changed = datetime.fromisoformat(modified)
    return (changed if changed.tzinfo else changed.replace(tzinfo=UTC)) > datetime.fromisoformat(checked)


def _is_feed(found: Fetched) -> bool:
    if found.media_type in _PAGE_TYPES:
        return False
    return found.media_type in _FEED_TYPES or starts_feed(found.content[:4_000].decode("latin-1"))


def _suffix(found: Fetched) -> str | None:
    """Tell which kind of file stands at an address; none for a page."""
    if found.media_type in _PAGE_TYPES:
        return None
    suffix = PurePosixPath(urlsplit(found.url).path).suffix.lower()
    stated = _FILE_TYPES.get(found.media_type or "")
    if stated and stated not in (".txt", ".json"):
        return stated
    if suffix in (".html", ".htm", ".xhtml"):
        return None
    return suffix if suffix in ARTICLE_SUFFIXES else stated


def _absolute(name: str) -> str:
    return os.path.abspath(os.path.expanduser(name))


def _digest(name: str) -> str | None:
    """Name the state of files by their names, sizes and times; none where they cannot be read."""
    state = sha256()
    try:
        for path in find_files(find_scope(name), {}):
            facts = os.stat(path)
            state.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode(errors="surrogateescape"))
    except (OSError, ArticleError):
        return None
    return state.hexdigest()[:32]
