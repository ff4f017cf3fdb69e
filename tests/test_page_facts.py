"""What a page states about its article is read as stated: names, dates, addresses, corrections."""

from collections.abc import Callable, Mapping

import pytest

from retrieval.page_facts import Correction
from tests.page_samples import ADDRESS, ENGLISH, fields, json_ld, news, page, read


def test_json_ld_gives_title_authors_publisher_and_moments() -> None:
    stated = news(
        headline="Bridge opens in May",
        author=[{"@type": "Person", "name": "Anna Berg"}, {"name": "By Li Wei"}],
        publisher={"@type": "Organization", "name": "Example News"}, datePublished="2024-11-07T09:30:00.000Z",
        dateModified="2024-11-08T10:00:00+01:00",
    )  # fmt: skip
    found = fields(head=json_ld(stated))
    assert found == {
        "title": "Bridge opens in May", "author": ["Anna Berg", "Li Wei"], "publisher": "Example News",
        "published": "2024-11-07T09:30:00+00:00", "modified": "2024-11-08T10:00:00+01:00", "language": "en",
        "url": ADDRESS,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda item: [item], id="list"),
        pytest.param(lambda item: [[[item]]], id="array of arrays"),
        pytest.param(lambda item: {"@graph": [{"@type": "WebSite", "name": "x"}, item]}, id="graph"),
        pytest.param(lambda item: {"@type": "WebPage", "mainEntity": item}, id="nested"),
        pytest.param(lambda item: {**item, "@type": ["Thing", "ReportageNewsArticle"]}, id="several types"),
        pytest.param(lambda item: {**item, "@type": "http://schema.org/LiveBlogPosting"}, id="whole name"),
    ],
)
def test_json_ld_is_found_however_it_is_wrapped(wrap: Callable[[Mapping[str, object]], object]) -> None:
    assert fields(head=json_ld(wrap(news(headline="Found", author="Anna Berg"))))["author"] == ["Anna Berg"]


def test_authors_and_publisher_are_followed_to_the_objects_they_refer_to() -> None:
    graph = [
        news(headline="Bridge", author={"@id": "#anna"}, publisher={"@id": "#org"}),
        {"@type": "Person", "@id": "#anna", "name": "Anna Berg"},
        {"@type": "Organization", "@id": "#org", "name": "Example News"},
    ]
    found = fields(head=json_ld({"@graph": graph}))
    assert (found["author"], found["publisher"]) == (["Anna Berg"], "Example News")


def test_article_is_chosen_by_its_address_among_several() -> None:
    others = [
        news(headline=f"Other {number}", url=f"https://www.example-news.com/{number}") for number in range(4)
    ]
    own = news(headline="Bridge opens", mainEntityOfPage={"@id": ADDRESS})
    assert fields(head=json_ld([*others, own]))["title"] == "Bridge opens"


def test_broken_json_ld_is_mended_or_passed_over() -> None:
    mended = (
        '<script type="application/ld+json">/* */ {"@type": "NewsArticle", "headline": "Mended",};</script>'
    )
    assert fields(head=mended)["title"] == "Mended"
    for broken in (
        '{"@type": "NewsArticle", "headline": "Cut',
        "[" * 100_000,
        "null",
        '"x"',
        "9" * 5000,
        "{}",
    ):
        head = f'<script type="application/ld+json">{broken}</script>'
        assert fields(head=head)["title"] == "Bridge over the Sound opens in May"


def test_meta_tags_are_read_where_there_is_no_json_ld() -> None:
    head = """<meta property="og:title" content="Bridge &amp; Sound">
    <meta property="og:site_name" content="Example News">
    <meta name="author" content="https://facebook.com/anna"><meta name="DC.creator" content="Anna Berg">
    <meta property="article:published_time" content="2024-11-07T10:30:00+01:00">
    <meta property="article:modified_time" content="2024-11-07">"""
    found = fields(head=head)
    assert (found["title"], found["author"], found["publisher"]) == (
        "Bridge & Sound",
        ["Anna Berg"],
        "Example News",
    )
    assert (found["published"], found["modified"]) == ("2024-11-07T10:30:00+01:00", "2024-11-07")


def test_day_takes_the_time_that_another_statement_of_the_same_day_gives() -> None:
    head = (
        json_ld(news(datePublished="2024-11-07"))
        + '<meta name="pubdate" content="2024-11-07T08:15:00+02:00">'
    )
    assert fields(head=head)["published"] == "2024-11-07T08:15:00+02:00"


