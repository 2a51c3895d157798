"""A client for URLs that somebody else has named. It must not lead into our own network.

The host is resolved once, every address is judged, and the connection goes to the address that was judged: a name that
points elsewhere a moment later (DNS rebinding) changes nothing. Redirects are not followed, proxies of the environment
not used, and answers not read beyond a bound.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx

from primitives.errors import InvalidValue
from primitives.public_address import is_public

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses as text."""

MAX_URL_LENGTH = 2000
MAX_ANSWER_BYTES = 64 * 1024
_SECONDS = 10.0
_PORTS = {"https": 443, "http": 80}
_RESOLVING = ThreadPoolExecutor(4, thread_name_prefix="resolving")
"""The loop's own threads do other work (files, keys), which a name server that answers slowly must not hold up."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The system's resolver; nothing for a name that does not resolve, or not in time."""

    def ask() -> list[str]:
        return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

    try:
        async with asyncio.timeout(_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(_RESOLVING, ask)
    except (OSError, UnicodeError):
        # A name with an empty or a too long part is refused before it is looked up, as UnicodeError.
        return ()


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL. Raises ValueError."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS.get(parts.scheme)}"


def check_url(url: str, trusted: Collection[str] = ()) -> str:
    """The URL, when it may be called at all: HTTPS, a host, no user name.

    Args:
        trusted: Origins (`origin_of`) that the operator allows as they are, plain HTTP too.

    Raises:
        InvalidValue
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidValue("this is not a URL") from error
    web = parts.scheme == "https" or (parts.scheme == "http" and origin_of(url) in trusted)
    if len(url) > MAX_URL_LENGTH or not web or not parts.hostname or port == 0:
        raise InvalidValue("a URL begins with https:// and has a host name")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidValue("a URL has no user name, password or fragment here")
    try:
        # Stricter than the above: what the client would not send must not be kept.
        httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InvalidValue("this is not a URL that can be called") from error
    return url


def one_call_each() -> httpx.AsyncHTTPTransport:
    """Connections that are used once.

    They are made to addresses, and a pool would hand the connection to one name over to another name at the same
    address, whose certificate nobody has seen.
    """
    return httpx.AsyncHTTPTransport(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


class PublicOnly(httpx.AsyncBaseTransport):
    """Connects only to public addresses, and to the very address that it has judged.

    Args:
        inner: Makes the connections.
        trusted: Origins that the operator allows, wherever they lead.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, resolver: Resolver = resolve, trusted: Collection[str] = ()
    ) -> None:
        self._inner = inner
        self._resolver = resolver
        self._trusted = frozenset(trusted)

    async def judge(self, url: str) -> str:
        """The address to connect to. Raises InvalidValue: the host does not resolve, or leads to a private network."""
        host = httpx.URL(check_url(url, self._trusted)).host
        port = httpx.URL(url).port or _PORTS[httpx.URL(url).scheme]
        addresses = await self._resolver(host, port)
        allowed = origin_of(url) in self._trusted or all(is_public(address) for address in addresses)
        if not addresses or not allowed:
            raise InvalidValue("this host does not resolve, or leads into a private network")
        return addresses[0]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises InvalidValue: the host does not resolve, or leads into a private network."""
        host = request.url.host
        address = await self.judge(str(request.url))
        # The Host header was set from the name and stays; TLS asks for the name, not for the address.
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=address),
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
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        resolver: Resolver = resolve,
        *,
        seconds: float = _SECONDS,
        trusted: Collection[str] = (),
    ) -> None:
        self._trusted = frozenset(origin_of(url) for url in trusted)
        self._guard = PublicOnly(inner or one_call_each(), resolver, self._trusted)
        self._http = httpx.AsyncClient(transport=self._guard, timeout=seconds, follow_redirects=False, trust_env=False)
        self._seconds = seconds

    async def judge(self, url: str) -> None:
        """Raises InvalidValue: it may not be called now. It is judged again at every call."""
        await self._guard.judge(url)

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer, whose body is left unread beyond 64 KiB.

        Raises:
            InvalidValue: The URL may not be called.
            httpx.HTTPError: No answer.
            TimeoutError: An answer that comes by drops, and is not over within the time of all of it.
        """
        checked = check_url(url, self._trusted)
        async with (
            asyncio.timeout(self._seconds),
            self._http.stream("POST", checked, content=content, headers=dict(headers)) as answer,
        ):
            read = 0
            async for piece in answer.aiter_raw():
                read += len(piece)
                if read > MAX_ANSWER_BYTES:
                    break
            return answer.status_code

    async def close(self) -> None:
        await self._http.aclose()
