"""What a person names is read: files, pages and feeds; what cannot be read is told and stops nothing."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.errors import ArticleError
from retrieval.gathering import named_source
from retrieval.sources import Source
from tests.desk import HTML, Desk, open_desk, rss
from tests.document_samples import STORY, pdf
from tests.page_samples import ENGLISH, json_ld, news, page
from tests.small_index import ARTICLES, write_news
from tests.small_web import Page, gives, leads_to


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


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


def test_gather_when_two_addresses_are_of_one_page_makes_one_article(desk: Desk) -> None:
    own = f'<link rel="canonical" href="{desk.base}/bridge-opens-in-may">'
    for name in ("bridge-opens-in-may?from=a", "bridge-opens-in-may?from=b"):
        desk.put(**{name: gives(page(ENGLISH, own), Content_Type=HTML)})
    report = desk.index("/bridge-opens-in-may?from=a", "/bridge-opens-in-may?from=b")
    assert report.added == ["bridge-opens-in-may"] and not desk.problems


def _nested(depth: int) -> object:
    return [_nested(depth - 1)] if depth else "A"


@pytest.mark.parametrize(
    "odd",
    [
        gives(page(ENGLISH).replace(b"Sound", b"S\xff"), Content_Type="text/html; charset=idna"),
        gives(
            page(ENGLISH, json_ld(news(author=_nested(600)))),
            Content_Type=HTML,
        ),
        gives(b"<!---->" * 2_000 + page(ENGLISH), Content_Type="application/octet-stream"),
        gives(page(f"{ENGLISH}<{'a' * 400_000}"), Content_Type=HTML),
    ],
    ids=["charset that replaces nothing", "nested authors", "many comments", "tag that never ends"],
)
@pytest.mark.timeout(60)
def test_gather_when_one_page_is_odd_reads_the_rest(desk: Desk, odd: Page) -> None:
    desk.put(odd=odd)
    assert "ponte" in desk.index("/odd", "/ponte.html").added


def test_gather_when_a_page_makes_a_library_fail_says_so_and_reads_the_rest(desk: Desk) -> None:
    deep = '{"author": ' + "[" * 20_000 + "]" * 20_000 + "}"
    data = page(ENGLISH, f'<script type="application/ld+json">{deep}</script>')
    desk.put(odd=gives(data, Content_Type=HTML))
    desk.index("/odd", "/ponte.html")
    assert not [problem for problem in desk.problems if not problem.startswith("Cannot read /odd: ")]
    with closing(desk.library) as library:
        assert "ponte" in library.ids()


def test_gather_when_a_feed_is_cut_inside_a_letter_takes_what_there_is(desk: Desk) -> None:
    item = {"id": "1", "url": "/closed", "title": "Bridge", "content_html": f"{ENGLISH}<p>\ud83d</p>"}
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": [item]})
    desk.put(json=gives(feed.encode(), Content_Type="application/feed+json"), closed=gives(b"", status=403))
    assert desk.index("feed:/json").added == ["closed"]


def test_gather_when_an_address_holds_a_secret_never_shows_it(desk: Desk) -> None:
    desk.put(
        **{
            "x?token=SECRETWORD": gives(b"", status=410),
            "y?token=SECRETWORD": gives(b"\0", Content_Type=HTML),
        }
    )
    desk.index("/x?token=SECRETWORD", "/y?token=SECRETWORD", "/bridge")
    assert len(desk.problems) == 2 and "SECRETWORD" not in "".join(desk.problems)
