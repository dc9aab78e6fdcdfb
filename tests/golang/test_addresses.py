"""Addresses and host:port pairs as net reads and prints them."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang.net import addresses


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_an_address_is_read_and_printed_like_everywhere(address: ipaddress.IPv4Address) -> None:
    """RFC 5952; only IPv4-mapped addresses are printed as IPv4."""
    assert addresses.parse(str(address)) == address.packed
    text = addresses.text(address.packed)
    mapped = getattr(address, "ipv4_mapped", None)
    assert text == str(mapped or address)


def test_a_zone_makes_an_address_none_unless_it_may_have_one() -> None:
    """net.ParseIP against netip.ParseAddr."""
    assert addresses.parse("fe80::1%eth0") is None
    assert addresses.parse_scoped("fe80::1%eth0") == addresses.parse("fe80::1")


@pytest.mark.parametrize(
    ("pair", "split"),
    [
        ("a:1", ("a", "1")),
        ("[::1]:1", ("::1", "1")),
        ("a:", ("a", "")),
        (":1", ("", "1")),
        ("a", None),
        ("a:b:1", None),
        ("[::1]", None),
        ("[::1]x:1", None),
        ("[a", None),
        ("a]:1", None),
        ("[[a]]:1", None),
    ],
)
def test_pairs_are_split_as_net_splits_them(pair: str, split: tuple[str, str] | None) -> None:
    """None where net.SplitHostPort gives an error."""
    assert addresses.split_host_port(pair) == split


def test_networks_hold_addresses_of_their_own_family_only() -> None:
    """An IPv4 address lies in no IPv6 network."""
    network = bytes([10, 0, 0, 0, 255, 0, 0, 0])
    assert addresses.within(bytes([10, 9, 9, 9]), network)
    assert not addresses.within(bytes([11, 9, 9, 9]), network)
    assert not addresses.within(bytes(16), network)
    assert addresses.network_text(network) == "10.0.0.0/8"
    assert addresses.is_loopback(bytes([127, 1, 2, 3]))
    assert addresses.is_loopback(addresses.parse("::ffff:127.0.0.1") or b"")
    assert not addresses.is_loopback(addresses.parse("::2") or b"")
