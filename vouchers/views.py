"""What holders and merchants see of vouchers and campaigns: the ledger's projection with its finality."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chains.campaign import TransferPolicy
from persistence.database import Database, Transaction
from primitives.clock import Clock, SystemClock
from primitives.errors import CampaignNotFound, VoucherNotFound
from primitives.position import Finality
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id, get_campaign
from vouchers.documents.sql import document_body
from vouchers.ledger import sql
from vouchers.ledger.held.sql import campaigns_held, vouchers_by_expiry
from vouchers.ledger.model import CampaignCounts, ChainCursor, Voucher, VoucherStatus
from vouchers.orders.model import AttemptStatus
from vouchers.orders.redemptions.sql import live_redemptions
from vouchers.pauses.model import NO_PAUSES, Window, window_of
from vouchers.pauses.sql import pauses_of
from vouchers.ports import Accounts

Place = tuple[bool, int, str]
"""Whether it has ended, the end of its terms' window (pauses do not move it in the list), its id."""


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher with its campaign.

    Attributes:
        finality: How settled the voucher's newest fact is.
        in_flight: A payment is redeeming it right now.
        window: When it can be used on its chain, as far as is known now: pauses move the end on.
    """

    voucher: Voucher
    campaign: Campaign
    finality: Finality
    in_flight: bool
    window: Window

    @property
    def transferable(self) -> bool:
        """Whether the terms let it change hands now."""
        policy = self.campaign.rules.transfer
        if self.voucher.status is not VoucherStatus.LIVE or self.in_flight:
            return False
        return policy is TransferPolicy.FREE or (policy is TransferPolicy.ONCE and self.voucher.moves == 0)

    @property
    def place(self) -> Place:
        """Its sort key in its holder's list."""
        return self.voucher.status is not VoucherStatus.LIVE, self.campaign.rules.valid_until, str(self.voucher.id)


class VoucherViews:
    """Reads; nothing here changes anything. Args: `clock` tells how long a pause runs that nobody has ended."""

    def __init__(self, database: Database, accounts: Accounts, *, clock: Clock | None = None) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock or SystemClock()

    async def held_by(self, tenant_id: UUID, *, after: Place | None = None, limit: int = 50) -> Sequence[VoucherView]:
        """Of all accounts of a person: live ones by expiry, then the others by expiry.

        Args:
            after: `place` of the last one seen.
            limit: How many at most.
        """
        accounts = await self._accounts.accounts_of(tenant_id)
        async with self._database.transaction() as tx:
            campaigns = await campaigns_by_id(tx, await campaigns_held(tx, accounts))
            ends = {one.id: one.rules.valid_until for one in campaigns.values()}
            held = await vouchers_by_expiry(tx, accounts, ends, after=after, limit=limit)
            return await self._views(tx, held, campaigns)

    async def voucher(self, voucher_id: VoucherId, *, person_id: UUID, tenants: Collection[UUID]) -> VoucherView:
        """One voucher, for its holder and for the members of the organisation that issued it.

        Raises:
            VoucherNotFound: Also for everybody else.
        """
        accounts = await self._accounts.accounts_of(person_id)
        async with self._database.transaction() as tx:
            found = await sql.get_voucher(tx, voucher_id)
            campaigns = await campaigns_by_id(tx, [voucher_id.campaign])
            views = [] if found is None else await self._views(tx, [found], campaigns)
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

    async def _views(
        self, tx: Transaction, vouchers: Sequence[Voucher], campaigns: Mapping[CampaignId, Campaign]
    ) -> list[VoucherView]:
        known = [voucher for voucher in vouchers if voucher.id.campaign in campaigns]
        heads = await sql.cursors(tx)
        locked = await live_redemptions(tx, [voucher.id for voucher in known])
        pauses = await pauses_of(tx, [campaigns[one] for one in {voucher.id.campaign for voucher in known}])
        now = int(self._clock.now().timestamp())
        return [
            VoucherView(
                voucher=voucher,
                campaign=campaigns[voucher.id.campaign],
                finality=finality_at(heads.get(voucher.chain), voucher.last_height),
                in_flight=voucher.status is VoucherStatus.LIVE
                and voucher.id in locked
                and locked[voucher.id].status is not AttemptStatus.FINAL,
                window=window_of(
                    campaigns[voucher.id.campaign].rules,
                    pauses.get((voucher.id.campaign, voucher.chain), NO_PAUSES),
                    now,
                ),
            )
            for voucher in known
        ]


def finality_at(cursor: ChainCursor | None, height: int) -> Finality:
    """How settled a height was at the last scan."""
    if cursor is not None and height <= cursor.finalized:
        return Finality.FINALIZED
    if cursor is not None and height <= cursor.safe:
        return Finality.SAFE
    return Finality.INCLUDED
