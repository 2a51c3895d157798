"""Who may look at a voucher's life: its holders, its campaign's organisation, the merchant that took it, auditors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chains.events import VoucherIssued, VoucherMoved
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.errors import VoucherNotFound
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.ledger.sql import history
from vouchers.orders.redemptions.sql import redeeming_shops


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks.

    Attributes:
        tenants: The person and its organisations.
        sees_all: An auditor of the platform.
        campaigns: What an outside auditor was granted.
        facts_since, facts_until: Block times that may be seen, Unix seconds, half-open.
    """

    tenants: frozenset[UUID]
    sees_all: bool = False
    campaigns: frozenset[CampaignId] = frozenset()
    facts_since: int = 0
    facts_until: int = 2**62

    def latest(self, time: int | None) -> int | None:
        """The last block time that may be asked for, of what is asked for; None for no bound."""
        if self.facts_until == 2**62:
            return time
        return self.facts_until - 1 if time is None else min(time, self.facts_until - 1)

    def sees(self, block_time: int) -> bool:
        return self.facts_since <= block_time < self.facts_until

    def may_see(self, campaign: CampaignId) -> bool:
        """As an auditor: of the platform, or by a grant."""
        return self.sees_all or campaign in self.campaigns


AUDITOR = Viewer(frozenset(), sees_all=True)


class OwnedAccount(Protocol):
    @property
    def account(self) -> AccountId: ...


class AccountBook(Protocol):
    """`wallets.accounts.service.AccountService` conforms."""

    async def list(self, tenant_id: UUID) -> Sequence[OwnedAccount]: ...


class VoucherAccess:
    """Decides by the ledger and the accounts of the viewer's tenants."""

    def __init__(self, database: Database, accounts: AccountBook) -> None:
        self._database = database
        self._accounts = accounts

    async def require(self, voucher: VoucherId, viewer: Viewer) -> None:
        """Let the viewer look, or say the same as of a voucher that does not exist.

        Raises:
            VoucherNotFound
        """
        async with self._database.transaction() as tx:
            entries = await history(tx, voucher=voucher)
            holders = {
                entry.event.fact.holder if isinstance(entry.event.fact, VoucherIssued) else entry.event.fact.recipient
                for entry in entries
                if isinstance(entry.event.fact, VoucherIssued | VoucherMoved)
            }
            seen = any(viewer.sees(entry.event.block_time) for entry in entries)
            auditing = viewer.may_see(voucher.campaign) and seen
            allowed = bool(entries) and (auditing or await self._concerns(tx, voucher, viewer))
        if not allowed and entries:
            allowed = bool(holders & await self._accounts_of(viewer))
        if not allowed:
            raise VoucherNotFound(f"no voucher {voucher} on any chain that concerns you", voucher=str(voucher))

    async def _concerns(self, tx: Transaction, voucher: VoucherId, viewer: Viewer) -> bool:
        """The campaign is the viewer's, or the order that redeemed the voucher."""
        campaign = (await campaigns_by_id(tx, [voucher.campaign])).get(voucher.campaign)
        if campaign is not None and campaign.tenant_id in viewer.tenants:
            return True
        return any(shop in viewer.tenants for shop in await redeeming_shops(tx, voucher))

    async def _accounts_of(self, viewer: Viewer) -> set[AccountId]:
        return {owned.account for tenant in viewer.tenants for owned in await self._accounts.list(tenant)}
