"""Which addresses belong to the outside world, for whatever calls a host that somebody else has named."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA hands out to the outside world (RFC 4291 section 2.4). Outside of it are local translation prefixes
(RFC 8215), IPv4 in older wrappings (RFC 2765, RFC 4291 section 2.5.5) and site-local addresses (RFC 3879)."""


def is_public(address: str) -> bool:
    """Whether an address belongs to the outside world.

    Loopback, private, link-local (cloud metadata), shared, reserved and multicast addresses do not, also when they are
    wrapped into IPv6 (mapped, 6to4, NAT64, Teredo).
    """
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in _NAT64:
            inner = IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is None and parsed.teredo is not None:
            inner = parsed.teredo[1]
        if inner is None and parsed not in _GLOBAL_UNICAST:
            return False
        if inner is not None:
            parsed = inner
    return parsed.is_global and not parsed.is_multicast
