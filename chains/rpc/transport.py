"""HTTP exchanges for httpx on aiohttp's parser: a batch of logs is megabytes, and each block of it counts.

Only the way of the bytes is another. Time limits, redirects (none) and errors are httpx's.
"""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
import httpx

_CONNECTIONS = 32
_KEPT_SECONDS = 15.0


class FastTransport(httpx.AsyncBaseTransport):
    """Answers are read whole before they are handed out.

    Args:
        tls: How servers prove who they are.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError of the kind that httpx's own transport raises."""
        limits = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            total=None, connect=limits.get("pool"), sock_connect=limits.get("connect"), sock_read=limits.get("read")
        )
        try:
            async with self._open().request(
                request.method,
                str(request.url),
                headers=request.headers.multi_items(),
                data=await request.aread(),
                timeout=timeout,
                allow_redirects=False,
                server_hostname=request.extensions.get("sni_hostname"),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            ) as answer:
                content = await answer.read()
                headers = [(name, value) for name, value in answer.raw_headers if name.lower() not in _OF_THE_WAY]
                return httpx.Response(answer.status, headers=headers, content=content)
        except (aiohttp.ConnectionTimeoutError, aiohttp.SocketTimeoutError, TimeoutError) as error:
            connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
            raise (httpx.ConnectTimeout if connecting else httpx.ReadTimeout)(type(error).__name__) from None
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError(type(error).__name__) from None
        except aiohttp.InvalidURL as error:
            raise httpx.UnsupportedProtocol(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise httpx.RemoteProtocolError(type(error).__name__) from None

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        """Made at the first request: a session belongs to the loop that runs then."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                ssl=self._tls, limit=_CONNECTIONS, keepalive_timeout=_KEPT_SECONDS, use_dns_cache=False
            )
            # Decoding is left to httpx, which reads the header that says how.
            self._session = aiohttp.ClientSession(
                connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        return self._session


_OF_THE_WAY = frozenset({b"transfer-encoding", b"connection", b"keep-alive"})
