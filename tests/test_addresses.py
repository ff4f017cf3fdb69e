"""An address leads to the public web, and is shown without what it may hold in secret."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.addresses import (
    Unfetchable,
    check_machines,
    network_kind,
    parse_address,
    read_number,
    resolve,
    shown_address,
)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://news.example", "https://news.example"),
        (" HTTP://News.Example:80/a b?q=1#part\n", "http://news.example/a%20b?q=1"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://xn--i-7iq.example/", "https://xn--i-7iq.example/"),
        ("https://news.example./a", "https://news.example/a"),
        ("http://[2606:4700::1111]:8080/", "http://[2606:4700::1111]:8080/"),
    ],
)
def test_parse_address_when_it_may_be_fetched_gives_it_in_one_form(text: str, url: str) -> None:
    assert str(parse_address(text)) == url


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("file:///etc/passwd", "only http:// and https:// addresses are"),
        ("ftp://news.example/a", "only http:// and https:// addresses are"),
        ("data:text/html,Rutte", "only http:// and https:// addresses are"),
        ("news.example/a", "only http:// and https:// addresses are"),
        ("", "only http:// and https:// addresses are"),
        ("https:///a", "names no host"),
        ("https://:8080/", "names no host"),
        ("https://me:secret@news.example/", "user name or a password"),
        ("https://me@news.example/", "user name or a password"),
        ("http://news.example:25/", "names port 25"),
        ("http://news.example:0/", "names port 0"),
        ("http://news.example:70000/", "names port 70000"),
        ("http://news.example:abc/", "is no address"),
        ("http://256.1.1.1/", "is no address"),
        ("http://0177.0.0.1/", "is no address"),
        ("http://①②⑦.0.0.1/", "is no address"),
        ("http://[::1/", "is no address"),
        ("http://a\x00b/", "is no address"),
        ("http://" + "a" * 70000, "is no address"),
    ],
    ids=range(19),
)
def test_parse_address_when_it_may_not_be_fetched_says_why(text: str, why: str) -> None:
    with pytest.raises(Unfetchable, match=why) as caught:
        parse_address(text)
    assert caught.value.is_lasting
    assert len(str(caught.value)) < 200


@given(st.text() | st.from_regex(r"https?://[^/]{0,20}(?:/.{0,20})?"))
def test_parse_address_when_it_is_any_text_gives_a_host_or_says_why(text: str) -> None:
    try:
        assert parse_address(text).raw_host
    except Unfetchable as failure:
        assert failure.is_lasting


@pytest.mark.parametrize(
    ("name", "machine"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f.0.0.0x1", "127.0.0.1"),
        ("::1", "::1"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
    ],
)
def test_read_number_when_host_is_a_machine_in_any_form_gives_it(name: str, machine: str) -> None:
    assert read_number(name) == ip_address(machine)


@pytest.mark.parametrize("name", ["news.example", "localhost", "7.example", "0xfeed.news"])
def test_read_number_when_host_is_a_name_gives_none(name: str) -> None:
    assert read_number(name) is None


@pytest.mark.parametrize("name", ["1.2.3.4.5", "99999999999", "news.1", "0x1ffffffff"])
def test_read_number_when_it_is_no_machine_says_so(name: str) -> None:
    with pytest.raises(Unfetchable, match="no IP address; correct it"):
        read_number(name)


@pytest.mark.parametrize(
    ("machine", "kind"),
    [
        ("93.184.215.14", None),
        ("2606:4700::1111", None),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.31.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd00:ec2::254", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("100.64.0.1", "shared"),
        ("224.0.0.251", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("192.0.2.1", "reserved"),
        ("198.18.0.1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("4000::1", "reserved"),
        ("::ffff:127.0.0.1", "translated (IPv4 in IPv6)"),
        ("::127.0.0.1", "translated (IPv4 in IPv6)"),
        ("64:ff9b::7f00:1", "translated (IPv4 in IPv6)"),
        ("2002:7f00:1::", "translated (IPv4 in IPv6)"),
        ("2001::1", "translated (IPv4 in IPv6)"),
    ],
)
def test_network_kind_when_machine_is_on_a_network_names_it(machine: str, kind: str | None) -> None:
    assert network_kind(ip_address(machine)) == kind


@given(st.ip_addresses())
def test_network_kind_when_machine_is_special_for_python_is_never_public(machine: object) -> None:
    found = ip_address(str(machine))
    assert found.is_global or network_kind(found) is not None


@pytest.mark.parametrize("machine", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "::ffff:127.0.0.1"])
def test_check_machines_when_private_ones_are_allowed_still_refuses_the_rest(machine: str) -> None:
    assert check_machines("here", ["127.0.0.1", "10.0.0.1"], private=True) == ["127.0.0.1", "10.0.0.1"]
    with pytest.raises(Unfetchable, match="network; name a public address"):
        check_machines("here", ["127.0.0.1", machine], private=True)


def test_check_machines_when_a_name_has_none_says_so() -> None:
    with pytest.raises(Unfetchable, match="nowhere, which has no IP address"):
        check_machines("nowhere", [], private=False)


def test_resolve_when_name_is_this_machine_gives_its_addresses() -> None:
    assert set(resolve("localhost", 80)) & {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?page=2#part", "https://a.example/x?page=2"),
        ("https://a.example/x?Api_Key=1&page=2", "https://a.example/x?Api_Key=***&page=2"),
        ("https://a.example/x?access_token=abc;b=2", "https://a.example/x?access_token=***;b=2"),
        ("https://me:word@a.example/x", "https://***@a.example/x"),
        ("https://a.example/?u=9f86d081884c7d659a2feaa0c55ad015", "https://a.example/?u=***"),
        ("https://a.example/\x1b[31m", "https://a.example/�[31m"),
        ("https://a.example/" + "x" * 200, "https://a.example/" + "x" * 101 + "…"),
    ],
)
def test_shown_address_when_shown_is_short_and_keeps_secrets(url: str, shown: str) -> None:
    assert shown_address(url) == shown
