"""What an address on the web may be, which machines it may lead to, and how it is shown."""

import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpx import URL

Machine = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Gives the IP addresses of a name and a port, as text."""

# IANA's special-purpose registries (RFC 6890 and what was added since), told apart for the message.
_NETWORKS = [
    (kind, ip_network(network))
    for kind, networks in {
        "unspecified": "0.0.0.0/8 ::/128",
        "loopback": "127.0.0.0/8 ::1/128",
        "link-local": "169.254.0.0/16 fe80::/10",
        "multicast": "224.0.0.0/4 ff00::/8",
        "private": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "shared": "100.64.0.0/10",
        "translated (IPv4 in IPv6)": "::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2001::/32 2002::/16",
        "reserved": "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
        " 240.0.0.0/4 2001::/23 2001:db8::/32 3fff::/20",
    }.items()
    for network in networks.split()
]
_PUBLIC_IPV6 = ip_network("2000::/3")
# Clouds hand out credentials on link-local addresses, so no setting opens those.
_OPENED = {"loopback", "private", "shared"}
# What is sent there may be taken for a command of another protocol, such as mail or chat.
# Source: https://fetch.spec.whatwg.org/#port-blocking
_BAD_PORTS = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
})  # fmt: skip
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}", re.IGNORECASE)
_LOOKS_NUMERIC = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|\d+)$", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"token|key|secret|pass|pwd|auth|sig|session|sid$|credential|code|jwt|cookie", re.IGNORECASE
)
_SECRET_VALUE = re.compile(r"(?=[^&;]*\d)(?=[^&;]*[A-Za-z])[\w.~%+/-]{20,}")
_PARAMETER = re.compile(r"([^&;=]+)=([^&;]*)")
_USER = re.compile(r"(?<=//)[^/?#@]*@")
_SHOWN_CHARACTERS = 120


class Unfetchable(Exception):
    """Says in a few words why an address is not fetched, and whether that will stay so."""

    def __init__(
        self, reason: str, *, is_lasting: bool = False, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(reason)
        self.is_lasting = is_lasting
        self.retry_after_seconds = retry_after_seconds


def parse_address(text: str, base: "URL | None" = None) -> "URL":
    """Read an address that may be fetched: http or https, with a host, without a password or a fragment.

    Args:
        text: The address as a person, a feed or a redirect gives it.
        base: What it is relative to.

    Raises:
        Unfetchable: It is no such address.
    """
    from httpx import URL, InvalidURL

    try:
        url = base.join(text.strip()) if base else URL(text.strip())
        # A name with the final dot is the same name, but no certificate has it.
        url = url.copy_with(fragment=None, host=url.raw_host.decode("ascii").removesuffix("."))
        _refuse(url)
    except (InvalidURL, ValueError) as error:
        raise Unfetchable(f"is no address ({_printable(str(error))}); correct it", is_lasting=True) from error
    return url


def _refuse(url: "URL") -> None:
    if url.scheme not in ("http", "https"):
        reason = "is not fetched, only http:// and https:// addresses are; name one of those"
    elif not url.raw_host:
        reason = "names no host; write it as https://HOST/PATH"
    elif url.userinfo:
        reason = "holds a user name or a password, which is not sent; name it without"
    elif url.port is not None and (url.port in _BAD_PORTS or not 0 < url.port < 65536):
        reason = f"names port {url.port}, which is not for web pages; correct the port"
    else:
        return
    raise Unfetchable(reason, is_lasting=True)


def resolve(name: str, port: int) -> list[str]:
    """Ask the operating system for the IP addresses of a name, in the order to try them.

    Raises:
        OSError: There are none, or nobody could be asked.
    """
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def read_number(name: str) -> Machine | None:
    """Read a host that is an IP address in any form that a machine takes: 127.1, 0x7f000001, 2130706433.

    Raises:
        Unfetchable: It ends in a number as only IP addresses do, and is none.
    """
    try:
        return ip_address(name)
    except ValueError:
        pass
    if not _LOOKS_NUMERIC.search(name):
        return None
    try:
        if _NUMBER.fullmatch(name):
            return IPv4Address(socket.inet_aton(name))
    except OSError:
        pass
    raise Unfetchable(f"names {name}, which is no IP address; correct it", is_lasting=True)


def check_machines(name: str, found: Sequence[str], *, private: bool) -> list[str]:
    """Give the addresses to connect to, when every one that the name has may be connected to.

    Args:
        name: What was resolved, for the message.
        found: Its IP addresses as text.
        private: Whether loopback, private and shared networks are allowed.

    Raises:
        Unfetchable: One is on a network that is not public, or there are none.
    """
    if not found:
        raise Unfetchable(f"names {name}, which has no IP address; check the spelling")
    for machine in map(ip_address, found):
        kind = network_kind(machine)
        if kind is None or (private and kind in _OPENED):
            continue
        allowed = "FOOTNOTE_FETCH_PRIVATE=1 allows it if it is yours"
        advice = f"; {allowed if kind in _OPENED else 'name a public address'}"
        leads = f"is on a {kind} network"
        if str(machine) != name:
            leads = f"leads to {machine} on a {kind} network"
        raise Unfetchable(f"is not fetched, as {name} {leads}{advice}", is_lasting=True)
    return list(found)


def network_kind(machine: Machine) -> str | None:
    """Say on what kind of special network an IP address is; None on the public internet."""
    for kind, network in _NETWORKS:
        if machine in network:
            return kind
    is_public = machine.is_global and (machine.version == 4 or machine in _PUBLIC_IPV6)
    return None if is_public else "reserved"


def shown_address(url: str) -> str:
    """Give an address as messages show it: short, printable, and without what may be a secret."""
    text = _printable(url.partition("#")[0])
    text, mark, parameters = _USER.sub("***@", text, count=1).partition("?")
    shown = text + mark + _PARAMETER.sub(_masked, parameters)
    return shown if len(shown) <= _SHOWN_CHARACTERS else shown[: _SHOWN_CHARACTERS - 1] + "…"


def _masked(parameter: re.Match[str]) -> str:
    is_secret = _SECRET_NAME.search(parameter[1]) or _SECRET_VALUE.fullmatch(parameter[2])
    return f"{parameter[1]}=***" if is_secret else parameter[0]


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text[:2000])
