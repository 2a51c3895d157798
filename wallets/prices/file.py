"""Prices from a file that somebody else keeps fresh."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from primitives.asset import AssetId
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, PriceUnavailable
from wallets.prices.document import MAX_DOCUMENT_BYTES, PriceDocument, parse_document, usable
from wallets.prices.model import Price
from wallets.prices.rate import Rate, usable_rate

_Stamp = tuple[int, int, int]


class FilePrices:
    """`MoneySource` over a document in a file, which is read again whenever it has changed.

    Args:
        max_age: How old a price may be, by its own time; the file's time says nothing.
    """

    def __init__(self, path: Path, *, max_age: timedelta, clock: Clock | None = None) -> None:
        self._path = path
        self._max_age = max_age
        self._clock = clock or SystemClock()
        self._stamp: _Stamp | None = None
        self._document = PriceDocument()

    async def price(self, asset: AssetId, currency: str) -> Price:
        """Raises PriceUnavailable (also for a file that cannot be read or is malformed), PriceStale."""
        await asyncio.to_thread(self._read)
        now = self._clock.now()
        return usable(self._document.prices, asset, currency, now=now, max_age=self._max_age, source="the price file")

    async def rate(self, base: str, quote: str) -> Rate:
        """Raises PriceUnavailable (also for a file that cannot be read or is malformed), PriceStale."""
        await asyncio.to_thread(self._read)
        now = self._clock.now()
        return usable_rate(self._document.rates, base, quote, now=now, max_age=self._max_age, source="the price file")

    def _read(self) -> None:
        try:
            state = self._path.stat()
            stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
            if stamp == self._stamp:
                return
            with self._path.open("rb") as file:
                content = file.read(MAX_DOCUMENT_BYTES + 1)
        except OSError as error:
            raise PriceUnavailable(f"the price file cannot be read: {error.strerror}", source="file") from error
        try:
            document = parse_document(content)
        except InvalidValue as error:
            raise PriceUnavailable(f"the price file is malformed: {error.message}", source="file") from error
        self._document, self._stamp = document, stamp
