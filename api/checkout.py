"""Joins what happens at and after the till: orders, refunds, books, settlement, transfers of vouchers, expiry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.treasury_keys import KeystoreTreasuryKeys
from chains.ports import Chains
from keystore.service import Keystore
from keystore.signers import CombinedSigner
from persistence.database import Database
from persistence.jobs import Handler
from primitives.errors import CampaignNotActive
from vouchers.campaigns.acts.service import CampaignActs
from vouchers.campaigns.model import Campaign
from vouchers.expiry.service import ExpiryService
from vouchers.handing_on import HandingOn
from vouchers.orders.beside import RemainderRules
from vouchers.orders.leaves import Leaves
from vouchers.orders.quotes import Quoter
from vouchers.orders.service import OrderService
from vouchers.payments import EnginePayments, WalletAccounts
from vouchers.refunds.disputes import DisputeService
from vouchers.refunds.progress import RefundProgress
from vouchers.refunds.service import RefundService
from vouchers.settlement.books import Books
from vouchers.settlement.service import SettlementService
from vouchers.till.service import TillService

LAUNCH = "campaign.advance"


@dataclass(frozen=True, slots=True)
class Checkout:
    """The services, as `Services` names them, and the jobs that carry them on."""

    orders: OrderService
    till: TillService
    refunds: RefundService
    refunding: RefundProgress
    disputes: DisputeService
    books: Books
    settlement: SettlementService
    handing_on: HandingOn
    expiry: ExpiryService

    @property
    def services(self) -> Mapping[str, Any]:
        names = ("orders", "till", "refunds", "disputes", "books", "settlement", "handing_on", "expiry")
        return {name: getattr(self, name) for name in names}

    def handlers(self, launch: Handler) -> Mapping[str, Handler]:
        """Args:
        launch: What carries a launch on: a campaign that it makes active gets its end put down.
        """
        found: dict[str, Handler] = {LAUNCH: self.expiry.after(launch)}
        parts = (self.orders, self.till, self.refunding, self.books, self.settlement, self.handing_on, self.expiry)
        for part in parts:
            found.update(part.handlers())
        return found


class _Reclaim:
    """`vouchers.expiry.service.Reclaiming`: asks for each lane once; whoever asked by hand before has asked already."""

    def __init__(self, acts: CampaignActs) -> None:
        self._acts = acts

    async def __call__(self, campaign: Campaign) -> int | None:
        later: list[int] = []
        for lane in campaign.lanes:
            try:
                await self._acts.reclaim(
                    campaign.tenant_id,
                    campaign.id,
                    lane.chain,
                    created_by=campaign.created_by,
                    idempotency_key=f"expiry:{campaign.id}:{lane.chain}",
                )
            except CampaignNotActive as error:
                # Without `opens` the lane was never launched.
                if "opens" in error.facts:
                    later.append(int(error.facts["opens"]))
        return min(later, default=None)


def join_checkout(
    database: Database,
    chains: Chains,
    accounts: WalletAccounts,
    payments: EnginePayments,
    quoter: Quoter,
    keystore: Keystore,
    leaves: Leaves,
    rules: RemainderRules,
) -> Checkout:
    """Build each once."""
    books = Books(database, chains)
    refunds = RefundService(database, chains, accounts, payments)
    signer = keystore.service_signer()
    return Checkout(
        orders=OrderService(
            database,
            chains,
            accounts,
            payments,
            quoter,
            signer,
            CombinedSigner,
            books=books,
            leaves=leaves,
            rules=rules,
        ),
        till=TillService(database, chains, accounts),
        refunds=refunds,
        refunding=RefundProgress(database, chains, accounts, payments, books, KeystoreTreasuryKeys(keystore)),
        disputes=DisputeService(database, refunds),
        books=books,
        settlement=SettlementService(database, chains, accounts, payments),
        handing_on=HandingOn(database, chains, accounts, payments, signer, CombinedSigner),
        expiry=ExpiryService(
            database,
            chains,
            accounts,
            reclaim=_Reclaim(CampaignActs(database, chains, payments)),
            leaves=leaves,
        ),
    )
