"""Builds a voucher's provenance from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from audit.access import Viewer, VoucherAccess
from audit.provenance.model import Act, Node, Place, Provenance
from audit.provenance.sql import campaign_entries
from chains import events as facts
from persistence.database import Database
from primitives.errors import VoucherNotFound
from primitives.position import Finality
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.ledger.model import ChainCursor, LedgerEntry, fact_to_json
from vouchers.ledger.sql import cursor_of, history

_ACTS: Mapping[type[facts.Fact], Act] = {
    facts.CampaignLaunched: Act.LAUNCH,
    facts.CampaignFunded: Act.FUNDING,
    facts.VoucherIssued: Act.ISSUE,
    facts.VoucherMoved: Act.MOVE,
    facts.VoucherRedeemed: Act.REDEMPTION,
    facts.OrderPaid: Act.REMAINDER,
    facts.VoucherVoided: Act.VOID,
    facts.RedemptionReversed: Act.REVERSAL,
    facts.CampaignPaused: Act.PAUSE,
    facts.CampaignResumed: Act.RESUMPTION,
    facts.EscrowReclaimed: Act.RECLAIM,
    facts.Divergence: Act.DIVERGENCE,
    facts.ValueSpent: Act.SPENDING,
    facts.ValueCredited: Act.VALUE_BACK,
    facts.RedemptionUndone: Act.REVERSAL,
    facts.PayoutReturned: Act.RETURN,
    facts.PayoutCredited: Act.CREDIT,
    facts.MerchantSettled: Act.SETTLEMENT,
}


class ProvenanceService:
    """Reads only; every act carries chain, height, block hash, position, transaction and finality."""

    def __init__(self, database: Database, access: VoucherAccess) -> None:
        self._database = database
        self._access = access

    async def of_voucher(
        self, voucher: VoucherId, viewer: Viewer, *, height: int | None = None, time: int | None = None
    ) -> Provenance:
        """The tree campaign → rule document, launch, funding, issue → moves and redemption → payout, remainder.

        Args:
            height, time: Only what happened up to this block, and up to this block time (Unix seconds), both included.

        Raises:
            VoucherNotFound: Not on any chain that we read, or none of the viewer's business.
        """
        await self._access.require(voucher, viewer)
        time = viewer.latest(time)
        async with self._database.transaction() as tx:
            entries = [one for one in newest_of(await history(tx, voucher=voucher)) if _until(one, height, time)]
            if not entries:
                raise VoucherNotFound(f"no voucher {voucher}", voucher=str(voucher))
            chain = entries[0].chain
            cursor = await cursor_of(tx, chain)
            campaign = (await campaigns_by_id(tx, [voucher.campaign])).get(voucher.campaign)
            found = newest_of(await campaign_entries(tx, voucher.campaign, chain))
            of_campaign = [one for one in found if _until(one, height, time)]
            orders = {
                entry.event.fact.order_hash
                for entry in entries
                if isinstance(entry.event.fact, facts.VoucherRedeemed | facts.ValueSpent)
            }
            paid: list[LedgerEntry] = []
            for order_hash in sorted(orders):
                found = await history(tx, order_hash=order_hash)
                paid += newest_of(entry for entry in found if isinstance(entry.event.fact, facts.OrderPaid))
        nodes = [_node(entry, cursor) for entry in of_campaign] + _voucher_nodes(entries, paid, cursor)
        rules = (_rules(campaign),) if campaign is not None else ()
        root = Node(Act.CAMPAIGN, None, _campaign(voucher.campaign, campaign), children=(*rules, *nodes))
        redeemed = [
            entry.event.fact.redemption_id
            for entry in entries
            if isinstance(entry.event.fact, facts.VoucherRedeemed | facts.ValueSpent) and not entry.reversing
        ]
        return Provenance(voucher, chain, root, redeemed[-1] if redeemed else None)


def _until(entry: LedgerEntry, height: int | None, time: int | None) -> bool:
    return (height is None or entry.position.height <= height) and (time is None or entry.event.block_time <= time)


def newest_of(entries: Iterable[LedgerEntry]) -> Sequence[LedgerEntry]:
    """One entry for each place on the chain: its last observation, in order of position."""
    newest: dict[tuple[object, bytes], LedgerEntry] = {}
    for entry in entries:
        key = ((entry.chain, entry.position), entry.position.block_hash)
        if key not in newest or newest[key].observation < entry.observation:
            newest[key] = entry
    return sorted(newest.values(), key=lambda entry: (str(entry.chain), entry.position))


def _voucher_nodes(entries: Sequence[LedgerEntry], paid: Sequence[LedgerEntry], cursor: ChainCursor) -> list[Node]:
    """The issue, with everything that happened to the voucher below it. A reorganisation may leave several issues: the
    life hangs on the one that stands."""
    issues = [entry for entry in entries if isinstance(entry.event.fact, facts.VoucherIssued)]
    life = tuple(_life(entry, paid, cursor) for entry in entries if entry not in issues)
    standing = [entry for entry in issues if not entry.reversing] or issues
    if not standing:
        return list(life)
    return [_node(entry, cursor, life if entry is standing[-1] else ()) for entry in issues]


def _life(entry: LedgerEntry, paid: Sequence[LedgerEntry], cursor: ChainCursor) -> Node:
    fact = entry.event.fact
    if not isinstance(fact, facts.VoucherRedeemed | facts.ValueSpent):
        return _node(entry, cursor)
    children = []
    if fact.payout:
        details = {
            "payer": "escrow",
            "merchant": str(fact.merchant),
            "base_units": str(fact.payout),
            "asset": str(fact.settlement),
        }
        children.append(Node(Act.PAYOUT, place_of(entry, cursor), details, not entry.reversing))
    same_act = [item for item in paid if item.event.tx_hash == entry.event.tx_hash and item.chain == entry.chain]
    children += [_node(item, cursor) for item in same_act if item.position.block_hash == entry.position.block_hash]
    return _node(entry, cursor, tuple(children))


def act_of(fact: facts.Fact) -> Act:
    return _ACTS[type(fact)]


def _node(entry: LedgerEntry, cursor: ChainCursor, children: tuple[Node, ...] = ()) -> Node:
    fact = entry.event.fact
    return Node(_ACTS[type(fact)], place_of(entry, cursor), details_of(fact), not entry.reversing, children)


def place_of(entry: LedgerEntry, cursor: ChainCursor) -> Place:
    event = entry.event
    finality = None if entry.reversing else _finality(event.position.height, cursor)
    return Place(entry.chain, event.position, event.tx_hash, event.block_time, finality)


def _finality(height: int, cursor: ChainCursor) -> Finality | None:
    levels = (
        (Finality.FINALIZED, cursor.finalized),
        (Finality.SAFE, cursor.safe),
        (Finality.INCLUDED, cursor.included),
    )
    return next((level for level, head in levels if height <= head), None)


def details_of(fact: facts.Fact) -> dict[str, str]:
    """The fact's own fields as text, campaign and voucher apart: the tree is about them."""
    return {name: value for name, value in fact_to_json(fact).items() if name not in ("campaign", "voucher")}


def _campaign(campaign_id: CampaignId, campaign: Campaign | None) -> dict[str, str]:
    if campaign is None:
        return {"campaign": str(campaign_id)}
    return {
        "campaign": str(campaign_id),
        "title": campaign.rules.title,
        "kind": campaign.rules.kind.value,
        "organisation": str(campaign.tenant_id),
        "status": campaign.status.value,
    }


def _rules(campaign: Campaign) -> Node:
    rules = campaign.rules
    details = {
        "rules_hash": campaign.rules_hash.hex(),
        "currency": rules.currency,
        "valid_from": str(rules.valid_from),
        "valid_until": str(rules.valid_until),
        "cap": str(rules.cap),
    }
    return Node(Act.RULES, None, details)
