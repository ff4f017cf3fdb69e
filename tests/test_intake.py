"""`footnote index` and `footnote watch` with addresses, as a person types them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Footnote
from tests.page_samples import ENGLISH, ITALIAN, page
from tests.small_index import ARTICLES, write_news
from tests.small_web import Sites, gives, serve

FEED = b"""<rss version="2.0"><channel><title>News</title>
<item><title>Bridge</title><link>/bridge</link></item>
<item><title>Gone</title><link>/gone</link></item></channel></rss>"""


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    """A small web that may be fetched."""
    monkeypatch.setenv("FOOTNOTE_FETCH_PRIVATE", "1")
    monkeypatch.setenv("FOOTNOTE_FETCH_PAUSE_SECONDS", "0")
    pages = {
        "/bridge": gives(page(ENGLISH), Content_Type="text/html"),
        "/ponte": gives(page(ITALIAN, language="it"), Content_Type="text/html"),
        "/rss": gives(FEED, Content_Type="application/rss+xml"),
    }
    with serve(pages) as sites:
        yield sites


def base(sites: Sites) -> str:
    return f"http://127.0.0.1:{sites.port}"


def test_index_when_one_page_of_many_is_missing_reads_the_rest_and_ends_with_1(
    footnote: Footnote, sites: Sites, tmp_path: Path
) -> None:
    news = write_news(tmp_path, ARTICLES)
    outcome = footnote("index", f"{base(sites)}/ponte", str(news), f"feed:{base(sites)}/rss")
    assert outcome.code == 1
    assert outcome.out.startswith("5 articles: 5 added, 0 changed, 0 removed, 0 unchanged")
    assert f"{base(sites)}/gone was answered with HTTP status 404" in outcome.err
    again = footnote("index", f"{base(sites)}/ponte", str(news), f"feed:{base(sites)}/rss")
    assert (again.code, again.err) == (0, "")
    assert "0 added, 0 changed, 0 removed, 5 unchanged" in again.out


def test_index_when_no_address_can_be_read_makes_no_index(
    footnote: Footnote, sites: Sites, tmp_path: Path
) -> None:
    outcome = footnote("index", f"{base(sites)}/gone")
    assert outcome.code == 1
    assert outcome.err.endswith("No article could be read, so no index was made.\n")


def test_index_when_private_networks_are_not_allowed_names_the_setting(
    footnote: Footnote, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTNOTE_FETCH_PRIVATE")
    outcome = footnote("index", f"{base(sites)}/bridge")
    assert outcome.code == 1
    assert "on a loopback network; FOOTNOTE_FETCH_PRIVATE=1 allows it" in outcome.err
    assert not sites.asked


@pytest.mark.parametrize("name", ["file:///etc/passwd", "ftp://a.example/b"])
def test_index_when_address_is_of_another_kind_reads_nothing_at_all(
    footnote: Footnote, sites: Sites, name: str
) -> None:
    outcome = footnote("index", f"{base(sites)}/bridge", name)
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1 and not sites.asked


def test_watch_when_listed_tells_what_is_watched_and_how_it_fares(
    footnote: Footnote, sites: Sites, tmp_path: Path
) -> None:
    feed = f"feed:{base(sites)}/rss"
    footnote("index", str(write_news(tmp_path, ARTICLES)), feed, f"{base(sites)}/none")
    lines = footnote("watch", "--list").out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        feed,
        str(tmp_path / "news"),
        f"{base(sites)}/none",
    ]
    assert ": read 2" in lines[0]
    assert "failing for 1 time. " in lines[2] and "404 (Not Found)" in lines[2]


def test_watch_when_told_to_forget_keeps_the_articles(footnote: Footnote, sites: Sites) -> None:
    feed = f"feed:{base(sites)}/rss"
    footnote("index", feed)
    assert footnote("watch", "--forget", feed).out == f"{feed} is watched no more; its articles stay.\n"
    assert "Bridge over the Sound" in footnote("articles").out
    outcome = footnote("watch", "--forget", feed)
    assert (outcome.code, outcome.err) == (2, f"footnote: '{feed}' is not watched. Watched are: nothing.\n")
    assert footnote("watch", "--once").code == 2


def test_watch_when_told_to_forget_knows_what_was_named_however_it_is_written(
    footnote: Footnote, sites: Sites, tmp_path: Path
) -> None:
    news = write_news(tmp_path, ARTICLES)
    footnote("index", f"{news}/../{news.name}")
    assert footnote("watch", "--forget", f"{news}/../{news.name}").out.startswith(
        f"{news} is watched no more"
    )


def test_answer_when_a_feed_with_a_secret_fails_does_not_show_it(footnote: Footnote, sites: Sites) -> None:
    feed = f"{base(sites)}/rss?token=SECRETWORD"
    sites.pages["/rss?token=SECRETWORD"] = sites.pages["/rss"]
    footnote("index", f"feed:{feed}")
    sites.pages["/rss?token=SECRETWORD"] = gives(b"", status=503)
    for _ in range(3):
        footnote("index", f"feed:{feed}")
    outcome = footnote("ask", "What of Riga?")
    assert "Not read since" in outcome.out and "/rss?token=***" in outcome.out
    assert "SECRETWORD" not in outcome.out + outcome.err


def test_watch_when_new_sources_are_named_reads_them_first(footnote: Footnote, sites: Sites) -> None:
    outcome = footnote("watch", "--once", f"{base(sites)}/bridge")
    assert outcome.code == 0
    assert outcome.out.endswith("1 added, 0 changed, 0 removed\n")


def test_watch_when_there_is_no_index_says_how_to_make_one(footnote: Footnote) -> None:
    outcome = footnote("watch")
    assert outcome.code == 2
    assert "footnote index FOLDER" in outcome.err


def test_ask_when_a_feed_is_watched_tells_how_fresh_the_answer_is(footnote: Footnote, sites: Sites) -> None:
    footnote("index", f"feed:{base(sites)}/rss")
    assert "No article considered states its date. Last update: 2" in footnote("ask", "What of Riga?").out


def test_ask_when_only_files_are_read_tells_nothing_of_freshness(footnote: Footnote, tmp_path: Path) -> None:
    footnote("index", str(write_news(tmp_path, ARTICLES)))
    assert "Last update" not in footnote("ask", "what did Rutte say in Latvia?").out


@pytest.mark.parametrize(
    ("status", "why"), [(410, "is gone; its articles stay"), (404, "was answered with HTTP status 404")]
)
def test_verify_when_the_page_of_a_quotation_is_gone_says_so(
    footnote: Footnote, sites: Sites, status: int, why: str
) -> None:
    footnote("index", f"{base(sites)}/bridge")
    asked = footnote("ask", "--json", "Who opened the bridge?")
    receipts = asked.out.encode()
    assert b'"quote"' in receipts
    before = footnote("verify", "-", stdin=receipts)
    assert before.out.endswith("all stand\n") and "read again" not in before.out
    sites.pages["/bridge"] = gives(b"", status=status)
    footnote("index", f"{base(sites)}/bridge")
    outcome = footnote("verify", "-", stdin=receipts)
    assert outcome.code == 0
    assert "bridge: its page could not be read again (tried " in outcome.out
    assert f"{base(sites)}/bridge {why}" in outcome.out
