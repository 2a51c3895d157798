"""Nodes named by the outside world must not lead into our own network.

The host is resolved once, every address is judged, and the connection goes to the address that was judged: a name that
points elsewhere a moment later (DNS rebinding) changes nothing. Redirects are never followed.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from chains.rpc.unusable import Unusable
from primitives.public_address import is_public

__all__ = ["GuardedTransport", "Resolver", "is_public", "resolve"]

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses as text."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The system's resolver. Raises Unusable."""
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unusable("its host name does not resolve", whole=True) from None
    return [str(row[4][0]) for row in rows]


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
