"""Which addresses belong to the public internet.

Source: IANA's special-purpose address registries for IPv4 and IPv6.
"""

from __future__ import annotations

import ipaddress

# What of IANA's special-purpose registries does not belong to everybody. Python's own
# `is_global` knows other lists in other versions: 3.11.7 lets 192.0.0.192 pass.
_SPECIAL_IPV4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",  # registered as public, but inside Azure the host itself
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)
# Where IPv4 is translated, the last 32 bits are the address that is meant.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet.

    No to private, loopback, link-local, shared, multicast, reserved, unspecified and
    metadata addresses, and to IPv6 forms that hold such an IPv4 address.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None:
            return address in _PUBLIC_IPV6 and not any(
                address in network for network in _SPECIAL_IPV6
            )
        address = inner
    return not any(address in network for network in _SPECIAL_IPV4)
