"""Prices from a URL that the operator has named, over a client that leads into no private network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import httpx
import structlog

from people.outbound.guard import PublicOnly, Resolver, check_url, one_call_each, resolve
from primitives.asset import AssetId
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, PriceUnavailable, QuanbaoError
from wallets.prices.document import MAX_DOCUMENT_BYTES, PriceDocument, parse_document, usable
from wallets.prices.model import Price
from wallets.prices.rate import Rate, usable_rate

log = structlog.get_logger()

T = TypeVar("T")
_SECONDS = 5.0
_REFRESH = timedelta(seconds=60)


class HttpPrices:
    """`MoneySource` over a document at an HTTPS address.

    While the document in hand is young enough it answers at once, and a newer one is fetched beside it: whoever asks
    under a lock waits for the network only when there is nothing that may be used.

    Args:
        max_age: How old a price may be, by its own time.
        refresh: How often the document is fetched anew.

    Raises:
        InvalidValue: The URL may not be called.
    """

    def __init__(
        self,
        url: str,
        *,
        max_age: timedelta,
        refresh: timedelta = _REFRESH,
        inner: httpx.AsyncBaseTransport | None = None,
        resolver: Resolver = resolve,
        clock: Clock | None = None,
    ) -> None:
        self._url = check_url(url)
        self._max_age = max_age
        self._refresh = refresh
        self._clock = clock or SystemClock()
        transport = PublicOnly(inner or one_call_each(), resolver)
        self._http = httpx.AsyncClient(transport=transport, timeout=_SECONDS, follow_redirects=False, trust_env=False)
        self._document = PriceDocument()
        self._fetched: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def price(self, asset: AssetId, currency: str) -> Price:
        """Raises PriceUnavailable (also for a source that does not answer, or malformed), PriceStale."""
        return await self._fresh(lambda: self._usable(asset, currency))

    async def rate(self, base: str, quote: str) -> Rate:
        """Raises PriceUnavailable (also for a source that does not answer, or malformed), PriceStale."""
        return await self._fresh(lambda: self._usable_rate(base, quote))

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
        await self._http.aclose()

    async def _fresh(self, look: Callable[[], T]) -> T:
        if self._fetched is None or self._clock.now() - self._fetched >= self._refresh:
            fetching = self._fetch_once()
            try:
                return look()
            except QuanbaoError:
                await asyncio.shield(fetching)
        return look()

    def _usable(self, asset: AssetId, currency: str) -> Price:
        now = self._clock.now()
        return usable(self._document.prices, asset, currency, now=now, max_age=self._max_age, source="the price source")

    def _usable_rate(self, base: str, quote: str) -> Rate:
        now = self._clock.now()
        return usable_rate(self._document.rates, base, quote, now=now, max_age=self._max_age, source="the price source")

    def _fetch_once(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        """Never raises: what cannot be fetched leaves the older document, whose prices grow stale by themselves."""
        # Before the answer: a source that is down is asked once per period, not by every payment.
        self._fetched = self._clock.now()
        try:
            async with asyncio.timeout(2 * _SECONDS):
                self._document = parse_document(await self._read())
        except (httpx.HTTPError, QuanbaoError, TimeoutError) as error:
            log.warning("prices_not_fetched", error=type(error).__name__)

    async def _read(self) -> bytes:
        async with self._http.stream("GET", self._url, headers={"Accept": "application/json"}) as answer:
            if answer.status_code != 200:
                raise PriceUnavailable(f"the price source answers {answer.status_code}", source="http")
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > MAX_DOCUMENT_BYTES:
                    raise InvalidValue("the price document is too long")
            return bytes(content)
