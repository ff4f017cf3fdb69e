"""Sources are looked at again when they are due: politely, without an end, and without losing anything."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from retrieval.indexing import IndexReport
from tests.desk import HTML, START, Desk, conditional, open_desk, rss
from tests.page_samples import ENGLISH, page
from tests.small_index import ARTICLES, write_news
from tests.small_web import gives


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


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


def test_watch_when_page_changes_every_time_ends_all_the_same(desk: Desk) -> None:
    desk.put(rss=gives(rss("/ticker"), Content_Type="application/rss+xml"))
    for hour in range(24 * 14):
        desk.put(ticker=gives(page(f"{ENGLISH}<p>It is read {hour} times.</p>"), Content_Type=HTML))
        desk.watch(hours=1) if hour else desk.index("/ticker")
    assert sum(asked.endswith("/ticker") for asked in desk.sites.asked) <= 10


def test_watch_when_a_page_turns_out_to_be_a_feed_watches_that_and_asks_no_more_for_the_page(
    desk: Desk,
) -> None:
    desk.put(rss=gives(b"", status=503))
    desk.index("/rss", "/ponte.html")
    desk.put(rss=gives(rss("/bridge"), Content_Type="application/rss+xml"))
    assert desk.watch(days=1).added == ["bridge"]
    desk.sites.asked.clear()
    for _ in range(20):
        desk.watch(seconds=1)
    assert not desk.sites.asked
    with closing(desk.library) as library:
        assert [(one.kind, one.name) for one in library.sources.watched() if "rss" in one.name] == [
            ("feed", f"{desk.base}/rss")
        ]


def test_watch_when_it_was_interrupted_reads_the_pages_of_the_feed_that_are_missing(desk: Desk) -> None:
    names = [f"story{number}" for number in range(40)]
    stories = {
        name: gives(page(ENGLISH.replace("Sound", f"Sound of {name}")), Content_Type=HTML) for name in names
    }
    desk.put(rss=conditional(rss(*(f"/{name}" for name in names)), '"feed"'), **stories)
    with closing(desk.gatherer) as gatherer:
        reading = next(gatherer.gather([f"feed:{desk.base}/rss"]))
        desk.indexer.update(reading, lambda step, done, total: None)
    assert 0 < len(reading.articles) < 40
    assert len(desk.index("feed:/rss").added) == 40 - len(reading.articles)


def test_watch_when_the_date_stood_in_the_feed_alone_keeps_it(desk: Desk) -> None:
    feed = rss("/bridge").replace(b"</item>", b"<pubDate>Tue, 19 Nov 2024 10:00:00 GMT</pubDate></item>")
    desk.put(rss=gives(feed, Content_Type="application/rss+xml"))
    assert desk.index("feed:/rss").added == ["bridge"]
    desk.put(bridge=gives(page(ENGLISH.replace("four lanes", "five lanes")), Content_Type=HTML))
    assert desk.watch(hours=2).changed == ["bridge"]
    with closing(desk.library) as library:
        assert (library.articles()["bridge"].published or "").startswith("2024-11-19T10:00:00")


def test_watch_when_a_feed_asks_to_be_left_alone_does_so(desk: Desk) -> None:
    feed = rss("/bridge").replace(b"<title>N</title>", b"<title>N</title><ttl>600</ttl>")
    desk.put(rss=gives(feed, Content_Type="application/rss+xml"))
    desk.put(**{"robots.txt": gives(b"User-agent: *\nCrawl-delay: 1e300\n", Content_Type="text/plain")})
    desk.index("feed:/rss")
    (source,) = desk.known([f"feed:{desk.base}/rss"]).values()
    assert source.due and timedelta(hours=9) < datetime.fromisoformat(source.due) - START <= timedelta(days=7)


def test_watch_when_an_entry_changed_by_the_clock_of_another_place_reads_it_again(desk: Desk) -> None:
    def atom(updated: str) -> bytes:
        entry = f'<entry><title>t</title><link href="/bridge"/><updated>{updated}</updated></entry>'
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>{entry}</feed>'.encode()

    asked: list[int] = []
    # It was looked at at 8 o'clock in UTC.
    for updated in ("2024-11-19T08:00:00Z", "2024-11-20T09:30:00+02:00", "2024-11-20T03:30:00-05:00"):
        desk.put(atom=gives(atom(updated), Content_Type="application/atom+xml"))
        desk.index("feed:/atom")
        asked.append(sum(one.endswith("/bridge") for one in desk.sites.asked))
    assert asked == [1, 1, 2]


def test_watch_when_a_file_comes_while_the_folder_is_read_finds_it_the_next_time(desk: Desk) -> None:
    files = write_news(desk.folder, ARTICLES)

    def another_comes(done: int, total: int) -> None:
        (files / "late.txt").write_text("Late\n\nIt came late.\n")

    with closing(desk.gatherer) as gatherer:
        for reading in gatherer.gather([str(files)], progress=another_comes):
            desk.indexer.update(reading, lambda step, done, total: None)
    assert desk.watch(hours=1).added == ["late"]
