"""Nodes named by the outside world must not lead into our own network.

The host is resolved once, every address is judged, and the connection goes to the address that was judged: a name that
points elsewhere a moment later (DNS rebinding) changes nothing. Redirects are never followed.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from chains.rpc.unusable import Unusable

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses as text."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The system's resolver. Raises Unusable."""
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unusable("its host name does not resolve", whole=True) from None
    return [str(row[4][0]) for row in rows]


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
        if inner is not None:
            parsed = inner
    return parsed.is_global and not parsed.is_multicast


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connects only to public addresses, and to the very address that it has judged.

    Args:
        inner: Makes the connections.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, resolver: Resolver = resolve) -> None:
        self._inner = inner
        self._resolver = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await self._resolver(host, port)
        if not addresses:
            raise Unusable("its host name does not resolve", whole=True)
        if not all(is_public(address) for address in addresses):
            raise Unusable(
                "it is an address of a private network: mark the node as private if it is your own", whole=True
            )
        # The Host header was set from the name and stays; TLS asks for the name, not for the address.
        extensions = {**request.extensions, "sni_hostname": host}
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=addresses[0]),
                headers=request.headers,
                stream=request.stream,
                extensions=extensions,
            )
        )

    async def aclose(self) -> None:
        await self._inner.aclose()
