"""What holders and merchants see of vouchers and campaigns: the ledger's projection with its finality."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chains.campaign import TransferPolicy
from persistence.database import Database, Transaction
from primitives.errors import CampaignNotFound, VoucherNotFound
from primitives.position import Finality
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id, get_campaign
from vouchers.documents.sql import document_body
from vouchers.ledger import sql
from vouchers.ledger.model import CampaignCounts, ChainCursor, Voucher, VoucherStatus
from vouchers.orders.model import AttemptStatus
from vouchers.orders.sql import live_redemptions
from vouchers.ports import Accounts


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher with its campaign.

    Attributes:
        finality: How settled the voucher's newest fact is.
        in_flight: A payment is redeeming it right now.
    """

    voucher: Voucher
    campaign: Campaign
    finality: Finality
    in_flight: bool

    @property
    def transferable(self) -> bool:
        """Whether the terms let it change hands now."""
        policy = self.campaign.rules.transfer
        if self.voucher.status is not VoucherStatus.LIVE or self.in_flight:
            return False
        return policy is TransferPolicy.FREE or (policy is TransferPolicy.ONCE and self.voucher.moves == 0)


class VoucherViews:
    """Reads; nothing here changes anything."""

    def __init__(self, database: Database, accounts: Accounts) -> None:
        self._database = database
        self._accounts = accounts

    async def held_by(self, tenant_id: UUID) -> Sequence[VoucherView]:
        """Of all accounts of a person: live ones by expiry, then the others by expiry."""
        accounts = await self._accounts.accounts_of(tenant_id)
        async with self._database.transaction() as tx:
            views = await _views(tx, await sql.vouchers_held(tx, accounts))
        return sorted(
            views,
            key=lambda view: (
                view.voucher.status is not VoucherStatus.LIVE,
                view.campaign.rules.valid_until,
                str(view.voucher.id),
            ),
        )

    async def voucher(self, voucher_id: VoucherId, *, person_id: UUID, tenants: Collection[UUID]) -> VoucherView:
        """One voucher, for its holder and for the members of the organisation that issued it.

        Raises:
            VoucherNotFound: Also for everybody else.
        """
        accounts = await self._accounts.accounts_of(person_id)
        async with self._database.transaction() as tx:
            found = await sql.get_voucher(tx, voucher_id)
            views = [] if found is None else await _views(tx, [found])
        for view in views:
            if view.voucher.holder in accounts or view.campaign.tenant_id in tenants:
                return view
        raise VoucherNotFound("no such voucher", voucher=str(voucher_id))

    async def counts(self, campaigns: Collection[CampaignId]) -> Mapping[CampaignId, CampaignCounts]:
        """Issued, live, redeemed, void, cost and escrow movements as the chains tell them."""
        async with self._database.transaction() as tx:
            return await sql.campaign_counts(tx, campaigns)

    async def rule_document(self, campaign_id: CampaignId) -> bytes:
        """Canonical bytes, for anybody: their hash stands on chain. Raises CampaignNotFound."""
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
            if all(lane.step == 0 for lane in campaign.lanes):
                raise CampaignNotFound("no such campaign", campaign=str(campaign_id))
            return await document_body(tx, campaign.rules_hash)


async def _views(tx: Transaction, vouchers: Sequence[Voucher]) -> list[VoucherView]:
    campaigns = await campaigns_by_id(tx, list({voucher.id.campaign for voucher in vouchers}))
    heads = await sql.cursors(tx)
    locked = await live_redemptions(tx, [voucher.id for voucher in vouchers])
    return [
        VoucherView(
            voucher=voucher,
            campaign=campaigns[voucher.id.campaign],
            finality=finality_at(heads.get(voucher.chain), voucher.last_height),
            in_flight=voucher.status is VoucherStatus.LIVE
            and voucher.id in locked
            and locked[voucher.id].status is not AttemptStatus.FINAL,
        )
        for voucher in vouchers
        if voucher.id.campaign in campaigns
    ]


def finality_at(cursor: ChainCursor | None, height: int) -> Finality:
    """How settled a height was at the last scan."""
    if cursor is not None and height <= cursor.finalized:
        return Finality.FINALIZED
    if cursor is not None and height <= cursor.safe:
        return Finality.SAFE
    return Finality.INCLUDED
