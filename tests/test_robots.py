"""A site is read as its robots.txt asks, and not faster."""

import time

import pytest

from retrieval.addresses import Unfetchable
from retrieval.errors import FetchError
from retrieval.fetching import Fetcher, FetchLimits
from retrieval.robots import Pace, Robots, RobotsReply
from tests.small_web import Names, Page, SimulatedTime, Wires, gives, leads_to, serve, writes

PAGE = gives(b"<p>Rutte spoke in Riga.</p>")
RULES = b"""\xef\xbb\xbf# be polite
User-agent: OtherBot
Disallow: /

User-agent: Footnote-Bot/2
User-agent: third
Disallow: /private
Allow: /private/open
Crawl-delay: 4

User-agent: *
Disallow: /all
"""


def make_fetcher(port: int, time: SimulatedTime, pause_seconds: float = 0.0) -> Fetcher:
    """One that takes the server on loopback for every site."""
    return Fetcher(
        limits=FetchLimits(seconds=10),
        pause_seconds=pause_seconds,
        resolver=Names(),
        network=Wires(port),
        clock=time.clock,
        sleep=time.sleep,
    )


def test_fetch_when_robots_txt_has_rules_heeds_its_own() -> None:
    pages = {"/robots.txt": gives(RULES), "/all": PAGE, "/private/open": PAGE, "/": PAGE}
    with serve(pages) as sites, make_fetcher(sites.port, SimulatedTime()) as fetcher:
        assert fetcher.fetch("http://news.example/").delay_seconds == 4
        assert fetcher.fetch("http://news.example/all").kind == "fresh"
        assert fetcher.fetch("http://news.example/private/open").kind == "fresh"
        with pytest.raises(FetchError, match=r"robots\.txt asks footnote-bot not to") as caught:
            fetcher.fetch("http://news.example/private/a")
    assert caught.value.is_lasting
    assert sites.asked.count("news.example/robots.txt") == 1
    assert "news.example/private/a" not in sites.asked


def test_fetch_when_redirect_leads_to_another_site_asks_that_too() -> None:
    pages = {
        "/": leads_to("http://other.example/a"),
        "other.example/robots.txt": gives(b"User-agent: *\nDisallow: /"),
    }
    with (
        serve(pages) as sites,
        make_fetcher(sites.port, SimulatedTime()) as fetcher,
        pytest.raises(FetchError, match=r"redirects to http://other\.example/a, which is not fetched"),
    ):
        fetcher.fetch("http://news.example/")
    assert sites.asked == ["news.example/robots.txt", "news.example/", "other.example/robots.txt"]


@pytest.mark.parametrize(
    ("robots", "why"),
    [
        (gives(b"", status=404), None),
        (gives(b"", status=403), None),
        (gives(b"<html>404</html>"), None),
        (leads_to("/robots.txt"), None),
        (leads_to("http://elsewhere.example/r"), None),
        (gives(b"User-agent: *\nDisallow: /x\n" + b"#" * 600_000 + b"\nDisallow: /\n"), None),
        (gives(b"", status=500), "was answered with HTTP status 500; try again later"),
        (gives(b"", status=429), "was answered with HTTP status 429; try again later"),
        (writes(list), "does not speak HTTP as it should"),
    ],
    ids=["404", "403", "html", "loop", "elsewhere", "long", "500", "429", "broken"],
)
def test_fetch_when_robots_txt_is_not_there_or_broken_does_as_rfc_9309_says(
    robots: Page, why: str | None
) -> None:
    pages = {"news.example/robots.txt": robots, "/": PAGE}
    with serve(pages) as sites, make_fetcher(sites.port, SimulatedTime()) as fetcher:
        if why is None:
            assert fetcher.fetch("http://news.example/").kind == "fresh"
            return
        with pytest.raises(FetchError, match=f"as its site's robots.txt {why}") as caught:
            fetcher.fetch("http://news.example/")
    assert (caught.value.is_lasting, caught.value.retry_after_seconds) == (False, 600)


def test_fetch_when_robots_txt_leads_to_a_private_machine_goes_nowhere() -> None:
    with (
        serve({"/robots.txt": leads_to("http://127.0.0.1/"), "/": PAGE}) as sites,
        make_fetcher(sites.port, SimulatedTime()) as fetcher,
        pytest.raises(FetchError, match="is on a loopback network"),
    ):
        fetcher.fetch("http://news.example/")
    assert sites.asked == ["news.example/robots.txt"]


def test_robots_when_time_passes_are_read_again() -> None:
    replies = [RobotsReply(503, b"", 60.0), RobotsReply(200, b"User-agent: *\nDisallow: /"), RobotsReply(404)]
    asked: list[str] = []
    simulated = SimulatedTime()

    def read(url: str) -> RobotsReply:
        asked.append(url)
        return replies[len(asked) - 1]

    robots = Robots("footnote-bot", read, simulated.clock)
    for seconds, why in [(0, "status 503"), (59, "status 503"), (60, "not to"), (86_400, "not to")]:
        simulated.seconds = seconds
        with pytest.raises(Unfetchable, match=why):
            robots.check("http://a.example/x", "http://a.example")
    simulated.seconds = 86_500
    assert robots.check("http://a.example/x", "http://a.example") is None
    assert asked == ["http://a.example/robots.txt"] * 3


def test_robots_when_many_sites_were_asked_keep_the_last_ones() -> None:
    asked: list[str] = []

    def read(url: str) -> RobotsReply:
        asked.append(url)
        return RobotsReply(404)

    robots = Robots("footnote-bot", read, lambda: 0.0)
    for number in [*range(400), 399, 0]:
        robots.check("http://a.example/", f"http://{number}.example")
    assert len(asked) == 401


@pytest.mark.parametrize("line_end", ["\n", "\r", "\u2028"])
def test_robots_when_they_name_thousands_are_read_quickly(line_end: str) -> None:
    agents = [f"user agent: a{number}" for number in range(3000)]
    rules = [f"Disallow: /{number}" for number in range(3000)]
    content = line_end.join(["User-Agent: *", *agents, *rules]).encode()
    began = time.process_time()
    robots = Robots("footnote-bot", lambda url: RobotsReply(200, content), lambda: 0.0)
    with pytest.raises(Unfetchable, match="asks footnote-bot not to"):
        robots.check("http://a.example/2999", "http://a.example")
    assert time.process_time() - began < 2


def test_fetch_when_a_host_was_just_asked_waits_and_others_need_not() -> None:
    simulated = SimulatedTime()
    pages = {"slow.example/robots.txt": gives(b"User-agent: *\nCrawl-delay: 9999"), "/": PAGE}
    with serve(pages) as sites, make_fetcher(sites.port, simulated, pause_seconds=2) as fetcher:
        fetcher.fetch("http://news.example/")
        assert simulated.slept == [2]
        fetcher.fetch("http://other.example/")
        fetcher.fetch("http://news.example/")
        assert simulated.slept == [2, 2]
        simulated.seconds += 1.5
        fetcher.fetch("http://news.example/")
        assert simulated.slept == [2, 2, 0.5]
        assert fetcher.fetch("http://slow.example/").delay_seconds == 9999
        assert simulated.slept == [2, 2, 0.5, 30]


def test_pace_when_many_hosts_were_asked_forgets_the_first() -> None:
    simulated = SimulatedTime()
    pace = Pace(5, simulated.clock, simulated.sleep)
    for number in range(3000):
        pace.note(f"{number}.example")
    assert [pace.wait("0.example", None), pace.wait("2999.example", None)] == [0, 5]
