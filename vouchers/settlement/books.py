"""The books: posted from final chain facts alone, once for each place on a chain, and compared with what chains hold.

A fact is posted when its height is final. Local test chains may be rewound: then everything is looked at again, and
what no longer stands is taken back by an opposite posting, as the ledger takes back its observations. Nothing is
changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from chains import events as facts
from chains.campaign import CampaignTerms
from chains.ports import Chains
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.chain_id import ChainId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId
from vouchers.campaigns.sql import campaigns_by_id, get_campaign
from vouchers.ledger.model import LedgerEntry, voucher_of
from vouchers.ledger.sql import cursor_of, newest_of_kinds
from vouchers.ports import PaymentView
from vouchers.settlement import sql
from vouchers.settlement.model import BookAccount, BooksCheck, Posting, posting_of, taken_back
from vouchers.settlement.sql import Place

PAUSE = timedelta(seconds=1)
_AT_ONCE = 500
KINDS = (
    "funded",
    "redeemed",
    "spent",
    "reversed",
    "undone",
    "returned",
    "credited",
    "settled",
    "reclaimed",
    "paid",
)
"""Ledger facts that move money, and the one that says where a payout went."""

OF_PAYMENT = 1 << 40
"""Event indices from here on are of whole transactions, beyond every log's."""


