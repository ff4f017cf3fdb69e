"""Feeds of every kind are read as they are meant; what is cut, broken, hostile or no feed is said so."""

import json
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.feeds import MAX_ENTRIES, Feed, FeedEntry, read_feed
from retrieval.formats import Unreadable

ADDRESS = "https://www.example-news.com/feeds/all.xml"
TODAY = date(2024, 11, 20)
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
)


def rss(items: str, channel: str = "<title>Example News</title>") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel>{channel}{items}'
        "</channel></rss>"
    ).encode()


def atom(entries: str, feed: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}>{feed}{entries}</feed>'.encode()


def read(data: bytes, media_type: str | None = None) -> Feed:
    return read_feed(data, address=ADDRESS, media_type=media_type, today=TODAY)


def only(data: bytes) -> FeedEntry:
    (entry,) = read(data).entries
    return entry


def test_rss_entry_is_read_whole() -> None:
    item = """<item><title>Fish &amp;amp; chips cost &lt;b&gt;more&lt;/b&gt; &eacute;</title>
    <link>/europe/bridge?a=1&amp;b=2#top</link>
    <description>&lt;p&gt;Short &amp;amp; sweet&lt;/p&gt;</description>
    <content:encoded><![CDATA[<p>The bridge & the ferry &nbsp;</p><p>More</p>]]></content:encoded>
    <dc:creator>Anna Berg</dc:creator><pubDate>Thu, 07 Nov 2024 09:30:00 +0100</pubDate>
    <guid isPermaLink="false">tag:1</guid>
    <media:content url="a.jpg">
    <media:description>A ferry at night</media:description></media:content></item>"""
    assert only(rss(item)) == FeedEntry(
        address="https://www.example-news.com/europe/bridge?a=1&b=2",
        title="Fish & chips cost more é",
        published="2024-11-07T09:30:00+01:00",
        modified=None,
        author="Anna Berg",
        summary_html="<p>Short &amp; sweet</p>",
        content_html="<p>The bridge & the ferry &nbsp;</p><p>More</p>",
        guid="tag:1",
    )


def test_atom_entry_takes_its_base_its_own_authors_and_its_xhtml() -> None:
    feed = '<title type="html">A &amp;amp; B</title><author><name>The Outlet</name></author>'
    entries = """<entry xml:base="https://other.example/x/"><id>urn:1</id><title>One</title>
    <link rel="self" href="self"/><link href="p1"/><author><name>Anna</name></author>
    <author><name>Bo</name><email>bo@x.org</email></author>
    <updated>2024-11-09T10:00:00Z</updated><published>2024-11-08</published>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hello <b>you</b></p></div></content>
    </entry><entry><id>urn:2</id><title>Two</title><link rel="enclosure" href="https://x.org/a.mp3"/>
    <summary type="text">1 &lt; 2 and &lt;b&gt;</summary></entry>"""
    found = read(atom(entries, feed))
    first, second = found.entries
    assert found.title == "A & B"
    assert (first.address, first.author) == ("https://other.example/x/p1", "Anna, Bo")
    assert (first.published, first.modified) == ("2024-11-08", "2024-11-09T10:00:00+00:00")
    assert (first.summary_html, first.content_html) == (None, "<p>Hello <b>you</b></p>")
    assert (second.address, second.author, second.published) == (None, "The Outlet", None)
    assert second.summary_html == "<p>1 &lt; 2 and &lt;b&gt;</p>"


