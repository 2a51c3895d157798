"""Vouchers of drops that nobody has claimed yet, at the till: they are offered like any other, and paying claims them.

On EVM the call that redeems an order claims its leaves as well. Where it cannot (Solana, where a leaf has no unit
before it is minted; and where the remainder needs a permit), the claim is made first, as a row of its own that is
followed to its end whatever becomes of us, and the order is paid with the voucher that it makes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from chains.campaign import CampaignTerms
from chains.many_orders import ClaimsAlong
from chains.ports import Chains
from people.organisations.sql import organisation_by_id
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import VoucherInFlight, VoucherNotFound
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.model import Campaign, CampaignStatus
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.claims.model import Claim, ClaimStatus
from vouchers.claims.sql import claim_of_voucher
from vouchers.issuance.drops.service import Drops, LeafProof
from vouchers.ledger.sql import seen_among
from vouchers.orders.model import OrderQuote
from vouchers.pauses.sql import windows_on

_LOOK_EVERY = 0.1
_MOST_READY = 200


class LeafClaims(Protocol):
    """`vouchers.claims.direct.DirectClaims`, as far as orders need it."""

    async def claim_leaf(
        self,
        person_id: UUID,
        campaign_id: CampaignId,
        number: int,
        account: AccountId,
        *,
        index: int | None,
        idempotency_key: str,
    ) -> Claim: ...


@dataclass(frozen=True, slots=True)
class ReadyLeaf:
    """A voucher that lies ready for an account.

    Attributes:
        claimable_until: Unix seconds of block time: the first second in which it cannot be claimed.
        claim: The newest that somebody asked for it, also one that failed.
    """

    leaf: LeafProof
    campaign: Campaign
    organisation: str
    claimable_until: int
    claim: Claim | None


class Leaves:
    """Args: `wait`: seconds that paying waits for a claim that has to come first."""

    def __init__(
        self, database: Database, chains: Chains, drops: Drops, claims: LeafClaims, *, wait: float = 15
    ) -> None:
        self._database = database
        self._chains = chains
        self._drops = drops
        self._claims = claims
        self._wait = wait

    async def offered(
        self, account: AccountId, now: int
    ) -> tuple[Mapping[VoucherId, LeafProof], Mapping[CampaignId, Campaign]]:
        """Leaves of the account that can be claimed at `now` (block time) and that the ledger has never seen."""
        found = await self._drops.unclaimed([account], now)
        if not found:
            return {}, {}
        async with self._database.transaction() as tx:
            known = await seen_among(tx, found)
            campaigns = await campaigns_by_id(tx, list({voucher.campaign for voucher in found}))
            windows = await windows_on(tx, list(campaigns.values()), account.chain, now)
        open_ones = {
            campaign_id: campaign
            for campaign_id, campaign in campaigns.items()
            if _gives(campaign, account) and now < windows[campaign_id].claimable_until
        }
        return {
            voucher: leaf for voucher, leaf in found.items() if voucher not in known and voucher.campaign in open_ones
        }, open_ones

    async def waiting(
        self, campaign_id: CampaignId, accounts: Sequence[AccountId], now: int
    ) -> Mapping[AccountId, int]:
        """How many vouchers of a campaign's drops each of these accounts of one chain could still claim at `now`
        (Unix seconds); who could claim none is not named."""
        leaves = await self._drops.unclaimed(accounts, now)
        found = {voucher: leaf.claim.holder for voucher, leaf in leaves.items() if voucher.campaign == campaign_id}
        async with self._database.transaction() as tx:
            known = await seen_among(tx, found)
        return Counter(holder for voucher, holder in found.items() if voucher not in known)

    async def ready_for(self, accounts: Sequence[AccountId], now: int) -> Sequence[ReadyLeaf]:
        """What these accounts could claim at `now` (Unix seconds), what ends first in front; at most 200."""
        found: dict[VoucherId, LeafProof] = {}
        campaigns: dict[CampaignId, Campaign] = {}
        for account in accounts:
            offered, known = await self.offered(account, now)
            found.update(offered)
            campaigns.update(known)
        ready = []
        async with self._database.statements() as tx:
            names = {one.tenant_id: await organisation_by_id(tx, one.tenant_id) for one in campaigns.values()}
            ends: dict[tuple[CampaignId, ChainId], int] = {}
            for chain in {leaf.claim.holder.chain for leaf in found.values()}:
                for campaign_id, window in (await windows_on(tx, list(campaigns.values()), chain, now)).items():
                    ends[campaign_id, chain] = window.claimable_until
            for voucher, leaf in found.items():
                chain = leaf.claim.holder.chain
                campaign = campaigns[voucher.campaign]
                organisation = names[campaign.tenant_id]
                name = "" if organisation is None else organisation.name
                ready.append(ReadyLeaf(leaf, campaign, name, ends[voucher.campaign, chain], None))
            ready = sorted(ready, key=lambda one: (one.claimable_until, str(one.leaf.voucher)))[:_MOST_READY]
            return [
                replace(one, claim=await claim_of_voucher(tx, one.leaf.claim.holder.chain, one.leaf.voucher))
                for one in ready
            ]

    async def ready(self, person_id: UUID, quote: OrderQuote, terms: Sequence[CampaignTerms]) -> OrderQuote:
        """The quote as it can be paid now: a leaf that has been claimed is a voucher like any other, and one that has
        to be claimed first is.

        Raises:
            VoucherInFlight: Its claim takes longer: pay the same quote again in a few seconds.
            VoucherNotFound: It could not be claimed; `reason`.
            CampaignNotActive, TooManyAttempts, NodeUnavailable
        """
        quote = await self._without_claimed(quote)
        if not quote.redemption.from_drop:
            return quote
        book = self._chains.book(quote.account.chain)
        if isinstance(book, ClaimsAlong) and book.claims_along(await book.consents(terms, quote.redemption)):
            return quote
        leaves = [item.voucher for item in quote.redemption.items if item.proof is not None]
        try:
            async with asyncio.timeout(self._wait):
                while True:
                    # Again each time: what it finds is the same claim, and how that stands.
                    for voucher in leaves:
                        await self._claim(person_id, quote, voucher)
                    quote = await self._without_claimed(quote)
                    if not quote.redemption.from_drop:
                        return quote
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError as error:
            raise VoucherInFlight(
                "the voucher is being claimed for you: pay again in a few seconds", voucher=str(leaves[0])
            ) from error

    async def _claim(self, person_id: UUID, quote: OrderQuote, voucher: VoucherId) -> None:
        number = voucher.serial.number
        claim = await self._claims.claim_leaf(
            person_id,
            voucher.campaign,
            number >> 32,
            quote.account,
            index=number & (2**32 - 1),
            idempotency_key=f"quote:{quote.id}:{voucher}",
        )
        if claim.status is ClaimStatus.FAILED:
            reason = (claim.failure or {}).get("code", "claim_failed")
            raise VoucherNotFound("the voucher could not be claimed", voucher=str(voucher), reason=str(reason))

    async def _without_claimed(self, quote: OrderQuote) -> OrderQuote:
        leaves = [item.voucher for item in quote.redemption.items if item.proof is not None]
        async with self._database.transaction() as tx:
            known = await seen_among(tx, leaves)
        items = tuple(replace(item, proof=None) if item.voucher in known else item for item in quote.redemption.items)
        return replace(quote, redemption=replace(quote.redemption, items=items))


def _gives(campaign: Campaign, account: AccountId) -> bool:
    lane = campaign.lane_of(account.chain)
    return lane is not None and lane.status is CampaignStatus.ACTIVE
