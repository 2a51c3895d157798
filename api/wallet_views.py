"""What a wallet shows, joined: portfolio, activity, address book, payment requests, spending."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chains.registry import ConfiguredChains
from persistence.database import Database
from persistence.jobs import Handler
from primitives.chain_id import ChainId
from vouchers.activity.sql import PaidShops, VoucherSource
from vouchers.payments import WalletAccounts
from vouchers.points.service import PointsService
from vouchers.rights import HeldRights
from vouchers.spending.sql import OrderSpending
from wallets.accounts.service import AccountService
from wallets.activity.payments.sql import PaymentSource
from wallets.activity.reading.evm import EvmReader
from wallets.activity.reading.solana import SolanaReader
from wallets.activity.service import ActivityService
from wallets.activity.sql import MovementSource, all_notes
from wallets.address_book.service import AddressBook
from wallets.assets.service import AssetService
from wallets.payment_requests.service import PaymentRequests
from wallets.portfolio.pricing import Pricing
from wallets.portfolio.service import PortfolioService
from wallets.prices.ports import MoneySource
from wallets.spending.service import SpendingService
from wallets.spending.sql import budgets_of


@dataclass(frozen=True, slots=True)
class WalletViews:
    """Reads of a person's own; `reader` and `spending` have durable work."""

    portfolio: PortfolioService
    activity: ActivityService
    address_book: AddressBook
    payment_requests: PaymentRequests
    spending: SpendingService
    reader: EvmReader

    def handlers(self) -> Mapping[str, Handler]:
        return {**self.reader.handlers(), **self.spending.handlers()}

    async def start(self, database: Database) -> None:
        """Make sure that chains are followed and budgets watched; calling it again does no harm."""
        await self.reader.start(database)
        await self.spending.start(database)


def kept_by_persons(database: Database) -> Mapping[str, Callable[[UUID], Awaitable[Any]]]:
    """What persons wrote down here, by name, for the export of their data."""

    async def address_book(person_id: UUID) -> Any:
        return [
            {"account": str(one.account), "name": one.name, "note": one.note, "created_at": one.created_at}
            for one in await AddressBook(database).entries(person_id)
        ]

    async def activity_notes(person_id: UUID) -> Any:
        async with database.transaction() as tx:
            return [{"entry": entry, "note": note} for entry, note in (await all_notes(tx, person_id)).items()]

    async def budgets(person_id: UUID) -> Any:
        async with database.transaction() as tx:
            return [
                {"currency": one.currency, "category": one.category, "month_minor": one.month_minor, "zone": one.zone}
                for one in (kept.budget for kept in await budgets_of(tx, person_id))
            ]

    return {"address_book": address_book, "activity_notes": activity_notes, "budgets": budgets}


def join_wallet_views(
    database: Database,
    chains: ConfiguredChains,
    accounts: AccountService,
    assets: AssetService,
    points: PointsService,
    prices: MoneySource,
    evm_books: Mapping[ChainId, Sequence[bytes]],
) -> WalletViews:
    """Build each once."""
    local = frozenset(chain for chain in chains.all() if chains.info(chain).local)
    rights = HeldRights(database, chains, WalletAccounts(accounts), points, evm_books)
    book = AddressBook(database)
    telling = (VoucherSource(rights.stand_for_vouchers), PaymentSource())
    return WalletViews(
        portfolio=PortfolioService(chains, accounts, assets, rights, Pricing(prices), watched=accounts.addresses),
        activity=ActivityService(
            database, chains, accounts, SolanaReader(database, chains), telling, MovementSource(), book, PaidShops()
        ),
        address_book=book,
        payment_requests=PaymentRequests(chains, accounts, book),
        spending=SpendingService(database, OrderSpending()),
        reader=EvmReader(database, chains, rewindable=local),
    )
