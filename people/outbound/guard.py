"""A client for URLs that somebody else has named. It must not lead into our own network.

The host is resolved once, every address is judged, and the connection goes to the address that was judged: a name that
points elsewhere a moment later (DNS rebinding) changes nothing. Redirects are not followed, proxies of the environment
not used, and answers not read beyond a bound.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from primitives.errors import InvalidValue
from primitives.public_address import is_public

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses as text."""

MAX_URL_LENGTH = 2000
MAX_ANSWER_BYTES = 64 * 1024
_SECONDS = 10.0


async def resolve(host: str, port: int) -> Sequence[str]:
    """The system's resolver; nothing for a name that does not resolve."""
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return [str(row[4][0]) for row in rows]


def check_url(url: str) -> str:
    """The URL, when it may be called at all: HTTPS, a host, no user name.

    Raises:
        InvalidValue
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidValue("this is not a URL") from error
    if len(url) > MAX_URL_LENGTH or parts.scheme != "https" or not parts.hostname or port == 0:
        raise InvalidValue("a URL begins with https:// and has a host name")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidValue("a URL has no user name, password or fragment here")
    return url


class PublicOnly(httpx.AsyncBaseTransport):
    """Connects only to public addresses, and to the very address that it has judged.

    Args:
        inner: Makes the connections.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, resolver: Resolver = resolve) -> None:
        self._inner = inner
        self._resolver = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises InvalidValue: the host does not resolve, or leads into a private network."""
        check_url(str(request.url))
        host = request.url.host
        addresses = await self._resolver(host, request.url.port or 443)
        if not addresses or not all(is_public(address) for address in addresses):
            raise InvalidValue("this host does not resolve, or leads into a private network")
        # The Host header was set from the name and stays; TLS asks for the name, not for the address.
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=addresses[0]),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class OutboundClient:
    """Posts to URLs that people have named."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport | None = None, resolver: Resolver = resolve, *, seconds: float = _SECONDS
    ) -> None:
        transport = PublicOnly(inner or httpx.AsyncHTTPTransport(trust_env=False), resolver)
        self._http = httpx.AsyncClient(transport=transport, timeout=seconds, follow_redirects=False, trust_env=False)

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, whose body is left unread beyond 64 KiB.

        Raises:
            InvalidValue: The URL may not be called.
            httpx.HTTPError: No answer.
        """
        async with self._http.stream("POST", check_url(url), content=content, headers=dict(headers)) as answer:
            read = 0
            async for piece in answer.aiter_raw():
                read += len(piece)
                if read > MAX_ANSWER_BYTES:
                    break
            return answer.status_code

    async def close(self) -> None:
        await self._http.aclose()