def test_rss_1_0_takes_its_date_for_that_of_publication() -> None:
    data = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns="http://purl.org/rss/1.0/" {NAMESPACES}><channel rdf:about="https://x.org"><title>R</title></channel>
    <item rdf:about="https://x.org/1"><title>I</title><link>https://x.org/1</link>
    <dc:date>2024-11-08T10:00+01:00</dc:date></item></rdf:RDF>"""
    found = only(data.encode())
    assert (found.published, found.modified) == ("2024-11-08T10:00:00+01:00", None)


def test_json_feed_is_read_with_relative_addresses_and_plain_text() -> None:
    items: list[object] = [
        {"id": 1, "url": "/a", "title": "A", "content_text": "1 < 2\n\nNext", "summary": "Short",
         "date_published": "2024-11-08T10:00:00-05:00", "date_modified": "2024-11-09",
         "author": {"name": "Bo"}},
        {"id": "2", "external_url": "https://x.org/b", "content_html": "<p>B</p>"},
        {"id": "3", "url": "file:///etc/passwd"}, "no object",
    ]  # fmt: skip
    version = "https://jsonfeed.org/version/1.1"
    data = json.dumps({"version": version, "title": "J", "authors": [{"name": "Anna"}], "items": items})
    found = read(data.encode(), "application/feed+json")
    first, second = found.entries
    assert (found.title, first.address, first.guid) == ("J", "https://www.example-news.com/a", "1")
    assert (first.published, first.modified) == ("2024-11-08T10:00:00-05:00", "2024-11-09")
    assert (first.summary_html, first.content_html) == ("<p>Short</p>", "<p>1 &lt; 2</p><p>Next</p>")
    assert (first.author, second.author) == ("Bo", "Anna")
    assert (second.address, second.content_html) == ("https://x.org/b", "<p>B</p>")


@pytest.mark.parametrize(
    ("stated", "published"),
    [
        ("Thu, 07 Nov 2024 09:30:00 GMT", "2024-11-07T09:30:00+00:00"),
        ("Thu, 7 Nov 2024 09:30 EST", "2024-11-07T09:30:00-05:00"),
        ("2024-11-07", "2024-11-07"),
        ("2024-11-07T09:30:00.123Z", "2024-11-07T09:30:00+00:00"),
        ("Thu, 21 Nov 2024 09:30:00 GMT", "2024-11-21T09:30:00+00:00"),
        ("Fri, 22 Nov 2024 09:30:00 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("2024", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_date_is_as_precise_as_stated_or_unknown(stated: str, published: str | None) -> None:
    assert only(rss(f"<item><title>x</title><pubDate>{stated}</pubDate></item>")).published == published


def test_change_before_the_publication_is_left_out() -> None:
    dates = "<published>2024-11-08</published><updated>2024-11-07</updated>"
    found = only(atom(f"<entry><title>x</title>{dates}</entry>"))
    assert (found.published, found.modified) == ("2024-11-08", None)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("<guid>https://x.org/1</guid>", "https://x.org/1"),
        ("<guid>123</guid>", None),
        ("<guid>123</guid><link>https://x.org/123</link>", "https://x.org/123"),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>file:///etc/passwd</link>", None),
        ("<link>https://user:secret@x.org/</link>", None),
        ("<link>http://[::1</link>", None),
        ("<link><![CDATA[ https://x.org/?a=1&b=2 ]]></link>", "https://x.org/?a=1&b=2"),
    ],
)
def test_address_is_that_of_a_page_or_none(link: str, address: str | None) -> None:
    assert only(rss(f"<item><title>x</title>{link}</item>")).address == address


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ("<ttl>30</ttl>", 1800),
        ("<ttl>99999999</ttl>", 604_800),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 86_400),
        ("", None),
    ],
)
def test_pause_is_what_the_feed_asks_for(channel: str, seconds: int | None) -> None:
    assert read(rss("", channel)).pause_seconds == seconds


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "the feed is empty", id="empty"),
        pytest.param(b"\0 \n", "the feed is empty", id="blank"),
        pytest.param(b"hello", "something else, not a feed", id="text"),
        pytest.param(b"\x89PNG" + bytes(range(256)), "binary", id="picture"),
        pytest.param(b'{"a": 1}', "no JSON Feed", id="other JSON"),
        pytest.param(b'{"items": [{"id"', "damaged or cut off", id="cut JSON"),
        pytest.param(b"{" * 100_000, "damaged or cut off", id="garbled JSON"),
        pytest.param(b'{"items":' + b"[" * 100_000, "damaged or cut off", id="deep JSON"),
        pytest.param(b"<rss", "no entry of it can be read", id="cut in the root"),
        pytest.param(rss("<item><title>x")[:-18], "no entry of it can be read", id="cut in the first entry"),
        pytest.param(b"<rss>" + b"<a>" * 50_000, "no entry of it can be read", id="deep"),
        pytest.param(b"<rss>" + b"<a/>" * 200_001, "more than 200,000 elements", id="many elements"),
        pytest.param(b"<rss>" + b" " * 20_000_001, "larger than 20 MB", id="large"),
    ],
)
def test_what_is_no_feed_is_refused_in_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(data)


def test_page_is_refused_with_the_feed_that_it_names() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/rss?a=1">'
    with pytest.raises(Unreadable, match=r"names its feed: https://www\.example-news\.com/rss\?a=1$"):
        read(f"<!DOCTYPE html><html><head>{link}</head><body><p>Hi</p></body></html>".encode())
    with pytest.raises(Unreadable, match="a page, not a feed; name the address of the feed itself"):
        read(b"<!-- <rss> --><html><body><p>Hi</p></body></html>")


def test_cut_feed_gives_the_entries_that_are_whole() -> None:
    data = rss(
        "".join(f"<item><title>{n}</title><description>{n} &lt;b&gt;</description></item>" for n in "abc")
    )
    found = read(data[: data.index(b">c &lt;") + 3])
    assert [(entry.title, entry.summary_html) for entry in found.entries] == [("a", "a <b>"), ("b", "b <b>")]


@pytest.mark.parametrize("damage", ["&", "&unknown;", "<b>", "</b>", "<media2:x>", "\x01", "<"])
def test_damage_in_one_entry_keeps_the_others_letter_by_letter(damage: str) -> None:
    entry = (
        "<item><title>Fish &amp;amp; chips</title><description>&lt;p&gt;a &amp;amp; b</description></item>"
    )
    entries = read(rss(f"<item><title>x {damage} y</title></item>{entry}")).entries
    assert (entries[-1].title, entries[-1].summary_html) == ("Fish & chips", "<p>a &amp; b")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "iso-8859-1"])
def test_letters_are_right_in_every_encoding(encoding: str) -> None:
    text = rss("<item><title>Så är det i Malmö, sade hon</title></item>").decode()
    text = text.replace('encoding="utf-8"', f'encoding="{encoding}"' if "utf" not in encoding else "")
    assert only(text.encode(encoding)).title == "Så är det i Malmö, sade hon"
    assert read(text.encode(encoding), f"text/xml; charset={encoding}").entries[0].title


def test_entities_are_not_resolved_and_files_not_opened() -> None:
    declared = (
        '<!DOCTYPE rss [<!ENTITY a "boom"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    data = declared.encode() + rss("<item><title>1 &a; 2 &b; 3 &x;</title></item>").partition(b"?>")[2]
    assert only(data).title == "1 &a; 2 &b; 3 &x;"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "feed.xml")
        path.write_bytes(rss("<item><title>secret</title></item>"))
        with pytest.raises(Unreadable, match="not a feed"):
            read(str(path).encode())


def test_repeated_entries_are_dropped_and_the_rest_limited() -> None:
    same = "<item><title>{0}</title><link>https://x.org/{1}</link><guid isPermaLink='false'>{2}</guid></item>"
    repeats = (
        same.format("a", 1, 1) + same.format("b", 1, 2) + same.format("c", 3, 1) + same.format("d", 4, 4)
    )
    assert [entry.title for entry in read(rss(repeats)).entries] == ["a", "d"]
    many = "".join(same.format(number, number, number) for number in range(MAX_ENTRIES + 200))
    assert len(read(rss(many)).entries) == MAX_ENTRIES


def test_feed_without_entries_is_a_feed() -> None:
    assert read(rss("")) == Feed(title="Example News", address=ADDRESS, entries=(), pause_seconds=None)


PIECES = [
    b"<rss>", b"<item>", b"</item>", b"<title>", b"&lt;", b"&", b"<![CDATA[", b"]]>", b"<feed>", b"<entry>",
    b"<!--", b"<!ENTITY a 'b'>", b"<guid>", b"</", b"\0", b"\xff\xfe", b'{"items": [{}', b"]}", b"<html>",
    b"xml:base='http://['",
]  # fmt: skip


@given(st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)))
def test_any_bytes_are_a_feed_or_unreadable(data: bytes) -> None:
    try:
        read(data)
    except Unreadable as error:
        assert str(error)


@given(st.integers(0, 2000), st.binary(max_size=3))
def test_damaged_feed_is_read_or_unreadable(place: int, damage: bytes) -> None:
    item = "<item><title>a &lt; b</title><link>/a</link><dc:date>2024-11-08</dc:date></item>"
    data = rss(item * 3)
    try:
        read(data[: place % len(data)] + damage + data[place % len(data) + 1 :] * (place % 2))
    except Unreadable as error:
        assert str(error)
