"""A library that is filled from a small web, at a time that the test sets."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from retrieval.articles import Reading
from retrieval.fetching import Fetcher
from retrieval.gathering import Gatherer
from retrieval.indexing import Indexer, IndexReport
from retrieval.library import Library
from retrieval.sources import Source
from retrieval.watching import Watcher
from tests.fakes import FakeEmbedder
from tests.page_samples import ENGLISH, ITALIAN, SWEDISH, page
from tests.small_web import Page, Sites, Visit, gives, serve

START = datetime(2024, 11, 20, 8, tzinfo=UTC)
HTML = "text/html; charset=utf-8"


@dataclass
class Desk:
    """A library that is filled from a small web, at a time that the test sets."""

    folder: Path
    sites: Sites
    now: datetime = START
    readings: list[Reading] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.sites.port}"

    @property
    def gatherer(self) -> Gatherer:
        return Gatherer(
            lambda: Fetcher(private=True, pause_seconds=0), known=self.known, now=lambda: self.now
        )

    @property
    def indexer(self) -> Indexer:
        return Indexer(self.folder / "index", FakeEmbedder(), passage_tokens=256)

    def known(self, names: Sequence[str]) -> dict[str, Source]:
        if not (self.folder / "index").exists():
            return {}
        with closing(Library.open_any(self.folder / "index")) as library:
            return library.sources.named(names)

    def index(self, *names: str) -> IndexReport:
        """Read what is named into the index; a name that begins with / stands at the small web."""
        whole = [self.whole(name) for name in names]
        report = IndexReport()
        self.readings = []
        with closing(self.gatherer) as gatherer:
            for reading in gatherer.gather(whole):
                self.readings.append(reading)
                part = self.indexer.update(reading, lambda step, done, total: None)
                report.added += part.added
                report.changed += part.changed
                report.removed += part.removed
        return report

    def watch(self, **later: float) -> IndexReport:
        """Look once at what is due, that much later."""
        self.now += timedelta(**later)
        report = IndexReport()
        with closing(self.gatherer) as gatherer:
            watcher = Watcher(self.folder / "index", self.indexer, gatherer, now=lambda: self.now)
            for seen in watcher.look():
                report.added += seen.report.added
                report.changed += seen.report.changed
                report.removed += seen.report.removed
        return report

    def whole(self, name: str) -> str:
        if name.startswith("feed:/"):
            return f"feed:{self.base}{name[5:]}"
        return self.base + name if name.startswith("/") and not Path(name).exists() else name

    @property
    def problems(self) -> list[str]:
        return [problem.replace(self.base, "") for reading in self.readings for problem in reading.problems]

    @property
    def library(self) -> Library:
        return Library.open_any(self.folder / "index")

    def put(self, **pages: Page) -> None:
        self.sites.pages.update({f"/{name}": given for name, given in pages.items()})


def conditional(content: bytes, etag: str) -> Page:
    """A page that says when it has not changed."""

    def answer(visit: Visit) -> None:
        is_same = visit.headers["If-None-Match"] == etag
        gives(b"" if is_same else content, status=304 if is_same else 200, ETag=etag, Content_Type=HTML)(
            visit
        )

    return answer


def rss(*paths: str, **times: str) -> bytes:
    """A feed that names pages by relative addresses."""
    items = "".join(f"<item><title>t</title><link>{path}</link></item>" for path in paths)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>N</title>{items}</channel></rss>'.encode()
    )


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """Serve three pages, and hold a desk that has read none of them."""
    pages = {
        "/bridge": gives(page(ENGLISH), Content_Type=HTML, ETag='"one"'),
        "/ponte.html": gives(page(ITALIAN, language="it"), Content_Type=HTML),
        "/bron/": gives(page(SWEDISH, language="sv"), Content_Type=HTML),
    }
    with serve(pages) as sites:
        yield Desk(folder, sites)
