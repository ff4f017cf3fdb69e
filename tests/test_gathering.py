"""What a person names is read: files, pages and feeds; what cannot be read is told and stops nothing."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retrieval.articles import Reading
from retrieval.errors import ArticleError
from retrieval.fetching import Fetcher
from retrieval.gathering import Gatherer, named_source
from retrieval.indexing import Indexer, IndexReport
from retrieval.library import Library
from retrieval.sources import Source
from retrieval.watching import Watcher
from tests.document_samples import STORY, pdf
from tests.fakes import FakeEmbedder
from tests.page_samples import ENGLISH, ITALIAN, SWEDISH, json_ld, news, page
from tests.small_index import ARTICLES, write_news
from tests.small_web import Page, Sites, Visit, gives, leads_to, serve

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


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    pages = {
        "/bridge": gives(page(ENGLISH), Content_Type=HTML, ETag='"one"'),
        "/ponte.html": gives(page(ITALIAN, language="it"), Content_Type=HTML),
        "/bron/": gives(page(SWEDISH, language="sv"), Content_Type=HTML),
    }
    with serve(pages) as sites:
        yield Desk(tmp_path, sites)


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


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("https://a.example/x", Source(name="https://a.example/x", kind="page")),
        ("feed:https://a.example/rss", Source(name="feed:https://a.example/rss", kind="feed")),
        ("feed://a.example/rss", Source(name="feed:https://a.example/rss", kind="feed")),
        ("feed:a.example/rss", Source(name="feed:https://a.example/rss", kind="feed")),
        ("news", None),
        ("-", None),
        ("C:\\news", None),
        ("news/**/*.md", None),
    ],
    ids=["page", "feed", "feed scheme", "feed without scheme", "folder", "stdin", "drive", "pattern"],
)
def test_named_source_when_given_what_people_type(name: str, source: Source | None) -> None:
    assert named_source(name) == source


@pytest.mark.parametrize("name", ["ftp://a.example/x", "javascript://x", "data://x", "gopher://a.example"])
def test_named_source_when_address_is_of_another_kind_is_refused(name: str) -> None:
    with pytest.raises(ArticleError, match=r"no address that can be read"):
        named_source(name)


def test_named_source_when_address_is_of_a_file_is_refused() -> None:
    with pytest.raises(ArticleError, match=r"name the file itself"):
        named_source("file:///etc/passwd")


def test_gather_when_pages_and_files_are_named_reads_both(desk: Desk) -> None:
    files = write_news(desk.folder, ARTICLES)
    report = desk.index(str(files), "/bridge", "/ponte.html", "/bron/")
    assert sorted(report.added) == ["bakery", "bridge", "bron", "ponte", "riga", "roma"]
    with closing(desk.library) as library:
        bridge = library.articles(["bridge"])["bridge"]
    assert bridge.title == "Bridge over the Sound opens in May"
    assert bridge.path == bridge.url == f"{desk.base}/bridge"
    assert bridge.published is None, "a page that states no date has none"
    assert bridge.read is not None


def test_gather_when_some_fail_tells_why_and_reads_the_rest(desk: Desk) -> None:
    desk.put(
        list=gives(b"<html><body>" + b"".join(
            f"<h2><a href='/{n}'>A headline of six words number {n}</a></h2>".encode() for n in range(20)
        ), Content_Type=HTML),
        empty=gives(b"", Content_Type=HTML),
        robots_txt=gives(b""),
    )  # fmt: skip
    report = desk.index("/missing", "/list", "/empty", "/bridge")
    assert report.added == ["bridge"]
    assert [problem.partition(":")[0] for problem in desk.problems] == [
        "/missing was answered with HTTP status 404 (Not Found); check the address",
        "Cannot read /list",
        "Cannot read /empty",
    ]


def test_gather_when_robots_txt_forbids_it_leaves_the_page_alone(desk: Desk) -> None:
    desk.sites.pages["/robots.txt"] = gives(b"User-agent: *\nDisallow: /bridge\n", Content_Type="text/plain")
    assert desk.index("/bridge", "/ponte.html").added == ["ponte"]
    assert "robots.txt" in desk.problems[0]
    assert not any(asked.endswith("/bridge") for asked in desk.sites.asked)


def test_gather_when_page_redirects_keeps_where_it_stands(desk: Desk) -> None:
    desk.put(short=leads_to("/bridge"))
    desk.index("/short")
    with closing(desk.library) as library:
        assert library.articles()["bridge"].url == f"{desk.base}/bridge"


def test_gather_when_page_is_read_again_changes_the_article_and_keeps_what_it_said(desk: Desk) -> None:
    desk.index("/bridge")
    desk.put(bridge=gives(page(ENGLISH.replace("1,200", "1,300")), Content_Type=HTML))
    assert desk.index("/bridge").changed == ["bridge"]
    with closing(desk.library) as library:
        rows = library._database.rows("SELECT article, until, text FROM version")
    assert [(article, "1,200 metres" in text) for article, _, text in rows] == [("bridge", True)]


def test_gather_when_page_states_a_correction_keeps_it(desk: Desk) -> None:
    note = {"@type": "CorrectionComment", "text": "The length was wrong.", "datePublished": "2024-11-19"}
    stated = json_ld(news(headline="Bridge over the Sound opens in May", correction=note))
    desk.put(bridge=gives(page(ENGLISH, head=stated), Content_Type=HTML))
    desk.index("/bridge")
    with closing(desk.library) as library:
        assert library.articles()["bridge"].correction == "2024-11-19 The length was wrong."


def test_gather_when_address_is_of_a_pdf_reads_it_whatever_it_is_called(desk: Desk) -> None:
    desk.put(report=gives(pdf([STORY]), Content_Type="application/pdf"))
    assert desk.index("/report").added == ["report"]
    desk.put(**{"other.pdf": gives(pdf([STORY]), Content_Type="application/octet-stream")})
    assert desk.index("/other.pdf").added == ["other"]


def test_gather_when_feed_is_named_reads_the_pages_that_it_names(desk: Desk) -> None:
    desk.put(rss=gives(rss("/bridge", "ponte.html", "/gone"), Content_Type="application/rss+xml"))
    assert sorted(desk.index("feed:/rss").added) == ["bridge", "ponte"]
    assert [problem.split()[0] for problem in desk.problems] == ["/gone"]


def test_gather_when_address_is_a_feed_without_being_called_one_reads_it_as_one(desk: Desk) -> None:
    desk.put(rss=gives(rss("/bridge"), Content_Type="text/xml"))
    assert desk.index("/rss").added == ["bridge"]


def test_gather_when_feed_is_a_page_says_so(desk: Desk) -> None:
    desk.index("feed:/bridge", "/ponte.html")
    assert desk.problems[0].startswith("Cannot read /bridge: ")


def test_gather_when_feed_is_read_again_asks_only_for_new_pages(desk: Desk) -> None:
    desk.put(rss=gives(rss("/bridge"), Content_Type="application/rss+xml"))
    desk.index("feed:/rss")
    desk.put(rss=gives(rss("/ponte.html", "/bridge"), Content_Type="application/rss+xml"))
    desk.sites.asked.clear()
    assert desk.index("feed:/rss").added == ["ponte"]
    assert not any(asked.endswith("/bridge") for asked in desk.sites.asked)


def test_gather_when_page_cannot_be_read_takes_its_text_from_the_feed(desk: Desk) -> None:
    content = ENGLISH.replace("<", "&lt;")
    feed = (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry>'
        '<title>Bridge over the Sound opens in May</title><link href="/closed"/>'
        f"<published>2024-11-19T10:00:00Z</published><content type='html'>{content}</content></entry></feed>"
    )
    desk.put(atom=gives(feed.encode(), Content_Type="application/atom+xml"), closed=gives(b"", status=403))
    assert desk.index("feed:/atom").added == ["closed"]
    assert not desk.problems
    with closing(desk.library) as library:
        article = library.articles()["closed"]
    assert article.published == "2024-11-19T10:00:00+00:00"
    assert "four lanes" in article.text


def test_watch_when_nothing_changed_asks_with_validators_and_stores_nothing(desk: Desk) -> None:
    desk.put(bridge=conditional(page(ENGLISH), '"one"'))
    desk.index("/bridge")
    report = desk.watch(hours=2)
    assert not (report.added or report.changed or report.removed)
    assert desk.sites.headers[-1]["If-None-Match"] == '"one"'


def test_watch_when_it_is_not_due_asks_nobody(desk: Desk) -> None:
    desk.put(rss=gives(rss("/bridge"), Content_Type="application/rss+xml"))
    desk.index("feed:/rss")
    desk.sites.asked.clear()
    desk.watch(minutes=5)
    assert not desk.sites.asked
    desk.watch(minutes=15)
    assert [asked.partition("/")[2] for asked in desk.sites.asked if "robots" not in asked] == ["rss"]


def test_watch_when_feed_fails_waits_longer_each_time_and_recovers(desk: Desk) -> None:
    desk.put(rss=gives(rss("/bridge"), Content_Type="application/rss+xml"))
    desk.index("feed:/rss")
    desk.put(rss=gives(b"", status=503))
    pauses: list[float] = []
    for _ in range(4):
        desk.watch(minutes=15)
        while True:
            (feed,) = desk.known([f"feed:{desk.base}/rss"]).values()
            assert feed.due
            due = datetime.fromisoformat(feed.due)
            if due > desk.now:
                break
            desk.watch(minutes=1)
        pauses.append((due - desk.now).total_seconds())
        desk.now = due - timedelta(minutes=15)
    assert pauses == sorted(pauses) and pauses[-1] > pauses[0]
    assert feed.failures == 4 and "503" in (feed.problem or "")
    desk.put(rss=gives(rss("/bridge", "/ponte.html"), Content_Type="application/rss+xml"))
    assert desk.watch(days=1).added == ["ponte"]
    (feed,) = desk.known([f"feed:{desk.base}/rss"]).values()
    assert feed.failures == 0 and feed.problem is None


def test_watch_when_page_is_old_reads_it_less_and_less_and_then_never(desk: Desk) -> None:
    desk.put(bridge=conditional(page(ENGLISH), '"one"'))
    desk.index("/bridge")
    for _ in range(24 * 14):
        desk.watch(hours=1)
    asked = [one for one in desk.sites.asked if one.endswith("/bridge")]
    assert 6 <= len(asked) <= 10
    (source,) = desk.known([f"{desk.base}/bridge"]).values()
    assert source.due is None


def test_watch_when_files_change_reads_the_folder_again(desk: Desk) -> None:
    files = write_news(desk.folder, ARTICLES)
    desk.index(str(files))
    assert desk.watch(hours=1) == IndexReport()
    (files / "riga.md").unlink()
    (files / "new.txt").write_text("Bridges\n\nA bridge is a bridge, said the engineer in Riga.\n")
    report = desk.watch(hours=1)
    assert (report.added, report.removed) == (["new"], ["riga"])


def test_watch_when_fifty_feeds_are_read_for_a_day_leaves_only_their_articles(desk: Desk) -> None:
    names = [f"rss{number}" for number in range(50)]
    for number, name in enumerate(names):
        desk.put(
            **{
                name: gives(rss(f"/story{number}"), Content_Type="application/rss+xml"),
                f"story{number}": gives(
                    page(ENGLISH.replace("Sound", f"Sound of {number}")), Content_Type=HTML
                ),
            }
        )
    desk.index(*(f"feed:/{name}" for name in names))
    with closing(desk.library) as library:
        before = library._database.rows("SELECT count(*) FROM source")[0][0]
        size = sum(file.stat().st_size for file in library.folder.glob("library.sqlite3"))
    for _ in range(24):
        desk.watch(hours=1)
    with closing(desk.library) as library:
        assert len(library.ids()) == 50
        assert library._database.rows("SELECT count(*) FROM source")[0][0] == before == 100
        assert library._database.rows("SELECT count(*) FROM version")[0][0] == 0
        after = sum(file.stat().st_size for file in library.folder.glob("library.sqlite3"))
    assert after <= size * 1.05
