"""Which addresses an image may be fetched from."""

from __future__ import annotations

import ipaddress

import pytest

from sam3_playground.images.addresses import is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("8.8.8.8", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("::ffff:8.8.8.8", True),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),  # shared by a provider's customers
        ("100.100.100.200", False),  # Alibaba's metadata
        ("127.0.0.1", False),
        ("127.255.255.254", False),
        ("168.63.129.16", False),  # Azure's host, under a public address
        ("169.254.169.254", False),  # AWS, Google and Azure metadata
        ("172.16.0.1", False),
        ("192.0.0.192", False),  # Oracle's metadata
        ("192.168.1.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::808:808", True),  # NAT64 of 8.8.8.8
        ("64:ff9b::7f00:1", False),  # NAT64 of 127.0.0.1
        ("64:ff9b:1::808:808", False),
        ("::7f00:1", False),  # an IPv4 address in IPv6's oldest form
        ("2002:7f00:1::", False),  # 6to4 of 127.0.0.1
        ("2001:0:7f00:1::", False),  # Teredo
        ("fd00:ec2::254", False),  # AWS metadata
        ("fe80::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public
