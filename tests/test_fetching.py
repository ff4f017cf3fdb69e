"""Fetching takes what the web gives, within limits, from public machines alone."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat

import pytest

from retrieval.errors import FetchError
from retrieval.fetching import Fetcher, FetchLimits, Validators, agent_name
from retrieval.inflating import TooLarge, read_content
from tests.small_web import PUBLIC, Names, Page, Wires, gives, leads_to, serve, writes

START = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
NOON = datetime(2024, 11, 7, 12, 0, tzinfo=UTC)
SMALL = FetchLimits(seconds=10, content_bytes=200_000)
BRIEF = FetchLimits(seconds=0.4)
PAGE = b"<p>Rutte spoke in Riga.</p>" * 40


def make_fetcher(port: int, names: Names | None = None, limits: FetchLimits = SMALL) -> Fetcher:
    """One that takes the server on loopback for every public site."""
    return Fetcher(
        heeds_robots=False,
        limits=limits,
        pause_seconds=0,
        resolver=names or Names(),
        network=Wires(port),
        now=lambda: NOON,
    )


def failure_of(
    pages: dict[str, Page],
    url: str = "http://news.example/",
    names: Names | None = None,
    limits: FetchLimits = SMALL,
) -> FetchError:
    """The one sentence that fetching an address costs."""
    with (
        serve(pages) as sites,
        make_fetcher(sites.port, names, limits) as fetcher,
        pytest.raises(FetchError, match=r"^http") as caught,
    ):
        fetcher.fetch(url)
    assert "\n" not in str(caught.value)
    assert caught.value.url == url
    return caught.value


def test_fetch_when_page_is_there_gives_it_with_what_the_server_says() -> None:
    page = gives(PAGE, Content_Type='Text/HTML; Charset="ISO-8859-1"', ETag='"7"', Last_Modified="Thu")
    with serve({"news.example/a?b=1": page}) as sites, make_fetcher(sites.port) as fetcher:
        fetched = fetcher.fetch("http://NEWS.example:8080/a?b=1#part")
    assert fetched.content == PAGE
    assert (fetched.url, fetched.redirects) == ("http://news.example:8080/a?b=1", ())
    assert (fetched.kind, fetched.media_type, fetched.charset) == ("fresh", "text/html", "iso-8859-1")
    assert fetched.validators == Validators('"7"', "Thu")
    assert (fetched.read_at, fetched.retry_after_seconds, fetched.delay_seconds) == (NOON, None, None)
    assert sites.headers[0]["Host"] == "news.example:8080"
    assert sites.headers[0]["User-Agent"] == agent_name()
    assert agent_name().startswith("footnote-bot/")
    assert agent_name("mailto:desk@news.example") == f"{agent_name()} (+mailto:desk@news.example)"


def raw_deflate(content: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(content) + squeeze.flush()


@pytest.mark.parametrize(
    ("content", "coding"),
    [
        (gzip.compress(PAGE, mtime=0), "gzip"),
        (gzip.compress(PAGE[:99], mtime=0) + gzip.compress(PAGE[99:], mtime=0) + b"\0\0", "GZIP"),
        (zlib.compress(PAGE), "deflate"),
        (raw_deflate(PAGE), "deflate"),
        (PAGE, "identity"),
    ],
    ids=["gzip", "two-parts", "deflate", "raw-deflate", "identity"],
)
def test_fetch_when_content_is_compressed_gives_it_decompressed(content: bytes, coding: str) -> None:
    with (
        serve({"/": gives(content, Content_Encoding=coding)}) as sites,
        make_fetcher(sites.port) as fetcher,
    ):
        assert fetcher.fetch("http://news.example/").content == PAGE
    assert read_content((bytes([byte]) for byte in content), coding, 2000) == PAGE


@pytest.mark.parametrize(
    ("content", "coding", "why"),
    [
        (PAGE, "gzip", "sends damaged content"),
        (gzip.compress(PAGE, mtime=0)[:-9], "gzip", "broke off within its gzip content"),
        (PAGE, "br", "as 'br', which was not asked for"),
        (PAGE, "gzip, gzip", "as 'gzip, gzip', which was not asked for"),
    ],
)
def test_fetch_when_content_cannot_be_decompressed_says_so(content: bytes, coding: str, why: str) -> None:
    assert why in str(failure_of({"/": gives(content, Content_Encoding=coding)}))


def test_fetch_when_it_is_a_zip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(30_000_000), 9)
    assert "holds more than 0.2 MB, the limit" in str(failure_of({"/": gives(bomb, Content_Encoding="gzip")}))
    tracemalloc.start()
    with pytest.raises(TooLarge, match=r"more than 0\.2 MB"):
        read_content([bomb], "gzip", 200_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_500_000


def endless() -> Iterable[bytes]:
    yield START + b"\r\n"
    yield from repeat(b"x" * 50_000)


def huge() -> Iterable[bytes]:
    yield START + b"Content-Length: 2000000000\r\n\r\n"


def drip(start: bytes) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield start
        for _ in range(200):
            time.sleep(0.02)
            yield b"x"

    return pieces


def test_fetch_when_content_is_endless_stops_at_the_limit() -> None:
    failure = failure_of({"/": writes(endless)})
    assert "holds more than 0.2 MB, the limit" in str(failure)
    assert failure.is_lasting


def test_fetch_when_two_gigabytes_are_announced_reads_none() -> None:
    assert "holds more than 0.2 MB, the limit" in str(failure_of({"/": writes(huge)}))


@pytest.mark.parametrize("start", [START + b"\r\n", START + b"X: ", b""], ids=["body", "headers", "silent"])
def test_fetch_when_server_drips_stops_in_time(start: bytes) -> None:
    began = time.monotonic()
    failure = failure_of({"/": writes(drip(start))}, limits=BRIEF)
    assert str(failure) == "http://news.example/ took longer than 0.4 seconds; try again later"
    assert not failure.is_lasting
    assert time.monotonic() - began < 3


def test_fetch_when_names_are_slow_stops_in_time() -> None:
    def resolver(name: str, port: int) -> Sequence[str]:
        time.sleep(1)
        return [PUBLIC]

    with (
        Fetcher(heeds_robots=False, limits=FetchLimits(seconds=0.1), resolver=resolver) as fetcher,
        pytest.raises(FetchError, match=r"took longer than 0\.1 seconds"),
    ):
        fetcher.fetch("http://news.example/")


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([START + b"Content-Length: 99\r\n\r\n", b"half"], "does not speak HTTP as it should"),
        ([b"SSH-2.0-OpenSSH_9.6\r\n\r\n"], "does not speak HTTP as it should"),
        ([START, b"X: " + b"x" * 200_000], "does not speak HTTP as it should"),
        ([], "does not speak HTTP as it should"),
    ],
    ids=["half", "ssh", "headers", "nothing"],
)
def test_fetch_when_server_speaks_no_http_says_so(pieces: list[bytes], why: str) -> None:
    assert why in str(failure_of({"/": writes(lambda: pieces)}))


def test_fetch_when_page_moved_follows_and_tells_where() -> None:
    pages = {"/": leads_to("/b"), "/b": leads_to("http://other.example/c#d"), "other.example/c": gives(PAGE)}
    with serve(pages) as sites, make_fetcher(sites.port) as fetcher:
        fetched = fetcher.fetch("http://news.example/")
    assert fetched.url == "http://other.example/c"
    assert fetched.redirects == ("http://news.example/", "http://news.example/b")


def test_fetch_when_site_wants_its_cookie_back_brings_it_within_one_address() -> None:
    def page(visit: object) -> None:
        has_it = "Cookie" in sites.headers[-1]
        answer = gives(PAGE) if has_it else leads_to("/", Set_Cookie="seen=1", set_cookie="ü=é")
        answer(visit)  # type: ignore[arg-type]

    with serve({"/": page}) as sites, make_fetcher(sites.port) as fetcher:
        for _ in range(2):
            assert fetcher.fetch("http://news.example/").content == PAGE
    assert ["Cookie" in headers for headers in sites.headers] == [False, True, False, True]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("/", " redirects to http://news.example/, which closes a loop of redirects; check the address"),
        ("file:///etc/passwd", " redirects to file:///etc/passwd, which is not fetched, only http://"),
        ("http://me:word@b.example/", " redirects to http://***@b.example/, which holds a user name"),
        ("http://127.0.0.1/", "is not fetched, as 127.0.0.1 is on a loopback network; FOOTNOTE_FETCH"),
        ("http://inside.example/", "as inside.example leads to 10.0.0.7 on a private network"),
        ("http://169.254.169.254/meta", "as 169.254.169.254 is on a link-local network; name a public"),
        ("http://b.example:25/", "names port 25"),
        ("http://[::1/", "is no address"),
    ],
)
def test_fetch_when_redirect_leads_astray_says_where(target: str, why: str) -> None:
    names = Names({"inside.example": [["10.0.0.7"]]})
    assert why in str(failure_of({"/": leads_to(target)}, names=names))


def test_fetch_when_redirects_have_no_end_stops() -> None:
    pages = {f"/{number}": leads_to(f"/{number + 1}") for number in range(20)}
    failure = failure_of(pages, "http://news.example/0")
    assert "redirects to http://news.example/5, which redirects on, after 5 redirects" in str(failure)


def test_fetch_when_a_token_is_in_the_address_does_not_show_it() -> None:
    failure = failure_of({}, "http://news.example/feed?token=abc123&page=2")
    assert "http://news.example/feed?token=***&page=2 was answered with HTTP status 404" in str(failure)


def test_fetch_when_nobody_listens_or_no_name_is_found_says_so() -> None:
    def unknown(name: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    with serve({}) as sites:
        port = sites.port
    with make_fetcher(port) as fetcher, pytest.raises(FetchError, match=r"cannot be reached \(.*refused\)"):
        fetcher.fetch("http://news.example/")
    with (
        Fetcher(heeds_robots=False, resolver=unknown) as fetcher,
        pytest.raises(FetchError, match=r"has a host that was not found, news\.example; check the"),
    ):
        fetcher.fetch("http://news.example/")


def test_fetch_when_environment_names_a_proxy_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serve({"/": gives(PAGE)}) as sites, make_fetcher(sites.port) as fetcher:
        assert fetcher.fetch("http://news.example/").content == PAGE


def test_fetch_when_nothing_is_newer_says_so_and_keeps_the_validators() -> None:
    kept = Validators('"7"', "Thu, 07 Nov 2024 10:00:00 GMT")
    with serve({"/": gives(b"", status=304)}) as sites, make_fetcher(sites.port) as fetcher:
        fetched = fetcher.fetch("http://news.example/", validators=kept)
        with pytest.raises(FetchError, match="HTTP status 304"):
            fetcher.fetch("http://news.example/", validators=Validators("caf\xe9", "a\nb"))
    assert (fetched.kind, fetched.content, fetched.validators) == ("not modified", b"", kept)
    assert sites.headers[0]["If-None-Match"] == kept.etag
    assert sites.headers[0]["If-Modified-Since"] == kept.last_modified


def test_fetch_when_article_was_withdrawn_says_gone() -> None:
    with serve({"/": gives(PAGE, status=410)}) as sites, make_fetcher(sites.port) as fetcher:
        assert fetcher.fetch("http://news.example/").kind == "gone"


@pytest.mark.parametrize(
    ("status", "is_lasting", "advice"),
    [
        (404, True, "(Not Found); check the address"),
        (401, True, "(Unauthorized); it may be open to people alone"),
        (403, False, "(Forbidden); it may be open to people alone"),
        (500, False, "(Internal Server Error); try again later"),
        (204, False, "(No Content); try again later"),
        (302, False, "(Found); try again later"),
        (799, False, "HTTP status 799; try again later"),
    ],
)
def test_fetch_when_status_is_bad_says_which(status: int, is_lasting: bool, advice: str) -> None:
    failure = failure_of({"/": gives(b"", status=status)})
    assert advice in str(failure)
    assert (failure.is_lasting, failure.retry_after_seconds) == (is_lasting, None)


@pytest.mark.parametrize(
    ("status", "stated", "seconds"),
    [
        (429, "120", 120),
        (503, "Thu, 07 Nov 2024 12:05:00 GMT", 300),
        (503, "Thu, 07 Nov 2024 11:00:00 -0000", 0),
        (503, "999999999", 7 * 24 * 3600),
        (503, "soon", None),
    ],
)
def test_fetch_when_server_wants_a_rest_says_how_long(
    status: int, stated: str, seconds: float | None
) -> None:
    failure = failure_of({"/": gives(b"", status=status, Retry_After=stated)})
    assert failure.retry_after_seconds == seconds
    assert not failure.is_lasting
    assert ("later" if seconds is None else f"try again in {seconds} seconds") in str(failure)
