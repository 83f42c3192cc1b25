"""Is this address public? The rules against being led into a network that is not the open web.

``ipaddress.is_global`` is not enough: it lets multicast and 6to4 through, differs between Python versions, and looks
neither into IPv4-mapped nor into NAT64 addresses. The tables here are the IANA special-purpose registries
(RFC 6890 and its updates) as of 2026, read narrowly: what no news site can stand on is not public.
"""

from __future__ import annotations

import ipaddress
import re

_V4 = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  # loopback, RFC 1122
        "168.63.129.16/32",  # public on paper; in one large cloud it is the machine's own host
        "169.254.0.0/16",  # link-local, RFC 3927, and the metadata services of clouds
        "172.16.0.0/12",  # private, RFC 1918
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",  # private, RFC 1918
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved and broadcast, RFC 1112
    )
]
_V6_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is handed out for the internet, RFC 4291
_V6_SPECIAL = [
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo (2001::/32, RFC 4380) among them
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4: carries an IPv4 address, RFC 3056; retired by RFC 7526
        "3ffe::/16",  # the 6bone, returned by RFC 3701
        "3fff::/20",  # documentation, RFC 9637
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; the local-use 64:ff9b:1::/48 of RFC 8215 is not public

_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\Z")


def is_public(ip: str) -> bool:
    """Say whether an IP address is one of the open internet's; whatever is not an address is not public.

    An IPv4-mapped or NAT64 address is what the IPv4 address inside it is. 6to4, Teredo and scoped addresses are never
    public.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _V4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(str(address.ipv4_mapped))
    if address in _NAT64:
        return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address in _V6_UNICAST and not any(address in network for network in _V6_SPECIAL)


def check_host(host: str) -> str | None:
    """Return the IP address that a host names literally, in canonical form, or None when it is a name to resolve.

    Understands what resolvers and browsers understand (WHATWG URL, host parsing): brackets, one to four parts, each
    decimal, octal (017) or hexadecimal (0x7f), full-width digits, a trailing dot. Raises ValueError for a host that
    is neither an address nor a possible name.
    """
    plain = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if plain is not host or ":" in plain:
        return str(ipaddress.IPv6Address(plain))
    try:
        name = plain.encode("ascii").decode().lower() if plain.isascii() else plain.encode("idna").decode().lower()
    except UnicodeError as error:
        raise ValueError(f"not a host name: {host!r}") from error
    name = name.removesuffix(".")
    if not name or len(name) > 253 or re.search(r"[^a-z0-9._-]", name) or any(not p for p in name.split(".")):
        raise ValueError(f"not a host name: {host!r}")
    parts = name.split(".")
    if not _NUMBER.match(parts[-1]):
        return None
    return _ipv4(parts, host)


def _ipv4(parts: list[str], host: str) -> str:
    """Read one to four numbers; the last one fills all bytes that are left (inet_aton)."""
    if len(parts) > 4 or not all(_NUMBER.match(part) and len(part) <= 16 for part in parts):
        raise ValueError(f"not an IPv4 address: {host!r}")
    numbers = [_number(part, host) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise ValueError(f"not an IPv4 address: {host!r}")
    value = numbers[-1] + sum(number << 8 * (3 - place) for place, number in enumerate(numbers[:-1]))
    return str(ipaddress.IPv4Address(value))


def _number(part: str, host: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    try:
        return int(part, 8) if part.startswith("0") else int(part)
    except ValueError as error:
        raise ValueError(f"not an IPv4 address: {host!r}") from error
