"""Where this installation's prices come from: the operator's file or URL, and declared ones for test money."""

from __future__ import annotations

from datetime import timedelta

import structlog

from api.settings import Settings
from chains.registry import ConfiguredChains
from primitives.errors import OperationError
from wallets.prices.file import FilePrices
from wallets.prices.http import HttpPrices
from wallets.prices.local import LocalPrices
from wallets.prices.ports import MoneySource

log = structlog.get_logger()


def price_source(settings: Settings, chains: ConfiguredChains) -> tuple[MoneySource, HttpPrices | None]:
    """The source, and what must be closed at the end.

    Raises:
        OperationError: Both a file and a URL are named.
        InvalidValue: The URL may not be called.
    """
    if settings.price_file is not None and settings.price_url is not None:
        raise OperationError("name one source of prices: QUANBAO_PRICE_FILE or QUANBAO_PRICE_URL")
    max_age = timedelta(seconds=settings.price_max_age_seconds)
    named: FilePrices | HttpPrices | None = None
    if settings.price_file is not None:
        named = FilePrices(settings.price_file, max_age=max_age)
    elif settings.price_url is not None:
        named = HttpPrices(settings.price_url, max_age=max_age)
    valued = [str(chain) for chain in chains.all() if not chains.info(chain).local]
    if named is None and valued:
        # The default rules count in a currency there: without a price they let nothing leave.
        log.warning("no_price_source", chains=valued, mend="set QUANBAO_PRICE_FILE or QUANBAO_PRICE_URL")
    local = [chain for chain in chains.all() if chains.info(chain).local]
    test_money = [asset for chain in local for asset in (chains.adapter(chain).native, *chains.known_assets(chain))]
    return LocalPrices(test_money, named), named if isinstance(named, HttpPrices) else None
