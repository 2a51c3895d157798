"""Tell tenants what the ledger has learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chains.events import IssuedLine
from people.events import publish_many
from persistence.database import Transaction
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.ledger.model import LedgerEntry, kind_of, voucher_of

MOST_SINGLE = 200
"""Of one kind, campaign and page; more are told in one event. An event is a hint, and so many at once help nobody."""


async def announce(
    tx: Transaction, chain: ChainId, changes: Sequence[LedgerEntry], issued: Sequence[IssuedLine] = ()
) -> None:
    """One event per voucher fact, to the organisation whose campaign it is; for very many one with their `count`.

    Args:
        issued: Issues beside the changes.
    """
    if len(issued) <= MOST_SINGLE:
        changes = [*changes, *(LedgerEntry(chain, line.event()) for line in issued)]
    else:
        await _announce_many(tx, chain, issued)
    concerned = [(voucher, entry) for entry in changes if (voucher := voucher_of(entry.event.fact)) is not None]
    owners = await campaigns_by_id(tx, list({voucher.campaign for voucher, _ in concerned}))
    groups = Counter((voucher.campaign, kind_of(entry.event.fact)) for voucher, entry in concerned)
    told: list[tuple[UUID, str, Mapping[str, Any]]] = []
    summed = set()
    for voucher, entry in concerned:
        campaign, kind = owners.get(voucher.campaign), kind_of(entry.event.fact)
        if campaign is None:
            continue
        data: dict[str, Any] = {
            "campaign": str(voucher.campaign),
            "chain": str(entry.chain),
            "height": entry.position.height,
        }
        count = groups[voucher.campaign, kind]
        if count <= MOST_SINGLE:
            data |= {"voucher": str(voucher), "gone": entry.reversing}
        elif (voucher.campaign, kind) not in summed:
            summed.add((voucher.campaign, kind))
            data |= {"count": count}
        else:
            continue
        told.append((campaign.tenant_id, f"voucher.{kind}", data))
    await publish_many(tx, told)


async def _announce_many(tx: Transaction, chain: ChainId, issued: Sequence[IssuedLine]) -> None:
    """One event per campaign."""
    counts = Counter(line.voucher[:48] for line in issued)
    owners = await campaigns_by_id(tx, [CampaignId.parse(one) for one in counts])
    facts = {"chain": str(chain), "height": issued[-1].height}
    await publish_many(
        tx,
        [
            (owner.tenant_id, "voucher.issued", {"campaign": str(owner.id), "count": counts[str(owner.id)], **facts})
            for owner in owners.values()
        ],
    )