@pytest.mark.parametrize(
    ("shown", "published"),
    [
        ('<time datetime="2024-11-07T09:30:00Z">Thursday</time>', "2024-11-07T09:30:00+00:00"),
        ('<p class="dateline">Pubblicato il 7 novembre 2024, ore 10:05</p>', "2024-11-07T10:05:00"),
        ('<span class="publish-date">Publicerad 7 november 2024 kl. 10.05</span>', "2024-11-07T10:05:00"),
        ('<a href="/2"><time datetime="2024-11-01">1 Nov</time></a>', None),
        ("<p>In May 2020 the works were stopped.</p>", None),
    ],
)  # fmt: skip
def test_date_that_the_page_shows_is_read_as_shown(shown: str, published: str | None) -> None:
    assert fields(shown + ENGLISH)["published"] == published


def test_address_gives_the_day_when_nothing_else_does() -> None:
    found = read(page(ENGLISH), "https://www.example-news.com/2024/nov/07/bridge").draft.fields
    assert found["published"] == "2024-11-07"


@pytest.mark.parametrize(
    "wrong",
    ["0001-01-01T00:00:00Z", "9999-12-31", "2024-11-22", "1970-01-01", "soon", "", 20, None, "2024-13-45"],
)
def test_date_that_cannot_be_is_left_out(wrong: object) -> None:
    found = fields(head=json_ld(news(datePublished=wrong, dateModified=wrong)))
    assert (found["published"], found["modified"]) == (None, None)


def test_change_before_the_publication_is_left_out() -> None:
    found = fields(head=json_ld(news(datePublished="2024-11-07", dateModified="2019-01-01")))
    assert (found["published"], found["modified"]) == ("2024-11-07", None)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        (
            "https://www.example-news.com/bridge-opens?id=7#top",
            "https://www.example-news.com/bridge-opens?id=7",
        ),
        ("/bridge-opens.html", "https://www.example-news.com/bridge-opens.html"),
        ("https://m.example-news.com/m/bridge-opens", "https://m.example-news.com/m/bridge-opens"),
        ("https://example-news.com/europe/bridge-opens/", "https://example-news.com/europe/bridge-opens/"),
        ("https://evil.example/europe/bridge-opens", ADDRESS),
        ("https://example-news.com.evil.example/europe/bridge-opens", ADDRESS),
        ("https://com/europe/bridge-opens", ADDRESS),
        ("javascript:alert(1)", ADDRESS),
        ("file:///europe/bridge-opens", ADDRESS),
        ("https://user@www.example-news.com/europe/bridge-opens", ADDRESS),
        ("https://[broken", ADDRESS),
        ("https://www.example-news.com/", ADDRESS),
        ("https://www.example-news.com/europe", ADDRESS),
        ("/europe/another", ADDRESS),
    ],
)
def test_canonical_address_is_taken_only_where_it_is_of_the_same_page(href: str, url: str) -> None:
    assert fields(head=f'<link rel="canonical" href="{href}">')["url"] == url


@pytest.mark.parametrize(
    ("fetched", "given", "is_same"),
    [
        ("https://a.example/news/bridge-opens-in-may?utm_source=x", "/news/bridge-opens-in-may", True),
        ("https://a.example/news/20241107?ref=rss", "/news/20241107", True),
        ("https://a.example/amp/bridge-opens", "/bridge-opens", True),
        ("https://a.example/bridge-opens/amp", "/bridge-opens", True),
        ("https://a.example/bridge-opens.amp.html", "/bridge-opens.html", True),
        ("https://a.example/article.php?id=7", "/article.php", False),
        ("https://a.example/?p=7", "/", False),
        ("https://alice.blogs.example/a", "https://blogs.example/a", False),
    ],
)
def test_canonical_address_that_many_pages_would_share_is_left_alone(
    fetched: str, given: str, is_same: bool
) -> None:
    found = read(page(ENGLISH, f'<link rel="canonical" href="{given}">'), address=fetched).canonical
    assert found == (f"https://a.example{given}" if is_same else fetched)


def test_address_that_the_page_gives_is_taken_when_none_is_known() -> None:
    data = page(ENGLISH, f'<meta property="og:url" content="{ADDRESS}">')
    assert read(data, address=None).canonical == ADDRESS
    assert read(page(ENGLISH), address=None).canonical is None


def test_corrections_are_read_as_text_and_as_objects() -> None:
    comment = {
        "@type": "CorrectionComment",
        "text": "The bridge is <b>1,200</b> metres long.",
        "datePublished": "2024-11-08",
    }
    found = read(page(ENGLISH, json_ld(news(correction=["A name was wrong.", comment]))))
    assert found.corrections == (
        Correction("A name was wrong."),
        Correction("The bridge is 1,200 metres long.", "2024-11-08"),
    )


def test_paywall_is_noted_and_the_hidden_text_left_alone() -> None:
    stated = news(isAccessibleForFree="False", articleBody="The hidden story goes on and on. " * 40)
    found = read(page("<p>The bridge will open in May, the minister said.</p>", json_ld(stated)))
    assert found.is_paywalled
    assert "hidden" not in found.draft.text
    assert not read(page(ENGLISH)).is_paywalled
