"""Fetching connects to the machines that were checked, and believes only whom a certificate names."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.errors import FetchError
from retrieval.fetching import Fetcher
from tests.small_web import PUBLIC, Names, Wires, gives, leads_to, serve

PAGE = b"<p>Rutte spoke in Riga.</p>"


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "017700000001", "127.1", "127.0.0.1", "127.0.0.1.", "0", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "localhost", "localhost.", "LOCALHOST",
    ],
)  # fmt: skip
def test_fetch_when_host_is_this_machine_connects_to_nothing(host: str) -> None:
    wires = Wires(1)
    with (
        Fetcher(heeds_robots=False, network=wires) as fetcher,
        pytest.raises(FetchError, match=r"is not fetched, as .* network; ") as caught,
    ):
        fetcher.fetch(f"http://{host}/")
    assert caught.value.is_lasting
    assert wires.called == []


def test_fetch_when_one_of_several_machines_is_private_connects_to_none() -> None:
    wires = Wires(1)
    names = Names({"news.example": [[PUBLIC, "192.168.0.9", "2606:4700::1111"]]})
    with (
        Fetcher(heeds_robots=False, resolver=names, network=wires) as fetcher,
        pytest.raises(FetchError, match=r"news\.example leads to 192\.168\.0\.9 on a private network"),
    ):
        fetcher.fetch("https://news.example/")
    assert wires.called == []


def test_fetch_when_a_name_changes_its_mind_connects_to_what_was_checked() -> None:
    names = Names({"news.example": [[PUBLIC], ["127.0.0.1"]]})
    with serve({"/": leads_to("/b")}) as sites:
        wires = Wires(sites.port)
        with (
            Fetcher(heeds_robots=False, pause_seconds=0, resolver=names, network=wires) as fetcher,
            pytest.raises(FetchError, match=r"/b, which is not fetched, as news\.example leads to 127"),
        ):
            fetcher.fetch("http://news.example/")
    assert names.asked == ["news.example"] * 2
    assert wires.called == [PUBLIC]


def test_fetch_when_private_networks_are_allowed_reads_this_machine() -> None:
    with (
        serve({"/": gives(PAGE)}) as sites,
        Fetcher(private=True, heeds_robots=False, pause_seconds=0) as fetcher,
    ):
        for host in ("localhost", "127.0.0.1", "2130706433"):
            assert fetcher.fetch(f"http://{host}:{sites.port}/").content == PAGE
        for url in ("file:///etc/passwd", "http://169.254.169.254/", "http://0.0.0.0/"):
            with pytest.raises(FetchError, match="is not fetched"):
                fetcher.fetch(url)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of news.example, signed by itself, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes a certificate with the program openssl")
    place = tmp_path_factory.mktemp("certificate") / "both.pem"
    made = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split()
    named = ["-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example"]
    use = ["-addext", "keyUsage=critical,digitalSignature,keyCertSign"]
    files = ["-keyout", str(place), "-out", str(place.with_suffix(".crt"))]
    subprocess.run([*made, *named, *use, *files], check=True, capture_output=True)
    with place.open("ab") as both:
        both.write(place.with_suffix(".crt").read_bytes())
    return place


def make_fetcher(port: int, trust: ssl.SSLContext | None = None) -> Fetcher:
    """One that takes the server on loopback for every public site."""
    wires = Wires(port)
    return Fetcher(heeds_robots=False, pause_seconds=0, resolver=Names(), trust=trust, network=wires)


@pytest.fixture
def secure_port(certificate: Path) -> Iterator[int]:
    """Where a server shows that certificate."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    with serve({"/": gives(PAGE)}, server) as sites:
        yield sites.port


def test_fetch_when_certificate_is_trusted_checks_whose_it_is(certificate: Path, secure_port: int) -> None:
    with make_fetcher(secure_port, ssl.create_default_context(cafile=certificate)) as fetcher:
        assert fetcher.fetch("https://news.example/").content == PAGE
        assert fetcher.fetch("https://news.example./").content == PAGE
        with pytest.raises(FetchError, match=r"cannot be trusted \(Hostname mismatch"):
            fetcher.fetch("https://other.example/")


def test_fetch_when_certificate_is_not_trusted_says_so(secure_port: int) -> None:
    with (
        make_fetcher(secure_port) as fetcher,
        pytest.raises(FetchError, match=r"cannot be trusted \(self.signed certificate\)"),
    ):
        fetcher.fetch("https://news.example/")


def test_fetch_when_server_speaks_no_tls_says_so() -> None:
    with (
        serve({"/": gives(PAGE)}) as sites,
        make_fetcher(sites.port) as fetcher,
        pytest.raises(FetchError, match=r"does not speak TLS as it should"),
    ):
        fetcher.fetch("https://news.example/")
