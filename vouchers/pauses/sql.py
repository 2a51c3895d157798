"""Pauses as the ledger's standing facts tell them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from chains.campaign import CampaignPower
from persistence.database import Transaction
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId
from vouchers.campaigns.model import Campaign
from vouchers.ledger.sql import PAUSES, ledger_entry_table
from vouchers.pauses.model import NO_PAUSES, Pauses, PauseSwitch, Window, window_of

_e = ledger_entry_table.c
_IDENTITY = (_e.chain, _e.height, _e.transaction_index, _e.event_index, _e.block_hash)


async def pauses_of(tx: Transaction, campaigns: Collection[Campaign]) -> Mapping[tuple[CampaignId, ChainId], Pauses]:
    """Of those campaigns whose issuer may pause them, on each of their chains; of no other is anything read."""
    pausable = [one for one in campaigns if CampaignPower.PAUSE in one.rules.powers.declared]
    if not pausable:
        return {}
    rows = await tx.execute(
        select(_e.campaign_id, _e.chain, _e.block_time, _e.kind, _e.observation)
        .where(_e.campaign_id == func.any([str(one.id) for one in pausable]), text(PAUSES))
        .ext(distinct_on(*_IDENTITY))
        .order_by(*_IDENTITY, _e.observation.desc())
    )
    switches: dict[tuple[str, str], list[PauseSwitch]] = {}
    for row in rows:
        if row.observation % 2 == 0:
            switch = PauseSwitch(row.block_time, row.kind == "paused")
            switches.setdefault((row.campaign_id, row.chain), []).append(switch)
    return {
        (one.id, lane.chain): Pauses(
            tuple(switches.get((str(one.id), str(lane.chain)), ())),
            one.rules.powers.max_pause_seconds if lane.chain.family == "eip155" else None,
        )
        for one in pausable
        for lane in one.lanes
    }


async def windows_on(
    tx: Transaction, campaigns: Collection[Campaign], chain: ChainId, now: int
) -> Mapping[CampaignId, Window]:
    """The campaigns' windows on one chain at `now` (block time, Unix seconds)."""
    pauses = await pauses_of(tx, campaigns)
    return {one.id: window_of(one.rules, pauses.get((one.id, chain), NO_PAUSES), now) for one in campaigns}


async def window_on(tx: Transaction, campaign: Campaign, chain: ChainId, now: int) -> Window:
    """As `windows_on`, of one campaign."""
    return (await windows_on(tx, [campaign], chain, now))[campaign.id]


async def windows_of(tx: Transaction, campaign: Campaign, now: int) -> Mapping[ChainId, Window]:
    """A campaign's windows on all of its chains at `now`."""
    pauses = await pauses_of(tx, [campaign])
    return {
        lane.chain: window_of(campaign.rules, pauses.get((campaign.id, lane.chain), NO_PAUSES), now)
        for lane in campaign.lanes
    }
