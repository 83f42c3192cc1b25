"""Which addresses are public, and which hosts are addresses in disguise."""

import ipaddress
import tomllib
from pathlib import Path

import pytest
import ssrfguard
from hypothesis import given
from hypothesis import strategies as st

from ingest import address

CASES = tomllib.loads((Path(__file__).parents[1] / "cases/addresses.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("ip", CASES["public"])
def test_public(ip):
    """An address of the open internet is public."""
    assert address.is_public(ip)


@pytest.mark.parametrize("ip", CASES["not_public"])
def test_not_public(ip):
    """Private, special and wrapped private addresses are not public, nor is what is no address."""
    assert not address.is_public(ip)


@pytest.mark.parametrize(("host", "ip"), CASES["hosts"].items())
def test_host_forms(host, ip):
    """Decimal, octal, hexadecimal and short forms of an address are seen through; names stay names."""
    found = address.check_host(host)
    assert (ipaddress.ip_address(found) if found else "") == (ipaddress.ip_address(ip) if ip else "")


@pytest.mark.parametrize("host", CASES["impossible"]["hosts"])
def test_impossible_hosts(host):
    """What is neither an address nor a possible name is refused."""
    with pytest.raises(ValueError, match=r"."):
        address.check_host(host)


@given(st.ip_addresses())
def test_never_more_lenient_than_the_standard_library(ip):
    """Outside of NAT64, nothing that Python calls private, reserved or loopback is public here."""
    nat64 = ipaddress.ip_network("64:ff9b::/96")
    if address.is_public(str(ip)) and not (ip.version == 6 and (ip in nat64 or ip.ipv4_mapped)):
        assert ip.is_global
        assert not any((ip.is_private, ip.is_loopback, ip.is_link_local, ip.is_multicast, ip.is_reserved))


@given(st.ip_addresses(v=4))
def test_wrapping_does_not_make_public(ip):
    """An IPv4 address that is not public is not public inside IPv6 either."""
    number = int(ip)
    if not address.is_public(str(ip)):
        for prefix in ("::ffff:0:0", "64:ff9b::", "::", "::ffff:0:0:0", "64:ff9b:1::"):
            assert not address.is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + number)))
        assert not address.is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "{:#x}", "0{:o}"]))
def test_one_number(number, form):
    """A single number in base 10, 16 or 8 names the address it is."""
    assert address.check_host(form.format(number)) == str(ipaddress.IPv4Address(number))


SECOND_OPINION = ssrfguard.Policy()


@given(st.ip_addresses() | st.sampled_from(CASES["public"] + CASES["not_public"]))
def test_never_more_lenient_than_a_second_opinion(ip):
    """What is public here is public to ssrfguard, which has its own tables."""
    if address.is_public(str(ip)):
        assert SECOND_OPINION.permits_address(str(ip))