class Books:
    """Handler of `books.post`, one job per chain that comes back for ever."""

    def __init__(self, database: Database, chains: Chains, *, pause: timedelta = PAUSE) -> None:
        self._database = database
        self._chains = chains
        self._pause = pause

    def handlers(self) -> Mapping[str, Handler]:
        return {"books.post": self._post}

    async def start(self, database: Database) -> None:
        """Make sure that every chain's facts are posted."""
        async with database.transaction() as tx:
            for chain in self._chains.all():
                await enqueue(tx, "books.post", str(chain), {"chain": str(chain)})

    async def _post(self, ctx: JobContext) -> Again:
        chain = ChainId.parse(ctx.job.payload["chain"])
        rewound = await self.rewound(chain)
        async with ctx.transaction() as tx:
            more = await self.post(tx, chain, again=rewound)
        fault_point("books.posted")
        return Again(timedelta(0) if more else self._pause)

    async def rewound(self, chain: ChainId) -> bool:
        """Whether the block that was posted last is another one now: only local test chains do that. Raises
        NodeUnavailable."""
        async with self._database.transaction() as tx:
            height, known = await sql.posted_hash(tx, chain)
        return known is not None and await self._chains.adapter(chain).block_hash(height) != known

    async def post(self, tx: Transaction, chain: ChainId, *, again: bool = False) -> bool:
        """Post what has become final since; whether there is more.

        Args:
            again: Look at everything once more: the chain was rewound.
        """
        await sql.hold_books(tx, chain)
        cursor = await cursor_of(tx, chain)
        final = cursor.final_height
        posted = await sql.posted_height(tx, chain)
        if again or final < posted:
            posted = -1
        if final <= posted:
            return False
        entries = await newest_of_kinds(tx, chain, KINDS, posted + 1, final, _AT_ONCE)
        until = final
        if len(entries) == _AT_ONCE:
            # The last height may hold more: it is left for the next round, unless it is the only one.
            last = entries[-1].position.height
            until = last if entries[0].position.height == last else last - 1
            if until == last:
                entries = await newest_of_kinds(tx, chain, KINDS, last, last)
            entries = [entry for entry in entries if entry.position.height <= until]
        await self._post_entries(tx, chain, entries)
        await sql.put_posted_height(tx, chain, until, cursor.final_hash if until == final else None)
        return until < final

    async def _post_entries(self, tx: Transaction, chain: ChainId, entries: Sequence[LedgerEntry]) -> None:
        if not entries:
            return
        terms = await self._terms(tx, chain, entries)
        heights = [entry.position.height for entry in entries]
        known = await sql.posted_observations(tx, chain, min(heights), max(heights))
        credited = _credited(entries)
        for entry in entries:
            before = known.get(_identity(entry))
            standing = before is not None and before % 2 == 0
            if entry.reversing == (not standing):
                continue  # It stands in the books as it does in the ledger.
            place = _place(entry)
            if entry.reversing:
                assert before is not None
                was = await sql.posting_at(tx, _place(entry, observation=before))
                assert was is not None
                await sql.append(tx, place, taken_back(was))
                continue
            posting = await self._posting(tx, entry, terms, credited)
            if posting is not None:
                await sql.append(tx, place, posting)

    async def _terms(
        self, tx: Transaction, chain: ChainId, entries: Sequence[LedgerEntry]
    ) -> Mapping[CampaignId, CampaignTerms]:
        ids = {campaign for entry in entries if (campaign := _campaign_of(entry.event.fact)) is not None}
        found = await campaigns_by_id(tx, sorted(ids, key=str))
        return {campaign.id: campaign.terms(chain) for campaign in found.values()}

    async def _posting(
        self,
        tx: Transaction,
        entry: LedgerEntry,
        terms: Mapping[CampaignId, CampaignTerms],
        credited: frozenset[bytes],
    ) -> Posting | None:
        fact = entry.event.fact
        campaign = _campaign_of(fact)
        of_campaign = None if campaign is None else terms.get(campaign)
        receivable = 0
        if campaign is not None and isinstance(fact, facts.PayoutReturned | facts.RedemptionUndone):
            receivable = await sql.receivable(tx, campaign, str(fact.merchant))
        accrued = of_campaign is not None and of_campaign.accrued
        redemption: bytes | None = getattr(fact, "redemption_id", None)
        return posting_of(fact, of_campaign, receivable=receivable, credited=accrued or redemption in credited)

    async def post_payment(self, tx: Transaction, payment: PaymentView, posting: Posting, number: int) -> None:
        """Post what a whole transaction did that is no fact of the ledger: fees, money that goes back.

        Args:
            payment: Done, so final. Of one that the engine cannot place nothing is posted.
            number: Tells postings of one transaction apart.
        """
        if payment.place is None:
            return
        position = payment.place.position
        at = ChainPosition(position.height, position.transaction_index, OF_PAYMENT + number, position.block_hash)
        await sql.append(
            tx, Place(payment.place.chain, at, 0, payment.tx_hash or "", payment.place.block_time), posting
        )

    # ------------------------------------------------------------------------------------------------------- reading

    async def check(self, campaign_id: CampaignId) -> Sequence[BooksCheck]:
        """Books, ledger and chain of every lane, for a campaign at rest: equal once what is pending is final.

        Raises:
            CampaignNotFound, NodeUnavailable
        """
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
        found = []
        for lane in campaign.lanes:
            held = await self._chains.book(lane.chain).escrow(campaign.terms(lane.chain))
            async with self._database.transaction() as tx:
                sums = await sql.balances(tx, campaign=campaign_id, chain=lane.chain)
                pending = await self._pending(tx, lane.chain, campaign_id)
            asset = str(held.asset.id)
            found.append(
                BooksCheck(
                    campaign=campaign_id,
                    chain_id=str(lane.chain),
                    escrow=sums.get((BookAccount.ESCROW, asset), 0),
                    liability=sums.get((BookAccount.LIABILITY, asset), 0),
                    pending=pending,
                    chain=held.base_units,
                    unbalanced=sum(sums.values()),
                )
            )
        return found

    async def _pending(self, tx: Transaction, chain: ChainId, campaign_id: CampaignId) -> int:
        """What facts above the posted height will add to a campaign's escrow."""
        since = await sql.posted_height(tx, chain) + 1
        total = 0
        for entry in await newest_of_kinds(tx, chain, KINDS, since, None):
            fact = entry.event.fact
            if entry.reversing or _campaign_of(fact) != campaign_id:
                continue
            match fact:
                case facts.CampaignFunded():
                    total += fact.base_units
                case facts.VoucherRedeemed() | facts.ValueSpent():
                    total -= fact.payout
                case facts.RedemptionReversed() | facts.RedemptionUndone() | facts.PayoutReturned():
                    total += fact.returned
                case facts.EscrowReclaimed():
                    total -= fact.base_units
        return total

    async def balances(self, tenant_id: UUID, campaign_id: CampaignId) -> Mapping[tuple[BookAccount, str], int]:
        """Sums of a campaign's accounts, for its organisation. Raises CampaignNotFound."""
        async with self._database.transaction() as tx:
            await get_campaign(tx, campaign_id, tenant_id)
            return await sql.balances(tx, campaign=campaign_id)


def _campaign_of(fact: facts.Fact) -> CampaignId | None:
    voucher = voucher_of(fact)
    found: CampaignId | None = getattr(fact, "campaign", None) if voucher is None else voucher.campaign
    return found


def _credited(entries: Sequence[LedgerEntry]) -> frozenset[bytes]:
    """Redemptions whose payout waits as credit: told in the same transaction."""
    return frozenset(
        entry.event.fact.redemption_id
        for entry in entries
        if isinstance(entry.event.fact, facts.PayoutCredited) and not entry.reversing
    )


def _identity(entry: LedgerEntry) -> tuple[int, int, int, bytes]:
    position = entry.position
    return position.height, position.transaction_index, position.event_index, position.block_hash


def _place(entry: LedgerEntry, *, observation: int | None = None) -> Place:
    return Place(
        entry.chain,
        entry.position,
        entry.observation if observation is None else observation,
        entry.event.tx_hash,
        entry.event.block_time,
    )
