"""Ask for vouchers in somebody's own transaction: room below the cap, the rows, and the job that carries them on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from persistence.database import Transaction
from persistence.jobs import enqueue
from primitives.account_id import AccountId
from primitives.errors import CampaignExhausted, CampaignNotActive
from primitives.hashing import keccak256
from vouchers.campaigns.model import Campaign, CampaignStatus, Issuance, IssuanceStatus
from vouchers.campaigns.sql import get_campaign, insert_issuance
from vouchers.issuance.sql import take_room


async def request_issuance(
    tx: Transaction,
    campaign: Campaign,
    holders: Sequence[AccountId],
    *,
    origin: str,
    idempotency_key: str,
    created_by: UUID,
    now: datetime,
) -> UUID:
    """One voucher to each holder, all on one chain. Returns the issuance's id.

    Args:
        origin: The job kind that is told the end: key = issuance id, payload {campaign, issuance, code?}.

    Raises:
        CampaignExhausted, CampaignNotActive: Nothing was changed.
    """
    chain = holders[0].chain
    if not await take_room(tx, campaign.id, chain, len(holders)):
        raise await why_no_room(tx, campaign, holders[0])
    issuance = Issuance(
        id=uuid4(),
        tenant_id=campaign.tenant_id,
        campaign_id=campaign.id,
        chain=chain,
        status=IssuanceStatus.REQUESTED,
        holders=tuple(holders),
        numbers=(None,) * len(holders),
        failure=None,
        created_at=now,
    )
    await insert_issuance(
        tx,
        issuance,
        idempotency_key=idempotency_key,
        request_hash=keccak256(idempotency_key.encode()),
        created_by=created_by,
        origin=origin,
    )
    reference = {"campaign": str(campaign.id), "chain": str(chain)}
    await enqueue(tx, "issuance.advance", f"{campaign.id}:{chain}", reference)
    return issuance.id


async def why_no_room(tx: Transaction, campaign: Campaign, account: AccountId) -> CampaignExhausted | CampaignNotActive:
    """Why `take_room` said no."""
    lane = (await get_campaign(tx, campaign.id)).lane_of(account.chain)
    if lane is None or lane.status is not CampaignStatus.ACTIVE:
        status = CampaignStatus.DRAFT if lane is None else lane.status
        return CampaignNotActive(f"the campaign is {status.value} on {account.chain}", status=status.value)
    return CampaignExhausted(
        f"all {lane.cap} vouchers of this campaign are given out", cap=lane.cap, issued=lane.reserved
    )
